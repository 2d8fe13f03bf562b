"""What the program and its training process say to each other: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.autograd.operation import Array
from nnviz.network import Network
from nnviz.training.history import Curves, Evaluation
from nnviz.training.trainer import Costs, State, Weights


@dataclass(frozen=True)
class Load:
    """Take this network, from its start, from weights, or from a state. `run` tells its events from those of others.

    `probe` holds points in the data's own units at which every moment tells what the network says. `planned` says
    whether steps are taken by the static plan or on the tape.
    """

    run: int
    network: Network
    probe: Array | None = None
    state: State | None = None
    planned: bool = True
    weights: Weights | None = None


@dataclass(frozen=True)
class Use:
    """Take the further steps by the static plan, or on the tape."""

    planned: bool


@dataclass(frozen=True)
class Train:
    """Go on until told otherwise, or for a number of steps; `to_epoch` stops at the end of the epoch."""

    steps: int | None = None
    to_epoch: bool = False


@dataclass(frozen=True)
class Pause:
    """Stop after the step under way, and report."""


Command = Load | Use | Train | Pause


@dataclass(frozen=True)
class Moment:
    """A whole snapshot of a run.

    Attributes:
        run: which run.
        step, epoch: where it stands.
        running: whether it goes on.
        rate: steps a second of late; 0 when it stands.
        batch_loss: the loss of the last step's batch; None before the first.
        now: both sets measured: as things are when it stands, at the end of the last epoch while it runs.
        curves: the history.
        answers: what the network says at the probe points.
        state: everything to go on from, when it is due.
        planned: whether the steps are taken by the static plan; otherwise on the tape.
    """

    run: int
    step: int
    epoch: float
    running: bool
    rate: float
    batch_loss: float | None
    now: Evaluation
    curves: Curves
    answers: Array | None
    state: State | None
    planned: bool


@dataclass(frozen=True)
class Compared:
    """What a step costs by the plan and on the tape, measured while nothing else was to do."""

    run: int
    costs: Costs


@dataclass(frozen=True)
class Failed:
    """A run cannot start or cannot go on; the process lives, and the run stands."""

    run: int
    message: str
    hint: str


@dataclass(frozen=True)
class Died:
    """The process is gone. `reason` says how."""

    reason: str


Event = Moment | Compared | Failed | Died

"""The commands and the events of an engine, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from nnviz.engine.pace import Pace
from nnviz.errors import TrainingError
from nnviz.run import (
    Checkpoint,
    Costs,
    Curves,
    Evaluation,
    Finished,
    Health,
    Lane,
    Observation,
    Query,
    Refused,
    Run,
    Standing,
)

Answer = TypeVar("Answer", bound=Observation)


@dataclass(frozen=True)
class Train:
    """Train until told otherwise.

    Attributes:
        steps: how many steps are taken, at least 1, after those that an earlier command has still to take; no bound if
            left out.
        to_epoch: whether training stops at the end of the epoch.

    Raises:
        TrainingError: `steps` is less than 1.
    """

    steps: int | None = None
    to_epoch: bool = False

    def __post_init__(self) -> None:
        if self.steps is not None and self.steps < 1:
            raise TrainingError(
                f"expected a number of steps of at least 1, got {self.steps}", "leave it out to train without a bound"
            )


@dataclass(frozen=True, eq=False)
class Start:
    """Replace the present run, and train if `train` is given.

    If the run has changes after the checkpoint, the steps up to the last of them are taken first.

    Attributes:
        train: how far it trains then; not at all if left out.
    """

    number: int
    run: Run
    checkpoint: Checkpoint | None = None
    train: Train | None = None


@dataclass(frozen=True)
class Look:
    """Set the queries that every moment answers."""

    queries: tuple[Query[Observation], ...] = ()


@dataclass(frozen=True)
class Pause:
    """Stop training after the present step. A moment with the checkpoint follows."""


@dataclass(frozen=True)
class Ask:
    """Answer a query as of a step that was taken. The answer carries the same `token`."""

    token: int
    query: Query[Observation]
    step: int


@dataclass(frozen=True)
class Cancel:
    """Cancel the query with this token."""

    token: int


@dataclass(frozen=True, eq=False)
class BeginRace:
    """Begin a race beside the present run, in place of the one before.

    Attributes:
        number: the number that its events carry.
        lanes: those that race.
        steps: how many steps each run takes.
    """

    number: int
    lanes: tuple[Lane, ...]
    steps: int


@dataclass(frozen=True)
class PauseRace:
    """Pause the race, or go on with it."""

    paused: bool


@dataclass(frozen=True)
class EndRace:
    """End the race before it is over. One event follows, with where it stands."""


RaceCommand = BeginRace | PauseRace | EndRace
Command = Start | Look | Train | Pause | Pace | Ask | Cancel | RaceCommand


@dataclass(frozen=True, eq=False)
class Moment:
    """A snapshot of a run.

    Attributes:
        number: which run.
        step: how many steps were taken.
        epoch: how many times the training set was seen, counting parts.
        running: whether it is training.
        rate: recent steps per second; 0 while it is not running.
        now: both sets measured; while it is running, at the end of the last epoch.
        curves: the history.
        observations: the answers to the queries of `Look`.
        checkpoint: the checkpoint of this step: always while it is not running, once a second while it is.
        planned: whether the steps are taken by the static plan; otherwise on the tape.
        health: what was found at the checks of the run up to this step; None where it cannot be checked.
    """

    number: int
    step: int
    epoch: float
    running: bool
    rate: float
    now: Evaluation
    curves: Curves
    observations: Mapping[Query[Observation], Observation] = field(default_factory=dict)
    checkpoint: Checkpoint | None = None
    planned: bool = True
    health: Health | None = None

    def seen(self, query: Query[Answer]) -> Answer | None:
        """The answer to a query; None if the query was not set by `Look` or was refused."""
        found = self.observations.get(query)
        return None if found is None or isinstance(found, Refused) else found  # type: ignore[return-value]


@dataclass(frozen=True)
class Compared:
    """The time of a step by the plan and on the tape, measured while the engine was idle."""

    number: int
    costs: Costs


@dataclass(frozen=True, eq=False)
class Answered:
    """The answer to `Ask`, or a `Refused` that says why there is none."""

    token: int
    observation: Observation


@dataclass(frozen=True)
class Failed:
    """A run cannot start or cannot go on. The engine goes on and takes further commands.

    Attributes:
        message: why.
        hint: what to do.
        diverged: whether the loss was not finite; the run stands at the last finite weights.
    """

    number: int
    message: str
    hint: str
    diverged: bool = False


@dataclass(frozen=True)
class Died:
    """The training process has ended. `reason` says how, in words."""

    reason: str


@dataclass(frozen=True, eq=False)
class Raced:
    """Where a race stands.

    Attributes:
        number: which race.
        standings: of each lane.
        progress: the share of all steps that were taken, from 0 to 1.
        running: whether it goes on by itself.
        over: whether no step is left; also after an error.
        message, hint: the error that has ended it; empty if there is none.
        finished: for each lane, once the race is over, a run to go on from; None where there is none.
        workers: how many worker processes train some of it.
    """

    number: int
    standings: tuple[Standing, ...]
    progress: float
    running: bool
    over: bool
    message: str = ""
    hint: str = ""
    finished: tuple[Finished | None, ...] = ()
    workers: int = 0


Event = Moment | Compared | Answered | Failed | Died | Raced

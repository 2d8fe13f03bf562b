"""What is said to an engine, and what it says: plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from nnviz.errors import TrainingError
from nnviz.run import Costs, Curves, Evaluation, Observation, Query, Refused, Run, State

Answer = TypeVar("Answer", bound=Observation)


@dataclass(frozen=True)
class Train:
    """Train until told otherwise.

    Attributes:
        steps: how many steps are taken, at least 1; no bound if left out.
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
    """Take this run, from its start or from a state; `number` tells its events from those of others.

    Where the run has changes beyond the state, the steps up to the last of them are taken first.

    Attributes:
        order: how far it goes on; not at all if left out.
    """

    number: int
    run: Run
    state: State | None = None
    order: Train | None = None


@dataclass(frozen=True)
class Look:
    """What every moment shows from now on."""

    queries: tuple[Query[Observation], ...] = ()


@dataclass(frozen=True)
class Pause:
    """Stop after the step under way, and report."""


@dataclass(frozen=True)
class Ask:
    """Answer a query as of a step that was taken; `token` tells the answer from others."""

    token: int
    query: Query[Observation]
    step: int


@dataclass(frozen=True)
class Cancel:
    """Leave a question unanswered."""

    token: int


Command = Start | Look | Train | Pause | Ask | Cancel


@dataclass(frozen=True, eq=False)
class Moment:
    """A whole snapshot of a run.

    Attributes:
        number: which run.
        step: how many steps were taken.
        epoch: how many times the training set was seen, counting parts.
        running: whether it goes on.
        rate: recent steps per second; 0 when it stands.
        now: both sets measured: as things are when it stands, at the end of the last epoch while it runs.
        curves: the history.
        observations: what there is to see, by the queries that are looked at.
        state: everything to go on from, when it is due: whenever it stands, and once a second while it runs.
        planned: whether the steps are taken by the static plan; otherwise on the tape.
    """

    number: int
    step: int
    epoch: float
    running: bool
    rate: float
    now: Evaluation
    curves: Curves
    observations: Mapping[Query[Observation], Observation] = field(default_factory=dict)
    state: State | None = None
    planned: bool = True

    def seen(self, query: Query[Answer]) -> Answer | None:
        """The answer to a query; None where it is not looked at or has no answer here."""
        found = self.observations.get(query)
        return None if found is None or isinstance(found, Refused) else found  # type: ignore[return-value]


@dataclass(frozen=True)
class Compared:
    """What a step costs by the plan and on the tape, measured while there was nothing else to do."""

    number: int
    costs: Costs


@dataclass(frozen=True, eq=False)
class Answered:
    """A question has its answer, or the reason why it has none."""

    token: int
    observation: Observation


@dataclass(frozen=True)
class Failed:
    """A run cannot start or cannot go on; the engine lives, and the run stands."""

    number: int
    message: str
    hint: str


@dataclass(frozen=True)
class Died:
    """The training process is gone. `reason` says how."""

    reason: str


Event = Moment | Compared | Answered | Failed | Died

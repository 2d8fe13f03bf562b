"""The lab: the network with its undo history, how its training stands, the place in the walk, and the pages.

Every value here is frozen: a command or an event gives a new one. Rows count as on the screen: 0 is the input, then the
layers, then the loss.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from nnviz import nn
from nnviz.autograd.operation import Shape
from nnviz.engine import Failed
from nnviz.lab.texts import literal
from nnviz.network import Fix, Network, fixes, trace
from nnviz.run import Checkpoint, Costs, Run, Weights

GraphPage = Literal["picture", "plan", "walk"]
"""What the graph panel shows."""


@dataclass(frozen=True, eq=False)
class PendingChange:
    """What a run that is training is changed to, once it stands and its step is known."""

    network: Network
    weights: Weights = field(default_factory=dict)
    planned: bool = True


@dataclass(frozen=True, eq=False)
class Entry:
    """A point that undo can go back to.

    Attributes:
        run: the network with all that has happened to it.
        checkpoint: where the run stands; None at its start.
        row: the selected row; of an earlier entry, the one that was selected when the next edit was made.
        pending: changes made while it trained, which take place at the step where it stops.
    """

    run: Run
    checkpoint: Checkpoint | None = None
    row: int = 1
    pending: tuple[PendingChange, ...] = ()

    @property
    def step(self) -> int:
        """The step at which the run stands."""
        return self.checkpoint.step if self.checkpoint else 0

    @property
    def network(self) -> Network:
        """The network after the last change."""
        return self.pending[-1].network if self.pending else self.run.present

    @property
    def planned(self) -> bool:
        """Whether its steps are taken by the plan; otherwise on the tape."""
        return self.pending[-1].planned if self.pending else self.run.planned_now

    def revised(self, change: PendingChange) -> Entry:
        """With a change at the step where the run stands."""
        run = self.run.changed(self.step, change.network, change.weights, change.planned)
        # Only data, seed and initialisation begin anew; everything else goes on at its step.
        goes_on = bool(run.changes) and run.changes[-1].step == self.step
        return replace(self, run=run, checkpoint=self.checkpoint if goes_on else None)

    def on_stopped(self, checkpoint: Checkpoint | None) -> Entry:
        """With the checkpoint at which the run has stopped, and the changes that waited for it."""
        entry = replace(self, checkpoint=checkpoint, pending=())
        for change in self.pending:
            entry = entry.revised(change)
        return entry


@dataclass(frozen=True, eq=False)
class Status:
    """How the training of the present run stands.

    Attributes:
        number: by which the engine knows what it was given last; events of another number are late.
        running: whether training was asked for and has not ended.
        asked: the step at which training was asked for, until it is known to go on: a moment of that step that stands
            was made before.
        failure: why the run cannot start or go on; it stays until the run is another one.
        retries: whether the failure is one of the process, so that training may be tried again.
        responded: whether the process has answered since it was started.
        costs: what a step costs by the plan and on the tape, once that was measured.
        leaving: the run that was left while it trained, until its last checkpoint has come.
        resumes: whether training goes on when that has come.
    """

    number: int = 0
    running: bool = False
    asked: int | None = None
    failure: Failed | None = None
    retries: bool = False
    responded: bool = False
    costs: Costs | None = None
    leaving: Run | None = None
    resumes: bool = False

    @property
    def stopped(self) -> bool:
        """Whether the run cannot go on as it is."""
        return self.failure is not None and not self.retries


@dataclass(frozen=True)
class WalkPlace:
    """The place in a walk through one step.

    Attributes:
        step: how many steps the run has taken before the one that is walked; None where no walk was begun.
        position: the stop whose numbers are shown, from 1; 0 is the start.
        goal: the stop that is being computed; the position follows when it is reached.
        chosen: the element that is explained.
        target: on the way back, which of the gradients passed on is explained.
        predicting: whether walks end at the output.
        playing: whether the walk goes on by itself.
        waits: whether training is to pause for it; it goes through the step that comes next then.
    """

    step: int | None = None
    position: int = 0
    goal: int = 0
    chosen: Shape | None = None
    target: int = 0
    predicting: bool = False
    playing: bool = False
    waits: bool = False

    def ended(self) -> WalkPlace:
        """No walk; the next one begins at its start."""
        return WalkPlace(predicting=self.predicting)


@dataclass(frozen=True, eq=False)
class Lab:
    """One value of all there is.

    Attributes:
        present: the run as it is now.
        past, future: what undo and redo lead to, the nearest last.
        status: how training stands.
        walk: the place in the walk.
        folds: the layers that the graph shows as one node, by their ids.
        graph: what the graph panel shows.
        log_scale: whether the loss has a logarithmic axis.
    """

    present: Entry
    past: tuple[Entry, ...] = ()
    future: tuple[Entry, ...] = ()
    status: Status = field(default_factory=Status)
    walk: WalkPlace = field(default_factory=WalkPlace)
    folds: frozenset[int] = frozenset()
    graph: GraphPage = "picture"
    log_scale: bool = False

    @property
    def run(self) -> Run:
        """The present run."""
        return self.present.run

    @property
    def network(self) -> Network:
        """The network as it is now."""
        return self.present.network

    @property
    def row(self) -> int:
        """The selected row."""
        return self.present.row

    @property
    def position(self) -> int | None:
        """The position of the selected layer; None on the input and on the loss."""
        return self.row - 1 if 1 <= self.row <= len(self.network.layers) else None

    @property
    def running(self) -> bool:
        """Whether the present run is training."""
        return self.status.running and self.status.leaving is None

    @property
    def moving(self) -> bool:
        """Whether the present run has not stopped yet, so that its step is not known."""
        leaving = self.status.leaving
        return self.status.running if leaving is None else self.run is leaving

    @property
    def walking(self) -> bool:
        """Whether the graph panel shows a walk."""
        return self.graph == "walk" and self.walk.step is not None

    @property
    def reinitialised(self) -> tuple[int, ...]:
        """The positions of the layers whose weights the last edit had drawn anew, until training goes on."""
        present = self.present
        return () if present.pending else present.run.reinitialised(present.checkpoint)

    @property
    def fixes(self) -> list[Fix]:
        """What takes the first error away; empty where there is none."""
        return fixes(self.network)

    @property
    def fix_hint(self) -> str:
        """What to do about an error, with the ids of commands in braces."""
        found = self.fixes
        if not found:
            return "{edit} edits the row, {add} adds a layer."
        return f"{{repair}} fixes this error: {literal(found[0].text)}."

    @property
    def folded(self) -> dict[int, str]:
        """The folded layers, by position, with their labels."""
        network = self.network
        own = enumerate(network.ids) if self.folds else ()
        return {at: nn.layers.label(network.layers[at]) for at, layer in own if layer in self.folds}

    def select(self, row: int) -> Lab:
        """With this row selected, or the nearest there is."""
        row = min(max(row, 0), len(self.network.layers) + 1)
        return self if row == self.row else replace(self, present=replace(self.present, row=row))

    def with_status(self, **changes: object) -> Lab:
        """With these attributes of the status changed."""
        return replace(self, status=replace(self.status, **changes))  # type: ignore[arg-type]

    def with_walk(self, **changes: object) -> Lab:
        """With these attributes of the place in the walk changed."""
        return replace(self, walk=replace(self.walk, **changes))  # type: ignore[arg-type]

    @property
    def runs(self) -> bool:
        """Whether the stack has no error."""
        return trace(self.network).diagnostic is None

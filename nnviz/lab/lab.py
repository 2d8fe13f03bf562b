"""The state of the program: the run with its undo history, the training status, the walk, and what is displayed.

Every value here is frozen: commands and events return a new one. Rows are numbered as on the screen: row 0 is the
input, row i is layer i, and the last row is the loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from nnviz import nn
from nnviz.autograd.operation import Shape
from nnviz.engine import FULL, Failed, Pace, Train
from nnviz.files.place import Place
from nnviz.lab.curves_place import CurvesPlace
from nnviz.lab.fit_place import FitPlace
from nnviz.lab.race_place import RacePlace
from nnviz.lab.texts import literal
from nnviz.network import Fix, Network, Outline, Toposort, fixes, outline, trace
from nnviz.run import Checkpoint, Costs, Health, Run, Weights, alone, other_samples

GraphPage = Literal["picture", "plan", "walk"]
"""What the graph panel shows."""


Side = Literal["train", "test"]
"""The data that the network learns from, or those held back."""

SampleOrder = Literal["loss", "confidence", "number"]
"""How the samples are sorted: the highest loss first, the least sure first, or by their numbers."""

PACES = (Pace(1, "step"), Pace(5, "step"), Pace(20, "step"), Pace(5, "epoch"), Pace(20, "epoch"), FULL)
"""The paces of training, from one step at a time to full speed."""

EPOCH_A_PICTURE = PACES[-2]
"""The pace at first. The screen shows about as many pictures a second."""


@dataclass(frozen=True, eq=False)
class PendingChange:
    """A change to a run that is training, applied once the run has stopped and its step is known."""

    network: Network
    weights: Weights = field(default_factory=dict)
    planned: bool = True
    joined: bool = False


@dataclass(frozen=True, eq=False)
class Entry:
    """A point that undo can go back to.

    Attributes:
        run: the network with all changes made to it.
        checkpoint: the run's state at its current step; None at step 0.
        row: the selected row; in an earlier entry, the row that was selected when the next edit was made.
        pending: changes made while it trained, applied at the step at which it stops.
        document: its number as something to save: edits keep it, another preset or an opened model has a new one.
    """

    run: Run
    checkpoint: Checkpoint | None = None
    row: int = 1
    pending: tuple[PendingChange, ...] = ()
    document: int = 0

    @property
    def step(self) -> int:
        """The run's current step."""
        return self.checkpoint.step if self.checkpoint else 0

    @property
    def network(self) -> Network:
        """The network after the last change."""
        return self.pending[-1].network if self.pending else self.run.present

    @property
    def planned(self) -> bool:
        """Whether the plan computes its steps; otherwise the tape does."""
        return self.pending[-1].planned if self.pending else self.run.planned_now

    def revised(self, change: PendingChange) -> Entry:
        """The entry with a change at the run's current step."""
        run = self.run.changed(self.step, change.network, change.weights, change.planned, change.joined)
        # Changes of data, seed or initialization restart the run at step 0; after all others it continues.
        continues = bool(run.changes) and run.changes[-1].step == self.step
        return replace(self, run=run, checkpoint=self.checkpoint if continues else None)

    def on_stopped(self, checkpoint: Checkpoint | None) -> Entry:
        """The entry with the checkpoint at which the run stopped, and its pending changes applied there."""
        entry = replace(self, checkpoint=checkpoint, pending=())
        for change in self.pending:
            entry = entry.revised(change)
        return entry


@dataclass(frozen=True, eq=False)
class Status:
    """The training status of the present run.

    Attributes:
        number: identifies the run in the engine; events with another number belong to an earlier run.
        running: whether training was requested and has not ended.
        training: the last request to train; None once it was taken back by a pause.
        trained_from: the step at which it was made.
        started_at: the step at which training was requested, until the engine confirms it. An idle moment of that
            step was sent before the request arrived.
        failure: why the run cannot start or continue; it is kept until the run is replaced.
        retryable: whether the failure is one of the process, so that training may be tried again.
        responded: whether the process has sent an event since it was started.
        costs: the measured time of a step, by the plan and on the tape; None before it is measured.
        stopping: the run that was replaced while it trained, until its last checkpoint arrives.
        resume: how to train when it has arrived; None to stay at rest.
        health: what was found in the run, as of the newest moment; None before the first.
    """

    number: int = 0
    running: bool = False
    started_at: int | None = None
    failure: Failed | None = None
    retryable: bool = False
    responded: bool = False
    costs: Costs | None = None
    stopping: Run | None = None
    training: Train | None = None
    trained_from: int = 0
    resume: Train | None = None
    health: Health | None = None

    def rest(self, checkpoint: Checkpoint | None) -> Train | None:
        """What is left of the last request to train where the run has stopped; None if nothing is."""
        training, taken = self.training, (checkpoint.step if checkpoint else 0) - self.trained_from
        if training is None:
            return None
        if training.steps is not None:
            return Train(steps=training.steps - taken) if taken < training.steps else None
        if training.to_epoch and taken and checkpoint is not None and checkpoint.seen == 0:
            return None
        return training


@dataclass(frozen=True)
class WalkPlace:
    """The place in a walk through one step.

    Attributes:
        step: how many steps precede the one that is walked through; None if no walk has been started.
        position: the stop whose numbers are shown, counted from 1; 0 is the start.
        goal: the stop that is being computed; `position` follows once it is reached.
        chosen: the index of the element that is explained.
        target: on a backward stop, which input's gradient is explained.
        predicting: whether the walk ends at the output, without loss and backward.
        playing: whether the walk advances by itself.
        pausing: whether training is being paused for the walk, which then goes through the next step.
        sample: a sample that is walked through alone, by its side and number; None for the batch of the next step.
    """

    step: int | None = None
    position: int = 0
    goal: int = 0
    chosen: Shape | None = None
    target: int = 0
    predicting: bool = False
    playing: bool = False
    pausing: bool = False
    sample: tuple[Side, int] | None = None

    def ended(self) -> WalkPlace:
        """No walk; the next one starts at its first stop."""
        # A sample is walked in a prediction at first, and that is no choice for the next batch.
        return WalkPlace(predicting=self.predicting and self.sample is None)


@dataclass(frozen=True)
class DataPlace:
    """The place on the page of the data.

    Attributes:
        side: whose samples are listed.
        order: how they are sorted.
        wrong: whether those are left out whose class is predicted rightly.
        cell: list only samples of this class that were taken for that one; None for all.
        cursor: the cell of the confusion matrix that is chosen.
        matrix: whether the confusion matrix is shown where there is room for one thing only.
        row: the place of the chosen sample in the list.
        gallery: whether images are shown side by side where there is room for them or for the list only.
    """

    side: Side = "test"
    order: SampleOrder = "loss"
    wrong: bool = False
    cell: tuple[int, int] | None = None
    cursor: tuple[int, int] = (0, 0)
    matrix: bool = False
    row: int = 0
    gallery: bool = False


LayerPage = Literal["weights", "neurons", "gradients"]
"""What the layer page shows: one layer's weights, its neurons, or the gradients of all."""


@dataclass(frozen=True)
class LayerPlace:
    """The place on the layer page.

    Attributes:
        page: what it shows.
        number: which of the layer's parameters, from 0; of more than it has, the last.
        chosen: the index of the weight that is explained; the first one if it is none of the parameter.
        sample: of images, which training sample the neurons answer.
        sort: the column that all gradients are sorted by.
    """

    page: LayerPage = "weights"
    number: int = 0
    chosen: Shape = ()
    sample: int = 0
    sort: int = 0


WeightPlace = tuple[int, int]
"""A weight: the id of its layer, and its number among the layer's weights."""


@dataclass(frozen=True)
class LossPlace:
    """The place on the page of loss and metric.

    Attributes:
        page: the curves as one number moves, or the map of the loss over two directions in the weights.
        mover: of the curves, what moves: an output for one sample, or a weight.
        sample, output: which sample, and which output; counted on beyond them.
        weights: the weight that moves, which is the first direction of the map, too, and the second direction; None
            for one that was not chosen.
        directions: along what the map goes.
        draw: which of the random directions.
        chord: the places on the curve between which a chord is drawn; None for the one that tells most.
        line: the same of the map, as (row, column).
        end: which end of the chord the arrows move.
    """

    page: Literal["curves", "map"] = "curves"
    mover: Literal["output", "weight"] = "output"
    sample: int = 0
    output: int = 0
    weights: tuple[WeightPlace | None, WeightPlace | None] = (None, None)
    directions: Literal["path", "random", "weights"] = "random"
    draw: int = 0
    chord: tuple[int, int] | None = None
    line: tuple[tuple[int, int], tuple[int, int]] | None = None
    end: int = 1


@dataclass(frozen=True, eq=False)
class Lab:
    """The state of the program.

    Attributes:
        present: the present run.
        past, future: the entries that undo and redo lead to, the nearest last.
        status: the training status.
        walk: the place in the walk.
        folds: the ids of the layers that a walk passes as a single stop.
        unfolded: the ids of the layers whose operations the graph shows; all others are a single node there.
        graph: the page of the graph panel.
        layer: the place on the layer page.
        fits: the place on the page of fitting.
        curves: the place on the page of the activation functions.
        log_scale: whether the loss has a logarithmic axis.
        pace: how fast runs train at most.
        data: the place on the page of the data.
        loss: the place on the page of loss and metric.
        race: the place on the page of the race.
        metrics: what the training page draws as curves besides the loss: the names of metrics, of a class as "f1/3";
            empty for the picture that suits the data.
        stepping: the number of edits before the row of rate keys that was pressed last, while another press of them
            belongs to the same row.
        places: the model file that each document was opened from or saved in, by its number.
    """

    present: Entry
    past: tuple[Entry, ...] = ()
    future: tuple[Entry, ...] = ()
    status: Status = field(default_factory=Status)
    walk: WalkPlace = field(default_factory=WalkPlace)
    folds: frozenset[int] = frozenset()
    unfolded: frozenset[int] = frozenset()
    graph: GraphPage = "picture"
    layer: LayerPlace = field(default_factory=LayerPlace)
    fits: FitPlace = field(default_factory=FitPlace)
    curves: CurvesPlace = field(default_factory=CurvesPlace)
    log_scale: bool = False
    pace: Pace = EPOCH_A_PICTURE
    data: DataPlace = field(default_factory=DataPlace)
    loss: LossPlace = field(default_factory=LossPlace)
    race: RacePlace = field(default_factory=RacePlace)
    metrics: tuple[str, ...] = ()
    stepping: int | None = None
    places: Mapping[int, Place] = field(default_factory=dict)

    @property
    def place(self) -> Place | None:
        """The model file that the present network was opened from or saved in."""
        return self.places.get(self.present.document)

    @property
    def new_document(self) -> int:
        """A number that no document has."""
        entries = (self.present, *self.past, *self.future)
        return max([*self.places, *(entry.document for entry in entries)]) + 1

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
        return self.status.running and self.status.stopping is None

    @property
    def advancing(self) -> bool:
        """Whether the engine may still advance the present run, so that its step is not known."""
        stopping = self.status.stopping
        return self.status.running if stopping is None else self.run is stopping

    @property
    def shows_moments(self) -> bool:
        """Whether moments of the engine are of the present run, or of one that it goes on from on the same samples."""
        return self.status.stopping is None or (self.advancing and not other_samples(self.run.present, self.network))

    @property
    def walking(self) -> bool:
        """Whether the graph panel shows a walk."""
        return self.graph == "walk" and self.walk.step is not None

    @property
    def reinitialized(self) -> tuple[int, ...]:
        """The positions of the layers that the last edit reinitialized; empty once training has continued."""
        present = self.present
        return () if present.pending else present.run.reinitialized(present.checkpoint)

    @property
    def fixes(self) -> list[Fix]:
        """The fixes of the first error; empty if there is none."""
        return fixes(self.network)

    @property
    def fix_hint(self) -> str:
        """How to resolve the first error, with command ids in braces."""
        found = self.fixes
        if not found:
            return "{edit} edits the row, {add} adds a layer."
        return f"{{repair}} fixes this error: {literal(found[0].text)}."

    @property
    def folded(self) -> dict[int, str]:
        """The layers that a walk passes as a single stop, by position, with their labels."""
        return self._labels(self.folds)

    @property
    def overview(self) -> dict[int, str]:
        """The layers that the graph shows as a single node, by position, with their labels."""
        return self._labels(frozenset(self.network.ids) - self.unfolded)

    def _labels(self, ids: frozenset[int]) -> dict[int, str]:
        network = self.network
        own = enumerate(network.ids) if ids else ()
        return {at: nn.layers.label(network.layers[at]) for at, layer in own if layer in ids}

    @property
    def outline(self) -> Outline:
        """The outline of a walk: of a training step, or of a prediction."""
        network = self.network if self.walk.sample is None else alone(self.network)
        return outline(network, self.walk.predicting)

    @property
    def toposort(self) -> Toposort:
        """The stops of a walk as they are shown, with the folded layers as one stop each way."""
        return self.outline.toposort(tuple(self.folded.items()))

    def select(self, row: int) -> Lab:
        """The lab with this row selected, clipped to the existing rows."""
        row = min(max(row, 0), len(self.network.layers) + 1)
        return self if row == self.row else replace(self, present=replace(self.present, row=row))

    def with_status(self, **changes: object) -> Lab:
        """The lab with these attributes of the status changed."""
        return replace(self, status=replace(self.status, **changes))  # type: ignore[arg-type]

    def with_data(self, **changes: object) -> Lab:
        """The lab with these attributes of the data page's place changed."""
        return replace(self, data=replace(self.data, **changes))  # type: ignore[arg-type]

    def with_loss(self, **changes: object) -> Lab:
        """The lab with these attributes of the loss page's place changed."""
        return replace(self, loss=replace(self.loss, **changes))  # type: ignore[arg-type]

    def with_walk(self, **changes: object) -> Lab:
        """The lab with these attributes of the walk changed."""
        return replace(self, walk=replace(self.walk, **changes))  # type: ignore[arg-type]

    @property
    def valid(self) -> bool:
        """Whether the network has no error."""
        return trace(self.network).diagnostic is None

"""The shape trace: every row's shapes, parameters and operations, found on shapes alone.

The layers' own code runs inside `abstract()`: no data, no weights, no memory. The same run gives the rows of the
stack, the first fault with its repairs, and the graph of operations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

from nnviz import nn
from nnviz.autograd import Tensor, abstract, without_data
from nnviz.autograd.operation import Shape
from nnviz.catalogue import Spec
from nnviz.data import Prepared, prepare
from nnviz.errors import NnvizError, ShapeError
from nnviz.network.build import build_layer
from nnviz.network.description import Network
from nnviz.network.graph import Graph, Recorder

BYTES = 4
"""Bytes of a number in training: float32."""

MEMORY_LIMIT = 2 * 2**30
"""Bytes that one layer may want, for its parameters or for its output, before it is refused."""

COPIES = 4
"""What training keeps for a parameter: itself, its gradient, and at most two arrays of optimizer state."""


@dataclass(frozen=True)
class Fault:
    """Why a stack cannot run: the message in PyTorch's words, and where its numbers come from."""

    message: str
    explanation: str = ""


@dataclass(frozen=True)
class Row:
    """One layer of the stack. `input` and `output` are None below a fault; `output` is None at it."""

    position: int
    spec: Spec
    input: Shape | None = None
    output: Shape | None = None
    parameters: int = 0
    fault: Fault | None = None


@dataclass(frozen=True)
class Trace:
    """What a network would do, without doing it.

    Attributes:
        input: the shape that goes in, batch first.
        rows: one for each layer.
        output: the shape that reaches the loss; None where a fault stops it before.
        target: the shape of the labels of a batch.
        loss_fault: why the loss cannot take that output.
        graph: the operations in topological order, as far as they run.
        notes: true remarks on a stack that runs.
    """

    input: Shape
    rows: tuple[Row, ...]
    output: Shape | None
    target: Shape
    loss_fault: Fault | None
    graph: Graph
    notes: tuple[str, ...] = field(default=())

    @property
    def fault(self) -> Fault | None:
        """The first fault from the top."""
        return next((row.fault for row in self.rows if row.fault), self.loss_fault)

    @property
    def faulty(self) -> int | None:
        """The position of the faulty layer; the number of layers means the loss."""
        at = next((row.position for row in self.rows if row.fault), None)
        return len(self.rows) if at is None and self.loss_fault else at

    @property
    def parameters(self) -> int:
        """How many numbers are learned."""
        return sum(row.parameters for row in self.rows)

    @property
    def bytes(self) -> int:
        """The memory of the parameters."""
        return self.parameters * BYTES


@lru_cache(maxsize=8)
def prepared(data: Spec, seed: int) -> Prepared:
    """The data of a run, made once."""
    return prepare(data, seed)


@lru_cache(maxsize=64)
def trace(network: Network) -> Trace:
    """Run `network` on shapes alone.

    Raises:
        NnvizError: the settings name no data set, or one with arguments it does not take. Faults of the stack do not
            raise: they are part of the result.
    """
    data = prepared(network.settings.data, network.settings.seed)
    batch = min(network.settings.batch, len(data.train_x))
    shape_in: Shape = (batch, *data.train_x.shape[1:])
    target = Tensor(without_data((batch, *data.train_y.shape[1:]), data.train_y.dtype))
    rows: list[Row] = []
    loss_fault = None
    with abstract() as tape:
        given = Tensor(without_data(shape_in))
        recorder = Recorder(tape, given, target)
        x: Tensor | None = given
        for position, spec in enumerate(network.layers):
            row, x = _trace_layer(network, position, spec, x, recorder, rows)
            rows.append(row)
        output = None if x is None else x.shape
        if x is not None:
            loss_fault = _trace_loss(network, data, x, target, recorder)
    return Trace(
        input=shape_in,
        rows=tuple(rows),
        output=output,
        target=target.shape,
        loss_fault=loss_fault,
        graph=recorder.graph(),
        notes=_notes(network),
    )


def _trace_layer(
    network: Network, position: int, spec: Spec, x: Tensor | None, recorder: Recorder, above: list[Row]
) -> tuple[Row, Tensor | None]:
    """The row of one layer, and what comes out of it (nothing from the first fault on)."""
    settings = network.settings
    shape = None if x is None else x.shape
    try:
        layer = build_layer(spec, settings.seed, position, settings.initialisation)
    except NnvizError as error:
        return Row(position, spec, shape, fault=Fault(error.message, error.hint)), None
    count = sum(math.prod(parameter.shape) for parameter in layer.parameters())
    if x is None:
        return Row(position, spec, None, None, count), None
    fault = _too_large(count * BYTES * COPIES, "its parameters, their gradients and the optimizer's state")
    out = None
    if fault is None:
        try:
            with recorder.layer(position, layer):
                out = layer(x)
        except ShapeError as error:
            fault = Fault(error.message, _explain(spec, x.shape, above))
    if out is not None:
        fault = _too_large(math.prod(out.shape) * BYTES, "its output for one batch")
    if fault is not None:
        return Row(position, spec, shape, None, count, fault), None
    return Row(position, spec, shape, out.shape if out else None, count), out


def _too_large(size: int, what: str) -> Fault | None:
    if size <= MEMORY_LIMIT:
        return None
    return Fault(
        f"too large: {what} would take {size / 2**30:,.1f} GiB",
        f"a layer may take {MEMORY_LIMIT / 2**30:g} GiB at most: make its sizes, or the batch, smaller",
    )


def _explain(spec: Spec, shape: Shape, above: list[Row]) -> str:
    """Where each number of a shape error comes from."""
    giver = f"layer {len(above)} ({nn.layers.label(above[-1].spec)})" if above else "the input"
    words = [f"{giver} gives {_in_words(shape)}"]
    entry = nn.layers[spec.name]
    if isinstance(entry.factory, type) and issubclass(entry.factory, nn.Module):
        words.append(entry.factory.sizes_in_words(dict(spec.arguments)))
    return "; ".join(word for word in words if word)


def _in_words(shape: Shape) -> str:
    """A shape, and how a matrix product sees it."""
    if len(shape) == 2:
        return f"{shape[0]}x{shape[1]}: a batch of {shape[0]} with {shape[1]} features each"
    rows = "·".join(map(str, shape[:-1]))
    return f"{shape}: as a matrix {rows} = {math.prod(shape[:-1])} rows of {shape[-1]}"


def _trace_loss(network: Network, data: Prepared, x: Tensor, target: Tensor, recorder: Recorder) -> Fault | None:
    spec = network.settings.loss
    try:
        loss = nn.losses.build(spec)
    except NnvizError as error:
        return Fault(error.message, error.hint)
    fault = _unfit(loss, data, x.shape, target.shape)
    if fault is not None:
        return fault
    try:
        with recorder.layer(len(network.layers), loss):
            loss(x, target)
    except ShapeError as error:
        return Fault(error.message, error.hint)
    return None


def _unfit(loss: nn.Module, data: Prepared, output: Shape, target: Shape) -> Fault | None:
    """What a loss cannot take although the shapes alone might pass."""
    wants = loss.target if isinstance(loss, nn.Loss) else "values"
    name, dataset = type(loss).__name__, data.dataset
    if wants == "classes" and dataset.task != "classification":
        return Fault(
            "expected scalar type Long but found Float",
            f"{name} wants class numbers, and the targets of {dataset.name} are values: a regression wants MSELoss",
        )
    if wants == "values" and dataset.task == "classification":
        return Fault(
            "Found dtype Long but expected Float",
            f"{name} compares values, and the targets of {dataset.name} are class numbers: use CrossEntropyLoss",
        )
    if wants == "values" and output != target:
        return Fault(
            f"the output {output} and the target {target} have different shapes",
            f"{name} compares number by number: the last layer must give {target[-1]} for each sample",
        )
    if wants == "classes" and len(output) == 2 and output[1] < dataset.outputs:
        return Fault(
            f"Target {dataset.outputs - 1} is out of bounds.",
            f"{dataset.name} has {dataset.outputs} classes, 0 to {dataset.outputs - 1}, "
            f"and the stack gives {output[1]} numbers for each sample: {dataset.outputs} are needed",
        )
    return None


def _notes(network: Network) -> tuple[str, ...]:
    """What is worth knowing of a stack that runs."""
    notes = []
    if network.layers and network.layers[-1].name == "Softmax" and network.settings.loss.name == "CrossEntropyLoss":
        notes.append(
            "Softmax before CrossEntropyLoss, which applies log-softmax itself: softmax twice. "
            "It runs, but learns slowly."
        )
    if not network.layers:
        notes.append("The stack is empty: press a to add a layer.")
    return tuple(notes)

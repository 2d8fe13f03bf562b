"""The shape trace: every row's shapes, parameters and operations, found on shapes alone.

The layers' own code runs inside `abstract()`: no data, no weights, no memory. The same run gives the rows of the
stack, the first error with its fixes, and the graph of operations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from nnviz import nn
from nnviz.autograd import Tensor, abstract, without_data
from nnviz.autograd.operation import Shape
from nnviz.errors import NnvizError, ShapeError
from nnviz.network.build import build_layer, call
from nnviz.network.description import Network
from nnviz.network.diagnostic import Diagnostic
from nnviz.network.graph import Graph, Recorder
from nnviz.network.job import Job, job_of
from nnviz.registry import Spec

BYTES = 4
"""Bytes of a number in training: float32."""

MEMORY_LIMIT = 2 * 2**30
"""Bytes that one layer may want, for its parameters or for its output, before it is refused."""

COPIES = 4
"""What training keeps for a parameter: itself, its gradient, and at most two arrays of optimizer state."""


@dataclass(frozen=True)
class LayerTrace:
    """One layer of the stack. `input` and `output` are None below an error; `output` is None at it.

    `weights` are the names and shapes of its parameters and buffers.
    """

    position: int
    spec: Spec
    input: Shape | None = None
    output: Shape | None = None
    parameters: int = 0
    diagnostic: Diagnostic | None = None
    weights: tuple[tuple[str, Shape], ...] = ()


@dataclass(frozen=True)
class Trace:
    """What a network would do, without doing it.

    Attributes:
        input: the shape that goes in, batch first.
        rows: one for each layer.
        output: the shape that reaches the loss; None where an error stops it before.
        target: the shape of the labels of a batch.
        loss_diagnostic: why the loss cannot take that output.
        graph: the operations in topological order, as far as they run.
    """

    input: Shape
    rows: tuple[LayerTrace, ...]
    output: Shape | None
    target: Shape
    loss_diagnostic: Diagnostic | None
    graph: Graph

    @property
    def diagnostic(self) -> Diagnostic | None:
        """The first error from the top."""
        return next((row.diagnostic for row in self.rows if row.diagnostic), self.loss_diagnostic)

    @property
    def faulty(self) -> int | None:
        """The position of the faulty layer; the number of layers means the loss."""
        at = next((row.position for row in self.rows if row.diagnostic), None)
        return len(self.rows) if at is None and self.loss_diagnostic else at

    @property
    def parameters(self) -> int:
        """How many numbers are learned."""
        return sum(row.parameters for row in self.rows)

    @property
    def bytes(self) -> int:
        """The memory of the parameters."""
        return self.parameters * BYTES


@lru_cache(maxsize=64)
def trace(network: Network) -> Trace:
    """Run `network` on shapes alone.

    Raises:
        NnvizError: the settings name no data set, or one with arguments it does not take. Faults of the stack do not
            raise: they are part of the result.
    """
    job = job_of(network)
    count, batch = job.schema.train, job.batch
    found = _trace_batch(job, batch)
    # Of the shapes that the last batch of an epoch may have, only a single sample can fail where more of them run.
    if count % batch == 1 and found.diagnostic is None:
        single = _trace_batch(job, 1)
        if single.faulty is not None and single.faulty < len(single.rows):
            found = _stopped_by_last(found, single, f"{count:,} samples in batches of {batch:,} leave 1 for the last")
    return found


def _stopped_by_last(found: Trace, single: Trace, why: str) -> Trace:
    """The trace of full batches as far as the error that the last batch, of a single sample, meets."""
    at = single.faulty
    diagnostic = single.diagnostic
    assert at is not None  # noqa: S101 (checked by the caller)
    assert diagnostic is not None  # noqa: S101
    stopped = replace(found.rows[at], output=None, diagnostic=replace(diagnostic, explanation=why))
    rows = (*found.rows[:at], stopped, *single.rows[at + 1 :])
    return replace(found, rows=rows, output=None, graph=single.graph)


@lru_cache(maxsize=8)
def prediction(network: Network) -> Graph:
    """The graph of a prediction: what comes out of the last layer, without a loss, and without what only trains."""
    job = job_of(network)
    return _trace_batch(job, job.batch, predicting=True).graph


def _trace_batch(job: Job, batch: int, predicting: bool = False) -> Trace:
    """Run the network on the shapes of one batch; a prediction ends at the output."""
    network, shape_in = job.network, job.input_shape(batch)
    rows: list[LayerTrace] = []
    target: Shape = (batch, *job.schema.label_shape)
    loss_diagnostic = None
    with abstract() as tape:
        recorder = Recorder(tape)
        x: Tensor | None = recorder.input("x", Tensor(without_data(shape_in)))
        outputs: dict[int, Tensor] = {}
        for position, spec in enumerate(network.layers):
            if x is not None:
                outputs[position] = x
            row, x = _trace_layer(network, position, spec, outputs, recorder, rows, predicting)
            rows.append(row)
        output = None if x is None else x.shape
        if x is not None and not predicting:
            loss_diagnostic, target = _trace_loss(job, x, target, recorder)
    return Trace(
        input=shape_in,
        rows=tuple(rows),
        output=output,
        target=target,
        loss_diagnostic=loss_diagnostic,
        graph=recorder.graph(),
    )


def _trace_layer(
    network: Network,
    position: int,
    spec: Spec,
    outputs: dict[int, Tensor],
    recorder: Recorder,
    above: list[LayerTrace],
    predicting: bool,
) -> tuple[LayerTrace, Tensor | None]:
    """The row of one layer, and what comes out of it (nothing from the first error on).

    `outputs` holds what each row above gave by its number, 0 being the input; a row below an error gave nothing.
    """
    settings = network.settings
    x = outputs.get(position)
    shape = None if x is None else x.shape
    try:
        layer = build_layer(spec, settings.seed, position, settings.initialization)
    except NnvizError as error:
        return LayerTrace(position, spec, shape, diagnostic=Diagnostic(error.message, error.hint)), None
    layer.train(not predicting)
    count = sum(math.prod(parameter.shape) for parameter in layer.parameters())
    weights = tuple((name, t.shape) for name, t in (*layer.named_parameters(), *layer.named_buffers()))
    if x is None:
        return LayerTrace(position, spec, None, None, count, None, weights), None
    diagnostic = _too_large(count * BYTES * COPIES, "its parameters, their gradients and the optimizer's state")
    out = None
    if diagnostic is None:
        try:
            with recorder.layer(position, layer):
                out = call(layer, x, outputs, position + 1)
        except ShapeError as error:
            diagnostic = Diagnostic(error.message, _explain(layer, spec, x.shape, outputs, above))
        except NnvizError as error:
            diagnostic = Diagnostic(error.message, error.hint)
    if out is not None:
        diagnostic = _too_large(math.prod(out.shape) * BYTES, "its output for one batch")
    if diagnostic is not None:
        return LayerTrace(position, spec, shape, None, count, diagnostic, weights), None
    return LayerTrace(position, spec, shape, None if out is None else out.shape, count, None, weights), out


def _too_large(size: int, what: str) -> Diagnostic | None:
    if size <= MEMORY_LIMIT:
        return None
    return Diagnostic(
        f"too large: {what} would take {size / 2**30:,.1f} GiB",
        f"a layer may take {MEMORY_LIMIT / 2**30:g} GiB at most: make its sizes, or the batch, smaller",
    )


def _explain(layer: nn.Module, spec: Spec, shape: Shape, outputs: dict[int, Tensor], above: list[LayerTrace]) -> str:
    """Where each number of a shape error comes from."""
    words = [f"{_source_name(len(above), above)} gives {_shape_in_words(shape, nn.facts_of(spec).linear)}"]
    if isinstance(layer, nn.Join):
        if layer.row > len(above):
            return f"it names row {layer.row}: an earlier row is 0 (the input) to {len(above)}"
        words.append(f"{_source_name(layer.row, above)} gives {outputs[layer.row].shape}")
    words.append(type(layer).sizes_in_words(dict(spec.arguments)))
    return "; ".join(word for word in words if word)


def _source_name(row: int, above: list[LayerTrace]) -> str:
    return f"layer {row} ({nn.layers.label(above[row - 1].spec)})" if row else "the input"


def _shape_in_words(shape: Shape, as_matrix: bool) -> str:
    """A shape, and how it is seen: by a matrix product, or as images."""
    if len(shape) == 2:
        return f"{shape[0]}x{shape[1]}: a batch of {shape[0]} with {shape[1]} features each"
    if as_matrix:
        rows = "·".join(map(str, shape[:-1]))
        return f"{shape}: as a matrix {rows} = {math.prod(shape[:-1])} rows of {shape[-1]}"
    if len(shape) == 4:
        channels = "1 channel" if shape[1] == 1 else f"{shape[1]} channels"
        return f"{shape}: a batch of {shape[0]} with {channels} of {shape[2]}x{shape[3]} each"
    return str(shape)


def _trace_loss(job: Job, x: Tensor, labels: Shape, recorder: Recorder) -> tuple[Diagnostic | None, Shape]:
    """Why the loss cannot take `x`, if it cannot; and the shape of the targets it gets."""
    try:
        shape = job.target_shape(labels[0])
    except NnvizError as error:
        return Diagnostic(error.message, error.hint), labels
    target = recorder.input("y", Tensor(without_data(shape, job.target_dtype)))
    diagnostic = _target_error(job, x.shape, shape)
    if diagnostic is None:
        try:
            with recorder.layer(len(job.network.layers), job.loss):
                out = job.loss(x, target)
        except NnvizError as error:
            diagnostic = Diagnostic(error.message, error.hint)
        else:
            diagnostic = _reduction_error(out.shape)
    return diagnostic, shape


def _reduction_error(shape: Shape) -> Diagnostic | None:
    if shape == ():
        return None
    return Diagnostic(
        "grad can be implicitly created only for scalar outputs",
        f"with reduction none the loss is {shape}, one number for each sample: training wants mean or sum",
    )


def _target_error(job: Job, output: Shape, target: Shape) -> Diagnostic | None:
    """What a loss cannot take although the shapes alone might pass."""
    wants, name, schema = job.loss.target, type(job.loss).__name__, job.schema
    if wants != "values" and schema.task != "classification":
        return Diagnostic(
            "expected target dtype to be Long or Byte, but got Float"
            if wants == "classes"
            else "all elements of target should be between 0 and 1",
            f"{name} wants classes, and the targets of {schema.name} are values: "
            f"a regression wants {nn.usual.loss_for('regression').name}",
        )
    if wants in ("probabilities", "signs") and output != target:
        return Diagnostic(
            f"Target size (torch.Size({list(target)})) must be the same as input size (torch.Size({list(output)}))",
            f"{name} wants {target[-1]} for each sample: {schema.name} has {schema.outputs} classes",
        )
    if wants == "values" and schema.task == "classification":
        return Diagnostic(
            "Found dtype Long but expected Float",
            f"{name} compares values, and the targets of {schema.name} are class numbers: "
            f"use {nn.usual.loss_for('classification').name}",
        )
    if wants == "values" and output != target:
        return Diagnostic(
            f"the output {output} and the target {target} have different shapes",
            f"{name} compares number by number: the last layer must give {target[-1]} for each sample",
        )
    if wants == "classes" and len(output) == 2 and output[1] < schema.outputs:
        return Diagnostic(
            f"Target {schema.outputs - 1} is out of bounds.",
            f"{schema.name} has {schema.outputs} classes, 0 to {schema.outputs - 1}, "
            f"and the stack gives {_numbers(output[1])} for each sample: {schema.outputs} are needed",
        )
    return None


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"

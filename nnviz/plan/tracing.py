"""A run on shapes alone: which operations a computation needs, in topological order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnviz.autograd import Node, Operation, Tensor, abstract, topological_order, without_data
from nnviz.errors import GraphError
from nnviz.nn import Buffer, Parameter
from nnviz.plan.values import Value


@dataclass(eq=False)
class Step:
    """One operation of the plan, before anything is known of memory; `covers` numbers what it is on the tape."""

    operation: Operation
    inputs: tuple[Value, ...]
    out: Value
    attributes: dict[str, Any]
    covers: tuple[int, ...]
    saved: tuple[Value, ...] = ()


@dataclass
class Traced:
    """A run on shapes alone: the operations in topological order, what they read, and what comes out."""

    steps: list[Step]
    inputs: list[Value]
    leaves: list[tuple[Tensor, Value]]
    out: Value


def trace(run: Callable[..., Tensor], *given: tuple[tuple[int, ...], np.dtype[Any]]) -> Traced:
    """Run on shapes alone, and note every operation that the result needs.

    Args:
        run: the computation, of one tensor for each of `given`.
        given: shape and type of each input.

    Raises:
        GraphError: the computation depends on the numbers, so that no order of it holds for all of them.
        ShapeError: the shapes do not fit.
    """
    with abstract():
        tensors = [Tensor(without_data(shape, dtype)) for shape, dtype in given]
        result = run(*tensors)
    if result.node is None:
        raise GraphError("there is nothing to plan: no operation was applied", "a model computes something")
    inputs = [Value("input", name, t.shape, t.dtype) for name, t in zip("xy", tensors, strict=False)]
    found = {id(tensor): value for tensor, value in zip(tensors, inputs, strict=True)}
    leaves: list[tuple[Tensor, Value]] = []
    order = topological_order([result.node], lambda node: node.waits_for, lambda node: node.number)
    values: dict[Node, Value] = {}
    steps: list[Step] = []
    for node in order:
        for tensor, source in zip(node.inputs, node.sources, strict=True):
            if not isinstance(source, Node) and id(tensor) not in found:
                found[id(tensor)] = _leaf(tensor)
                leaves.append((tensor, found[id(tensor)]))
        out = Value("result", node.operation.name, node.result.shape, node.result.dtype)
        pairs = zip(node.inputs, node.sources, strict=True)
        read = tuple(values[source] if isinstance(source, Node) else found[id(tensor)] for tensor, source in pairs)
        values[node] = out
        steps.append(Step(node.operation, read, out, node.attributes, (len(steps) + 1,)))
    return Traced(steps, inputs, leaves, values[result.node])


def _leaf(tensor: Tensor) -> Value:
    """A tensor that was there before."""
    array = tensor.array
    kept = isinstance(tensor, Parameter | Buffer)
    if not kept and array.base is not None and array.ndim and not any(array.strides):
        raise GraphError(
            "the computation uses numbers that it took from a result, and here are only shapes",
            "a plan follows operations alone",
        )
    if isinstance(tensor, Parameter):
        return Value("parameter", "parameter", tensor.shape, tensor.dtype, array)
    return Value("constant", "buffer" if isinstance(tensor, Buffer) else "constant", tensor.shape, tensor.dtype, array)

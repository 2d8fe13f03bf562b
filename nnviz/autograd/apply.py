"""Running an operation on tensors: computing and recording it, or recording shapes alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nnviz.autograd import types, views
from nnviz.autograd.modes import Tape, current, quiet, without_data
from nnviz.autograd.node import Node, clock
from nnviz.autograd.operation import Operation
from nnviz.autograd.tensor import Tensor

_ndarray = np.ndarray


def apply_view(  # noqa: C901 (a call of a further function would cost every operation)
    operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any]
) -> Tensor:
    """Run an operation in the current mode, without silencing numpy's warnings; a view causes none.

    Raises:
        ShapeError: the shapes do not fit.
        OperandError: an input is not a tensor.
    """
    mode = current.get()
    try:
        if clock.rewrites:
            for source in inputs:
                if source._base is not None:
                    views.refresh(source)
        if mode.tape is not None:
            return _on_shapes(operation, inputs, attributes, mode.tape, mode.record)
        result = operation.forward(*[tensor.array for tensor in inputs], **attributes)
    except (ValueError, IndexError, ArithmeticError):
        operation.shape(*[tensor.shape for tensor in inputs], **attributes)
        raise
    except AttributeError:
        types.only_tensors(operation.name, inputs)
        raise
    if result.__class__ is not _ndarray:
        result = np.asarray(result)
    out = Tensor(result)
    if mode.record:
        for source in inputs:
            if source._requires_grad:
                _record(out, operation, inputs, attributes)
                break
    if operation.view:
        views.link(out, inputs[0], operation, attributes, mode.record)
    return out


apply: Callable[[Operation, tuple[Tensor, ...], dict[str, Any]], Tensor] = quiet(apply_view)
"""Run an operation that computes: what numpy would warn of is a value here, inf or NaN, as in PyTorch."""


def _on_shapes(
    operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any], tape: Tape, record: bool
) -> Tensor:
    """Append the operation to the tape, with the shape its rule gives."""
    shape = operation.shape(*[tensor.shape for tensor in inputs], **attributes)
    result = without_data(shape, _type_of(operation, inputs, attributes))
    recorded = operation if record else replace(operation, vjps=_no_gradients)
    node = Node(recorded, inputs, attributes, result)
    tape.append(node)
    out = Tensor(node.result, record, node)
    if operation.view:
        views.link_on_shapes(out, inputs[0], operation, attributes, record)
    return out


def _no_gradients(count: int) -> tuple[None, ...]:
    return (None,) * count


def _type_of(operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> DTypeLike:
    """The dtype of a result: the `dtype` attribute, else that of the first differentiable input."""
    if "dtype" in attributes:
        return attributes["dtype"]  # type: ignore[no-any-return]
    rules = operation.rules(len(inputs))
    return next(tensor.dtype for tensor, rule in zip(inputs, rules, strict=True) if rule is not None)


def _record(out: Tensor, operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> None:
    """Append a node to the graph, and make the tensors it saved read-only."""
    out._node = node = Node(operation, inputs, attributes, out.array)
    out._requires_grad = True
    out.array.flags.writeable = False
    for position in operation.saved:
        if position >= 0:
            source = inputs[position]
            # Parameters stay writable for their optimizer, which marks its changes.
            if source._node is None and not source._requires_grad:
                views.save(node, position, source)

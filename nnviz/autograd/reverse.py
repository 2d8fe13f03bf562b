"""Backward: through the graph in reverse topological order, adding up gradients."""

from __future__ import annotations

import numpy as np

import nnviz.autograd.tensor as core
from nnviz.autograd.operation import OUT, Array, unbroadcast
from nnviz.autograd.order import topological_order
from nnviz.autograd.types import type_name
from nnviz.errors import GraphError


def order_of(root: core.Node) -> list[core.Node]:
    """The nodes that `root` was computed from, and itself, in topological order."""
    return topological_order([root], _waits_for, _number)


def _waits_for(node: core.Node) -> list[core.Node]:
    return [source for source in node.sources if type(source) is core.Node]


def _number(node: core.Node) -> int:
    return node.number


@core.quiet
def backward(
    root: core.Tensor, gradient: core.Tensor | None = None, retain_graph: bool = False, create_graph: bool = False
) -> None:
    """Walk the graph below `root` in reverse topological order and add up the gradients of its leaves.

    Args:
        root: what is differentiated; a single number unless `gradient` is given.
        gradient: the upstream gradient, of `root`'s shape; 1 when left out.
        retain_graph: keep the graph for another backward; otherwise it is freed.
        create_graph: gradients of gradients, which are refused.

    Raises:
        GraphError: `root` has no graph, the graph was freed, what it saved was changed, or a gradient is needed and
            missing.
    """
    if create_graph:
        raise GraphError(
            "double backward is not supported: gradients are plain numbers here, without a graph of their own",
            "leave create_graph out; gradcheck differentiates numerically",
        )
    if root.node is None and not root.requires_grad:
        raise GraphError(
            "element 0 of tensors does not require grad and does not have a grad_fn",
            "run forward first, on parameters that require a gradient: the loss needs the prediction",
        )
    if gradient is None and root.array.size != 1:
        raise GraphError("grad can be implicitly created only for scalar outputs", "reduce it with .sum() or .mean()")
    upstream = np.ones_like(root.array) if gradient is None else gradient.array
    if upstream.shape != root.shape:
        raise GraphError(
            f"Mismatch in shape: grad_output[0] has a shape of {list(upstream.shape)} "
            f"and output[0] has a shape of {list(root.shape)}."
        )
    if root.node is None:
        _leave(root, upstream, fresh=False)
        return
    order = order_of(root.node)
    if any(node.freed for node in order):
        raise GraphError(
            "Trying to backward through the graph a second time (or directly access saved tensors after they have "
            "already been freed).",
            "specify retain_graph=True in the first backward, or run forward again",
        )
    arriving: dict[core.Node, Arrival] = {root.node: (upstream, False)}
    for node in reversed(order):
        _send_back(node, *arriving.pop(node), arriving)
        if not retain_graph:
            node.free()


Arrival = tuple[Array, bool]
"""A gradient, and whether its memory belongs to nobody else, so that a leaf may keep it."""


def _send_back(node: core.Node, g: Array, owned: bool, arriving: dict[core.Node, Arrival]) -> None:
    """One step of backward: through `node`, into what it waits for."""
    inputs, operation = node.inputs, node.operation
    if core.clock.last_change > node.number:
        _check_unchanged(node)
    arrays = [tensor.array for tensor in inputs]
    # With a single input, what looks at the memory of g inherits it.
    memory = (g if g.base is None else g.base) if owned and len(inputs) == 1 else None
    for array, source, rule in zip(arrays, node.sources, operation.rules(len(inputs)), strict=True):
        if rule is None or source is None:
            continue
        part = rule(g, node.result, *arrays, **node.attributes)
        if part.shape != array.shape:
            part = unbroadcast(part, array.shape)
        base = part.base
        if base is None:
            fresh = part is memory or not (part is g or part is node.result or any(part is array for array in arrays))
        else:
            fresh = base is memory
        if isinstance(source, core.Tensor):
            if source.requires_grad:
                _leave(source, part, fresh)
        elif source in arriving:
            # Never in place: a rule may hand the same array to several inputs.
            arriving[source] = (arriving[source][0] + part, True)
        else:
            arriving[source] = (part, fresh)


def _check_unchanged(node: core.Node) -> None:
    """Nothing that the gradients read has been changed in place since."""
    for position in node.operation.keeps:
        read = not node.operation.crosswise or node.sources[1 - position] is not None
        if position != OUT and read and node.inputs[position].changed_at > node.number:
            _refuse(node.inputs[position], node.number)


def _leave(leaf: core.Tensor, part: Array, fresh: bool) -> None:
    """Add a gradient to a leaf's own, in memory that nobody shares."""
    if leaf.grad is not None:
        leaf.grad = core.Tensor(leaf.grad.array + part)
    elif fresh and part.dtype is leaf.array.dtype and part.flags.c_contiguous:
        leaf.grad = core.Tensor(part)
    else:
        leaf.grad = core.Tensor(np.array(part, leaf.array.dtype))


def _refuse(source: core.Tensor, saved: int) -> None:
    expected, lost = source.version_at(saved), source.version - source.version_at(saved) >= core.LAST_CHANGES
    raise GraphError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[torch.{type_name(source.dtype)}Tensor {list(source.shape)}] is at version {source.version}; expected "
        f"version {expected}{' or earlier' if lost else ''} instead.",
        "change a copy (clone()), use the operation that gives a new tensor, or go backward first",
    )

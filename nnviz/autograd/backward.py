"""Backward: through the graph in reverse topological order, adding up gradients."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import numpy as np

import nnviz.autograd.tensor as core
from nnviz.autograd.hooks import hooked
from nnviz.autograd.modes import needs_numbers, quiet
from nnviz.autograd.node import LAST_CHANGES, Node, clock
from nnviz.autograd.operation import OUT, Array, unbroadcast
from nnviz.autograd.toposort import topological_order
from nnviz.autograd.types import type_name
from nnviz.errors import ArgumentError, GraphError, OperandError

_freed, _number, _waits_for = attrgetter("freed"), attrgetter("number"), attrgetter("waits_for")

DOUBLE_BACKWARD = "double backward is not supported: gradients are plain numbers here, without a graph of their own"

Tensors = Sequence["core.Tensor"]
Arrival = tuple[Array, bool]
"""A gradient, and whether no other array shares its memory, so that a leaf may keep it."""


def nodes_below(*roots: Node) -> list[Node]:
    """The roots and all nodes that they depend on, in topological order."""
    return topological_order(roots, _waits_for, _number)


def backward(
    tensors: core.Tensor | Tensors,
    grad_tensors: core.Tensor | Sequence[core.Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: core.Tensor | Tensors | None = None,
) -> None:
    """Walk the graph below `tensors` in reverse topological order and add up the gradients of its leaves.

    Args:
        tensors: the tensors to differentiate; they have one element each unless `grad_tensors` are given.
        grad_tensors: the upstream gradients, of the shapes of `tensors`; by default 1.
        retain_graph: keep the graph for another backward; otherwise it is freed.
        create_graph: record the gradients for further differentiation; not supported.
        inputs: the tensors that get a gradient; by default all leaves.

    Raises:
        GraphError: there is no graph, it was freed, a saved tensor was changed in place, or a gradient is missing.
    """
    roots = _several(tensors)
    upstream = _upstream(roots, grad_tensors, create_graph)
    if inputs is None:
        _BackwardPass(roots, upstream, bool(retain_graph), None).go()
        return
    wanted = _several(inputs)
    if not wanted:
        raise GraphError("`inputs` argument to `backward()` cannot be empty.", "leave it out for all leaves")
    backward_pass = _BackwardPass(roots, upstream, bool(retain_graph), wanted)
    backward_pass.go()
    for tensor, found in zip(wanted, backward_pass.found(), strict=True):
        if found is not None:
            accumulate_grad(tensor, found, fresh=False)


def grad(
    outputs: core.Tensor | Tensors,
    inputs: core.Tensor | Tensors,
    grad_outputs: core.Tensor | Sequence[core.Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[core.Tensor | None, ...]:
    """The gradients of `outputs` with respect to `inputs`, leaves or not; no `.grad` is changed.

    Args:
        outputs: the tensors to differentiate; they have one element each unless `grad_outputs` are given.
        inputs: the tensors with respect to which they are differentiated.
        grad_outputs: the upstream gradients; by default 1.
        retain_graph: keep the graph for another backward; otherwise it is freed.
        create_graph: record the gradients for further differentiation; not supported.
        allow_unused: return None for an input that the outputs do not depend on, instead of raising an error.
        is_grads_batched: not supported.
        materialize_grads: return zeros instead of None.

    Returns:
        One gradient per input, without history.

    Raises:
        GraphError: an input does not require a gradient, or the outputs do not depend on it, or as in `backward`.
    """
    if is_grads_batched:
        raise GraphError("is_grads_batched is not supported", "call grad() once for each upstream gradient")
    roots, wanted = _several(outputs), _several(inputs)
    upstream = _upstream(roots, grad_outputs, create_graph)
    if not all(tensor.requires_grad for tensor in wanted):
        raise GraphError(
            "One of the differentiated Tensors does not require grad", "call requires_grad_() on it before forward"
        )
    backward_pass = _BackwardPass(roots, upstream, bool(retain_graph), wanted)
    backward_pass.go()
    found = backward_pass.found()
    if not (allow_unused or materialize_grads) and any(one is None for one in found):
        unused = next(i for i, one in enumerate(found) if one is None)
        raise GraphError(
            f"The differentiated Tensor at index {unused} appears to not have been used in the graph. "
            "Set allow_unused=True if this is the desired behavior.",
            "a result that depends on it has to be among the outputs",
        )
    if materialize_grads:
        found = [np.zeros_like(t.array) if one is None else one for one, t in zip(found, wanted, strict=True)]
    return tuple(None if one is None else core.Tensor(np.array(one)) for one in found)


def _several(tensors: core.Tensor | Tensors) -> list[core.Tensor]:
    found = [tensors] if isinstance(tensors, core.Tensor) else list(tensors)
    for one in found:
        if not isinstance(one, core.Tensor):
            raise OperandError(f"expected Tensors, got {type(one).__name__}", "give a tensor, or a list of them")
        # Reading `node` brings the history of a view up to date.
        _ = one.node
    return found


def _upstream(roots: list[core.Tensor], given: Any, create_graph: bool) -> list[Array]:
    """The upstream gradient of each root."""
    needs_numbers("backward()")
    if create_graph:
        raise GraphError(
            DOUBLE_BACKWARD,
            "leave create_graph out; gradcheck differentiates numerically",
        )
    if given is None and len(roots) == 1 and roots[0]._requires_grad and roots[0].array.size == 1:
        return [np.ones_like(roots[0].array)]
    gradients = [given] * len(roots) if given is None or isinstance(given, core.Tensor) else list(given)
    if len(gradients) != len(roots) or (isinstance(given, core.Tensor) and len(roots) != 1):
        raise ArgumentError(f"got {len(roots)} tensors and {len(gradients)} gradients", "give one gradient a tensor")
    found = []
    for position, (root, gradient) in enumerate(zip(roots, gradients, strict=True)):
        if not root._requires_grad:
            raise GraphError(
                f"element {position} of tensors does not require grad and does not have a grad_fn",
                "run forward first, on parameters that require a gradient: the loss needs the prediction",
            )
        if gradient is None:
            if root.array.size != 1:
                raise GraphError(
                    "grad can be implicitly created only for scalar outputs", "reduce it with .sum() or .mean()"
                )
            found.append(np.ones_like(root.array))
            continue
        if not isinstance(gradient, core.Tensor):
            raise OperandError(
                f"gradients can be either Tensors or None, but got {type(gradient).__name__}", "make one with tensor()"
            )
        if gradient.shape != root.shape:
            raise GraphError(
                f"Mismatch in shape: grad_output[{position}] has a shape of {list(gradient.shape)} "
                f"and output[{position}] has a shape of {list(root.shape)}."
            )
        found.append(gradient.array.astype(root.dtype, copy=False))
    return found


class _BackwardPass:
    """One backward pass through the graph.

    Args:
        roots: the tensors it starts from.
        upstream: the gradient of each root.
        retain: whether the graph is kept.
        wanted: the tensors whose gradients are collected; None accumulates those of all leaves in `.grad`.
    """

    def __init__(
        self, roots: list[core.Tensor], upstream: list[Array], retain: bool, wanted: list[core.Tensor] | None
    ) -> None:
        self._roots = roots
        self._upstream = upstream
        self._retain = retain
        self._wanted = wanted
        self._collected: dict[object, Array] = {}
        self._hooked: dict[int, tuple[core.Tensor, Array]] = {}
        if wanted is not None:
            self._leaves = {id(t) for t in wanted if t._node is None}
            self._nodes = {t._node for t in wanted if t._node is not None}

    @quiet
    def go(self) -> None:
        """Propagate the gradients of the roots to the leaves."""
        arriving = self._begin()
        order = nodes_below(*arriving)
        if any(map(_freed, order)):
            raise GraphError(
                "Trying to backward through the graph a second time (or directly access saved tensors after they have "
                "already been freed).",
                "specify retain_graph=True in the first backward, or run forward again",
            )
        needed = None if self._wanted is None else self._needed(order)
        for node in reversed(order):
            if needed is not None and node not in needed:
                continue
            g, owned = arriving.pop(node)
            if node.hooks:
                g, owned = hooked(node.hooks, g), False
            if needed is not None and node in self._nodes:
                self._collected[node] = g
            self._propagate(node, g, owned, arriving)
            if not self._retain:
                node.free()
        for leaf, gradient in self._hooked.values():
            assert leaf._hooks is not None  # noqa: S101 (only leaves with hooks are in `_hooked`)
            accumulate_grad(leaf, hooked(leaf._hooks, gradient), fresh=False)

    def _begin(self) -> dict[Node, Arrival]:
        """The gradients at the roots, by node; those of roots that are leaves are accumulated at once."""
        arriving: dict[Node, Arrival] = {}
        for root, gradient in zip(self._roots, self._upstream, strict=True):
            if root._node is not None:
                before = arriving.get(root._node)
                arriving[root._node] = (gradient, False) if before is None else (before[0] + gradient, True)
            elif self._wanted is None and not root._hooks:
                accumulate_grad(root, gradient, fresh=False)
            else:
                self._reach(root, gradient)
        return arriving

    def found(self) -> list[Array | None]:
        """The gradient of each wanted tensor; None if the roots do not depend on it."""
        return [
            self._collected.get(id(tensor) if tensor._node is None else tensor._node) for tensor in self._wanted or ()
        ]

    def _needed(self, order: list[Node]) -> set[Node]:
        """The nodes on a path from the roots to a wanted tensor."""
        found: set[Node] = set()
        for node in order:
            if node in self._nodes or any(
                source in found if type(source) is Node else id(source) in self._leaves
                for source in node.sources
                if source is not None
            ):
                found.add(node)
        return found

    def _propagate(self, node: Node, g: Array, owned: bool, arriving: dict[Node, Arrival]) -> None:
        """Propagate the upstream gradient `g` through `node` to its inputs."""
        inputs, operation = node.inputs, node.operation
        if clock.last_change > node.number:
            _check_unchanged(node)
        arrays = [tensor.array for tensor in inputs]
        # With a single input, a view of g may keep the memory of g.
        memory = (g if g.base is None else g.base) if owned and len(inputs) == 1 else None
        for array, source, rule in zip(arrays, node.sources, operation.rules(len(inputs)), strict=True):
            if rule is None or source is None:
                continue
            part = rule(g, node.result, *arrays, **node.attributes)
            if part.shape != array.shape:
                part = unbroadcast(part, array.shape)
            base = part.base
            if base is None:
                given = part is g or part is node.result or id(part) in map(id, arrays)
                fresh = part is memory or not given
            else:
                fresh = base is memory
            if isinstance(source, core.Tensor):
                if self._wanted is not None or source._hooks:
                    self._reach(source, part)
                elif source._requires_grad:
                    accumulate_grad(source, part, fresh)
            elif source in arriving:
                # Never in place: a vjp may return the same array for several inputs.
                arriving[source] = (arriving[source][0] + part, True)
            else:
                arriving[source] = (part, fresh)

    def _reach(self, leaf: Any, part: Array) -> None:
        """Add a gradient to those of a leaf that is wanted, or that has hooks."""
        if self._wanted is None:
            seen = self._hooked.get(id(leaf))
            self._hooked[id(leaf)] = (leaf, part if seen is None else seen[1] + part)
        elif id(leaf) in self._leaves:
            before = self._collected.get(id(leaf))
            self._collected[id(leaf)] = part if before is None else before + part


def _check_unchanged(node: Node) -> None:
    """Check that the saved tensors of a node were not changed in place since forward."""
    for position in node.operation.saved:
        read = not node.operation.crosswise or node.sources[1 - position] is not None
        if position != OUT and read and node.inputs[position].changed_at > node.number:
            refuse_changed(node.inputs[position], node.number)


def accumulate_grad(leaf: core.Tensor, part: Array, fresh: bool) -> None:
    """Add `part` to `leaf.grad`; if it is `fresh`, its memory may become the leaf's gradient."""
    if leaf._grad is not None:
        leaf._grad = core.Tensor(np.asarray(leaf._grad.array + part, leaf.array.dtype))
    elif fresh and part.__class__ is np.ndarray and part.dtype is leaf.array.dtype and part.flags.c_contiguous:
        leaf._grad = core.Tensor(part)
    else:
        leaf._grad = core.Tensor(np.array(part, leaf.array.dtype))


def refuse_changed(source: core.Tensor, saved: int) -> None:
    """Raise the error for a tensor that was changed in place since it was saved, at the moment `saved`.

    Raises:
        GraphError: always.
    """
    expected, lost = source.version_at(saved), source.version - source.version_at(saved) >= LAST_CHANGES
    raise GraphError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[torch.{type_name(source.dtype)}Tensor {list(source.shape)}] is at version {source.version}; expected "
        f"version {expected}{' or earlier' if lost else ''} instead.",
        "change a copy (clone()), use the operation that gives a new tensor, or go backward first",
    )

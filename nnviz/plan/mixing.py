"""Mixing: runs that differ in their activations alone get the same form, so that one plan has room for all of them.

An operation of a mixed step computes what its own model computes, in memory that every alternative could work in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from numpy.typing import DTypeLike

from nnviz.autograd.kernel import Bound, Call, Kernel, Workspace, nothing
from nnviz.autograd.operation import OUT, Operation, Shape
from nnviz.plan.backward import gradient_into
from nnviz.plan.forward import result_into
from nnviz.plan.tracing import Step, Traced


def mix(traces: Sequence[Traced]) -> None:
    """Where the steps of these runs have other elementwise operations of one array, put mixed ones in their place.

    Runs that differ in anything else stay as they are.
    """
    if len({len(traced.steps) for traced in traces}) != 1:
        return
    for steps in zip(*(traced.steps for traced in traces), strict=True):
        alternatives = tuple(dict.fromkeys(step.operation for step in steps))
        if len(alternatives) > 1 and all(map(_can_mix, steps)):
            for step in steps:
                step.operation = mixed(step.operation, alternatives)


def _can_mix(step: Step) -> bool:
    operation, kernel = step.operation, step.operation.kernel
    plain = kernel is None or (
        not step.attributes and kernel.residuals is nothing and kernel.order is None and kernel.saved is None
    )
    return operation.elementwise and not operation.view and not operation.stochastic and len(step.inputs) == 1 and plain


@lru_cache(maxsize=256)
def mixed(own: Operation, alternatives: tuple[Operation, ...]) -> Operation:
    """`own`, in the form that it has in common with the alternatives, of which it is one."""
    kernels = [one.kernel or _fallback(one) for one in alternatives]
    at = alternatives.index(own)

    def scratch(dtype: DTypeLike, *shapes: Shape, **_: Any) -> list[Workspace]:
        # Those that need some have no attributes; see `_can_mix`.
        return [one for kernel in kernels for one in kernel.scratch(dtype, *shapes)]

    def backward(bound: Bound) -> list[Call]:
        shapes = [array.shape for array in bound.inputs]
        sizes = [len(kernel.scratch(bound.out.dtype, *shapes)) for kernel in kernels]
        start = sum(sizes[:at])
        chosen = kernels[at].backward
        assert chosen is not None  # noqa: S101 (every activation has a gradient)
        return chosen(replace(bound, scratch=bound.scratch[start : start + sizes[at]]))

    kernel = Kernel(kernels[at].forward, backward, scratch=scratch, elementwise=True)
    name = " or ".join(one.name for one in alternatives)
    return replace(own, name=name, saved=(0, OUT), kernel=kernel)


def _fallback(operation: Operation) -> Kernel:
    """A kernel that calls the functions of an operation without one."""

    def forward(bound: Bound) -> list[Call]:
        return [partial(result_into, bound.out, operation.forward, list(bound.inputs), bound.attributes)]

    def backward(bound: Bound) -> list[Call]:
        (rule,), (into,) = operation.rules(1), bound.grads
        assert rule is not None and into is not None  # noqa: S101, PT018 (an activation has a gradient, and it is wanted)
        return [partial(gradient_into, into, rule, bound.g, bound.out, list(bound.inputs), bound.attributes)]

    return Kernel(forward, backward, elementwise=True)

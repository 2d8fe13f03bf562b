"""The instructions of forward: where each one writes, and in which memory layout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from nnviz.autograd.kernel import Bound, Call, Kernel
from nnviz.plan.layout import arrays_of, as_view
from nnviz.plan.tracing import Step, Traced
from nnviz.plan.values import Array, Instruction, Value


def forward(traced: Traced) -> list[Instruction]:
    """The instructions that compute every step, in order."""
    return [found for step in traced.steps if (found := _forward_of(step)) is not None]


def _forward_of(step: Step) -> Instruction | None:
    operation, kernel = step.operation, step.operation.kernel
    if operation.view:
        view = as_view(lambda a: operation.forward(a, **step.attributes), step.inputs[0])
        if view is not None:
            step.out.view_of = (step.inputs[0], view)
            return None
    if kernel is None:
        bind = partial(_copy_forward, step)
        return Instruction(
            operation.name, operation, "forward", step.inputs, (step.out,), bind, native=False, covers=step.covers
        )
    step.out.order = _order(step, kernel)
    shapes = [value.shape for value in step.inputs]
    step.residuals = tuple(
        Value("saved", f"{operation.name} keeps", shape, np.dtype(dtype))
        for shape, dtype in kernel.residuals(step.out.dtype, *shapes, **step.attributes)
    )
    in_place = ((step.out, step.inputs[0]),) if kernel.in_place and step.inputs[0].shape == step.out.shape else ()
    bind = partial(_bind_forward, step, kernel)
    writes = (step.out, *step.residuals)
    return Instruction(operation.name, operation, "forward", step.inputs, writes, bind, in_place, covers=step.covers)


def _order(step: Step, kernel: Kernel) -> tuple[int, ...] | None:
    """The memory layout of the result: the kernel's own, or for an elementwise kernel that of the inputs."""
    if kernel.order is not None and len(kernel.order) == len(step.out.shape):
        return kernel.order
    orders = {value.order for value in step.inputs if value.shape == step.out.shape}
    return next(iter(orders)) if kernel.elementwise and len(orders) == 1 else None


def _copy_forward(step: Step, _: Instruction) -> list[Call]:
    arrays = [value.bound() for value in step.inputs]
    return [partial(result_into, step.out.bound(), step.operation.forward, arrays, step.attributes)]


def result_into(out: Array, forward: Callable[..., Array], arrays: Sequence[Array], attributes: dict[str, Any]) -> None:
    """Compute an operation by its function, which allocates the result, and copy that to the plan's memory."""
    np.copyto(out, forward(*arrays, **attributes))


def _bind_forward(step: Step, kernel: Kernel, instruction: Instruction) -> list[Call]:
    arrays = arrays_of(kernel, (*step.inputs, step.out))
    residuals = [value.bound() for value in step.residuals]
    return kernel.forward(
        Bound(arrays[:-1], arrays[-1], step.attributes, residuals, own=instruction.own, full=instruction.full)
    )

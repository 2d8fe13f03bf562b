"""Fusion: one operation in the place of several."""

from __future__ import annotations

from collections.abc import Callable

from nnviz.autograd import ops
from nnviz.plan.tracing import Step, Traced
from nnviz.plan.values import Value


def fuse(traced: Traced) -> None:
    """Replace several operations by one, where no other operation reads the intermediate results."""
    _replace(traced, _linear_at)
    _replace(traced, _cross_entropy_at)
    _replace(traced, _pool_first_at)


Match = tuple[tuple[Step, ...], tuple[Step, ...]]
"""The replacement of a step, and the earlier steps that are no longer needed."""


def _replace(traced: Traced, match: Callable[[Step, dict[Value, Step], dict[Value, int]], Match | None]) -> None:
    makers = {step.out: step for step in traced.steps}
    users: dict[Value, int] = {traced.out: 1}
    for step in traced.steps:
        for value in step.inputs:
            users[value] = users.get(value, 0) + 1
    gone: set[Step] = set()
    new: dict[Step, tuple[Step, ...]] = {}
    for step in reversed(traced.steps):
        found = None if step in gone else match(step, makers, users)
        if found is not None:
            new[step] = found[0]
            gone.update(found[1])
    traced.steps = [one for step in traced.steps if step not in gone for one in new.get(step, (step,))]


def _linear_at(step: Step, makers: dict[Value, Step], users: dict[Value, int]) -> Match | None:
    """transpose, matmul (and add) as `linear`."""
    bias: tuple[Value, ...] = ()
    product, parts = step, []
    if step.operation is ops.add and len(step.inputs[1].shape) == 1:
        maker = makers.get(step.inputs[0])
        if maker is None or users[step.inputs[0]] != 1 or step.out.shape != step.inputs[0].shape:
            return None
        product, bias, parts = maker, step.inputs[1:], [maker]
    if product.operation is not ops.matmul:
        return None
    x, weight = product.inputs
    turned = makers.get(weight)
    if turned is None or turned.operation is not ops.transpose or users[weight] != 1 or len(weight.shape) != 2:
        return None
    if bias and bias[0].shape != product.out.shape[-1:]:
        return None
    inputs = (x, turned.inputs[0], *bias)
    gone = (*parts, turned)
    return (Step(ops.linear, inputs, step.out, {}, _covers(step, *gone)),), gone


def _cross_entropy_at(step: Step, makers: dict[Value, Step], users: dict[Value, int]) -> Match | None:
    """log_softmax, nll and mean as `cross_entropy`."""
    if step.operation is not ops.mean or step.attributes.get("dim") is not None:
        return None
    losses = makers.get(step.inputs[0])
    if losses is None or losses.operation is not ops.nll or users[step.inputs[0]] != 1 or step.out.shape:
        return None
    logs = makers.get(losses.inputs[0])
    if logs is None or logs.operation is not ops.log_softmax or users[losses.inputs[0]] != 1:
        return None
    scores = logs.inputs[0]
    if len(scores.shape) != 2 or logs.attributes["dim"] not in (1, -1):
        return None
    covers = _covers(step, losses, logs)
    return (Step(ops.cross_entropy, (scores, losses.inputs[1]), step.out, {}, covers),), (losses, logs)


def _covers(*steps: Step) -> tuple[int, ...]:
    return tuple(sorted(number for step in steps for number in step.covers))


def _pool_first_at(step: Step, makers: dict[Value, Step], users: dict[Value, int]) -> Match | None:
    """max_pool2d(relu(x)) as relu(max_pool2d(x)), which applies relu to fewer numbers; the gradients are equal too."""
    if step.operation is not ops.max_pool2d:
        return None
    relu = makers.get(step.inputs[0])
    if relu is None or relu.operation is not ops.relu or users[relu.out] != 1:
        return None
    largest = Value("result", step.operation.name, step.out.shape, step.out.dtype)
    pool = Step(step.operation, relu.inputs, largest, step.attributes, step.covers)
    return (pool, Step(relu.operation, (largest,), step.out, relu.attributes, relu.covers)), (relu,)

"""The instructions of backward: every gradient is complete before it is propagated; dead ones are left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import Any

import numpy as np

from nnviz.autograd import without_data
from nnviz.autograd.kernel import Bound, Call, Kernel, ones
from nnviz.autograd.operation import OUT, Array, unbroadcast
from nnviz.plan.layout import arrays_of, as_view, in_layout, permutation, trial_of
from nnviz.plan.tracing import Step, Traced
from nnviz.plan.values import Instruction, Value


class Backward:
    """The gradients of one traced run, from its result to its parameters.

    Args:
        traced: the run, fused, with its forward instructions made.
        into: the memory for the gradient of each parameter, by its value.

    Attributes:
        reached: the parameters that get a gradient.
    """

    def __init__(self, traced: Traced, into: dict[Value, Array]) -> None:
        self._traced = traced
        self._into = into
        self._wanted = set(into)
        self.reached: set[Value] = set()
        self._parts: dict[Value, list[Value]] = {}
        self.order: list[Instruction] = []
        self._makers: dict[Value, Instruction] = {}
        self._read: set[Value] = set()

    def instructions(self) -> list[Instruction]:
        """In reverse topological order; each gradient is complete before it is propagated, dead ones are left out."""
        for step in self._traced.steps:
            rules = step.operation.rules(len(step.inputs))
            if any(v in self._wanted for v, rule in zip(step.inputs, rules, strict=True) if rule is not None):
                self._wanted.add(step.out)
        out = self._traced.out
        self._parts[out] = [Value("constant", "1.0", out.shape, out.dtype, ones(out.shape, out.dtype))]
        for step in reversed(self._traced.steps):
            if step.out in self._wanted and step.out in self._parts:
                self._through(step, self._complete(step.out))
        for value, array in self._into.items():
            self._finish(value, array)
        return self.order

    def _append(self, instruction: Instruction) -> None:
        """Append an instruction, and note which one writes each value and which values are read."""
        self.order.append(instruction)
        self._makers |= dict.fromkeys(instruction.writes, instruction)
        self._read.update(value.root for value in instruction.reads)

    def _complete(self, value: Value) -> Value:
        """The gradient of `value`: the sum of all its parts."""
        return reduce(self._sum, self._parts.pop(value))

    def _sum(self, one: Value, other: Value, into: Array | None = None) -> Value:
        both = Value("gradient", "sum", one.shape, one.dtype, into, one.order if one.order == other.order else None)
        in_place = () if into is not None else ((both, one),)

        def bind(_: Instruction) -> list[Call]:
            return [partial(np.add, one.bound(), other.bound(), both.bound())]

        self._append(Instruction("sum", None, "backward", (one, other), (both,), bind, in_place))
        return both

    def _finish(self, value: Value, array: Array) -> None:
        """Write the gradient of a parameter to its place in the flat array."""
        parts = self._parts.pop(value, [])
        if not parts:
            array[...] = 0
            return
        self.reached.add(value)
        if len(parts) == 1:
            self._land(parts[0], array)
        else:
            *most, final = parts
            self._sum(reduce(self._sum, most), final, array)

    def _land(self, part: Value, array: Array) -> None:
        """Compute a gradient directly in its place, or copy it there if its memory belongs to another value."""
        maker = self._makers.get(part)
        if maker is not None and part.view_of is None and part not in self._read:
            part.array, part.order = array, None
            maker.in_place = [pair for pair in maker.in_place if pair[0] is not part]
            return
        target = Value("gradient", "copy", array.shape, array.dtype, array)

        def bind(_: Instruction) -> list[Call]:
            return [partial(np.copyto, array, part.bound())]

        self._append(Instruction("copy", None, "backward", (part,), (target,), bind))

    def _through(self, step: Step, g: Value) -> None:
        rules = step.operation.rules(len(step.inputs))
        wanted = [rule is not None and value in self._wanted for value, rule in zip(step.inputs, rules, strict=True)]
        if step.operation.view and wanted[0]:
            rule = rules[0]
            source = step.inputs[0]
            shape, attributes = source.shape, step.attributes

            def back(array: Array) -> Array:
                assert rule is not None  # noqa: S101 (it is wanted)
                return rule(array, array, without_data(shape, array.dtype), **attributes)

            view = as_view(back, g)
            if view is not None and view(trial_of(g)).shape == shape:
                self._add(source, Value("gradient", f"of {source.name}", shape, g.dtype, view_of=(g, view)))
                return
        kernel = step.operation.kernel
        identity_grads = () if kernel is None else kernel.identity_grads
        rest = list(wanted)
        for position in identity_grads:
            value = step.inputs[position]
            if wanted[position] and value.shape == g.shape:
                self._add(value, Value("gradient", g.name, g.shape, g.dtype, view_of=(g, _same), order=g.order))
                rest[position] = False
        if any(rest):
            self._compute(step, g, rest)

    def _compute(self, step: Step, g: Value, wanted: list[bool]) -> None:
        kernel = step.operation.kernel
        native = kernel is not None and kernel.backward is not None
        grads = [
            Value("gradient", f"of {value.name}", value.shape, value.dtype, order=permutation(value)) if want else None
            for value, want in zip(step.inputs, wanted, strict=True)
        ]
        saved = step.operation.saved
        if native and kernel is not None and kernel.saved is not None:
            saved = kernel.saved
        kept = [step.out if position == OUT else step.inputs[position] for position in saved]
        writes = [value for value in grads if value is not None]
        shapes = [value.shape for value in step.inputs]
        if native:
            assert kernel is not None  # noqa: S101 (native says so)
            in_place = (
                ((writes[0], g),) if kernel.in_place and grads[0] is not None and grads[0].shape == g.shape else ()
            )
            workspace = kernel.scratch(step.out.dtype, *shapes, **step.attributes)
            bind = partial(_bind_backward, step, kernel, g, grads)
            reads = (g, *kept, *step.residuals)
        else:
            in_place, workspace, reads = (), [], (g, *kept)
            bind = partial(_copy_backward, step, g, grads)
        self._append(
            Instruction(
                step.operation.name, step.operation, "backward", reads, writes, bind, in_place, workspace,
                native=native, covers=step.covers,
            )
        )  # fmt: skip
        for value, grad in zip(step.inputs, grads, strict=True):
            if grad is not None:
                self._add(value, grad)

    def _add(self, value: Value, part: Value) -> None:
        self._parts.setdefault(value, []).append(part)


def _same(array: Array) -> Array:
    return array


def _bind_backward(
    step: Step, kernel: Kernel, g: Value, grads: list[Value | None], instruction: Instruction
) -> list[Call]:
    values = [*step.inputs, step.out, g, *(grad for grad in grads if grad is not None)]
    arrays = iter(arrays_of(kernel, values))
    inputs = [next(arrays) for _ in step.inputs]
    out, upstream = next(arrays), next(arrays)
    into = [None if grad is None else next(arrays) for grad in grads]
    assert kernel.backward is not None  # noqa: S101 (only then it is bound)
    residuals = [value.bound() for value in step.residuals]
    scratch = in_layout(instruction.scratch, out)
    kept = instruction.own, instruction.full
    return kernel.backward(Bound(inputs, out, step.attributes, residuals, scratch, upstream, into, *kept))


def _copy_backward(step: Step, g: Value, grads: list[Value | None], _: Instruction) -> list[Call]:
    arrays, out, upstream = [value.bound() for value in step.inputs], step.out.bound(), g.bound()
    return [
        partial(gradient_into, grad.bound(), rule, upstream, out, arrays, step.attributes)
        for rule, grad in zip(step.operation.rules(len(arrays)), grads, strict=True)
        if rule is not None and grad is not None
    ]


def gradient_into(
    into: Array, rule: Callable[..., Array], g: Array, out: Array, arrays: Sequence[Array], attributes: dict[str, Any]
) -> None:
    """Compute the gradient of one input by its rule, which allocates it, and copy that to the plan's memory."""
    part = rule(g, out, *arrays, **attributes)
    np.copyto(into, part if part.shape == into.shape else unbroadcast(part, into.shape))

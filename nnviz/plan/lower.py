"""From a model to instructions: one run on shapes alone, fused, then turned round for the gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from nnviz.autograd import Node, Operation, Tensor, abstract, ops, topological_order, without_data
from nnviz.autograd.kernel import Bound, Call, Kernel
from nnviz.autograd.operation import OUT, Array, unbroadcast
from nnviz.errors import GraphError
from nnviz.nn import Buffer, Parameter
from nnviz.plan.values import Instruction, Value


@dataclass(eq=False)
class Step:
    """One operation of the plan, before anything is known of memory."""

    operation: Operation
    inputs: tuple[Value, ...]
    out: Value
    attributes: dict[str, Any]
    fused: tuple[str, ...] = ()
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
    steps = []
    for node in order:
        for tensor in node.inputs:
            if tensor.node is None and id(tensor) not in found:
                found[id(tensor)] = _leaf(tensor)
                leaves.append((tensor, found[id(tensor)]))
        out = Value("result", node.operation.name, node.result.shape, node.result.dtype)
        read = tuple(found[id(t)] if t.node is None else values[t.node] for t in node.inputs)
        values[node] = out
        steps.append(Step(node.operation, read, out, node.attributes))
    return Traced(steps, inputs, leaves, values[result.node])


def _leaf(tensor: Tensor) -> Value:
    """A tensor that was there before."""
    array = tensor.array
    if array.base is not None and array.ndim and not any(array.strides):
        raise GraphError(
            "the computation uses numbers that it took from a result, and here are only shapes",
            "a plan follows operations alone",
        )
    if isinstance(tensor, Parameter):
        return Value("parameter", "parameter", tensor.shape, tensor.dtype, array)
    return Value("constant", "buffer" if isinstance(tensor, Buffer) else "constant", tensor.shape, tensor.dtype, array)


def fuse(traced: Traced) -> None:
    """Put one operation in the place of several, where nobody else reads what is in between."""
    _replace(traced, _linear_at)
    _replace(traced, _cross_entropy_at)
    _replace(traced, _pool_first_at)


Match = tuple[tuple[Step, ...], tuple[Step, ...]]
"""What comes in the place of a step, and the earlier steps that are no longer needed."""


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
    names = ("transpose", "matmul", "add") if bias else ("transpose", "matmul")
    inputs = (x, turned.inputs[0], *bias)
    return (Step(ops.linear, inputs, step.out, {}, names),), (*parts, turned)


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
    names = ("log_softmax", "nll", "mean")
    return (Step(ops.cross_entropy, (scores, losses.inputs[1]), step.out, {}, names),), (losses, logs)


def _pool_first_at(step: Step, makers: dict[Value, Step], users: dict[Value, int]) -> Match | None:
    """The largest of relu(x) is relu of the largest x, with fewer numbers to bend; so are its gradients."""
    bent = makers.get(step.inputs[0])
    if step.operation is not ops.max_pool2d or bent is None or bent.operation is not ops.relu or users[bent.out] != 1:
        return None
    largest = Value("result", step.operation.name, step.out.shape, step.out.dtype)
    pool = Step(step.operation, bent.inputs, largest, step.attributes)
    return (pool, Step(bent.operation, (largest,), step.out, bent.attributes, ("relu", "max_pool2d"))), (bent,)


def forward(traced: Traced) -> list[Instruction]:
    """The instructions that compute every step, in order."""
    return [found for step in traced.steps if (found := _forward_of(step)) is not None]


def _forward_of(step: Step) -> Instruction | None:
    operation, kernel = step.operation, step.operation.kernel
    if operation.view:
        look = _look(lambda a: operation.forward(a, **step.attributes), step.inputs[0])
        if look is not None:
            step.out.looks_at = (step.inputs[0], look)
            return None
    if kernel is None:
        return Instruction(
            operation.name, operation, "forward", step.inputs, (step.out,), partial(_copy_forward, step), native=False
        )
    step.out.order = _order(step, kernel)
    shapes = [value.shape for value in step.inputs]
    step.saved = tuple(
        Value("saved", f"{operation.name} keeps", shape, np.dtype(dtype))
        for shape, dtype in kernel.saved(step.out.dtype, *shapes, **step.attributes)
    )
    over = ((step.out, step.inputs[0]),) if kernel.over and step.inputs[0].shape == step.out.shape else ()
    bind = partial(_bind_forward, step, kernel)
    return Instruction(operation.name, operation, "forward", step.inputs, (step.out, *step.saved), bind, over)


def _order(step: Step, kernel: Kernel) -> tuple[int, ...] | None:
    """The order of memory of the result: the kernel's own, or for element by element that of the inputs."""
    if kernel.order is not None and len(kernel.order) == len(step.out.shape):
        return kernel.order
    orders = {value.order for value in step.inputs if value.shape == step.out.shape}
    return next(iter(orders)) if kernel.elementwise and len(orders) == 1 else None


def _look(look: Callable[[Array], Array], source: Value) -> Callable[[Array], Array] | None:
    """`look` if what it gives is the source's own memory, in the order in which the source lies."""
    trial = _trial_of(source)
    return look if trial.size and np.may_share_memory(look(trial), trial) else None


def _trial_of(value: Value) -> Array:
    """An array that lies in memory as the value will; its numbers are never touched."""
    if value.array is not None:
        return value.array
    if value.looks_at is not None:
        return value.looks_at[1](_trial_of(value.looks_at[0]))
    if value.order is None:
        return np.empty(value.shape, value.dtype)
    return np.empty(tuple(value.shape[i] for i in np.argsort(value.order)), value.dtype).transpose(value.order)


def _lies(value: Value) -> tuple[int, ...] | None:
    """The order in which the dimensions of a value lie in memory, so that its gradient can lie in the same way."""
    if value.looks_at is None:
        return value.order
    trial = _trial_of(value)
    lying = tuple(sorted(range(trial.ndim), key=lambda i: (-trial.strides[i], i)))
    order = tuple(int(i) for i in np.argsort(lying))
    return order if trial.transpose(lying).flags.c_contiguous and order != tuple(range(trial.ndim)) else None


def _copy_forward(step: Step, _: Instruction) -> list[Call]:
    arrays, out = [value.bound() for value in step.inputs], step.out.bound()
    operation, attributes = step.operation, step.attributes
    return [lambda: np.copyto(out, operation.forward(*arrays, **attributes))]


def _bind_forward(step: Step, kernel: Kernel, instruction: Instruction) -> list[Call]:
    arrays = _arrays(kernel, (*step.inputs, step.out))
    saved = [value.bound() for value in step.saved]
    return kernel.forward(Bound(arrays[:-1], arrays[-1], step.attributes, saved, _laid(instruction.spares, arrays[-1])))


def _laid(spares: Sequence[Array], like: Array) -> list[Array]:
    """Room of the result's size in the order in which the result lies."""
    return [spare.reshape(like.shape) if spare.size == like.size else spare for spare in spares]


def _arrays(kernel: Kernel, values: Sequence[Value]) -> list[Array]:
    """The arrays of an operation; as they lie in memory where all lie alike and only elements count."""
    alike = len({(value.order, value.shape) for value in values}) == 1
    return [value.memory() if alike and kernel.elementwise else value.bound() for value in values]


class Backward:
    """The gradients of one traced run, from its result to its parameters.

    Args:
        traced: the run, fused, with its forward instructions made.
        into: where the gradient of each parameter goes, by its value.
    """

    def __init__(self, traced: Traced, into: dict[Value, Array]) -> None:
        self._traced = traced
        self._into = into
        self._wanted = set(into)
        self._parts: dict[Value, list[Value]] = {}
        self.order: list[Instruction] = []

    def instructions(self) -> list[Instruction]:
        """In reverse topological order, each gradient complete before it is passed on; dead ones are not computed."""
        for step in self._traced.steps:
            rules = step.operation.rules(len(step.inputs))
            if any(v in self._wanted for v, rule in zip(step.inputs, rules, strict=True) if rule is not None):
                self._wanted.add(step.out)
        out = self._traced.out
        self._parts[out] = [Value("constant", "1", out.shape, out.dtype, np.ones(out.shape, out.dtype))]
        for step in reversed(self._traced.steps):
            if step.out in self._wanted and step.out in self._parts:
                self._through(step, self._complete(step.out))
        for value, array in self._into.items():
            self._finish(value, array)
        return self.order

    def _complete(self, value: Value) -> Value:
        """The gradient of `value`: the sum of all its parts."""
        total, *rest = self._parts.pop(value)
        for part in rest:
            total = self._sum(total, part)
        return total

    def _sum(self, one: Value, other: Value, into: Array | None = None) -> Value:
        both = Value("gradient", "sum", one.shape, one.dtype, into, one.order if one.order == other.order else None)
        over = () if into is not None else ((both, one),)

        def bind(_: Instruction) -> list[Call]:
            return [partial(np.add, one.bound(), other.bound(), both.bound())]

        self.order.append(Instruction("sum", None, "backward", (one, other), (both,), bind, over))
        return both

    def _finish(self, value: Value, array: Array) -> None:
        """Leave the gradient of a parameter where it belongs."""
        parts = self._parts.pop(value, [])
        if not parts:
            array[...] = 0
        elif len(parts) == 1:
            self._land(parts[0], array)
        else:
            *most, final = parts
            total = most[0]
            for part in most[1:]:
                total = self._sum(total, part)
            self._sum(total, final, array)

    def _land(self, part: Value, array: Array) -> None:
        """Compute a gradient where it is wanted, or copy it there if it is somebody's memory."""
        maker = next((i for i in self.order if part in i.writes), None)
        if (
            maker is not None
            and part.looks_at is None
            and not any(part.root is v.root for i in self.order for v in i.reads)
        ):
            part.array, part.order = array, None
            maker.over = [pair for pair in maker.over if pair[0] is not part]
            return
        target = Value("gradient", "copy", array.shape, array.dtype, array)

        def bind(_: Instruction) -> list[Call]:
            return [partial(np.copyto, array, part.bound())]

        self.order.append(Instruction("copy", None, "backward", (part,), (target,), bind))

    def _through(self, step: Step, g: Value) -> None:
        rules = step.operation.rules(len(step.inputs))
        wanted = [rule is not None and value in self._wanted for value, rule in zip(step.inputs, rules, strict=True)]
        if step.operation.view and wanted[0]:
            rule = rules[0]
            source = step.inputs[0]
            shape, attributes = source.shape, step.attributes

            def back(array: Array) -> Array:
                assert rule is not None  # noqa: S101 (it is wanted)
                return rule(array, array, _shaped(shape, array.dtype), **attributes)

            look = _look(back, g)
            if look is not None and look(_trial_of(g)).shape == shape:
                self._add(source, Value("gradient", f"of {source.name}", shape, g.dtype, looks_at=(g, look)))
                return
        kernel = step.operation.kernel
        passes = () if kernel is None else kernel.passes
        rest = list(wanted)
        for position in passes:
            value = step.inputs[position]
            if wanted[position] and value.shape == g.shape:
                self._add(value, Value("gradient", g.name, g.shape, g.dtype, looks_at=(g, _same), order=g.order))
                rest[position] = False
        if any(rest):
            self._compute(step, g, rest)

    def _compute(self, step: Step, g: Value, wanted: list[bool]) -> None:
        kernel = step.operation.kernel
        native = kernel is not None and kernel.backward is not None
        grads = [
            Value("gradient", f"of {value.name}", value.shape, value.dtype, order=_lies(value)) if want else None
            for value, want in zip(step.inputs, wanted, strict=True)
        ]
        keeps = step.operation.keeps
        if native and kernel is not None and kernel.keeps is not None:
            keeps = kernel.keeps
        kept = [step.out if position == OUT else step.inputs[position] for position in keeps]
        writes = [value for value in grads if value is not None]
        shapes = [value.shape for value in step.inputs]
        if native:
            assert kernel is not None  # noqa: S101 (native says so)
            over = ((writes[0], g),) if kernel.over and grads[0] is not None and grads[0].shape == g.shape else ()
            spare = kernel.spare(step.out.dtype, *shapes, **step.attributes)
            bind = partial(_bind_backward, step, kernel, g, grads)
            reads = (g, *kept, *step.saved)
            self.order.append(
                Instruction(step.operation.name, step.operation, "backward", reads, writes, bind, over, spare)
            )
        else:
            bind = partial(_copy_backward, step, g, grads)
            self.order.append(
                Instruction(step.operation.name, step.operation, "backward", (g, *kept), writes, bind, native=False)
            )
        for value, grad in zip(step.inputs, grads, strict=True):
            if grad is not None:
                self._add(value, grad)

    def _add(self, value: Value, part: Value) -> None:
        self._parts.setdefault(value, []).append(part)


def _same(array: Array) -> Array:
    return array


def _shaped(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """An array of that shape for a rule that reads no more than the shape."""
    return without_data(shape, dtype)


def _bind_backward(
    step: Step, kernel: Kernel, g: Value, grads: list[Value | None], instruction: Instruction
) -> list[Call]:
    values = [*step.inputs, step.out, g, *(grad for grad in grads if grad is not None)]
    arrays = iter(_arrays(kernel, values))
    inputs = [next(arrays) for _ in step.inputs]
    out, upstream = next(arrays), next(arrays)
    into = [None if grad is None else next(arrays) for grad in grads]
    assert kernel.backward is not None  # noqa: S101 (only then it is bound)
    saved = [value.bound() for value in step.saved]
    spares = _laid(instruction.spares, out)
    return kernel.backward(Bound(inputs, out, step.attributes, saved, spares, upstream, into))


def _copy_backward(step: Step, g: Value, grads: list[Value | None], _: Instruction) -> list[Call]:
    operation, attributes = step.operation, step.attributes
    arrays, out, upstream = [value.bound() for value in step.inputs], step.out.bound(), g.bound()
    rules = operation.rules(len(arrays))

    def one(rule: Callable[..., Array], into: Array) -> Call:
        def call() -> None:
            part = rule(upstream, out, *arrays, **attributes)
            np.copyto(into, part if part.shape == into.shape else unbroadcast(part, into.shape))

        return call

    return [
        one(rule, grad.bound())
        for rule, grad in zip(rules, grads, strict=True)
        if rule is not None and grad is not None
    ]

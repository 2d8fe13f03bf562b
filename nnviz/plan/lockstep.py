"""Many models trained in lock step: one plan with a leading axis over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.kernel import Call
from nnviz.autograd.modes import quiet
from nnviz.errors import GraphError
from nnviz.nn import Module
from nnviz.optim import Optimizer
from nnviz.optim.groups import Group
from nnviz.plan.flat import CHUNK
from nnviz.plan.memory import aligned
from nnviz.plan.mixing import mix
from nnviz.plan.program import Given, Program
from nnviz.plan.stacking import signature, stack_calls, whole_of
from nnviz.plan.step import Run
from nnviz.plan.tracing import Traced, trace
from nnviz.plan.values import Array, Instruction

ALONE = "train these models one by one"
"""The hint where models cannot be trained together."""


class StackedProgram:
    """The programs of several models that make the same calls, as one.

    Args:
        traces: the traced run of each model, which is taken over.
        into: for each model the memory for the gradient of each parameter, by its identity; None without a backward.

    Raises:
        GraphError: the programs differ in more than the numbers they work on.

    Attributes:
        inputs: the memory that inputs are copied to, each with a leading axis over the models.
        before: the calls of forward, in order.
        after: those of backward.
        programs: the program of each model.
    """

    def __init__(self, traces: Sequence[Traced], into: Sequence[dict[int, Array] | None] | None = None) -> None:
        count = len(traces)
        mix(traces)
        self.inputs = [np.zeros((count, *value.shape), value.dtype) for value in traces[0].inputs]
        programs = [
            Program.of(traced, targets, [array[number, ...] for array in self.inputs])
            for number, (traced, targets) in enumerate(zip(traces, into or [None] * count, strict=True))
        ]
        first = programs[0]
        if any(_form(program) != _form(first) for program in programs):
            raise GraphError("the models do not compute the same operations on arrays of the same shapes", ALONE)
        blocks = [aligned(size * count) for size in first.blocks]
        kept: list[Array] = []
        for number, program in enumerate(programs):
            program.bind(partial(_part, blocks, count, number), _Keeper(kept, count, number))
        self.programs = programs
        self._blocks = blocks
        outs = [program.out for program in programs]
        # Of results that are views of parameters or inputs there may be no common array.
        whole = whole_of(outs)
        self._copy: Callable[[], Array] = whole.copy if whole is not None else partial(np.stack, outs)
        self.before, self.after = self._calls("forward"), self._calls("backward")

    def _calls(self, direction: str) -> list[Call]:
        found: list[Call] = []
        for parts in zip(*(program.parts for program in self.programs), strict=True):
            if parts[0][0].direction == direction:
                found += _together(parts)
        return found

    def run(self, *inputs: Array) -> Array:
        """The results for these inputs, each with a leading axis over the models; forward alone."""
        for memory, array in zip(self.inputs, inputs, strict=True):
            memory[...] = array
        for call in self.before:
            call()
        return self._copy()

    @property
    def reached(self) -> list[frozenset[int]]:
        """For each model the identities of the parameters that get a gradient."""
        return [program.reached for program in self.programs]

    @property
    def stacked(self) -> float:
        """The share of the calls of one model that are made once for all of them."""
        alone = sum(len(calls) for _, calls in self.programs[0].parts)
        return 1 - (len(self.before) + len(self.after) - alone) / max(alone * (len(self.programs) - 1), 1)


def _together(parts: Sequence[tuple[Instruction, list[Call]]]) -> list[Call]:
    """The calls of one instruction for all models."""
    operation, found = parts[0][0].operation, list[Call]()
    # Of other activations, neighbors with the same one are computed at once.
    for _, alike in groupby((calls for _, calls in parts), key=lambda calls: tuple(map(signature, calls))):
        for calls in zip(*alike, strict=True):
            found += stack_calls(calls, operation)
    return found


def _form(program: Program) -> list[tuple[Any, ...]]:
    """What must agree between programs."""
    return [
        (
            instruction.name,
            instruction.direction,
            tuple((value.shape, value.dtype, value.order) for value in (*instruction.reads, *instruction.writes)),
        )
        for instruction in program.instructions
    ] + [(size,) for size in program.blocks]


def _part(
    blocks: list[Array], count: int, number: int, block: int, shape: Sequence[int], dtype: np.dtype[Any]
) -> Array:
    """The part of model `number` of an array in a block."""
    size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize * count
    whole: Array = blocks[block][:size].view(dtype).reshape(count, *shape)
    return whole[number, ...]


class _Keeper:
    """Allocates what kernels keep from one run to the next: each model has a part of an array for all."""

    def __init__(self, kept: list[Array], count: int, number: int) -> None:
        self._kept, self._count, self._number, self._at = kept, count, number, 0

    def __call__(self, shape: Any, value: float, dtype: Any) -> Array:
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        if self._number == 0:
            self._kept.append(np.full((self._count, *shape), value, dtype))
        whole, self._at = self._kept[self._at], self._at + 1
        assert whole.shape == (self._count, *shape)  # noqa: S101 (the programs have the same form)
        return whole[self._number, ...]


@dataclass
class Share:
    """Models that are updated at once: the same optimizer, with settings that differ in the rate alone."""

    optimizer: Optimizer
    group: Group
    parameters: Array
    gradients: Array
    kept: dict[str, Array]
    scratch: tuple[Array, Array]


class CompiledSteps:
    """Training steps of several models at once: `losses = steps(x, y)`.

    Each model takes the steps it would take alone, up to rounding: its numbers never meet those of another.

    Args:
        models: the models, with parameters of the same shapes; their parameters move into one array, of which each
            parameter's array is a view from then on.
        losses: the loss of each, of (output, target).
        optimizers: the optimizer of each, before its first step.

    Raises:
        GraphError: they cannot be trained together; the message says why.

    Attributes:
        count: how many models there are.
        steps: how many steps were taken.
    """

    def __init__(self, models: Sequence[Module], losses: Sequence[Run], optimizers: Sequence[Optimizer]) -> None:
        self.count, self.steps = len(models), 0
        self._models, self._losses, self._optimizers = models, losses, optimizers
        self._params = [list(model.parameters()) for model in models]
        _check(self._params, optimizers)
        first = self._params[0]
        ends = [0, *np.cumsum([param.numel() for param in first]).tolist()]
        self._slices = [slice(*pair) for pair in pairwise(ends)]
        self._owner = Tensor(np.zeros((self.count, ends[-1]), first[0].dtype))
        self._numbers, self._gradients = self._owner.array, np.zeros_like(self._owner.array)
        for row, params in zip(self._numbers, self._params, strict=True):
            for param, part in zip(params, self._slices, strict=True):
                view = row[part].reshape(param.shape)
                view[...] = param.array
                param.data = Tensor(view)
                param.belongs_to(self._owner)
        self._shares = list(self._grouped())
        self._programs: dict[tuple[Given, ...], StackedProgram] = {}

    def _grouped(self) -> Iterator[Share]:
        """Adjacent models with the same optimizer, few enough for the cache."""
        most = max(CHUNK // self._numbers.shape[1], 1)
        at = 0
        for _, adjacent in groupby(self._optimizers, key=_settings):
            own = list(adjacent)
            for start in range(0, len(own), most):
                some = own[start : start + most]
                rows = slice(at + start, at + start + len(some))
                yield _share(some, self._numbers[rows], self._gradients[rows])
            at += len(own)

    def program(self, x: Given, y: Given) -> StackedProgram:
        """The program for batches of one model of these shapes and types."""
        if (x, y) not in self._programs:
            traces = [
                trace(lambda x, y, model=model, loss=loss: loss(model(x), y), x, y)
                for model, loss in zip(self._models, self._losses, strict=True)
            ]
            self._programs[x, y] = StackedProgram(traces, [self._into(number) for number in range(self.count)])
            if any(len(reached) != len(self._slices) for reached in self._programs[x, y].reached):
                raise GraphError("a parameter has no influence on the loss, so that it gets no gradient", ALONE)
        return self._programs[x, y]

    def _into(self, number: int) -> dict[int, Array]:
        """The memory for the gradients of one model."""
        params, row = self._params[number], self._gradients[number]
        return {id(p): row[part].reshape(p.shape) for p, part in zip(params, self._slices, strict=True)}

    @quiet
    def __call__(self, x: Array, y: Array) -> Array:
        """Take one step of every model.

        Shape:
            - x: (models, batch, *sample_shape)
            - y: (models, batch, ...)
            - returned: (models,) the losses before the step
        """
        program = self.program((x.shape[1:], x.dtype), (y.shape[1:], y.dtype))
        losses = program.run(x, y)
        for call in program.after:
            call()
        self.steps += 1
        for share in self._shares:
            share.optimizer.move(
                share.parameters, share.gradients, share.kept, share.group, float(self.steps), share.scratch
            )
        return losses

    def hand_back(self) -> None:
        """Give every optimizer its state, as if it had taken the steps itself."""
        self._owner.memory.note_change()
        if not self.steps:
            return
        rows = ((share, number) for share in self._shares for number in range(len(share.parameters)))
        for (share, number), optimizer, params in zip(rows, self._optimizers, self._params, strict=True):
            for param, part in zip(params, self._slices, strict=True):
                state = {
                    name: Tensor(array[number, part].reshape(param.shape).copy()) for name, array in share.kept.items()
                }
                if optimizer.counted:
                    state["step"] = Tensor(np.array(float(self.steps)))
                if state:
                    optimizer.state[param] = state


def _check(params: Sequence[Sequence[Tensor]], optimizers: Sequence[Optimizer]) -> None:
    """Check that these models can be trained together.

    Raises:
        GraphError: they cannot.
    """
    forms = {tuple((param.shape, param.dtype) for param in own) for own in params}
    if len(forms) != 1:
        raise GraphError("the models have parameters of different shapes", ALONE)
    (form,) = forms
    if not form or len({dtype for _, dtype in form}) != 1:
        raise GraphError("the models have no parameters, or of more than one type", ALONE)
    for own, optimizer in zip(params, optimizers, strict=True):
        name = type(optimizer).__name__
        if type(optimizer).step is not Optimizer.step or "step" in vars(optimizer):
            raise GraphError(f"{name} has a step of its own", ALONE)
        if [id(param) for param in own] != [id(param) for param in optimizer.params] or len(
            optimizer.param_groups
        ) != 1:
            raise GraphError(f"{name} does not update all parameters of its model in one group", ALONE)
        if any(not param.requires_grad or param._hooks for param in own):
            raise GraphError("a parameter takes no gradient, or has hooks", ALONE)
        # Adagrad makes its state at once; without a count, there is none before the first step.
        kept = list(optimizer.state.values())
        if any(float(one["step"].array) for one in kept if "step" in one) or (kept and not optimizer.counted):
            raise GraphError(f"{name} has taken steps already", ALONE)


def _settings(optimizer: Optimizer) -> tuple[Any, ...]:
    """What models that are updated at once have in common."""
    group = optimizer.param_groups[0]
    return (type(optimizer), *((name, value) for name, value in group.items() if name not in ("params", "lr")))


def _share(optimizers: Sequence[Optimizer], parameters: Array, gradients: Array) -> Share:
    first = optimizers[0]
    rates = [float(optimizer.param_groups[0]["lr"]) for optimizer in optimizers]
    group = {name: value for name, value in first.param_groups[0].items() if name != "params"}
    group["lr"] = rates[0] if len(set(rates)) == 1 else np.array(rates)[:, None]
    kept = {name: np.full_like(parameters, first.initial(name)) for name in first.names(group)}
    return Share(first, group, parameters, gradients, kept, (np.zeros_like(parameters), np.zeros_like(parameters)))

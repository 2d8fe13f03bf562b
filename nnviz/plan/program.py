"""A program: the instructions of one plan in order, with their memory, bound to calls without arguments."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.operation import Shape
from nnviz.errors import GraphError
from nnviz.plan.backward import Backward
from nnviz.plan.forward import forward
from nnviz.plan.fusing import fuse
from nnviz.plan.memory import Memory, Part
from nnviz.plan.tracing import Traced, trace
from nnviz.plan.values import Array, Instruction, Value
from nnviz.plan.watch import Watch

Given = tuple[Shape, np.dtype[Any]]


@dataclass(frozen=True)
class Row:
    """One instruction, as data for the screen.

    Attributes:
        number: its position in the order, from 1.
        direction: forward or backward.
        name: the operation.
        covers: the operations of the tape that it replaces, by their numbers there; empty for sums and copies.
        reads: what it reads, as text: results of instructions by number, inputs and parameters by name.
        shape: the shape of its result.
        block: the number of the block of memory it writes to, from 1; None if that is not the plan's memory.
        reused: whether an earlier instruction wrote to that block.
        bytes: how much of the plan's memory it writes.
        needed_until: the number of the last instruction that reads it.
        native: whether it works in the plan's memory, or falls back on the tape's functions and copies.
    """

    number: int
    direction: Literal["forward", "backward"]
    name: str
    covers: tuple[int, ...]
    reads: str
    shape: Shape
    block: int | None
    reused: bool
    bytes: int
    needed_until: int
    native: bool


class Program:
    """The computation of a model for inputs of one shape; `bind` allocates its memory and makes its calls.

    Args:
        run: the computation.
        given: shape and type of its inputs.
        into: the memory for the gradient of each parameter, by the parameter's identity; None without a backward.
        watch: the Python values that the computation reads, if any.
        inputs: the memory that inputs are copied to, which is allocated if left out.

    Raises:
        GraphError: the computation cannot be planned, or its loss is not a single number.

    Attributes:
        inputs: the memory that inputs are copied to.
        out: the memory of the result.
        before: the calls of forward, in order.
        after: those of backward.
        parts: every instruction with its calls, in order.
        reached: the identities of the parameters that get a gradient.
    """

    def __init__(
        self,
        run: Callable[..., Tensor],
        *given: Given,
        into: dict[int, Array] | None = None,
        watch: Watch | None = None,
        inputs: Sequence[Array] | None = None,
    ) -> None:
        self._plan(trace(run, *given, watch=watch), into, inputs)

    @classmethod
    def of(cls, traced: Traced, into: dict[int, Array] | None = None, inputs: Sequence[Array] | None = None) -> Self:
        """The program of a run that is traced already, which it takes over."""
        program = cls.__new__(cls)
        program._plan(traced, into, inputs)
        return program

    def _plan(self, traced: Traced, into: dict[int, Array] | None, inputs: Sequence[Array] | None) -> None:
        if into is not None and math.prod(traced.out.shape) != 1:
            raise GraphError(
                "grad can be implicitly created only for scalar outputs",
                f"the loss has shape {list(traced.out.shape)}: reduce it with .sum() or .mean()",
            )
        fuse(traced)
        for number, value in enumerate(traced.inputs):
            value.array = np.zeros(value.shape, value.dtype) if inputs is None else inputs[number]
        self._leaves = [(tensor, tensor.array) for tensor, _ in traced.leaves]
        self._ahead = forward(traced)
        targets = {value: into[id(tensor)] for tensor, value in traced.leaves if into and id(tensor) in into}
        back = Backward(traced, targets)
        self._back = back.instructions() if targets else []
        self._memory = Memory([*self._ahead, *self._back], [traced.out])
        self._traced = traced
        self.reached = frozenset(id(tensor) for tensor, value in traced.leaves if value in back.reached)
        self.inputs = [value.bound() for value in traced.inputs]

    def bind(self, part: Part | None = None, full: Callable[..., Array] = np.full) -> Self:
        """Allocate the memory, and make every instruction's calls.

        Args:
            part: gives the memory of a shape and type in a block, by its number; blocks of its own if left out.
            full: allocates what a kernel keeps from one run to the next, of (shape, value, dtype).
        """
        self._memory.allocate(part)
        for instruction in (*self._ahead, *self._back):
            instruction.full = full
        self.out = self._traced.out.bound()
        ahead = [(instruction, instruction.bind(instruction)) for instruction in self._ahead]
        back = [(instruction, instruction.bind(instruction)) for instruction in self._back]
        self.before = [call for _, calls in ahead for call in calls]
        self.after = [call for _, calls in back for call in calls]
        self.parts = [*ahead, *back]
        return self

    @property
    def instructions(self) -> list[Instruction]:
        """All instructions, in order."""
        return [*self._ahead, *self._back]

    @property
    def blocks(self) -> list[int]:
        """The sizes of the blocks of memory, in bytes."""
        return self._memory.sizes

    @property
    def bytes(self) -> int:
        """The memory of all blocks and inputs: the peak of a run, not counting the parameters."""
        own = sum(array.nbytes for instruction in (*self._ahead, *self._back) for array in instruction.own)
        return sum(self.blocks) + sum(array.nbytes for array in self.inputs) + own

    @property
    def unshared(self) -> int:
        """The bytes that the blocks would take if every value had memory of its own."""
        return self._memory.unshared

    def is_stale(self) -> bool:
        """Whether a parameter or a buffer was moved to other memory since the program was made."""
        return any(tensor.array is not array for tensor, array in self._leaves)

    def rows(self) -> list[Row]:
        """Every instruction, as data for the screen."""
        numbers: dict[Value, int] = {}
        written: set[int] = set()
        found = []
        order = [*self._ahead, *self._back]
        for number, instruction in enumerate(order, 1):
            target = instruction.writes[0]
            reads = dict.fromkeys(self._name(value, numbers) for value in instruction.reads if value.kind != "saved")
            numbers |= dict.fromkeys(instruction.writes, number)
            block = target.root.block
            found.append(
                Row(
                    number,
                    instruction.direction,
                    instruction.name,
                    instruction.covers,
                    ", ".join(reads),
                    target.shape,
                    None if block is None else block + 1,
                    block in written,
                    sum(value.bytes for value in instruction.writes if value.root.block is not None),
                    min(max(self._memory.last[value.root] for value in instruction.writes) + 1, len(order)),
                    instruction.native,
                )
            )
            written |= {value.root.block for value in instruction.writes if value.root.block is not None}
        return found

    def _name(self, value: Value, numbers: dict[Value, int]) -> str:
        while value not in numbers and value.view_of is not None:
            value = value.view_of[0]
        return str(numbers.get(value, value.name))

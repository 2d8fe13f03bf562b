"""A program: the instructions of one plan in their order, with memory, bound to calls that only have to be made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.kernel import Call
from nnviz.autograd.operation import Shape
from nnviz.plan.lower import Backward, forward, fuse, trace
from nnviz.plan.memory import allocate, last_uses
from nnviz.plan.values import Array, Instruction, Value

Given = tuple[Shape, np.dtype[Any]]


@dataclass(frozen=True)
class Row:
    """One instruction, to be looked at.

    Attributes:
        number: its place in the order, from 1.
        direction: forward or backward.
        name: the operation.
        fused: the operations of the tape that it stands for, where there are several.
        reads: what it waits for, in words: earlier instructions by number, what is given by name.
        shape: the shape of what it gives.
        block: the number of the block of memory it writes to, from 1; None where that lies outside the plan's memory.
        bytes: how much it writes.
        needed_until: the number of the last instruction that reads it.
        native: whether it works in the plan's memory, or falls back on the tape's functions and copies.
    """

    number: int
    direction: str
    name: str
    fused: tuple[str, ...]
    reads: str
    shape: Shape
    block: int | None
    bytes: int
    needed_until: int
    native: bool


class Program:
    """What a model does with inputs of one shape, ordered once.

    Args:
        run: the computation.
        given: shape and type of its inputs.
        into: where the gradient of each parameter goes, by the parameter's identity; none for a forward alone.

    Attributes:
        inputs: the memory that inputs are copied to.
        out: the memory of the result.
        before: the calls of forward, in order.
        after: those of backward.
        reached: the identities of the parameters that get a gradient.
        blocks: the sizes of the blocks of memory, in bytes.
    """

    def __init__(self, run: Callable[..., Tensor], *given: Given, into: dict[int, Array] | None = None) -> None:
        traced = trace(run, *given)
        self.operations = [step.operation.name for step in traced.steps]
        fuse(traced)
        for value in traced.inputs:
            value.array = np.zeros(value.shape, value.dtype)
        self._leaves = [(tensor, tensor.array) for tensor, _ in traced.leaves]
        self._fused = {step.out: step.fused for step in traced.steps}
        ahead = forward(traced)
        targets = {value: into[id(tensor)] for tensor, value in traced.leaves if into and id(tensor) in into}
        back = Backward(traced, targets).instructions() if targets else []
        self._order = [*ahead, *back]
        self.blocks = allocate(self._order, [traced.out])
        self._last = last_uses(self._order, [traced.out])
        self._values = traced.inputs
        self.reached = frozenset(id(tensor) for tensor, value in traced.leaves if value in targets)
        self.inputs = [value.bound() for value in traced.inputs]
        self.out = traced.out.bound()
        self.before = _calls(ahead)
        self.after = _calls(back)

    @property
    def bytes(self) -> int:
        """The memory of all blocks and inputs: what a run takes at its peak, beside the parameters."""
        return sum(self.blocks) + sum(array.nbytes for array in self.inputs)

    def is_stale(self) -> bool:
        """Whether a parameter or a buffer has other memory than when the program was made."""
        return any(tensor.array is not array for tensor, array in self._leaves)

    def rows(self) -> list[Row]:
        """Every instruction, to be looked at."""
        numbers: dict[Value, int] = {}
        found = []
        for number, instruction in enumerate(self._order, 1):
            target = instruction.writes[0]
            reads = dict.fromkeys(self._name(value, numbers) for value in instruction.reads if value.kind != "saved")
            numbers |= dict.fromkeys(instruction.writes, number)
            root = target.root
            found.append(
                Row(
                    number,
                    instruction.direction,
                    instruction.name,
                    self._fused.get(target, ()),
                    ", ".join(reads),
                    target.shape,
                    None if root.block is None else root.block + 1,
                    sum(value.bytes for value in instruction.writes),
                    min(max(self._last[value.root] for value in instruction.writes) + 1, len(self._order)),
                    instruction.native,
                )
            )
        return found

    def _name(self, value: Value, numbers: dict[Value, int]) -> str:
        while value not in numbers and value.looks_at is not None:
            value = value.looks_at[0]
        return str(numbers.get(value, value.name))


def _calls(instructions: list[Instruction]) -> list[Call]:
    return [call for instruction in instructions for call in instruction.bind(instruction)]

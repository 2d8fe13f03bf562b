"""Memory of a plan: values whose lifetimes do not overlap share a block."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from nnviz.plan.layout import is_contiguous_in
from nnviz.plan.values import Array, Instruction, Value

ALIGNMENT = 64
"""Bytes of a cache line, on which every block begins."""

Part = Callable[[int, Sequence[int], np.dtype[Any]], Array]
"""The memory of (block, shape, dtype)."""


def last_uses(order: Sequence[Instruction], held: Iterable[Value]) -> dict[Value, int]:
    """For every value with memory of its own, the position in the order where it is last read (or written)."""
    last: dict[Value, int] = {}
    for position, instruction in enumerate(order):
        for value in (*instruction.writes, *instruction.reads):
            last[value.root] = position
    return last | {value.root: len(order) for value in held}


class Memory:
    """The assignment of values to blocks by liveness, made before any memory is allocated.

    A block is free as soon as the last instruction that reads its value has run.

    Args:
        order: the instructions.
        held: values that are read after the last of them.

    Attributes:
        sizes: the bytes of every block.
        unshared: the bytes that would be needed if every value had memory of its own.
        last: for every value, the position in the order where it is last read or written.
    """

    def __init__(self, order: Sequence[Instruction], held: Iterable[Value]) -> None:
        self._order = order
        self.last = last_uses(order, held)
        blocks = _Blocks()
        self._workspaces = [_give(instruction, at, self.last, blocks) for at, instruction in enumerate(order)]
        self.sizes = blocks.sizes
        self.unshared = blocks.asked

    def allocate(self, part: Part | None = None) -> None:
        """Assign every value and every instruction its memory.

        Args:
            part: gives the memory of a shape and type in a block, by its number; blocks of its own if left out.
        """
        if part is None:
            memory = [aligned(size) for size in self.sizes]
            part = lambda block, shape, dtype: _view(memory[block], shape, dtype)  # noqa: E731
        for instruction, workspace in zip(self._order, self._workspaces, strict=True):
            instruction.scratch = [
                part(block, shape, np.dtype(dtype))
                for block, (shape, dtype) in zip(workspace, instruction.workspace, strict=True)
            ]
            for value in instruction.writes:
                root = value.root
                if root.array is None and root.block is not None:
                    lying = tuple(root.shape[i] for i in np.argsort(root.order)) if root.order else root.shape
                    array = part(root.block, lying, root.dtype)
                    root.array = array.transpose(root.order) if root.order else array


def _give(instruction: Instruction, position: int, last: dict[Value, int], blocks: _Blocks) -> list[int]:
    """Assign blocks to what is written and to the workspace, and free those read last; returns the workspace's."""
    taken = _take_over(instruction, last, position)
    for value in instruction.writes:
        root = value.root
        if root.array is None and root.block is None:
            root.block = blocks.keep(taken[value], root.bytes) if value in taken else blocks.take(root.bytes)
    workspace = [blocks.take(_size(shape, np.dtype(dtype))) for shape, dtype in instruction.workspace]
    for block in workspace:
        blocks.give_back(block)
    # Blocks that were reused in place belong to other values now.
    kept = set(taken.values())
    for root in {value.root for value in (*instruction.reads, *instruction.writes)}:
        if root.block is not None and last[root] == position and root.block not in kept:
            blocks.give_back(root.block)
    return workspace


def _take_over(instruction: Instruction, last: dict[Value, int], position: int) -> dict[Value, int]:
    """The blocks that values written reuse in place, from values that no later instruction reads."""
    taken: dict[Value, int] = {}
    for write, read in instruction.in_place:
        root = read.root
        free = root.block is not None and last[root] == position and root.bytes == write.bytes
        if free and write.view_of is None and write.array is None and is_contiguous_in(read, write.order):
            assert root.block is not None  # noqa: S101 (asked above)
            taken[write] = root.block
    return taken


def _size(shape: Sequence[int], dtype: np.dtype[Any]) -> int:
    return math.prod(shape) * dtype.itemsize


def aligned(size: int) -> Array:
    """Bytes that begin on a cache line."""
    raw = np.zeros(size + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size]


def _view(block: Array, shape: Sequence[int], dtype: np.dtype[Any]) -> Array:
    return np.asarray(block[: _size(shape, dtype)].view(dtype).reshape(shape))


class _Blocks:
    """Blocks of memory, allocated and freed; their sizes are final only after the last request."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.asked = 0
        self._free: list[tuple[int, int]] = []

    def keep(self, block: int, size: int) -> int:
        """A block that passes from one value directly to the next."""
        self.asked += size
        return block

    def take(self, size: int) -> int:
        """The smallest free block of at least that size; else the largest, which grows; else a new one."""
        self.asked += size
        at = bisect.bisect_left(self._free, (size, -1))
        if at < len(self._free):
            return self._free.pop(at)[1]
        if self._free:
            _, block = self._free.pop()
            self.sizes[block] = size
            return block
        self.sizes.append(size)
        return len(self.sizes) - 1

    def give_back(self, block: int) -> None:
        """Free a block."""
        bisect.insort(self._free, (self.sizes[block], block))

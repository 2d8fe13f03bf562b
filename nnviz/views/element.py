"""The scalar computation behind one element: what it is made of, and where its gradient comes from.

Both are found from the operation's own rules, so that what is shown is what was computed. Forward, the elements that a
result is made of are those its gradient reaches. Backward, the derivatives of all results by one element are found by
a complex step where the operation is analytic, and otherwise by asking the rule for each result that moves with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

import numpy as np

from nnviz.autograd import operations
from nnviz.autograd.formula import factor, substituted
from nnviz.autograd.modes import quiet
from nnviz.autograd.operation import LETTERS, Array, Operation, Shape, unbroadcast
from nnviz.autograd.ops.dropout import Mask
from nnviz.autograd.ops.elementwise import source_index

STEP = 1e-30
"""Of the complex step: its square vanishes beside any number."""

NUDGE = 1e-3
"""How far an element is moved to see which results move with it."""

MOST = 4_096
"""Results that are named one by one."""


@dataclass(frozen=True)
class Application:
    """One operation with what went in and what came out.

    Attributes:
        operation: which.
        inputs: the numbers that went in.
        out: what came out.
        attributes: the operation's own.
    """

    operation: Operation
    inputs: tuple[Array, ...]
    out: Array
    attributes: Mapping[str, Any]

    def gradient(self, position: int, g: Array) -> Array | None:
        """The gradient of input `position` from the upstream gradient `g`; None where there is none."""
        rule = self.operation.rules(len(self.inputs))[position]
        if rule is None:
            return None
        return unbroadcast(rule(g, self.out, *self.inputs, **self.attributes), self.inputs[position].shape)


@dataclass(frozen=True)
class Term:
    """One product of the chain rule: through one element of the result.

    Attributes:
        index: the element of the result.
        upstream: dL/d(that element).
        local: d(that element)/d(the chosen one).
    """

    index: Shape
    upstream: float
    local: float

    @property
    def product(self) -> float:
        """What it adds to the gradient."""
        return self.upstream * self.local


@quiet
def reads(one: Application, index: Shape) -> list[list[Shape]]:
    """For each input, the elements that the result's element at `index` is made of, in order."""
    operation, shapes = one.operation, [array.shape for array in one.inputs]
    if operation.elementwise:
        return [[source_index(index, shape)] for shape in shapes]
    if operation.reads is not None:
        found = operation.reads(index, *shapes, **one.attributes)
        if found is not None:
            return found
    # Other numbers, none of them 0 and no two alike, so that nothing that is read looks as if it were not.
    arrays = tuple(_distinct(array) if _is_number(array) else array for array in one.inputs)
    operation = operations[_LIKE[operation.name]] if operation.name in _LIKE else operation
    alike = Application(operation, arrays, operation.forward(*arrays, **_unwatched(one.attributes)), one.attributes)
    one_hot = np.zeros(alike.out.shape, alike.out.dtype)
    one_hot[index] = 1
    found = []
    for position in range(len(arrays)):
        gradient = alike.gradient(position, one_hot)
        found.append([] if gradient is None else [tuple(map(int, at)) for at in np.argwhere(gradient)])
    return found


_LIKE = {"max_pool2d": "avg_pool2d"}
"""The gradient of a maximum reaches only the largest element; the mean reads the same elements, and all of them."""


def _unwatched(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes without the watcher, for a run that is not reported."""
    return {name: value for name, value in attributes.items() if name != "watcher"}


def _is_number(array: Array) -> bool:
    return array.dtype.kind == "f"


def _distinct(array: Array) -> Array:
    """Positive numbers, all different, in the array's shape."""
    return np.asarray(1 + np.modf(np.arange(1, array.size + 1) * 0.6180339887498949)[0]).reshape(array.shape)


def made_of(one: Application, index: Shape) -> str:
    """What the element at `index` is made of, with its numbers."""
    operation = one.operation
    places = reads(one, index)
    values = [[float(array[place]) for place in own] for array, own in zip(one.inputs, places, strict=True)]
    if operation.written is not None:
        own = float(one.inputs[0][index]) if one.inputs[0].shape == one.out.shape else float("nan")
        attributes = {k: v.sample(index) if isinstance(v, Mask) else v for k, v in _unwatched(one.attributes).items()}
        return operation.written(own, *values, **attributes)
    if operation.elementwise:
        return substituted(operation.formula, operation.letters, [own[0] for own in values], one.attributes)
    picked = [(n, place) for n, own in enumerate(places) for place in own]
    if len(picked) == 1:
        ((n, place),) = picked
        return f"{letter_of(operation, n)}{place_text(place)}"
    return ", ".join(factor(value) for own in values for value in own[:8]) or operation.formula


def letter_of(operation: Operation, position: int) -> str:
    """What the formula calls an input."""
    letters = operation.letters
    return letters[position] if position < len(letters) else LETTERS[position % len(LETTERS)]


def place_text(index: Shape) -> str:
    """An element's place, as Python writes it."""
    return f"[{', '.join(map(str, index))}]" if index else ""


@dataclass(frozen=True)
class Chain:
    """How the gradient of one element comes about: one product for each result that moves with it.

    Attributes:
        places: those results, in order; of very many the first MOST.
        count: how many there are.
        upstream: the upstream gradient, of the result's shape.
        local: d(result)/d(element), by the result's place.
        selective: whether some results are left out, since their derivative is 0.
    """

    places: Sequence[Shape]
    count: int
    upstream: Array
    local: Callable[[Shape], float]
    selective: bool = False

    @quiet
    def terms(self, most: int) -> list[Term]:
        """The first products; all of them sum to the gradient."""
        return [self._term(at) for at in self.places[:most]]

    @quiet
    def nonzero_first(self, most: int) -> list[Term]:
        """A few products, those with a nonzero upstream gradient first."""
        ordered = sorted(self.places, key=lambda at: not self.upstream[at])
        return [self._term(at) for at in ordered[:most]]

    def _term(self, at: Shape) -> Term:
        return Term(at, float(self.upstream[at]), self.local(at))


@quiet
def chain_of(one: Application, position: int, index: Shape, g: Array) -> Chain:
    """The chain rule at element `index` of input `position`.

    Args:
        one: the operation.
        position: which input.
        index: which element of it.
        g: the upstream gradient, of the result's shape.
    """
    operation = one.operation
    if operation.rules(len(one.inputs))[position] is None:
        return Chain((), 0, g, lambda _: 0.0)
    if operation.elementwise:
        return _elementwise(one, position, index, g)
    if operation.name == "matmul" and one.out.ndim == 2 and one.inputs[0].ndim == 2:
        return _of_product(one, position, index, g)
    if operation.partner is not None and position < 2:
        # It is linear in each of the two, so that its derivative is its result at a one-hot input.
        pair = list(one.inputs[:2])
        pair[position] = np.zeros_like(pair[position])
        pair[position][index] = 1
        return _of_slopes(operation.forward(*pair, **_unwatched(one.attributes)), g)
    if operation.analytic:
        stepped = [array.astype(np.complex128) if _is_number(array) else array for array in one.inputs]
        stepped[position][index] += 1j * STEP
        return _of_slopes(operation.forward(*stepped, **_unwatched(one.attributes)).imag / STEP, g)
    places = _affected(one, position, index)
    return Chain(
        places[:MOST], len(places), g, lambda at: _local_gradient(one, position, index, at), len(places) < one.out.size
    )


def _of_slopes(slopes: Array, g: Array) -> Chain:
    """The chain of the derivatives of all results, without those that are 0."""
    places = list(map(tuple, np.argwhere(slopes).tolist()))
    return Chain(places[:MOST], len(places), g, lambda at: float(slopes[at]), len(places) < slopes.size)


def _elementwise(one: Application, position: int, index: Shape, g: Array) -> Chain:
    """An element moves the results it broadcasts to, and each of those alone."""
    slopes = local_slopes(one, position)
    own = (None,) * (one.out.ndim - len(index)) + index
    shape = (1,) * (one.out.ndim - len(index)) + one.inputs[position].shape
    ranges = [
        range(size) if at is None or (mine == 1 and size != 1) else (at,)
        for at, mine, size in zip(own, shape, one.out.shape, strict=True)
    ]
    places = list(islice(product(*ranges), MOST))
    return Chain(places, math.prod(map(len, ranges)), g, lambda at: float(slopes[at]))


@quiet
def local_slopes(one: Application, position: int) -> Array:
    """Of an elementwise operation, d(result)/d(the element of input `position`), of the result's shape."""
    rule = one.operation.rules(len(one.inputs))[position]
    assert rule is not None  # noqa: S101 (what the caller has asked)
    return np.broadcast_to(rule(np.ones_like(one.out), one.out, *one.inputs, **one.attributes), one.out.shape)


def _of_product(one: Application, position: int, index: Shape, g: Array) -> Chain:
    """Row i of a product moves with a[i, k] by row k of b; column j with b[k, j] by column k of a."""
    a, b = one.inputs
    if position == 0:
        i, k = index
        return Chain([(i, j) for j in range(b.shape[1])], b.shape[1], g, lambda at: float(b[k, at[1]]))
    k, j = index
    return Chain([(i, j) for i in range(a.shape[0])], a.shape[0], g, lambda at: float(a[at[0], k]))


def _local_gradient(one: Application, position: int, index: Shape, at: Shape) -> float:
    """d(result)/d(element) by the rule itself, asked for that one result."""
    one_hot = np.zeros_like(one.out)
    one_hot[at] = 1
    gradient = one.gradient(position, one_hot)
    return 0.0 if gradient is None else float(gradient[index])


def _affected(one: Application, position: int, index: Shape) -> list[Shape]:
    """The results that move when an element does, either way."""
    plain = [array.astype(np.float64) if _is_number(array) else array for array in one.inputs]
    still = _unwatched(one.attributes)
    before = one.operation.forward(*plain, **still)
    moved = np.zeros(one.out.shape, np.bool_)
    for nudge in (NUDGE, -NUDGE):
        arrays = [array.copy() for array in plain]
        arrays[position][index] += nudge
        moved |= one.operation.forward(*arrays, **still) != before
    return [_place(at) for at in np.argwhere(moved)]


def _place(at: Array) -> Shape:
    return tuple(map(int, at))

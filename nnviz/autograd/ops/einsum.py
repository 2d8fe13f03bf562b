"""Einstein summation: products of elements whose letters agree, summed over the letters that the result lacks."""

from __future__ import annotations

import string
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnviz.autograd.operation import Array, Rule, Shape, define
from nnviz.autograd.sample_inputs import Sample
from nnviz.errors import OperationError


@dataclass(frozen=True)
class Equation:
    """A fully explicit equation, without `...` or spaces.

    Attributes:
        inputs: the letters of each operand, one per dimension.
        output: those of the result.
        sizes: the size of each letter, after broadcasting.
    """

    inputs: tuple[str, ...]
    output: str
    sizes: dict[str, int]


@lru_cache(maxsize=256)
def parsed(equation: str, *shapes: Shape) -> Equation:
    """Parse an equation for operands of these shapes.

    Raises:
        OperationError: it does not fit the operands.
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(shapes):
        more = "more" if len(shapes) > len(terms) else "fewer"
        raise OperationError(
            f"einsum(): {more} operands were provided than specified in the equation",
            f"the equation {equation!r} has {len(terms)}, and {len(shapes)} came",
        )
    letters = left.replace("...", "").replace(",", "") + right.replace("...", "")
    for letter in letters:
        if letter not in string.ascii_letters:
            raise OperationError(f"einsum(): invalid subscript given, {letter!r}, subscripts must be in [a-zA-Z]")
    free = [letter for letter in string.ascii_letters[::-1] if letter not in letters]
    pairs = list(zip(terms, shapes, strict=True))
    hidden = [len(shape) - len(term.replace("...", "")) for term, shape in pairs if "..." in term]
    dots = "".join(reversed(free[: max(hidden, default=0)]))
    inputs = tuple(_spelled(term, shape, dots, position) for position, (term, shape) in enumerate(pairs))
    every = "".join(inputs)
    if arrow:
        output = right.replace("...", dots)
    else:
        output = dots + "".join(sorted(c for c in set(every) if every.count(c) == 1 and c not in dots))
    for letter in output:
        if letter not in every:
            raise OperationError(
                f"einsum(): output subscript {letter} does not appear in the equation for any input operand"
            )
        if output.count(letter) > 1:
            raise OperationError(f"einsum(): output subscript {letter} appears more than once in the output")
    return Equation(inputs, output, _sizes(inputs, shapes))


def _spelled(term: str, shape: Shape, dots: str, position: int) -> str:
    """The letters of one operand, including those for `...`."""
    own = term.replace("...", "", 1)
    count = len(shape) - len(own)
    if count < 0 or (count > 0 and "..." not in term):
        raise OperationError(
            f"einsum(): the number of subscripts in the equation ({len(own)}) does not match the number of dimensions "
            f"({len(shape)}) for operand {position} and no ellipsis was given"
        )
    return term.replace("...", dots[len(dots) - count :])


def _sizes(inputs: tuple[str, ...], shapes: tuple[Shape, ...]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for position, (letters, shape) in enumerate(zip(inputs, shapes, strict=True)):
        for letter, size in zip(letters, shape, strict=True):
            known = sizes.setdefault(letter, size)
            if 1 not in (known, size) and known != size:
                raise OperationError(
                    f"einsum(): subscript {letter} has size {size} for operand {position} which does not broadcast "
                    f"with previously seen size {known}"
                )
            if known == 1:
                sizes[letter] = size
    return sizes


def _shape(*shapes: Shape, equation: str) -> Shape:
    found = parsed(equation, *shapes)
    return tuple(found.sizes[letter] for letter in found.output)


def _full(found: Equation, arrays: tuple[Array, ...]) -> list[Array]:
    """The operands, broadcast to the sizes of their letters."""
    return [
        np.broadcast_to(array, tuple(found.sizes[letter] for letter in letters))
        for letters, array in zip(found.inputs, arrays, strict=True)
    ]


def _forward(*arrays: Array, equation: str) -> Array:
    found = parsed(equation, *[array.shape for array in arrays])
    result = np.einsum(f"{','.join(found.inputs)}->{found.output}", *_full(found, arrays))
    return np.array(result, np.result_type(*arrays))


def _gradient(position: int) -> Rule:
    def rule(g: Array, out: Array, *arrays: Array, equation: str) -> Array:
        found = parsed(equation, *[array.shape for array in arrays])
        wide = _full(found, arrays)
        mine = found.inputs[position]
        others = [array for i, array in enumerate(wide) if i != position]
        letters = [letters for i, letters in enumerate(found.inputs) if i != position]
        own = "".join(dict.fromkeys(mine))
        # A letter of one operand alone is summed over separately: its gradient is constant along that dimension.
        there = "".join(letter for letter in own if letter in found.output or any(letter in word for word in letters))
        summed = np.einsum(f"{','.join([found.output, *letters])}->{there}", g, *others)
        opened = summed.reshape([found.sizes[letter] if letter in there else 1 for letter in own])
        gradient = np.zeros([found.sizes[letter] for letter in mine], g.dtype)
        # A repeated letter means the diagonal, of which np.einsum returns a view.
        np.einsum(f"{mine}->{own}", gradient)[...] = opened
        shrunk = tuple(i for i, size in enumerate(arrays[position].shape) if size != gradient.shape[i])
        return gradient.sum(axis=shrunk, keepdims=True) if shrunk else gradient

    return rule


Example = tuple[str, tuple[Shape, ...]]

ALONE: list[Example] = [
    ("ij->ji", ((2, 3),)),
    ("ij->", ((2, 3),)),
    ("ii->i", ((3, 3),)),
    ("ii", ((3, 3),)),
    ("...i->...", ((2, 0),)),
    ("iji->j", ((2, 3, 2),)),
]
PAIRED: list[Example] = [
    ("ij,jk->ik", ((2, 3), (3, 2))),
    ("bij,bjk->bik", ((2, 2, 3), (2, 3, 1))),
    ("i,j->ij", ((2,), (3,))),
    ("i,i->", ((3,), (3,))),
    ("...ij,...jk->...ik", ((2, 2, 3), (3, 2))),
    ("bij,bkj->bik", ((2, 2, 3), (1, 2, 3))),
    ("ij,k->i", ((2, 3), (2,))),
    ("iij,j->ij", ((2, 2, 3), (3,))),
    ("ij,jk", ((0, 2), (2, 3))),
]


def _samples(examples: list[Example]) -> list[Sample]:
    found = []
    for number in range(45):
        equation, shapes = examples[number % len(examples)]
        drawn = np.random.default_rng(number)
        found.append(Sample(tuple(drawn.normal(size=shape) for shape in shapes), {"equation": equation}))
    return found


einsum = define(
    "einsum",
    forward=_forward,
    vjps=(_gradient(0), _gradient(1)),
    shape=_shape,
    formula="Σ a b, over the letters not in the result",
    gradients=("Σ of upstream · b over the letters that a lacks", "Σ of upstream · a over the letters that b lacks"),
    letters="ab",
    saved=(0, 1),
    crosswise=True,
    samples=lambda: _samples(PAIRED),
)
einsum_one = define(
    "einsum_one",
    forward=_forward,
    vjps=(_gradient(0),),
    shape=_shape,
    formula="Σ a, over the letters not in the result",
    gradients=("upstream, the same along the letters that are summed",),
    letters="a",
    saved=(),
    samples=lambda: _samples(ALONE),
)

"""The local derivative of an operation: the operand that it is an element of, drawn and named, or its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnviz.autograd.operation import Array, Shape
from nnviz.views.element import Application, Chain, local_slopes, place_text

FEW = 256
"""Results whose derivatives are asked for one by one."""


@dataclass(frozen=True, eq=False)
class Local:
    """What the upstream gradient is multiplied by.

    Attributes:
        name: what the formula calls it.
        title: what it is.
        array: its numbers.
        marked: the elements that matter to the chosen one.
    """

    name: str
    title: str
    array: Array
    marked: frozenset[Shape]


def operand(
    one: Application, slot: int, index: Shape, chain: Chain, letters: Sequence[str], symbols: Sequence[str]
) -> Local | None:
    """The operand that is the local derivative by element `index` of input `slot`, or the derivatives themselves.

    Args:
        one: the operation.
        slot: which input.
        index: which element of it.
        chain: how its gradient comes about.
        letters: what the formula calls the inputs.
        symbols: what they are called as nodes.

    Returns:
        None where the upstream gradient is passed on as it is, so that there is nothing to be multiplied by.
    """
    formula = one.operation.gradient_formula(slot)
    if one.operation.partner is not None and slot < 2:
        other = 1 - slot
        shapes, given = tuple(array.shape for array in one.inputs), one.attributes
        find, array = one.operation.partner, one.inputs[other]
        marked = [find(slot, index, at, *shapes, **given) for at in chain.places]
        name = letters[other]
        title = name if name == symbols[other] else f"{name} = {symbols[other]}"
        if f"{name}ᵀ" in formula and array.ndim > 1:
            name, title = f"{name}ᵀ", f"{name}ᵀ, {title}"
            array, marked = array.swapaxes(-1, -2), [(*at[:-2], at[-1], at[-2]) for at in marked]
        return Local(name, title, array, frozenset(marked))
    if not any(sign in formula for sign in "·/^") and " for " not in formula:
        return None
    if one.operation.elementwise:
        name = f"∂out/∂{letters[slot]}"
        return Local(name, name, local_slopes(one, slot), frozenset(chain.places))
    if chain.count > len(chain.places) or (not one.operation.analytic and chain.count > FEW):
        return None
    array = np.zeros(one.out.shape)
    for term in chain.terms(chain.count):
        array[term.index] = term.local
    name = f"∂out/∂{letters[slot]}{place_text(index)}"
    return Local(name, name, array, frozenset(chain.places))


def partner(one: Application, slot: int, index: Shape, at: Shape) -> Shape:
    """The element of the other input by which element `index` of input `slot` is multiplied in the result's `at`."""
    assert one.operation.partner is not None  # noqa: S101 (what the caller has asked)
    return one.operation.partner(slot, index, at, *(array.shape for array in one.inputs), **one.attributes)


def named(one: Application, slot: int, index: Shape, at: Shape, out: str, symbols: Sequence[str]) -> str:
    """The local derivative of the result's element `at`: the element that it is, or as a derivative.

    Args:
        one: the operation.
        slot, index: the input and its element.
        at: the element of the result.
        out: what the result is called.
        symbols: what the inputs are called.
    """
    if one.operation.partner is not None and slot < 2:
        return f"{symbols[1 - slot]}{place_text(partner(one, slot, index, at))}"
    return f"∂{out}{place_text(at)}/∂{symbols[slot]}{place_text(index)}"

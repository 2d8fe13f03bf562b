"""A formula as a value: its text, its values and its power series at a point."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnviz.data.formulas.functions import Floats
from nnviz.data.formulas.parse import LONGEST, Call, Node, Number, normalized, parse
from nnviz.data.formulas.series import Coefficients, NoDerivativeError, constant

__all__ = ["LONGEST", "Formula", "formula"]


@dataclass(frozen=True)
class Formula:
    """A function of x.

    Attributes:
        text: how it is written.
        root: its tree.
    """

    text: str
    root: Node = field(repr=False, compare=False)

    def __call__(self, x: ArrayLike) -> Floats:
        """f(x) elementwise, in float64; NaN and infinity where it is not defined, as numpy has them."""
        given = np.asarray(x, np.float64)
        with np.errstate(all="ignore"):
            return np.array(np.broadcast_to(_values(self.root, given), given.shape), np.float64)

    def series(self, point: float, degree: int) -> Coefficients:
        """The coefficients f⁽ᵏ⁾(point) / k! for k = 0, …, degree, exact up to rounding.

        Shape:
            returned: (degree + 1,)

        Raises:
            NoDerivativeError: the function is not defined at `point`, or does not have all derivatives there; the
                message names the part of it that has none.
        """
        variable = np.zeros(degree + 1)
        variable[0] = point
        # With degree 0 there is no slope, but a kink is one still.
        variable = variable if degree else np.array([point, 0.0])
        variable[1] = 1.0
        with np.errstate(all="ignore"):
            found = _series(self.root, variable)[: degree + 1]
        bad = np.flatnonzero(~np.isfinite(found))
        if len(bad):
            what = "its value" if bad[0] == 0 else f"its derivative number {bad[0]}"
            raise NoDerivativeError(f"{what} is beyond all numbers")
        return found


@lru_cache(maxsize=256)
def formula(text: str) -> Formula:
    """The formula that a text is.

    Raises:
        FormulaError: it is none; the message says at which character.
    """
    # Cut first: a text of a megabyte costs no more than a short one, and is refused as too long.
    plain = normalized(text[: 2 * LONGEST])
    return Formula(plain, parse(plain))


def _values(node: Node, x: Floats) -> float | NDArray[np.float64]:
    if isinstance(node, Call):
        found: float | NDArray[np.float64] = node.function.values(*(_values(one, x) for one in node.operands))
        return found
    return node.value if isinstance(node, Number) else x


def _series(node: Node, variable: Coefficients) -> Coefficients:
    if isinstance(node, Call):
        return node.function.series(*(_series(one, variable) for one in node.operands))
    return constant(node.value, variable) if isinstance(node, Number) else variable

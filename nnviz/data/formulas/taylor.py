"""The Taylor polynomial of a formula, from its exact derivatives."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from nnviz.data.formulas.formula import Formula
from nnviz.data.formulas.functions import Floats
from nnviz.data.formulas.series import Coefficients, NoDerivativeError

MOST_DEGREE = 60
"""The highest degree."""


@dataclass(frozen=True, eq=False)
class TaylorPolynomial:
    """Σₖ cₖ (x − point)ᵏ, with cₖ = f⁽ᵏ⁾(point) / k!

    Attributes:
        point: where it touches the function.
        coefficients: c₀, …, c_degree, (degree + 1,).
    """

    point: float
    coefficients: Coefficients = field(repr=False)

    @property
    def degree(self) -> int:
        """The degree."""
        return len(self.coefficients) - 1

    def __call__(self, x: ArrayLike) -> Floats:
        """Its values, by Horner's rule; they may become infinite far from the point."""
        away = np.asarray(x, np.float64) - self.point
        found = np.zeros_like(away)
        with np.errstate(all="ignore"):
            for coefficient in self.coefficients[::-1]:
                found = found * away + coefficient
        return found


@lru_cache(maxsize=64)
def taylor_polynomial(of: Formula, point: float, degree: int) -> TaylorPolynomial:
    """The Taylor polynomial about a point.

    Args:
        of: the function.
        point: where it touches the function.
        degree: its degree, 0 to 60.

    Raises:
        NoDerivativeError: the function does not have these derivatives there; the message names what has none.
    """
    degree = min(max(degree, 0), MOST_DEGREE)
    try:
        return TaylorPolynomial(point, of.series(point, degree))
    except NoDerivativeError as error:
        raise NoDerivativeError(
            f"no Taylor polynomial about x = {point:.6g}: {error.message}", "another point may do"
        ) from None

"""The place on the page of fitting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FitName = Literal["fourier", "taylor", "network"]
"""What fits the target."""

FITS: tuple[FitName, ...] = ("fourier", "taylor", "network")

REACHES = (0.5, 1.0, 2.0, 0.0)
"""How far the picture goes beyond the range of the data on either side, as multiples of its width."""


@dataclass(frozen=True)
class FitPlace:
    """The place on the page of fitting.

    Attributes:
        row: the chosen fit, by its number in FITS.
        terms: the number of waves of the Fourier sum.
        degree: the degree of the Taylor polynomial.
        moved: where its point is, in twentieths of the range from the middle.
        hidden: the fits that are not drawn.
        reach: how far the picture goes beyond the range.
    """

    row: int = 0
    terms: int = 3
    degree: int = 5
    moved: int = 0
    hidden: frozenset[FitName] = frozenset()
    reach: float = REACHES[0]

    @property
    def chosen(self) -> FitName:
        """The chosen fit."""
        return FITS[min(max(self.row, 0), len(FITS) - 1)]

"""Numbers that stand below each other with equally many digits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

RATIO = 1e3
"""Largest by smallest up to which all numbers of a column have as many decimals; beyond, as many significant digits."""

LARGE = 1e6
"""From here on, powers of ten are shorter."""

Text = Callable[[float], str]


def significant(value: float, digits: int) -> str:
    """A number with exactly so many significant digits, zeros at the end included: 0.6780."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    return f"{value:#.{digits}g}".rstrip(".").replace("-", "−")


def column_text(values: Iterable[float], digits: int) -> Text:
    """How the numbers of a column are written.

    Args:
        values: the numbers.
        digits: how many significant digits the smallest of them has. All have as many decimals, where their sizes
            are close enough for that; otherwise as many significant digits.
    """
    sizes = [abs(value) for value in values if math.isfinite(value) and value != 0]
    least, most = min(sizes, default=1.0), max(sizes, default=1.0)
    if most >= LARGE or most / least > RATIO:
        return lambda value: significant(value, digits)
    # As written, 0.99996 has one digit more before its point.
    power = math.floor(math.log10(float(f"{least:.{digits - 1}e}")))
    places = max(digits - 1 - power, 0)

    def text(value: float) -> str:
        if not math.isfinite(value):
            return significant(value, digits)
        return f"{value + 0.0:.{places}f}".replace("-", "−")

    return text

"""Fits in words: sums and polynomials with their numbers, and the straight pieces of a network."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.formula import rounded
from nnviz.data.formulas import FourierSum, TaylorPolynomial
from nnviz.run.pieces import Pieces
from nnviz.views.digits import significant
from nnviz.views.series import Floats

Made = FourierSum | TaylorPolynomial | Pieces
"""What fits a target."""

WRITTEN = 6
"""Terms of a sum that are written out; the others are counted."""

NOISE = 1e-9
"""A term below this share of the largest one is rounding."""


def counted(count: int, noun: str) -> str:
    """A number with its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def error_text(value: float) -> str:
    """An error with three digits."""
    if not np.isfinite(value):
        return "—" if np.isnan(value) else "∞"
    return f"{value:,.0f}" if 1000 <= value < 1e6 else significant(value, 3)


def written_sum(found: FourierSum) -> str:
    """A Fourier sum with its numbers, a₀ first."""
    terms = [(found.mean, "")]
    for number, (a, b) in enumerate(zip(found.cosines.tolist(), found.sines.tolist(), strict=True), 1):
        angle = rounded(2 * np.pi * number * found.frequency, 3)
        terms += [(a, f" cos {angle}x"), (b, f" sin {angle}x")]
    least = NOISE * max(abs(value) for value, _ in terms)
    return _sum([(value, name) for value, name in terms if abs(value) > least])


def written_polynomial(found: TaylorPolynomial) -> str:
    """A Taylor polynomial with its numbers."""
    point = found.point
    base = "x" if point == 0 else f"(x {'−' if point > 0 else '+'} {rounded(abs(point), 4)})"
    names = ["", f" {base}", *(f" {base}^{power}" for power in range(2, found.degree + 1))]
    terms = zip(found.coefficients.tolist(), names, strict=False)
    return _sum([(value, name) for value, name in terms if value])


def _sum(terms: list[tuple[float, str]]) -> str:
    """Terms with their signs; only the first few if there are many."""
    text = "" if terms else "0"
    for value, name in terms[:WRITTEN]:
        sign = ("−" if value < 0 else "") if not text else (" − " if value < 0 else " + ")
        text += f"{sign}{rounded(abs(value), 3)}{name}"
    return f"y ≈ {text}" + (f" + … {len(terms) - WRITTEN} more" if len(terms) > WRITTEN else "")


def written_pieces(pieces: Pieces | None, why: str, low: float, high: float) -> str:
    """How many straight pieces a network has in a range, or why it has none."""
    if pieces is None:
        return why
    kinks = pieces.kinks
    inside = int(((kinks >= low) & (kinks <= high)).sum())
    beyond = f"; {counted(len(kinks) - inside, 'bend')} outside" if len(kinks) > inside else ""
    if not inside:
        return f"one straight line in the range{beyond}"
    chain = "linear, bend, linear" if inside == 1 else "linear, bend, linear, bend, …"
    return f"{chain}: {inside + 1} straight pieces and {counted(inside, 'bend')} in the range{beyond}"


def piece_lines(pieces: Pieces) -> list[str]:
    """The straight pieces, one a line, with the unit that bends where each begins."""
    ends = np.append(pieces.starts[1:], pieces.high)
    rows = [f"{counted(len(pieces.starts), 'straight piece')}, from left to right:"]
    for start, end, slope, term, (layer, unit) in zip(
        pieces.starts, ends, pieces.slopes, pieces.intercepts, pieces.units.tolist(), strict=True
    ):
        bend = f"   unit {unit} of layer {layer + 1} bends" if layer >= 0 else ""
        line = f"y = {rounded(slope, 5)} x {'−' if term < 0 else '+'} {rounded(abs(term), 5)}"
        rows.append(f"x from {rounded(start, 5):>9} to {rounded(end, 5):>9}:  {line:<24}{bend}".rstrip())
    return rows


def number_lines(made: Made) -> list[str]:
    """All numbers of a fit, line by line: coefficients, derivatives, or straight pieces."""
    if isinstance(made, FourierSum):
        return wave_lines(made)
    return derivative_lines(made) if isinstance(made, TaylorPolynomial) else piece_lines(made)


def wave_lines(found: FourierSum) -> list[str]:
    """The coefficients of a Fourier sum, a wave a line."""
    head = [
        "y ≈ a₀ + Σ (aₙ cos 2πnfx + bₙ sin 2πnfx)",
        f"f = {rounded(found.frequency, 6)}, a₀ = {rounded(found.mean, 8)}",
        f"{'n':>3} {'aₙ':>16} {'bₙ':>16}   √(aₙ² + bₙ²)",
    ]
    return head + [
        f"{n:>3} {rounded(a, 8):>16} {rounded(b, 8):>16}   {rounded(float(np.hypot(a, b)), 5)}"
        for n, (a, b) in enumerate(zip(found.cosines.tolist(), found.sines.tolist(), strict=True), 1)
    ]


def derivative_lines(found: TaylorPolynomial) -> list[str]:
    """The coefficients and the derivatives of a Taylor polynomial, a power a line."""
    head = [
        f"y ≈ Σ cₖ (x − p)ᵏ with cₖ = f⁽ᵏ⁾(p) / k!, p = {rounded(found.point, 6)}",
        f"{'k':>3} {'cₖ':>16} {'f⁽ᵏ⁾(p)':>18}",
    ]
    return head + [
        f"{k:>3} {rounded(c, 8):>16} {rounded(c * float(math.factorial(k)), 8):>18}"
        for k, c in enumerate(found.coefficients.tolist())
    ]


def bends_row(columns: NDArray[np.int64], width: int) -> str:
    """The pieces as a row of characters: ─ is straight, ▲ bends; of several bends in a column their number, or #.

    Args:
        columns: the column of each bend.
        width: how many columns there are.
    """
    counts = np.bincount(columns[(columns >= 0) & (columns < width)], minlength=width)
    return "".join("─" if n == 0 else "▲" if n == 1 else str(n) if n < 10 else "#" for n in counts.tolist())


def extent_of(y: Floats, room: float) -> tuple[float, float]:
    """Lowest and highest of the finite numbers, and `room` times their distance on both sides."""
    finite = y[np.isfinite(y)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    more = room * (high - low) if high > low else max(abs(low), 1.0)
    return low - more, high + more

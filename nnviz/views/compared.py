"""Activation functions side by side: their curves, a reading line, and the table of what holds of each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnviz.lab import Lab
from nnviz.lab.curves_place import CurvesPlace
from nnviz.nn.lesson import REFERENCE
from nnviz.registry import Spec
from nnviz.views.activation_columns import COLUMNS, brief_columns
from nnviz.views.activation_facts import activation, all_activations, chord_of
from nnviz.views.activation_words import Known, facts_in_words
from nnviz.views.curves import evaluated
from nnviz.views.series import Floats, Frame, Mark, Series, Stroke
from nnviz.views.table import Line, Table

POINTS = 401
"""Odd, so that z = 0 is among them."""

STROKES: tuple[Stroke, ...] = ("line", "dashes", "dots")
COLORS = 4

EMPTY = "None is chosen."
"""What stands in a plot without curves."""

CHORD_COLORS = (3, 2)
"""The chord has the first of these that its curve has not."""


@dataclass(frozen=True, eq=False)
class ComparedView:
    """What the page shows.

    Attributes:
        title: the range, how the table is sorted, the step of the reading line, and a; or how much is measured.
        reading: the reading line.
        f, slope: the curves of the chosen functions; the chord is among those of f.
        slope_here: f′ of the function under the cursor, to be drawn over f where there is room for one plot;
            none where the chord is drawn.
        f_frame, slope_frame: how they are framed.
        table: all functions.
        names: the function of each line of the table.
        facts: what holds of the function under the cursor, the most important first.
    """

    title: str
    reading: str
    f: tuple[Series, ...]
    slope: tuple[Series, ...]
    slope_here: tuple[Series, ...]
    f_frame: Frame
    slope_frame: Frame
    table: Table
    names: tuple[str, ...]
    facts: tuple[str, ...]


def specs_of(place: CurvesPlace) -> dict[str, Spec]:
    """All functions of the page by name, with the slope of LeakyReLU that was chosen there."""
    return {name: activation(name, place.slope) for name in all_activations()}


def known_of(place: CurvesPlace, name: str) -> Known:
    """What is known of a function, with its values at the reading line."""
    spec = activation(name, place.slope)
    f, slope = value_at(spec, place.z)
    seconds = place.measured.seconds
    return Known(name, spec, place.z, f, slope, seconds.get(name, math.nan), seconds.get(REFERENCE, math.nan))


@lru_cache(maxsize=512)
def value_at(spec: Spec, z: float) -> tuple[float, float]:
    """f(z) and f′(z)."""
    f, slope = evaluated(spec, np.array([z]))
    return float(f[0]), float(slope[0])


@lru_cache(maxsize=128)
def _curve(spec: Spec, reach: float) -> tuple[Floats, Floats, Floats]:
    """z, f and f′; the same arrays each time, so that a plot need not be drawn again."""
    z = np.linspace(-reach, reach, POINTS)
    return (z, *evaluated(spec, z))


@lru_cache(maxsize=32)
def _chord(spec: Spec, reach: float) -> tuple[Floats, Floats]:
    chord = chord_of(spec, reach)
    return np.array([chord.low, chord.high]), np.array([chord.f_low, chord.f_high])


def view(lab: Lab, width: int) -> ComparedView:
    """The page in `width` columns."""
    place = lab.curves
    known = [known_of(place, name) for name in all_activations()]
    drawn = [one for one in known if one.name in place.chosen]
    look = {one.name: (STROKES[at % len(STROKES)], at % COLORS) for at, one in enumerate(drawn)}
    f, slope = [], []
    for one in drawn:
        z, values, slopes = _curve(one.spec, place.reach)
        style, color = look[one.name]
        f.append(Series(one.name, z, values, style, color=color))
        slope.append(Series(one.name, z, slopes, style, color=color))
    current = next((one for one in known if one.name == place.name), known[0])
    if place.chord:
        if current.name not in look:
            z, values, _ = _curve(current.spec, place.reach)
            f.append(Series(current.name, z, values, "line", color=len(drawn) % COLORS))
        f.append(Series("chord", *_chord(current.spec, place.reach), "line", color=_other(f, current.name)))
    z, _, slopes = _curve(current.spec, place.reach)
    here = Series(f"{current.name}′", z, slopes, "dots", color=look.get(current.name, ("line", 0))[1])
    rows = ordered(known, place.sort)
    frame = {"x_range": (-place.reach, place.reach), "marks": (Mark(place.z, ""),)}
    return ComparedView(
        title=_title(place),
        reading=_reading(place, current),
        f=tuple(f),
        slope=tuple(slope),
        slope_here=() if place.chord else (here,),
        f_frame=Frame("f(z)", "z", empty=EMPTY, **frame),  # type: ignore[arg-type]
        slope_frame=Frame("f′(z)", "z", empty=EMPTY, **frame),  # type: ignore[arg-type]
        table=_table(place, rows, look, width),
        names=tuple(one.name for one in rows),
        facts=facts_in_words(current, chord_of(current.spec, place.reach), place.chord),
    )


def _other(series: list[Series], name: str) -> int:
    """The color of the chord of a curve."""
    own = next(one.color for one in series if one.name == name)
    return next(color for color in CHORD_COLORS if color != own)


def _title(place: CurvesPlace) -> str:
    measured = place.measured
    if measured.running:
        return f"measuring, {100 * measured.done // max(measured.total, 1)} %"
    by = f" by {COLUMNS[place.sort].head}" if place.sort else ""
    return f"±{place.reach:g}{by}, step {place.step:g}, a {place.slope:g}"


def _reading(place: CurvesPlace, current: Known) -> str:
    return (
        f"z = {number(place.z)}: {current.name} f = {number(current.f)}, f′ = {number(current.slope)}"
        f"{'*' if current.on_kink else ''}"
    )


def ordered(known: list[Known], sort: int) -> list[Known]:
    """The functions by a column, the least first; 0 is the order of the registry."""
    if not sort:
        return known
    return sorted(known, key=COLUMNS[sort].key)


def _table(place: CurvesPlace, rows: list[Known], look: dict[str, tuple[Stroke, int]], width: int) -> Table:
    columns = brief_columns(place.page == "table", place.sort, bool(place.measured.seconds), width)

    def line(at: int) -> Line:
        one = rows[at]
        cells = [column.cell(one) for column in columns]
        cells[0] = f"{'✓' if one.name in look else ' '} {cells[0]}"
        return Line(tuple(f"{cell} " for cell in cells), "chosen" if one.name in look else "")

    heads = tuple(f"{'▾' if COLUMNS[place.sort] is one and place.sort else ''}{one.head} " for one in columns)
    heads = (f"  {heads[0]}", *heads[1:])
    right = frozenset(at for at, one in enumerate(columns) if one.right)
    cursor = next((at for at, one in enumerate(rows) if one.name == place.name), 0)
    return Table(heads, len(rows), line, right=right, cursor=cursor)


def number(value: float) -> str:
    """A number as it is read off: with six digits."""
    return f"{value + 0.0:.6g}".replace("-", "−")

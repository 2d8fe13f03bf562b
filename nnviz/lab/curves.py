"""The commands on the activation functions that are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import get_args

from nnviz.lab.command import Result
from nnviz.lab.curves_place import REACHES, SLOPES, STEPS, CurvesPage, Drawn, Measured
from nnviz.lab.effects import Measure, Show, StopMeasuring, Toast
from nnviz.lab.lab import Lab

SORTS = 11
"""The orders of the table: that of the registry, and one for each column but the name."""

DIGITS = 9
"""Decimal places of the reading line: so many steps of 0.1 are exactly 1."""


def with_place(lab: Lab, **changes: object) -> Lab:
    """The lab with these attributes of the place changed."""
    return replace(lab, curves=replace(lab.curves, **changes))  # type: ignore[arg-type]


def compare(lab: Lab) -> Result:
    """Compare activation functions, or show the selected one again."""
    return _to_page(lab, "curves" if lab.curves.page == "selected" else "selected")


def table(lab: Lab) -> Result:
    """The table of all functions, or their curves."""
    return _to_page(lab, "curves" if lab.curves.page == "table" else "table")


def _to_page(lab: Lab, page: CurvesPage) -> Result:
    return with_place(lab, page=page), (Show("activation"),)


def _comparing(lab: Lab) -> Lab:
    """The lab with the curves shown, if the page shows the selected activation alone."""
    return with_place(lab, page="curves") if lab.curves.page == "selected" else lab


def toggle(lab: Lab) -> Result:
    """Draw the function under the cursor, or draw it no longer."""
    lab = _comparing(lab)
    return with_place(lab, chosen=lab.curves.chosen ^ {lab.curves.name}), (Show("activation"),)


def at_name(lab: Lab, name: str) -> Result:
    """The cursor is on this function."""
    return with_place(lab, name=name), ()


def read(lab: Lab, by: int) -> Result:
    """Move the reading line by so many steps; it stops at the ends of the curves."""
    place = lab.curves
    return read_at(lab, round(place.z / place.step + by) * place.step)


def read_at(lab: Lab, z: float) -> Result:
    """Move the reading line there."""
    reach = lab.curves.reach
    return with_place(lab, z=round(min(max(z, -reach), reach), DIGITS) + 0.0), ()


def read_near(lab: Lab, z: float) -> Result:
    """Move the reading line to the step nearest to z."""
    step = lab.curves.step
    return read_at(lab, round(z / step) * step)


def wider(lab: Lab, by: int) -> Result:
    """Draw the curves over a wider range, or a narrower one."""
    lab = _comparing(lab)
    return read_at(with_place(lab, reach=_next(REACHES, lab.curves.reach, by)), lab.curves.z)[0], (Show("activation"),)


def coarser(lab: Lab, by: int) -> Result:
    """Move the reading line by larger steps, or smaller ones."""
    lab = _comparing(lab)
    return with_place(lab, step=_next(STEPS, lab.curves.step, by)), (Show("activation"),)


def _next(values: Sequence[float], value: float, by: int) -> float:
    return values[min(max(values.index(value) + by, 0), len(values) - 1)]


def drawn(lab: Lab) -> Result:
    """Draw f and f′, f alone, or f′ alone."""
    lab, ways = _comparing(lab), get_args(Drawn)
    way = ways[(ways.index(lab.curves.drawn) + 1) % len(ways)]
    return with_place(lab, drawn=way, page="curves"), (Show("activation"),)


def chord(lab: Lab) -> Result:
    """Draw the chord that shows whether the function under the cursor is convex, or no longer."""
    lab = with_place(lab, chord=not lab.curves.chord, page="curves")
    # A chord belongs to f.
    ways = {"drawn": "f and f′"} if lab.curves.chord and lab.curves.drawn == "f′" else {}
    return with_place(lab, **ways), (Show("activation"),)


def sort(lab: Lab) -> Result:
    """Sort the table by the next column."""
    lab = _comparing(lab)
    return with_place(lab, sort=(lab.curves.sort + 1) % SORTS), (Show("activation"),)


def slope(lab: Lab) -> Result:
    """Give LeakyReLU the next slope."""
    lab = _comparing(lab)
    at = SLOPES.index(lab.curves.slope)
    return with_place(lab, slope=SLOPES[(at + 1) % len(SLOPES)]), (Show("activation"),)


def measure(lab: Lab) -> Result:
    """Measure the time of a million numbers, or stop that."""
    lab = _comparing(lab)
    measured = lab.curves.measured
    if measured.running:
        words = "The times are those measured so far." if measured.seconds else "No time is known."
        lab = with_place(lab, measured=replace(measured, running=False))
        return lab, (StopMeasuring(), Toast(f"Measuring is stopped. {words}"))
    return with_place(lab, measured=Measured(running=True, trained=lab.advancing)), (Show("activation"), Measure())


def on_measured(lab: Lab, seconds: Mapping[str, float], done: int, total: int) -> Result:
    """So many rounds are measured."""
    before = lab.curves.measured
    if not before.running:
        return lab, ()
    found = Measured(dict(seconds), done, total, done < total, before.trained or lab.advancing)
    lab = with_place(lab, measured=found)
    if found.running:
        return lab, ()
    rough = " Training went on meanwhile, so they are rough." if found.trained else ""
    return lab, (Toast(f"The times of a million numbers are measured.{rough}", "{curves_table} shows the table."),)


def not_measured(lab: Lab, message: str) -> Result:
    """Measuring has failed."""
    lab = with_place(lab, measured=replace(lab.curves.measured, running=False))
    return lab, (Toast(f"The times could not be measured: {message}.", "{curves_time} tries again.", "error"),)

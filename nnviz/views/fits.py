"""The page of fitting: a target, and what a Fourier sum, a Taylor polynomial and the network make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from nnviz.autograd.formula import rounded
from nnviz.data import Schema
from nnviz.data.formulas import Formula, fourier_of_samples, fourier_sum, taylor_polynomial
from nnviz.data.functions import FUNCTION, formula_of, range_of
from nnviz.engine import Moment
from nnviz.errors import NnvizError
from nnviz.lab import Lab, literal
from nnviz.lab.fit_place import FITS, FitName, FitPlace
from nnviz.lab.fits import is_line
from nnviz.network import job_of
from nnviz.nn.usual import linear
from nnviz.run import Observation, Query, Refused
from nnviz.run.pieces import Pieces
from nnviz.run.queries import OverRange, RangeSeen
from nnviz.run.queries.over_range import points
from nnviz.views.fit_words import (
    Made,
    counted,
    error_text,
    extent_of,
    written_pieces,
    written_polynomial,
    written_sum,
)
from nnviz.views.series import Floats, Frame, Mark, Series, Stroke
from nnviz.views.table import Line, Table

ROOM = 0.5
"""How far the picture goes above and below the target, as a share of its extent: polynomials may leave it."""

WIDE = 64
"""Columns of a page from which on the labels have all their words."""

LOOKS: dict[FitName, tuple[str, Stroke, int]] = {
    "fourier": ("Fourier", "dashes", 1),
    "taylor": ("Taylor", "dots", 2),
    "network": ("network", "line", 3),
}
"""Of each fit its name at the curve, its stroke and its color."""

NO_FORMULA = "the samples have no formula, and so no derivatives. {fit_target} types one"


@dataclass(frozen=True, eq=False)
class Fit:
    """One fit of the target.

    Attributes:
        name: which one.
        label: what it is, with its order or width.
        words: how it is written, or why there is none.
        made: the sum, the polynomial, or the pieces of the network; None where there is none.
        values: at the points of the picture; None where there is none.
        highest, rms: the largest |fit − target|, and the root of the mean of its square, over the range; NaN where
            there is none.
        outside: the largest |fit − target| beyond the range.
    """

    name: FitName
    label: str
    words: str
    made: Made | None = field(default=None, repr=False)
    values: Floats | None = field(default=None, repr=False)
    highest: float = np.nan
    rms: float = np.nan
    outside: float = np.nan


@dataclass(frozen=True, eq=False)
class FitView:
    """What the page shows.

    Attributes:
        title: the target.
        words: what is to be said, with the ids of commands in braces.
        fits: the three fits; none where the data are no curve.
        series, frame: the picture.
        table: the errors, a line for each fit.
        pieces: the straight pieces of the network; None if it has none.
    """

    title: str
    words: str
    fits: tuple[Fit, ...] = ()
    series: tuple[Series, ...] = ()
    frame: Frame = field(default_factory=Frame)
    table: Table = field(default_factory=lambda: Table((), 0, lambda _: Line(())))
    pieces: Pieces | None = None


@dataclass(frozen=True, eq=False)
class _Target:
    """What is fitted, at the points of the picture and where errors are measured.

    Attributes:
        title: what it is called.
        low, high: the range.
        x: the points of the picture.
        series: how it is drawn.
        y: its values where errors are measured: at the points, or at the samples.
        label: what x is.
        formula: the formula; None of samples.
    """

    title: str
    low: float
    high: float
    x: Floats
    series: Series
    y: Floats
    label: str = "x"
    formula: Formula | None = None

    @property
    def inside(self) -> np.ndarray:
        """Which points lie in the range."""
        return np.asarray((self.x >= self.low) & (self.x <= self.high))


def query_of(lab: Lab) -> OverRange | None:
    """What the page asks of the run; None where there is no curve."""
    if not lab.valid or not is_line(job_of(lab.network).schema):
        return None
    data = lab.network.settings.data
    low, high = range_of(data) if data.name == FUNCTION else (None, None)
    return OverRange(low, high, lab.fits.reach)


def queries(lab: Lab) -> frozenset[Query[Observation]]:
    """The curve of the network."""
    query = query_of(lab)
    return frozenset() if query is None else frozenset({query})


def seen_of(lab: Lab, moment: Moment | None) -> Observation | None:
    """The newest answer to what the page asks."""
    query = query_of(lab)
    return None if moment is None or query is None else moment.observations.get(query)


def view(lab: Lab, moment: Moment | None = None, width: int = 120) -> FitView:
    """The target with its fits, for a page of so many columns."""
    network, found = lab.network, seen_of(lab, moment)
    schema, data = job_of(network).schema, network.settings.data
    if not is_line(schema):
        return FitView("", _no_line(schema))
    seen = found if isinstance(found, RangeSeen) else None
    if data.name == FUNCTION:
        target = _formula_target(formula_of(data), *range_of(data), lab.fits.reach)
    elif seen is None:
        return FitView(schema.name, f"No curve: {_why_no_network(lab, found)}.")
    else:
        target = _sample_target(f"{schema.name}, {counted(len(seen.sample_x), 'sample')}", schema.features[0], seen)
    place = lab.fits
    # Where nothing is known of the network, the others are drawn all the same.
    known = seen if seen is not None and len(seen.x) == len(target.x) else None
    fits = (
        _fourier(target, place, known),
        _taylor(target, place),
        _network(lab, target, known, _why_no_network(lab, found)),
    )
    shown = _shown(target, fits, place, known, width)
    # While it trains, the page is drawn with pauses and may be behind the line at the top.
    return replace(shown, title=f"{shown.title}, step {known.step:,}") if lab.running and known is not None else shown


def _no_line(schema: Schema) -> str:
    """Why data are no curve, and what to do."""
    inputs = counted(schema.sample_shape[0], "input") if len(schema.sample_shape) == 1 else "images"
    outputs = f"{len(schema.classes)} classes" if schema.classes else counted(schema.values, "value")
    return (
        "Fitting compares curves. It needs data of one value over one input, and "
        f"{literal(schema.name)} has {inputs} and {outputs}. {{fit_targets}} chooses a function and "
        "{fit_target} types one, each with a small ReLU stack that fits it. {undo} brings this network back."
    )


def _formula_target(of: Formula, low: float, high: float, reach: float) -> _Target:
    x, y = _points(low, high, reach), _values(of, low, high, reach)
    return _Target(of.text, low, high, x, Series("target", x, y, color=0), y, formula=of)


def _sample_target(title: str, label: str, seen: RangeSeen) -> _Target:
    series = Series("samples", seen.sample_x, seen.sample_y, "points", color=0)
    return _Target(title, seen.low, seen.high, seen.x, series, seen.sample_y, label)


@lru_cache(maxsize=8)
def _points(low: float, high: float, reach: float) -> Floats:
    """The points of the picture; the same array each time, by which a plot knows it."""
    return points(low, high, reach)


@lru_cache(maxsize=8)
def _values(of: Formula, low: float, high: float, reach: float) -> Floats:
    return of(_points(low, high, reach))


@lru_cache(maxsize=16)
def _sum_of(of: Formula, low: float, high: float, reach: float, terms: int) -> tuple[Made, str, Floats]:
    found = fourier_sum(of, low, high, terms)
    return found, written_sum(found), found(_points(low, high, reach))


@lru_cache(maxsize=16)
def _polynomial_of(
    of: Formula, low: float, high: float, reach: float, point: float, degree: int
) -> tuple[Made, str, Floats]:
    found = taylor_polynomial(of, point, degree)
    return found, written_polynomial(found), found(_points(low, high, reach))


def _fourier(target: _Target, place: FitPlace, seen: RangeSeen | None) -> Fit:
    fit = Fit("fourier", counted(place.terms, "wave"), "")
    if target.formula is None:
        assert seen is not None  # noqa: S101 (the samples came with it)
        found = fourier_of_samples(seen.sample_x, seen.sample_y, target.low, target.high, place.terms)
        fit = replace(fit, label=counted(found.terms, "wave"), made=found, words=written_sum(found))
        return _measured_at_samples(fit, target, found(target.x), found(seen.sample_x))
    return _of_formula(fit, target, lambda of: _sum_of(of, target.low, target.high, place.reach, place.terms))


def _taylor(target: _Target, place: FitPlace) -> Fit:
    if target.formula is None:
        return Fit("taylor", "", NO_FORMULA)
    point = point_of(place, target.low, target.high)
    fit = Fit("taylor", f"degree {place.degree} at {rounded(point, 4)}", "")
    return _of_formula(
        fit, target, lambda of: _polynomial_of(of, target.low, target.high, place.reach, point, place.degree)
    )


def _of_formula(fit: Fit, target: _Target, make: Callable[[Formula], tuple[Made, str, Floats]]) -> Fit:
    """A fit that follows from the formula, or why there is none."""
    assert target.formula is not None  # noqa: S101 (asked before)
    try:
        made, words, values = make(target.formula)
    except NnvizError as error:
        return replace(fit, words=literal(error.message))
    return _measured(replace(fit, made=made, words=words), target, values)


def point_of(place: FitPlace, low: float, high: float) -> float:
    """The point of the Taylor polynomial."""
    # Rounded, so that steps of a tenth come back to 0 exactly.
    return float(f"{(low + high) / 2 + place.moved * (high - low) / 20:.9g}") + 0.0


def _network(lab: Lab, target: _Target, seen: RangeSeen | None, why: str) -> Fit:
    plain = linear(1, 1).name
    widths = [str(spec["out_features"]) for spec in lab.network.layers if spec.name == plain][:-1]
    fit = Fit("network", f"{'-'.join(widths)} units" if widths else "", why)
    if seen is None:
        return fit
    words = written_pieces(seen.pieces, literal(seen.why), target.low, target.high)
    fit = replace(fit, made=seen.pieces, words=words)
    if target.formula is None:
        return _measured_at_samples(fit, target, seen.y, seen.sample_fit)
    return _measured(fit, target, seen.y)


def _why_no_network(lab: Lab, found: Observation | None) -> str:
    if not lab.valid:
        return "the stack cannot run, and page 1 says why"
    if isinstance(found, Refused):
        return literal(f"{found.message}; {found.hint}" if found.hint else found.message)
    failure = lab.status.failure
    return literal(failure.message) if failure else "it is being computed"


def _measured(fit: Fit, target: _Target, values: Floats) -> Fit:
    """A fit with its errors at the points of the picture."""
    with np.errstate(all="ignore"):
        off = np.abs(values - target.y)
        own, beyond = off[target.inside], off[~target.inside]
        # Where the target is no number, nothing is wrong.
        beyond = beyond[~np.isnan(target.y[~target.inside])]
        outside = float(beyond.max()) if len(beyond) else np.nan
        return replace(
            fit, values=values, highest=float(own.max()), rms=float(np.sqrt((own**2).mean())), outside=outside
        )


def _measured_at_samples(fit: Fit, target: _Target, values: Floats, answers: Floats) -> Fit:
    """A fit with its errors at the samples; of what lies outside nothing is known."""
    with np.errstate(all="ignore"):
        off = np.abs(answers - target.y)
        return replace(fit, values=values, highest=float(off.max()), rms=float(np.sqrt((off**2).mean())))


def _shown(target: _Target, fits: tuple[Fit, ...], place: FitPlace, seen: RangeSeen | None, width: int) -> FitView:
    series = [target.series]
    for fit in fits:
        if fit.values is not None and fit.name not in place.hidden:
            name, stroke, color = LOOKS[fit.name]
            series.append(Series(name, target.x, fit.values, stroke, color=color))
    own = target.y[target.inside] if target.formula is not None else target.y
    frame = Frame(
        "y", target.label, (float(target.x[0]), float(target.x[-1])), extent_of(own, ROOM), marks=_marks(target, place)
    )
    chosen = fits[FITS.index(place.chosen)]
    words = chosen.words if chosen.words.startswith("y ≈") else f"{LOOKS[chosen.name][0]}: {chosen.words}"
    pieces = seen.pieces if seen is not None else None
    return FitView(target.title, words, fits, tuple(series), frame, _table(fits, place, width), pieces)


def _marks(target: _Target, place: FitPlace) -> tuple[Mark, ...]:
    """Where the data begin and end; and where the Taylor polynomial touches the target, while that is chosen."""
    marks = [Mark(target.low, "data from here", True), Mark(target.high, "to here", True)] if place.reach else []
    if place.chosen == "taylor" and target.formula is not None and "taylor" not in place.hidden:
        point = point_of(place, target.low, target.high)
        marks.append(Mark(point, f"Taylor at {rounded(point, 4)}"))
    return tuple(sorted(marks, key=lambda mark: mark.x))


def _table(fits: tuple[Fit, ...], place: FitPlace, width: int) -> Table:
    """The errors side by side."""
    wide = width >= WIDE
    gap = "  " if wide else " "

    def line(at: int) -> Line:
        fit = fits[at]
        sign = " " if fit.values is None else "·" if fit.name in place.hidden else "✓"
        # What tells two apart is kept: 5 waves, not Fourier.
        label = fit.label if wide else fit.label.replace("degree ", "").replace(" units", "").replace(" waves", "")
        name = f"{sign} {LOOKS[fit.name][0]}{', ' if wide and label else ' '}{label}".rstrip()
        return Line((name, *(f"{gap}{error_text(value)}" for value in (fit.highest, fit.rms, fit.outside))))

    heads = ("fit", *(f"{gap}{head}" for head in ("max error" if wide else "max", "RMS", "outside")))
    return Table(heads, len(fits), line, elastic=0, right=frozenset({1, 2, 3}), cursor=place.row)

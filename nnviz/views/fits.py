"""The page of fitting: a target, and what a Fourier sum, a Taylor polynomial and the network make of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from nnviz.autograd.formula import rounded
from nnviz.data.formulas import (
    Formula,
    FourierSum,
    TaylorPolynomial,
    fourier_of_samples,
    fourier_sum,
    taylor_polynomial,
)
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
from nnviz.views.series import Floats, Frame, Mark, Series, Stroke
from nnviz.views.table import Line, Table

ABOVE = 0.5
"""How far the picture goes above and below the target, as a share of its extent: polynomials may leave it."""

WRITTEN = 6
"""Terms of a sum that are written out."""

STROKES: dict[FitName, Stroke] = {"fourier": "dashes", "taylor": "dots", "network": "line"}
COLORS: dict[FitName, int] = {"fourier": 1, "taylor": 2, "network": 3}
NAMES: dict[FitName, str] = {"fourier": "Fourier", "taylor": "Taylor", "network": "network"}

NO_LINE = """\
Fitting compares curves: it needs data of one value over one input, and {data} has {inputs} and {outputs}.
{{fit_targets}} chooses a function and {{fit_target}} types one, each with a small ReLU stack that fits it; {{undo}}
brings this network back."""


@dataclass(frozen=True, eq=False)
class Fit:
    """One fit of the target.

    Attributes:
        name: which one.
        label: what it is, with its order or width.
        values: at the points of the picture; None where there is none.
        why: why there is none.
        highest, rms: the largest |fit − target| and the root of the mean square of it, over the range; NaN where
            there is none.
        outside: the largest |fit − target| beyond the range.
        formula: how it is written.
    """

    name: FitName
    label: str
    values: Floats | None = field(default=None, repr=False)
    why: str = ""
    highest: float = np.nan
    rms: float = np.nan
    outside: float = np.nan
    formula: str = ""


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
    words: tuple[str, ...]
    fits: tuple[Fit, ...] = ()
    series: tuple[Series, ...] = ()
    frame: Frame = field(default_factory=Frame)
    table: Table = field(default_factory=lambda: Table((), 0, lambda _: Line(())))
    pieces: Pieces | None = None


def query_of(lab: Lab) -> OverRange | None:
    """What the page asks of the run; None where there is no curve."""
    if not lab.valid or not is_line(job_of(lab.network).schema):
        return None
    data = lab.network.settings.data
    if data.name == FUNCTION:
        return OverRange(*range_of(data), lab.fits.reach)
    return OverRange(reach=lab.fits.reach)


def queries(lab: Lab) -> frozenset[Query[Observation]]:
    """The curve of the network."""
    query = query_of(lab)
    return frozenset() if query is None else frozenset({query})


def seen_of(lab: Lab, moment: Moment | None) -> Observation | None:
    """The newest answer to what the page asks."""
    query = query_of(lab)
    return None if moment is None or query is None else moment.observations.get(query)


def view(lab: Lab, moment: Moment | None = None) -> FitView:
    """The target with its fits."""
    network = lab.network
    schema, data = job_of(network).schema, network.settings.data
    if not is_line(schema):
        shape = " x ".join(map(str, schema.sample_shape))
        inputs = f"{shape} inputs" if shape != "1" else "1 input"
        outputs = f"{len(schema.classes)} classes" if schema.classes else f"{schema.values} values"
        return FitView("", (NO_LINE.format(data=literal(schema.name), inputs=inputs, outputs=outputs),))
    found = seen_of(lab, moment)
    seen = found if isinstance(found, RangeSeen) else None
    why = _why_no_network(lab, found)
    if data.name == FUNCTION:
        return _of_formula(lab, formula_of(data), range_of(data), seen, why)
    if seen is None:
        return FitView(schema.name, (why,))
    return _of_samples(lab, seen)


def _why_no_network(lab: Lab, found: Observation | None) -> str:
    if not lab.valid:
        return "the stack cannot run: page 1 says why"
    if isinstance(found, Refused):
        return literal(f"{found.message}. {found.hint}" if found.hint else found.message)
    failure = lab.status.failure
    return literal(failure.message) if failure else "… it is computed"


def _of_formula(lab: Lab, target: Formula, ends: tuple[float, float], seen: RangeSeen | None, why: str) -> FitView:
    """The fits of a formula."""
    (low, high), place = ends, lab.fits
    x = points(low, high, place.reach)
    y = _target(target, low, high, place.reach)
    fits = (
        _fourier(target, low, high, place, x, y),
        _taylor(target, low, high, place, x, y),
        _network(lab, seen, why, x, y, low, high),
    )
    return _picture(
        lab, target.text, fits, seen, Series("target", x, y, "line", color=0), (low, high), _extent(y, x, low, high)
    )


@lru_cache(maxsize=8)
def _target(target: Formula, low: float, high: float, reach: float) -> Floats:
    """The target at the points of the picture; the same array each time, by which a plot knows it."""
    return target(points(low, high, reach))


@lru_cache(maxsize=16)
def _sum_values(target: Formula, low: float, high: float, reach: float, terms: int) -> tuple[FourierSum, Floats]:
    found = fourier_sum(target, low, high, terms)
    return found, found(points(low, high, reach))


@lru_cache(maxsize=16)
def _polynomial_values(
    target: Formula, low: float, high: float, reach: float, point: float, degree: int
) -> tuple[TaylorPolynomial, Floats]:
    found = taylor_polynomial(target, point, degree)
    return found, found(points(low, high, reach))


def _fourier(target: Formula, low: float, high: float, place: FitPlace, x: Floats, y: Floats) -> Fit:
    label = f"Fourier, {_counted(place.terms, 'wave')}"
    try:
        found, values = _sum_values(target, low, high, place.reach, place.terms)
    except NnvizError as error:
        return Fit("fourier", label, why=error.message)
    return _fit("fourier", label, values, x, y, low, high, written_sum(found))


def _taylor(target: Formula, low: float, high: float, place: FitPlace, x: Floats, y: Floats) -> Fit:
    point = point_of(place, low, high)
    label = f"Taylor, degree {place.degree} at {rounded(point, 4)}"
    try:
        found, values = _polynomial_values(target, low, high, place.reach, point, place.degree)
    except NnvizError as error:
        return Fit("taylor", label, why=error.message)
    return _fit("taylor", label, values, x, y, low, high, written_polynomial(found))


def point_of(place: FitPlace, low: float, high: float) -> float:
    """The point of the Taylor polynomial."""
    # Rounded, so that steps of a tenth come back to 0 exactly.
    return float(f"{(low + high) / 2 + place.moved * (high - low) / 20:.9g}") + 0.0


def _network(lab: Lab, seen: RangeSeen | None, why: str, x: Floats, y: Floats, low: float, high: float) -> Fit:
    label = network_label(lab)
    if seen is None or len(seen.x) != len(x):
        return Fit("network", label, why=why)
    return _fit("network", label, seen.y, x, y, low, high, written_pieces(seen, low, high))


def network_label(lab: Lab) -> str:
    """What the network is: the widths of its hidden layers."""
    plain = linear(1, 1).name
    widths = [str(spec["out_features"]) for spec in lab.network.layers if spec.name == plain][:-1]
    return f"network, {'-'.join(widths)} units" if widths else "network"


def _fit(name: FitName, label: str, values: Floats, x: Floats, y: Floats, low: float, high: float, formula: str) -> Fit:
    """A fit with its errors."""
    inside = (x >= low) & (x <= high)
    with np.errstate(all="ignore"):
        off = np.abs(values - y)
        beyond = off[~inside]
        known = beyond[~np.isnan(beyond)]
        return Fit(
            name, label, values, "", float(off[inside].max()), float(np.sqrt((off[inside] ** 2).mean())),
            float(known.max()) if len(known) else np.nan, formula,
        )  # fmt: skip


def _of_samples(lab: Lab, seen: RangeSeen) -> FitView:
    """The fits of samples, of which no formula is known: a Fourier sum by least squares, and the network."""
    place, schema = lab.fits, job_of(lab.network).schema
    low, high = seen.low, seen.high
    found = _sum_of_samples(seen, place.terms)
    samples = (seen.sample_x, seen.sample_y)
    fits = (
        _fit_of_samples(
            "fourier", f"Fourier, {_counted(found.terms, 'wave')}", found(seen.x), found(seen.sample_x), samples[1],
            written_sum(found),
        ),
        Fit("taylor", "Taylor", why="the samples have no formula, so no derivatives: {fit_target} types one"),
        _fit_of_samples(
            "network", network_label(lab), seen.y, seen.sample_fit, samples[1], written_pieces(seen, low, high)
        ),
    )  # fmt: skip
    target = Series("samples", *samples, "points", color=0)
    title = f"{schema.features[0]}, {_counted(len(seen.sample_x), 'sample')} of {schema.name}"
    return _picture(lab, title, fits, seen, target, (low, high), _bounds(seen.sample_y))


def _sum_of_samples(seen: RangeSeen, terms: int) -> FourierSum:
    return fourier_of_samples(seen.sample_x, seen.sample_y, seen.low, seen.high, terms)


def _fit_of_samples(name: FitName, label: str, values: Floats, fit: Floats, y: Floats, formula: str) -> Fit:
    with np.errstate(all="ignore"):
        off = np.abs(fit - y)
        return Fit(name, label, values, "", float(off.max()), float(np.sqrt((off**2).mean())), np.nan, formula)


def _extent(y: Floats, x: Floats, low: float, high: float) -> tuple[float, float]:
    """What the picture shows of y: the target over the range, and some room."""
    return _bounds(y[(x >= low) & (x <= high)])


def _bounds(y: Floats) -> tuple[float, float]:
    finite = y[np.isfinite(y)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    room = ABOVE * (high - low) if high > low else max(abs(low), 1.0)
    return low - room, high + room


def _picture(
    lab: Lab,
    title: str,
    fits: tuple[Fit, ...],
    seen: RangeSeen | None,
    target: Series,
    ends: tuple[float, float],
    y_range: tuple[float, float],
) -> FitView:
    place = lab.fits
    x = points(*ends, place.reach)
    shown = [fit for fit in fits if fit.values is not None and fit.name not in place.hidden]
    series = [
        Series(NAMES[fit.name], x, fit.values, STROKES[fit.name], color=COLORS[fit.name])
        for fit in shown
        if fit.values is not None
    ]
    marks = (Mark(ends[0], "data from here", True), Mark(ends[1], "to here", True)) if place.reach else ()
    frame = Frame("y", "x", (float(x[0]), float(x[-1])), y_range, marks=marks)
    chosen = fits[FITS.index(place.chosen)]
    words = (chosen.formula if chosen.values is not None else f"{NAMES[chosen.name]}: {chosen.why}",)
    pieces = seen.pieces if seen is not None else None
    # The target first: the network is a line as well, and of two lines the second has gaps.
    return FitView(title, words, fits, (target, *series), frame, _table(fits, place), pieces)


def _table(fits: tuple[Fit, ...], place: FitPlace) -> Table:
    """The errors side by side."""

    def line(at: int) -> Line:
        fit = fits[at]
        label = f"{'·' if fit.name in place.hidden else '✓'} {fit.label}"
        if fit.values is None:
            return Line((label, "—", "—", "—"))
        return Line((label, *(_error(value) for value in (fit.highest, fit.rms, fit.outside))))

    heads = ("fit", "max error", "RMS", "outside")
    return Table(heads, len(fits), line, elastic=0, right=frozenset({1, 2, 3}), cursor=place.row)


def _error(value: float) -> str:
    return "—" if np.isnan(value) else "∞" if np.isinf(value) else rounded(value, 3)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def written_sum(found: FourierSum) -> str:
    """A Fourier sum with its numbers: the largest terms first left in their order, the others counted."""
    parts = [(1.0, found.mean, "")]
    for number, (a, b) in enumerate(zip(found.cosines.tolist(), found.sines.tolist(), strict=True), 1):
        angle = rounded(2 * np.pi * number * found.frequency, 3)
        parts += [(1.0, a, f" cos {angle}x"), (1.0, b, f" sin {angle}x")]
    largest = max(abs(value) for _, value, _ in parts)
    kept = [(value, name) for _, value, name in parts if abs(value) > 1e-9 * max(largest, 1e-300)]
    return _sum(kept or [(0.0, "")])


def written_polynomial(found: TaylorPolynomial) -> str:
    """A Taylor polynomial with its numbers."""
    point = found.point
    base = "x" if point == 0 else f"(x {'−' if point > 0 else '+'} {rounded(abs(point), 4)})"
    kept = [
        (value, "" if power == 0 else f" {base}" if power == 1 else f" {base}^{power}")
        for power, value in enumerate(found.coefficients.tolist())
        if value
    ]
    return _sum(kept or [(0.0, "")])


def _sum(terms: list[tuple[float, str]]) -> str:
    """Terms with their signs; only the first few if there are many."""
    text = ""
    for value, name in terms[:WRITTEN]:
        sign = ("−" if value < 0 else "") if not text else (" − " if value < 0 else " + ")
        text += f"{sign}{rounded(abs(value), 3)}{name}"
    return f"y ≈ {text}" + (f" + … {len(terms) - WRITTEN} more" if len(terms) > WRITTEN else "")


def written_pieces(seen: RangeSeen, low: float, high: float) -> str:
    """How many straight pieces the network has."""
    pieces = seen.pieces
    if pieces is None:
        return f"network: {seen.why}" if seen.why else "network"
    kinks = pieces.kinks
    inside = int(((kinks >= low) & (kinks <= high)).sum())
    if not inside:
        return "one straight line in the range" + (f"; {_counted(len(kinks), 'bend')} outside" if len(kinks) else "")
    beyond = len(kinks) - inside
    chain = "linear, bend, linear" + (", …" if inside > 1 else "")
    said = f"{chain}: {_counted(inside, 'bend')} and {inside + 1} straight pieces in the range"
    return f"{said}, {_counted(beyond, 'bend')} outside" if beyond else said


def piece_lines(pieces: Pieces) -> list[str]:
    """The straight pieces, one a line, with the unit that bends where each begins."""
    ends = np.append(pieces.starts[1:], pieces.high)
    rows = []
    for at in range(len(pieces.starts)):
        layer, unit = pieces.units[at].tolist()
        bend = f"   layer {layer + 1}, unit {unit} bends" if layer >= 0 else ""
        term = pieces.intercepts[at]
        rows.append(
            f"{rounded(pieces.starts[at], 5):>10} to {rounded(ends[at], 5):>10}   "
            f"y = {rounded(pieces.slopes[at], 5)} x {'−' if term < 0 else '+'} {rounded(abs(term), 5)}{bend}"
        )
    return [f"{_counted(len(rows), 'straight piece')}, from left to right:", *rows]


def bends_row(kinks: Floats, columns: np.ndarray, width: int) -> str:
    """The pieces as a row of characters: ─ is straight, ▲ bends; where several bends share a column, their number.

    Args:
        kinks: where it bends.
        columns: the column of each.
        width: how many columns there are.
    """
    row = ["─"] * width
    counts = (
        np.bincount(columns[(columns >= 0) & (columns < width)], minlength=width) if len(kinks) else np.zeros(width)
    )
    for at in np.flatnonzero(counts).tolist():
        count = int(counts[at])
        row[at] = "▲" if count == 1 else str(count) if count < 10 else "#"
    return "".join(row)

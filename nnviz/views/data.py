"""The page of the data: the samples with what the network makes of them, sorted and filtered, and what it confuses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.operation import Array
from nnviz.engine import Moment
from nnviz.lab import DataPlace, Lab
from nnviz.lab.samples import ORDERS
from nnviz.network import job_of
from nnviz.run import Observation, Query, Refused, metrics
from nnviz.run.queries import Judged, Judgements, Listed, Predictions, Samples, SamplesOf
from nnviz.views.boundary import kinds_of, prediction_map
from nnviz.views.contrast import Rgb
from nnviz.views.fit import scatter
from nnviz.views.gallery import Gallery, Shown
from nnviz.views.heat import Field, Points
from nnviz.views.sample import SampleSeen, numbers, thumbnail
from nnviz.views.series import Frame, Series
from nnviz.views.table import Line, Table

MOST_MATRIX = 200
"""Classes of which the confusion matrix is counted: it has their square of cells."""

SIDES = {"train": "training", "test": "test"}

BESIDE, SHORTEST = 24, 5
"""Columns of the list besides the names of classes, and characters of these that are shown in any case."""

NARROW = 40
"""Columns of a list below which its heads are short, and small losses have two digits."""

NOTHING = "There is no such sample: {data_all} lists all, {data_matrix} goes to the matrix."

VALUES = 3
"""Values of a target that the list shows."""


@dataclass(frozen=True, eq=False)
class Confusion:
    """The confusion matrix as it is shown.

    Attributes:
        counts: (classes, classes), [i, j] counts samples of class i that were taken for j.
        names: what the classes are called.
        cursor: the chosen cell.
        chosen: the cell whose samples are listed; None for all.
        words: what the chosen cell counts, and the metrics of its class.
    """

    counts: NDArray[np.int64]
    names: tuple[str, ...]
    cursor: tuple[int, int]
    chosen: tuple[int, int] | None
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class DataView:
    """What the page shows.

    Attributes:
        words: which samples are listed, and their metrics; or why there are none.
        empty: whether the words say why there is nothing.
        table: the list.
        rows: the number of the sample on each line.
        sample: the chosen one; None where none is listed.
        confusion: the confusion matrix; None where there is none.
        gallery: the listed samples side by side, if they are images.
    """

    words: tuple[str, ...]
    empty: bool = True
    table: Table = field(default_factory=lambda: Table((), 0, lambda _: Line(())))
    rows: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    sample: SampleSeen | None = None
    confusion: Confusion | None = None
    gallery: Gallery | None = None


def queries(lab: Lab) -> frozenset[Query[Observation]]:
    """What the page asks of the run: the samples of a side, what is made of them, and for points the plane."""
    if not lab.valid:
        return frozenset()
    asked: set[Query[Observation]] = {Judgements(lab.data.side), SamplesOf(lab.data.side)}
    return frozenset(asked | {Predictions(), Samples()} if is_plane(lab) else asked)


def is_plane(lab: Lab) -> bool:
    """Whether the samples are points of a plane."""
    return len(job_of(lab.network).schema.features) == 2


def view(lab: Lab, moment: Moment | None, width: int = 80) -> DataView:
    """The samples of a side as the lab sorts and filters them, for a page of so many columns."""
    judged, listed, why = _observed(lab, moment)
    if judged is None or listed is None:
        return DataView((why,))
    schema, place = job_of(lab.network).schema, lab.data
    classes = schema.classes
    if place.cell is not None and max(place.cell) >= max(len(classes), int(judged.predicted.max(initial=0)) + 1):
        # It was chosen for other data.
        place = replace(place, cell=None)
    rows = arranged(place, judged, listed, len(classes))
    at = min(max(place.row, 0), len(rows) - 1)
    confusion = _confusion(place, judged, listed, classes) if 0 < len(classes) <= MOST_MATRIX else None
    # While it trains, the page is drawn with pauses and may be behind the line at the top.
    when = f" · step {judged.step:,}" if lab.running else ""
    words = (_which(place, judged, rows, classes) + when, _metrics_line(judged, listed, classes, confusion))
    return DataView(
        words=words if len(rows) else (*words, NOTHING),
        empty=False,
        table=_table(judged, listed, rows, classes, at, width),
        rows=rows,
        sample=_sample(lab, judged, listed, int(rows[at])) if len(rows) else None,
        confusion=confusion,
        gallery=_gallery(judged, listed, rows, classes, at) if listed.inputs.ndim == 4 else None,
    )


def _observed(lab: Lab, moment: Moment | None) -> tuple[Judged | None, Listed | None, str]:
    """What is made of the samples, the samples, and in words why there are none."""
    if not lab.valid:
        return None, None, "✗ The stack cannot run, so nothing is predicted: see the stack."
    if moment is None:
        failure = lab.status.failure
        return None, None, f"✗ no samples: {failure.message}. {failure.hint}" if failure else "… the data are loaded"
    side = lab.data.side
    for found in (moment.observations.get(Judgements(side)), moment.observations.get(SamplesOf(side))):
        if isinstance(found, Refused):
            return None, None, f"no samples: {found.message}. {found.hint}"
    judged, listed = moment.seen(Judgements(side)), moment.seen(SamplesOf(side))
    fits = judged is not None and listed is not None and len(judged.losses) == len(listed.labels)
    return (judged, listed, "") if fits else (None, None, f"… the {SIDES[side]} samples are being predicted")


def arranged(place: DataPlace, judged: Judged, listed: Listed, classes: int) -> NDArray[np.int64]:
    """The numbers of the samples that are listed, in their order. NaN is the worst loss, and the least sure."""
    rows = np.arange(len(judged.losses))
    if classes:
        keep = np.ones(len(rows), np.bool_)
        if place.cell is not None:
            keep = (listed.labels == place.cell[0]) & (judged.predicted == place.cell[1])
        elif place.wrong:
            keep = judged.predicted != listed.labels
        rows = rows[keep]
    if place.order == "loss":
        return rows[np.argsort(-np.nan_to_num(judged.losses[rows], nan=np.inf), kind="stable")]
    if place.order == "confidence" and classes:
        return rows[np.argsort(np.nan_to_num(judged.confidence[rows], nan=-np.inf), kind="stable")]
    return rows


def _which(place: DataPlace, judged: Judged, rows: NDArray[np.int64], classes: tuple[str, ...]) -> str:
    """Which samples are listed, of how many, in which order."""
    shown, total = len(judged.losses), judged.total
    of = f"{total:,} {SIDES[place.side]} samples" if shown == total else (
        f"the first {shown:,} of {total:,} {SIDES[place.side]} samples"
    )  # fmt: skip
    order = ORDERS[place.order if classes or place.order != "confidence" else "number"]
    if classes and place.cell is not None:
        true, taken = (_name(np.asarray(at), classes) for at in place.cell)
        kind = f"{true} taken for {taken}" if true != taken else f"{true}, found"
        return f"{len(rows):,} of {of}: {kind}, {order}"
    if classes and place.wrong:
        return f"{len(rows):,} of {of}: wrong ones only, {order}"
    return f"{of}, {order}"


def _metrics_line(judged: Judged, listed: Listed, classes: tuple[str, ...], confusion: Confusion | None) -> str:
    """The metrics of the listed side."""
    if not classes:
        if listed.labels.shape != judged.predicted.shape:
            return ""
        mae, rmse, r2 = metrics.value_scores(listed.labels, judged.predicted).values
        return f"MAE {mae:.4g} · RMSE {rmse:.4g} · R² {r2:.4f}"
    accuracy = float((judged.predicted == listed.labels).mean())
    if confusion is None:
        return f"accuracy {accuracy:.1%} · no confusion matrix of more than {MOST_MATRIX} classes"
    counts = confusion.counts
    scores = (metrics.macro(rule(counts), counts) for rule in (metrics.precision, metrics.recall, metrics.f1))
    named = zip(("precision", "recall", "F1"), scores, strict=True)
    return " · ".join([f"accuracy {accuracy:.1%}", *(f"{name} {score:.1%}" for name, score in named)])


def _confusion(place: DataPlace, judged: Judged, listed: Listed, classes: tuple[str, ...]) -> Confusion:
    count = max(len(classes), int(judged.predicted.max(initial=0)) + 1)
    counts = metrics.confusion_matrix(listed.labels, judged.predicted, count)
    names = (*classes, *(f"output {at}" for at in range(len(classes), count)))
    true, taken = (min(at, count - 1) for at in place.cursor)
    found = int(counts[true, taken])
    samples = f"{found:,} {'sample' if found == 1 else 'samples'}"
    cell = f"{names[true]} taken for {names[taken]}: {samples}" if true != taken else f"{names[true]}, found: {samples}"
    scores = (rule(counts)[true] for rule in (metrics.precision, metrics.recall, metrics.f1))
    of_class = [f"{name} {score:.1%}" for name, score in zip(("precision", "recall", "F1"), scores, strict=True)]
    words = (cell, f"class {names[true]}: {of_class[0]}", " · ".join(of_class[1:]))
    return Confusion(counts, names, (true, taken), place.cell, words)


def _table(
    judged: Judged, listed: Listed, rows: NDArray[np.int64], classes: tuple[str, ...], cursor: int, width: int
) -> Table:
    """The list, in so many columns: where they are few, a loss has two digits, below 0.01, so that it is not cut."""
    digits, narrow = max(len(str(judged.total - 1)), 2), width < NARROW
    classes = tuple(_cut(name, (width - BESIDE) // 2) for name in classes)
    taken = "pred. " if narrow else "predicted "
    heads = (f"{'#':>{digits}} ", " target ", taken, "  sure" if judged.shares else " score", "  loss")
    if not classes:
        heads = (heads[0], "target ", taken, " error", "  loss")

    def loss(row: int) -> str:
        return f" {_short(float(judged.losses[row]), 2 if narrow else 3)}"

    def line(at: int) -> Line:
        row = int(rows[at])
        target, predicted = _name(listed.labels[row], classes), _name(judged.predicted[row], classes)
        if classes:
            mark = " " if judged.predicted[row] == listed.labels[row] else "✗"
            return Line((f"{row:>{digits}} ", f"{mark}{target} ", f"{predicted} ", _sure(judged, row), loss(row)))
        error = _short(_error(listed.labels[row], judged.predicted[row]), 2 if narrow else 3)
        return Line((f"{row:>{digits}} ", f"{target} ", f"{predicted} ", error, loss(row)))

    return Table(heads, len(rows), line, elastic=2, right=frozenset({3, 4}), cursor=max(cursor, 0))


def _sure(judged: Judged, row: int) -> str:
    return f"{judged.confidence[row]:.1%}" if judged.shares else f"{judged.confidence[row]:.3g}"


def _short(value: float, digits: int = 3) -> str:
    """A number in at most 8 characters, mostly; with `digits` below 0.01, where zeros take the room."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    return f"{value:.0e}" if abs(value) < 0.001 else f"{value:#.{digits if abs(value) < 0.01 else 3}g}".rstrip(".")


def _error(label: Array, predicted: Array) -> float:
    return float(np.abs(np.asarray(predicted, np.float64) - label).mean())


def _cut(name: str, most: int) -> str:
    most = max(most, SHORTEST)
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _name(value: Array, classes: Sequence[str]) -> str:
    """A class by its name, or values."""
    if classes:
        return classes[int(value)] if int(value) < len(classes) else f"output {int(value)}"
    texts = [_short(float(one)) for one in np.ravel(value)[:VALUES]]
    return ", ".join([*texts, *(["…"] if np.size(value) > VALUES else [])])


@lru_cache(maxsize=2)
def _range(listed: Listed) -> tuple[float, float]:
    """The lowest and the highest number of all samples."""
    return float(listed.inputs.min()), float(listed.inputs.max())


def _gallery(judged: Judged, listed: Listed, rows: NDArray[np.int64], classes: tuple[str, ...], cursor: int) -> Gallery:
    inputs = listed.inputs
    low, high = _range(listed)

    def image(at: int) -> Shown:
        row = int(rows[at])
        target, predicted = _name(listed.labels[row], classes), _name(judged.predicted[row], classes)
        wrong = bool(classes) and target != predicted
        picture = thumbnail(inputs[row], low, high)
        assert picture is not None  # noqa: S101 (images have one)
        return Shown(row, f"{target}→{predicted}" if wrong or not classes else target, wrong, picture)

    return Gallery(len(rows), image, max(cursor, 0), (inputs.shape[2], inputs.shape[3]), inputs)


def _sample(lab: Lab, judged: Judged, listed: Listed, row: int) -> SampleSeen:
    schema = job_of(lab.network).schema
    classes, inputs = schema.classes, listed.inputs
    target, predicted = _name(listed.labels[row], classes), _name(judged.predicted[row], classes)
    lines = [f"target     {target}", f"predicted  {predicted}"]
    if classes:
        verdict = "right" if judged.predicted[row] == listed.labels[row] else "✗ wrong"
        lines += [f"{'sure' if judged.shares else 'score':<10} {_sure(judged, row)}, {verdict}"]
    else:
        lines += [f"error      {_error(listed.labels[row], judged.predicted[row]):.4g}"]
    lines += [f"loss       {judged.losses[row]:.4g}"]
    title = f"{lab.data.side} {row:,}"
    picture = thumbnail(inputs[row], *_range(listed)) if inputs.ndim == 4 else None
    return SampleSeen(row, title, tuple(lines), picture, numbers(inputs[row], schema.features))


def fit(lab: Lab, moment: Moment | None, found: DataView) -> tuple[tuple[Series, ...], Frame]:
    """Of a regression, predicted against true values of the side, with the chosen sample."""
    judged, listed, _ = _observed(lab, moment)
    if judged is None or listed is None or judged.predicted.shape != listed.labels.shape:
        return (), Frame("ŷ, R²", "y")
    r2 = metrics.value_scores(listed.labels, judged.predicted).values[2]
    row = None if found.sample is None else found.sample.number
    chosen = None if row is None else (listed.labels[row], judged.predicted[row])
    return scatter([(lab.data.side, f"{r2:.2f}" if np.isfinite(r2) else "", listed.labels, judged.predicted)], chosen)


def plane(lab: Lab, moment: Moment | None, found: DataView, background: Rgb) -> Field | None:
    """The predictions over the plane, with the listed samples on it, and the chosen one marked."""
    if moment is None or not is_plane(lab):
        return None
    predicted, samples = moment.seen(Predictions()), moment.seen(Samples())
    listed = moment.seen(SamplesOf(lab.data.side))
    if predicted is None or samples is None or listed is None or not len(found.rows):
        return None
    drawn = prediction_map(job_of(lab.network).schema, predicted, samples, background)
    x, y = listed.inputs[found.rows].T
    kinds = kinds_of(job_of(lab.network).schema, listed.labels[found.rows], samples.labels)
    assert found.sample is not None  # noqa: S101 (there are rows)
    chosen = listed.inputs[found.sample.number]
    return drawn.with_points(Points(x, y, kinds), (float(chosen[0]), float(chosen[1])))

"""The commands on the samples and the metrics: which are listed, which cell of the confusion matrix, which curves."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from nnviz.lab.command import Result
from nnviz.lab.effects import Choice, Choose, FocusData, Open, Show, Toast, WalkSample
from nnviz.lab.lab import Lab, SampleOrder
from nnviz.network import job_of
from nnviz.run.metrics import BY_CLASS, METRICS, MOST_CLASSES, Metric

MOST_CURVES = 2
"""Metrics that are drawn at a time, each for both sides: more curves could not be told apart."""

ORDERS: dict[SampleOrder, str] = {
    "loss": "worst first", "confidence": "least sure first", "number": "by number",
}  # fmt: skip
"""What the orders are called."""

NO_CLASSES = Toast("A regression has no classes, so none is wrong.")


def sort(lab: Lab) -> Result:
    """Sort the samples in the next way; a regression has no confidence."""
    orders = [order for order in get_args(SampleOrder) if _classes(lab) or order != "confidence"]
    at = orders.index(lab.data.order) if lab.data.order in orders else 0
    return lab.with_data(order=orders[(at + 1) % len(orders)], row=0), (Show("samples"),)


def wrong(lab: Lab) -> Result:
    """List the samples alone whose class is predicted wrongly, or all again."""
    if not _classes(lab):
        return lab, (NO_CLASSES,)
    return lab.with_data(wrong=not lab.data.wrong, cell=None, row=0), (Show("samples"),)


def side(lab: Lab) -> Result:
    """List the training samples, or the test samples."""
    return lab.with_data(side="train" if lab.data.side == "test" else "test", row=0), (Show("samples"),)


def unfiltered(lab: Lab) -> Result:
    """List all samples."""
    return lab.with_data(wrong=False, cell=None, row=0), (Show("samples"),)


def matrix(lab: Lab) -> Result:
    """Go to the confusion matrix, or back to the list. Of a regression, predicted against true values."""
    return lab.with_data(matrix=not lab.data.matrix), (Show("samples"), FocusData())


def gallery(lab: Lab) -> Result:
    """Go to the images side by side, or back to the list."""
    if len(job_of(lab.network).schema.sample_shape) != 3:
        return lab, (Toast("These samples are no images, so there is no gallery of them."),)
    return lab.with_data(gallery=not lab.data.gallery, matrix=False), (Show("samples"), FocusData())


def on_focus(lab: Lab, matrix: bool, gallery: bool = False) -> Result:
    """The confusion matrix has the focus, the images, or the list."""
    if not _classes(lab):
        # Predicted against true values stand beside the list, which keeps the focus.
        return lab, ()
    # Beside the matrix, the left part stays as it is.
    gallery = lab.data.gallery if matrix else gallery
    same = (lab.data.matrix, lab.data.gallery) == (matrix, gallery)
    return (lab if same else lab.with_data(matrix=matrix, gallery=gallery)), ()


def at_cell(lab: Lab, cell: tuple[int, int]) -> Result:
    """Choose another cell of the confusion matrix."""
    return lab.with_data(cursor=cell), ()


def cell(lab: Lab) -> Result:
    """List the samples of the chosen cell; all again if it is these already."""
    place = lab.data
    if place.cell == place.cursor:
        return lab.with_data(cell=None, row=0), ()
    return lab.with_data(cell=place.cursor, wrong=False, row=0, matrix=False), (Show("samples"), FocusData())


def at_row(lab: Lab, row: int) -> Result:
    """Choose another sample of the list."""
    return lab.with_data(row=row), ()


def walk_sample(lab: Lab) -> Result:
    """Walk through the chosen sample."""
    return lab, (Show("samples"), WalkSample())


def metrics(lab: Lab) -> Result:
    """Choose what the training page draws besides the loss."""
    names = metric_names(lab)
    choices = [Choice("the picture that suits the data", "The decision boundary, the fit, or the accuracy.")]
    for name in names:
        metric = metric_of(name)[0]
        about = f"{metric.formula}\n{metric.meaning}"
        choices.append(Choice(f"{'✓' if name in lab.metrics else ' '} {metric_title(lab, name)}", about))

    def done(lab: Lab, number: int) -> Result:
        lab = replace(lab, metrics=_toggled(lab.metrics, names[number - 1]) if number else ())
        return lab, (Show("training"),)

    return lab, (Open(Choose("Metrics as curves: Enter adds one, or takes it away", tuple(choices)), done),)


def metric_names(lab: Lab) -> tuple[str, ...]:
    """The metrics of these data: of all classes, then of each."""
    schema = job_of(lab.network).schema
    names = [metric.name for metric in METRICS if metric.task == schema.task]
    if 0 < len(schema.classes) <= MOST_CLASSES:
        names += [f"{name}/{number}" for number in range(len(schema.classes)) for name in BY_CLASS]
    return tuple(names)


def metric_of(name: str) -> tuple[Metric, int | None]:
    """The metric of this name, and the number of the class that it is of."""
    own, _, number = name.partition("/")
    return next(metric for metric in METRICS if metric.name == own), int(number) if number else None


def metric_title(lab: Lab, name: str) -> str:
    """What a metric is called; a mean over the classes is macro."""
    metric, number = metric_of(name)
    if number is not None:
        return f"{metric.title} of class {job_of(lab.network).schema.classes[number]}"
    return f"{metric.title} (macro)" if metric.name in BY_CLASS else metric.title


def _toggled(chosen: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The chosen metrics with `name`, or without it; all share an axis, and the newest stay."""
    if name in chosen:
        return tuple(one for one in chosen if one != name)
    unit = metric_of(name)[0].unit
    return (*(one for one in chosen if metric_of(one)[0].unit == unit), name)[-MOST_CURVES:]


def _classes(lab: Lab) -> tuple[str, ...]:
    return job_of(lab.network).schema.classes

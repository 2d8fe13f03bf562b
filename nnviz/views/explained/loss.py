"""The numbers of the page of loss and metric explained: what moves, the losses there, and the chord."""

from __future__ import annotations

import math

import numpy as np

from nnviz.engine import Moment
from nnviz.lab import Lab
from nnviz.network import job_of
from nnviz.run.metrics import ACCURACY, METRICS
from nnviz.run.queries import CurvesSeen
from nnviz.run.queries.loss_curves import Measured
from nnviz.text import percent
from nnviz.views import loss, loss_map
from nnviz.views.explained.explained import Explained, explained, written
from nnviz.views.explained.scores import accuracy

DIFFERENCES = "(f(x + h) − f(x − h)) / 2h"

FORMULAS = {
    "cross-entropy": "mean of −ln p of the true class",
    "MSE": "mean of (p − t)²",
    **{metric.title: metric.formula for metric in METRICS},
}
"""How losses and metrics are computed, by the names that the page gives them."""

OF_CLASSES = "p: the class's probability, t: 1 for the true class, else 0; "
OF_VALUES = "p: predicted, t: the target, standardized; "


def of_loss(lab: Lab, moment: Moment | None) -> list[Explained]:
    """The numbers of the curves, or of the map."""
    return _curves(lab, moment) if lab.loss.page == "curves" else _map(lab, moment)


def _curves(lab: Lab, moment: Moment | None) -> list[Explained]:
    view = loss.curves(lab, moment)
    seen, chord = view.seen, view.chord
    if seen is None:
        return []
    over = f"over {seen.samples:,} training samples, step {seen.step:,}"
    of = "what the network gives for one sample" if lab.loss.mover == "output" else "as it is trained"
    found = [
        Explained(
            seen.moved, f"{seen.present:.4g}".replace("-", "−"), words=f"{of}; all else stays", value=seen.present
        )
    ]
    near = loss.place_of(seen, seen.present)
    found += [_measured(lab, seen, one, over) for one in (*seen.losses, *seen.metrics)]
    slope = float(seen.own.slopes[near])
    found.append(
        Explained(
            f"{seen.own.name}′",
            written(slope),
            DIFFERENCES,
            words=f"by differences at the nearest place; {over}",
            value=slope,
        )
    )
    if chord is not None:
        first, last = chord.ends
        x, y, middle = seen.x, seen.own.values, chord.middle
        t = float((x[middle] - x[first]) / (x[last] - x[first]))
        values = {"a": float(y[first]), "b": float(y[last]), "t": t, "f": float(y[middle])}
        words = (
            f"the chord from {written(float(x[first]))} to {written(float(x[last]))} less the graph at "
            f"{written(float(x[middle]))}, the share t of the way: convex means that this is never below 0"
        )
        shown = written(-chord.gap)
        if all(map(math.isfinite, values.values())):
            found.append(explained("chord − graph", shown, "(1 − t) · a + t · b − f", values, words))
    return found


def _measured(lab: Lab, seen: CurvesSeen, one: Measured, over: str) -> Explained:
    """A loss or a metric as it is now."""
    classes = bool(job_of(lab.network).schema.classes)
    shown = f"{one.now:.3f}".replace("-", "−")
    if one.name == ACCURACY.title:
        return accuracy(one.name, shown, round(one.now * seen.samples), seen.samples, over)
    macro = "the mean over the classes of " if one in seen.metrics and classes else ""
    words = f"{OF_CLASSES if classes else OF_VALUES}{over}" if one.name == "MSE" else over
    formula = f"{macro}{FORMULAS.get(one.name, '')}"
    return Explained(one.name, shown, formula, words=words, value=one.now)


def _map(lab: Lab, moment: Moment | None) -> list[Explained]:
    view = loss_map.view(lab, moment)
    seen, line = view.seen, view.line
    if seen is None:
        return []
    over = f"over {seen.samples:,} of {seen.total:,} training samples, evaluated without penalties, step {seen.step:,}"
    found = [
        Explained("◎ loss", f"{seen.loss:.4g}", words=f"at the present weights, a = b = 0; {over}", value=seen.loss)
    ]
    for name, share in zip(("along a", "along b"), seen.shares, strict=False):
        words = "a singular value squared, as a share of all: how much of the path's variance lies along this direction"
        found.append(Explained(name, percent(share), "σ² / Σ σ²", words=words, value=share))
    if line is not None:
        first, last, middle = (float(seen.losses[cell]) for cell in (*line.ends, line.middle))
        whole = np.hypot(*(np.subtract(line.ends[1], line.ends[0])))
        t = float(np.hypot(*(np.subtract(line.middle, line.ends[0]))) / whole) if whole else 0.0
        values = {"a": first, "b": last, "t": t, "f": middle}
        words = "the chord between the two ▲ less the loss at ■, the share t of the way; below 0: not convex"
        if all(map(math.isfinite, values.values())):
            found.append(explained("chord − loss", written(-line.gap), "(1 − t) · a + t · b − f", values, words))
    return found

"""What a walked prediction comes to: the class with all scores, or the value in the target's own unit."""

from __future__ import annotations

import numpy as np

from nnviz import nn
from nnviz.autograd.formula import short
from nnviz.autograd.modes import no_grad
from nnviz.autograd.operation import Array
from nnviz.network import build_loss, job_of
from nnviz.run import Walk
from nnviz.text import percent

MOST = 10
"""Scores, and values, that are listed: the highest first, of values the first."""


def answer(walk: Walk, position: int, chosen: tuple[int, ...] | None) -> list[str]:
    """The lines at the last stop of a prediction: what the answer for the chosen sample is; none at other stops.

    Args:
        walk: it has reached `position`.
        position: the stop, counted from 1.
        chosen: the element whose sample is spoken of; the first if left out.
    """
    if not walk.predicting or not walk.outline.complete or position != len(walk.stops) or not walk.loaded:
        return []
    out, (side, rows) = walk.value(walk.stops[position - 1].node), walk.samples
    if out.ndim < 1 or len(out) != len(rows):
        return []
    at = min(chosen[0], len(out) - 1) if chosen else 0
    of = f"{side} {int(rows[at]):,}"
    data = job_of(walk.network).data()
    label = (data.train_y if side == "train" else data.test_y)[rows[at]]
    one = out[at : at + 1]
    if job_of(walk.network).schema.classes:
        return _class_lines(walk, one, int(label), of)
    return _value_lines(walk, one, of)


def _class_lines(walk: Walk, out: Array, label: int, of: str) -> list[str]:
    """The predicted class and how sure it is; then all scores, the highest first."""
    classes, layers, loss = job_of(walk.network).schema.classes, walk.network.layers, build_loss(walk.network)
    with no_grad(), np.errstate(all="ignore"):
        scores = loss.probabilities(out)
    own = bool(layers) and nn.facts_of(layers[-1]).distribution and out.shape == scores.shape
    best = int(scores.argmax(axis=1)[0])
    found = out[0] if own else scores[0]
    if not np.isfinite(found).all():
        return [f"The answer for {of}: none, because its outputs are not finite."]
    shares = abs(float(found.sum()) - 1) < 1e-3
    names = [classes[i] if i < len(classes) else f"output {i}" for i in range(len(found))]
    said = [percent(float(one)) if shares else short(one) for one in found]
    order = [int(i) for i in np.argsort(-found, kind="stable")]
    listed = ", ".join(f"{names[i]}: {said[i]}" for i in order[:MOST]) + (" …" if len(order) > MOST else "")
    made = "" if own else _maker(loss.probabilities.__doc__)
    sure = f"{said[best]} sure" if shares else f"score {said[best]}"
    right = "which is right" if best == label else f"✗ the target is {classes[label]}"
    return [
        f"The answer for {of}: {names[best]}, {sure}, {right}.",
        f"{f'{made} gives' if made else 'scores,'} {listed}",
    ]


def _value_lines(walk: Walk, out: Array, of: str) -> list[str]:
    """The predicted values; where targets are standardized, in their own unit."""
    data = job_of(walk.network).data()
    values = np.ravel(out if data.targets is None else data.targets.undo(out))
    listed = ", ".join(short(one) for one in values[:MOST]) + (" …" if len(values) > MOST else "")
    unit = "" if data.targets is None else " in the unit of the target; out is standardized"
    return [f"The answer for {of}: {listed}{unit}."]


def _maker(about: str | None) -> str:
    """By what scores are made, as its documentation begins: softmax or sigmoid; empty for anything else."""
    word = (about or "").replace(",", " ").split(" ")[0].lower()
    return word if word in ("softmax", "sigmoid") else ""

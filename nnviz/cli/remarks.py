"""What `nnviz train` remarks beside its numbers: their units, and that training has gone wrong."""

from __future__ import annotations

import math

import numpy as np

from nnviz.autograd import Tensor, no_grad
from nnviz.data import source_of
from nnviz.network import job_of
from nnviz.run import Evaluation, Trainer

FAR = 3.0
"""A loss is far above that of guessing if it is so many times as large."""

MOST = 10_000
"""So many samples tell the loss of guessing."""


def beginning(trainer: Trainer) -> list[str]:
    """Of a new run from saved weights: that it is one."""
    if trainer.step or not trainer.run.weights:
        return []
    return ["a new run begins at epoch 0, from the saved weights; --resume goes on with the saved run instead"]


def units(trainer: Trainer) -> list[str]:
    """Of a regression on data of one's own: that its losses are of standardized values."""
    scale = trainer.data.targets
    if source_of(trainer.network.settings.data) is None or scale is None:
        return []
    if (scale.mean == 0).all() and (scale.std == 1).all():
        return []
    if scale.mean.size > 1:
        return ["the losses are of standardized values: each minus its mean, divided by its standard deviation"]
    mean, std = float(scale.mean.ravel()[0]), float(scale.std.ravel()[0])
    return [f"the losses are of the standardized target, (value - {mean:.6g}) / {std:.6g}"]


def outcome(trainer: Trainer, row: Evaluation) -> list[str]:
    """At the end: that the loss is far above that of guessing."""
    guess = loss_of_guessing(trainer)
    if guess is None or row.train_loss <= FAR * guess:
        return []
    return [
        f"the training loss ended at {row.train_loss:.4g}, far above the {guess:.4g} of guessing: "
        "lower the learning rate, or look at the data"
    ]


def loss_of_guessing(trainer: Trainer) -> float | None:
    """The training loss of equal scores for all classes, or of the mean value; None if the loss knows no such guess."""
    loss, job = trainer.loss, job_of(trainer.network)
    classes = max(len(job.schema.classes), 1)
    scores = {"values": 0.0, "logits": 0.0, "log-probabilities": -math.log(classes), "probabilities": 0.5}
    score = scores.get(loss.wants)
    if score is None or loss.reduction != "mean":
        return None
    y = job.targets(trainer.data.train_y[:MOST])
    out = np.full((len(y), job.outputs), score, np.float32)
    if loss.wants == "values" and not job.schema.classes:
        out += y.mean(axis=0)
    with no_grad(), np.errstate(all="ignore"):
        return float(loss(Tensor(out), Tensor(y)).item())

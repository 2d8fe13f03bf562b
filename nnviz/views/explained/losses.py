"""What a loss says, in words: of which terms it is the mean, or the sum, and what that means."""

from __future__ import annotations

import math

from nnviz import nn
from nnviz.lab import Lab
from nnviz.network import Network, job_of
from nnviz.nn.losses import Measured
from nnviz.registry import Spec
from nnviz.run.metrics import KEPT, Scores
from nnviz.views.explained.explained import Explained, explained, written
from nnviz.views.status import loss_text

SMOOTHING = "label_smoothing"


def measured_by(spec: Spec) -> Measured:
    """What a loss is the mean of."""
    kind = nn.losses[spec.name].factory
    return kind.measured(dict(spec.arguments)) if isinstance(kind, type) and issubclass(kind, nn.Loss) else ""


def is_mean(spec: Spec) -> bool:
    """Whether the losses of the samples are averaged; otherwise those of a batch are added up."""
    return spec.get("reduction", "mean") == "mean"


def ends_in_shares(network: Network) -> bool:
    """Whether the last layer gives probabilities already."""
    return bool(network.layers) and bool(nn.facts_of(network.layers[-1]).distribution)


def terms_of(network: Network) -> int:
    """How many numbers of a sample the loss compares: its target's, or one for the number of a class."""
    return math.prod(job_of(network).target_shape(1)[1:])


def summary_of(spec: Spec) -> str:
    """What the loss is, by its arguments."""
    said = f"{spec.name}: {nn.losses[spec.name].summary}"
    spread = spec.get(SMOOTHING, 0.0)
    return f"{said}, of which {SMOOTHING} spreads {spread:g} evenly over all classes" if spread else said


def loss_of(lab: Lab, name: str, loss: float, count: int, where: str, scores: Scores) -> Explained:
    """A loss over so many samples, with what it says."""
    spec, schema = lab.network.settings.loss, job_of(lab.network).schema
    where = f"{where}, without penalties"
    if not is_mean(spec):
        words = f"{summary_of(spec)}; with reduction sum it is added up over a batch of {job_of(lab.network).batch:,}, "
        words += f"and this is what a batch has on average over {where}"
        return Explained(name, loss_text(loss), words=words, value=loss)
    if not math.isfinite(loss):
        return Explained(name, loss_text(loss), words=f"{summary_of(spec)}; {where}", value=loss)
    each, measured = terms_of(lab.network), measured_by(spec)
    words = f"{summary_of(spec)}. S: their sum over {where}"
    words += f"; N: {count:,} samples · {each:,} outputs" if each > 1 else ""
    if measured == "surprise":
        words += _surprise(lab.network, loss, len(schema.classes))
    elif measured == "squares" and schema.standardize and schema.values == 1 and loss > 0:
        words += _root(loss, scores)
    return explained(name, loss_text(loss), "S / N", {"S": loss * count * each, "N": count * each}, words)


def _surprise(network: Network, loss: float, classes: int) -> str:
    if ends_in_shares(network):
        return ". The last layer gives probabilities, and the loss applies log-softmax to these once more"
    return (
        f". The true class is given e^−L = {math.exp(-loss):.4g} (geometric mean); guessing among {classes} gives "
        f"1 / {classes}, and a loss of ln {classes} = {math.log(classes):.4f}"
    )


def _root(loss: float, scores: Scores) -> str:
    """The loss of standardized values in their own unit."""
    if len(scores.values) != len(KEPT["regression"]):
        return ""
    root, rmse = math.sqrt(loss), scores.values[1]
    return (
        f". Its values are standardized: √{written(loss)} = {written(root)}, times {written(rmse / root)}, the std of "
        f"the target, is {written(rmse)}, the RMSE in its own unit"
    )

"""A network in evaluation mode: loss and accuracy over a set, predictions, and the outputs of its layers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from nnviz import nn
from nnviz.autograd import Tensor, no_grad
from nnviz.autograd.operation import Array
from nnviz.data import Prepared
from nnviz.network import BYTES, Network, Stack, build_loss, job_of, trace
from nnviz.run.metrics import Scores, Totals, class_scores, count_totals, spread_of, value_scores

CHUNK = 4096
"""Most samples that are evaluated at a time."""

CHUNK_BYTES = 64 * 2**20
"""Most bytes that the output of the widest layer may take for the samples that are evaluated at a time."""


class Evaluator:
    """What a model gives for samples. It leaves parameters, buffers and generators as they are.

    Args:
        network: the network, without errors.
        model: its modules; they are put into evaluation mode for each call, and into training mode afterwards.
        loss: its loss.
        data: what it is trained on, which says how samples and predictions are scaled.
    """

    def __init__(self, network: Network, model: Stack, loss: nn.Loss, data: Prepared) -> None:
        # The program's own process never trains: what it does not need would make it open later.
        from nnviz.plan import compile_forward

        self._network, self._model, self._loss, self._data = network, model, loss, data
        self._job = job_of(network)
        self._spreads: dict[int, tuple[Array, Array]] = {}
        # Without parameters there may be nothing to compute, and so nothing to plan.
        trains = next(iter(model.parameters()), None) is not None
        self._predict = compile_forward(model) if trains else lambda x: model(Tensor(x))
        widest = max((math.prod(row.output[1:]) for row in trace(network).rows if row.output), default=1)
        self._chunk = max(min(CHUNK, CHUNK_BYTES // (BYTES * max(widest, 1))), 1)

    def measure(self, x: Array, y: Array) -> tuple[float, float, Scores]:
        """Loss, accuracy and the other metrics over a set, all of the same predictions.

        A loss with the reduction "sum" is given as the sum over one batch, so that it can be compared with that of a
        training step.

        Args:
            x: standardised inputs.
            y: class numbers, or standardised values.

        Returns:
            (loss, accuracy, scores); the loss is the mean over the samples, and the accuracy the share of samples
            whose highest output is their class, NaN for a regression.

        Shape:
            - x: (N, *sample_shape)
            - y: (N,) for a classification, (N, outputs) for a regression
        """
        total, classes = 0.0, self._job.schema.task == "classification"
        found = []
        for at in range(0, len(x), self._chunk):
            part, labels = self._outputs(x[at : at + self._chunk]), y[at : at + self._chunk]
            with no_grad(), np.errstate(all="ignore"):
                loss = self._loss(Tensor(part), Tensor(self._job.targets(labels))).item()
                # Of outputs the plan has one array, which the next chunk overwrites.
                found.append(self._loss.probabilities(part).argmax(axis=1) if classes else part.copy())
            total += loss * (self._job.batch if self._loss.reduction == "sum" else len(part))
        answers: Array = np.concatenate(found)
        if classes:
            totals = self._totals(y, answers)
            return total / len(x), float(totals[0].sum()) / len(x), class_scores(totals)
        return total / len(x), math.nan, self.value_scores(y, answers)

    def _totals(self, labels: Array, predicted: Array) -> Totals:
        # A network may have more outputs than there are classes.
        classes = max(len(self._job.schema.classes), int(predicted.max()) + 1)
        return count_totals(labels, predicted, classes)

    def value_scores(self, y: Array, answers: Array) -> Scores:
        """The scores of standardised answers for standardised values, in the target's own unit."""
        if answers.shape != y.shape:
            # A loss may compare shapes that broadcast; then a prediction has no target of its own.
            return Scores()
        if id(y) not in self._spreads:
            # Kept with the labels, so that no others can be taken for them.
            self._spreads[id(y)] = y, spread_of(y)
        unit = self._data.targets.std if self._data.targets is not None else 1.0
        return value_scores(y, answers, unit, self._spreads[id(y)][1])

    def predict(self, points: Array) -> Array:
        """The prediction for each of `points`.

        Args:
            points: samples in the data's own units.

        Returns:
            Class probabilities, or values in the target's own units.

        Shape:
            - points: (N, *sample_shape)
            - returned: (N, classes) or (N, outputs)
        """
        data = self._data
        x = data.inputs.apply(points)
        out = np.concatenate([self._outputs(x[at : at + self._chunk]) for at in range(0, len(x), self._chunk)])
        if self._job.schema.task == "regression":
            return out if data.targets is None else data.targets.undo(out)
        if self._network.layers and nn.facts_of(self._network.layers[-1]).distribution:
            return out
        with no_grad(), np.errstate(all="ignore"):
            return self._loss.probabilities(out)

    def judge(self, x: Array, y: Array) -> tuple[Array, Array, Array, bool]:
        """What the network makes of each sample.

        Args:
            x, y: as for `measure`.

        Returns:
            (predicted, confidence, losses, shares): class numbers or values in the target's own units; the score of
            the predicted class, NaN for a regression; the loss of each sample; whether the scores of a sample sum
            to 1, so that they are probabilities.
        """
        single = build_loss(self._network)
        single.reduction = "none"
        own = self._network.layers and nn.facts_of(self._network.layers[-1]).distribution
        found, scores, losses, shares = [], [], [], True
        for at in range(0, len(x), self._chunk):
            part, labels = self._outputs(x[at : at + self._chunk]).copy(), y[at : at + self._chunk]
            with no_grad(), np.errstate(all="ignore"):
                each = single(Tensor(part), Tensor(self._job.targets(labels))).array.reshape(len(part), -1)
                losses.append(each.sum(axis=1) if self._loss.reduction == "sum" else each.mean(axis=1))
                if self._job.schema.task == "regression":
                    found.append(part if self._data.targets is None else self._data.targets.undo(part))
                    scores.append(np.full(len(part), math.nan))
                    continue
                answers = self._loss.probabilities(part)
                best = answers.argmax(axis=1)
                answers = part if own and part.shape == answers.shape else answers
                found.append(best)
                scores.append(np.take_along_axis(answers, best[:, None], axis=1)[:, 0])
                shares = shares and bool(np.abs(np.nan_to_num(answers.sum(axis=1), nan=1.0) - 1).max() < 1e-3)
        return np.concatenate(found), np.concatenate(scores), np.concatenate(losses), shares

    def outputs(self, x: Array, layers: int) -> Array:
        """The output of layer number `layers`, counted from 1; the samples themselves for 0.

        Args:
            x: standardised samples, (N, *sample_shape).
            layers: how many layers they go through.
        """
        out = Tensor(x)
        with evaluating(self._model), no_grad(), np.errstate(all="ignore"):
            rows = self._model.run(out)
            for _ in range(layers):
                out = next(rows)
        return out.array.copy()

    def _outputs(self, x: Array) -> Array:
        """The output of the last layer."""
        with evaluating(self._model):
            return self._predict(x).array


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Context in which `model` is in evaluation mode; it is in training mode afterwards."""
    model.eval()
    try:
        yield
    finally:
        model.train()

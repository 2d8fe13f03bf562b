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
from nnviz.network import BYTES, Network, Stack, job_of, trace

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
        # Without parameters there may be nothing to compute, and so nothing to plan.
        trains = next(iter(model.parameters()), None) is not None
        self._predict = compile_forward(model) if trains else lambda x: model(Tensor(x))
        widest = max((math.prod(row.output[1:]) for row in trace(network).rows if row.output), default=1)
        self._chunk = max(min(CHUNK, CHUNK_BYTES // (BYTES * max(widest, 1))), 1)

    def measure(self, x: Array, y: Array) -> tuple[float, float]:
        """Loss and accuracy over a set, both as means over its samples.

        A loss with the reduction "sum" is given as the sum over one batch, so that it can be compared with that of a
        training step.

        Args:
            x: standardised inputs.
            y: class numbers, or standardised values.

        Returns:
            (loss, accuracy); the accuracy is the share of samples whose highest output is their class, NaN for a
            regression.

        Shape:
            - x: (N, *sample_shape)
            - y: (N,) for a classification, (N, outputs) for a regression
        """
        total, right = 0.0, 0.0
        classes = self._job.schema.task == "classification"
        for at in range(0, len(x), self._chunk):
            part, labels = self._outputs(x[at : at + self._chunk]), y[at : at + self._chunk]
            with no_grad(), np.errstate(all="ignore"):
                loss = self._loss(Tensor(part), Tensor(self._job.targets(labels))).item()
                if classes:
                    right += float((self._loss.probabilities(part).argmax(axis=1) == labels).sum())
            total += loss * (self._job.batch if self._loss.reduction == "sum" else len(part))
        return total / len(x), right / len(x) if classes else math.nan

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

"""Losses: one number that says how wrong a prediction is."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnviz.autograd import Tensor, ops
from nnviz.nn.module import Module, losses


class Loss(Module):
    """Base of the losses. `target` says what the labels must be: class numbers, or values to come close to."""

    target: ClassVar[Literal["classes", "values"]]


@losses.register("classification")
class CrossEntropyLoss(Loss):
    """mean of −log softmax(z) at the true class

    Log-softmax is applied here: the network gives logits and needs no Softmax of its own.

    Shape:
        Input: logits (N, C). Target: class numbers (N,), whole numbers from 0 to C − 1. Output: a single number.
    """

    target = "classes"

    def forward(self, *inputs: Tensor) -> Tensor:
        """log_softmax, then the negative log-likelihood of the true class, then the mean."""
        logits, target = inputs
        return ops.nll(ops.log_softmax(logits, dim=1 if logits.ndim > 1 else 0), target).mean()


@losses.register("regression")
class MSELoss(Loss):
    """mean of (prediction − target)²

    Shape:
        Input and target: the same, any. Output: a single number.
    """

    target = "values"

    def forward(self, *inputs: Tensor) -> Tensor:
        """The difference, squared, then the mean."""
        prediction, target = inputs
        return ops.square(prediction - target).mean()

"""The loss as a function of all weights, and of what the network gives, on a model of its own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd import Tensor, no_grad
from nnviz.autograd.operation import Array, Shape
from nnviz.network import build_loss, build_model
from nnviz.run.queries.query import Observed

Floats = NDArray[np.float64]

PART = 128
"""Samples that go through the network at a time, after which other work may be done."""


class LossSurface:
    """The loss over training samples, as a function of the parameters, in evaluation mode.

    Dropout does nothing and BatchNorm normalizes by its running statistics, so that the same weights have one loss.
    Penalties (L1, weight decay) are not part of it, as in all losses that are shown. A loss with the reduction "sum"
    is given as the sum over one batch, as `Evaluator.measure` does.

    It is computed in float64, so that differences of it, and chords that lie hardly below it, are no rounding.
    Everything is copied: the trainer may go on meanwhile.

    Args:
        trainer: what is trained.
        most: how many samples at most; of more, so many are taken in equal distances.

    Attributes:
        start: the parameters at the present step, one after the other, (P,).
        shapes: the path of each parameter in the model, and its shape, in the same order.
        y: the labels of the samples, as the data have them.
        total: how many training samples there are.
    """

    def __init__(self, trainer: Observed, most: int) -> None:
        # The program's own process never trains: what it does not need would make it open later.
        from nnviz.plan import compile_forward

        network, data, self._job = trainer.network, trainer.data, trainer.job
        self.total = len(data.train_x)
        count = min(self.total, most)
        rows = np.arange(count) * self.total // max(count, 1)
        self.x, self.y = _precise(data.train_x[rows]), data.train_y[rows]
        self._targets = Tensor(_precise(self._job.targets(self.y)))
        self._model, self.loss_function = build_model(network).double(), build_loss(network).double()
        self._model.load_state_dict(trainer.model.state_dict())
        self._model.eval()
        self._parameters = list(self._model.named_parameters())
        trains = bool(self._parameters)
        self._predict = compile_forward(self._model) if trains else lambda x: self._model(Tensor(x))
        self.shapes: tuple[tuple[str, Shape], ...] = tuple((name, one.shape) for name, one in self._parameters)
        arrays = [one.array.ravel() for _, one in self._parameters]
        self.start: Floats = np.concatenate(arrays).astype(np.float64) if arrays else np.zeros(0)

    def outputs_in_parts(self, weights: Floats) -> Iterator[Array]:
        """What the network gives for the samples with these weights, part by part."""
        at = 0
        for _, parameter in self._parameters:
            count = parameter.numel()
            parameter.array[...] = weights[at : at + count].reshape(parameter.shape)
            at += count
        for first in range(0, len(self.x), PART):
            with np.errstate(all="ignore"):
                part = self._predict(self.x[first : first + PART]).array.copy()
            yield part

    def outputs(self, weights: Floats) -> Array:
        """What the network gives for the samples with these weights, (N, ...)."""
        return np.concatenate([*self.outputs_in_parts(weights)])

    def loss_of(self, outputs: Array) -> float:
        """The loss of these outputs."""
        with no_grad(), np.errstate(all="ignore"):
            loss = float(self.loss_function(Tensor(outputs), self._targets).item())
        return loss * (self._job.batch / len(self.x) if self.loss_function.reduction == "sum" else 1.0)

    def loss(self, weights: Floats) -> float:
        """The loss with these weights, (P,)."""
        return self.loss_of(self.outputs(weights))

    def parameter_at(self, number: int) -> tuple[str, Shape]:
        """The path of the parameter that holds number `number` of all weights, and the index there."""
        for name, shape in self.shapes:
            count = int(np.prod(shape))
            if number < count:
                return name, tuple(int(at) for at in np.unravel_index(number, shape))
            number -= count
        raise IndexError(number)


def _precise(numbers: Array) -> Array:
    """The numbers in float64; class numbers and other integers as they are."""
    return numbers.astype(np.float64) if np.issubdtype(numbers.dtype, np.floating) else numbers

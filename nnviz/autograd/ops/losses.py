"""The operations of loss functions, element by element or per sample."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

from nnviz.autograd.formula import factor
from nnviz.autograd.operation import Array, Operation, Shape, define
from nnviz.autograd.ops.activation import sigmoid_of
from nnviz.autograd.ops.elementwise import broadcast, of_one, same
from nnviz.autograd.sample_inputs import Domain, Sample, unary
from nnviz.errors import OperationError, PositionError, ShapeError, ShapeValueError

LOWEST_LOG = -100.0
"""The lower bound of logarithms in BCELoss, as in PyTorch, so that predictions of 0 or 1 have a finite loss."""


SMALLEST_VARIANCE = float(np.float32(1e-12))
"""The lower bound of p (1 − p) in the gradient of BCELoss, as in PyTorch, which stores it in float32."""


def _true_scores(target: Array) -> tuple[Array, ...]:
    """The index in (batch, classes, ...) of the score of every label's class."""
    ndim = target.ndim
    if ndim == 1:
        return np.arange(len(target)), target
    batch, *rest = (np.arange(n).reshape(-1, *(1,) * (ndim - 1 - i)) for i, n in enumerate(target.shape))
    return (batch, target, *rest)


def check_labels(labels: Array, classes: int) -> None:
    """Check that all labels are class indices.

    Raises:
        PositionError: one of them is not.
    """
    if labels.size and not 0 <= np.minimum.reduce(labels, None) <= np.maximum.reduce(labels, None) < classes:
        wrong = labels[(labels < 0) | (labels >= classes)].flat[0]
        raise PositionError(f"Target {wrong} is out of bounds.", f"labels must be from 0 to {classes - 1}")


def _nll(log_p: Array, target: Array) -> Array:
    check_labels(target, log_p.shape[1])
    return np.asarray(-log_p[_true_scores(target)])


def _nll_gradient(g: Array, out: Array, log_p: Array, target: Array) -> Array:
    gradient = np.zeros(log_p.shape, g.dtype)
    gradient[_true_scores(target)] = -g
    return gradient


def _nll_shape(log_p: Shape, target: Shape) -> Shape:
    if len(log_p) == 2 and len(target) > 1:
        raise ShapeError(
            "0D or 1D target tensor expected, multi-target not supported",
            f"one whole-number label for every row of scores: {log_p[:1]}, not {target}",
        )
    if len(log_p) > 1 and target and log_p[0] != target[0]:
        raise ShapeValueError(f"Expected input batch_size ({log_p[0]}) to match target batch_size ({target[0]}).")
    if len(log_p) < 2 or len(target) != len(log_p) - 1 or log_p[2:] != target[1:]:
        raise ShapeError(
            f"Expected target size {[*log_p[:1], *log_p[2:]]}, got {list(target)}",
            "scores are (batch, classes, ...) and labels (batch, ...): one whole number for every row of scores",
        )
    return target


def _nll_samples() -> list[Sample]:
    drawn = np.random.default_rng(3)
    shapes: list[Shape] = [(4, 3), (1, 1), (0, 3), (2, 5), (2, 3, 2)]
    found = []
    for number in range(40):
        shape = shapes[number % len(shapes)]
        found.append(Sample((drawn.normal(size=shape), drawn.integers(0, shape[1], (shape[0], *shape[2:])))))
    return found


def _huber(d: Array, delta: float) -> Array:
    size = np.abs(d)
    return np.asarray(np.where(size <= delta, 0.5 * d * d, delta * (size - 0.5 * delta)))


def _hinge_gradient(g: Array, out: Array, x: Array, t: Array, margin: float) -> Array:
    # −1 at the margin itself, as in PyTorch.
    return np.asarray(g * np.where(t == 1, 1, -(margin - x >= 0).astype(g.dtype)))


def _hinge_samples() -> list[Sample]:
    drawn = np.random.default_rng(9)
    shapes: list[Shape] = [(), (3,), (2, 2), (0,), (5, 1)]
    return [
        Sample(
            (Domain(-2, 2, away=(1.0, 0.5)).draw(shapes[n % 5], n), drawn.choice([-1, 1], shapes[n % 5])),
            {"margin": (1.0, 0.5)[n % 2]},
        )
        for n in range(40)
    ]


def _equal_shapes(prediction: Shape, target: Shape) -> Shape:
    if prediction != target:
        raise ShapeValueError(
            f"Using a target size (torch.Size({list(target)})) that is different to the input size "
            f"(torch.Size({list(prediction)})) is deprecated. Please ensure they have the same size."
        )
    return prediction


def _logs(p: Array) -> tuple[Array, Array]:
    """ln p and ln (1 − p), neither below LOWEST_LOG."""
    return np.maximum(np.log(p), LOWEST_LOG), np.maximum(np.log1p(-p), LOWEST_LOG)


def _bce(p: Array, t: Array) -> Array:
    if p.size and not (p.min() >= 0 and p.max() <= 1) and not np.isnan(p).any():
        raise OperationError(
            "all elements of input should be between 0 and 1",
            "BCELoss takes probabilities: put a Sigmoid last, or use BCEWithLogitsLoss",
        )
    if t.size and (t.min() < 0 or t.max() > 1):
        raise OperationError(
            "all elements of target should be between 0 and 1", "targets are probabilities: 0 for no, 1 for yes"
        )
    log_p, log_q = _logs(p)
    return np.asarray(-(t * log_p + (1 - t) * log_q))


def _bce_gradient(g: Array, out: Array, p: Array, t: Array) -> Array:
    return np.asarray(g * (p - t) / np.maximum(p * (1 - p), p.dtype.type(SMALLEST_VARIANCE)))


def _bce_target_gradient(g: Array, out: Array, p: Array, t: Array) -> Array:
    log_p, log_q = _logs(p)
    return np.asarray(g * (log_q - log_p))


def _bce_with_logits(z: Array, t: Array) -> Array:
    # t · ln(1 + e⁻ᶻ) + (1 − t) · ln(1 + eᶻ): no cancellation where the prediction is confident and right.
    return np.asarray(np.log1p(np.exp(-np.abs(z))) + t * np.maximum(-z, 0) + (1 - t) * np.maximum(z, 0))


def _probabilities(domain: Domain) -> Callable[[], list[Sample]]:
    """Pairs of a prediction and a target of the same shape, the target between 0 and 1."""

    def samples() -> list[Sample]:
        targets = unary(Domain(0.0, 1.0))()
        return [
            Sample((sample.arrays[0], target.arrays[0]))
            for sample, target in zip(unary(domain)(), targets, strict=True)
        ]

    return samples


nll = define(
    "nll",
    forward=_nll,
    vjps=(_nll_gradient, None),
    shape=_nll_shape,
    formula="−l of the true class, l = log p",
    gradients=("−upstream at the true class, 0 elsewhere", None),
    letters="ly",
    written=lambda own, z, y, **_: f"−{factor(z[0])}",
    saved=(1,),
    samples=_nll_samples,
)
huber = define(
    "huber",
    forward=_huber,
    vjps=(lambda g, out, d, delta: g * np.clip(d, -delta, delta),),
    shape=same,
    formula="d² / 2 for |d| ≤ δ, else δ · (|d| − δ / 2)",
    gradients=("upstream · min(max(d, −δ), δ)",),
    letters="d",
    elementwise=True,
    saved=(0,),
    samples=unary(Domain(-4, 4, (-1.0, 1.0)), {"delta": 1.0}, {"delta": 5.0}, extremes=(-1e3, 1e3)),
    analytic=False,
)
hinge = define(
    "hinge",
    forward=lambda x, t, margin: np.where(t == 1, x, np.maximum(margin - x, 0)),
    vjps=(_hinge_gradient, None),
    shape=lambda x, t, margin: broadcast(x, t),
    formula="x where t = 1, else max(0, margin − x)",
    gradients=("upstream where t = 1, else −upstream for x ≤ margin, else 0", None),
    letters="xt",
    elementwise=True,
    saved=(0, 1),
    samples=_hinge_samples,
    analytic=False,
)


def _one_hot(labels: Array, classes: int, dtype: DTypeLike) -> Array:
    if labels.size and labels.min() < 0:
        raise PositionError("Class values must be non-negative.", f"labels must be from 0 to {classes - 1}")
    if labels.size and labels.max() >= classes:
        raise PositionError("Class values must be smaller than num_classes.", f"labels must be from 0 to {classes - 1}")
    return np.asarray(labels[..., None] == np.arange(classes)).astype(dtype)


one_hot = Operation(
    # Not in the table: from integers to integers there is no gradient to test.
    "one_hot", _one_hot, (None,), lambda labels, classes, **_: (*labels, classes), "1 at y, else 0", (), list,
    analytic=False, view=False,
)  # fmt: skip
xlogx = of_one(
    "xlogx",
    # 0 at 0, the limit; the derivative there is infinite, and taken as 0.
    forward=lambda t: np.where(t == 0, 0, t * np.log(np.where(t == 0, 1, t))).astype(t.dtype, copy=False),
    vjps=(lambda g, out, t: g * np.where(t == 0, 0, np.log(np.where(t == 0, 1, t)) + 1),),
    formula="a · ln a",
    gradients=("upstream · (ln a + 1)",),
    saved=(0,),
    samples=unary(Domain(0.05, 3)),
)
bce = define(
    "bce",
    forward=_bce,
    vjps=(_bce_gradient, _bce_target_gradient),
    shape=_equal_shapes,
    formula="−t · ln p − (1 − t) · ln(1 − p)",
    gradients=("upstream · (p − t) / (p · (1 − p))", "upstream · (ln(1 − p) − ln p)"),
    letters="pt",
    elementwise=True,
    saved=(0, 1),
    samples=_probabilities(Domain(0.05, 0.95)),
    analytic=False,
)
bce_with_logits = define(
    "bce_with_logits",
    forward=_bce_with_logits,
    vjps=(lambda g, out, z, t: g * (sigmoid_of(z) - t), lambda g, out, z, t: -g * z),
    shape=_equal_shapes,
    formula="ln(1 + eᶻ) − t · z",
    gradients=("upstream · (σ(z) − t)", "−upstream · z"),
    letters="zt",
    elementwise=True,
    saved=(0, 1),
    samples=_probabilities(Domain(-6, 6)),
    analytic=False,
)

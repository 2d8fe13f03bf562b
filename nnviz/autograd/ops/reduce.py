"""Operations that make many numbers into few: sums, and the softmax family along one dimension."""

from __future__ import annotations

import numpy as np

from nnviz.autograd.operation import Array, Shape, define
from nnviz.errors import ArgumentError, ShapeError


def _softmax(z: Array, dim: int) -> Array:
    # Minus the largest: the same result, and e to the power of anything from there on is at most 1.
    powers = np.exp(z - z.max(axis=dim, keepdims=True))
    return np.asarray(powers / powers.sum(axis=dim, keepdims=True))


def _log_softmax(z: Array, dim: int) -> Array:
    shifted = z - z.max(axis=dim, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True)))


def _softmax_gradient(g: Array, out: Array, z: Array, dim: int) -> Array:
    return np.asarray(out * (g - (g * out).sum(axis=dim, keepdims=True)))


def _log_softmax_gradient(g: Array, out: Array, z: Array, dim: int) -> Array:
    return np.asarray(g - np.exp(out) * g.sum(axis=dim, keepdims=True))


def _along(shape: Shape, dim: int) -> Shape:
    span = max(len(shape), 1)
    if not -span <= dim < span:
        raise ShapeError(f"Dimension out of range (expected to be in range of [{-span}, {span - 1}], but got {dim})")
    return shape


def _nll(log_p: Array, target: Array) -> Array:
    classes = log_p.shape[1]
    if target.size and not 0 <= target.min() <= target.max() < classes:
        wrong = target[(target < 0) | (target >= classes)][0]
        raise ArgumentError(f"Target {wrong} is out of bounds.", f"labels must be from 0 to {classes - 1}")
    return np.asarray(-log_p[np.arange(len(target)), target])


def _nll_gradient(g: Array, out: Array, log_p: Array, target: Array) -> Array:
    gradient = np.zeros_like(log_p)
    gradient[np.arange(len(target)), target] = -g
    return gradient


def _nll_shape(log_p: Shape, target: Shape) -> Shape:
    if len(log_p) != 2 or len(target) != 1:
        raise ShapeError(
            f"expected scores of shape (batch, classes) and labels of shape (batch,), got {log_p} and {target}",
            "one row of scores and one whole-number label for every sample",
        )
    if log_p[0] != target[0]:
        raise ShapeError(f"Expected input batch_size ({log_p[0]}) to match target batch_size ({target[0]}).")
    return target


sum = define(  # noqa: A001 (the operation's own name)
    "sum",
    forward=np.sum,
    gradients=(lambda g, out, a: np.broadcast_to(g, a.shape),),
    shape=lambda a: (),
    formula="Σ a",
)
mean = define(
    "mean",
    forward=lambda a: a.mean() if a.size else np.full((), np.nan, a.dtype),
    gradients=(lambda g, out, a: np.broadcast_to(g / max(a.size, 1), a.shape),),
    shape=lambda a: (),
    formula="Σ a / n",
)
softmax = define(
    "softmax",
    forward=_softmax,
    gradients=(_softmax_gradient,),
    shape=_along,
    formula="eᶻⁱ / Σⱼ eᶻʲ",
)
log_softmax = define(
    "log_softmax",
    forward=_log_softmax,
    gradients=(_log_softmax_gradient,),
    shape=_along,
    formula="zᵢ − ln Σⱼ eᶻʲ",
)
nll = define(
    "nll",
    forward=_nll,
    gradients=(_nll_gradient, None),
    shape=_nll_shape,
    formula="−log p of the true class",
)

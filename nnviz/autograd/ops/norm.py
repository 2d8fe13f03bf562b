"""Standardising: mean 0 and variance 1 over some dimensions, the heart of the normalising layers."""

from __future__ import annotations

import numpy as np

from nnviz.autograd.operation import OUT, Array, define
from nnviz.autograd.ops.elementwise import same
from nnviz.autograd.samples import each

Dims = tuple[int, ...]


def _scale(x: Array, dims: Dims, eps: float) -> Array:
    centred = x - x.mean(axis=dims, keepdims=True)
    return np.asarray(1 / np.sqrt((centred * centred).mean(axis=dims, keepdims=True) + x.dtype.type(eps)))


def _standardise(x: Array, dims: Dims, eps: float) -> Array:
    if not x.size:
        return x.copy()
    return np.asarray((x - x.mean(axis=dims, keepdims=True)) * _scale(x, dims, eps))


def _standardise_gradient(g: Array, out: Array, x: Array, dims: Dims, eps: float) -> Array:
    if not x.size:
        return g
    # Mean and variance move with every number: their two parts are taken out of the gradient.
    along = g.mean(axis=dims, keepdims=True) + out * (g * out).mean(axis=dims, keepdims=True)
    return np.asarray((g - along) * _scale(x, dims, eps))


standardise = define(
    "standardise",
    forward=_standardise,
    gradients=(_standardise_gradient,),
    shape=same,
    formula="(x − mean) / √(variance + ε)",
    keeps=(0, OUT),
    samples=each(
        [((4, 3),), ((3, 2, 2),), ((2, 3, 2, 2),), ((0, 3),), ((5, 1),)],
        (),
        [{"dims": (0,), "eps": 1e-2}, {"dims": (-1,), "eps": 1e-2}, {"dims": (0, 1), "eps": 1e-1}],
    ),
)

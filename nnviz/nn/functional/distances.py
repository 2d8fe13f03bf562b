"""Normalization, similarity and distance of vectors, as functions."""

from __future__ import annotations

import math

from nnviz.arguments import numbers
from nnviz.autograd import Tensor, functions, ops
from nnviz.autograd.types import common, matched, only_tensors, to, type_name
from nnviz.errors import DtypeError, NotSupportedError, OperationError


def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """input / max(‖input‖ₚ, eps) along `dim`.

    Raises:
        DtypeError: the input is not a floating-point tensor.
        NotSupportedError: p is not a positive, finite number.
    """
    only_tensors("normalize", (input,))
    if input.dtype.kind != "f":
        raise DtypeError(
            f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {type_name(input.dtype)}",
            "call .float() first",
        )
    return functions.div(input, _length(input, p, dim, eps))


def _length(input: Tensor, p: float, dim: int, eps: float) -> Tensor:
    """max(‖input‖ₚ, eps), of size 1 along `dim`; its gradient is 0 where the norm is eps or less, as at 0."""
    numbers("norm", p=p, eps=eps)
    if not 0 < p < math.inf:
        raise NotSupportedError(f"a norm of order {p} is not supported", "p is a number above 0, and 2 is usual")
    if p == 2:
        return functions.sqrt(functions.clamp(functions.sum(ops.square(input), dim, True), min=eps * eps))
    size = ops.abs(input)
    if p == 1:
        return functions.clamp(functions.sum(size, dim, True), min=eps)
    powers = functions.sum(functions.pow(size, p), dim, True)
    return functions.pow(functions.clamp(powers, min=eps**p), 1 / p)


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x1 · x2 / (max(‖x1‖, eps) · max(‖x2‖, eps)) along `dim`.

    Raises:
        OperationError: the inputs are not floating-point tensors.
        ShapeError: the shapes do not broadcast.
    """
    only_tensors("cosine_similarity", (x1, x2))
    wide = common((x1, x2))
    x1, x2 = to(x1, wide), to(x2, wide)
    if x1.dtype.kind != "f":
        raise OperationError(
            f"expected common dtype to be floating point, yet common dtype is {type_name(x1.dtype)}",
            "call .float() first",
        )
    if x1.shape != x2.shape:
        x1, x2 = functions.broadcast_tensors(x1, x2)
    one, other = (functions.div(x, _length(x, 2, dim, eps)) for x in (x1, x2))
    return functions.sum(functions.mul(one, other), dim)


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """‖x1 − x2 + eps‖ₚ along the last dimension."""
    only_tensors("pairwise_distance", (x1, x2))
    one, other = matched(x1, x2)
    return functions.squeeze(_distance(one, other, p, eps), -1) if not keepdim else _distance(one, other, p, eps)


def _distance(x1: Tensor, x2: Tensor, p: float, eps: float) -> Tensor:
    return _length(functions.add(functions.sub(x1, x2), eps), p, -1, 0.0)

"""Initialisers, under PyTorch's names: each fills a tensor in place and returns it.

Inside `abstract()` they do nothing, since there is no data to fill.
Sources: Glorot & Bengio 2010 (xavier), He et al. 2015, arXiv 1502.01852 (kaiming).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np
from numpy.typing import DTypeLike

from nnviz.autograd import Tensor, is_abstract, without_data
from nnviz.autograd.operation import Array, Shape
from nnviz.autograd.random import default_generator
from nnviz.catalogue import Bounds, Catalogue
from nnviz.errors import ArgumentError

initialisers: Catalogue[Tensor] = Catalogue("initialiser")
"""Every rule a network's weights can be drawn by."""

Generator = np.random.Generator
FanMode = Annotated[Literal["fan_in", "fan_out"], "keep the variance forward, or backward"]
Nonlinearity = Annotated[
    Literal["leaky_relu", "relu", "tanh", "sigmoid", "selu", "linear"], "the activation that follows"
]
Slope = Annotated[float, Bounds(0), "the slope of leaky_relu for z < 0"]
Positive = Annotated[float, Bounds(0, open_low=True)]


def empty(shape: Shape, dtype: DTypeLike = np.float32) -> Array:
    """An array to be filled by an initialiser; without data inside `abstract()`."""
    return without_data(shape, dtype) if is_abstract() else np.empty(shape, dtype)


def filled(shape: Shape, value: float, dtype: DTypeLike = np.float32) -> Array:
    """An array with `value` everywhere; without data inside `abstract()`."""
    return without_data(shape, dtype) if is_abstract() else np.full(shape, value, dtype)


def fans(shape: Shape) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight (out, in, *kernel): how many numbers enter and leave one unit."""
    if len(shape) < 2:
        raise ArgumentError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def _fill(tensor: Tensor, values: Callable[[], Array | float]) -> Tensor:
    """`values()` written into the tensor, where there is data."""
    if not is_abstract():
        tensor.overwrite(np.asarray(values()))
    return tensor


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """What a weight is multiplied with so that the variance survives that activation.

    Args:
        nonlinearity: its name in `Nonlinearity`.
        param: the negative slope of leaky_relu; 0.01 where left out.

    Raises:
        ArgumentError: no gain is known for it.
    """
    gains = {"linear": 1.0, "conv2d": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in gains:
        raise ArgumentError(
            f"Unsupported nonlinearity {nonlinearity}", f"there are: {', '.join([*gains, 'leaky_relu'])}"
        )
    return gains[nonlinearity]


@initialisers.register("plain", name="uniform")
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Evenly between a and b"""
    return _fill(tensor, lambda: (generator or default_generator()).uniform(a, b, tensor.shape))


@initialisers.register("plain", name="normal")
def normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: Annotated[float, Bounds(0)] = 1.0,
    generator: Generator | None = None,
) -> Tensor:
    """Gaussian with this mean and standard deviation"""
    return _fill(tensor, lambda: (generator or default_generator()).normal(mean, std, tensor.shape))


@initialisers.register("plain", name="zeros")
def zeros_(tensor: Tensor) -> Tensor:
    """All zero: every unit of a layer then stays the same as its neighbours"""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """All one"""
    return constant_(tensor, 1.0)


@initialisers.register("plain", name="constant")
def constant_(tensor: Tensor, val: Annotated[float, "the number everywhere"] = 0.1) -> Tensor:
    """The same number everywhere: every unit of a layer then stays the same as its neighbours"""
    return _fill(tensor, lambda: np.full(tensor.shape, val))


@initialisers.register("scaled", name="xavier_uniform")
def xavier_uniform_(tensor: Tensor, gain: Positive = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform in ±gain·√(6 / (fan_in + fan_out)): keeps the variance for tanh and sigmoid"""
    fan_in, fan_out = fans(tensor.shape)
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    return uniform_(tensor, -bound, bound, generator)


@initialisers.register("scaled", name="xavier_normal")
def xavier_normal_(tensor: Tensor, gain: Positive = 1.0, generator: Generator | None = None) -> Tensor:
    """Gaussian with std gain·√(2 / (fan_in + fan_out)): keeps the variance for tanh and sigmoid"""
    fan_in, fan_out = fans(tensor.shape)
    return normal_(tensor, 0.0, gain * math.sqrt(2 / (fan_in + fan_out)), generator)


def _kaiming_std(tensor: Tensor, a: float, mode: FanMode, nonlinearity: Nonlinearity) -> float:
    fan_in, fan_out = fans(tensor.shape)
    return calculate_gain(nonlinearity, a) / math.sqrt(fan_in if mode == "fan_in" else fan_out)


@initialisers.register("scaled", name="kaiming_uniform")
def kaiming_uniform_(
    tensor: Tensor,
    a: Slope = 0.0,
    mode: FanMode = "fan_in",
    nonlinearity: Nonlinearity = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Uniform in ±gain·√(3 / fan): keeps the variance for relu"""
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


@initialisers.register("scaled", name="kaiming_normal")
def kaiming_normal_(
    tensor: Tensor,
    a: Slope = 0.0,
    mode: FanMode = "fan_in",
    nonlinearity: Nonlinearity = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Gaussian with std gain / √fan: keeps the variance for relu"""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


@initialisers.register("scaled", name="orthogonal")
def orthogonal_(tensor: Tensor, gain: Positive = 1.0, generator: Generator | None = None) -> Tensor:
    """gain · a matrix whose rows (or columns) are orthonormal: lengths survive it

    Source: Saxe et al. 2013, arXiv 1312.6120.
    """
    if len(tensor.shape) < 2:
        raise ArgumentError("Only tensors with 2 or more dimensions are supported")
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])

    def values() -> Array:
        flat = (generator or default_generator()).normal(size=(max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(flat)
        # By the sign of r's diagonal, so that every orthogonal matrix is equally likely.
        q = q * np.sign(np.diag(r))
        return np.asarray(gain * (q.T if rows < columns else q)).reshape(tensor.shape)

    return _fill(tensor, values)

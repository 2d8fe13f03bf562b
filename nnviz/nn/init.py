"""Initialisers, under PyTorch's names: each fills a tensor in place and returns it.

Inside `abstract()` they do nothing, since there is no data to fill.
Sources: Glorot & Bengio 2010 (xavier), He et al. 2015 (kaiming).
"""

from __future__ import annotations

import math
from typing import Annotated

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
Positive = Annotated[float, Bounds(0, open_low=True)]


def empty(shape: Shape, dtype: DTypeLike = np.float32) -> Array:
    """An array to be filled by an initialiser; without data inside `abstract()`."""
    return without_data(shape, dtype) if is_abstract() else np.empty(shape, dtype)


def fans(shape: Shape) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight (out, in, *kernel): how many numbers enter and leave one unit."""
    if len(shape) < 2:
        raise ArgumentError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Evenly between `a` and `b`."""
    if not is_abstract():
        tensor.array[...] = (generator or default_generator()).uniform(a, b, tensor.shape)
    return tensor


@initialisers.register("plain", name="normal")
def normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: Annotated[float, Bounds(0)] = 1.0,
    generator: Generator | None = None,
) -> Tensor:
    """Gaussian with this mean and standard deviation"""
    if not is_abstract():
        tensor.array[...] = (generator or default_generator()).normal(mean, std, tensor.shape)
    return tensor


@initialisers.register("plain", name="zeros")
def zeros_(tensor: Tensor) -> Tensor:
    """All zero: every unit of a layer then stays the same as its neighbours"""
    if not is_abstract():
        tensor.array[...] = 0
    return tensor


@initialisers.register("scaled", name="xavier_uniform")
def xavier_uniform_(tensor: Tensor, gain: Positive = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform in ±gain·√(6 / (fan_in + fan_out)): keeps the variance for tanh and sigmoid"""
    fan_in, fan_out = fans(tensor.shape)
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    return uniform_(tensor, -bound, bound, generator)


@initialisers.register("scaled", name="kaiming_uniform")
def kaiming_uniform_(
    tensor: Tensor, a: Annotated[float, Bounds(0)] = 0.0, generator: Generator | None = None
) -> Tensor:
    """Uniform in ±√(6 / ((1 + a²) fan_in)): keeps the variance for relu; `a` is a leaky slope"""
    fan_in, _ = fans(tensor.shape)
    bound = math.sqrt(6 / ((1 + a * a) * fan_in))
    return uniform_(tensor, -bound, bound, generator)

"""Initializers, under PyTorch's names: each fills a tensor in place and returns it.

Inside `abstract()` they do nothing, since there is no data to fill.
Sources: Glorot & Bengio 2010 (xavier), He et al. 2015, arXiv 1502.01852 (kaiming).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from statistics import NormalDist
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import DTypeLike

from nnviz.arguments import explained, number, numbers
from nnviz.autograd import Tensor, is_abstract, without_data
from nnviz.autograd.operation import Array, Shape
from nnviz.autograd.random import check_range, check_std, source
from nnviz.autograd.types import type_name
from nnviz.errors import ArgumentError, MissingNameError, NotSupportedError, OperationError
from nnviz.names import missing_name
from nnviz.registry import Bounds, Registry

initializers: Registry[Tensor] = Registry("initializer")
"""Every rule that the weights of a network can be initialized with."""

Generator = np.random.Generator
FanMode = Annotated[Literal["fan_in", "fan_out"], "preserve the variance forward, or backward"]
Nonlinearity = Annotated[
    Literal["leaky_relu", "relu", "tanh", "sigmoid", "selu", "linear"], "the activation that follows"
]
Slope = Annotated[float, Bounds(0), "the slope of leaky_relu for z < 0"]
Positive = Annotated[float, Bounds(0, open_low=True)]


LINEAR = ("linear", *(f"conv{way}{n}d" for way in ("", "_transpose") for n in (1, 2, 3)))
"""Names of linear layers, whose gain is 1."""


def empty(shape: Shape, dtype: DTypeLike = np.float32) -> Array:
    """An array to be filled by an initializer; without data inside `abstract()`."""
    return without_data(shape, dtype) if is_abstract() else np.empty(shape, dtype)


def filled(shape: Shape, value: float, dtype: DTypeLike = np.float32) -> Array:
    """An array with `value` everywhere; without data inside `abstract()`."""
    return without_data(shape, dtype) if is_abstract() else np.full(shape, value, dtype)


def fans(tensor: Tensor) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight (out, in, *kernel): how many numbers enter and leave one unit."""
    shape = _shape(tensor)
    if len(shape) < 2:
        raise ArgumentError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
            "a bias has no fans: fill it with zeros_, uniform_ or normal_",
        )
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def _shape(tensor: Tensor) -> Shape:
    """The shape of the tensor to be filled.

    Raises:
        MissingNameError: it is not a tensor.
    """
    if not isinstance(tensor, Tensor):
        raise MissingNameError(
            f"an initializer fills a Tensor, and got {type(tensor).__name__}",
            "a layer with bias=False has no bias: check for None first" if tensor is None else "give a parameter",
        )
    return tensor.shape


def _fill(tensor: Tensor, values: Callable[[], Array | float]) -> Tensor:
    """Write `values()` into the tensor, except inside `abstract()`."""
    _shape(tensor)
    if not is_abstract():
        tensor.overwrite(np.asarray(values()).astype(tensor.dtype, copy=False))
    return tensor


def _fill_drawn(tensor: Tensor, name: str, values: Callable[[], Array]) -> Tensor:
    """The same for random numbers, which require a floating-point tensor."""
    _shape(tensor)
    if tensor.dtype.kind not in "fc":
        raise NotSupportedError(
            f"\"{name}_kernel_cpu\" not implemented for '{type_name(tensor.dtype)}'",
            "call .float() on the tensor first",
        )
    return _fill(tensor, values)


@explained
def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The gain: the factor of the weights that preserves the variance through an activation.

    Args:
        nonlinearity: the name of the activation.
        param: the negative slope of leaky_relu, by default 0.01.

    Raises:
        ArgumentError: the activation is unknown, or the slope is not a number.
    """
    gains = {"sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75} | dict.fromkeys(LINEAR, 1.0)
    if nonlinearity == "leaky_relu":
        if param is not None and (isinstance(param, bool) or not isinstance(param, int | float)):
            raise ArgumentError(f"negative_slope {param} not a valid number", "it is the slope for z < 0, such as 0.01")
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in gains:
        raise ArgumentError(
            f"Unsupported nonlinearity {nonlinearity}", f"there are: {', '.join([*gains, 'leaky_relu'])}"
        )
    return gains[nonlinearity]


@initializers.register("plain", name="uniform")
@explained
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform between a and b"""
    check_range("uniform_", a, b)
    return _fill_drawn(tensor, "uniform", lambda: source(generator).uniform(a, b, tensor.shape))


@initializers.register("plain", name="normal")
@explained
def normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: Annotated[float, Bounds(0)] = 1.0,
    generator: Generator | None = None,
) -> Tensor:
    """Gaussian with this mean and standard deviation"""
    check_std("normal_", mean, std)
    return _fill_drawn(tensor, "normal", lambda: source(generator).normal(mean, std, tensor.shape))


@explained
def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Gaussian with this mean and standard deviation, truncated to [a, b]

    Sampled by the inverse distribution function: Φ⁻¹ of a number uniform between Φ((a − mean) / std) and
    Φ((b − mean) / std).

    Raises:
        OperationError: a is above b, or std is not above 0.
    """
    numbers("trunc_normal_", mean=mean, std=std)
    check_range("trunc_normal_", a, b)
    if std <= 0:
        raise OperationError(f"normal expects std >= 0.0, but found std {std:g}", "give more than 0")
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
            "The distribution of values may be incorrect.",
            stacklevel=2,
        )
    normal = NormalDist()
    low, high = normal.cdf((a - mean) / std), normal.cdf((b - mean) / std)

    def values() -> Array:
        share = source(generator).uniform(low, high, tensor.shape)
        # Φ⁻¹ of 0 and 1 would be infinite.
        inside = np.clip(share, np.finfo(float).tiny, 1 - np.finfo(float).epsneg)
        drawn = np.frompyfunc(normal.inv_cdf, 1, 1)(inside)
        return np.clip(mean + std * np.asarray(drawn, np.float64), a, b)

    return _fill_drawn(tensor, "uniform", values)


@initializers.register("plain", name="zeros")
@explained
def zeros_(tensor: Tensor) -> Tensor:
    """All 0: the units of a layer then remain equal"""
    return constant_(tensor, 0.0)


@explained
def ones_(tensor: Tensor) -> Tensor:
    """All 1"""
    return constant_(tensor, 1.0)


@initializers.register("plain", name="constant")
def _constant(tensor: Tensor, val: Annotated[float, "the number"] = 0.1) -> Tensor:
    """The same number everywhere: the units of a layer then remain equal"""
    return constant_(tensor, val)


@explained
def constant_(tensor: Tensor, val: float | Tensor) -> Tensor:
    """`val` everywhere"""
    number("constant_", "val", val)
    return _fill(tensor, lambda: np.full(tensor.shape, val.item() if isinstance(val, Tensor) else val))


@explained
def eye_(tensor: Tensor) -> Tensor:
    """1 on the diagonal, 0 elsewhere: as a weight, the identity

    Raises:
        ArgumentError: the tensor does not have two dimensions.
    """
    shape = _shape(tensor)
    if len(shape) != 2:
        raise ArgumentError("Only tensors with 2 dimensions are supported", f"this one has {len(shape)}")
    return _fill(tensor, lambda: np.eye(shape[0], shape[1]))


@explained
def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """1 at the center of the kernel from channel i to channel i, 0 elsewhere: as a convolution, the identity

    Raises:
        ArgumentError: it is not a kernel, or the number of channels is not divisible by `groups`.
    """
    shape = _shape(tensor)
    if len(shape) not in (3, 4, 5):
        raise ArgumentError(
            "Only tensors with 3, 4, or 5 dimensions are supported", f"a kernel is (out, in, *size), this one {shape}"
        )
    numbers("dirac_", groups=groups)
    if groups < 1 or shape[0] % groups:
        raise ArgumentError("dim 0 must be divisible by groups", f"{shape[0]} channels and {groups} groups")

    def values() -> Array:
        kernel = np.zeros(shape)
        middle = tuple(size // 2 for size in shape[2:])
        out = shape[0] // groups
        for group in range(groups):
            for channel in range(min(out, shape[1])):
                kernel[(group * out + channel, channel, *middle)] = 1
        return kernel

    return _fill(tensor, values)


@initializers.register("scaled", name="xavier_uniform")
@explained
def xavier_uniform_(tensor: Tensor, gain: Positive = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform in ±gain·√(6 / (fan_in + fan_out)): preserves the variance for tanh and sigmoid"""
    fan_in, fan_out = fans(tensor)
    numbers("xavier_uniform_", gain=gain)
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    return uniform_(tensor, -bound, bound, generator)


@initializers.register("scaled", name="xavier_normal")
@explained
def xavier_normal_(tensor: Tensor, gain: Positive = 1.0, generator: Generator | None = None) -> Tensor:
    """Gaussian with std gain·√(2 / (fan_in + fan_out)): preserves the variance for tanh and sigmoid"""
    fan_in, fan_out = fans(tensor)
    numbers("xavier_normal_", gain=gain)
    return normal_(tensor, 0.0, gain * math.sqrt(2 / (fan_in + fan_out)), generator)


def _kaiming_std(tensor: Tensor, a: float, mode: FanMode, nonlinearity: Nonlinearity) -> float:
    fan_in, fan_out = fans(tensor)
    found = {"fan_in": fan_in, "fan_out": fan_out}.get(str(mode).lower())
    if found is None:
        raise ArgumentError(
            f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']", "fan_in keeps the variance forward"
        )
    # The fan of an empty weight is 0.
    return calculate_gain(nonlinearity, a) / math.sqrt(max(found, 1))


@initializers.register("scaled", name="kaiming_uniform")
@explained
def kaiming_uniform_(
    tensor: Tensor,
    a: Slope = 0.0,
    mode: FanMode = "fan_in",
    nonlinearity: Nonlinearity = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Uniform in ±gain·√(3 / fan): preserves the variance for relu"""
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


@initializers.register("scaled", name="kaiming_normal")
@explained
def kaiming_normal_(
    tensor: Tensor,
    a: Slope = 0.0,
    mode: FanMode = "fan_in",
    nonlinearity: Nonlinearity = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Gaussian with std gain / √fan: preserves the variance for relu"""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


@initializers.register("scaled", name="orthogonal")
@explained
def orthogonal_(tensor: Tensor, gain: Positive = 1.0, generator: Generator | None = None) -> Tensor:
    """gain · a matrix with orthonormal rows (or columns), which preserves lengths

    Source: Saxe et al. 2013, arXiv 1312.6120.
    """
    numbers("orthogonal_", gain=gain)
    if len(_shape(tensor)) < 2:
        raise ArgumentError("Only tensors with 2 or more dimensions are supported", "fill a bias with zeros_")
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])

    def values() -> Array:
        flat = source(generator).normal(size=(max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(flat)
        # Multiplied by the signs of the diagonal of r, so that every orthogonal matrix is equally likely.
        q = q * np.sign(np.diag(r))
        return np.asarray(gain * (q.T if rows < columns else q)).reshape(tensor.shape)

    return _fill_drawn(tensor, "normal", values)


if not TYPE_CHECKING:  # which would accept every name

    def __getattr__(name: str) -> object:
        names = [one for one, value in globals().items() if callable(value) and one.endswith("_") and one[0] != "_"]
        known = [*names, "calculate_gain"]
        raise missing_name("module 'nnviz.nn.init'", name, known, f"there are: {', '.join(known)}")

"""The activation functions; with `inplace=True` the input is modified and returned, as in PyTorch."""

from __future__ import annotations

import math
from typing import Literal

from numpy.typing import DTypeLike

from nnviz.autograd import Tensor, functions, ops
from nnviz.autograd.dtypes import supported
from nnviz.autograd.formula import documented
from nnviz.autograd.types import floating, to
from nnviz.errors import ArgumentError, OperationError, ShapeError
from nnviz.nn.facts import legacy_dim
from nnviz.nn.functional.checks import apply_activation, floats_only, one_type

sigmoid, tanh = functions.sigmoid, functions.tanh


@documented(ops.relu.formula)
def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """{formula}; its gradient at 0 is 0."""
    return apply_activation(input, inplace, functions.relu)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """min(max(0, z), 6)."""
    return hardtanh(input, 0.0, 6.0, inplace)


@documented(ops.leaky_relu.formula)
def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """{formula}, with a = negative_slope."""
    floats_only("leaky_relu_cpu", input)
    return apply_activation(input, inplace, lambda z: ops.leaky_relu(z, slope=negative_slope))


@documented(ops.prelu.formula)
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """{formula}, with one weight a for all channels or one per channel.

    Raises:
        DtypeError: input and weight have different dtypes.
        ShapeError: the number of weights is neither 1 nor the number of channels.
    """
    one_type("prelu: Type promoting not supported. Got {} and {}", input, weight)
    if weight.ndim > 1:
        raise ShapeError(f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.ndim}")
    weight = weight if weight.ndim else functions.unsqueeze(weight, 0)
    ops.prelu.shape(input.shape, weight.shape)
    return ops.prelu(input, weight)


@documented(ops.elu.formula)
def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """{formula}."""
    floats_only("elu_cpu", input)
    return apply_activation(input, inplace, lambda z: ops.elu(z, alpha=alpha))


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """z for z > 0, else α · (e^(z / α) − 1).

    Raises:
        OperationError: alpha is 0.
    """
    floats_only("elu_cpu", input)
    if alpha == 0:
        raise OperationError("ZeroDivisionError: alpha cannot be 0 for CELU", "1 is usual")
    return apply_activation(input, inplace, lambda z: _celu(z, alpha))


def _celu(z: Tensor, alpha: float) -> Tensor:
    if alpha > 0:
        return functions.mul(ops.elu(functions.div(z, alpha), alpha=1.0), alpha)
    # For negative alpha, z / alpha has the opposite sign, so that ELU of it would be wrong for z > 0.
    below = functions.mul(functions.expm1(functions.div(functions.clamp(z, max=0.0), alpha)), alpha)
    return ops.where(functions.gt(z, 0.0), z, below)


@documented(ops.selu.formula)
def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """{formula}: ELU scaled so that mean 0 and variance 1 are preserved."""
    floats_only("elu_cpu", input)
    return apply_activation(input, inplace, ops.selu)


@documented(ops.gelu.formula)
def gelu(input: Tensor, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    """{formula}, or its approximation with tanh.

    Raises:
        OperationError: `approximate` is neither "none" nor "tanh".
    """
    floats_only("GeluKernelImpl", input)
    if approximate not in ("none", "tanh"):
        raise OperationError("approximate argument must be either none or tanh.", f"got {approximate!r}")
    return ops.gelu_tanh(input) if approximate == "tanh" else ops.gelu(input)


@documented(ops.silu.formula)
def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """{formula}."""
    floats_only("silu_cpu", input)
    return apply_activation(input, inplace, ops.silu)


@documented(ops.mish.formula)
def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """{formula}."""
    floats_only("mish_cpu", input)
    return apply_activation(input, inplace, ops.mish)


@documented(ops.softplus.formula)
def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """{formula}; z itself where β · z is above the threshold."""
    floats_only("softplus_cpu", input)
    return ops.softplus(input, beta=beta, threshold=threshold)


@documented(ops.log_sigmoid.formula)
def logsigmoid(input: Tensor) -> Tensor:
    """{formula}: the logarithm of sigmoid, without its rounding error."""
    floats_only("log_sigmoid_cpu", input)
    return ops.log_sigmoid(input)


@documented(ops.softsign.formula)
def softsign(input: Tensor) -> Tensor:
    """{formula}."""
    return ops.softsign(floating(input))


@documented(ops.hardtanh.formula)
def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """{formula}, with low = min_val and high = max_val.

    Raises:
        ArgumentError: min_val is above max_val.
    """
    if min_val > max_val:
        raise ArgumentError("min_val cannot be greater than max_val", f"exchange the two: {min_val} and {max_val}")
    return apply_activation(input, inplace, lambda z: ops.hardtanh(z, low=min_val, high=max_val))


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """min(max(0, z + 3), 6) / 6."""
    floats_only("hardsigmoid_cpu", input)
    return apply_activation(input, inplace, lambda z: functions.div(relu6(functions.add(z, 3.0)), 6.0))


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """z · min(max(0, z + 3), 6) / 6."""
    floats_only("hardswish_cpu", input)
    return apply_activation(input, inplace, lambda z: functions.mul(z, hardsigmoid(z)))


@documented(ops.softmax.formula)
def softmax(input: Tensor, dim: int | None = None, *, dtype: DTypeLike | None = None) -> Tensor:
    """{formula} along `dim`; by default PyTorch's legacy choice: 0 for 0, 1 or 3 dimensions, else 1."""
    input = input if dtype is None else to(input, supported(dtype))
    floats_only("softmax_lastdim_kernel_impl", input)
    return functions.softmax(input, legacy_dim(input.ndim) if dim is None else dim)


@documented(ops.log_softmax.formula)
def log_softmax(input: Tensor, dim: int | None = None, *, dtype: DTypeLike | None = None) -> Tensor:
    """{formula}: the logarithm of softmax, along `dim`."""
    input = input if dtype is None else to(input, supported(dtype))
    floats_only("log_softmax_lastdim_kernel_impl", input)
    return functions.log_softmax(input, legacy_dim(input.ndim) if dim is None else dim)


def softmin(input: Tensor, dim: int | None = None) -> Tensor:
    """Softmax of −z along `dim`."""
    return softmax(functions.neg(input), dim)


def infinite_softplus(input: Tensor) -> Tensor:
    """ln(1 + eᶻ), without the threshold above which `softplus` returns z itself."""
    return ops.softplus(input, beta=1.0, threshold=math.inf)

"""Reductions under PyTorch's names, along dimensions or over all elements."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

import nnviz.autograd.tensor as core
from nnviz.autograd import ops
from nnviz.autograd.arithmetic import maximum, minimum
from nnviz.autograd.aside import aside
from nnviz.autograd.dtypes import supported
from nnviz.autograd.naming import dims_of, renamed
from nnviz.autograd.operation import Array, Operation, Shape
from nnviz.autograd.ops.reduce import Dim, reduced
from nnviz.autograd.ops.shape import dimension
from nnviz.autograd.types import floating, kind_of, only_floats, to
from nnviz.errors import OperandError, OperationError, PositionError

# The names sum, max and min mean the functions of this module, as they do in PyTorch.

__all__ = [
    "amax", "amin", "aminmax", "argmax", "argmin", "cumprod", "cumsum", "log_softmax", "logsumexp", "max", "mean",
    "min", "nanmean", "nansum", "norm", "prod", "softmax", "std", "std_mean", "sum", "var", "var_mean",
]  # fmt: skip


class Extremes(NamedTuple):
    """The result of a selection along a dimension: the values, and their indices."""

    values: core.Tensor
    indices: core.Tensor


def _summable(input: core.Tensor, dtype: DTypeLike | None) -> core.Tensor:
    """The input converted to `dtype`; without it, integers and bools are converted to int64."""
    if dtype is not None:
        return to(input, supported(dtype))
    return input if kind_of(input) == "f" or input.array.dtype.kind == "c" else to(input, np.int64)


def sum(
    input: core.Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: DTypeLike | None = None, **names: Any
) -> core.Tensor:
    """The sum over `dim`, or over all."""
    if names:
        dim, keepdim = renamed("sum", names, dim, keepdim)
    return ops.sum(_summable(input, dtype), dim=dims_of(dim), keepdim=keepdim)


def mean(
    input: core.Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: DTypeLike | None = None, **names: Any
) -> core.Tensor:
    """The mean over `dim`, or over all; NaN if there are no elements."""
    if names:
        dim, keepdim = renamed("mean", names, dim, keepdim)
    if dtype is not None:
        input = to(input, supported(dtype))
    only_floats(
        input,
        "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype.",
    )
    return ops.mean(input, dim=dims_of(dim), keepdim=keepdim)


def nansum(input: core.Tensor, dim: Dim = None, keepdim: bool = False) -> core.Tensor:
    """The sum of the elements that are not NaN, over `dim` or over all."""
    return sum(_without_nans(input), dim, keepdim)


def nanmean(input: core.Tensor, dim: Dim = None, keepdim: bool = False) -> core.Tensor:
    """The mean of the elements that are not NaN, over `dim` or over all."""
    only_floats(input, "nanmean(): expected input to have floating point or complex dtype.")
    there = aside("isfinite", lambda array: ~np.isnan(array), input.shape, input.dtype, input)
    return ops.div(sum(_without_nans(input), dim, keepdim), sum(there, dim, keepdim))


def _without_nans(input: core.Tensor) -> core.Tensor:
    there = aside("isnan", lambda array: ~np.isnan(array), input.shape, bool, input)
    return ops.where(there, input, core.Tensor(np.zeros((), input.dtype)))


def prod(
    input: core.Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: DTypeLike | None = None, **names: Any
) -> core.Tensor:
    """The product along `dim`, or over all."""
    if names:
        dim, keepdim = renamed("prod", names, dim, keepdim)
    _one_dimension("prod", dim)
    return ops.prod(_summable(input, dtype), dim=dim, keepdim=keepdim)


def cumsum(input: core.Tensor, dim: int | None = None, *, dtype: DTypeLike | None = None, **names: Any) -> core.Tensor:
    """The cumulative sum along `dim`."""
    dim, _ = renamed("cumsum", names, dim)
    return ops.cumsum(_summable(input, dtype), dim=_needed("cumsum", dim))


def cumprod(input: core.Tensor, dim: int | None = None, *, dtype: DTypeLike | None = None, **names: Any) -> core.Tensor:
    """The cumulative product along `dim`."""
    dim, _ = renamed("cumprod", names, dim)
    return ops.cumprod(_summable(input, dtype), dim=_needed("cumprod", dim))


def _there(function: str, input: core.Tensor, dim: int | None) -> int:
    """The dimension, which is checked even for a tensor without elements."""
    found = _needed(function, dim)
    if not input.ndim or not input.array.size:
        dimension(found, input.ndim)
    return found


def _needed(function: str, dim: int | None) -> int:
    if dim is None:
        raise OperandError(f'{function}() missing 1 required positional arguments: "dim"', "name the dimension")
    _one_dimension(function, dim)
    return dim


def _one_dimension(function: str, dim: object) -> None:
    """Check that `dim` is an integer or None.

    Raises:
        OperandError: it is not.
    """
    if dim is not None and (isinstance(dim, bool) or not isinstance(dim, int | np.integer)):
        raise OperandError(
            f"{function}(): argument 'dim' must be int, not {type(dim).__name__}",
            "one dimension, counted from 0, or from −1 backwards",
        )


def var(
    input: core.Tensor,
    dim: Dim = None,
    unbiased: bool = True,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    **names: Any,
) -> core.Tensor:
    """The variance over `dim`, divided by n − 1 if `unbiased`, else by n; `var(False)` sets only `unbiased`."""
    return _spread(ops.var, input, dim, unbiased, keepdim, correction, names)


def std(
    input: core.Tensor,
    dim: Dim = None,
    unbiased: bool = True,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    **names: Any,
) -> core.Tensor:
    """The square root of the variance; its gradient is 0 if all elements are equal."""
    return _spread(ops.std, input, dim, unbiased, keepdim, correction, names)


def _spread(
    operation: Operation,
    input: core.Tensor,
    dim: Dim,
    unbiased: bool,
    keepdim: bool,
    correction: float | None,
    names: dict[str, Any],
) -> core.Tensor:
    if names:
        dim, keepdim = renamed(operation.name, names, dim, keepdim)
    if isinstance(dim, bool):
        unbiased, dim = dim, None
    only_floats(input, "std and var only support floating point and complex dtypes.")
    free = int(unbiased) if correction is None else correction
    return operation(input, dim=dims_of(dim), keepdim=keepdim, correction=free)


def var_mean(
    input: core.Tensor,
    dim: Dim = None,
    unbiased: bool = True,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[core.Tensor, core.Tensor]:
    """(variance, mean) over `dim`, or over all."""
    over = None if isinstance(dim, bool) else dim
    return var(input, dim, unbiased, keepdim, correction=correction), mean(input, over, keepdim)


def std_mean(
    input: core.Tensor,
    dim: Dim = None,
    unbiased: bool = True,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[core.Tensor, core.Tensor]:
    """(standard deviation, mean) over `dim`, or over all."""
    over = None if isinstance(dim, bool) else dim
    return std(input, dim, unbiased, keepdim, correction=correction), mean(input, over, keepdim)


def logsumexp(input: core.Tensor, dim: Dim = None, keepdim: bool = False, **names: Any) -> core.Tensor:
    """log Σ eˣ, computed without overflow."""
    dim, keepdim = renamed("logsumexp", names, dim, keepdim)
    if dim is None:
        raise OperandError('logsumexp() missing 1 required positional arguments: "dim"', "name the dimensions")
    return ops.logsumexp(floating(input), dim=dims_of(dim), keepdim=keepdim)


def softmax(input: core.Tensor, dim: int | None = None, dtype: DTypeLike | None = None, **names: Any) -> core.Tensor:
    """eᶻⁱ / Σⱼ eᶻʲ along `dim`."""
    if names:
        dim, _ = renamed("softmax", names, dim)
    return ops.softmax(
        floating(input if dtype is None else to(input, supported(dtype))), dim=_there("softmax", input, dim)
    )


def log_softmax(
    input: core.Tensor, dim: int | None = None, dtype: DTypeLike | None = None, **names: Any
) -> core.Tensor:
    """log softmax, computed as z − log Σ eᶻ, which is more precise than the logarithm of softmax."""
    if names:
        dim, _ = renamed("log_softmax", names, dim)
    return ops.log_softmax(
        floating(input if dtype is None else to(input, supported(dtype))), dim=_there("log_softmax", input, dim)
    )


def norm(
    input: core.Tensor,
    p: float | str | None = "fro",
    dim: Dim = None,
    keepdim: bool = False,
    dtype: DTypeLike | None = None,
    **names: Any,
) -> core.Tensor:
    """(Σ |a|ᵖ)^(1/p) over `dim`, or over all; its gradient is 0 if all elements are 0.

    Args:
        input: the tensor.
        p: the order: a number, inf (the largest |a|), −inf (the smallest), 0 (the number of nonzero elements), or
            "fro", which is 2.
        dim: the dimensions to reduce.
        keepdim: whether to keep them, with size 1.
        dtype: the dtype to compute in.
        names: numpy's `axis` and `keepdims`.

    Raises:
        DtypeError: the input is not a floating-point tensor.
        OperationError: the order is not supported.
    """
    dim, keepdim = renamed("norm", names, dim, keepdim)
    if dtype is not None:
        input = to(input, supported(dtype))
    only_floats(input, "linalg.vector_norm: Expected a floating point or complex tensor as input.")
    if isinstance(p, str) and p != "fro":
        raise OperationError(f"norm(): p={p!r} is not supported", 'p is a number, inf, or "fro"')
    return ops.norm(input, p=2.0 if p in ("fro", None) else float(p), dim=dims_of(dim), keepdim=keepdim)


# --- maximum and minimum


def max(
    input: core.Tensor, dim: int | core.Tensor | None = None, keepdim: bool = False, *, other: Any = None, **names: Any
) -> Any:
    """The maximum; along `dim`, (values, indices); with another tensor, the elementwise maximum."""
    return _extreme("max", ops.max, np.argmax, maximum, input, dim, keepdim, other, names)


def min(
    input: core.Tensor, dim: int | core.Tensor | None = None, keepdim: bool = False, *, other: Any = None, **names: Any
) -> Any:
    """The minimum; along `dim`, (values, indices); with another tensor, the elementwise minimum."""
    return _extreme("min", ops.min, np.argmin, minimum, input, dim, keepdim, other, names)


def _extreme(
    name: str,
    operation: Operation,
    where_is: Callable[..., Any],
    of_two: Callable[[core.Tensor, core.Tensor], core.Tensor],
    input: core.Tensor,
    dim: Any,
    keepdim: bool,
    other: Any,
    names: dict[str, Any],
) -> Any:
    if names:
        dim, keepdim = renamed(name, names, dim, keepdim)
    if other is not None or isinstance(dim, core.Tensor):
        return of_two(input, dim if other is None else other)
    _one_dimension(name, dim)
    kind_of(input)
    operation.shape(input.shape, dim=dim, keepdim=keepdim)
    values = operation(input, dim=dim, keepdim=keepdim)
    if dim is None:
        return values
    return Extremes(values, _place(where_is, input, dim, keepdim))


def _place(where_is: Callable[..., Any], input: core.Tensor, dim: int | None, keepdim: bool) -> core.Tensor:
    """The index along `dim` of the first extreme element."""
    shape = reduced(input.shape, dim, keepdim)
    return aside(
        where_is.__name__, partial(_places, where_is, dim if input.ndim else None, shape), shape, np.int64, input
    )


def _places(where_is: Callable[..., Any], dim: int | None, shape: Shape, array: Array) -> Array:
    return np.asarray(where_is(array, axis=dim)).reshape(shape)


def argmax(input: core.Tensor, dim: int | None = None, keepdim: bool = False, **names: Any) -> core.Tensor:
    """The index of the largest element; of the first if there are several."""
    return _argument("argmax", np.argmax, input, *renamed("argmax", names, dim, keepdim))


def argmin(input: core.Tensor, dim: int | None = None, keepdim: bool = False, **names: Any) -> core.Tensor:
    """The index of the smallest element; of the first if there are several."""
    return _argument("argmin", np.argmin, input, *renamed("argmin", names, dim, keepdim))


def _argument(
    name: str, where_is: Callable[..., Any], input: core.Tensor, dim: int | None, keepdim: bool
) -> core.Tensor:
    _one_dimension(name, dim)
    kind_of(input)
    reduced(input.shape, dim, keepdim)
    if not input.array.size and (dim is None or not input.shape[dim]):
        raise PositionError(
            f"{name}(): Expected reduction dim {'to be specified for input.numel() == 0' if dim is None else dim}"
            f"{'.' if dim is None else ' to have non-zero size.'}",
            "an empty tensor has no maximum or minimum",
        )
    return _place(where_is, input, dim, keepdim)


def amax(input: core.Tensor, dim: Dim = (), keepdim: bool = False, **names: Any) -> core.Tensor:
    """The maximum over `dim`, or over all; equal elements share the gradient evenly."""
    dim, keepdim = renamed("amax", names, None if dim == () else dim, keepdim)
    return ops.amax(input, dim=dims_of(dim), keepdim=keepdim)


def amin(input: core.Tensor, dim: Dim = (), keepdim: bool = False, **names: Any) -> core.Tensor:
    """The minimum over `dim`, or over all; equal elements share the gradient evenly."""
    dim, keepdim = renamed("amin", names, None if dim == () else dim, keepdim)
    return ops.amin(input, dim=dims_of(dim), keepdim=keepdim)


def aminmax(input: core.Tensor, *, dim: int | None = None, keepdim: bool = False) -> tuple[core.Tensor, core.Tensor]:
    """(minimum, maximum) along `dim`, or over all."""
    return amin(input, () if dim is None else (dim,), keepdim), amax(input, () if dim is None else (dim,), keepdim)

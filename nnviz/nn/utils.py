"""Helpers for training loops, under PyTorch's names."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from nnviz.autograd import Tensor, functions
from nnviz.errors import OperandError, OperationError, ShapeError
from nnviz.names import missing_name

__all__ = ["clip_grad_norm_", "clip_grad_value_", "parameters_to_vector", "vector_to_parameters"]


def _gradients(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    tensors = [parameters] if isinstance(parameters, Tensor) else parameters
    return [tensor.grad for tensor in tensors if tensor.grad is not None]


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,  # noqa: ARG001 (selects PyTorch's implementation)
) -> Tensor:
    """Scale all gradients so that their norm is at most `max_norm`, and return the norm before.

    The norm is that of the vector of all gradients. As in PyTorch, the factor is min(1, max_norm / (norm + 1e-6)).

    Args:
        parameters: the parameters; those without a gradient are skipped.
        max_norm: the largest norm.
        norm_type: the order of the norm; inf for the largest absolute value.
        error_if_nonfinite: raise an error if the norm is infinite or NaN.
        foreach: accepted for compatibility, without effect.

    Raises:
        OperationError: the norm is not finite, and `error_if_nonfinite` is True.
    """
    max_norm, norm_type = float(max_norm), float(norm_type)
    grads = _gradients(parameters)
    if not grads:
        return Tensor(np.zeros((), np.float32))
    with np.errstate(all="ignore"):
        norms = np.array([np.linalg.norm(grad.array.ravel(), norm_type) for grad in grads], grads[0].dtype)
        total = np.asarray(np.linalg.norm(norms, norm_type))
        if error_if_nonfinite and not np.isfinite(total):
            raise OperationError(
                f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, so it cannot be "
                "clipped. To disable this error and scale the gradients by the non-finite norm anyway, set "
                "`error_if_nonfinite=False`",
                "a learning rate that is too large is the usual cause",
            )
        factor = min(max_norm / (float(total) + 1e-6), 1.0)
        for grad in grads:
            grad.overwrite(grad.array * grad.dtype.type(factor))
    return Tensor(total)


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor],
    clip_value: float,
    foreach: bool | None = None,  # noqa: ARG001
) -> None:
    """Clip every element of every gradient to [−clip_value, clip_value].

    Args:
        parameters: the parameters; those without a gradient are skipped.
        clip_value: the largest absolute value.
        foreach: accepted for compatibility, without effect.
    """
    clip_value = float(clip_value)
    for grad in _gradients(parameters):
        grad.overwrite(np.minimum(np.maximum(grad.array, -clip_value), clip_value).astype(grad.dtype, copy=False))


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """The elements of all tensors in one vector; differentiable."""
    return functions.cat([functions.reshape(parameter, -1) for parameter in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Replace the elements of the parameters by those of a vector; nothing is changed unless all fit.

    As in PyTorch, each parameter becomes a view of its part of the vector, with its dtype, if the vector is writable.

    Raises:
        OperandError: `vec` is not a tensor.
        ShapeError: the number of elements of `vec` is not that of the parameters.
        OperationError: `vec` contains integers.
    """
    if not isinstance(vec, Tensor):
        raise OperandError(f"expected torch.Tensor, but got: {type(vec).__name__}", "make one with tensor()")
    held = list(parameters)
    count = sum(parameter.numel() for parameter in held)
    if vec.shape != (count,):
        raise ShapeError(
            f"shape '[{count}]' is invalid for input of size {vec.numel()}"
            if vec.ndim == 1
            else f"expected a vector, got a tensor of shape {list(vec.shape)}",
            f"these parameters have {count} numbers together",
        )
    if vec.dtype.kind not in "fc" and any(parameter.requires_grad for parameter in held):
        raise OperationError(
            "data set to a tensor that requires gradients must be floating point or complex dtype",
            "call .float() on the vector",
        )
    numbers = vec.array if vec.array.flags.writeable else vec.array.copy()
    start = 0
    for parameter in held:
        end = start + math.prod(parameter.shape)
        parameter.data = Tensor(numbers[start:end].reshape(parameter.shape))
        if numbers is vec.array:
            parameter.belongs_to(vec.root)
        start = end


if not TYPE_CHECKING:  # which would accept every name

    def __getattr__(name: str) -> object:
        raise missing_name("module 'nnviz.nn.utils'", name, __all__, f"there are: {', '.join(__all__)}")

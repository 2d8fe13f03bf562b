"""Helpers of all losses: broadcasting the target, and the reduction of the losses of the elements."""

from __future__ import annotations

import warnings
from typing import Literal

from nnviz.autograd import Tensor, ops
from nnviz.autograd.types import common, only_tensors, to, type_name
from nnviz.errors import ArgumentError, DtypeError

Reduction = Literal["mean", "sum", "none"]
"""How the losses of the elements are reduced."""


def reduction_of(size_average: bool | None, reduce: bool | None, reduction: Reduction) -> Reduction:
    """The reduction, which may be given by PyTorch's two deprecated arguments."""
    if size_average is None and reduce is None:
        return reduction
    found: Reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{found}' instead.", stacklevel=3
    )
    return found


def reduced(losses: Tensor, reduction: Reduction) -> Tensor:
    if reduction == "none":
        return losses
    check_reduction(reduction)
    if reduction == "sum":
        return losses.sum()
    if losses.array.dtype.kind != "f":
        raise DtypeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: "
            f"{type_name(losses.dtype)}",
            "call .float() first",
        )
    return ops.mean(losses, dim=None, keepdim=False)


def check_reduction(reduction: str) -> None:
    if reduction not in ("mean", "sum", "none"):
        raise ArgumentError(f"{reduction} is not a valid value for reduction", "there are: mean, sum, none")


def compared(input: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Prediction and target in their common dtype; as in PyTorch, different shapes are broadcast, with a warning."""
    only_tensors("", (input, target))
    if input.shape != target.shape:
        warnings.warn(
            f"Using a target size ({size_in_words(target)}) that is different to the input size "
            f"({size_in_words(input)}). This will likely lead to incorrect results due to broadcasting. Please ensure "
            "they have the same size.",
            stacklevel=3,
        )
    wide = common((input, target))
    return to(input, wide), to(target, wide)


def size_in_words(tensor: Tensor) -> str:
    return f"torch.Size({list(tensor.shape)})"

"""Regression and binary classification losses as functions, per element or reduced to a scalar."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np

from nnviz.autograd import Tensor, functions, is_abstract, ops
from nnviz.autograd.formula import documented
from nnviz.autograd.types import common, only_tensors, to, type_name
from nnviz.errors import DtypeError, NotSupportedError, OperationError, PositionError, ShapeError, ShapeValueError
from nnviz.nn.functional.activations import infinite_softplus
from nnviz.nn.functional.checks import floats_only
from nnviz.nn.functional.reductions import Reduction, compared, reduced, reduction_of, size_in_words


def _weighted(losses: Tensor, weight: Tensor | None, reduction: Reduction) -> Tensor:
    """The losses of the elements, multiplied by their weights."""
    if weight is None:
        return reduced(losses, reduction)
    if weight.shape != losses.shape:
        raise ShapeValueError("Weights and input must have the same size.", f"{weight.shape} and {losses.shape}")
    weighted = functions.mul(losses, weight)
    return functions.div(weighted.sum(), weight.sum()) if reduction == "mean" else reduced(weighted, reduction)


# --- regression


def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: Reduction = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """(input − target)²."""
    input, target = compared(input, target)
    floats_only("mse_cpu", input)
    return _weighted(ops.square(ops.sub(input, target)), weight, reduction_of(size_average, reduce, reduction))


def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: Reduction = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """|input − target|."""
    input, target = compared(input, target)
    return _weighted(ops.abs(functions.sub(input, target)), weight, reduction_of(size_average, reduce, reduction))


@documented(ops.huber.formula)
def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """{formula}, with d = input − target and δ = delta.

    Raises:
        OperationError: delta is not positive.
    """
    if delta <= 0:
        raise OperationError("huber_loss does not support non-positive values for delta.", f"got delta = {delta}")
    one, other = compared(input, target)
    floats_only("huber_cpu", one)
    losses = ops.huber(ops.sub(one, other), delta=delta)
    losses = to(losses, input.dtype if input.dtype.kind == "f" else losses.dtype)
    if weight is None:
        return reduced(losses, reduction)
    # Unlike in the other two losses, PyTorch divides by the number of elements, not by the sum of the weights.
    return reduced(_weighted(losses, weight, "none"), reduction)


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: Reduction = "mean",
    beta: float = 1.0,
) -> Tensor:
    """With d = input − target: d² / (2 beta) for |d| < beta, else |d| − beta / 2.

    Raises:
        OperationError: beta is negative.
    """
    if beta < 0:
        raise OperationError("smooth_l1_loss does not support negative values for beta.", f"got beta = {beta}")
    reduction = reduction_of(size_average, reduce, reduction)
    input, target = compared(input, target)
    floats_only("smooth_l1_cpu", input)
    off = ops.sub(input, target)
    return reduced(functions.div(ops.huber(off, delta=beta), beta) if beta else ops.abs(off), reduction)


# --- binary classification


@documented(ops.bce.formula)
def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """{formula}, for probabilities p; logarithms are at least −100.

    Raises:
        DtypeError: prediction and target have different dtypes.
        ShapeValueError: they have different shapes.
        OperationError: an element is not between 0 and 1.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    only_tensors("binary_cross_entropy", (input, target))
    ops.bce.shape(input.shape, target.shape)
    if input.dtype != target.dtype:
        raise DtypeError(
            f"Found dtype {type_name(target.dtype)} but expected {type_name(input.dtype)}", _float_hint(target)
        )
    floats_only("binary_cross_entropy", input)
    losses = ops.bce(input, target)
    return reduced(losses if weight is None else to(losses * _spreading(weight, losses), input.dtype), reduction)


def _spreading(weight: Tensor, losses: Tensor) -> Tensor:
    """The weight, after checking that it broadcasts to the shape of the losses."""
    if ops.mul.shape(losses.shape, weight.shape) != losses.shape:
        raise ShapeError(f"the weight {list(weight.shape)} does not broadcast to the losses {list(losses.shape)}")
    return weight


def _float_hint(target: Tensor) -> str:
    if target.dtype.kind == "f":
        return "call .float() or .double() on one of them"
    return "call .float() on the target, or use CrossEntropyLoss for class indices"


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: Reduction = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """Binary cross-entropy of logits z, with p = sigmoid(z), without the rounding error of sigmoid.

    Args:
        input: logits.
        target: between 0 and 1, of the same shape.
        weight: the weight of each loss; it broadcasts.
        size_average, reduce: deprecated; see `reduction`.
        reduction: "mean", "sum" or "none".
        pos_weight: the weight of the term of target 1; it broadcasts.

    Raises:
        DtypeError: the target is not a floating-point tensor.
        ShapeValueError: the shapes differ.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    only_tensors("binary_cross_entropy_with_logits", (input, target))
    if input.shape != target.shape:
        raise ShapeValueError(
            f"Target size ({size_in_words(target)}) must be the same as input size ({size_in_words(input)})",
            "one target, between 0 and 1, for every number of the prediction",
        )
    if target.dtype.kind != "f":
        raise DtypeError(
            f"result type Float can't be cast to the desired output type {type_name(target.dtype)}", _float_hint(target)
        )
    floats_only("log_sigmoid_cpu", input)
    kind, wide = target.dtype, common((input, target))
    input, target = to(input, wide), to(target, wide)
    if pos_weight is None:
        losses = ops.bce_with_logits(input, target)
    else:
        often = _spreading(pos_weight, input) * target
        losses = (1 - target) * infinite_softplus(input) + often * infinite_softplus(-input)
    if weight is not None:
        losses = losses * _spreading(weight, losses)
    return reduced(to(losses, kind), reduction)


# --- others


@documented(ops.hinge.formula)
def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """{formula}, with targets t of 1 or −1."""
    reduction = reduction_of(size_average, reduce, reduction)
    floats_only("hinge_embedding_loss", input)
    compared(input, target)
    return reduced(ops.hinge(input, target, margin=margin), reduction)


def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: Reduction | Literal["batchmean"] = "mean",
    log_target: bool = False,
) -> Tensor:
    """target · (ln target − input): the divergence of log-probabilities from a distribution.

    Args:
        input: log-probabilities.
        target: probabilities, or with `log_target` their logarithms.
        size_average, reduce: deprecated; see `reduction`.
        reduction: "batchmean", the sum divided by the size of dimension 0; or "mean", "sum" or "none".
        log_target: whether the target contains logarithms.
    """
    only_tensors("kl_div", (input, target))
    by_batch = reduction == "batchmean"
    kept: Reduction = "sum" if reduction == "batchmean" else reduction_of(size_average, reduce, reduction)
    if kept == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
            "'mean' will be changed to behave the same as 'batchmean' in the next major release.",
            stacklevel=2,
        )
    wide = common((input, target))
    input, target = to(input, wide), to(target, wide)
    floats_only("kl_div", input)
    if log_target:
        losses = functions.mul(functions.exp(target), functions.sub(target, input))
    else:
        losses = functions.sub(ops.xlogx(target), functions.mul(target, input))
    found = reduced(losses, kept)
    return functions.div(found, float(input.shape[0])) if by_batch and input.ndim else found


def one_hot(input: Tensor, num_classes: int = -1) -> Tensor:
    """1 at the class, 0 elsewhere, along a new last dimension.

    Raises:
        DtypeError: the labels are not integers.
        OperationError: a label is negative, or not below `num_classes`.
        NotSupportedError: on shapes alone, without `num_classes`, which would depend on the labels.
    """
    only_tensors("one_hot", (input,))
    if input.dtype != np.int64:
        raise DtypeError("one_hot is only applicable to index tensor of type LongTensor.", "call .long() first")
    if num_classes < 0:
        if is_abstract():
            raise NotSupportedError(
                "one_hot without num_classes depends on the numbers, and here are only shapes", "give num_classes"
            )
        if not input.array.size:
            raise OperationError("Can not infer total number of classes from empty tensor.", "give num_classes")
        num_classes = int(input.array.max()) + 1
    try:
        return ops.one_hot(input, classes=num_classes, dtype=np.int64)
    except PositionError as error:
        raise OperationError(error.message, error.hint) from None

"""Losses as functions: how wrong a prediction is, for each element, or as one number."""

from __future__ import annotations

import math
import warnings
from typing import Literal

import numpy as np

from nnviz.autograd import Tensor, functions, is_abstract, ops
from nnviz.autograd.types import common, only_tensors, to, type_name
from nnviz.errors import (
    ArgumentError,
    DtypeError,
    NotSupportedError,
    OperationError,
    PositionError,
    ShapeError,
    ShapeValueError,
)
from nnviz.nn.functional.activations import infinite_softplus, log_softmax
from nnviz.nn.functional.checks import floats_only

Reduction = Literal["mean", "sum", "none"]
"""What becomes of the losses of the single elements."""

SKIPPED = -100
"""The label that marks a sample that does not count, where no other is named."""


def reduction_of(size_average: bool | None, reduce: bool | None, reduction: Reduction) -> Reduction:
    """The reduction, also where it is given in the two arguments that PyTorch had before."""
    if size_average is None and reduce is None:
        return reduction
    found: Reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{found}' instead.", stacklevel=3
    )
    return found


def _reduced(losses: Tensor, reduction: Reduction) -> Tensor:
    if reduction == "none":
        return losses
    _check_reduction(reduction)
    return losses.mean() if reduction == "mean" else losses.sum()


def _check_reduction(reduction: str) -> None:
    if reduction not in ("mean", "sum", "none"):
        raise ArgumentError(f"{reduction} is not a valid value for reduction", "there are: mean, sum, none")


def _compared(input: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Prediction and target in their common type; as in PyTorch shapes that differ are broadcast, with a warning."""
    only_tensors("", (input, target))
    if input.shape != target.shape:
        warnings.warn(
            f"Using a target size ({_size(target)}) that is different to the input size ({_size(input)}). This will "
            "likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=3,
        )
    wide = common((input, target))
    return to(input, wide), to(target, wide)


def _size(tensor: Tensor) -> str:
    return f"torch.Size({list(tensor.shape)})"


def _weighed(losses: Tensor, weight: Tensor | None, reduction: Reduction) -> Tensor:
    """The losses of the single elements, each counted as often as its weight says."""
    if weight is None:
        return _reduced(losses, reduction)
    if weight.shape != losses.shape:
        raise ShapeValueError("Weights and input must have the same size.", f"{weight.shape} and {losses.shape}")
    weighed = functions.mul(losses, weight)
    return functions.div(weighed.sum(), weight.sum()) if reduction == "mean" else _reduced(weighed, reduction)


# --- how far a number is off


def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: Reduction = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """(input − target)²."""
    input, target = _compared(input, target)
    floats_only("mse_cpu", input)
    return _weighed(ops.square(ops.sub(input, target)), weight, reduction_of(size_average, reduce, reduction))


def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: Reduction = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """|input − target|."""
    input, target = _compared(input, target)
    return _weighed(ops.abs(functions.sub(input, target)), weight, reduction_of(size_average, reduce, reduction))


def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """With d = input − target: d² / 2 for |d| ≤ delta, else delta (|d| − delta / 2).

    Raises:
        OperationError: delta is not above 0.
    """
    if delta <= 0:
        raise OperationError("huber_loss does not support non-positive values for delta.", f"got delta = {delta}")
    one, other = _compared(input, target)
    floats_only("huber_cpu", one)
    losses = ops.huber(ops.sub(one, other), delta=delta)
    return _weighed(to(losses, input.dtype if input.dtype.kind == "f" else losses.dtype), weight, reduction)


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
        OperationError: beta is below 0.
    """
    if beta < 0:
        raise OperationError("smooth_l1_loss does not support negative values for beta.", f"got beta = {beta}")
    reduction = reduction_of(size_average, reduce, reduction)
    input, target = _compared(input, target)
    floats_only("smooth_l1_cpu", input)
    off = ops.sub(input, target)
    return _reduced(functions.div(ops.huber(off, delta=beta), beta) if beta else ops.abs(off), reduction)


# --- how unlikely the truth is


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = SKIPPED,
    reduce: bool | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """−input at the true class, times the weight of that class; the mean is divided by the sum of the weights.

    Args:
        input: log-probabilities (N, C) or (N, C, ...), or (C,).
        target: class numbers (N,) or (N, ...), or ().
        weight: how much each class counts, (C,).
        size_average: what `reduction` was before.
        ignore_index: the label of samples that do not count.
        reduce: what `reduction` was before.
        reduction: mean over what counts, sum, or none.

    Raises:
        DtypeError: the labels are no whole numbers.
        PositionError: a label names no class.
        ShapeValueError: there are not as many labels as samples.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    _check_reduction(reduction)
    _check_labels(target)
    floats_only("nll_loss_out_frame", input)
    if not input.ndim:
        raise ShapeValueError("Expected 1 or more dimensions (got 0)", "log-probabilities are (N, C)")
    if input.ndim == 1:
        rows = functions.unsqueeze(input, 0), functions.unsqueeze(target, 0)
        single = nll_loss(
            *rows, weight, ignore_index=ignore_index, reduction="none" if reduction == "none" else reduction
        )
        return functions.squeeze(single, 0) if reduction == "none" else single
    if weight is None and not _some_are_skipped(target, ignore_index):
        return _reduced(_plain_nll(input, target), reduction)
    losses, counted = _weighed_nll(input, target, weight, ignore_index)
    return _shared_out(losses, counted, reduction)


def _plain_nll(log_p: Tensor, target: Tensor) -> Tensor:
    ops.nll.shape(log_p.shape, target.shape)
    return ops.nll(log_p, target)


def _check_labels(target: Tensor) -> None:
    if target.dtype.kind not in "iu":
        raise DtypeError(
            f"expected target dtype to be Long or Byte, but got {type_name(target.dtype)}",
            "class numbers are whole: call .long() on the target",
        )


def _some_are_skipped(target: Tensor, ignore_index: int) -> bool:
    """Whether samples may be left out: one label is the one to ignore, or on shapes alone could be.

    On shapes alone a plan is made for labels that name classes, as long as no other label to ignore is asked for; it
    refuses the others when they come.
    """
    if is_abstract() or ignore_index >= 0:
        return ignore_index != SKIPPED
    labels = target.array
    return bool(labels.size) and int(labels.min()) < 0 and bool((labels == ignore_index).any())


def _weighed_nll(log_p: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int) -> tuple[Tensor, Tensor]:
    """−log p of the true class and how much it counts, both 0 for what is left out."""
    counts = functions.ne(target, ignore_index)
    safe = functions.where(counts, target, 0)
    losses = _plain_nll(log_p, safe)
    if weight is None:
        weighed = functions.where(counts, Tensor(np.ones((), log_p.dtype)), Tensor(np.zeros((), log_p.dtype)))
    else:
        _check_class_weight(log_p, weight)
        rows = ops.embedding(functions.unsqueeze(weight, 1), safe)
        weighed = functions.where(counts, functions.squeeze(rows, -1), 0.0)
    return functions.where(counts, functions.mul(losses, weighed), 0.0), weighed


def _check_class_weight(scores: Tensor, weight: Tensor) -> None:
    if weight.shape != (scores.shape[1],):
        raise ShapeError(
            f"weight tensor should be defined either for all {scores.shape[1]} classes or no classes but got weight "
            f"tensor of shape: {list(weight.shape)}"
        )
    if weight.dtype != scores.dtype:
        raise DtypeError(
            f"expected scalar type {type_name(scores.dtype)} but found {type_name(weight.dtype)}",
            "the weights of the classes are of the scores' type",
        )


def _shared_out(losses: Tensor, counted: Tensor, reduction: Reduction) -> Tensor:
    """The mean over what counts, as much as it does; or sum, or none."""
    return functions.div(losses.sum(), counted.sum()) if reduction == "mean" else _reduced(losses, reduction)


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = SKIPPED,
    reduce: bool | None = None,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """−Σ target · log softmax(input) along the classes.

    Args:
        input: logits (N, C) or (N, C, ...), or (C,).
        target: class numbers (N,), or probabilities of the input's shape.
        weight: how much each class counts, (C,).
        size_average: what `reduction` was before.
        ignore_index: the label of samples that do not count; only of class numbers.
        reduce: what `reduction` was before.
        reduction: mean over the samples, as much as they count, sum, or none.
        label_smoothing: this share of the target is spread evenly over all classes.

    Raises:
        DtypeError: the target holds neither class numbers nor probabilities.
        PositionError: a label names no class.
        OperationError: label_smoothing is not between 0 and 1.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    _check_reduction(reduction)
    if not 0 <= label_smoothing <= 1:
        raise OperationError(
            f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}", "0.1 is usual, and 0 is none"
        )
    if input.ndim == 1:
        rows = functions.unsqueeze(input, 0), functions.unsqueeze(target, 0)
        found = cross_entropy(
            *rows, weight, ignore_index=ignore_index, reduction=reduction, label_smoothing=label_smoothing
        )
        return functions.squeeze(found, 0) if reduction == "none" else found
    log_p = log_softmax(input, 1)
    if target.shape == input.shape:
        return _of_distribution(log_p, target, weight, reduction, label_smoothing)
    if not label_smoothing:
        return nll_loss(log_p, target, weight, ignore_index=ignore_index, reduction=reduction)
    return _smoothed(log_p, target, weight, ignore_index, reduction, label_smoothing)


def _of_distribution(
    log_p: Tensor, target: Tensor, weight: Tensor | None, reduction: Reduction, label_smoothing: float
) -> Tensor:
    if target.dtype.kind != "f":
        raise DtypeError(
            f"Expected floating point type for target with class probabilities, got {type_name(target.dtype)}",
            "call .float() on probabilities; class numbers are one for each sample: (N,), not (N, C)",
        )
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / log_p.shape[1]
    if weight is not None:
        log_p = functions.mul(log_p, _along_classes(weight, log_p))
    losses = -functions.sum(functions.mul(log_p, target), 1)
    return losses.sum() / max(math.prod(losses.shape), 1) if reduction == "mean" else _reduced(losses, reduction)


def _along_classes(weight: Tensor, scores: Tensor) -> Tensor:
    """One number for each class, in a shape that broadcasts over what follows the classes."""
    if weight.shape != (scores.shape[1],):
        raise ShapeError(
            "cross_entropy: weight tensor should be defined either for all "
            f"{scores.shape[1]} classes or no classes but got weight tensor of shape: {list(weight.shape)}"
        )
    return functions.reshape(weight, (-1, *(1,) * (scores.ndim - 2)))


def _smoothed(
    log_p: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: Reduction, share: float
) -> Tensor:
    """(1 − share) of the loss of the true class, and share / C of the losses of all classes."""
    _check_labels(target)
    if weight is None and not _some_are_skipped(target, ignore_index):
        plain, spread = _plain_nll(log_p, target), -functions.mean(log_p, 1)
        return _reduced(plain * (1 - share) + spread * share, reduction)
    losses, counted = _weighed_nll(log_p, target, weight, ignore_index)
    every = log_p if weight is None else functions.mul(log_p, _along_classes(weight, log_p))
    counts = functions.ne(target, ignore_index)
    spread = functions.where(counts, -functions.mean(every, 1), 0.0)
    return _shared_out(losses * (1 - share) + spread * share, counted, reduction)


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """−t ln p − (1 − t) ln (1 − p), for probabilities p; logarithms are −100 at least.

    Raises:
        DtypeError: prediction and target are of different types.
        ShapeValueError: they have different shapes.
        OperationError: one of them lies outside 0 to 1.
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
    return _reduced(losses if weight is None else to(losses * _spreading(weight, losses), input.dtype), reduction)


def _spreading(weight: Tensor, losses: Tensor) -> Tensor:
    """A weight that broadcasts to the losses, and not they to it."""
    if ops.mul.shape(losses.shape, weight.shape) != losses.shape:
        raise ShapeError(f"the weight {list(weight.shape)} does not broadcast to the losses {list(losses.shape)}")
    return weight


def _float_hint(target: Tensor) -> str:
    if target.dtype.kind == "f":
        return "call .float() or .double() on one of them"
    return "this loss compares numbers: call .float() on the target, or use CrossEntropyLoss for class numbers"


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: Reduction = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """The same for logits z, with p = sigmoid(z), without its rounding.

    Args:
        input: logits.
        target: between 0 and 1, of the same shape.
        weight: how much each loss counts; it broadcasts.
        size_average: what `reduction` was before.
        reduce: what `reduction` was before.
        reduction: mean, sum, or none.
        pos_weight: how much the part of target 1 counts; it broadcasts.

    Raises:
        DtypeError: the target holds no floats.
        ShapeValueError: the shapes differ.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    only_tensors("binary_cross_entropy_with_logits", (input, target))
    if input.shape != target.shape:
        raise ShapeValueError(
            f"Target size ({_size(target)}) must be the same as input size ({_size(input)})",
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
        often = 1 + _spreading(pos_weight, input) * target - target
        losses = (1 - target) * input + often * infinite_softplus(-input)
    if weight is not None:
        losses = losses * _spreading(weight, losses)
    return _reduced(to(losses, kind), reduction)


# --- others


def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """X where the target is 1, max(0, margin − x) where it is −1."""
    reduction = reduction_of(size_average, reduce, reduction)
    floats_only("hinge_embedding_loss", input)
    _compared(input, target)
    return _reduced(ops.hinge(input, target, margin=margin), reduction)


def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: Reduction | Literal["batchmean"] = "mean",
    log_target: bool = False,
) -> Tensor:
    """Target · (ln target − input): how far log-probabilities are from a distribution.

    Args:
        input: log-probabilities.
        target: probabilities; with `log_target` their logarithms.
        size_average: what `reduction` was before.
        reduce: what `reduction` was before.
        reduction: "batchmean" is the divergence, the sum over dimension 0's size; or mean, sum, none.
        log_target: whether the target holds logarithms.
    """
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
    found = _reduced(losses, kept)
    return functions.div(found, float(input.shape[0])) if by_batch and input.ndim else found


def one_hot(input: Tensor, num_classes: int = -1) -> Tensor:
    """1 at the class, 0 at all others, along a new last dimension.

    Raises:
        DtypeError: the labels are no whole numbers.
        OperationError: a label is below 0, or not below `num_classes`.
        NotSupportedError: on shapes alone without `num_classes`: it would depend on the labels.
    """
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
        return ops.one_hot(input, classes=num_classes)
    except PositionError as error:
        raise OperationError(error.message, error.hint) from None

"""Classification losses as functions: negative log-likelihood and cross-entropy."""

from __future__ import annotations

import math

import numpy as np

from nnviz.autograd import Tensor, functions, is_abstract, ops
from nnviz.autograd.types import only_tensors, type_name
from nnviz.errors import DtypeError, OperationError, PositionError, ShapeError, ShapeValueError
from nnviz.nn.functional.checks import floats_only
from nnviz.nn.functional.reductions import Reduction, check_reduction, reduced, reduction_of

IGNORE_INDEX = -100
"""The default label of samples to ignore."""


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = IGNORE_INDEX,
    reduce: bool | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """−input at the true class, times the weight of that class; the mean is divided by the sum of the weights.

    Args:
        input: log-probabilities (N, C) or (N, C, ...), or (C,).
        target: class indices (N,) or (N, ...), or ().
        weight: the weight of each class, (C,).
        size_average, reduce: deprecated; see `reduction`.
        ignore_index: the label of samples to ignore.
        reduction: "mean", weighted and without ignored samples; "sum"; or "none".

    Raises:
        DtypeError: the labels are not integers.
        PositionError: a label is not a class index.
        ShapeValueError: the number of labels is not that of the samples.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    check_reduction(reduction)
    only_tensors("nll_loss", (input, target))
    floats_only("nll_loss_out_frame", input)
    if not input.ndim:
        raise ShapeValueError("Expected 1 or more dimensions (got 0)", "log-probabilities are (N, C)")
    if input.ndim == 1:
        rows = functions.unsqueeze(input, 0), functions.unsqueeze(target, 0)
        single = nll_loss(*rows, weight, ignore_index=ignore_index, reduction=reduction)
        return functions.squeeze(single, 0) if reduction == "none" else single
    return _of_labels(input, target, weight, ignore_index, reduction)


def _of_labels(input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: Reduction) -> Tensor:
    ops.nll.shape(input.shape, target.shape)
    _check_labels(target)
    if weight is None and (ignore_index == IGNORE_INDEX or (ignore_index < 0 and not is_abstract())):
        try:
            return reduced(ops.nll(input, target), reduction)
        except PositionError:
            # Ignored labels are searched only if a label is not a class.
            if not _some_are_ignored(target, ignore_index):
                raise
    losses, counted = _weighted_nll(input, target, weight, ignore_index)
    return _weighted_reduction(losses, counted, reduction)


def _check_labels(target: Tensor) -> None:
    if target.dtype.kind not in "iu":
        raise DtypeError(
            f"expected target dtype to be Long or Byte, but got {type_name(target.dtype)}",
            "class indices are integers: call .long() on the target",
        )


def _some_are_ignored(target: Tensor, ignore_index: int) -> bool:
    """Whether some samples are ignored: a label equals `ignore_index`, or could do so in a run on shapes alone.

    In a run on shapes alone, a plan with the default `ignore_index` assumes that all labels are classes; it raises an
    error when another label occurs.
    """
    if is_abstract() or ignore_index >= 0:
        return ignore_index != IGNORE_INDEX
    labels = target.array
    return bool(labels.size) and int(labels.min()) < 0 and bool((labels == ignore_index).any())


def _weighted_nll(log_p: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int) -> tuple[Tensor, Tensor]:
    """The weighted −log p of the true class, and the weight; both are 0 for ignored samples."""
    counts = functions.ne(target, ignore_index)
    safe = functions.where(counts, target, 0)
    losses = ops.nll(log_p, safe)
    if weight is None:
        weighted = functions.where(counts, Tensor(np.ones((), log_p.dtype)), Tensor(np.zeros((), log_p.dtype)))
    else:
        _check_class_weight(log_p, weight)
        rows = ops.embedding(functions.unsqueeze(weight, 1), safe)
        weighted = functions.where(counts, functions.squeeze(rows, -1), 0.0)
    return functions.where(counts, functions.mul(losses, weighted), 0.0), weighted


def _check_class_weight(scores: Tensor, weight: Tensor) -> None:
    if weight.shape != (scores.shape[1],):
        raise ShapeError(
            f"weight tensor should be defined either for all {scores.shape[1]} classes or no classes but got weight "
            f"tensor of shape: {list(weight.shape)}"
        )
    if weight.dtype != scores.dtype:
        raise DtypeError(
            f"expected scalar type {type_name(scores.dtype)} but found {type_name(weight.dtype)}",
            "convert the class weights to the dtype of the scores",
        )


def _weighted_reduction(losses: Tensor, counted: Tensor, reduction: Reduction) -> Tensor:
    """The mean weighted by `counted`; or the sum, or the losses themselves."""
    return functions.div(losses.sum(), counted.sum()) if reduction == "mean" else reduced(losses, reduction)


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = IGNORE_INDEX,
    reduce: bool | None = None,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """−Σ target · log softmax(input) along the classes.

    Args:
        input: logits (N, C) or (N, C, ...), or (C,).
        target: class indices (N,) or (N, ...), or probabilities of the input's shape.
        weight: the weight of each class, (C,).
        size_average, reduce: deprecated; see `reduction`.
        ignore_index: the label of samples to ignore; only for class indices.
        reduction: "mean", weighted and without ignored samples; "sum"; or "none".
        label_smoothing: the share of the target that is distributed evenly over all classes, from 0 to 1.

    Raises:
        DtypeError: the target contains neither class indices nor probabilities.
        PositionError: a label is not a class index.
        OperationError: label_smoothing is not between 0 and 1.
    """
    only_tensors("cross_entropy", (input, target))
    reduction = reduction_of(size_average, reduce, reduction)
    check_reduction(reduction)
    if not 0 <= label_smoothing <= 1:
        raise OperationError(
            f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}",
            "for example 0.1; 0 for no smoothing",
        )
    if input.ndim == 1:
        rows = functions.unsqueeze(input, 0), functions.unsqueeze(target, 0)
        found = cross_entropy(
            *rows, weight, ignore_index=ignore_index, reduction=reduction, label_smoothing=label_smoothing
        )
        return functions.squeeze(found, 0) if reduction == "none" else found
    floats_only("log_softmax_lastdim_kernel_impl", input)
    log_p = ops.log_softmax(input, dim=1)
    if target.shape == input.shape:
        return _of_distribution(log_p, target, weight, reduction, label_smoothing)
    if not label_smoothing:
        return _of_labels(log_p, target, weight, ignore_index, reduction)
    return _smoothed(log_p, target, weight, ignore_index, reduction, label_smoothing)


def _of_distribution(
    log_p: Tensor, target: Tensor, weight: Tensor | None, reduction: Reduction, label_smoothing: float
) -> Tensor:
    if target.dtype.kind != "f":
        raise DtypeError(
            f"Expected floating point type for target with class probabilities, got {type_name(target.dtype)}",
            "call .float() on probabilities, or pass one class index per sample: (N,), not (N, C)",
        )
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / log_p.shape[1]
    if weight is not None:
        log_p = functions.mul(log_p, _along_classes(weight, log_p))
    losses = -functions.sum(functions.mul(log_p, target), 1)
    return losses.sum() / max(math.prod(losses.shape), 1) if reduction == "mean" else reduced(losses, reduction)


def _along_classes(weight: Tensor, scores: Tensor) -> Tensor:
    """One number per class, in a shape that broadcasts over the dimensions after the classes."""
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
    ops.nll.shape(log_p.shape, target.shape)
    _check_labels(target)
    if weight is None and not _some_are_ignored(target, ignore_index):
        plain, spread = ops.nll(log_p, target), -functions.mean(log_p, 1)
        return reduced(plain * (1 - share) + spread * share, reduction)
    losses, counted = _weighted_nll(log_p, target, weight, ignore_index)
    every = log_p if weight is None else functions.mul(log_p, _along_classes(weight, log_p))
    counts = functions.ne(target, ignore_index)
    spread = functions.where(counts, -functions.mean(every, 1), 0.0)
    return _weighted_reduction(losses * (1 - share) + spread * share, counted, reduction)

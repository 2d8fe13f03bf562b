"""Layers and losses as functions, under PyTorch's names (`nnviz.nn.functional`). The layers are made of these."""

from __future__ import annotations

import math
import warnings
from typing import Literal

import numpy as np

from nnviz.autograd import Tensor, functions, ops
from nnviz.autograd.ops.drop import Mask
from nnviz.autograd.ops.windows import Pair
from nnviz.autograd.random import default_generator
from nnviz.autograd.types import type_name
from nnviz.errors import ArgumentError, ShapeError

Reduction = Literal["mean", "sum", "none"]
"""What becomes of the losses of the single elements."""

sigmoid, tanh, relu = functions.sigmoid, functions.tanh, functions.relu


def pair(value: int | tuple[int, int]) -> Pair:
    """One number for both directions, or one for each.

    Raises:
        ArgumentError: it is neither.
    """
    both = (value, value) if isinstance(value, int) else value
    if not (isinstance(both, tuple | list) and len(both) == 2 and all(isinstance(n, int) for n in both)):
        raise ArgumentError(
            f"expected a whole number, or two of them (height, width), got {value!r}",
            "padding that keeps the size is (kernel_size − 1) // 2",
        )
    return both[0], both[1]


# --- layers


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """X @ W.T + b."""
    product = functions.matmul(input, ops.transpose(weight, dim0=0, dim1=1))
    return product if bias is None else ops.add(product, bias)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> Tensor:
    """Under every place of the kernel Σ w · x, plus b; images are (N, C, H, W), or a single one (C, H, W)."""
    if input.ndim == 3:
        return functions.squeeze(conv2d(functions.unsqueeze(input, 0), weight, bias, stride, padding), 0)
    inputs = (input, weight) if bias is None else (input, weight, bias)
    return ops.conv2d(*inputs, stride=pair(stride), padding=pair(padding))


def max_pool2d(
    input: Tensor,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
) -> Tensor:
    """The largest under each place; the stride is the kernel's size where left out."""
    step = pair(kernel_size if stride is None else stride)
    return ops.max_pool2d(input, kernel=pair(kernel_size), stride=step, padding=pair(padding))


def avg_pool2d(
    input: Tensor,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
) -> Tensor:
    """The mean under each place, the padding's zeros included."""
    step = pair(kernel_size if stride is None else stride)
    return ops.avg_pool2d(input, kernel=pair(kernel_size), stride=step, padding=pair(padding))


def embedding(input: Tensor, weight: Tensor) -> Tensor:
    """Row i of `weight` for every i of `input`.

    Raises:
        ArgumentError: the indices are no whole numbers, or out of range.
    """
    if input.dtype.kind not in "iu":
        raise ArgumentError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
            f"torch.{type_name(input.dtype)}Tensor instead (while checking arguments for embedding)",
            "an Embedding takes whole numbers, and these are not",
        )
    try:
        return ops.embedding(weight, input)
    except IndexError:
        raise ArgumentError("index out of range in self", f"indices must be from 0 to {len(weight) - 1}") from None


def dropout(
    input: Tensor, p: float = 0.5, training: bool = True, generator: np.random.Generator | None = None
) -> Tensor:
    """Each number is 0 with probability p, and else divided by 1 − p; nothing happens outside training."""
    if not 0 <= p <= 1:
        raise ArgumentError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training:
        return input
    return ops.dropout(input, mask=Mask(p, generator or default_generator()))


def layer_norm(
    input: Tensor,
    normalized_shape: tuple[int, ...],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Mean 0 and variance 1 over the last dimensions, then · weight + bias."""
    wanted = tuple(normalized_shape)
    if input.shape[-len(wanted) :] != wanted:
        raise ShapeError(
            f"Given normalized_shape={list(wanted)}, expected input with shape [*, "
            f"{', '.join(map(str, wanted))}], but got input of size{list(input.shape)}"
        )
    out = ops.standardise(input, dims=tuple(range(-len(wanted), 0)), eps=eps)
    out = out if weight is None else ops.mul(out, weight)
    return out if bias is None else ops.add(out, bias)


# --- activations


def leaky_relu(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Z for z > 0, else negative_slope · z."""
    return ops.leaky_relu(input, slope=negative_slope)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """Z for z > 0, else weight · z, with one weight for all channels or one for each."""
    ops.prelu.shape(input.shape, weight.shape)
    return ops.prelu(input, weight)


def elu(input: Tensor, alpha: float = 1.0) -> Tensor:
    """Z for z > 0, else alpha (eᶻ − 1)."""
    return ops.elu(input, alpha=alpha)


def selu(input: Tensor) -> Tensor:
    """ELU scaled so that mean 0 and variance 1 are kept."""
    return ops.selu(input)


def gelu(input: Tensor, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    """Z · Φ(z), or its approximation by tanh."""
    if approximate not in ("none", "tanh"):
        raise ArgumentError("approximate argument must be either none or tanh.", f"got {approximate!r}")
    return ops.gelu_tanh(input) if approximate == "tanh" else ops.gelu(input)


def silu(input: Tensor) -> Tensor:
    """Z · sigmoid(z)."""
    return ops.silu(input)


def mish(input: Tensor) -> Tensor:
    """Z · tanh(softplus(z))."""
    return ops.mish(input)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """ln(1 + e^(beta z)) / beta; z itself where beta z is above the threshold."""
    return ops.softplus(input, beta=beta, threshold=threshold)


def softsign(input: Tensor) -> Tensor:
    """Z / (1 + |z|)."""
    return ops.softsign(input)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """Z, no less than min_val and no more than max_val."""
    if max_val <= min_val:
        raise ArgumentError(f"max_val ({max_val}) must be greater than min_val ({min_val})", "exchange the two")
    return ops.hardtanh(input, low=min_val, high=max_val)


def softmax(input: Tensor, dim: int | None = None) -> Tensor:
    """eᶻⁱ / Σⱼ eᶻʲ along `dim`."""
    return functions.softmax(input, _softmax_dim(input) if dim is None else dim)


def log_softmax(input: Tensor, dim: int | None = None) -> Tensor:
    """The logarithm of softmax along `dim`."""
    return functions.log_softmax(input, _softmax_dim(input) if dim is None else dim)


def _softmax_dim(input: Tensor) -> int:
    """PyTorch's old choice where none is given: rows of a batch."""
    return 0 if input.ndim in (0, 1, 3) else 1


# --- losses


def _reduced(losses: Tensor, reduction: Reduction) -> Tensor:
    if reduction == "none":
        return losses
    if reduction not in ("mean", "sum"):
        raise ArgumentError(f"{reduction} is not a valid value for reduction", "there are: mean, sum, none")
    return losses.mean() if reduction == "mean" else losses.sum()


def _compared(input: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Prediction and target; as in PyTorch shapes that differ are broadcast, with a warning."""
    if input.shape != target.shape:
        warnings.warn(
            f"Using a target size ({_size(target)}) that is different to the input size ({_size(input)}). This will "
            "likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=3,
        )
    return input, target


def _size(tensor: Tensor) -> str:
    return f"torch.Size({list(tensor.shape)})"


def mse_loss(input: Tensor, target: Tensor, reduction: Reduction = "mean") -> Tensor:
    """(input − target)²."""
    return _reduced(ops.square(functions.sub(*_compared(input, target))), reduction)


def l1_loss(input: Tensor, target: Tensor, reduction: Reduction = "mean") -> Tensor:
    """|input − target|."""
    return _reduced(ops.abs(functions.sub(*_compared(input, target))), reduction)


def huber_loss(input: Tensor, target: Tensor, reduction: Reduction = "mean", delta: float = 1.0) -> Tensor:
    """With d = input − target: d² / 2 for |d| ≤ delta, else delta (|d| − delta / 2)."""
    _floating(input, target)
    if delta <= 0:
        raise ArgumentError("huber_loss does not support non-positive values for delta.", f"got delta = {delta}")
    return _reduced(ops.huber(functions.sub(*_compared(input, target)), delta=delta), reduction)


def nll_loss(input: Tensor, target: Tensor, reduction: Reduction = "mean") -> Tensor:
    """−input at the true class; input is log-probabilities (N, C, ...)."""
    if target.dtype.kind not in "iu":
        raise ArgumentError(
            f"expected target dtype to be Long or Byte, but got {type_name(target.dtype)}",
            "class numbers are whole: call .long() on the target",
        )
    if input.ndim == 1:
        losses = ops.nll(functions.unsqueeze(input, 0), functions.unsqueeze(target, 0))
        return _reduced(functions.squeeze(losses, 0), reduction)
    ops.nll.shape(input.shape, target.shape)
    return _reduced(ops.nll(input, target), reduction)


def cross_entropy(input: Tensor, target: Tensor, reduction: Reduction = "mean", label_smoothing: float = 0.0) -> Tensor:
    """−Σ target · log softmax(input) along the classes.

    Args:
        input: logits (N, C) or (N, C, ...), or (C,).
        target: class numbers (N,), or probabilities of the input's shape.
        reduction: mean over the samples, sum, or none.
        label_smoothing: this share of the target is spread evenly over all classes.
    """
    if not 0 <= label_smoothing <= 1:
        raise ArgumentError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    if input.ndim == 1:
        single = cross_entropy(functions.unsqueeze(input, 0), functions.unsqueeze(target, 0), "none", label_smoothing)
        return _reduced(functions.squeeze(single, 0), reduction)
    log_p = functions.log_softmax(input, 1)
    classes = input.shape[1]
    if target.dtype.kind == "f" and target.shape == input.shape:
        if label_smoothing:
            target = target * (1 - label_smoothing) + label_smoothing / classes
        losses = -functions.sum(log_p * target, 1)
        return losses.sum() / max(math.prod(losses.shape), 1) if reduction == "mean" else _reduced(losses, reduction)
    plain = nll_loss(log_p, target, reduction)
    if not label_smoothing:
        return plain
    spread = _reduced(-functions.mean(log_p, 1), reduction)
    return plain * (1 - label_smoothing) + spread * label_smoothing


def _floating(input: Tensor, target: Tensor) -> None:
    if target.dtype.kind != "f":
        raise ArgumentError(
            f"Found dtype {type_name(target.dtype)} but expected {type_name(input.dtype)}",
            "this loss compares numbers: call .float() on the target, or use CrossEntropyLoss for class numbers",
        )


def binary_cross_entropy(input: Tensor, target: Tensor, reduction: Reduction = "mean") -> Tensor:
    """−t ln p − (1 − t) ln (1 − p), for probabilities p; logarithms are −100 at least."""
    _floating(input, target)
    ops.bce.shape(input.shape, target.shape)
    return _reduced(ops.bce(input, target), reduction)


def binary_cross_entropy_with_logits(input: Tensor, target: Tensor, reduction: Reduction = "mean") -> Tensor:
    """The same for logits z, with p = sigmoid(z), without its rounding."""
    _floating(input, target)
    if input.shape != target.shape:
        raise ShapeError(
            f"Target size ({_size(target)}) must be the same as input size ({_size(input)})",
            "one target, between 0 and 1, for every number of the prediction",
        )
    return _reduced(ops.bce_with_logits(input, target), reduction)


def hinge_embedding_loss(input: Tensor, target: Tensor, margin: float = 1.0, reduction: Reduction = "mean") -> Tensor:
    """X where the target is 1, max(0, margin − x) where it is −1."""
    input, target = _compared(input, target)
    return _reduced(ops.hinge(input, target, margin=margin), reduction)

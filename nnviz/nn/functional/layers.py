"""Linear maps, embeddings, dropout and normalization as functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnviz.autograd import Tensor, functions, ops
from nnviz.autograd.ops.dropout import Mask
from nnviz.autograd.random import source
from nnviz.autograd.types import only_tensors, type_name
from nnviz.errors import (
    CheckError,
    DtypeError,
    NotSupportedError,
    OperandError,
    OperationError,
    PositionError,
    ShapeError,
)
from nnviz.nn.functional.checks import apply_activation, described, floats_only, how_to_match, one_type, probability


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x @ W.T + b.

    Raises:
        DtypeError: the dtypes differ.
        ShapeError: the shapes do not fit.
    """
    tensors = isinstance(input, Tensor) and isinstance(weight, Tensor)
    if not tensors or input.array.dtype is not weight.array.dtype:
        one_type("mat1 and mat2 must have the same dtype, but got {} and {}", input, weight)
    turned = ops.transpose(weight, dim0=0, dim1=1) if weight.array.ndim > 1 else weight
    product = ops.matmul(input, turned)
    if bias is None:
        return product
    if not isinstance(bias, Tensor) or bias.array.dtype is not weight.array.dtype:
        one_type("self and mat2 must have the same dtype, but got {} and {}", bias, weight)
    if bias.array.ndim > 1 or (bias.array.ndim and bias.array.shape[0] not in (1, *product.array.shape[-1:])):
        raise ShapeError(
            f"The expanded size of the tensor ({product.shape[-1]}) must match the existing size ({bias.shape[-1]}) at "
            f"non-singleton dimension 1.  Target sizes: {list(product.shape)}.  Tensor sizes: {list(bias.shape)}"
        )
    return ops.add(product, bias)


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Row i of `weight` for every i of `input`; the row `padding_idx` gets no gradient.

    Raises:
        DtypeError: the indices are not integers.
        PositionError: an index is out of range.
        CheckError: `padding_idx` is not a row.
        NotSupportedError: one of the arguments after `padding_idx` is used.
    """
    only_tensors("embedding", (input, weight))
    only_plain_embedding(max_norm, norm_type, scale_grad_by_freq, sparse)
    if input.dtype.kind not in "iu":
        raise DtypeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
            f"torch.{type_name(input.dtype)}Tensor instead (while checking arguments for embedding)",
            "an Embedding takes whole numbers, and these are not",
        )
    if padding_idx is not None and not -len(weight) <= padding_idx < len(weight):
        raise CheckError(
            "Padding_idx must be within num_embeddings", f"it is {padding_idx}, and there are {len(weight)}"
        )
    try:
        rows = ops.embedding(weight, input)
    except IndexError:
        raise PositionError("index out of range in self", f"indices must be from 0 to {len(weight) - 1}") from None
    if padding_idx is None:
        return rows
    learned = functions.unsqueeze(functions.ne(input, padding_idx % len(weight)), -1)
    return ops.where(learned, rows, rows.detach())


def only_plain_embedding(max_norm: float | None, norm_type: float, scale_grad_by_freq: bool, sparse: bool) -> None:
    """Raise an error for the arguments of `embedding` that are not supported.

    Raises:
        NotSupportedError: which of them it is.
    """
    given = {
        "max_norm": max_norm is not None, "norm_type": norm_type != 2.0,
        "scale_grad_by_freq": scale_grad_by_freq, "sparse": sparse,
    }  # fmt: skip
    for name, used in given.items():
        if used:
            raise NotSupportedError(f"Embedding does not support {name}", "leave it out")


def dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Tensor:
    """Set each element to 0 with probability p, else divide it by 1 − p; the identity if `training` is False.

    Raises:
        ArgumentError: p is not a probability.
        DtypeError: the input is not a floating-point tensor.
    """
    return _dropped(input, Mask(p, source(generator)), training, inplace)


def dropout2d(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Tensor:
    """Set each channel of each sample to 0 with probability p, else divide it by 1 − p.

    Raises:
        ArgumentError: p is not a probability.
        DtypeError: the input is not a floating-point tensor.
    """
    return _dropped(input, Mask(p, source(generator), channels=True), training, inplace)


def _dropped(input: Tensor, mask: Mask, training: bool, inplace: bool) -> Tensor:
    only_tensors("dropout", (input,))
    probability(mask.p)
    if not training:
        return input
    if input.array.dtype.kind not in "fc":
        raise DtypeError(
            f"result type Float can't be cast to the desired output type {type_name(input.dtype)}",
            "call .float() first",
        )
    return apply_activation(input, inplace, lambda a: ops.dropout(a, mask=mask))


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Mean 0 and variance 1 over the last dimensions, then · weight + bias.

    Raises:
        OperandError: normalized_shape is not a sequence.
        OperationError: it is empty.
        ShapeError: the shape of the input does not end with it, or weight or bias have another shape.
        DtypeError: the dtypes differ.
    """
    only_tensors("layer_norm", (input,))
    if not isinstance(normalized_shape, Sequence):
        raise OperandError(
            "layer_norm(): argument 'normalized_shape' (position 2) must be tuple of ints, not "
            f"{type(normalized_shape).__name__}",
            "write (n,) for a single size",
        )
    wanted = tuple(normalized_shape)
    if not wanted:
        raise OperationError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got "
            "normalized_shape = []"
        )
    same_norm_types("LayerNormKernelImpl", input, weight, bias)
    for name, tensor in (("weight", weight), ("bias", bias)):
        if tensor is not None and tensor.shape != wanted:
            raise ShapeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
                f"{list(tensor.shape)} and normalized_shape = {list(wanted)}"
            )
    if input.shape[-len(wanted) :] != wanted:
        raise ShapeError(
            f"Given normalized_shape={list(wanted)}, expected input with shape [*, "
            f"{', '.join(map(str, wanted))}], but got input of size{list(input.shape)}"
        )
    out = ops.normalize(input, dims=tuple(range(-len(wanted), 0)), eps=eps)
    out = out if weight is None else ops.mul(out, weight)
    return out if bias is None else ops.add(out, bias)


def same_norm_types(name: str, input: Tensor, *others: Tensor | None) -> None:
    """Check that an input has the dtype of the parameters and buffers that it is normalized with.

    Raises:
        DtypeError: the dtypes differ.
        NotSupportedError: the input is not a floating-point tensor.
    """
    kinds = [other for other in others if other is not None]
    if not kinds or name == "batch_norm":
        floats_only(name, input)
    for other in kinds:
        if other.array.dtype is not input.array.dtype and other.dtype != input.dtype:
            wider = input.dtype.itemsize < other.dtype.itemsize
            words = f"expect parameter to have scalar type of {type_name(input.dtype)}"
            raise DtypeError(
                f"mixed dtype (CPU): {words if wider else 'all inputs must share same datatype.'}",
                f"the input is {described(input)} and the layer {described(other)}: {how_to_match(input, other)}",
            )

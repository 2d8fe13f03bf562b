"""Convolution, pooling and padding as functions; images are (N, C, H, W), or a single one (C, H, W)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from nnviz.autograd import Tensor, functions, ops
from nnviz.autograd.ops.windows import CLOSE, Pair, places_of, span
from nnviz.autograd.types import only_tensors
from nnviz.errors import (
    ArgumentError,
    DtypeError,
    NotSupportedError,
    OperandError,
    OperationError,
    ShapeError,
    ShapeIndexError,
)
from nnviz.nn.functional.checks import SCALARS, described, how_to_match, pair, several, whole

Padding = int | Sequence[int] | Literal["same", "valid"]
Sizes = int | Sequence[int]
PaddingMode = Literal["constant", "reflect", "replicate", "circular"]

_NUMPYS = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Σ w · x + b for each window.

    Args:
        input: (N, C, H, W) or (C, H, W).
        weight: (out, C / groups, kh, kw).
        bias: (out,).
        stride: the distance between two windows.
        padding: zeros added on every side; "same" keeps the size, "valid" is 0.
        dilation: the distance between two taps of the kernel.
        groups: the number of groups of channels, each of which is convolved separately.

    Raises:
        DtypeError: the dtypes differ.
        ShapeError: the shapes do not fit.
    """
    only_tensors("conv2d", (input, weight))
    _same_scalars(input, weight, bias)
    if input.ndim == 3:
        one = conv2d(functions.unsqueeze(input, 0), weight, bias, stride, padding, dilation, groups)
        return functions.squeeze(one, 0)
    whole("conv2d(): argument 'groups'", groups)
    steps, apart = pair(stride, "stride", "conv2d"), pair(dilation, "dilation", "conv2d")
    if isinstance(padding, str):
        input, zeros = _padded_in_words(input, weight, padding, steps, apart)
    else:
        zeros = pair(padding, "padding", "conv2d")
    inputs: tuple[Tensor, ...] = (input, weight) if bias is None else (input, weight, bias)
    # Recorded only if they are used, since most convolutions have neither dilation nor groups.
    more = {} if (apart, groups) == (CLOSE, 1) else {"dilation": apart, "groups": int(groups)}
    return ops.conv2d(*inputs, stride=steps, padding=zeros, **more)


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """`conv2d` along one dimension: input (N, C, L) or (C, L), weight (out, C / groups, k)."""
    only_tensors("conv1d", (input, weight))
    if input.ndim not in (2, 3):
        raise ShapeError(
            f"Expected 2D (unbatched) or 3D (batched) input to conv1d, but got input of size: {list(input.shape)}",
            "sequences are (batch, channels, length)",
        )
    if weight.ndim != 3:
        raise ShapeError(f"conv1d takes a weight (out, in, length), got {list(weight.shape)}")
    steps, apart = _in_a_row("conv1d", stride=stride, dilation=dilation)
    zeros: Padding = padding if isinstance(padding, str) else _in_a_row("conv1d", padding=padding)[0]
    row, kernel = functions.unsqueeze(input, -2), functions.unsqueeze(weight, -2)
    return functions.squeeze(conv2d(row, kernel, bias, steps, zeros, apart, groups), -2)


def _in_a_row(function: str, **sizes: Sizes) -> list[Pair]:
    """Sizes along one dimension as those of images with a single row."""
    return [(0 if name == "padding" else 1, several(size, 1, name, function)[0]) for name, size in sizes.items()]


def _same_scalars(input: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    for name, other in (("bias", bias), ("weight", weight)):
        if other is not None and other.array.dtype is not input.array.dtype and other.dtype != input.dtype:
            one, two = (SCALARS.get(t.dtype.name, t.dtype.name) for t in (input, other))
            if one == two:
                one, two = described(input), described(other)
            raise DtypeError(
                f"Input type ({one}) and {name} type ({two}) should be the same", how_to_match(input, other)
            )


def _padded_in_words(input: Tensor, weight: Tensor, padding: str, stride: Pair, apart: Pair) -> tuple[Tensor, Pair]:
    """Apply "same" or "valid" padding: the input, padded at the end if the total is odd, and the remaining padding."""
    check_padding_word(padding, stride, OperationError)
    if padding == "valid":
        return input, (0, 0)
    high, wide = (reach - 1 for reach in span((weight.shape[-2], weight.shape[-1]), apart))
    if high % 2 or wide % 2:
        input = pad(input, (0, wide % 2, 0, high % 2))
    return input, (high // 2, wide // 2)


def check_padding_word(padding: str, stride: Sequence[int], error: type[OperationError | ArgumentError]) -> None:
    """Check a padding given as a string.

    Raises:
        OperationError, ArgumentError: it is invalid; the class is `error`, since PyTorch's layers and functions differ.
    """
    if padding not in ("same", "valid"):
        words = f"Invalid padding string {padding!r}, should be one of {{'valid', 'same'}}"
        raise error(words if error is ArgumentError else f"Invalid padding string: {padding!r}", "or a whole number")
    if padding == "same" and any(step != 1 for step in stride):
        raise error("padding='same' is not supported for strided convolutions", "give the padding as numbers")


def max_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor:
    """The maximum over each window.

    Args:
        input: (N, C, H, W) or (C, H, W).
        kernel_size: the size of the window.
        stride: the distance between two windows; by default the size of the window.
        padding: the width of the padding on every side, which is never the maximum.
        dilation: the distance between two taps of the window.
        ceil_mode: whether to include a last window that lies partly beyond the end.
        return_indices: not supported.

    Raises:
        ShapeError: the window does not fit.
        NotSupportedError: `return_indices`, or a dtype without an order.
    """
    only_tensors("max_pool2d", (input,))
    if return_indices:
        raise NotSupportedError("max_pool2d does not support return_indices", "there is no MaxUnpool2d to use them")
    if input.dtype.kind not in "iuf":
        raise NotSupportedError("\"max_pool2d\" not implemented for 'Bool'", "call .float() first")
    kernel, steps, beyond = _windows("max_pool2d", kernel_size, stride, padding)
    apart = pair(dilation, "dilation", "max_pool2d")
    if ceil_mode:
        ops.max_pool2d.shape(input.shape, kernel=(1, 1), stride=(1, 1), padding=(0, 0))
        input = _lengthened(input, kernel, steps, beyond, apart)
    more = {} if apart == CLOSE else {"dilation": apart}
    return ops.max_pool2d(input, kernel=kernel, stride=steps, padding=beyond, **more)


def max_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor:
    """`max_pool2d` along one dimension: (N, C, L) or (C, L)."""
    only_tensors("max_pool1d", (input,))
    stride = kernel_size if stride is None else stride
    kernel, steps, beyond, apart = _in_a_row(
        "max_pool1d", kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation
    )
    row = _sequences(input, "max_pool1d")
    return functions.squeeze(max_pool2d(row, kernel, steps, beyond, apart, ceil_mode, return_indices), -2)


def avg_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean over each window.

    Args:
        input: (N, C, H, W) or (C, H, W).
        kernel_size: the size of the window.
        stride: the distance between two windows; by default the size of the window.
        padding: zeros added on every side.
        ceil_mode: not supported.
        count_include_pad: whether the zeros of the padding are included in the mean.
        divisor_override: the divisor of the sums, instead of the number of elements.

    Raises:
        ShapeError: the window does not fit.
        NotSupportedError: `ceil_mode`.
    """
    only_tensors("avg_pool2d", (input,))
    if ceil_mode:
        raise NotSupportedError("avg_pool2d does not support ceil_mode", "pad the images at their ends with F.pad")
    kernel, steps, beyond = _windows("avg_pool2d", kernel_size, stride, padding)
    if input.ndim < 3:
        raise ShapeIndexError(
            f"Expected 3D or 4D (batch mode) tensor for input, but got input of size: {list(input.shape)}",
            "images are (batch, channels, height, width)",
        )
    out = ops.avg_pool2d(input, kernel=kernel, stride=steps, padding=beyond)
    if divisor_override is not None:
        if divisor_override == 0:
            raise OperationError("divisor must be not zero", "leave divisor_override out")
        return functions.mul(out, kernel[0] * kernel[1] / divisor_override)
    if count_include_pad or beyond == (0, 0):
        return out
    inside = np.ones((1, *input.shape[-2:]), input.dtype)
    counted = ops.avg_pool2d.forward(inside, kernel=kernel, stride=steps, padding=beyond)
    return functions.div(out, Tensor(counted))


def avg_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """`avg_pool2d` along one dimension: (N, C, L) or (C, L)."""
    only_tensors("avg_pool1d", (input,))
    stride = kernel_size if stride is None else stride
    kernel, steps, beyond = _in_a_row("avg_pool1d", kernel_size=kernel_size, stride=stride, padding=padding)
    row = _sequences(input, "avg_pool1d")
    return functions.squeeze(avg_pool2d(row, kernel, steps, beyond, ceil_mode, count_include_pad), -2)


def adaptive_avg_pool2d(input: Tensor, output_size: int | Sequence[int | None] | None) -> Tensor:
    """The mean over equal parts, as many as the output has elements; None keeps the size.

    Part i of n goes from ⌊i · size / n⌋ to ⌈(i + 1) · size / n⌉.
    """
    only_tensors("adaptive_avg_pool2d", (input,))
    if input.ndim not in (3, 4):
        raise ShapeError(
            f"adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got {list(input.shape)}",
            "images are (batch, channels, height, width)",
        )
    if 0 in input.shape[1:]:
        raise ShapeError(
            "adaptive_avg_pool2d(): Expected input to have non-zero size for non-batch dimensions, but input has sizes "
            f"{list(input.shape)}",
            "an empty image has no mean",
        )
    both = output_size if isinstance(output_size, tuple | list) else (output_size, output_size)
    wanted = tuple(size if one is None else one for one, size in zip(both, input.shape[-2:], strict=False))
    whole("adaptive_avg_pool2d(): argument 'output_size' (position 2)", *wanted)
    if len(both) != 2 or min(wanted) < 0:
        raise OperationError(
            "adaptive_avg_pool2d: elements of output_size must be greater than or equal to 0 but received "
            f"{{{', '.join(map(str, both))}}}"
        )
    high, wide = (size // max(n, 1) for size, n in zip(input.shape[-2:], wanted, strict=True))
    if all(n and size % n == 0 for size, n in zip(input.shape[-2:], wanted, strict=True)) and min(high, wide) > 0:
        return ops.avg_pool2d(input, kernel=(high, wide), stride=(high, wide), padding=(0, 0))
    rows, columns = (
        Tensor(_parts(size, n).astype(input.dtype)) for size, n in zip(input.shape[-2:], wanted, strict=True)
    )
    return functions.matmul(functions.matmul(rows, input), functions.transpose(columns, 0, 1))


def adaptive_avg_pool1d(input: Tensor, output_size: Sizes) -> Tensor:
    """`adaptive_avg_pool2d` along one dimension: (N, C, L) or (C, L)."""
    only_tensors("adaptive_avg_pool1d", (input,))
    (size,) = several(output_size, 1, "output_size", "adaptive_avg_pool1d")
    return functions.squeeze(adaptive_avg_pool2d(_sequences(input, "adaptive_avg_pool1d"), (1, size)), -2)


def _parts(size: int, count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """The matrix (count, size) whose rows compute the means over the parts."""
    rows = np.zeros((count, size))
    for i in range(count):
        first, last = i * size // count, -(-(i + 1) * size // count)
        rows[i, first:last] = 1 / (last - first)
    return rows


def _sequences(input: Tensor, name: str) -> Tensor:
    if input.ndim not in (2, 3):
        raise ShapeError(
            f"{name}() Expected 2D or 3D input tensor, but got {list(input.shape)}", "(batch, channels, length)"
        )
    return functions.unsqueeze(input, -2)


def _windows(function: str, kernel_size: Sizes, stride: Sizes | None, padding: Sizes) -> tuple[Pair, Pair, Pair]:
    """Kernel size, stride and padding of a pool as pairs; the default stride is the kernel size."""
    kernel = pair(kernel_size, "kernel_size", function)
    steps = kernel if stride is None or stride in ((), []) else pair(stride, "stride", function)
    beyond = pair(padding, "padding", function)
    if 0 in steps:
        raise OperationError("stride should not be zero", "1 moves the window by one pixel")
    if min(steps) < 0:
        raise OperationError(f"stride should be greater than zero, but got dH: {steps[0]} dW: {steps[1]}")
    return kernel, steps, beyond


def _lengthened(input: Tensor, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair) -> Tensor:
    """The input, padded at the ends for the last window that begins within the image."""
    size = (input.shape[-2], input.shape[-1])
    more = []
    reach = span(kernel, dilation)
    for n, full, places, step, beyond in zip(
        size, reach, places_of(size, kernel, stride, padding, dilation), stride, padding, strict=True
    ):
        last = places * step
        reached = last < n + beyond and n + 2 * beyond - full > (places - 1) * step
        more.append(max(last + full - n - 2 * beyond, 0) if reached else 0)
    if not any(more):
        return input
    lowest = int(np.iinfo(input.dtype).min) if input.dtype.kind in "iu" else -math.inf
    return pad(input, (0, more[1], 0, more[0]), value=lowest)


def pad(input: Tensor, pad: Sequence[int], mode: PaddingMode = "constant", value: float | None = None) -> Tensor:
    """Pad the last dimensions: (before, after) of the last one, then of the one before it, and so on.

    Args:
        input: the tensor.
        pad: the width on each side; negative widths crop.
        mode: the values of the padding: "constant", "reflect", "replicate" (the edge) or "circular" (the other end).
        value: the constant, by default 0.

    Raises:
        ShapeError: a width exceeds the size of the dimension.
        OperationError: `pad` does not have two numbers per dimension.
        NotSupportedError: the mode is unknown.
    """
    only_tensors("pad", (input,))
    if not isinstance(pad, tuple | list):
        raise OperandError(f"pad(): argument 'pad' must be tuple of ints, not {type(pad).__name__}", "(1, 1) is one")
    whole("pad(): argument 'pad'", 0, *pad)
    if len(pad) % 2:
        raise OperationError("Padding length must be divisible by 2", f"got {len(pad)} numbers")
    if len(pad) > 2 * input.ndim:
        raise OperationError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(pad)} and input of dimension {input.ndim}"
        )
    sides = [(int(pad[i]), int(pad[i + 1])) for i in range(0, len(pad), 2)][::-1]
    widths = ((0, 0),) * (input.ndim - len(sides)) + tuple(sides)
    if mode == "constant":
        return ops.pad(input, widths=widths, value=0.0 if value is None else value)
    if mode not in _NUMPYS:
        raise NotSupportedError(f"Unrecognized padding mode {mode}", f"there are: constant, {', '.join(_NUMPYS)}")
    for dim, (before, after) in enumerate(widths):
        if (before, after) != (0, 0):
            input = _continued(input, dim, before, after, mode)
    return input


def _continued(input: Tensor, dim: int, before: int, after: int, mode: str) -> Tensor:
    size = input.shape[dim]
    most = size - 1 if mode == "reflect" else size if mode == "circular" else max(before, after)
    if min(before, after) < 0 or max(before, after) > most or not size:
        raise ShapeError(
            "Argument #4: Padding size should be less than the corresponding input dimension, but got: padding "
            f"({before}, {after}) at dimension {dim} of input {list(input.shape)}"
        )
    places = np.pad(np.arange(size), (before, after), mode=_NUMPYS[mode])  # type: ignore[call-overload]
    return input[(*(slice(None),) * dim, places)]

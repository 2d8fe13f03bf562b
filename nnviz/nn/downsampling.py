"""Pooling layers: the maximum, or the mean, over a moving window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from nnviz.autograd import Tensor
from nnviz.nn import functional as F
from nnviz.nn.conv import Kernel, Padding, Pair
from nnviz.nn.facts import Facts
from nnviz.nn.functional.checks import several
from nnviz.nn.functional.images import Sizes
from nnviz.nn.module import Module, layers
from nnviz.registry import CodeOnly

Code = CodeOnly()
Window = Annotated[Kernel, "side of the window"] | Pair
Step = Annotated[Kernel, "distance between two windows; none: their size"] | Pair | None


class Pool(Module):
    """Base of the pooling layers.

    Args:
        kernel_size: the size of the window, or (height, width).
        stride: the distance between two windows; by default the size of the window.
        padding: the width of the padding on every side.
        ceil_mode: whether to include a last window that lies partly beyond the end.
    """

    traits = Facts(pools=True)

    def __init__(self, kernel_size: Sizes, stride: Sizes | None, padding: Sizes, ceil_mode: bool) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxPool(Pool):
    """Base of the maximum pools; see Pool for the other arguments.

    Args:
        padding: the width of the padding on every side, which is never the maximum.
        dilation: the distance between two taps of the window.
        return_indices: not supported.
    """

    def __init__(
        self,
        kernel_size: Window = 2,
        stride: Step = None,
        padding: Padding | Pair = 0,
        dilation: Annotated[Sizes, Code] = 1,
        return_indices: Annotated[bool, Code] = False,
        ceil_mode: Annotated[bool, Code] = False,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode)
        self.dilation = dilation
        self.return_indices = return_indices

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, dilation={self.dilation}, ceil_mode={self.ceil_mode}"


@layers.register("convolution")
class MaxPool2d(MaxPool):
    """the maximum over a moving window

    For the arguments see MaxPool; sizes and distances may be pairs (vertical, horizontal).

    Shape:
        Input: (N, C, H, W). Output: (N, C, H', W') with
        H' = ⌊(H + 2 · padding − dilation · (kernel_size − 1) − 1) / stride⌋ + 1.
    """

    def forward(self, x: Tensor) -> Tensor:
        """The maximum over each window."""
        return F.max_pool2d(
            x, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )


class MaxPool1d(MaxPool):
    """the maximum over a window that moves along a sequence; see MaxPool2d

    Shape:
        Input: (N, C, L). Output: (N, C, L').
    """

    def forward(self, x: Tensor) -> Tensor:
        """The maximum over each window."""
        return F.max_pool1d(
            x, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )


@layers.register("convolution")
class AvgPool2d(Pool):
    """the mean over a moving window

    Args:
        kernel_size: the size of the window, or (height, width).
        stride: the distance between two windows; by default the size of the window.
        padding: zeros added on every side.
        ceil_mode: not supported.
        count_include_pad: whether the zeros of the padding are included in the mean.
        divisor_override: the divisor of the sums, instead of the number of elements.

    Shape:
        Input: (N, C, H, W). Output: (N, C, H', W') with H' = ⌊(H + 2 · padding − kernel_size) / stride⌋ + 1.
    """

    def __init__(
        self,
        kernel_size: Window = 2,
        stride: Step = None,
        padding: Padding | Pair = 0,
        ceil_mode: Annotated[bool, Code] = False,
        count_include_pad: Annotated[bool, Code] = True,
        divisor_override: Annotated[int | None, Code] = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode)
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, x: Tensor) -> Tensor:
        """The mean over each window."""
        return F.avg_pool2d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


class AvgPool1d(Pool):
    """the mean over a window that moves along a sequence; see AvgPool2d

    Shape:
        Input: (N, C, L). Output: (N, C, L').
    """

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode)
        self.count_include_pad = count_include_pad

    def forward(self, x: Tensor) -> Tensor:
        """The mean over each window."""
        return F.avg_pool1d(x, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)

    def extra_repr(self) -> str:
        kernel, stride, padding = (
            several(value, 1, "size", "avg_pool1d") for value in (self.kernel_size, self.stride, self.padding)
        )
        return f"kernel_size={kernel}, stride={stride}, padding={padding}"


class AdaptiveAvgPool2d(Module):
    """the mean over equal parts of the image, as many as the output has elements

    Args:
        output_size: the size of the output, or (height, width); None keeps the size.

    Shape:
        Input: (N, C, H, W). Output: (N, C, *output_size).
    """

    def __init__(self, output_size: int | Sequence[int | None] | None) -> None:
        self.output_size = output_size

    def forward(self, x: Tensor) -> Tensor:
        """The mean over each part."""
        return F.adaptive_avg_pool2d(x, self.output_size)


class AdaptiveAvgPool1d(Module):
    """the mean over equal parts of the sequence, as many as the output has elements

    Args:
        output_size: the length of the output.

    Shape:
        Input: (N, C, L). Output: (N, C, output_size).
    """

    def __init__(self, output_size: Sizes) -> None:
        self.output_size = output_size

    def forward(self, x: Tensor) -> Tensor:
        """The mean over each part."""
        return F.adaptive_avg_pool1d(x, self.output_size)

"""Layers for images (N, C, H, W): convolution and pooling."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.operation import Shape
from nnviz.catalogue import Bounds, Size, Value
from nnviz.nn import functional as F
from nnviz.nn import init
from nnviz.nn.module import Module, Parameter, layers

Kernel = Annotated[int, Bounds(1, 1000)]
Padding = Annotated[int, Bounds(0, 1000), "zeros added on every side"]
Pair = tuple[int, int]


@layers.register("convolution")
class Conv2d(Module):
    """a small window of weights moved over the image

    Weights and bias start uniform in ±1/√(in_channels · kernel area), as in PyTorch.

    Args:
        in_channels: how many channels the images have.
        out_channels: how many come out.
        kernel_size: the side of the window, or (height, width).
        stride: how far it moves, or (down, right).
        padding: zeros added on every side, or (above and below, left and right).
        bias: whether one number a channel is added.
        generator: where the starting numbers come from.

    Shape:
        Input: (N, in_channels, H, W). Output: (N, out_channels, H', W') with
        H' = ⌊(H + 2 · padding − kernel_size) / stride⌋ + 1. W: (out_channels, in_channels, kh, kw). b: (out_channels,).
    """

    def __init__(
        self,
        in_channels: Annotated[Size, "how many channels the images have"],
        out_channels: Annotated[Size, "how many come out"],
        kernel_size: Annotated[Kernel, "the side of the window"] | Pair = 3,
        stride: Annotated[Kernel, "how far it moves"] | Pair = 1,
        padding: Padding | Pair = 0,
        bias: Annotated[bool, "add one number a channel"] = True,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        kernel = F.pair(kernel_size)
        self.weight = Parameter(init.empty((out_channels, in_channels, *kernel)))
        self.register_parameter("bias", None)
        self.bias = Parameter(init.empty((out_channels,))) if bias else None
        bound = 1 / math.sqrt(max(in_channels * math.prod(kernel), 1))
        init.uniform_(self.weight, -bound, bound, generator)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound, generator)

    def forward(self, x: Tensor) -> Tensor:
        """Under every place Σ w · x, plus b."""
        return F.conv2d(x, weight=self.weight, bias=self.bias, stride=self.stride, padding=self.padding)

    @classmethod
    def fitted(cls, shape: Shape) -> dict[str, Value]:
        """in_channels is the size of dimension 1."""
        return {"in_channels": shape[1]} if len(shape) == 4 else {}

    @classmethod
    def sizes_in_words(cls, arguments: Mapping[str, Value]) -> str:
        """The weight's sizes."""
        n, m, k = (arguments.get(name, 3) for name in ("in_channels", "out_channels", "kernel_size"))
        return f"this layer's weight is ({m}, {n}, {k}, {k}): in_channels={n}, out_channels={m}, kernel_size={k}"

    def extra_repr(self) -> str:
        """As PyTorch shows it."""
        words = f"{self.in_channels}, {self.out_channels}, kernel_size={F.pair(self.kernel_size)}"
        words += f", stride={F.pair(self.stride)}"
        if F.pair(self.padding) != (0, 0):
            words += f", padding={F.pair(self.padding)}"
        return words if self.bias is not None else f"{words}, bias=False"


class Pool2d(Module):
    """Base of the pooling layers.

    Args:
        kernel_size: the side of the window, or (height, width).
        stride: how far it moves; as far as it is wide where left out.
        padding: how far it may reach beyond each side.
    """

    def __init__(
        self,
        kernel_size: Annotated[Kernel, "the side of the window"] | Pair = 2,
        stride: Annotated[Kernel, "how far it moves; none: its own size"] | Pair | None = None,
        padding: Padding | Pair = 0,
    ) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding

    def extra_repr(self) -> str:
        """As PyTorch shows it."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


@layers.register("convolution")
class MaxPool2d(Pool2d):
    """the largest number under a moving window

    Args:
        kernel_size: the side of the window, or (height, width).
        stride: how far it moves; as far as it is wide where left out.
        padding: how far it may reach beyond each side; what is beyond never is the largest.

    Shape:
        Input: (N, C, H, W). Output: (N, C, H', W') with H' = ⌊(H + 2 · padding − kernel_size) / stride⌋ + 1.
    """

    def forward(self, x: Tensor) -> Tensor:
        """The largest under each place."""
        return F.max_pool2d(x, kernel_size=self.kernel_size, stride=self.stride, padding=self.padding)

    def extra_repr(self) -> str:
        """As PyTorch shows it."""
        return f"{super().extra_repr()}, dilation=1, ceil_mode=False"


@layers.register("convolution")
class AvgPool2d(Pool2d):
    """the mean of the numbers under a moving window

    Args:
        kernel_size: the side of the window, or (height, width).
        stride: how far it moves; as far as it is wide where left out.
        padding: zeros added on every side; they count.

    Shape:
        Input: (N, C, H, W). Output: (N, C, H', W') with H' = ⌊(H + 2 · padding − kernel_size) / stride⌋ + 1.
    """

    def forward(self, x: Tensor) -> Tensor:
        """The mean under each place."""
        return F.avg_pool2d(x, kernel_size=self.kernel_size, stride=self.stride, padding=self.padding)

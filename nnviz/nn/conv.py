"""Layers for images (N, C, H, W): convolution and pooling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.operation import Shape
from nnviz.errors import ArgumentError
from nnviz.nn import functional as F
from nnviz.nn.functional.checks import several, sizes
from nnviz.nn.functional.images import Padding as AnyPadding
from nnviz.nn.functional.images import Sizes, check_padding_word
from nnviz.nn.linear import Weighted
from nnviz.nn.module import layers
from nnviz.nn.placing import Device, Dtype, to_device_and_dtype
from nnviz.registry import Bounds, CodeOnly, Size, Value

Kernel = Annotated[int, Bounds(1, 1000)]
Padding = Annotated[int, Bounds(0, 1000), "zeros added on every side"]
Pair = tuple[int, int]
PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]


Code = CodeOnly()


class Convolution(Weighted):
    """Base of the convolutions.

    Attributes:
        directions: the number of dimensions along which the window moves.
    """

    directions: ClassVar[int]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes,
        padding: AnyPadding,
        dilation: Sizes,
        groups: int,
        bias: bool,
        padding_mode: PaddingMode,
        generator: np.random.Generator | None,
    ) -> None:
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        self.padding_mode = padding_mode
        self._check()
        shape = (out_channels, in_channels // groups, *self._each(kernel_size, "kernel_size"))
        self._initialize(shape, bias, generator)

    def _each(self, value: object, name: str) -> tuple[int, ...]:
        """One number per direction."""
        return several(value, self.directions, name, f"conv{self.directions}d")

    def _check(self) -> None:
        sizes(in_channels=self.in_channels, out_channels=self.out_channels, groups=self.groups)
        if self.groups < 1:
            raise ArgumentError("groups must be a positive integer", f"it is {self.groups}, and 1 is all channels")
        for name in ("in_channels", "out_channels"):
            if getattr(self, name) % self.groups:
                raise ArgumentError(
                    f"{name} must be divisible by groups", f"they are {getattr(self, name)} and {self.groups}"
                )
        if isinstance(self.padding, str):
            check_padding_word(self.padding, self._each(self.stride, "stride"), ArgumentError)
        modes = ("zeros", "reflect", "replicate", "circular")
        if self.padding_mode not in modes:
            raise ArgumentError(
                f"padding_mode must be one of {', '.join(modes)}, but got padding_mode={self.padding_mode!r}",
                "zeros is usual",
            )

    def _framed(self, x: Tensor) -> tuple[Tensor, AnyPadding]:
        """The input, padded unless the padding is zeros; and the zeros that the convolution has to add."""
        if self.padding_mode == "zeros":
            return x, self.padding
        sides: list[int] = []
        for size, apart, zeros in zip(
            self._each(self.kernel_size, "kernel_size")[::-1],
            self._each(self.dilation, "dilation")[::-1],
            (None,) * self.directions if isinstance(self.padding, str) else self._each(self.padding, "padding")[::-1],
            strict=True,
        ):
            total = apart * (size - 1) if self.padding == "same" else 0
            sides += [total // 2, total - total // 2] if zeros is None else [zeros, zeros]
        return F.pad(x, sides, mode=self.padding_mode), 0

    def extra_repr(self) -> str:
        words = f"{self.in_channels}, {self.out_channels}, kernel_size={self._each(self.kernel_size, 'kernel_size')}"
        words += f", stride={self._each(self.stride, 'stride')}"
        if isinstance(self.padding, str):
            words += f", padding={self.padding}"
        elif any(self._each(self.padding, "padding")):
            words += f", padding={self._each(self.padding, 'padding')}"
        if any(apart != 1 for apart in self._each(self.dilation, "dilation")):
            words += f", dilation={self._each(self.dilation, 'dilation')}"
        words += f", groups={self.groups}" if self.groups != 1 else ""
        words += ", bias=False" if self.bias is None else ""
        return words if self.padding_mode == "zeros" else f"{words}, padding_mode={self.padding_mode}"


@layers.register("convolution")
class Conv2d(Convolution):
    """a small window of weights moved over the image

    Weights and bias are initialized uniformly in ±1/√(in_channels / groups · kernel area), as in PyTorch.

    Args:
        in_channels: the number of channels of the input.
        out_channels: the number of channels of the output.
        kernel_size: the size of the window, or (height, width).
        stride: the distance between two windows, or (vertical, horizontal).
        padding: zeros added on every side, or (vertical, horizontal); "same" keeps the size, "valid" is 0.
        dilation: the distance between two taps of the window, or (vertical, horizontal).
        groups: the number of groups of channels, each of which is convolved separately.
        bias: whether to add a bias per channel.
        padding_mode: the values of the padding: "zeros", or a mode of F.pad.
        device: none or the CPU.
        dtype: the type of the parameters, by default float32.
        generator: the random generator of the initialization.

    Shape:
        Input: (N, in_channels, H, W). Output: (N, out_channels, H', W') with
        H' = ⌊(H + 2 · padding − dilation · (kernel_size − 1) − 1) / stride⌋ + 1.
        W: (out_channels, in_channels / groups, kh, kw). b: (out_channels,).
    """

    directions = 2

    def __init__(
        self,
        in_channels: Annotated[Size, "channels of the input images"],
        out_channels: Annotated[Size, "channels of the output"],
        kernel_size: Annotated[Kernel, "side of the window"] | Pair = 3,
        stride: Annotated[Kernel, "distance between two windows"] | Pair = 1,
        padding: Padding | Pair | Annotated[Literal["same", "valid"], Code] = 0,
        dilation: Annotated[Sizes, Code] = 1,
        groups: Annotated[int, Code] = 1,
        bias: Annotated[bool, "add a bias per channel"] = True,
        padding_mode: Annotated[PaddingMode, Code] = "zeros",
        device: Device = None,
        dtype: Dtype = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, generator
        )
        to_device_and_dtype(self, device, dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Σ w · x + b for each window."""
        x, padding = self._framed(x)
        return F.conv2d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    @classmethod
    def fitted(cls, shape: Shape) -> dict[str, Value]:
        """in_channels is the size of dimension 1."""
        return {"in_channels": shape[1]} if len(shape) == 4 else {}

    @classmethod
    def sizes_in_words(cls, arguments: Mapping[str, Value]) -> str:
        """The shape of the weight."""
        n, m, k = (arguments.get(name, 3) for name in ("in_channels", "out_channels", "kernel_size"))
        return f"this layer's weight is ({m}, {n}, {k}, {k}): in_channels={n}, out_channels={m}, kernel_size={k}"


class Conv1d(Convolution):
    """a small window of weights moved along a sequence

    For the arguments see Conv2d; sizes and distances are single numbers.

    Shape:
        Input: (N, in_channels, L). Output: (N, out_channels, L'). W: (out_channels, in_channels / groups, k).
        b: (out_channels,).
    """

    directions = 1

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: AnyPadding = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: PaddingMode = "zeros",
        device: Device = None,
        dtype: Dtype = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, generator
        )
        to_device_and_dtype(self, device, dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Σ w · x + b for each window."""
        x, padding = self._framed(x)
        return F.conv1d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

"""Normalization layers: mean 0 and variance 1, over the batch or within each sample."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from nnviz.autograd import Tensor, functions, ops
from nnviz.autograd.operation import Array, Shape
from nnviz.errors import ShapeError, ShapeValueError
from nnviz.nn import functional as F
from nnviz.nn.functional.checks import sizes
from nnviz.nn.functional.layers import same_norm_types
from nnviz.nn.init import filled
from nnviz.nn.module import Buffer, Module, Parameter, layers
from nnviz.nn.placing import Device, Dtype, to_device_and_dtype
from nnviz.registry import Bounds, Probability, Size, Value

Eps = Annotated[float, Bounds(0, open_low=True), "keeps the division finite"]


class BatchNorm(Module):
    """(x − mean) / √(variance + eps) · weight + bias, for each channel over the batch

    In training, mean and variance are those of the batch, and running averages of them are updated; in evaluation, the
    running averages are used. Source: Ioffe & Szegedy 2015, arXiv 1502.03167.

    Args:
        num_features: the size of dimension 1, the channels.
        eps: keeps the division finite.
        momentum: the share of each batch in the running averages; None weights all batches equally.
        affine: whether there are weight and bias.
        track_running_stats: whether there are running averages; without them, evaluation uses the batch too.
        device: none or the CPU.
        dtype: the type of the parameters and averages, by default float32.
    """

    ndims: tuple[int, ...]

    def __init__(
        self,
        num_features: Annotated[Size, "the size of dimension 1"],
        eps: Eps = 1e-5,
        momentum: Annotated[Probability, "share of each batch in the running averages; none: all equal"] | None = 0.1,
        affine: Annotated[bool, "· weight + bias"] = True,
        track_running_stats: Annotated[bool, "keep running averages for evaluation"] = True,
        device: Device = None,
        dtype: Dtype = None,
    ) -> None:
        sizes(num_features=num_features)
        sizes(num_features)
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self.register_parameter("weight", None)
        self.weight = Parameter(filled((num_features,), 1.0)) if affine else None
        self.register_parameter("bias", None)
        self.bias = Parameter(filled((num_features,), 0.0)) if affine else None
        if track_running_stats:
            self.running_mean = Buffer(filled((num_features,), 0.0))
            self.running_var = Buffer(filled((num_features,), 1.0))
            self.num_batches_tracked = Buffer(np.zeros((), np.int64))
        to_device_and_dtype(self, device, dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Normalized per channel, then · weight + bias."""
        self._check(x)
        if self.training or not self.track_running_stats:
            dims = tuple(i for i in range(x.ndim) if i != 1)
            watcher = self if self.training and self.track_running_stats else None
            out = ops.normalize(x, dims=dims, eps=self.eps, watcher=watcher)
        else:
            spread = functions.sqrt(self._wide(self.running_var, x.ndim) + self.eps)
            out = (x - self._wide(self.running_mean, x.ndim)) / spread
        if self.weight is None or self.bias is None:
            return out
        return out * self._wide(self.weight, x.ndim) + self._wide(self.bias, x.ndim)

    def _wide(self, channels: Tensor, ndim: int) -> Tensor:
        """One number per channel, in a shape that broadcasts over the dimensions after the channels."""
        return channels if ndim == 2 else ops.reshape(channels, shape=(-1, *(1,) * (ndim - 2)))

    def _check(self, x: Tensor) -> None:
        shape = x.shape
        if len(shape) not in self.ndims:
            wanted = " or ".join(f"{n}D" for n in self.ndims)
            raise ShapeValueError(f"expected {wanted} input (got {len(shape)}D input)")
        if shape[1] != self.num_features:
            raise ShapeError(f"running_mean should contain {shape[1]} elements not {self.num_features}")
        if (self.training or not self.track_running_stats) and np.prod(shape) == shape[1]:
            raise ShapeValueError(
                f"Expected more than 1 value per channel when training, got input size torch.Size({list(shape)})",
                "a batch of one has no variance: take a larger batch",
            )
        running = self.running_var if self.track_running_stats else None
        same_norm_types("batch_norm", x, self.weight, self.bias, running)

    def seen(self, mean: Array, variance: Array, count: int) -> None:
        """Update the running averages with mean and variance of a batch, of `count` numbers per channel."""
        self.num_batches_tracked.overwrite(self.num_batches_tracked.array + 1)
        share = 1 / int(self.num_batches_tracked.array) if self.momentum is None else self.momentum
        unbiased = variance * (count / max(count - 1, 1))
        for running, now in ((self.running_mean, mean), (self.running_var, unbiased)):
            running.overwrite(running.array + running.dtype.type(share) * (now - running.array))

    @classmethod
    def fitted(cls, shape: Shape) -> dict[str, Value]:
        """num_features is the size of dimension 1."""
        return {"num_features": shape[1]} if len(shape) in cls.ndims else {}

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"track_running_stats={self.track_running_stats}"
        )


@layers.register("normalization")
class BatchNorm1d(BatchNorm):
    """each feature to mean 0, variance 1 over the batch

    Then · weight + bias.

    Source: Ioffe & Szegedy 2015, arXiv 1502.03167. For the arguments see BatchNorm.

    Shape:
        Input: (N, num_features) or (N, num_features, L). Output: as the input. weight, bias: (num_features,).
    """

    ndims = (2, 3)


@layers.register("normalization")
class BatchNorm2d(BatchNorm):
    """each channel to mean 0, variance 1 over the batch

    And over all pixels of the images; then · weight + bias.

    Source: Ioffe & Szegedy 2015, arXiv 1502.03167. For the arguments see BatchNorm.

    Shape:
        Input: (N, num_features, H, W). Output: as the input. weight, bias: (num_features,).
    """

    ndims = (4,)


def _shape(given: object) -> Shape:
    """One size, or several, as a shape."""
    parts = given if isinstance(given, tuple | list) else (given,)
    for part in parts:
        sizes(normalized_shape=part)
    sizes(*parts)
    return tuple(parts)


@layers.register("normalization")
class LayerNorm(Module):
    """each sample to mean 0, variance 1

    Over its last dimensions; then · weight + bias.

    Source: Ba et al. 2016, arXiv 1607.06450.

    Args:
        normalized_shape: the size of the last dimension, or the sizes of the last few.
        eps: keeps the division finite.
        elementwise_affine: whether there are weight and bias.
        bias: whether there is a bias.
        device: none or the CPU.
        dtype: the type of the parameters, by default float32.

    Shape:
        Input: (*, normalized_shape). Output: as the input. weight, bias: (normalized_shape).
    """

    def __init__(
        self,
        normalized_shape: Annotated[Size, "the size of the last dimension"] | tuple[int, ...],
        eps: Eps = 1e-5,
        elementwise_affine: Annotated[bool, "· weight + bias"] = True,
        bias: Annotated[bool, "+ bias"] = True,
        device: Device = None,
        dtype: Dtype = None,
    ) -> None:
        self._sizes = _shape(normalized_shape)
        self.normalized_shape = normalized_shape
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.register_parameter("weight", None)
        self.weight = Parameter(filled(self._sizes, 1.0)) if elementwise_affine else None
        self.register_parameter("bias", None)
        self.bias = Parameter(filled(self._sizes, 0.0)) if elementwise_affine and bias else None
        to_device_and_dtype(self, device, dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Normalized within each sample, then · weight + bias."""
        return F.layer_norm(x, normalized_shape=self._sizes, weight=self.weight, bias=self.bias, eps=self.eps)

    @classmethod
    def fitted(cls, shape: Shape) -> dict[str, Value]:
        """normalized_shape is the size of the last dimension."""
        return {"normalized_shape": shape[-1]} if shape else {}

    def extra_repr(self) -> str:
        return f"{self._sizes}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"

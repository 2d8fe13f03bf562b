"""Linear layers, embeddings, dropout, and layers that change only the shape."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

import numpy as np

from nnviz.autograd import Tensor, is_abstract
from nnviz.autograd.operation import Shape
from nnviz.autograd.random import source
from nnviz.errors import CheckError, OperandError, PositionError, ShapeError
from nnviz.nn import functional as F
from nnviz.nn import init
from nnviz.nn.facts import Facts
from nnviz.nn.functional.checks import probability, sizes, whole
from nnviz.nn.functional.layers import only_plain_embedding
from nnviz.nn.module import Module, Parameter, layers
from nnviz.nn.placing import Device, Dtype, to_device_and_dtype
from nnviz.registry import Bounds, CodeOnly, Probability, Size, Value


class Weighted(Module):
    """Base of the linear layers and the convolutions, which have a weight and a bias."""

    weight: Parameter
    bias: Parameter | None

    def _initialize(self, shape: Shape, bias: bool, generator: np.random.Generator | None) -> None:
        """Create weight and bias, uniform in ±1/√fan_in as in PyTorch."""
        sizes(*shape)
        bound = 1 / math.sqrt(max(math.prod(shape[1:]), 1))
        self.weight = Parameter(init.empty(shape))
        self.register_parameter("bias", None)
        self.bias = Parameter(init.empty(shape[:1])) if bias else None
        for parameter in (self.weight, self.bias):
            if parameter is not None:
                init.uniform_(parameter, -bound, bound, generator)


@layers.register("linear")
class Linear(Weighted):
    """x @ W.T + b

    Weights and bias are initialized uniformly in ±1/√in_features, as in PyTorch.

    Args:
        in_features: the size of each sample.
        out_features: the size of each output sample.
        bias: whether to add b.
        device: none or the CPU.
        dtype: the type of the parameters, by default float32.
        generator: the random generator of the initialization.

    Shape:
        Input: (*, in_features). Output: (*, out_features). W: (out_features, in_features). b: (out_features,).
    """

    traits = Facts(linear=True)

    questions: ClassVar[Mapping[str, str]] = {"in_features": "what comes in?"}

    def __init__(
        self,
        in_features: Annotated[Size, "size of each input sample"],
        out_features: Annotated[Size, "size of each output sample"],
        bias: Annotated[bool, "add b"] = True,
        device: Device = None,
        dtype: Dtype = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        sizes(in_features=in_features, out_features=out_features)
        self.in_features = in_features
        self.out_features = out_features
        self._initialize((out_features, in_features), bias, generator)
        to_device_and_dtype(self, device, dtype)

    def forward(self, x: Tensor) -> Tensor:
        """x @ W.T + b"""
        return F.linear(x, weight=self.weight, bias=self.bias)

    @classmethod
    def fitted(cls, shape: Shape) -> dict[str, Value]:
        """in_features is the size of the last dimension."""
        return {"in_features": shape[-1]} if shape else {}

    @classmethod
    def sizes_in_words(cls, arguments: Mapping[str, Value]) -> str:
        """The second matrix of a product is W.T."""
        n, m = arguments["in_features"], arguments["out_features"]
        return f"{n}x{m} is this layer's W.T: in_features={n} by out_features={m}"

    def extra_repr(self) -> str:
        """As PyTorch shows it: whether there is a bias, not its numbers."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


@layers.register("shape")
class Flatten(Module):
    """dimensions start_dim to end_dim become one

    Args:
        start_dim: the first dimension to join; 1 keeps the batch.
        end_dim: the last dimension to join.

    Shape:
        Input: (N, *). Output: (N, product of *) with the defaults.
    """

    traits = Facts(changes="shape")

    def __init__(
        self,
        start_dim: Annotated[int, Bounds(-8, 7), "first dimension to join; 1 keeps the batch"] = 1,
        end_dim: Annotated[int, Bounds(-8, 7), "last dimension to join"] = -1,
    ) -> None:
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x: Tensor) -> Tensor:
        """The same numbers with those dimensions joined."""
        return x.flatten(self.start_dim, self.end_dim)


@layers.register("shape")
class Identity(Module):
    """x itself

    Arguments are accepted and ignored, as in PyTorch, so that it can replace any layer.

    Shape:
        Output: as the input.
    """

    traits = Facts(changes="nothing")

    def __init__(self, *args: object, **kwargs: object) -> None:
        pass

    def forward(self, x: Tensor) -> Tensor:
        """x itself."""
        return x


class Unflatten(Module):
    """one dimension becomes several

    Args:
        dim: the dimension.
        unflattened_size: its new sizes; one may be −1.

    Shape:
        Input: (*, product of unflattened_size, *). Output: (*, unflattened_size, *).
    """

    traits = Facts(changes="shape")

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        if not isinstance(unflattened_size, Sequence) or isinstance(unflattened_size, str):
            raise OperandError(
                f"unflattened_size must be a tuple of ints, but found type {type(unflattened_size).__name__}",
                "nn.Unflatten(1, (1, 28, 28)) makes images of rows",
            )
        whole("unflattened_size", 0, *unflattened_size)
        self.dim = dim
        self.unflattened_size = tuple(unflattened_size)

    def forward(self, x: Tensor) -> Tensor:
        """The same numbers with that dimension split."""
        at = self.dim + x.ndim if self.dim < 0 else self.dim
        if not 0 <= at < max(x.ndim, 1):
            raise PositionError(
                f"Dimension out of range (expected to be in range of [{-x.ndim}, {x.ndim - 1}], but got {self.dim})"
            )
        size, parts = (x.shape[at] if x.ndim else 1), list(self.unflattened_size)
        known = math.prod(part for part in parts if part != -1)
        if parts.count(-1) == 1 and known and size % known == 0:
            parts[parts.index(-1)] = size // known
        if math.prod(parts) != size or min(parts, default=0) < 0:
            raise ShapeError(
                f"unflatten: Provided sizes {list(self.unflattened_size)} don't multiply up to the size of dim {at} "
                f"({size}) in the input tensor"
            )
        return x.reshape((*x.shape[:at], *parts, *x.shape[at + 1 :]))


@layers.register("embedding")
class Embedding(Module):
    """row i of a table for every whole number i

    The table is initialized with a standard normal distribution, as in PyTorch.

    Args:
        num_embeddings: the number of rows.
        embedding_dim: the length of a row.
        padding_idx: a row that is initialized with 0 and gets no gradient.
        max_norm: not supported, nor are the following ones.
        norm_type: the order of that norm.
        scale_grad_by_freq: whether a row's gradient is divided by how often it was read.
        sparse: whether the gradient is sparse.
        device: none or the CPU.
        dtype: the type of the table, by default float32.
        generator: the random generator of the initialization.

    Shape:
        Input: (*), whole numbers. Output: (*, embedding_dim). W: (num_embeddings, embedding_dim).

    Raises:
        CheckError: padding_idx is not a row of the table.
        NotSupportedError: one of the arguments after it is used.
    """

    def __init__(
        self,
        num_embeddings: Annotated[Size, "number of rows"],
        embedding_dim: Annotated[Size, "length of a row"],
        padding_idx: Annotated[int | None, CodeOnly()] = None,
        max_norm: Annotated[float | None, CodeOnly()] = None,
        norm_type: Annotated[float, CodeOnly()] = 2.0,
        scale_grad_by_freq: Annotated[bool, CodeOnly()] = False,
        sparse: Annotated[bool, CodeOnly()] = False,
        *,
        device: Device = None,
        dtype: Dtype = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        sizes(num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        sizes(num_embeddings, embedding_dim)
        only_plain_embedding(max_norm, norm_type, scale_grad_by_freq, sparse)
        if padding_idx is not None:
            whole("padding_idx", padding_idx)
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise CheckError(
                    "Padding_idx must be within num_embeddings", f"it is {padding_idx}, and there are {num_embeddings}"
                )
            padding_idx %= num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = Parameter(init.empty((num_embeddings, embedding_dim)))
        init.normal_(self.weight, generator=generator)
        if padding_idx is not None and not is_abstract():
            self.weight.array[padding_idx] = 0
        to_device_and_dtype(self, device, dtype)

    def forward(self, x: Tensor) -> Tensor:
        """The rows at the given indices."""
        return F.embedding(x, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        words = f"{self.num_embeddings}, {self.embedding_dim}"
        return words if self.padding_idx is None else f"{words}, padding_idx={self.padding_idx}"


class Random(Module):
    """Base of the layers that sample from their `generator` while training; a run gives each its own."""

    _generator: np.random.Generator | None = None

    @property
    def generator(self) -> np.random.Generator:
        """The generator in use."""
        return source(self._generator)

    @generator.setter
    def generator(self, generator: np.random.Generator) -> None:
        self._generator = generator


@layers.register("regularization")
class Dropout(Random):
    """zeroes numbers with probability p while training

    The numbers that are kept are divided by 1 − p, so that the mean is preserved.

    Args:
        p: the probability of 0. At 1 everything is 0.
        inplace: whether the input itself is modified.
        generator: samples the mask; none is the default generator at each forward.

    Shape:
        Output: as the input.
    """

    def __init__(
        self,
        p: Annotated[Probability, "probability that a number is zeroed while training"] = 0.5,
        inplace: Annotated[bool, CodeOnly()] = False,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        probability(p)
        self.p = p
        self.inplace = inplace
        self._generator = generator

    @classmethod
    def facts(cls, arguments: Mapping[str, Value]) -> Facts:
        """With p = 0 the output is the input."""
        return Facts(changes="nothing" if arguments.get("p") == 0 else "numbers")

    def forward(self, x: Tensor) -> Tensor:
        """x times a mask while training; x itself in evaluation."""
        return F.dropout(x, self.p, self.training, self.inplace, generator=self._generator)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout2d(Dropout):
    """zeroes whole channels with probability p while training

    Source: Tompson et al. 2014, arXiv 1411.4280.

    Args:
        p: the probability of 0. At 1 everything is 0.
        inplace: whether the input itself is modified.
        generator: samples the mask; none is the default generator at each forward.

    Shape:
        Input: (N, C, H, W). Output: as the input.
    """

    def forward(self, x: Tensor) -> Tensor:
        """x times a mask of channels while training; x itself in evaluation."""
        return F.dropout2d(x, self.p, self.training, self.inplace, generator=self._generator)

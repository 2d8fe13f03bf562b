"""Linear layers and tables, and those that only rearrange or drop."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.operation import Shape
from nnviz.autograd.random import default_generator
from nnviz.catalogue import Bounds, Probability, Size, Value
from nnviz.errors import ArgumentError
from nnviz.nn import functional as F
from nnviz.nn import init
from nnviz.nn.module import Module, Parameter, layers


@layers.register("linear")
class Linear(Module):
    """x @ W.T + b

    Weights and bias start uniform in ±1/√in_features, as in PyTorch.

    Args:
        in_features: the size of each sample.
        out_features: how many numbers come out for each sample.
        bias: whether `+ b` is there.
        generator: where the starting numbers come from.

    Shape:
        Input: (*, in_features). Output: (*, out_features). W: (out_features, in_features). b: (out_features,).
    """

    def __init__(
        self,
        in_features: Annotated[Size, "how many numbers each sample has coming in"],
        out_features: Annotated[Size, "how many come out"],
        bias: Annotated[bool, "add b"] = True,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(init.empty((out_features, in_features)))
        self.register_parameter("bias", None)
        self.bias = Parameter(init.empty((out_features,))) if bias else None
        bound = 1 / math.sqrt(max(in_features, 1))
        init.uniform_(self.weight, -bound, bound, generator)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound, generator)

    def forward(self, x: Tensor) -> Tensor:
        """X @ W.T + b"""
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
        start_dim: the first to be joined; 1 keeps the batch.
        end_dim: the last to be joined.

    Shape:
        Input: (N, *). Output: (N, product of *) with the defaults.
    """

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

    Shape:
        Output: as the input.
    """

    def forward(self, x: Tensor) -> Tensor:
        """X."""
        return x


@layers.register("embedding")
class Embedding(Module):
    """row i of a table for every whole number i

    The table starts normal with mean 0 and standard deviation 1, as in PyTorch.

    Args:
        num_embeddings: how many rows the table has.
        embedding_dim: how long each is.
        generator: where the starting numbers come from.

    Shape:
        Input: (*), whole numbers. Output: (*, embedding_dim). W: (num_embeddings, embedding_dim).
    """

    def __init__(
        self,
        num_embeddings: Annotated[Size, "how many rows the table has"],
        embedding_dim: Annotated[Size, "how long each row is"],
        generator: np.random.Generator | None = None,
    ) -> None:
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.weight = Parameter(init.empty((num_embeddings, embedding_dim)))
        init.normal_(self.weight, generator=generator)

    def forward(self, x: Tensor) -> Tensor:
        """The rows that the numbers name."""
        return F.embedding(x, weight=self.weight)

    def extra_repr(self) -> str:
        """As PyTorch shows it."""
        return f"{self.num_embeddings}, {self.embedding_dim}"


@layers.register("regularisation")
class Dropout(Module):
    """zeroes numbers with probability p while training

    What is left is divided by 1 − p, so that the mean stays.

    Args:
        p: the probability of 0. At 1 everything is 0.
        generator: where the coin is thrown.

    Shape:
        Output: as the input.
    """

    def __init__(
        self,
        p: Annotated[Probability, "probability that a number is zeroed while training"] = 0.5,
        generator: np.random.Generator | None = None,
    ) -> None:
        if not 0 <= p <= 1:
            raise ArgumentError(f"dropout probability has to be between 0 and 1, but got {p}", "0.5 is usual")
        self.p = p
        self.generator = generator or default_generator()

    def forward(self, x: Tensor) -> Tensor:
        """X times a mask while training; x itself in evaluation."""
        return F.dropout(x, p=self.p, training=self.training, generator=self.generator)

    def extra_repr(self) -> str:
        """As PyTorch shows it."""
        return f"p={self.p}"

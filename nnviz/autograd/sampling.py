"""Random numbers, under PyTorch's names, from a given generator or the default one.

In a plan, new numbers are sampled at every run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

import nnviz.autograd.tensor as core
from nnviz.autograd.aside import drawn
from nnviz.autograd.create import integer_given, kind_given, sizes_given
from nnviz.autograd.device import Device
from nnviz.autograd.dtypes import int64
from nnviz.autograd.from_data import leaf
from nnviz.autograd.modes import is_abstract
from nnviz.autograd.operation import Array, Shape
from nnviz.autograd.ops.elementwise import broadcast
from nnviz.autograd.types import only_floats, only_tensors
from nnviz.errors import OperandError, OperationError

__all__ = [
    "bernoulli", "multinomial", "normal", "rand", "rand_like", "randint", "randint_like", "randn", "randn_like",
    "randperm",
]  # fmt: skip

Random = np.random.Generator


def _requiring_grad(made: core.Tensor, requires_grad: bool) -> core.Tensor:
    """The tensor as a leaf that requires a gradient if `requires_grad` is True."""
    return made if not requires_grad or is_abstract() else leaf(made.array, True)


def _uniform(shape: Shape, dtype: np.dtype[Any]) -> Any:
    """Samples from U[0, 1), also if rounding to a shorter dtype would give 1."""

    def sample(generator: Random, *_: Array) -> Array:
        numbers = generator.random(shape).astype(dtype)
        return np.asarray(np.minimum(numbers, np.nextafter(dtype.type(1), dtype.type(0))))

    return sample


def rand(
    *sizes: Any,
    size: Any = None,
    generator: Random | None = None,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """Samples from the uniform distribution on [0, 1)."""
    shape, kind = sizes_given(sizes, "rand", size), kind_given(dtype, device)
    return _requiring_grad(drawn("rand", _uniform(shape, kind), shape, kind, generator), requires_grad)


def randn(
    *sizes: Any,
    size: Any = None,
    generator: Random | None = None,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """Samples from the standard normal distribution."""
    shape, kind = sizes_given(sizes, "randn", size), kind_given(dtype, device)
    return _requiring_grad(drawn("randn", lambda g: g.standard_normal(shape), shape, kind, generator), requires_grad)


def randint(
    low: int = 0,
    high: Any = None,
    size: Any = None,
    *,
    generator: Random | None = None,
    dtype: DTypeLike = int64,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """Integers uniform on [low, high); low is 0 if only one bound is given."""
    if size is None and high is None:
        raise OperandError("randint() missing 1 required positional argument: 'size'", "randint(10, (3,))")
    if size is None:
        low, high, size = 0, low, high
        if isinstance(size, int):
            raise OperandError(
                "randint(): argument 'size' (position 2) must be tuple of ints, not int", "randint(10, (3,))"
            )
    elif high is None:
        low, high = 0, low
    first, last = integer_given("randint", "low", low), integer_given("randint", "high", high)
    if last <= first:
        raise OperationError(f"random_ expects 'from' to be less than 'to', but got from={first} >= to={last}")
    shape, kind = sizes_given((), "randint", size), kind_given(dtype, device)
    made = drawn("randint", lambda g: g.integers(first, last, shape), shape, kind, generator)
    return made if not requires_grad else leaf(made.array, True)


def randperm(
    n: int,
    *,
    generator: Random | None = None,
    dtype: DTypeLike = int64,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """A random permutation of the integers 0 to n − 1."""
    count = integer_given("randperm", "n", n)
    if count < 0:
        raise OperationError(f"n must be non-negative, got {count}")
    kind = kind_given(dtype, device)
    made = drawn("randperm", lambda g: g.permutation(count), (count,), kind, generator)
    return made if not requires_grad else leaf(made.array, True)


def rand_like(input: core.Tensor, *, dtype: DTypeLike | None = None, **more: Any) -> core.Tensor:
    """Samples from the uniform distribution on [0, 1), with the shape and dtype of `input`."""
    only_tensors("rand_like", (input,))
    return rand(input.shape, dtype=input.dtype if dtype is None else dtype, **more)


def randn_like(input: core.Tensor, *, dtype: DTypeLike | None = None, **more: Any) -> core.Tensor:
    """Samples from the standard normal distribution, with the shape and dtype of `input`."""
    only_tensors("randn_like", (input,))
    return randn(input.shape, dtype=input.dtype if dtype is None else dtype, **more)


def randint_like(
    input: core.Tensor, low: int, high: int | None = None, *, dtype: DTypeLike | None = None, **more: Any
) -> core.Tensor:
    """Integers uniform on [low, high), with the shape and dtype of `input`."""
    only_tensors("randint_like", (input,))
    first, last = (0, low) if high is None else (low, high)
    return randint(first, last, input.shape, dtype=input.dtype if dtype is None else dtype, **more)


def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Random | None = None,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """Samples from normal distributions, with one mean and standard deviation and a size, or with tensors of them.

    Raises:
        OperationError: a standard deviation is negative.
    """
    tensors = [part for part in (mean, std) if isinstance(part, core.Tensor)]
    if tensors:
        shape: Shape = ()
        for part in tensors:
            shape = broadcast(shape, part.shape)
        only_floats(tensors[0], "normal expects floats.")
        kind = tensors[0].dtype
    else:
        shape, kind = sizes_given((), "normal", () if size is None else size), kind_given(dtype, device)
    middle = mean if isinstance(mean, core.Tensor) else core.Tensor(np.asarray(mean, kind))
    width = std if isinstance(std, core.Tensor) else core.Tensor(np.asarray(std, kind))

    def sample(generator: Random, center: Array, deviation: Array) -> Array:
        if (deviation < 0).any():
            raise OperationError(f"normal expects std >= 0.0, but found std {deviation.min():g}")
        return center + deviation * generator.standard_normal(shape)

    return _requiring_grad(drawn("normal", sample, shape, kind, generator, middle, width), requires_grad)


def bernoulli(input: core.Tensor, p: float | None = None, *, generator: Random | None = None) -> core.Tensor:
    """1 with the probability in `input`, or with probability p, else 0.

    Raises:
        OperationError: a probability is not between 0 and 1.
    """
    only_tensors("bernoulli", (input,))
    if p is not None and not isinstance(p, int | float):
        raise OperandError(f"bernoulli(): argument 'p' must be float, not {type(p).__name__}", "a number from 0 to 1")
    if p is None:
        only_floats(input, "bernoulli_tensor_cpu_p_ not implemented for whole numbers.")

    def sample(generator: Random, chances: Array) -> Array:
        chance = chances if p is None else np.asarray(p)
        if not ((chance >= 0) & (chance <= 1)).all():
            raise OperationError(
                "Expected p_in >= 0 && p_in <= 1 to be true, but got false.", "for example the results of sigmoid()"
            )
        return generator.random(chances.shape) < chance

    return drawn("bernoulli", sample, input.shape, input.dtype, generator, input)


def multinomial(
    input: core.Tensor, num_samples: int, replacement: bool = False, *, generator: Random | None = None
) -> core.Tensor:
    """Indices sampled from each row of `input`, with probabilities proportional to its elements.

    Args:
        input: the weights, 0 or more, as a vector or the rows of a matrix.
        num_samples: the number of samples per row.
        replacement: whether to sample with replacement.
        generator: the random generator; None for the default one.

    Raises:
        OperationError: a weight is negative or not finite, or there are too few positive ones.
    """
    only_tensors("multinomial", (input,))
    only_floats(input, "multinomial only supports floating-point dtypes for input,")
    if input.ndim not in (1, 2):
        raise OperationError("prob_dist must be 1 or 2 dim", f"it has {input.ndim}")
    if num_samples <= 0:
        raise OperationError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > input.shape[-1]:
        raise OperationError(
            "cannot sample n_sample > prob_dist.size(-1) samples without replacement", "give replacement=True"
        )

    def sample(generator: Random, weights: Array) -> Array:
        _check_weights(weights, num_samples, replacement)
        rows = weights.reshape(-1, weights.shape[-1]).astype(np.float64)
        if replacement:
            bounds = np.cumsum(rows, axis=1)
            shots = generator.random((len(rows), num_samples)) * bounds[:, -1:]
            found = np.stack([np.searchsorted(b, shot, "right") for b, shot in zip(bounds, shots, strict=True)])
        else:
            # The smallest of exponential variables with these rates (Efraimidis & Spirakis, 2006).
            times = generator.standard_exponential(rows.shape) / rows
            found = np.argsort(times, axis=1, kind="stable")[:, :num_samples]
        return found.reshape(*weights.shape[:-1], num_samples)

    return drawn("multinomial", sample, (*input.shape[:-1], num_samples), np.int64, generator, input)


def _check_weights(weights: Array, count: int, replacement: bool) -> None:
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise OperationError(
            "probability tensor contains either `inf`, `nan` or element < 0", "for example the results of softmax()"
        )
    positive = (weights > 0).sum(axis=-1)
    if (positive == 0).any():
        raise OperationError("invalid multinomial distribution (sum of probabilities <= 0)")
    if not replacement and (positive < count).any():
        raise OperationError(
            "invalid multinomial distribution (with replacement=False, not enough non-negative category to sample)"
        )

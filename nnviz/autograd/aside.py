"""Computations without a gradient: masks, indices and random numbers.

On shapes alone they are recorded as operations, so that a plan computes or samples them anew at every run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

import nnviz.autograd.tensor as core
from nnviz.autograd.modes import is_abstract, quiet
from nnviz.autograd.operation import Array, Operation, Shape
from nnviz.autograd.random import source


def plain(array: Array | np.generic) -> core.Tensor:
    """A tensor without history."""
    return core.Tensor(np.asarray(array))


@quiet
def aside(name: str, compute: Callable[..., Any], shape: Shape, dtype: DTypeLike, *inputs: core.Tensor) -> core.Tensor:
    """A function of the inputs, without a gradient.

    Args:
        name: its name in a plan.
        compute: the function, of the arrays of the inputs.
        shape: the shape of the result.
        dtype: the dtype of the result.
        inputs: the tensors that it reads.
    """
    if not is_abstract():
        return plain(np.asarray(compute(*[tensor.array for tensor in inputs])).astype(dtype, copy=False))
    return core.apply(_on_shapes(name, compute, shape, stochastic=False), inputs, {"dtype": np.dtype(dtype)})


def drawn(
    name: str,
    sample: Callable[..., Array],
    shape: Shape,
    dtype: DTypeLike,
    generator: np.random.Generator | None,
    *inputs: core.Tensor,
) -> core.Tensor:
    """Random numbers; a plan samples new ones at every run, from the generator that the tape would use.

    Args:
        name: its name in a plan.
        sample: a function of (generator, *arrays of the inputs).
        shape: the shape of the result.
        dtype: the dtype of the result.
        generator: the random generator; None for the default one.
        inputs: the tensors that the distribution depends on.
    """

    def compute(*arrays: Array) -> Array:
        return sample(source(generator), *arrays)

    if not is_abstract():
        return aside(name, compute, shape, dtype, *inputs)
    return core.apply(_on_shapes(name, compute, shape, stochastic=True), inputs, {"dtype": np.dtype(dtype)})


def _on_shapes(name: str, compute: Callable[..., Any], shape: Shape, stochastic: bool) -> Operation:
    """An operation without gradients, for one use in one plan."""
    return Operation(
        name,
        lambda *arrays, dtype: np.asarray(compute(*arrays)).astype(dtype, copy=False),
        lambda count: (None,) * count,
        lambda *_, **__: shape,
        name,
        saved=(),
        samples=list,
        analytic=False,
        view=False,
        stochastic=stochastic,
    )

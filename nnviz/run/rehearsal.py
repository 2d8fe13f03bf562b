"""A rehearsal: the next step is taken, what moved is measured, and everything is put back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from nnviz import nn, optim
from nnviz.autograd import Tensor
from nnviz.autograd.modes import quiet
from nnviz.autograd.operation import Array
from nnviz.run.snapshot import generators_of

CHUNK = 2**20
"""How many numbers are added up at a time."""


@dataclass(frozen=True)
class Norms:
    """How far a step moves the parameters of one layer: ‖x‖₂ = √Σxᵢ² over all of them; NaN where it has none.

    Attributes:
        gradient: of ∂L/∂w; a parameter that the loss does not depend on adds 0.
        update: of w after the step − w.
        weights: of w before the step.
    """

    gradient: float = math.nan
    update: float = math.nan
    weights: float = math.nan


class Kept:
    """Copies of all that a step changes: parameters, buffers, gradients, the optimizer's state, generators.

    They are put back into the same memory, so that a plan made for it stays valid.

    Args:
        model: its parameters, buffers and generators.
        optimizer: the optimizer of its parameters.

    Attributes:
        before: the numbers of parameters and buffers.
    """

    def __init__(self, model: nn.Module, optimizer: optim.Optimizer) -> None:
        self._optimizer = optimizer
        self.before = {tensor: tensor.array.copy() for tensor in (*model.parameters(), *model.buffers())}
        self._gradients = [(p, p._grad, None if p._grad is None else p._grad.array.copy()) for p in optimizer.params]
        self._states = {
            parameter: {
                name: value.array.copy() if isinstance(value, Tensor) else value for name, value in kept.items()
            }
            for parameter, kept in optimizer.state.items()
        }
        self._generators = [(one, one.bit_generator.state) for one in generators_of(model).values()]

    def put_back(self) -> None:
        """Make everything what it was, bit for bit."""
        for tensor, before in self.before.items():
            tensor.overwrite(before)
        for parameter, gradient, numbers in self._gradients:
            parameter._grad = gradient
            if gradient is not None and numbers is not None:
                gradient.overwrite(numbers)
        for parameter in [parameter for parameter in self._optimizer.state if parameter not in self._states]:
            del self._optimizer.state[parameter]
        for parameter, known in self._states.items():
            kept = self._optimizer.state[parameter]
            for name in [name for name in kept if name not in known]:
                del kept[name]
            for name, value in known.items():
                now = kept[name]
                if isinstance(now, Tensor) and isinstance(value, np.ndarray):
                    # A plan may have moved it to other memory; where it lies does not matter.
                    now.overwrite(value)
                else:
                    kept[name] = value
        for generator, state in self._generators:
            generator.bit_generator.state = state


@quiet
def rehearse(
    model: nn.Sequential, optimizer: optim.Optimizer | None, step: Callable[[], None]
) -> tuple[Mapping[str, Norms], ...]:
    """Take a step, measure how far each parameter moves, and put everything back, also where the step fails.

    Args:
        model: the layers.
        optimizer: the optimizer that `step` uses; None where there is nothing to train, and no step is taken.
        step: takes the step, training mode, and leaves the gradients where they are.

    Returns:
        For each layer the norms of each of its parameters, by name.
    """
    if optimizer is None:
        return ({},) * len(model)
    kept = Kept(model, optimizer)
    try:
        step()
        return tuple(
            {
                name: norms_of(kept.before[p], p.array, None if p._grad is None else p._grad.array)
                for name, p in layer.named_parameters()
            }
            for layer in model
        )
    finally:
        kept.put_back()


def norms_of(before: Array, after: Array, gradient: Array | None) -> Norms:
    """The norms of one parameter in a step; that of a gradient that there is none of is 0."""
    return Norms(
        0.0 if gradient is None else math.sqrt(squares(gradient)),
        math.sqrt(squares(after, before)),
        math.sqrt(squares(before)),
    )


def together(norms: Iterable[Norms]) -> Norms:
    """The norms of several parameters as one vector; NaN of none."""
    every = list(norms)
    if not every:
        return Norms()
    sums = (math.hypot(*(getattr(one, name) for one in every)) for name in ("gradient", "update", "weights"))
    return Norms(*sums)


def squares(array: Array, less: Array | None = None) -> float:
    """Σ(aᵢ − bᵢ)², in float64; b is 0 where it is left out."""
    total, flat, other = 0.0, array.reshape(-1), None if less is None else less.reshape(-1)
    for at in range(0, len(flat), CHUNK):
        part = flat[at : at + CHUNK].astype(np.float64)
        if other is not None:
            part -= other[at : at + CHUNK]
        total += float(np.dot(part, part))
    return total

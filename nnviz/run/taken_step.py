"""A step with what it started from: weights, gradients and the optimizer's state before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nnviz import nn, optim
from nnviz.autograd import Tensor
from nnviz.autograd.operation import Array


@dataclass(frozen=True, eq=False)
class Moved:
    """One parameter in one step.

    Attributes:
        before, after: its numbers before the step and after it.
        gradient: ∂L/∂w in the step; None where the loss does not depend on it, so that it did not move.
        kept: the optimizer's state before the step, by PyTorch's names; empty before its first.
        count: the number of the step for the update rule, as in `Optimizer.move`.
        group: the settings of its group.
    """

    before: Array
    after: Array
    gradient: Array | None
    kept: Mapping[str, Array]
    count: float
    group: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class TakenStep:
    """A step that was taken.

    Attributes:
        step: its number, from 1.
        moved: every parameter, by path.
    """

    step: int
    moved: Mapping[str, Moved] = field(repr=False)


def recorded(number: int, model: nn.Module, optimizer: optim.Optimizer, act: Callable[[], None]) -> TakenStep:
    """Take a step by `act`, and record what it does to every parameter. Cost: copies of parameters and state.

    Args:
        number: the number of the step.
        model: the parameters.
        optimizer: their optimizer.
        act: backward and the step of the optimizer.
    """
    parameters = dict(model.named_parameters())
    groups = {id(p): group for group in optimizer.param_groups for p in group["params"]}
    before = {path: p.array.copy() for path, p in parameters.items()}
    kept, counts = {}, {}
    for path, p in parameters.items():
        state, names = optimizer.state.get(p, {}), optimizer.names(groups[id(p)])
        kept[path] = {name: state[name].array.copy() for name in names if isinstance(state.get(name), Tensor)}
        counts[path] = optimizer.count(state, names) + 1
    settings = {
        path: {name: _plain(value) for name, value in groups[id(p)].items() if name != "params"}
        for path, p in parameters.items()
    }
    act()
    return TakenStep(
        number,
        {
            path: Moved(
                before[path],
                p.array.copy(),
                None if p._grad is None else p._grad.array.copy(),
                kept[path],
                counts[path],
                settings[path],
            )
            for path, p in parameters.items()
        },
    )


def _plain(value: object) -> object:
    """A setting as plain data: a learning rate may be a tensor."""
    return float(value.array) if isinstance(value, Tensor) else value

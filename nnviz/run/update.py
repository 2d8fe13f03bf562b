"""What the optimizer does to one parameter at one step: before, after, and the rule in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nnviz.autograd import Tensor
from nnviz.autograd.operation import Array, Shape
from nnviz.network import Network, optimizer_of
from nnviz.optim.written import Computed, Rule, computed, constants


@dataclass(frozen=True, eq=False)
class Update:
    """One parameter's part of an optimizer's step. All arrays have the parameter's shape.

    Attributes:
        optimizer: the optimizer's name.
        settings: its settings, by name.
        before, after: the parameter.
        gradient: its gradient.
        letters: what the rule calls each state array, by name.
        kept: the optimizer's state before, by name; of a state that begins here, what it begins with, if anything.
        new: the state after.
        fresh: whether the state begins here.
        counted: whether the optimizer counts its steps.
        step: which step of this parameter it is, from 1; where steps are not counted, 1 at the first and 2 later.
        rule: what happens to one element; empty where that cannot be said.
    """

    optimizer: str
    settings: Mapping[str, Any]
    before: Array
    gradient: Array
    letters: Mapping[str, str]
    kept: Mapping[str, Array]
    new: Mapping[str, Array]
    after: Array
    fresh: bool
    counted: bool
    step: float
    rule: Rule = field(repr=False)

    def at(self, index: Shape) -> list[Computed]:
        """The rule with the numbers of the element at `index`."""
        element = {"w": float(self.before[index]), "g": float(self.gradient[index])}
        element |= {self.letters[name]: float(array[index]) for name, array in self.kept.items()}
        return computed(self.rule, {**constants(self.settings, self.step), **element})


def update(network: Network, parameter: Array, gradient: Array, kept: Mapping[str, Any]) -> Update:
    """Let the optimizer of a network take its step on one parameter; nothing that is given changes.

    It is the step of the whole model, bit for bit: no rule reads another parameter.

    Args:
        network: its settings name the optimizer.
        parameter: the parameter before.
        gradient: its gradient, of the same shape.
        kept: what the optimizer keeps for it, as in a checkpoint; empty before its first step.
    """
    own = Tensor(parameter.copy(), requires_grad=True)
    optimizer = optimizer_of(network, [own])
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": {0: dict(kept)} if kept else {}, "param_groups": groups})
    group = optimizer.param_groups[0]
    names, state = optimizer.names(group), optimizer.state[own]
    fresh = not all(name in state for name in names)
    step = optimizer.count(state, names) + 1
    if optimizer.counted:
        # Only where steps are counted: elsewhere a state that is there means that this is not the first.
        optimizer.complete(state, names, own)
    before = _arrays(optimizer.letters, state)
    own.grad = Tensor(gradient)
    optimizer.step()
    return Update(
        network.settings.optimizer.name,
        {name: value for name, value in group.items() if name != "params"},
        parameter,
        gradient,
        optimizer.letters,
        before,
        _arrays(optimizer.letters, optimizer.state[own]),
        own.array,
        fresh,
        optimizer.counted,
        step,
        optimizer.rule(group, step),
    )


def _arrays(letters: Mapping[str, str], state: Mapping[str, Any]) -> dict[str, Array]:
    """Copies of the state arrays, by name."""
    return {name: state[name].array.copy() for name in letters if name in state}

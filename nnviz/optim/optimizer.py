"""The base class of all optimizers: parameter groups, the state of each parameter, and `step`.

The update rules are in `rules` and `scaled`. As in PyTorch, the state of a parameter is created at the first step at
which it has a gradient, and steps are counted per parameter: a step does not change a parameter without a gradient,
nor its count.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from nnviz.arguments import Explained
from nnviz.autograd import Tensor
from nnviz.autograd.modes import quiet
from nnviz.autograd.operation import Array
from nnviz.errors import ArgumentError, MissingKeyError, NotSupportedError, OperandError, ShapeError
from nnviz.names import missing_name
from nnviz.optim.groups import Group, Params, checked_group, groups_of
from nnviz.optim.state import States, changes
from nnviz.optim.written import Rule
from nnviz.registry import Registry

optimizers: Registry[Optimizer] = Registry("optimizer")
"""The registered optimizers."""

Arrays = dict[str, Array]
"""The state arrays of one parameter by name, without its step count."""

Scratch = tuple[Array, Array]


class Optimizer(Explained):
    """Base class of optimizers.

    To write your own, override `names` and `move`, or `step` alone; `rule` and `letters` write it on the screen.

    Args:
        params: an iterable of parameters, of (name, parameter) pairs, or of dicts with the key `params` and settings
            for that group.
        defaults: the settings by name, used for those that a group does not specify.

    The settings that several optimizers have in common, as arguments of their constructors:
        lr: the learning rate, 0 or more.
        momentum: the momentum factor, 0 or more.
        eps: added to the denominator for numerical stability.
        weight_decay: the coefficient of the L2 penalty, or in AdamW of the decoupled weight decay, 0 or more.
        maximize: whether to maximize the loss instead of minimizing it.
        foreach, capturable, fused: accepted for compatibility, without effect.
        differentiable: accepted if False or None.

    Attributes:
        defaults: the argument of that name.
        param_groups: the groups, dicts whose settings are read at every step.
        state: the state of every parameter that has been updated, a dict by name for each.

    Every setting is also an attribute: reading it returns the value of the first group, assigning it sets the value in
    all groups.

    Raises:
        OperandError: `params` is not an iterable of tensors or dicts.
        ArgumentError: `params` is empty, a parameter cannot be optimized, or a setting is out of bounds.
        NotSupportedError: `differentiable=True`.
    """

    lr: float
    weight_decay: float

    counted: ClassVar[bool] = True
    """Whether the update rule depends on the number of steps a parameter has taken."""

    letters: ClassVar[Mapping[str, str]] = {}
    """What `rule` calls each state array, by name."""

    def __init__(self, params: Params, defaults: Group) -> None:
        if defaults.get("differentiable"):
            raise NotSupportedError(
                "differentiable=True is not supported: a step is not recorded in the graph",
                "leave the argument out, or write the update with tensor operations",
            )
        self.defaults = defaults
        self.param_groups: list[Group] = []
        self._workspaces: dict[np.dtype[Any], Array] = {}
        self._scratch: dict[object, Scratch] = {}
        self._states = States()
        for group in groups_of(params):
            self.add_param_group(group)

    def __getattr__(self, name: str) -> Any:
        # Called only for names that are not found otherwise; copy.copy calls it before any attribute is set.
        if name in self.__dict__.get("defaults", ()):
            return self.param_groups[0][name]
        known = {*dir(type(self)), *self.__dict__, *self.__dict__.get("defaults", ())}
        raise missing_name(f"{type(self).__name__!r} object", name, known)

    def __setattr__(self, name: str, value: object) -> None:
        if name in self.__dict__.get("defaults", ()):
            for group in self.param_groups:
                group[name] = value
        else:
            super().__setattr__(name, value)

    @property
    def state(self) -> States:
        """The state of each parameter: a dict of tensors by name."""
        return self._states

    @state.setter
    def state(self, state: Mapping[Tensor, dict[str, Any]]) -> None:
        changes.edits += 1
        self._states = States(state)

    @property
    def params(self) -> list[Tensor]:
        """The parameters of all groups, in order."""
        groups = self.param_groups
        if len(groups) == 1:
            return groups[0]["params"]  # type: ignore[no-any-return]
        return [param for group in groups for param in group["params"]]

    def add_param_group(self, param_group: Group) -> None:
        """Add a group of parameters with its own settings.

        Args:
            param_group: a dict with the key `params`; settings that it does not specify are the optimizer's defaults.

        Raises:
            OperandError: `param_group` is not a dict, or one of its parameters is not a Tensor.
            ArgumentError: a parameter cannot be optimized, or is in another group already.
            MissingKeyError: `param_group` has no `params`.
        """
        self.param_groups.append(checked_group(param_group, self.defaults, self.param_groups))
        changes.edits += 1

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Reset the gradients of all parameters.

        Args:
            set_to_none: if True, set `grad` to None, so that `step` skips parameters that receive no new gradient;
                if False, fill the gradients with 0.
        """
        for parameter in self.params:
            if set_to_none:
                parameter._grad = None
            elif parameter.grad is not None:
                if parameter.grad.requires_grad:
                    parameter.grad = parameter.grad.detach()
                parameter.grad.overwrite(np.zeros((), parameter.grad.dtype))

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient.

        Args:
            closure: a function that clears the gradients, computes the loss, calls `backward` on it, and returns it.

        Returns:
            The return value of `closure`; None without a closure.
        """
        loss = None if closure is None else closure()
        self._move_all()
        return loss

    @quiet
    def _move_all(self) -> None:
        for group in self.param_groups:
            names = self.names(group)
            for parameter in group["params"]:
                if parameter._grad is not None:
                    self._move_one(parameter, group, names)

    def _move_one(self, parameter: Tensor, group: Group, names: tuple[str, ...]) -> None:
        kept = self._states[parameter] if names or self.counted else {}
        is_whole = all(map(kept.__contains__, names))
        if self.counted:
            step = self.count(kept, names) + 1
            is_whole = is_whole and type(kept.get("step")) is Tensor
        else:
            step = 2.0 if is_whole else 1.0
        if not is_whole:
            self.complete(kept, names, parameter)
        array = own = parameter.array
        if not own.flags.writeable:
            # A graph that recorded it as a constant saved this array. Update a copy; backward then raises an error.
            array = own.copy()
        assert parameter._grad is not None  # noqa: S101 (checked by the caller)
        arrays = {name: kept[name].array for name in names}
        if names and arrays[names[0]].dtype != array.dtype:
            for name in names:
                kept[name] = Tensor(arrays[name].astype(array.dtype))
                arrays[name] = kept[name].array
        self.move(array, parameter._grad.array, arrays, group, step, self._scratch_for(array))
        if self.counted:
            kept["step"].array.fill(step)
        if array is own:
            parameter.mark_changed()
        else:
            parameter.overwrite(array)

    def names(self, group: Group) -> tuple[str, ...]:  # noqa: ARG002 (used by subclasses)
        """The names of the state arrays of each parameter, given the settings of `group`."""
        return ()

    def initial(self, name: str) -> float:  # noqa: ARG002 (used by subclasses)
        """The value that the state array `name` is filled with before the first step."""
        return 0.0

    def count(self, kept: Mapping[str, Any], names: tuple[str, ...]) -> float:
        """The number of steps a parameter has taken; if they are not counted, 0 before the first one and 1 after."""
        if not self.counted:
            return float(all(map(kept.__contains__, names)))
        count = kept.get("step", 0.0)
        return float(count.array if type(count) is Tensor else count)

    def complete(self, kept: dict[str, Any], names: tuple[str, ...], parameter: Tensor) -> None:
        """Create the missing entries of the state of `parameter`."""
        if self.counted and type(kept.get("step")) is not Tensor:
            # Kept in float64: a float32 count, as in PyTorch, stops increasing at 16,777,216 steps.
            kept["step"] = Tensor(np.array(float(kept.get("step", 0))))
        for name in names:
            if name not in kept:
                kept[name] = Tensor(np.full_like(parameter.array, self.initial(name)))

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, scratch: Scratch) -> None:
        """Apply the update rule to one parameter: changes `p` and its state in place, element by element.

        Args:
            p: the parameter.
            g: its gradient, which is not modified.
            kept: its state arrays by name.
            group: the settings of its group.
            step: the number of this step, from 1; if steps are not counted, 1 at the first and any larger number after.
            scratch: two temporary arrays.

        Shape:
            p, g, every array in `kept` and both in `scratch`: the parameter's shape.
        """
        raise NotImplementedError

    def rule(self, group: Group, step: float) -> Rule:  # noqa: ARG002 (used by subclasses)
        """What `move` does to one element, as assignments in order; none where it cannot be said element by element.

        Args:
            group: the settings: what they leave out, such as a weight decay of 0, is not written.
            step: the number of this step, as for `move`.
        """
        return ()

    def _scratch_for(self, like: Array) -> Scratch:
        """Two temporary arrays of this shape and type, reused at every step."""
        key = like.shape, like.dtype
        scratch = self._scratch.get(key)
        if scratch is None:
            workspace = self._workspaces.get(like.dtype)
            if workspace is None or workspace.shape[1] < like.size:
                workspace = self._workspaces[like.dtype] = np.empty((2, like.size), like.dtype)
                self._scratch.clear()
            one, other = workspace[:, : like.size]
            scratch = self._scratch[key] = one.reshape(like.shape), other.reshape(like.shape)
        return scratch

    def state_dict(self) -> dict[str, Any]:
        """A copy of the state and of all settings in PyTorch's form, with parameters identified by their position.

        Returns:
            `{"state": {0: {"step": ..., "exp_avg": ...}, ...}, "param_groups": [{"lr": ..., "params": [0, ...]}, ...]}`
        """
        numbers: dict[int, int] = {}
        for position, parameter in enumerate(self.params):
            numbers.setdefault(id(parameter), position)
        return {
            "state": {
                numbers[id(parameter)]: {name: _copied(value) for name, value in kept.items()}
                for parameter, kept in self._states.items()
                if id(parameter) in numbers
            },
            "param_groups": [
                {name: _copied(value) for name, value in group.items() if name != "params"}
                | {"params": [numbers[id(parameter)] for parameter in group["params"]]}
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Copy the state and the settings from what `state_dict` returned.

        Args:
            state_dict: the state of an optimizer with as many groups, and as many parameters in each.

        Raises:
            OperandError: `state_dict` is not a dict.
            MissingKeyError: it has no `param_groups` or no `state`.
            ArgumentError: the groups differ in number or size, or there is state of a parameter in no group.
            ShapeError: the shape of a state array is not that of its parameter.
        """
        if not isinstance(state_dict, Mapping):
            raise OperandError(
                f"loaded state dict must be a dict, but got {type(state_dict).__name__}",
                "pass what state_dict() of an optimizer returned",
            )
        for key in ("param_groups", "state"):
            if key not in state_dict:
                raise MissingKeyError(
                    f"loaded state dict has no {key!r}", "pass what state_dict() of an optimizer returned"
                )
        saved = state_dict["param_groups"]
        if len(saved) != len(self.param_groups):
            raise ArgumentError(
                "loaded state dict has a different number of parameter groups",
                f"it has {len(saved)}, the optimizer {len(self.param_groups)}: make the optimizer with the same groups",
            )
        if any(
            len(theirs["params"]) != len(mine["params"]) for theirs, mine in zip(saved, self.param_groups, strict=True)
        ):
            raise ArgumentError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
                f"the optimizer's groups have {', '.join(str(len(group['params'])) for group in self.param_groups)} "
                "parameters: pass the same parameters in the same order",
            )
        numbers = [number for group in saved for number in group["params"]]
        owners = dict(zip(numbers, self.params, strict=True))
        state = States()
        for number, kept in state_dict["state"].items():
            if number not in owners:
                raise ArgumentError(
                    f"loaded state dict has state for parameter {number!r}, which is in none of its groups",
                    "the keys of its state must be numbers listed under params in its groups",
                )
            state[owners[number]] = {name: _like(owners[number], name, value) for name, value in kept.items()}
        groups = []
        for theirs, mine in zip(saved, self.param_groups, strict=True):
            names = {"param_names": mine["param_names"]} if "param_names" in mine else {}
            copies = {name: _copied(value) for name, value in theirs.items()}
            # Settings that are missing because another version wrote the state dict get their default.
            groups.append(self.defaults | names | copies | {"params": mine["params"]})
        self.param_groups = groups
        self.state = state

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])


def _copied(value: Any) -> Any:
    """A copy of a value that could be modified in place; other values unchanged."""
    if isinstance(value, Tensor):
        return Tensor(value.array.copy())
    return list(value) if isinstance(value, list) else value


def _like(parameter: Tensor, name: str, value: Any) -> Any:
    """A copy of the loaded `value` for the state of `parameter`: arrays in its dtype, the step count in float64."""
    if name == "step":
        return Tensor(np.array(float(value)))
    if isinstance(value, np.ndarray):
        value = Tensor(value)
    if not isinstance(value, Tensor):
        return value
    if value.shape != parameter.shape and value.numel() != 1:
        raise ShapeError(
            f"loaded state dict has {name} of shape {list(value.shape)}, the parameter is {list(parameter.shape)}",
            "pass the parameters in the same order as when the state dict was saved",
        )
    return Tensor(value.array.astype(parameter.dtype))


WORDS = {"lr": "learning rate", "eps": "epsilon value"}
"""What PyTorch's messages call an argument, where that differs from its name."""


def not_negative(**arguments: Any) -> None:
    """Check that every argument is a number of at least 0.

    Raises:
        ArgumentError: an argument is negative or NaN, or a tensor of more than one element.
        OperandError: an argument is not a number.
    """
    for name, value in arguments.items():
        if isinstance(value, Tensor):
            if value.numel() != 1:
                raise ArgumentError(f"Tensor {name} must be 1-element", f"got shape {list(value.shape)}")
        elif isinstance(value, str) or not hasattr(value, "__float__"):
            raise OperandError(f"{name} must be a number, but got {type(value).__name__}", f"for example {name}=0.01")
        number = float(value)
        if math.isnan(number) or number < 0:
            raise ArgumentError(f"Invalid {WORDS.get(name, f'{name} value')}: {value}", "0 or more is expected")

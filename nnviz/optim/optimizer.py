"""The base of all optimizers: groups of parameters, what is kept for each, and the step over all of them.

The rules themselves stand in `rules`. What is kept is made when a parameter first has a gradient, as in PyTorch, and
steps are counted for each parameter: one without a gradient stays as it is, and so does its count.
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
from nnviz.registry import Registry

optimizers: Registry[Optimizer] = Registry("optimizer")
"""Every optimizer there is."""

Arrays = dict[str, Array]
"""What an optimizer keeps for one parameter, by name, without the count of its steps."""

Scratch = tuple[Array, Array]


class Optimizer(Explained):
    """Base: holds groups of parameters, and for each parameter what its rule keeps.

    A rule of one's own overrides `names` and `move`, or `step` alone.

    Args:
        params: parameters, pairs of name and parameter, or dicts with `params` and settings of their own.
        defaults: every setting by name, taken where a group has none of its own.

    Attributes:
        defaults: as given.
        param_groups: the groups; their settings are read at every step.
        state: what is kept, a dict by name for every parameter that has moved.

    Every setting is an attribute as well: it reads that of the first group, and sets that of all.
    """

    lr: float
    weight_decay: float

    counted: ClassVar[bool] = True
    """Whether the rule wants to know how many steps a parameter has taken."""

    def __init__(self, params: Params, defaults: Group) -> None:
        if defaults.get("differentiable"):
            raise NotSupportedError(
                "differentiable=True is not supported: a step leaves no graph",
                "leave it out, or compute the step yourself",
            )
        self.defaults = defaults
        self.param_groups: list[Group] = []
        self._workspaces: dict[np.dtype[Any], Array] = {}
        self._scratch: dict[object, Scratch] = {}
        self._states = States()
        for group in groups_of(params):
            self.add_param_group(group)

    def __getattr__(self, name: str) -> Any:
        # Reached only by names that are not found otherwise; a copy asks before there are any attributes.
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
        """What is kept for each parameter."""
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
        """Add parameters with settings of their own.

        Args:
            param_group: a dict with `params`; settings it does not give are the optimizer's.

        Raises:
            OperandError: it is no dict, or holds something that is no Tensor.
            ArgumentError: it holds what cannot be optimized, or what another group holds.
            MissingKeyError: it has no parameters.
        """
        self.param_groups.append(checked_group(param_group, self.defaults, self.param_groups))
        changes.edits += 1

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients.

        Args:
            set_to_none: whether there is none afterwards, so that a parameter without a new one is left alone by
                `step`; otherwise they are 0.
        """
        for parameter in self.params:
            if set_to_none:
                parameter._grad = None
            elif parameter.grad is not None:
                if parameter.grad.requires_grad:
                    parameter.grad = parameter.grad.detach()
                parameter.grad.overwrite(np.zeros((), parameter.grad.dtype))

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient.

        Args:
            closure: clears the gradients, computes the loss, goes backward, and returns the loss.

        Returns:
            What `closure` returned; None without one.
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
            # A graph that saw it as no parameter keeps its numbers. They change, and backward through it is refused.
            array = own.copy()
        assert parameter._grad is not None  # noqa: S101 (the caller looked)
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

    def names(self, group: Group) -> tuple[str, ...]:  # noqa: ARG002 (a rule reads it)
        """The names of the arrays that are kept for each parameter under the settings of `group`."""
        return ()

    def initial(self, name: str) -> float:  # noqa: ARG002 (a rule reads it)
        """What an array that is kept is filled with before the first step."""
        return 0.0

    def count(self, kept: Mapping[str, Any], names: tuple[str, ...]) -> float:
        """How many steps a parameter has taken; where they are not counted, 1 stands for all but none."""
        if not self.counted:
            return float(all(map(kept.__contains__, names)))
        count = kept.get("step", 0.0)
        return float(count.array if type(count) is Tensor else count)

    def complete(self, kept: dict[str, Any], names: tuple[str, ...], parameter: Tensor) -> None:
        """Make what is to be kept of `parameter` and is not there."""
        if self.counted and type(kept.get("step")) is not Tensor:
            # A count in float32, as PyTorch keeps it, would stand still after 16,777,216 steps.
            kept["step"] = Tensor(np.array(float(kept.get("step", 0))))
        for name in names:
            if name not in kept:
                kept[name] = Tensor(np.full_like(parameter.array, self.initial(name)))

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, scratch: Scratch) -> None:
        """Change the parameter `p` and what is kept of it in place, by its gradient `g`; element by element.

        Args:
            p: the parameter.
            g: its gradient, which stays as it is.
            kept: the arrays that are kept for it.
            group: the settings.
            step: the number of this step of the parameter, from 1; where they are not counted, any above 1 for others.
            scratch: two temporary arrays like `p`.
        """
        raise NotImplementedError

    def _scratch_for(self, like: Array) -> Scratch:
        """Two temporary arrays like this one, the same at every step."""
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
        """A copy of what is kept and of all settings, in PyTorch's form; parameters stand as their numbers.

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
        """Take what `state_dict` gave, of an optimizer of as many parameters in as many groups; copies are kept.

        Raises:
            MissingKeyError: a part of it is not there.
            ArgumentError: it is of other groups, or of a parameter that no group holds.
            ShapeError: an array is not of its parameter's shape.
        """
        if not isinstance(state_dict, Mapping):
            raise OperandError(
                f"loaded state dict must be a dict, but got {type(state_dict).__name__}",
                "give what state_dict() of an optimizer returned",
            )
        for key in ("param_groups", "state"):
            if key not in state_dict:
                raise MissingKeyError(
                    f"loaded state dict has no {key!r}", "give what state_dict() of an optimizer returned"
                )
        saved = state_dict["param_groups"]
        if len(saved) != len(self.param_groups):
            raise ArgumentError(
                "loaded state dict has a different number of parameter groups",
                f"it has {len(saved)}, the optimizer {len(self.param_groups)}",
            )
        if any(
            len(theirs["params"]) != len(mine["params"]) for theirs, mine in zip(saved, self.param_groups, strict=True)
        ):
            raise ArgumentError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
                f"the optimizer's hold {', '.join(str(len(group['params'])) for group in self.param_groups)}",
            )
        numbers = [number for group in saved for number in group["params"]]
        owners = dict(zip(numbers, self.params, strict=True))
        state = States()
        for number, kept in state_dict["state"].items():
            if number not in owners:
                raise ArgumentError(
                    f"loaded state dict has state of parameter {number!r}, which is in none of its groups",
                    "its keys are the numbers that stand under params",
                )
            state[owners[number]] = {name: _like(owners[number], name, value) for name, value in kept.items()}
        groups = []
        for theirs, mine in zip(saved, self.param_groups, strict=True):
            names = {"param_names": mine["param_names"]} if "param_names" in mine else {}
            copies = {name: _copied(value) for name, value in theirs.items()}
            # Settings that the other version of the program did not know keep their default.
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
    """A copy of what another might change in place."""
    if isinstance(value, Tensor):
        return Tensor(value.array.copy())
    return list(value) if isinstance(value, list) else value


def _like(parameter: Tensor, name: str, value: Any) -> Any:
    """A copy of `value`, loaded as what is kept for `parameter`: arrays in its type, counts as they are."""
    if name == "step":
        return Tensor(np.array(float(value)))
    if isinstance(value, np.ndarray):
        value = Tensor(value)
    if not isinstance(value, Tensor):
        return value
    if value.shape != parameter.shape and value.numel() != 1:
        raise ShapeError(
            f"loaded state dict has {name} of shape {list(value.shape)}, the parameter is {list(parameter.shape)}",
            "the parameters must come in the order in which they were when it was made",
        )
    return Tensor(value.array.astype(parameter.dtype))


WORDS = {"lr": "learning rate", "eps": "epsilon value"}
"""PyTorch's names for arguments in its messages, where they are not the argument's own."""


def not_negative(**arguments: Any) -> None:
    """Refuse arguments that are below 0, or NaN, or no numbers.

    Raises:
        ArgumentError: one is.
        OperandError: one is no number.
    """
    for name, value in arguments.items():
        if isinstance(value, Tensor):
            if value.numel() != 1:
                raise ArgumentError(f"Tensor {name} must be 1-element", f"got one of shape {list(value.shape)}")
        elif isinstance(value, str) or not hasattr(value, "__float__"):
            raise OperandError(f"{name} must be a number, but got {type(value).__name__}", f"for example {name}=0.01")
        number = float(value)
        if math.isnan(number) or number < 0:
            raise ArgumentError(f"Invalid {WORDS.get(name, f'{name} value')}: {value}", "0 or more is expected")

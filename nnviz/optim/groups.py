"""Parameter groups: what an optimizer is given, checked and brought into PyTorch's form."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from nnviz.autograd import Tensor
from nnviz.errors import ArgumentError, MissingKeyError, OperandError
from nnviz.nn.module import Module

Group = dict[str, Any]
"""The settings of some parameters by name (`lr`, `weight_decay`, ...), and the parameters themselves under `params`."""

Params = Iterable[Tensor] | Iterable[tuple[str, Tensor]] | Iterable[Group]
"""What an optimizer accepts: parameters, parameters with their names, or groups of them."""

REQUIRED = object()
"""The default of a setting that every group must give."""


def listed(params: Any) -> list[Any]:
    """What an iterable of parameters or groups holds.

    Raises:
        OperandError: it is no iterable, or one whose order is not fixed.
    """
    if isinstance(params, Tensor):
        raise OperandError(
            "params argument given to the optimizer should be an iterable of Tensors or dicts, but got a Tensor",
            "put it into a list: [weight]",
        )
    if isinstance(params, Module):
        raise OperandError(
            f"{type(params).__name__!r} object is not iterable", "give its parameters: model.parameters()"
        )
    if not isinstance(params, Iterable):
        raise OperandError(f"{type(params).__name__!r} object is not iterable", "give model.parameters(), or a list")
    return list(params)


def groups_of(params: Any) -> list[Any]:
    """The groups that are given; parameters alone are one group.

    Raises:
        OperandError: it is no iterable.
        ArgumentError: there is nothing in it.
    """
    found = listed(params)
    if not found:
        raise ArgumentError("optimizer got an empty parameter list", "add a layer that has parameters")
    return found if isinstance(found[0], dict) else [{"params": found}]


def checked_group(group: Any, defaults: Group, others: list[Group]) -> Group:
    """A group as the optimizer keeps it: with tensors alone under `params`, and every setting written out.

    Args:
        group: as it was given; it is the one that is kept, so that its owner can change a setting later.
        defaults: the settings of the optimizer, taken where the group has none.
        others: the groups that are there already.

    Raises:
        OperandError: it is no dict, or holds something that is no Tensor.
        ArgumentError: it holds what cannot be optimized, or what another group holds.
        MissingKeyError: it has no parameters.
    """
    if not isinstance(group, dict):
        raise OperandError(f"param_group must be a dict, but got {type(group)}", 'for example {"params": [weight]}')
    if "params" not in group:
        raise MissingKeyError(
            "parameter group has no 'params'", 'every group needs them: {"params": model.parameters(), "lr": 0.1}'
        )
    given = group["params"]
    if isinstance(given, set):
        raise OperandError(
            "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
            "will change between runs. Please use a list instead."
        )
    params, names = _without_names([given] if isinstance(given, Tensor) else listed(given))
    for param in params:
        _check_optimizable(param)
    # A repeated parameter is moved twice by every step, which PyTorch allows for now.
    if len(params) != len({id(param) for param in params}):
        warnings.warn(
            "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error",
            stacklevel=5,
        )
    _check_apart(params, names is not None, others)
    for name, value in defaults.items():
        if value is REQUIRED and name not in group:
            raise ArgumentError(
                f"parameter group didn't specify a value of required optimization parameter {name}",
                f"give every group one, or the optimizer: {name}=...",
            )
    group |= {"params": params} if names is None else {"params": params, "param_names": names}
    group |= {name: value for name, value in defaults.items() if name not in group}
    return group


def _without_names(params: list[Any]) -> tuple[list[Any], list[str] | None]:
    """Parameters, and their names where they came in pairs, as of `named_parameters()`."""
    named = [param for param in params if isinstance(param, tuple)]
    if named and len(named) < len(params):
        raise ArgumentError(
            "all optimizer params should be with/without names. Some param names are missing",
            "give model.parameters() or model.named_parameters()",
        )
    return ([param for _, param in named], [name for name, _ in named]) if named else (params, None)


def _check_optimizable(param: object) -> None:
    if not isinstance(param, Tensor):
        raise OperandError(
            f"optimizer can only optimize Tensors, but one of the params is {type(param).__name__}",
            "give model.parameters()",
        )
    if not param.is_leaf:
        raise ArgumentError(
            "can't optimize a non-leaf Tensor",
            "it was computed: give what it was computed from, or a leaf, detach().requires_grad_()",
        )
    if param.dtype.kind != "f":
        raise ArgumentError(
            f"can't optimize a Tensor of {param.dtype}: it has no gradient",
            "only Tensors of floating point dtype can require gradients: float() turns it into one",
        )


def _check_apart(params: list[Tensor], named: bool, others: list[Group]) -> None:
    """A parameter is in one group; and either all groups give names, or none does."""
    if any(named != ("param_names" in other) for other in others):
        raise ArgumentError(
            "all optimizer param groups should be with/without names. "
            f"cannot add param group {'with' if named else 'without'} names to the optimizer"
        )
    taken = {id(param) for other in others for param in other["params"]}
    if any(id(param) in taken for param in params):
        raise ArgumentError(
            "some parameters appear in more than one parameter group", "give every parameter in one group alone"
        )

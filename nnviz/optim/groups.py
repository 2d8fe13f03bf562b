"""Parameter groups: checks the `params` argument of an optimizer and converts it to PyTorch's form."""

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
"""The default of a setting that has none: every group must specify it."""


def listed(params: Any) -> list[Any]:
    """The elements of an iterable of parameters or groups.

    Raises:
        OperandError: `params` is a single tensor or module, or is not iterable.
    """
    if isinstance(params, Tensor):
        raise OperandError(
            "params argument given to the optimizer should be an iterable of Tensors or dicts, but got a Tensor",
            "put it into a list: [weight]",
        )
    if isinstance(params, Module):
        raise OperandError(
            f"{type(params).__name__!r} object is not iterable", "pass its parameters: model.parameters()"
        )
    if not isinstance(params, Iterable):
        raise OperandError(f"{type(params).__name__!r} object is not iterable", "pass model.parameters(), or a list")
    return list(params)


def groups_of(params: Any) -> list[Any]:
    """The parameter groups in `params`; parameters without groups form a single group.

    Raises:
        OperandError: `params` is not iterable.
        ArgumentError: `params` is empty.
    """
    found = listed(params)
    if not found:
        raise ArgumentError("optimizer got an empty parameter list", "add a layer that has parameters")
    return found if isinstance(found[0], dict) else [{"params": found}]


def checked_group(group: Any, defaults: Group, others: list[Group]) -> Group:
    """Check a group and complete it: a list of tensors under `params`, and a value for every setting.

    Args:
        group: the group as passed by the caller. It is modified in place and returned, so that the caller can change
            a setting later.
        defaults: the optimizer's settings, used for those that the group does not specify.
        others: the groups the optimizer already has.

    Raises:
        OperandError: `group` is not a dict, its `params` are a set, or one of them is not a Tensor.
        ArgumentError: a parameter cannot be optimized or is in another group, a required setting is missing, or only
            some of the parameters are named.
        MissingKeyError: `group` has no `params`.
    """
    if not isinstance(group, dict):
        raise OperandError(f"param_group must be a dict, but got {type(group)}", 'for example {"params": [weight]}')
    if "params" not in group:
        raise MissingKeyError(
            "parameter group has no 'params'", 'add the key: {"params": model.parameters(), "lr": 0.1}'
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
    # A repeated parameter is updated twice per step, which PyTorch still allows.
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
                f"set {name} in every group, or pass {name}=... to the optimizer",
            )
    group |= {"params": params} if names is None else {"params": params, "param_names": names}
    group |= {name: value for name, value in defaults.items() if name not in group}
    return group


def _without_names(params: list[Any]) -> tuple[list[Any], list[str] | None]:
    """The parameters, and their names if they were given as pairs, as by `named_parameters()`; else None."""
    named = [param for param in params if isinstance(param, tuple)]
    if named and len(named) < len(params):
        raise ArgumentError(
            "all optimizer params should be with/without names. Some param names are missing",
            "pass model.parameters() or model.named_parameters()",
        )
    return ([param for _, param in named], [name for name, _ in named]) if named else (params, None)


def _check_optimizable(param: object) -> None:
    if not isinstance(param, Tensor):
        raise OperandError(
            f"optimizer can only optimize Tensors, but one of the params is {type(param).__name__}",
            "pass model.parameters()",
        )
    if not param.is_leaf:
        raise ArgumentError(
            "can't optimize a non-leaf Tensor",
            "it is the result of an operation: pass the tensors it was computed from, or make it a leaf with "
            "detach().requires_grad_()",
        )
    if param.dtype.kind != "f":
        raise ArgumentError(
            f"can't optimize a Tensor of {param.dtype}: it has no gradient",
            "only Tensors of floating point dtype can require gradients: convert it with float()",
        )


def _check_apart(params: list[Tensor], named: bool, others: list[Group]) -> None:
    """Check that no parameter is in two groups, and that either all groups have names or none has."""
    if any(named != ("param_names" in other) for other in others):
        raise ArgumentError(
            "all optimizer param groups should be with/without names. "
            f"cannot add param group {'with' if named else 'without'} names to the optimizer"
        )
    taken = {id(param) for other in others for param in other["params"]}
    if any(id(param) in taken for param in params):
        raise ArgumentError(
            "some parameters appear in more than one parameter group", "put every parameter into exactly one group"
        )

"""Copying the state of modules and optimizers into a checkpoint, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnviz import nn, optim
from nnviz.autograd import Tensor
from nnviz.run.checkpoint import Weights


def fitting(weights: Weights, own: Mapping[str, Tensor]) -> Weights:
    """The entries of `weights` that have a counterpart of the same shape in `own`."""
    return {path: array for path, array in weights.items() if path in own and own[path].shape == array.shape}


def generators_of(model: nn.Module) -> dict[str, np.random.Generator]:
    """The random generators of the modules that have one, by the module's path."""
    found = {path: getattr(module, "generator", None) for path, module in model.named_modules()}
    return {path: generator for path, generator in found.items() if isinstance(generator, np.random.Generator)}


def optimizer_state(optimizer: optim.Optimizer, model: nn.Module) -> dict[str, dict[str, Any]]:
    """A copy of the optimizer's state, by the parameter's path."""
    paths = {id(parameter): path for path, parameter in model.named_parameters()}
    return {
        paths[id(parameter)]: {
            name: value.array.copy() if isinstance(value, Tensor) else value for name, value in kept.items()
        }
        for parameter, kept in optimizer.state.items()
    }


def load_optimizer(
    optimizer: optim.Optimizer, model: nn.Module, state: Mapping[str, dict[str, Any]], kept: Weights
) -> None:
    """Load what `optimizer_state` gave for the parameters in `kept`; the state of all others is empty."""
    numbers = {path: number for number, (path, _) in enumerate(model.named_parameters())}
    optimizer.load_state_dict(
        {
            "state": {numbers[path]: arrays for path, arrays in state.items() if path in kept and path in numbers},
            "param_groups": optimizer.state_dict()["param_groups"],
        }
    )

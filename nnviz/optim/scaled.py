"""Optimizers that divide each step by the magnitude of past gradients: RMSprop, Adagrad, Adadelta."""

from __future__ import annotations

from typing import Annotated, cast

import numpy as np

from nnviz.autograd.operation import Array
from nnviz.errors import ArgumentError
from nnviz.optim.groups import Group, Params
from nnviz.optim.optimizer import Arrays, Optimizer, Scratch, not_negative, optimizers
from nnviz.optim.rules import (
    Decay,
    Eps,
    Maximize,
    Momentum,
    Rate,
    Share,
    Way,
    average,
    gradient,
    rate,
    rate_of,
    scalar,
    settings,
)  # fmt: skip
from nnviz.optim.written import Rule, assign, of_gradient
from nnviz.registry import Bounds


@optimizers.register("adaptive")
class RMSprop(Optimizer):
    """each step divided by the root of a running average of g²

    v ← α v + (1 − α) g²;  p ← p − lr · g / (√v + eps). With momentum, u ← momentum · u + g / (√v + eps) and
    p ← p − lr · u. Centered, √v is replaced by √(v − m²), where m ← α m + (1 − α) g. Weight decay adds
    weight_decay · p to g first. Source: Hinton, lecture 6e of Neural Networks for Machine Learning, 2012; centered,
    Graves 2013, arXiv 1308.0850.

    See Optimizer for the arguments that all optimizers share.

    Args:
        alpha: the decay rate α of the averages.
        centered: whether to divide by an estimate of the gradient's standard deviation.
    """

    momentum: float
    letters = {"square_avg": "v", "grad_avg": "m", "momentum_buffer": "u"}

    def __init__(
        self,
        params: Params,
        lr: Rate = 0.01,
        alpha: Annotated[Share, "decay rate of the running average"] = 0.99,
        eps: Eps = 1e-8,
        weight_decay: Decay = 0,
        momentum: Momentum = 0,
        centered: Annotated[bool, "divide by the gradient's standard deviation"] = False,
        capturable: Way = False,
        foreach: Way = None,
        maximize: Maximize = False,
        differentiable: Way = False,
    ) -> None:
        defaults = settings(locals())
        not_negative(lr=lr, eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        super().__init__(params, defaults)

    def names(self, group: Group) -> tuple[str, ...]:
        """The average of g², with momentum the velocity, and centered the average of g."""
        if group["momentum"]:
            return CENTERED_MOVING if group["centered"] else ("square_avg", "momentum_buffer")
        return ("square_avg", "grad_avg") if group["centered"] else ("square_avg",)

    def rule(self, group: Group, step: float) -> Rule:  # noqa: ARG002 (used by other rules)
        """The averages, and the step divided by their root."""
        lines = ["v ← α · v + (1 − α) · g²", "d ← g / (√v + eps)"]
        if group["centered"]:
            lines[1:] = ["m ← m + (1 − α) · (g − m)", "d ← g / (√(v − m²) + eps)"]
        if group["momentum"]:
            return (*of_gradient(group), *assign(*lines, "u ← momentum · u + d", "w ← w − lr · u"))
        return (*of_gradient(group), *assign(*lines, "w ← w − lr · d"))

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, scratch: Scratch) -> None:  # noqa: ARG002
        one, other = scratch
        g = gradient(p, g, group, one, other)
        dtype, alpha, square = p.dtype, group["alpha"], kept["square_avg"]
        average(square, np.multiply(g, g, other), alpha, other)
        if group["centered"]:
            mean = kept["grad_avg"]
            np.multiply(np.subtract(g, mean, other), scalar(1 - alpha, dtype), other)
            np.multiply(np.add(mean, other, mean), mean, other)
            root = np.sqrt(np.subtract(square, other, other), other)
        else:
            root = np.sqrt(square, other)
        np.add(root, scalar(group["eps"], dtype), root)
        move = np.divide(g, root, one)
        momentum = group["momentum"]
        if momentum:
            velocity = kept["momentum_buffer"]
            np.multiply(velocity, scalar(momentum, dtype), velocity)
            move = np.add(velocity, move, velocity)
        np.subtract(p, np.multiply(move, rate(group, dtype), one), p)


CENTERED_MOVING = ("square_avg", "momentum_buffer", "grad_avg")


@optimizers.register("adaptive")
class Adagrad(Optimizer):
    """each step divided by the root of the sum of all g² so far

    s ← s + g²;  p ← p − lr / (1 + (t − 1) lr_decay) · g / (√s + eps), where t is the number of the step, from 1. Weight
    decay adds weight_decay · p to g first. Source: Duchi et al. 2011.

    See Optimizer for the arguments that all optimizers share.

    Args:
        lr_decay: the decay of the learning rate with the number of steps, 0 or more.
        initial_accumulator_value: the initial value of s, 0 or more.
    """

    letters = {"sum": "s"}

    def __init__(
        self,
        params: Params,
        lr: Rate = 0.01,
        lr_decay: Annotated[float, Bounds(0), "decay of the learning rate with the number of steps"] = 0,
        weight_decay: Decay = 0,
        initial_accumulator_value: Annotated[float, Bounds(0), "initial value of the sum of squares"] = 0,
        eps: Eps = 1e-10,
        foreach: Way = None,
        *,
        maximize: Maximize = False,
        differentiable: Way = False,
        fused: Way = None,
    ) -> None:
        defaults = settings(locals())
        not_negative(lr=lr, lr_decay=lr_decay, weight_decay=weight_decay)
        not_negative(initial_accumulator_value=initial_accumulator_value, eps=eps)
        super().__init__(params, defaults)

    def add_param_group(self, param_group: Group) -> None:
        """Add a group of parameters. As in PyTorch, their state is created now, before the first step."""
        super().add_param_group(param_group)
        for parameter in self.param_groups[-1]["params"]:
            self.complete(self.state[parameter], ("sum",), parameter)

    def names(self, group: Group) -> tuple[str, ...]:  # noqa: ARG002 (used by other rules)
        """The sum of the squared gradients."""
        return ("sum",)

    def rule(self, group: Group, step: float) -> Rule:  # noqa: ARG002 (t stands in the formulas)
        """The sum, and the step divided by its root."""
        first = (*of_gradient(group), *assign("s ← s + g²"))
        if group["lr_decay"]:
            return (*first, *assign("r ← lr / (1 + (t − 1) · lr_decay)", "w ← w − r · g / (√s + eps)"))
        return (*first, *assign("w ← w − lr · g / (√s + eps)"))

    def initial(self, name: str) -> float:  # noqa: ARG002 (used by other rules)
        """The setting `initial_accumulator_value`."""
        return cast(float, self.defaults["initial_accumulator_value"])

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, scratch: Scratch) -> None:
        one, other = scratch
        g = gradient(p, g, group, one, other)
        total = kept["sum"]
        np.add(total, np.multiply(g, g, other), total)
        root = np.sqrt(total, other)
        np.add(root, scalar(group["eps"], p.dtype), root)
        lr = rate_of(group) / (1 + (step - 1) * group["lr_decay"])
        np.subtract(p, np.divide(np.multiply(g, np.asarray(lr, p.dtype), one), root, one), p)


@optimizers.register("adaptive")
class Adadelta(Optimizer):
    """g scaled by the ratio of the root mean squares of recent updates and gradients

    v ← ρ v + (1 − ρ) g²;  d = √(u + eps) / √(v + eps) · g;  u ← ρ u + (1 − ρ) d²;  p ← p − lr · d. Weight decay adds
    weight_decay · p to g first. Source: Zeiler 2012, arXiv 1212.5701.

    See Optimizer for the arguments that all optimizers share.

    Args:
        rho: the decay rate ρ of the two averages, in [0, 1].
        eps: added under both roots: keeps the division finite and the first updates above 0.
    """

    letters = {"square_avg": "v", "acc_delta": "u"}

    def __init__(
        self,
        params: Params,
        lr: Rate = 1.0,
        rho: Annotated[float, Bounds(0, 1), "decay rate of the running averages"] = 0.9,
        eps: Eps = 1e-6,
        weight_decay: Decay = 0,
        foreach: Way = None,
        *,
        capturable: Way = False,
        maximize: Maximize = False,
        differentiable: Way = False,
    ) -> None:
        defaults = settings(locals())
        not_negative(lr=lr, rho=rho, eps=eps, weight_decay=weight_decay)
        if rho > 1:
            raise ArgumentError(f"Invalid rho value: {rho}", "1 or less is expected")
        super().__init__(params, defaults)

    def names(self, group: Group) -> tuple[str, ...]:  # noqa: ARG002 (used by other rules)
        """The averages of the squared gradients and of the squared updates."""
        return ("square_avg", "acc_delta")

    def rule(self, group: Group, step: float) -> Rule:  # noqa: ARG002 (used by other rules)
        """The average of g², the step, the average of the squares of steps, and the weight."""
        lines = ["v ← ρ · v + (1 − ρ) · g²", "d ← √(u + eps) / √(v + eps) · g", "u ← ρ · u + (1 − ρ) · d²"]
        return (*of_gradient(group), *assign(*lines, "w ← w − lr · d"))

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, scratch: Scratch) -> None:  # noqa: ARG002
        one, other = scratch
        g = gradient(p, g, group, one, other)
        dtype, rho, square, moves = p.dtype, group["rho"], kept["square_avg"], kept["acc_delta"]
        average(square, np.multiply(g, g, other), rho, other)
        eps = scalar(group["eps"], dtype)
        # √(u + eps) / √(v + eps) · g, computed in the two temporary arrays; g may be the first of them.
        np.divide(g, np.sqrt(np.add(square, eps, other), other), one)
        np.multiply(one, np.sqrt(np.add(moves, eps, other), other), one)
        average(moves, np.multiply(one, one, other), rho, other)
        np.subtract(p, np.multiply(one, rate(group, dtype), one), p)

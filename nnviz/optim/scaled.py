"""Optimizers that divide each step by the size that the gradient had: RMSprop, Adagrad, Adadelta."""

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
    scalar,
    settings,
)  # fmt: skip
from nnviz.registry import Bounds


@optimizers.register("adaptive")
class RMSprop(Optimizer):
    """each step divided by the recent size of its gradient

    v ← α v + (1 − α) g²;  p ← p − lr · g / (√v + eps); with momentum that quotient goes through a velocity. Centered,
    the root is that of v − m², where m is the average of g. Source: Hinton, lecture 6e of Neural Networks for Machine
    Learning, 2012; centered, Graves 2013, arXiv 1308.0850.

    Args:
        params: what is optimised.
        lr: the learning rate.
        alpha: how slowly the average forgets.
        eps: keeps the division finite.
        weight_decay: pulls every parameter towards 0, as a part of the gradient.
        momentum: how much of the last move stays in the next.
        centered: whether the gradient's spread is divided by, and not its size.
        maximize: whether to go up the gradient.
        capturable, foreach, differentiable: without effect; only False or None for `differentiable`.
    """

    momentum: float

    def __init__(
        self,
        params: Params,
        lr: Rate = 0.01,
        alpha: Annotated[Share, "how slowly the average forgets"] = 0.99,
        eps: Eps = 1e-8,
        weight_decay: Decay = 0,
        momentum: Momentum = 0,
        centered: Annotated[bool, "divide by the spread, not the size"] = False,
        capturable: Way = False,
        foreach: Way = None,
        maximize: Maximize = False,
        differentiable: Way = False,
    ) -> None:
        defaults = settings(locals())
        not_negative(lr=lr, eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        super().__init__(params, defaults)

    def names(self, group: Group) -> tuple[str, ...]:
        """The average of the squares, the velocity where there is momentum, the plain average where it is centered."""
        if group["momentum"]:
            return CENTERED_MOVING if group["centered"] else ("square_avg", "momentum_buffer")
        return ("square_avg", "grad_avg") if group["centered"] else ("square_avg",)

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, scratch: Scratch) -> None:  # noqa: ARG002
        """One step of the formula above."""
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
        np.subtract(p, np.multiply(move, scalar(float(group["lr"]), dtype), one), p)


CENTERED_MOVING = ("square_avg", "momentum_buffer", "grad_avg")


@optimizers.register("adaptive")
class Adagrad(Optimizer):
    """each step divided by the size of all its gradients so far

    s ← s + g²;  p ← p − lr / (1 + (t − 1) lr_decay) · g / (√s + eps). Source: Duchi et al. 2011.

    Args:
        params: what is optimised.
        lr: the learning rate.
        lr_decay: how fast the rate falls with the steps.
        weight_decay: pulls every parameter towards 0, as a part of the gradient.
        initial_accumulator_value: where s starts.
        eps: keeps the division finite.
        maximize: whether to go up the gradient.
        foreach, differentiable, fused: without effect; only False or None for `differentiable`.
    """

    def __init__(
        self,
        params: Params,
        lr: Rate = 0.01,
        lr_decay: Annotated[float, Bounds(0), "how fast the rate falls with the steps"] = 0,
        weight_decay: Decay = 0,
        initial_accumulator_value: Annotated[float, Bounds(0), "where the sum of squares starts"] = 0,
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
        """Add parameters; as in PyTorch, what is kept of them is there before the first step."""
        super().add_param_group(param_group)
        for parameter in self.param_groups[-1]["params"]:
            self.complete(self.state[parameter], ("sum",), parameter)

    def names(self, group: Group) -> tuple[str, ...]:  # noqa: ARG002 (others read it)
        """The sum of the squares."""
        return ("sum",)

    def initial(self, name: str) -> float:  # noqa: ARG002 (others read it)
        """Where the sum of the squares starts."""
        return cast(float, self.defaults["initial_accumulator_value"])

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, scratch: Scratch) -> None:
        """One step of the formula above."""
        one, other = scratch
        g = gradient(p, g, group, one, other)
        total = kept["sum"]
        np.add(total, np.multiply(g, g, other), total)
        root = np.sqrt(total, other)
        np.add(root, scalar(group["eps"], p.dtype), root)
        rate = float(group["lr"]) / (1 + (step - 1) * group["lr_decay"])
        np.subtract(p, np.divide(np.multiply(g, scalar(rate, p.dtype), one), root, one), p)


@optimizers.register("adaptive")
class Adadelta(Optimizer):
    """each step in the parameter's own unit: as large as recent steps, over the recent size of the gradient

    v ← ρ v + (1 − ρ) g²;  d = √(u + eps) / √(v + eps) · g;  u ← ρ u + (1 − ρ) d²;  p ← p − lr · d.
    Source: Zeiler 2012, arXiv 1212.5701.

    Args:
        params: what is optimised.
        lr: what each step is multiplied with.
        rho: how slowly the two averages forget.
        eps: keeps the division finite, and the first steps above 0.
        weight_decay: pulls every parameter towards 0, as a part of the gradient.
        maximize: whether to go up the gradient.
        foreach, capturable, differentiable: without effect; only False or None for `differentiable`.
    """

    def __init__(
        self,
        params: Params,
        lr: Rate = 1.0,
        rho: Annotated[float, Bounds(0, 1), "how slowly the averages forget"] = 0.9,
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

    def names(self, group: Group) -> tuple[str, ...]:  # noqa: ARG002 (others read it)
        """The averages of the gradient's squares and of the steps'."""
        return ("square_avg", "acc_delta")

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, scratch: Scratch) -> None:  # noqa: ARG002
        """One step of the formula above."""
        one, other = scratch
        g = gradient(p, g, group, one, other)
        dtype, rho, square, moves = p.dtype, group["rho"], kept["square_avg"], kept["acc_delta"]
        average(square, np.multiply(g, g, other), rho, other)
        eps = scalar(group["eps"], dtype)
        # √(u + eps) / √(v + eps) · g in the two arrays there are: g may stand in the first of them.
        np.divide(g, np.sqrt(np.add(square, eps, other), other), one)
        np.multiply(one, np.sqrt(np.add(moves, eps, other), other), one)
        average(moves, np.multiply(one, one, other), rho, other)
        np.subtract(p, np.multiply(one, scalar(float(group["lr"]), dtype), one), p)

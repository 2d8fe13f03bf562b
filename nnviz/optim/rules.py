"""SGD and Adam, and what all rules share: how a parameter follows its gradient.

The formulas are computed in PyTorch's order, so that trajectories agree to the last digits; arguments stand in
PyTorch's order too. `maximize` turns the gradient's sign, before anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any

import numpy as np

from nnviz.arguments import number
from nnviz.autograd import Tensor
from nnviz.autograd.operation import Array
from nnviz.errors import ArgumentError, OperandError, PositionError
from nnviz.optim.groups import Group, Params
from nnviz.optim.optimizer import Arrays, Optimizer, Scratch, not_negative, optimizers
from nnviz.registry import Bounds

Rate = Annotated[float | Tensor, Bounds(0), "learning rate: how far one step goes"]
Share = Annotated[float, Bounds(0, 1, open_high=True)]
Eps = Annotated[float, Bounds(0, open_low=True), "keeps the division finite"]
Decay = Annotated[float, Bounds(0), "pulls every parameter towards 0"]
Momentum = Annotated[Share, "how much of the last move stays in the next"]
Maximize = Annotated[bool, "up the gradient instead of down"]
Way = object
"""Of PyTorch's arguments that choose among several ways to compute the same numbers: kept, and without effect here.

No plain type, so that no form asks for them.
"""


def check_betas(betas: tuple[float, float]) -> None:
    if not isinstance(betas, Sequence) or isinstance(betas, str):
        raise OperandError(f"betas must be a pair of numbers, but got {betas!r}", "betas=(0.9, 0.999) is usual")
    if len(betas) < 2:
        raise PositionError(f"betas must be a pair of numbers, but got {betas!r}", "betas=(0.9, 0.999) is usual")
    for position, beta in enumerate(betas):
        number("Adam", f"betas[{position}]", beta)
        if not 0 <= beta < 1:
            raise ArgumentError(f"Invalid beta parameter at index {position}: {beta}", "0 or more, and below 1")


def settings(arguments: dict[str, Any]) -> Group:
    """The arguments of a constructor that are settings, by name, from its `locals()`."""
    return {name: value for name, value in arguments.items() if name not in ("self", "params", "__class__")}


@lru_cache(maxsize=1024)
def scalar(value: float, dtype: np.dtype[Any]) -> Array:
    """A setting as an array of the parameter's type, with which small arrays are multiplied in half the time."""
    return np.array(value, dtype)


def gradient(p: Array, g: Array, group: Group, into: Array, scratch: Array) -> Array:
    """The gradient that a rule goes by: turned where the loss is maximized, and with weight_decay · p in it."""
    if group["maximize"]:
        g = np.negative(g, into)
    decay = group["weight_decay"]
    return np.add(g, np.multiply(p, scalar(float(decay), p.dtype), scratch), into) if decay else g


def average(old: Array, new: Array, beta: float, scratch: Array) -> None:
    """old ← beta · old + (1 − beta) · new; `new` may be `scratch`."""
    np.multiply(old, scalar(beta, old.dtype), old)
    np.add(old, np.multiply(new, scalar(1 - beta, old.dtype), scratch), old)


@optimizers.register("first order")
class SGD(Optimizer):
    """v ← momentum · v + g;  p ← p − lr · v

    v is g at the first step, and with dampening momentum · v + (1 − dampening) · g from then on. With nesterov
    p ← p − lr · (g + momentum · v). weight_decay · p is added to g first. Source: Sutskever et al. 2013.

    Args:
        params: what is optimised.
        lr: the learning rate.
        momentum: how much of the last move stays in the next.
        dampening: how much of the gradient does not go into the momentum.
        weight_decay: pulls every parameter towards 0.
        nesterov: whether the gradient is taken as if the next move were made already.
        maximize: whether to go up the gradient.
        foreach, differentiable, fused: without effect; only False or None for `differentiable`.
    """

    momentum: float
    counted = False

    def __init__(
        self,
        params: Params,
        lr: Rate = 0.001,
        momentum: Momentum = 0,
        dampening: Annotated[float, "how much of the gradient stays out of the momentum"] = 0,
        weight_decay: Decay = 0,
        nesterov: Annotated[bool, "look ahead along the momentum"] = False,
        *,
        maximize: Maximize = False,
        foreach: Way = None,
        differentiable: Way = False,
        fused: Way = None,
    ) -> None:
        defaults = settings(locals())
        not_negative(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ArgumentError(
                "Nesterov momentum requires a momentum and zero dampening", "set momentum, for example to 0.9"
            )
        super().__init__(params, defaults)

    def names(self, group: Group) -> tuple[str, ...]:
        """The velocity, where there is momentum."""
        return ("momentum_buffer",) if group["momentum"] else ()

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, scratch: Scratch) -> None:
        """One step of the formula above."""
        one, other = scratch
        if group["weight_decay"] or group["maximize"]:
            g = gradient(p, g, group, one, other)
        momentum = group["momentum"]
        if momentum:
            velocity = kept["momentum_buffer"]
            if step == 1:
                np.copyto(velocity, g)
            else:
                np.multiply(velocity, scalar(momentum, p.dtype), velocity)
                share = 1 - group["dampening"]
                np.add(velocity, g if share == 1 else np.multiply(g, scalar(share, p.dtype), other), velocity)
            if group["nesterov"]:
                g = np.add(g, np.multiply(velocity, scalar(momentum, p.dtype), other), other)
            else:
                g = velocity
        np.subtract(p, np.multiply(g, scalar(float(group["lr"]), p.dtype), other), p)


@optimizers.register("adaptive")
class Adam(Optimizer):
    """steps of even size whatever the gradient's scale

    m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  p ← p − lr · m̂ / (√v̂ + eps), where m̂ = m / (1 − β₁ᵗ) and
    v̂ = v / (1 − β₂ᵗ) undo the start at 0. Source: Kingma & Ba 2015, arXiv 1412.6980. With amsgrad the largest v so far
    takes the place of v. Source: Reddi et al. 2018, arXiv 1904.09237.

    Args:
        params: what is optimised.
        lr: the learning rate.
        betas: how slowly the two averages forget.
        eps: keeps the division finite.
        weight_decay: pulls every parameter towards 0, as a part of the gradient.
        amsgrad: whether the second average never falls.
        maximize: whether to go up the gradient.
        decoupled_weight_decay: whether the weight decay goes past the averages, as in AdamW.
        foreach, capturable, differentiable, fused: without effect; only False or None for `differentiable`.
    """

    betas: tuple[float, float]

    def __init__(
        self,
        params: Params,
        lr: Rate = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: Eps = 1e-8,
        weight_decay: Decay = 0,
        amsgrad: Annotated[bool, "the second average never falls"] = False,
        *,
        foreach: Way = None,
        maximize: Maximize = False,
        capturable: Way = False,
        differentiable: Way = False,
        fused: Way = None,
        decoupled_weight_decay: object = False,
    ) -> None:
        defaults = settings(locals())
        not_negative(lr=lr, eps=eps, weight_decay=weight_decay)
        check_betas(betas)
        super().__init__(params, defaults)

    def names(self, group: Group) -> tuple[str, ...]:
        """The two averages, and with amsgrad the largest second one."""
        return ("exp_avg", "exp_avg_sq", "max_exp_avg_sq") if group["amsgrad"] else ("exp_avg", "exp_avg_sq")

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, scratch: Scratch) -> None:
        """One step of the formula above."""
        one, other = scratch
        dtype, lr, (b1, b2) = p.dtype, float(group["lr"]), group["betas"]
        if group["decoupled_weight_decay"]:
            np.multiply(p, scalar(1 - lr * group["weight_decay"], dtype), p)
            if group["maximize"]:
                g = np.negative(g, one)
        else:
            g = gradient(p, g, group, one, other)
        m, v = kept["exp_avg"], kept["exp_avg_sq"]
        average(m, g, b1, other)
        average(v, np.multiply(g, g, other), b2, other)
        if group["amsgrad"]:
            v = np.maximum(kept["max_exp_avg_sq"], v, out=kept["max_exp_avg_sq"])
        root = np.sqrt(v, other)
        # These two differ from step to step.
        np.divide(root, np.array((1 - b2**step) ** 0.5, dtype), root)
        np.add(root, scalar(group["eps"], dtype), root)
        np.multiply(m, np.array(lr / (1 - b1**step), dtype), one)
        np.subtract(p, np.divide(one, root, one), p)


@optimizers.register("adaptive")
class AdamW(Adam):
    """Adam whose weight decay does not go through the averages

    p ← p − lr · weight_decay · p, then Adam's step. Source: Loshchilov & Hutter 2017, arXiv 1711.05101.

    Args:
        params: what is optimised.
        lr: the learning rate.
        betas: how slowly the two averages forget.
        eps: keeps the division finite.
        weight_decay: how much of every parameter goes at each step, times lr.
        amsgrad: whether the second average never falls.
        maximize: whether to go up the gradient.
        foreach, capturable, differentiable, fused: without effect; only False or None for `differentiable`.
    """

    def __init__(
        self,
        params: Params,
        lr: Rate = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: Eps = 1e-8,
        weight_decay: Decay = 0.01,
        amsgrad: Annotated[bool, "the second average never falls"] = False,
        *,
        maximize: Maximize = False,
        foreach: Way = None,
        capturable: Way = False,
        differentiable: Way = False,
        fused: Way = None,
    ) -> None:
        super().__init__(**settings(locals()), params=params, decoupled_weight_decay=True)

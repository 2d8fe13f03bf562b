"""SGD, Adam and AdamW, and the helpers that all update rules share.

The operations are carried out in PyTorch's order, so that trajectories agree up to rounding in the last digits.
Arguments are in PyTorch's order as well. With `maximize`, the gradient is negated before anything else.
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
from nnviz.optim.written import Rule, assign, of_gradient
from nnviz.registry import Bounds

Rate = Annotated[float | Tensor, Bounds(0), "learning rate: the factor of every update"]
Share = Annotated[float, Bounds(0, 1, open_high=True)]
Eps = Annotated[float, Bounds(0, open_low=True), "added to the denominator for numerical stability"]
Decay = Annotated[float, Bounds(0), "weight decay (L2 penalty): pulls every parameter toward 0"]
Momentum = Annotated[Share, "share of the previous update that is added to the next"]
Maximize = Annotated[bool, "maximize the loss instead of minimizing it"]
Way = object
"""The type of PyTorch's arguments that select an implementation: accepted for compatibility, without effect.

It is not one of the plain types, so that forms do not show these arguments.
"""


L1 = "l1"
"""The name of a setting of a group: the coefficient of an L1 penalty, whose gradient l1 · sign(p) is added to g.

PyTorch's optimizers have no such argument: there one adds l1 * sum(p.abs().sum() for p in params) to the loss.
"""


def check_betas(betas: tuple[float, float]) -> None:
    """Check that `betas` are two numbers in [0, 1).

    Raises:
        OperandError: `betas` is not a sequence of numbers.
        PositionError: it has fewer than two elements.
        ArgumentError: one of them is outside [0, 1).
    """
    if not isinstance(betas, Sequence) or isinstance(betas, str):
        raise OperandError(f"betas must be a pair of numbers, but got {betas!r}", "betas=(0.9, 0.999) is usual")
    if len(betas) < 2:
        raise PositionError(f"betas must be a pair of numbers, but got {betas!r}", "betas=(0.9, 0.999) is usual")
    for position, beta in enumerate(betas):
        number("Adam", f"betas[{position}]", beta)
        if not 0 <= beta < 1:
            raise ArgumentError(f"Invalid beta parameter at index {position}: {beta}", "expected 0 <= beta < 1")


def settings(arguments: dict[str, Any]) -> Group:
    """The settings among the arguments of a constructor, by name; `arguments` is its `locals()`."""
    return {name: value for name, value in arguments.items() if name not in ("self", "params", "__class__")}


@lru_cache(maxsize=1024)
def scalar(value: float, dtype: np.dtype[Any]) -> Array:
    """A setting as a 0-d array of the parameter's dtype: multiplying small arrays by it takes half the time."""
    return np.array(value, dtype)


def rate_of(group: Group) -> float | Array:
    """The learning rate: a number, or an array that broadcasts with the parameters, one rate for each row of them."""
    lr = group["lr"]
    return lr if isinstance(lr, np.ndarray) else float(lr)


def rate(group: Group, dtype: np.dtype[Any]) -> Array:
    """The learning rate in the dtype of the parameters."""
    lr = rate_of(group)
    return lr.astype(dtype) if isinstance(lr, np.ndarray) else scalar(lr, dtype)


def gradient(p: Array, g: Array, group: Group, into: Array, scratch: Array) -> Array:
    """The gradient that the update rule uses: ±g + weight_decay · p + l1 · sign(p); the sign is − with `maximize`."""
    if group["maximize"]:
        g = np.negative(g, into)
    decay = group["weight_decay"]
    if decay:
        g = np.add(g, np.multiply(p, scalar(float(decay), p.dtype), scratch), into)
    return sparse(p, g, group, into, scratch)


def sparse(p: Array, g: Array, group: Group, into: Array, scratch: Array) -> Array:
    """g + l1 · sign(p), the gradient of the L1 penalty; its subgradient at 0 is 0."""
    l1 = group.get("l1", 0)
    return np.add(g, np.multiply(np.sign(p, scratch), scalar(float(l1), p.dtype), scratch), into) if l1 else g


def average(old: Array, new: Array, beta: float, scratch: Array) -> None:
    """old ← beta · old + (1 − beta) · new; `new` may be `scratch`."""
    np.multiply(old, scalar(beta, old.dtype), old)
    np.add(old, np.multiply(new, scalar(1 - beta, old.dtype), scratch), old)


@optimizers.register("first order")
class SGD(Optimizer):
    """v ← momentum · v + g;  p ← p − lr · v

    Stochastic gradient descent with optional momentum. At the first step v = g; after it, with dampening,
    v ← momentum · v + (1 − dampening) · g. With Nesterov momentum, p ← p − lr · (g + momentum · v). Weight decay adds
    weight_decay · p to g first. Source: Sutskever et al. 2013.

    See Optimizer for the arguments that all optimizers share.

    Args:
        dampening: the share of the gradient that is not added to the momentum.
        nesterov: whether to use Nesterov momentum.

    Raises:
        ArgumentError: a setting is out of bounds, or `nesterov` without momentum or with dampening.
    """

    momentum: float
    counted = False
    letters = {"momentum_buffer": "v"}

    def __init__(
        self,
        params: Params,
        lr: Rate = 0.001,
        momentum: Momentum = 0,
        dampening: Annotated[float, "share of the gradient that is not added to the momentum"] = 0,
        weight_decay: Decay = 0,
        nesterov: Annotated[bool, "use Nesterov momentum"] = False,
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
        """The velocity, if there is momentum."""
        return ("momentum_buffer",) if group["momentum"] else ()

    def rule(self, group: Group, step: float) -> Rule:
        """The velocity, if there is momentum, and the step."""
        first = of_gradient(group)
        if not group["momentum"]:
            return (*first, *assign("w ← w − lr · g"))
        if step == 1:
            velocity = "v ← g"
        else:
            velocity = "v ← momentum · v + (1 − dampening) · g" if group["dampening"] else "v ← momentum · v + g"
        if group["nesterov"]:
            return (*first, *assign(velocity, "g ← g + momentum · v", "w ← w − lr · g"))
        return (*first, *assign(velocity, "w ← w − lr · v"))

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, scratch: Scratch) -> None:
        one, other = scratch
        if group["weight_decay"] or group["maximize"] or group.get("l1", 0):
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
        np.subtract(p, np.multiply(g, rate(group, p.dtype), other), p)


@optimizers.register("adaptive")
class Adam(Optimizer):
    """running averages of g and g² set the size of each step

    m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  p ← p − lr · m̂ / (√v̂ + eps). m̂ = m / (1 − β₁ᵗ) and
    v̂ = v / (1 − β₂ᵗ) correct the bias of averages that start at 0; t is the number of the step, from 1. With amsgrad
    the largest v so far replaces v. Weight decay adds weight_decay · p to g first.
    Source: Kingma & Ba 2015, arXiv 1412.6980; amsgrad, Reddi et al. 2018, arXiv 1904.09237.

    See Optimizer for the arguments that all optimizers share.

    Args:
        betas: the decay rates (β₁, β₂) of the two averages, each in [0, 1).
        amsgrad: whether to use the AMSGrad variant.
        decoupled_weight_decay: whether to apply weight decay to the parameter directly, as in AdamW.
    """

    betas: tuple[float, float]
    letters = {"exp_avg": "m", "exp_avg_sq": "v", "max_exp_avg_sq": "u"}

    def __init__(
        self,
        params: Params,
        lr: Rate = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: Eps = 1e-8,
        weight_decay: Decay = 0,
        amsgrad: Annotated[bool, "AMSGrad: divide by the largest average of g² so far"] = False,
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
        """The two averages, and with amsgrad the maximum of the second one."""
        return ("exp_avg", "exp_avg_sq", "max_exp_avg_sq") if group["amsgrad"] else ("exp_avg", "exp_avg_sq")

    def rule(self, group: Group, step: float) -> Rule:  # noqa: ARG002 (t stands in the formulas)
        """The averages, their bias correction, and the step."""
        decoupled = group["decoupled_weight_decay"]
        lines = ["m ← β₁ · m + (1 − β₁) · g", "v ← β₂ · v + (1 − β₂) · g²", "m̂ ← m / (1 − β₁ᵗ)", "v̂ ← v / (1 − β₂ᵗ)"]
        if group["amsgrad"]:
            lines[2:] = ["u ← max(u, v)", lines[2], "v̂ ← u / (1 − β₂ᵗ)"]
        if decoupled and group["weight_decay"]:
            lines.insert(0, "w ← w · (1 − lr · weight_decay)")
        return (*of_gradient(group, not decoupled), *assign(*lines, "w ← w − lr · m̂ / (√v̂ + eps)"))

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, scratch: Scratch) -> None:
        one, other = scratch
        dtype, lr, (b1, b2) = p.dtype, rate_of(group), group["betas"]
        if group["decoupled_weight_decay"]:
            if group["maximize"]:
                g = np.negative(g, one)
            # The penalty is of the parameter before the step, also where the decay turns its sign (lr · λ > 1).
            g = sparse(p, g, group, one, other)
            np.multiply(p, np.asarray(1 - lr * group["weight_decay"], dtype), p)
        else:
            g = gradient(p, g, group, one, other)
        m, v = kept["exp_avg"], kept["exp_avg_sq"]
        average(m, g, b1, other)
        average(v, np.multiply(g, g, other), b2, other)
        if group["amsgrad"]:
            v = np.maximum(kept["max_exp_avg_sq"], v, out=kept["max_exp_avg_sq"])
        root = np.sqrt(v, other)
        # These two differ at every step, so that `scalar` would not find them in its cache.
        np.divide(root, np.array((1 - b2**step) ** 0.5, dtype), root)
        np.add(root, scalar(group["eps"], dtype), root)
        np.multiply(m, np.asarray(lr / (1 - b1**step), dtype), one)
        np.subtract(p, np.divide(one, root, one), p)


@optimizers.register("adaptive")
class AdamW(Adam):
    """Adam with weight decay applied to the parameter directly

    p ← p − lr · weight_decay · p, then the step of Adam without weight decay.
    Source: Loshchilov & Hutter 2017, arXiv 1711.05101.

    See Adam for the arguments.
    """

    def __init__(
        self,
        params: Params,
        lr: Rate = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: Eps = 1e-8,
        weight_decay: Decay = 0.01,
        amsgrad: Annotated[bool, "AMSGrad: divide by the largest average of g² so far"] = False,
        *,
        maximize: Maximize = False,
        foreach: Way = None,
        capturable: Way = False,
        differentiable: Way = False,
        fused: Way = None,
    ) -> None:
        super().__init__(**settings(locals()), params=params, decoupled_weight_decay=True)

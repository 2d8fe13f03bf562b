"""The optimizers: how a parameter follows its gradient.

The formulas are computed in PyTorch's order, so that trajectories agree to the last digits; arguments stand in
PyTorch's order too. `maximize` turns the gradient's sign, before anything else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, cast

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.operation import Array
from nnviz.catalogue import Bounds
from nnviz.errors import ArgumentError
from nnviz.optim.groups import Group, Params
from nnviz.optim.optimizer import Arrays, Optimizer, Spare, not_negative, optimizers

Rate = Annotated[float | Tensor, Bounds(0), "learning rate: how far one step goes"]
Share = Annotated[float, Bounds(0, 1, open_high=True)]
Eps = Annotated[float, Bounds(0, open_low=True), "keeps the division finite"]
Decay = Annotated[float, Bounds(0), "pulls every parameter towards 0"]
Momentum = Annotated[Share, "how much of the last move stays in the next"]
Maximize = Annotated[bool, "up the gradient instead of down"]
Way = object
"""Of PyTorch's arguments that choose among several ways to compute the same numbers: kept, and without effect here."""


def _check_betas(betas: tuple[float, float]) -> None:
    for position, beta in enumerate(betas):
        if not 0 <= beta < 1:
            raise ArgumentError(f"Invalid beta parameter at index {position}: {beta}", "0 or more, and below 1")


def _settings(arguments: dict[str, Any]) -> Group:
    """The arguments of a constructor that are settings, by name, from its `locals()`."""
    return {name: value for name, value in arguments.items() if name not in ("self", "params", "__class__")}


@lru_cache(maxsize=1024)
def _scalar(value: float, dtype: np.dtype[Any]) -> Array:
    """A setting as an array of the parameter's type, with which small arrays are multiplied in half the time."""
    return np.array(value, dtype)


def _gradient(p: Array, g: Array, group: Group, into: Array, spare: Array) -> Array:
    """The gradient that a rule goes by: turned where the loss is maximized, and with weight_decay · p in it."""
    if group["maximize"]:
        g = np.negative(g, into)
    decay = group["weight_decay"]
    return np.add(g, np.multiply(p, _scalar(float(decay), p.dtype), spare), into) if decay else g


def _average(old: Array, new: Array, beta: float, spare: Array) -> None:
    """old ← beta · old + (1 − beta) · new; `new` may be `spare`."""
    np.multiply(old, _scalar(beta, old.dtype), old)
    np.add(old, np.multiply(new, _scalar(1 - beta, old.dtype), spare), old)


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
        defaults = _settings(locals())
        not_negative(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ArgumentError(
                "Nesterov momentum requires a momentum and zero dampening", "set momentum, for example to 0.9"
            )
        super().__init__(params, defaults)

    def names(self, group: Group) -> tuple[str, ...]:
        """The velocity, where there is momentum."""
        return ("momentum_buffer",) if group["momentum"] else ()

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, spare: Spare) -> None:
        """One step of the formula above."""
        one, other = spare
        if group["weight_decay"] or group["maximize"]:
            g = _gradient(p, g, group, one, other)
        momentum = group["momentum"]
        if momentum:
            velocity = kept["momentum_buffer"]
            if step == 1:
                np.copyto(velocity, g)
            else:
                np.multiply(velocity, _scalar(momentum, p.dtype), velocity)
                share = 1 - group["dampening"]
                np.add(velocity, g if share == 1 else np.multiply(g, _scalar(share, p.dtype), other), velocity)
            if group["nesterov"]:
                g = np.add(g, np.multiply(velocity, _scalar(momentum, p.dtype), other), other)
            else:
                g = velocity
        np.subtract(p, np.multiply(g, _scalar(float(group["lr"]), p.dtype), other), p)


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
        decoupled_weight_decay: Annotated[bool, "the decay goes past the averages"] = False,
    ) -> None:
        defaults = _settings(locals())
        not_negative(lr=lr, eps=eps, weight_decay=weight_decay)
        _check_betas(betas)
        super().__init__(params, defaults)

    def names(self, group: Group) -> tuple[str, ...]:
        """The two averages, and with amsgrad the largest second one."""
        return ("exp_avg", "exp_avg_sq", "max_exp_avg_sq") if group["amsgrad"] else ("exp_avg", "exp_avg_sq")

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, spare: Spare) -> None:
        """One step of the formula above."""
        one, other = spare
        dtype, lr, (b1, b2) = p.dtype, float(group["lr"]), group["betas"]
        if group["decoupled_weight_decay"]:
            np.multiply(p, _scalar(1 - lr * group["weight_decay"], dtype), p)
            if group["maximize"]:
                g = np.negative(g, one)
        else:
            g = _gradient(p, g, group, one, other)
        m, v = kept["exp_avg"], kept["exp_avg_sq"]
        _average(m, g, b1, other)
        _average(v, np.multiply(g, g, other), b2, other)
        if group["amsgrad"]:
            v = np.maximum(kept["max_exp_avg_sq"], v, out=kept["max_exp_avg_sq"])
        root = np.sqrt(v, other)
        # These two differ from step to step.
        np.divide(root, np.array((1 - b2**step) ** 0.5, dtype), root)
        np.add(root, _scalar(group["eps"], dtype), root)
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
        super().__init__(**_settings(locals()), params=params, decoupled_weight_decay=True)


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
        defaults = _settings(locals())
        not_negative(lr=lr, eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        super().__init__(params, defaults)

    def names(self, group: Group) -> tuple[str, ...]:
        """The average of the squares, the velocity where there is momentum, the plain average where it is centered."""
        if group["momentum"]:
            return CENTERED_MOVING if group["centered"] else ("square_avg", "momentum_buffer")
        return ("square_avg", "grad_avg") if group["centered"] else ("square_avg",)

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, spare: Spare) -> None:  # noqa: ARG002
        """One step of the formula above."""
        one, other = spare
        g = _gradient(p, g, group, one, other)
        dtype, alpha, square = p.dtype, group["alpha"], kept["square_avg"]
        _average(square, np.multiply(g, g, other), alpha, other)
        if group["centered"]:
            mean = kept["grad_avg"]
            np.multiply(np.subtract(g, mean, other), _scalar(1 - alpha, dtype), other)
            np.multiply(np.add(mean, other, mean), mean, other)
            root = np.sqrt(np.subtract(square, other, other), other)
        else:
            root = np.sqrt(square, other)
        np.add(root, _scalar(group["eps"], dtype), root)
        move = np.divide(g, root, one)
        momentum = group["momentum"]
        if momentum:
            velocity = kept["momentum_buffer"]
            np.multiply(velocity, _scalar(momentum, dtype), velocity)
            move = np.add(velocity, move, velocity)
        np.subtract(p, np.multiply(move, _scalar(float(group["lr"]), dtype), one), p)


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
        defaults = _settings(locals())
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

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, spare: Spare) -> None:
        """One step of the formula above."""
        one, other = spare
        g = _gradient(p, g, group, one, other)
        total = kept["sum"]
        np.add(total, np.multiply(g, g, other), total)
        root = np.sqrt(total, other)
        np.add(root, _scalar(group["eps"], p.dtype), root)
        rate = float(group["lr"]) / (1 + (step - 1) * group["lr_decay"])
        np.subtract(p, np.divide(np.multiply(g, _scalar(rate, p.dtype), one), root, one), p)


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
        defaults = _settings(locals())
        not_negative(lr=lr, rho=rho, eps=eps, weight_decay=weight_decay)
        if rho > 1:
            raise ArgumentError(f"Invalid rho value: {rho}", "1 or less is expected")
        super().__init__(params, defaults)

    def names(self, group: Group) -> tuple[str, ...]:  # noqa: ARG002 (others read it)
        """The averages of the gradient's squares and of the steps'."""
        return ("square_avg", "acc_delta")

    def move(self, p: Array, g: Array, kept: Arrays, group: Group, step: float, spare: Spare) -> None:  # noqa: ARG002
        """One step of the formula above."""
        one, other = spare
        g = _gradient(p, g, group, one, other)
        dtype, rho, square, moves = p.dtype, group["rho"], kept["square_avg"], kept["acc_delta"]
        _average(square, np.multiply(g, g, other), rho, other)
        eps = _scalar(group["eps"], dtype)
        # √(u + eps) / √(v + eps) · g in the two arrays there are: g may stand in the first of them.
        np.divide(g, np.sqrt(np.add(square, eps, other), other), one)
        np.multiply(one, np.sqrt(np.add(moves, eps, other), other), one)
        _average(moves, np.multiply(one, one, other), rho, other)
        np.subtract(p, np.multiply(one, _scalar(float(group["lr"]), dtype), one), p)

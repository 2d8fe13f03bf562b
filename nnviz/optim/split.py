"""Why a parameter moved: the change of one step as a sum of what gradient, momentum and weight decay add to it.

Every rule of this package is linear in the gradient g, in its weight decay and in the momentum kept from the steps
before, once the numbers it divides by are known. So the change is exactly the sum of three parts. They are computed in
float64, whatever the parameter's own type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.operation import Array
from nnviz.errors import NotSupportedError
from nnviz.optim.groups import Group
from nnviz.optim.optimizer import Optimizer
from nnviz.optim.rules import SGD, Adam, AdamW
from nnviz.optim.scaled import Adadelta, Adagrad, RMSprop

SPARSE = "l1·sign(w)"
"""The gradient of an L1 penalty, in formulas."""

Floats = NDArray[np.float64]
State = Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class Split:
    """The change of a parameter in one step: w after − w before = gradient + momentum + decay.

    Attributes:
        gradient: what the gradient of this step adds.
        momentum: what gradients of earlier steps add, kept in a velocity (SGD, RMSprop) or in the first moment (Adam).
        decay: what weight decay and the L1 penalty add.
        scale: what the gradient of this step was multiplied by.
        name: what the momentum is called in the optimizer; empty where there is none.
        formulas: each part as a formula, in the order above; empty where the part is 0 by the settings.

    Shape:
        gradient, momentum, decay, scale: the parameter's.
    """

    gradient: Floats
    momentum: Floats
    decay: Floats
    scale: Floats
    name: str
    formulas: tuple[str, str, str]

    @property
    def change(self) -> Floats:
        """The sum of the parts."""
        return self.gradient + self.momentum + self.decay


@dataclass(frozen=True, eq=False)
class _Given:
    """What a step starts from, in float64: w, the gradient with its sign, the state, the settings, its number."""

    w: Floats
    g: Floats
    kept: State
    group: Group
    step: float

    @property
    def rate(self) -> float:
        """The learning rate."""
        return float(self.group["lr"])

    @property
    def shrink(self) -> Floats:
        """What an L2 penalty adds to the gradient: λ·w."""
        return float(self.group["weight_decay"]) * self.w

    @property
    def sparse(self) -> Floats:
        """What an L1 penalty adds to the gradient: l1·sign(w)."""
        return float(self.group.get("l1", 0)) * np.sign(self.w)

    @property
    def pull(self) -> Floats:
        """What both penalties add to the gradient."""
        return self.shrink + self.sparse

    @property
    def total(self) -> Floats:
        """The gradient with both penalties."""
        return self.g + self.pull


def split(
    optimizer: type[Optimizer], w: Array, g: Array, kept: Mapping[str, Array], group: Group, step: float
) -> Split:
    """The change that one step of an optimizer makes, in parts.

    Args:
        optimizer: the class of the optimizer.
        w: the parameter before the step.
        g: its gradient in the step.
        kept: its state before the step, by PyTorch's names; what is missing is as before the first step.
        group: the settings of its group.
        step: the number of the step, from 1; where steps are not counted, 1 at the first and any larger number after.

    Shape:
        w, g, every array in `kept`: alike.

    Raises:
        NotSupportedError: the rule of this optimizer is not known here, so that its parts would be guessed.
    """
    rule = _RULES.get(optimizer)
    if rule is None:
        known = ", ".join(one.__name__ for one in _RULES)
        raise NotSupportedError(
            f"the change that {optimizer.__name__} makes cannot be split: its rule is not known", f"known are {known}"
        )
    sign = -1.0 if group.get("maximize") else 1.0
    arrays = {name: np.asarray(array, np.float64) for name, array in kept.items()}
    with np.errstate(all="ignore"):
        return rule(_Given(np.asarray(w, np.float64), sign * np.asarray(g, np.float64), arrays, group, step))


def _sgd(it: _Given) -> Split:
    momentum, velocity = float(it.group["momentum"]), it.kept.get("momentum_buffer", np.zeros_like(it.w))
    share, reach = 1.0, 0.0
    if momentum:
        first = it.step == 1
        share, reach = (1.0, 0.0) if first else (1 - float(it.group["dampening"]), momentum)
        if it.group["nesterov"]:
            share, reach = 1 + momentum * share, momentum * reach
    factor = -it.rate * share
    scaled = "lr" if share == 1 else "lr·(1 + μ)" if it.group["nesterov"] else "lr·(1 − dampening)"
    return _split(it, np.full_like(it.w, factor), -it.rate * reach * velocity, "velocity" if momentum else "", (
        f"−{scaled}·g", "−lr·μ²·v" if it.group["nesterov"] else "−lr·μ·v", f"−{scaled}·λ·w",
    ))  # fmt: skip


def _adam(it: _Given) -> Split:
    b1, b2 = map(float, it.group["betas"])
    decoupled = bool(it.group["decoupled_weight_decay"])
    total = it.g + it.sparse if decoupled else it.total
    mean, square = it.kept.get("exp_avg", np.zeros_like(it.w)), it.kept.get("exp_avg_sq", np.zeros_like(it.w))
    square = b2 * square + (1 - b2) * total * total
    if it.group["amsgrad"]:
        square = np.maximum(it.kept.get("max_exp_avg_sq", np.zeros_like(it.w)), square)
    root = np.sqrt(square) / (1 - b2**it.step) ** 0.5 + float(it.group["eps"])
    rate = it.rate / (1 - b1**it.step)
    scale = -rate * (1 - b1) / root
    decay = -it.rate * it.shrink + scale * it.sparse if decoupled else None
    coupled = "−lr/(1 − β₁ᵗ)·(1 − β₁)·λ·w/(√v̂ + ε)"
    formulas = ("−lr/(1 − β₁ᵗ)·(1 − β₁)·g/(√v̂ + ε)", "−lr/(1 − β₁ᵗ)·β₁·m/(√v̂ + ε)", coupled)
    if decoupled:
        # Weight decay and the L1 penalty go different ways: a formula each.
        ways = (
            "−lr·λ·w" if it.group["weight_decay"] else "",
            coupled.replace("λ·w", SPARSE) if it.group.get("l1") else "",
        )
        formulas = (*formulas[:2], " ".join(filter(None, ways)))
    return _split(it, scale, -rate * b1 * mean / root, "first moment", formulas, decay)


def _rmsprop(it: _Given) -> Split:
    alpha, momentum = float(it.group["alpha"]), float(it.group["momentum"])
    square = alpha * it.kept.get("square_avg", np.zeros_like(it.w)) + (1 - alpha) * it.total**2
    if it.group["centered"]:
        mean = it.kept.get("grad_avg", np.zeros_like(it.w))
        square = square - (mean + (1 - alpha) * (it.total - mean)) ** 2
    root = np.sqrt(square) + float(it.group["eps"])
    velocity = it.kept.get("momentum_buffer", np.zeros_like(it.w)) if momentum else np.zeros_like(it.w)
    centered = "√(v − m²)" if it.group["centered"] else "√v"
    formulas = (f"−lr·g/({centered} + ε)", "−lr·μ·u", f"−lr·λ·w/({centered} + ε)")
    return _split(it, -it.rate / root, -it.rate * momentum * velocity, "velocity" if momentum else "", formulas)


def _adagrad(it: _Given) -> Split:
    start = np.full_like(it.w, float(it.group["initial_accumulator_value"]))
    root = np.sqrt(it.kept.get("sum", start) + it.total**2) + float(it.group["eps"])
    rate = it.rate / (1 + (it.step - 1) * float(it.group["lr_decay"]))
    formulas = ("−lrₜ·g/(√s + ε)", "", "−lrₜ·λ·w/(√s + ε)")
    return _split(it, -rate / root, np.zeros_like(it.w), "", formulas)


def _adadelta(it: _Given) -> Split:
    rho, eps = float(it.group["rho"]), float(it.group["eps"])
    square = rho * it.kept.get("square_avg", np.zeros_like(it.w)) + (1 - rho) * it.total**2
    moves = it.kept.get("acc_delta", np.zeros_like(it.w))
    scale = -it.rate * np.sqrt(moves + eps) / np.sqrt(square + eps)
    formulas = ("−lr·√(u + ε)/√(v + ε)·g", "", "−lr·√(u + ε)/√(v + ε)·λ·w")
    return _split(it, scale, np.zeros_like(it.w), "", formulas)


def _split(
    it: _Given,
    scale: Floats,
    momentum: Floats,
    name: str,
    formulas: tuple[str, str, str],
    decay: Floats | None = None,
) -> Split:
    """The parts: gradient and decay are scaled alike, unless the decay is given."""
    sign, decays = (-1.0 if it.group.get("maximize") else 1.0), bool(it.group["weight_decay"])
    own, kept, pull = formulas
    if it.group.get("l1") and decay is None:
        pull = pull.replace("λ·w", f"(λ·w + {SPARSE})" if decays else SPARSE)
        decays = True
    decays = decays or decay is not None
    # With maximize, the gradient goes in negated; its formula says so.
    own = own.replace("−", "+", 1) if sign < 0 else own
    parts = (own, kept if name else "", pull if decays else "")
    pulled = scale * it.pull if decay is None else decay
    return Split(scale * it.g, momentum, pulled, sign * scale, name, parts)


_RULES: dict[type[Optimizer], Callable[[_Given], Split]] = {
    SGD: _sgd, Adam: _adam, AdamW: _adam, RMSprop: _rmsprop, Adagrad: _adagrad, Adadelta: _adadelta,
}  # fmt: skip
"""The rule of each optimizer, by the class itself: a subclass may do anything else."""

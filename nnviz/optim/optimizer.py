"""Optimizers: how a parameter follows its gradient. State is kept in arrays of the parameter's shape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import numpy as np

from nnviz.autograd.operation import Array
from nnviz.catalogue import Bounds, Catalogue
from nnviz.errors import ArgumentError
from nnviz.nn.module import Parameter

optimizers: Catalogue[Optimizer] = Catalogue("optimizer")
"""Every optimizer there is."""

Rate = Annotated[float, Bounds(0), "learning rate: how far one step goes"]
Share = Annotated[float, Bounds(0, 1, open_high=True)]


class Optimizer:
    """Base: holds the parameters, and the state as named lists of arrays, one array a parameter.

    Args:
        params: what is optimised.
        lr: the learning rate.
        state: the names of the arrays that are kept for each parameter; they start at 0.
    """

    def __init__(self, params: Iterable[Parameter], lr: float, state: tuple[str, ...]) -> None:
        self.params = list(params)
        self.lr = lr
        self.steps = 0
        self.state = {name: [np.zeros_like(p.array) for p in self.params] for name in state}
        if not self.params:
            raise ArgumentError("optimizer got an empty parameter list", "add a layer that has parameters")

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.params:
            parameter.grad = None

    def step(self) -> None:
        """Move every parameter that has a gradient."""
        self.steps += 1
        # A learning rate far too large is the caller's to notice, by the loss that is no number any more.
        with np.errstate(over="ignore", invalid="ignore"):
            for i, parameter in enumerate(self.params):
                if parameter.grad is not None:
                    self.move(i, parameter.array, parameter.grad.array)

    def move(self, i: int, p: Array, g: Array) -> None:
        """Change parameter number `i`, the array `p`, in place, by its gradient `g`."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, list[Array]]:
        """A copy of the state."""
        return {name: [array.copy() for array in arrays] for name, arrays in self.state.items()}

    def load_state_dict(self, state: dict[str, list[Array]], steps: int) -> None:
        """Take the state that `state_dict` gave after `steps` steps."""
        self.steps = steps
        for name, arrays in self.state.items():
            for mine, theirs in zip(arrays, state[name], strict=True):
                np.copyto(mine, theirs)


@optimizers.register("first order")
class SGD(Optimizer):
    """v ← momentum · v + g;  p ← p − lr · v

    Args:
        params: what is optimised.
        lr: the learning rate.
        momentum: how much of the last move stays in the next.
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: Rate = 0.001,
        momentum: Annotated[Share, "how much of the last move stays in the next"] = 0.0,
    ) -> None:
        super().__init__(params, lr, ("velocity",) if momentum else ())
        self.momentum = momentum

    def move(self, i: int, p: Array, g: Array) -> None:
        """v ← momentum · v + g;  p ← p − lr · v"""
        if self.momentum:
            velocity = self.state["velocity"][i]
            velocity *= self.momentum
            velocity += g
            g = velocity
        p -= self.lr * g


@optimizers.register("adaptive")
class Adam(Optimizer):
    """steps of even size whatever the gradient's scale

    m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  p ← p − lr · m̂ / (√v̂ + eps), where m̂ = m / (1 − β₁ᵗ) and
    v̂ = v / (1 − β₂ᵗ) undo the start at 0. Source: Kingma & Ba 2015, arXiv 1412.6980.

    Args:
        params: what is optimised.
        lr: the learning rate.
        betas: how slowly the two averages forget.
        eps: keeps the division finite.
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: Rate = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: Annotated[float, Bounds(0, open_low=True), "keeps the division finite"] = 1e-8,
    ) -> None:
        super().__init__(params, lr, ("mean", "square"))
        self.betas = betas
        self.eps = eps

    def move(self, i: int, p: Array, g: Array) -> None:
        """One step of the formula above."""
        b1, b2 = self.betas
        m, v = self.state["mean"][i], self.state["square"][i]
        m *= b1
        m += (1 - b1) * g
        v *= b2
        v += (1 - b2) * (g * g)
        # In the order PyTorch computes it, so that trajectories agree to the last digits.
        root: Array = np.sqrt(v)
        root /= (1 - b2**self.steps) ** 0.5
        root += self.eps
        p -= (self.lr / (1 - b1**self.steps)) * m / root

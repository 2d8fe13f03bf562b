"""Optimizers: how a parameter follows its gradient. State is kept in arrays of the parameter's shape.

The formulas are computed in PyTorch's order, so that trajectories agree to the last digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.operation import Array
from nnviz.catalogue import Bounds, Catalogue
from nnviz.errors import ArgumentError, OperandError
from nnviz.nn.module import Parameter

optimizers: Catalogue[Optimizer] = Catalogue("optimizer")
"""Every optimizer there is."""

Rate = Annotated[float, Bounds(0), "learning rate: how far one step goes"]
Share = Annotated[float, Bounds(0, 1, open_high=True)]
Eps = Annotated[float, Bounds(0, open_low=True), "keeps the division finite"]
Decay = Annotated[float, Bounds(0), "pulls every parameter towards 0"]
Momentum = Annotated[Share, "how much of the last move stays in the next"]
Params = Iterable[Parameter]


WORDS = {"lr": "learning rate", "eps": "epsilon value"}
"""PyTorch's names for arguments in its messages, where they are not the argument's own."""


def _not_negative(**argument: float) -> float:
    """The value of one argument, which must not be below 0, nor NaN."""
    ((name, value),) = argument.items()
    if not value >= 0:
        raise ArgumentError(f"Invalid {WORDS.get(name, f'{name} value')}: {value}", "0 or more is expected")
    return value


def _only_tensors(params: Params) -> list[Parameter]:
    """The parameters as a list.

    Raises:
        OperandError: there is something else among them.
    """
    if isinstance(params, Tensor):
        raise OperandError(
            "params argument given to the optimizer should be an iterable of Tensors", "put it into a list: [weight]"
        )
    found = list(params)
    for one in found:
        if not isinstance(one, Tensor):
            raise OperandError(
                f"optimizer can only optimize Tensors, but one of the params is {type(one).__name__}",
                "give model.parameters(); groups of parameters want an optimizer each",
            )
    return found


State = dict[str, Array]
"""What an optimizer keeps for one parameter, by name."""

Spare = tuple[Array, Array]


class Optimizer:
    """Base: holds the parameters, and the state as named lists of arrays, one array a parameter.

    Args:
        params: what is optimised.
        lr: the learning rate.
        state: the names of the arrays that are kept for each parameter; they start at 0.

    Attributes:
        lr: the learning rate of the next step; a schedule changes it.
        steps: how many were taken.
        weight_decay: how strongly every parameter is pulled towards 0 through its gradient.
    """

    weight_decay: float = 0.0

    def __init__(self, params: Params, lr: float, state: tuple[str, ...]) -> None:
        self.params = _only_tensors(params)
        self.lr = _not_negative(lr=lr)
        self.steps = 0
        self._room: Array | None = None
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
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for i, parameter in enumerate(self.params):
                if parameter.grad is not None:
                    state = {name: arrays[i] for name, arrays in self.state.items()}
                    self.move(parameter.array, parameter.grad.array, state, self._spare(parameter.array))
                    parameter.mark_changed()

    def move(self, p: Array, g: Array, state: State, spare: Spare) -> None:
        """Change the parameter `p` and its `state` in place, by its gradient `g`; element by element.

        Args:
            p: the parameter.
            g: its gradient, which stays as it is.
            state: the arrays that are kept for it.
            spare: two arrays like `p` to compute in.
        """
        raise NotImplementedError

    def _spare(self, like: Array) -> Spare:
        """Room for what is computed on the way, the same at every step."""
        if self._room is None or self._room.shape[1] < like.size or self._room.dtype != like.dtype:
            self._room = np.empty((2, max(p.array.size for p in self.params)), like.dtype)
        one, other = self._room[:, : like.size]
        return one.reshape(like.shape), other.reshape(like.shape)

    def _decayed(self, g: Array, p: Array, into: Array) -> Array:
        """The gradient, with weight_decay · p in it where that is asked for."""
        return np.add(g, np.multiply(p, self.weight_decay, into), into) if self.weight_decay else g

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

    With nesterov p ← p − lr · (g + momentum · v). weight_decay · p is added to g first. Source: Sutskever et al. 2013.

    Args:
        params: what is optimised.
        lr: the learning rate.
        momentum: how much of the last move stays in the next.
        nesterov: whether the gradient is taken as if the next move were made already.
        weight_decay: pulls every parameter towards 0.
    """

    def __init__(
        self,
        params: Params,
        lr: Rate = 0.001,
        momentum: Momentum = 0.0,
        nesterov: Annotated[bool, "look ahead along the momentum"] = False,
        weight_decay: Decay = 0.0,
    ) -> None:
        if nesterov and not momentum:
            raise ArgumentError(
                "Nesterov momentum requires a momentum and zero dampening", "set momentum, for example to 0.9"
            )
        super().__init__(params, lr, ("velocity",) if momentum else ())
        self.momentum = _not_negative(momentum=momentum)
        self.nesterov = nesterov
        self.weight_decay = _not_negative(weight_decay=weight_decay)

    def move(self, p: Array, g: Array, state: State, spare: Spare) -> None:
        """One step of the formula above."""
        g = self._decayed(g, p, spare[0])
        if self.momentum:
            velocity = state["velocity"]
            velocity *= self.momentum
            velocity += g
            g = np.add(g, np.multiply(velocity, self.momentum, spare[1]), spare[1]) if self.nesterov else velocity
        p -= np.multiply(g, self.lr, spare[1])


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
        weight_decay: pulls every parameter towards 0, as a part of the gradient.
    """

    def __init__(
        self,
        params: Params,
        lr: Rate = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: Eps = 1e-8,
        weight_decay: Decay = 0.0,
    ) -> None:
        super().__init__(params, lr, ("mean", "square"))
        for position, beta in enumerate(betas):
            if not 0 <= beta < 1:
                raise ArgumentError(f"Invalid beta parameter at index {position}: {beta}", "0 or more, and below 1")
        self.betas = betas
        self.eps = _not_negative(eps=eps)
        self.weight_decay = _not_negative(weight_decay=weight_decay)

    def move(self, p: Array, g: Array, state: State, spare: Spare) -> None:
        """One step of the formula above."""
        one, other = spare
        g = self._decayed(g, p, one)
        b1, b2 = self.betas
        m, v = state["mean"], state["square"]
        m *= b1
        m += np.multiply(g, 1 - b1, other)
        v *= b2
        v += np.multiply(np.multiply(g, g, other), 1 - b2, other)
        root = np.sqrt(v, other)
        root /= (1 - b2**self.steps) ** 0.5
        root += self.eps
        p -= np.divide(np.multiply(m, self.lr / (1 - b1**self.steps), one), root, one)


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
    """

    def __init__(
        self,
        params: Params,
        lr: Rate = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: Eps = 1e-8,
        weight_decay: Decay = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps)
        self.decay = _not_negative(weight_decay=weight_decay)

    def move(self, p: Array, g: Array, state: State, spare: Spare) -> None:
        """One step of the formula above."""
        p *= 1 - self.lr * self.decay
        super().move(p, g, state, spare)


@optimizers.register("adaptive")
class RMSprop(Optimizer):
    """each step divided by the recent size of its gradient

    v ← α v + (1 − α) g²;  p ← p − lr · g / (√v + eps); with momentum that quotient goes through a velocity.
    Source: Hinton, lecture 6e of Neural Networks for Machine Learning, 2012.

    Args:
        params: what is optimised.
        lr: the learning rate.
        alpha: how slowly the average forgets.
        eps: keeps the division finite.
        weight_decay: pulls every parameter towards 0, as a part of the gradient.
        momentum: how much of the last move stays in the next.
    """

    def __init__(
        self,
        params: Params,
        lr: Rate = 0.01,
        alpha: Annotated[Share, "how slowly the average forgets"] = 0.99,
        eps: Eps = 1e-8,
        weight_decay: Decay = 0.0,
        momentum: Momentum = 0.0,
    ) -> None:
        super().__init__(params, lr, ("square", "velocity") if momentum else ("square",))
        self.alpha = _not_negative(alpha=alpha)
        self.eps = _not_negative(eps=eps)
        self.weight_decay = _not_negative(weight_decay=weight_decay)
        self.momentum = _not_negative(momentum=momentum)

    def move(self, p: Array, g: Array, state: State, spare: Spare) -> None:
        """One step of the formula above."""
        one, other = spare
        g = self._decayed(g, p, one)
        square = state["square"]
        square *= self.alpha
        square += np.multiply(np.multiply(g, g, other), 1 - self.alpha, other)
        root = np.sqrt(square, other)
        root += self.eps
        move = np.divide(g, root, one)
        if self.momentum:
            velocity = state["velocity"]
            velocity *= self.momentum
            velocity += move
            move = velocity
        p -= np.multiply(move, self.lr, one)


@optimizers.register("adaptive")
class Adagrad(Optimizer):
    """each step divided by the size of all its gradients so far

    s ← s + g²;  p ← p − lr / (1 + (t − 1) lr_decay) · g / (√s + eps). Source: Duchi et al. 2011.

    Args:
        params: what is optimised.
        lr: the learning rate.
        lr_decay: how fast the rate falls with the steps.
        weight_decay: pulls every parameter towards 0, as a part of the gradient.
        eps: keeps the division finite.
    """

    def __init__(
        self,
        params: Params,
        lr: Rate = 0.01,
        lr_decay: Annotated[float, Bounds(0), "how fast the rate falls with the steps"] = 0.0,
        weight_decay: Decay = 0.0,
        eps: Eps = 1e-10,
    ) -> None:
        super().__init__(params, lr, ("sum",))
        self.lr_decay = _not_negative(lr_decay=lr_decay)
        self.weight_decay = _not_negative(weight_decay=weight_decay)
        self.eps = _not_negative(eps=eps)

    def move(self, p: Array, g: Array, state: State, spare: Spare) -> None:
        """One step of the formula above."""
        one, other = spare
        g = self._decayed(g, p, one)
        total = state["sum"]
        total += np.multiply(g, g, other)
        root = np.sqrt(total, other)
        root += self.eps
        rate = self.lr / (1 + (self.steps - 1) * self.lr_decay)
        p -= np.divide(np.multiply(g, rate, one), root, one)

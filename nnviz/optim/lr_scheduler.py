"""Schedules: how the learning rate changes from epoch to epoch, under PyTorch's names.

Each schedule multiplies the current learning rate by a factor, so that schedules can be combined; `closed_form` is the
resulting formula if there is only one. In formulas, `lr` is the current learning rate, `base` the initial one. The
arguments `optimizer` and `last_epoch` are described in LRScheduler.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import Annotated, Any

from nnviz.arguments import numbers
from nnviz.errors import ArgumentError, OperandError
from nnviz.names import missing_name
from nnviz.optim.cycle import CosineAnnealingWarmRestarts, OneCycleLR
from nnviz.optim.optimizer import Optimizer
from nnviz.optim.plateau import ReduceLROnPlateau
from nnviz.optim.schedule import Epochs, LastEpoch, LRScheduler, for_each, schedules
from nnviz.optim.sequence import ChainedScheduler, SequentialLR
from nnviz.registry import Bounds

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
    "schedules",
]

Factor = Annotated[float, Bounds(0, 1, open_low=True)]
Function = Callable[[int], float]

_LRScheduler = LRScheduler
"""PyTorch's older name of the class."""


class _ByFunction(LRScheduler):
    """Base class of schedules given by a function of the epoch, one for all groups or one per group."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Function | list[Function], last_epoch: int = -1) -> None:
        self.lr_lambdas: list[Function] = for_each("lr_lambdas", lr_lambda, optimizer.param_groups)
        for function in self.lr_lambdas:
            if not callable(function):
                raise OperandError(
                    f"lr_lambda should be a function, but got {type(function).__name__}",
                    "for example lambda epoch: 0.95",
                )
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """A copy of all attributes but the optimizer. Functions are not saved; of other callables, the attributes."""
        kept = [None if isinstance(one, FunctionType) else vars(one).copy() for one in self.lr_lambdas]
        return super().state_dict() | {"lr_lambdas": kept}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned for a schedule with the same functions."""
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "lr_lambdas"})
        for function, kept in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            if kept is not None:
                vars(function).update(kept)


class LambdaLR(_ByFunction):
    """base · lr_lambda(epoch)

    It is computed from the initial learning rate at each epoch, so that it overrides other schedules, as in PyTorch.

    Args:
        lr_lambda: a function from the index of the epoch to the factor, or a list of one per group.

    Raises:
        OperandError: `lr_lambda` is not callable.
        ArgumentError: the list does not have one function per group.
    """

    def get_lr(self) -> list[float]:
        """base · lr_lambda(epoch)"""
        return [base * one(self.last_epoch) for base, one in zip(self.bases, self.lr_lambdas, strict=True)]


class MultiplicativeLR(_ByFunction):
    """lr · lr_lambda(epoch)

    Args:
        lr_lambda: a function from the index of the epoch to the factor, or a list of one per group.

    Raises:
        OperandError: `lr_lambda` is not callable.
        ArgumentError: the list does not have one function per group.
    """

    def get_lr(self) -> list[float]:
        """lr · lr_lambda(epoch)"""
        if self._is_initial:
            return self.rates
        factors = [one(self.last_epoch) for one, _ in zip(self.lr_lambdas, self.bases, strict=True)]
        return [rate * factor for rate, factor in zip(self.rates, factors, strict=True)]


@schedules.register("schedule")
class StepLR(LRScheduler):
    """lr · gamma every step_size epochs

    Args:
        step_size: the number of epochs between two changes, 1 or more.
        gamma: the factor of the learning rate.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        step_size: Annotated[Epochs, "epochs between two changes"] = 30,
        gamma: Annotated[Factor, "factor of the learning rate"] = 0.1,
        last_epoch: LastEpoch = -1,
    ) -> None:
        numbers("StepLR", step_size=step_size, gamma=gamma)
        if step_size < 1:
            raise ArgumentError(f"step_size must be 1 or more, got {step_size}", "pass a number of epochs")
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """lr · gamma if step_size divides the epoch, else lr"""
        falls = self.last_epoch != 0 and self.last_epoch % self.step_size == 0
        return self._multiplied(self.gamma) if falls else self.rates

    def closed_form(self) -> list[float]:
        """base · gamma^⌊epoch / step_size⌋"""
        return [base * self.gamma ** (self.last_epoch // self.step_size) for base in self.bases]


class MultiStepLR(LRScheduler):
    """lr · gamma at each milestone

    Args:
        milestones: the indices of the epochs; one that is listed twice counts twice.
        gamma: the factor of the learning rate.
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: Factor = 0.1, last_epoch: int = -1
    ) -> None:
        numbers("MultiStepLR", gamma=gamma)
        if not isinstance(milestones, Iterable):
            raise OperandError(
                f"milestones must be a list of epochs, but got {milestones!r}", "for example milestones=[30, 80]"
            )
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """lr · gamma at a milestone, else lr"""
        times = self.milestones[self.last_epoch]
        return self._multiplied(self.gamma**times) if times else self.rates

    def closed_form(self) -> list[float]:
        """base · gamma^(number of milestones up to this epoch)"""
        passed = bisect_right(sorted(self.milestones.elements()), self.last_epoch)
        return [base * self.gamma**passed for base in self.bases]


@schedules.register("schedule")
class ConstantLR(LRScheduler):
    """lr · factor for total_iters epochs, then lr

    Args:
        factor: the factor, above 0 and at most 1.
        total_iters: the number of epochs in which it applies.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: Annotated[Factor, "factor during the first epochs"] = 1.0 / 3,
        total_iters: Annotated[Epochs, "number of epochs with the factor"] = 5,
        last_epoch: LastEpoch = -1,
    ) -> None:
        numbers("ConstantLR", factor=factor, total_iters=total_iters)
        # PyTorch accepts 0, and divides by it at the end.
        if not 0 < factor <= 1:
            raise ArgumentError(
                "Constant multiplicative factor expected to be between 0 and 1.",
                f"got {factor}: pass a number above 0 and at most 1",
            )
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """lr · factor in epoch 0, lr / factor in epoch total_iters, else lr"""
        if self.last_epoch == 0:
            return self._multiplied(self.factor)
        return self._multiplied(1.0 / self.factor) if self.last_epoch == self.total_iters else self.rates

    def closed_form(self) -> list[float]:
        """base · factor before epoch total_iters, base from then on"""
        share = 1.0 if self.last_epoch >= self.total_iters else self.factor
        return [base * share for base in self.bases]


@schedules.register("schedule")
class LinearLR(LRScheduler):
    """lr · a factor that changes linearly from start_factor to end_factor

    Args:
        start_factor: the factor in epoch 0, above 0 and at most 1.
        end_factor: the factor from epoch total_iters on, from 0 to 1.
        total_iters: the number of epochs until end_factor is reached.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: Annotated[Factor, "factor in the first epoch"] = 1.0 / 3,
        end_factor: Annotated[float, Bounds(0, 1), "factor at the end"] = 1.0,
        total_iters: Annotated[Epochs, "epochs until the end is reached"] = 5,
        last_epoch: LastEpoch = -1,
    ) -> None:
        numbers("LinearLR", start_factor=start_factor, end_factor=end_factor, total_iters=total_iters)
        if not 0 < start_factor <= 1:
            raise ArgumentError(
                "Starting multiplicative factor expected to be greater than 0 and less or equal to 1.",
                f"got {start_factor}",
            )
        if not 0 <= end_factor <= 1:
            raise ArgumentError("Ending multiplicative factor expected to be between 0 and 1.", f"got {end_factor}")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """lr · (1 + (end − start) / (total · start + (epoch − 1) (end − start)))"""
        if self.last_epoch == 0:
            return self._multiplied(self.start_factor)
        if self._is_initial or self.last_epoch > self.total_iters:
            return self.rates
        rise = self.end_factor - self.start_factor
        return self._multiplied(1.0 + rise / (self.total_iters * self.start_factor + (self.last_epoch - 1) * rise))

    def closed_form(self) -> list[float]:
        """base · (start + (end − start) · min(epoch, total) / total)"""
        rise = (self.end_factor - self.start_factor) * min(self.total_iters, self.last_epoch)
        return [base * (self.start_factor + rise / self.total_iters) for base in self.bases]


@schedules.register("schedule")
class ExponentialLR(LRScheduler):
    """lr · gamma every epoch

    Args:
        gamma: the factor of the learning rate.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        gamma: Annotated[Factor, "factor of the learning rate"] = 0.95,
        last_epoch: LastEpoch = -1,
    ) -> None:
        numbers("ExponentialLR", gamma=gamma)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """lr · gamma"""
        return self.rates if self._is_initial else self._multiplied(self.gamma)

    def closed_form(self) -> list[float]:
        """base · gamma^epoch"""
        return [base * self.gamma**self.last_epoch for base in self.bases]


@schedules.register("schedule")
class PolynomialLR(LRScheduler):
    """lr · (1 − epoch / total_iters)^power, down to 0

    Args:
        total_iters: the number of epochs until the learning rate is 0.
        power: the exponent; 1 is a straight line.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        total_iters: Annotated[Epochs, "epochs until the end is reached"] = 5,
        power: Annotated[float, Bounds(0), "exponent; 1 is a straight line"] = 1.0,
        last_epoch: LastEpoch = -1,
    ) -> None:
        numbers("PolynomialLR", total_iters=total_iters, power=power)
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """lr · ((1 − epoch / total) / (1 − (epoch − 1) / total))^power"""
        if self._is_initial or self.last_epoch > self.total_iters:
            return self.rates
        left, before = (1.0 - epoch / self.total_iters for epoch in (self.last_epoch, self.last_epoch - 1))
        return self._multiplied((left / before) ** self.power)

    def closed_form(self) -> list[float]:
        """base · (1 − min(epoch, total) / total)^power"""
        left = 1.0 - min(self.total_iters, self.last_epoch) / self.total_iters
        return [base * left**self.power for base in self.bases]


@schedules.register("schedule")
class CosineAnnealingLR(LRScheduler):
    """cosine annealing: from lr down to eta_min in T_max epochs, and up again

    lr = eta_min + (base − eta_min) (1 + cos(π epoch / T_max)) / 2.
    Source: Loshchilov & Hutter 2016, arXiv 1608.03983, without the restarts.

    Args:
        T_max: the number of epochs until the minimum is reached, 1 or more.
        eta_min: the minimum learning rate.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_max: Annotated[Epochs, "epochs until the minimum is reached"] = 50,  # noqa: N803
        eta_min: Annotated[float, Bounds(0), "minimum learning rate"] = 0.0,
        last_epoch: LastEpoch = -1,
    ) -> None:
        numbers("CosineAnnealingLR", T_max=T_max, eta_min=eta_min)
        if T_max < 1:
            raise ArgumentError(f"T_max must be 1 or more, got {T_max}", "pass a number of epochs")
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """eta_min + (lr − eta_min) · (1 + cos(π epoch / T_max)) / (1 + cos(π (epoch − 1) / T_max))

        Right after the minimum, where this would divide by 0, lr + (base − eta_min) (1 − cos(π / T_max)) / 2.
        """
        if self._is_initial:
            return self.rates
        if self._step_count == 1 and self.last_epoch > 0:
            return self.closed_form()
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            rise = (1 - math.cos(math.pi / self.T_max)) / 2
            return [rate + (base - self.eta_min) * rise for rate, base in zip(self.rates, self.bases, strict=True)]
        factor = self._height(self.last_epoch) / self._height(self.last_epoch - 1)
        return [self.eta_min + (rate - self.eta_min) * factor for rate in self.rates]

    def _height(self, epoch: int) -> float:
        return 1 + math.cos(math.pi * epoch / self.T_max)

    def closed_form(self) -> list[float]:
        """eta_min + (base − eta_min) · (1 + cos(π epoch / T_max)) / 2"""
        height = self._height(self.last_epoch) / 2
        return [self.eta_min + (base - self.eta_min) * height for base in self.bases]


def __getattr__(name: str) -> Any:
    raise missing_name("module 'nnviz.optim.lr_scheduler'", name, __all__)

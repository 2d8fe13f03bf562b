"""Schedules: how the learning rate changes from epoch to epoch, under PyTorch's names.

Each gives the factor from one epoch's rate to the next, so that they can be combined; `closed_form` says what that
comes to for one schedule alone.
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
"""PyTorch's older name."""


class _ByFunction(LRScheduler):
    """Rates by functions of the epoch, one for all groups or one for each."""

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
        """Everything but the optimizer; of a function nothing, of another callable object its attributes."""
        kept = [None if isinstance(one, FunctionType) else vars(one).copy() for one in self.lr_lambdas]
        return super().state_dict() | {"lr_lambdas": kept}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take what `state_dict` gave, by a schedule of the same functions."""
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "lr_lambdas"})
        for function, kept in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            if kept is not None:
                vars(function).update(kept)


class LambdaLR(_ByFunction):
    """the first rate · a function of the epoch

    It starts from the first rate at each epoch, so that it undoes other schedules, in PyTorch too.

    Args:
        optimizer: whose rates they are.
        lr_lambda: the factor, from the number of the epoch; or a list of one for each group.
        last_epoch: the number of the last epoch that is over; −1 starts anew.
    """

    def get_lr(self) -> list[float]:
        """base · function(epoch)"""
        return [base * one(self.last_epoch) for base, one in zip(self.bases, self.lr_lambdas, strict=True)]


class MultiplicativeLR(_ByFunction):
    """rate · a function of the epoch

    Args:
        optimizer: whose rates they are.
        lr_lambda: the factor, from the number of the epoch; or a list of one for each group.
        last_epoch: the number of the last epoch that is over; −1 starts anew.
    """

    def get_lr(self) -> list[float]:
        """rate · function(epoch)"""
        if self._is_initial:
            return self.rates
        factors = [one(self.last_epoch) for one, _ in zip(self.lr_lambdas, self.bases, strict=True)]
        return [rate * factor for rate, factor in zip(self.rates, factors, strict=True)]


@schedules.register("schedule")
class StepLR(LRScheduler):
    """rate · gamma every step_size epochs

    Args:
        optimizer: whose rates they are.
        step_size: after how many epochs.
        gamma: what the rate is multiplied with.
        last_epoch: the number of the last epoch that is over; −1 starts anew.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        step_size: Annotated[Epochs, "after how many epochs"] = 30,
        gamma: Annotated[Factor, "what the rate is multiplied with"] = 0.1,
        last_epoch: LastEpoch = -1,
    ) -> None:
        numbers("StepLR", step_size=step_size, gamma=gamma)
        if step_size < 1:
            raise ArgumentError(f"step_size must be 1 or more, got {step_size}", "it counts epochs")
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """rate · gamma, where step_size divides the epoch"""
        falls = self.last_epoch != 0 and self.last_epoch % self.step_size == 0
        return self._multiplied(self.gamma) if falls else self.rates

    def closed_form(self) -> list[float]:
        """base · gamma^⌊epoch / step_size⌋"""
        return [base * self.gamma ** (self.last_epoch // self.step_size) for base in self.bases]


class MultiStepLR(LRScheduler):
    """rate · gamma at each of several epochs

    Args:
        optimizer: whose rates they are.
        milestones: the epochs; one that stands twice counts twice.
        gamma: what the rate is multiplied with.
        last_epoch: the number of the last epoch that is over; −1 starts anew.
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: Factor = 0.1, last_epoch: int = -1
    ) -> None:
        numbers("MultiStepLR", gamma=gamma)
        if not isinstance(milestones, Iterable):
            raise OperandError(f"milestones must be a list of epochs, but got {milestones!r}", "milestones=[30, 80]")
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """rate · gamma at a milestone"""
        times = self.milestones[self.last_epoch]
        return self._multiplied(self.gamma**times) if times else self.rates

    def closed_form(self) -> list[float]:
        """base · gamma^(milestones so far)"""
        passed = bisect_right(sorted(self.milestones.elements()), self.last_epoch)
        return [base * self.gamma**passed for base in self.bases]


@schedules.register("schedule")
class ConstantLR(LRScheduler):
    """a share of the rate for some epochs, then the whole

    Args:
        optimizer: whose rates they are.
        factor: the share.
        total_iters: for how many epochs.
        last_epoch: the number of the last epoch that is over; −1 starts anew.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: Annotated[Factor, "the share"] = 1.0 / 3,
        total_iters: Annotated[Epochs, "for how many epochs"] = 5,
        last_epoch: LastEpoch = -1,
    ) -> None:
        numbers("ConstantLR", factor=factor, total_iters=total_iters)
        # PyTorch lets 0 pass, and divides by it at the end.
        if not 0 < factor <= 1:
            raise ArgumentError(
                "Constant multiplicative factor expected to be between 0 and 1.", f"got {factor}; 0 cannot be undone"
            )
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """rate · factor at the start, rate / factor at the end"""
        if self.last_epoch == 0:
            return self._multiplied(self.factor)
        return self._multiplied(1.0 / self.factor) if self.last_epoch == self.total_iters else self.rates

    def closed_form(self) -> list[float]:
        """base · factor, and base from epoch total_iters on"""
        share = 1.0 if self.last_epoch >= self.total_iters else self.factor
        return [base * share for base in self.bases]


@schedules.register("schedule")
class LinearLR(LRScheduler):
    """from a share of the rate to another, in even steps

    Args:
        optimizer: whose rates they are.
        start_factor: the share at the start.
        end_factor: the share at the end, and from then on.
        total_iters: how many epochs it takes.
        last_epoch: the number of the last epoch that is over; −1 starts anew.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: Annotated[Factor, "the share at the start"] = 1.0 / 3,
        end_factor: Annotated[float, Bounds(0, 1), "the share at the end"] = 1.0,
        total_iters: Annotated[Epochs, "how many epochs it takes"] = 5,
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
        """rate · (1 + (end − start) / (total · start + (epoch − 1) (end − start)))"""
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
    """rate · gamma every epoch

    Args:
        optimizer: whose rates they are.
        gamma: what the rate is multiplied with.
        last_epoch: the number of the last epoch that is over; −1 starts anew.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        gamma: Annotated[Factor, "what the rate is multiplied with"] = 0.95,
        last_epoch: LastEpoch = -1,
    ) -> None:
        numbers("ExponentialLR", gamma=gamma)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """rate · gamma"""
        return self.rates if self._is_initial else self._multiplied(self.gamma)

    def closed_form(self) -> list[float]:
        """base · gamma^epoch"""
        return [base * self.gamma**self.last_epoch for base in self.bases]


@schedules.register("schedule")
class PolynomialLR(LRScheduler):
    """from the rate down to 0 along a power

    Args:
        optimizer: whose rates they are.
        total_iters: how many epochs it takes.
        power: of the share that is left; 1 is a straight line.
        last_epoch: the number of the last epoch that is over; −1 starts anew.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        total_iters: Annotated[Epochs, "how many epochs it takes"] = 5,
        power: Annotated[float, Bounds(0), "1 is a straight line"] = 1.0,
        last_epoch: LastEpoch = -1,
    ) -> None:
        numbers("PolynomialLR", total_iters=total_iters, power=power)
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """rate · ((1 − epoch / total) / (1 − (epoch − 1) / total))^power"""
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
    """from the rate down to eta_min along half a cosine, and up again

    Source: Loshchilov & Hutter 2016, arXiv 1608.03983, without the restarts.

    Args:
        optimizer: whose rates they are.
        T_max: after how many epochs the lowest rate is reached.
        eta_min: the lowest rate.
        last_epoch: the number of the last epoch that is over; −1 starts anew.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_max: Annotated[Epochs, "after how many epochs the lowest rate is reached"] = 50,  # noqa: N803
        eta_min: Annotated[float, Bounds(0), "the lowest rate"] = 0.0,
        last_epoch: LastEpoch = -1,
    ) -> None:
        numbers("CosineAnnealingLR", T_max=T_max, eta_min=eta_min)
        if T_max < 1:
            raise ArgumentError(f"T_max must be 1 or more, got {T_max}", "it counts epochs")
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """eta_min + (rate − eta_min) · (1 + cos(π epoch / T_max)) / (1 + cos(π (epoch − 1) / T_max))

        From the lowest rate, where that divides by 0, the first step up is base's own.
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

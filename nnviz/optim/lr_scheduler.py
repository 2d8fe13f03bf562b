"""Schedules: how the learning rate changes from epoch to epoch, under PyTorch's names."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from nnviz.catalogue import Bounds, Catalogue
from nnviz.errors import ArgumentError
from nnviz.optim.optimizer import Optimizer

schedules: Catalogue[LRScheduler | ReduceLROnPlateau] = Catalogue("schedule")
"""Every schedule there is."""

Factor = Annotated[float, Bounds(0, 1, open_low=True)]
Falling = Annotated[float, Bounds(0, 1, open_low=True, open_high=True)]
Epochs = Annotated[int, Bounds(1)]


class LRScheduler:
    """Base: `step()` once an epoch sets the optimizer's rate.

    Args:
        optimizer: whose rate it is.

    Attributes:
        base_lr: the rate at the start.
        last_epoch: how often `step` was called.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.base_lr = optimizer.lr
        self.last_epoch = 0
        optimizer.lr = self.rate(0)

    def rate(self, epoch: int) -> float:
        """The rate of epoch number `epoch`, from 0."""
        raise NotImplementedError

    def get_last_lr(self) -> list[float]:
        """The rate now, as PyTorch gives it: a list."""
        return [self.optimizer.lr]

    def step(self) -> None:
        """An epoch has ended."""
        self.last_epoch += 1
        self.optimizer.lr = self.rate(self.last_epoch)


@schedules.register("schedule")
class StepLR(LRScheduler):
    """rate · gamma every step_size epochs

    Args:
        optimizer: whose rate it is.
        step_size: after how many epochs.
        gamma: what the rate is multiplied with.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        step_size: Annotated[Epochs, "after how many epochs"] = 30,
        gamma: Annotated[Factor, "what the rate is multiplied with"] = 0.1,
    ) -> None:
        if step_size < 1:
            raise ArgumentError(f"step_size must be 1 or more, got {step_size}", "it counts epochs")
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer)

    def rate(self, epoch: int) -> float:
        """base · gamma^⌊epoch / step_size⌋"""
        return self.base_lr * self.gamma ** (epoch // self.step_size)


@schedules.register("schedule")
class ExponentialLR(LRScheduler):
    """rate · gamma every epoch

    Args:
        optimizer: whose rate it is.
        gamma: what the rate is multiplied with.
    """

    def __init__(
        self, optimizer: Optimizer, gamma: Annotated[Factor, "what the rate is multiplied with"] = 0.95
    ) -> None:
        self.gamma = gamma
        super().__init__(optimizer)

    def rate(self, epoch: int) -> float:
        """base · gamma^epoch"""
        return self.base_lr * self.gamma**epoch


@schedules.register("schedule")
class CosineAnnealingLR(LRScheduler):
    """from the rate down to eta_min along half a cosine, and up again

    Source: Loshchilov & Hutter 2016, arXiv 1608.03983, without the restarts.

    Args:
        optimizer: whose rate it is.
        T_max: after how many epochs the lowest rate is reached.
        eta_min: the lowest rate.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_max: Annotated[Epochs, "after how many epochs the lowest rate is reached"] = 50,  # noqa: N803
        eta_min: Annotated[float, Bounds(0), "the lowest rate"] = 0.0,
    ) -> None:
        if T_max < 1:
            raise ArgumentError(f"T_max must be 1 or more, got {T_max}", "it counts epochs")
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer)

    def rate(self, epoch: int) -> float:
        """eta_min + (base − eta_min) · (1 + cos(π epoch / T_max)) / 2"""
        return self.eta_min + (self.base_lr - self.eta_min) * (1 + math.cos(math.pi * epoch / self.T_max)) / 2


@schedules.register("schedule")
class LinearLR(LRScheduler):
    """from a share of the rate to another, in even steps

    Args:
        optimizer: whose rate it is.
        start_factor: the share at the start.
        end_factor: the share at the end, and from then on.
        total_iters: how many epochs it takes.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: Annotated[Factor, "the share at the start"] = 1.0 / 3,
        end_factor: Annotated[float, Bounds(0, 1), "the share at the end"] = 1.0,
        total_iters: Annotated[Epochs, "how many epochs it takes"] = 5,
    ) -> None:
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
        super().__init__(optimizer)

    def rate(self, epoch: int) -> float:
        """base · (start + (end − start) · min(epoch / total, 1))"""
        share = min(epoch / self.total_iters, 1.0)
        return self.base_lr * (self.start_factor + (self.end_factor - self.start_factor) * share)


@schedules.register("schedule")
class ReduceLROnPlateau:
    """rate · factor when a measured number has not improved for a while

    Args:
        optimizer: whose rate it is.
        mode: whether small is good, or large.
        factor: what the rate is multiplied with.
        patience: how many epochs without improvement are borne.
        threshold: by how large a share it must improve to count.
        cooldown: for how many epochs after a change nothing is counted.
        min_lr: the lowest rate.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Annotated[Literal["min", "max"], "whether small is good, or large"] = "min",
        factor: Annotated[Falling, "what the rate is multiplied with"] = 0.1,
        patience: Annotated[int, Bounds(0), "how many epochs without improvement are borne"] = 10,
        threshold: Annotated[float, Bounds(0), "by how large a share it must improve"] = 1e-4,
        cooldown: Annotated[int, Bounds(0), "epochs of rest after a change"] = 0,
        min_lr: Annotated[float, Bounds(0), "the lowest rate"] = 0.0,
    ) -> None:
        if factor >= 1:
            raise ArgumentError("Factor should be < 1.0.", f"got {factor}: the rate would not fall")
        if mode not in ("min", "max"):
            raise ArgumentError(f"mode {mode} is unknown!", "there are: min, max")
        self.optimizer = optimizer
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = 0
        self._resting = 0

    def get_last_lr(self) -> list[float]:
        """The rate now, as PyTorch gives it: a list."""
        return [self.optimizer.lr]

    def step(self, metrics: float) -> None:
        """An epoch has ended, with `metrics` as what is watched."""
        if self._better(metrics):
            self.best, self.num_bad_epochs = metrics, 0
        else:
            self.num_bad_epochs += 1
        if self._resting:
            self._resting -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            rate = max(self.optimizer.lr * self.factor, self.min_lr)
            # PyTorch leaves changes too small to matter alone.
            if self.optimizer.lr - rate > 1e-8:
                self.optimizer.lr = rate
            self._resting, self.num_bad_epochs = self.cooldown, 0

    def _better(self, metrics: float) -> bool:
        if self.mode == "min":
            return metrics < self.best * (1 - self.threshold)
        return metrics > self.best * (1 + self.threshold)

"""The schedule that depends on a metric."""

from __future__ import annotations

import math
from typing import Annotated, Literal, SupportsFloat

from nnviz.arguments import number, numbers
from nnviz.errors import ArgumentError, OperationError
from nnviz.optim.optimizer import Optimizer
from nnviz.optim.schedule import LRScheduler, check_optimizer, schedules, set_rate
from nnviz.registry import Bounds

Falling = Annotated[float, Bounds(0, 1, open_low=True, open_high=True)]


@schedules.register("schedule")
class ReduceLROnPlateau(LRScheduler):
    """lr · factor when a metric has stopped improving

    A metric improves if it is below best · (1 − threshold) in mode "min", or above best · (1 + threshold) in mode
    "max"; with threshold_mode "abs", below best − threshold, or above best + threshold.

    Args:
        mode: "min" if the metric should decrease, "max" if it should increase.
        factor: the factor that the learning rate is multiplied by, below 1.
        patience: the number of epochs without improvement after which the next one reduces the learning rate.
        threshold: the smallest change that counts as an improvement.
        threshold_mode: whether the threshold is relative to the best value ("rel") or absolute ("abs").
        cooldown: the number of epochs after a reduction in which epochs without improvement are not counted.
        min_lr: the minimum learning rate, or a list of one per group.
        eps: reductions of the learning rate no larger than this are skipped.

    Attributes:
        best: the best metric so far.
        num_bad_epochs: the number of epochs without improvement since then.

    Raises:
        OperandError: `optimizer` is not an Optimizer, or a setting is not a number.
        ArgumentError: `factor` is 1 or more, `mode` or `threshold_mode` is unknown, or `min_lr` does not have one value
            per group.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Annotated[Literal["min", "max"], "whether the metric should decrease or increase"] = "min",
        factor: Annotated[Falling, "factor of the learning rate"] = 0.1,
        patience: Annotated[int, Bounds(0), "epochs without improvement before a reduction"] = 10,
        threshold: Annotated[float, Bounds(0), "smallest change that counts as an improvement"] = 1e-4,
        threshold_mode: Annotated[Literal["rel", "abs"], "relative to the best value, or absolute"] = "rel",
        cooldown: Annotated[int, Bounds(0), "epochs after a reduction that are not counted"] = 0,
        min_lr: Annotated[float | list[float], Bounds(0), "minimum learning rate"] = 0,
        eps: Annotated[float, Bounds(0), "smaller reductions are skipped"] = 1e-8,
    ) -> None:
        name = type(self).__name__
        numbers(name, factor=factor, patience=patience, threshold=threshold, cooldown=cooldown, eps=eps)
        for lowest in min_lr if isinstance(min_lr, list | tuple) else [min_lr]:
            numbers(name, min_lr=lowest)
        if factor >= 1:
            raise ArgumentError("Factor should be < 1.0.", f"got {factor}, which would not reduce the learning rate")
        check_optimizer(optimizer)
        if isinstance(min_lr, list | tuple) and len(min_lr) != len(optimizer.param_groups):
            raise ArgumentError(
                f"expected {len(optimizer.param_groups)} min_lrs, got {len(min_lr)}", "pass one per parameter group"
            )
        for name, value, known in (("mode", mode, ("min", "max")), ("threshold mode", threshold_mode, ("rel", "abs"))):
            if value not in known:
                raise ArgumentError(f"{name} {value} is unknown!", f"choose one of: {', '.join(known)}")
        self.optimizer = optimizer
        self.factor = factor
        self.default_min_lr = None if isinstance(min_lr, list | tuple) else min_lr
        self.min_lrs = list(min_lr) if isinstance(min_lr, list | tuple) else [min_lr] * len(optimizer.param_groups)
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.cooldown = cooldown
        self.eps = eps
        self.mode = mode
        self.last_epoch = 0
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        self._last_lr = self.rates

    def step(self, metrics: SupportsFloat, epoch: int | None = None) -> None:  # type: ignore[override]
        """Reduce the learning rates if the metric has stopped improving; call it at the end of an epoch.

        Args:
            metrics: the metric of this epoch, a number.
            epoch: the index of this epoch; default the next one.

        Raises:
            OperandError: `metrics` is not a number.
        """
        current = float(number("step", "metrics", metrics))
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(current):
            self.best, self.num_bad_epochs = current, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = self.rates

    def _reduce(self) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            if self.default_min_lr is None:
                raise OperationError(
                    f"The number of param groups in the `optimizer` ({len(groups)}) differs from when "
                    f"`ReduceLROnPlateau` was initialized ({len(self.min_lrs)})",
                    "set min_lrs to a list with one value per group",
                )
            self.min_lrs = [self.default_min_lr] * len(groups)
        for group, lowest in zip(groups, self.min_lrs, strict=True):
            old = float(group["lr"])
            new = max(old * self.factor, lowest)
            if old - new > self.eps:
                set_rate(group, new)

    def _is_better(self, current: float) -> bool:
        sign = 1 if self.mode == "min" else -1
        if self.threshold_mode == "rel":
            return sign * current < sign * self.best * (1 - sign * self.threshold)
        return sign * current < sign * self.best - self.threshold

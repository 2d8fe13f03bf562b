"""The schedule that goes by a measured number."""

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
    """rate · factor when a measured number has not improved for a while

    Args:
        optimizer: whose rates they are.
        mode: whether small is good, or large.
        factor: what the rate is multiplied with.
        patience: how many epochs without improvement are borne.
        threshold: by how much it must improve to count.
        threshold_mode: whether that is a share of the best number, or a difference.
        cooldown: for how many epochs after a change nothing is counted.
        min_lr: the lowest rate; or a list of one for each group.
        eps: changes of the rate no larger than this are left out.

    Attributes:
        best: the best number so far.
        num_bad_epochs: how many there were since.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Annotated[Literal["min", "max"], "whether small is good, or large"] = "min",
        factor: Annotated[Falling, "what the rate is multiplied with"] = 0.1,
        patience: Annotated[int, Bounds(0), "how many epochs without improvement are borne"] = 10,
        threshold: Annotated[float, Bounds(0), "by how much it must improve"] = 1e-4,
        threshold_mode: Annotated[Literal["rel", "abs"], "a share of the best, or a difference"] = "rel",
        cooldown: Annotated[int, Bounds(0), "epochs of rest after a change"] = 0,
        min_lr: Annotated[float | list[float], Bounds(0), "the lowest rate"] = 0,
        eps: Annotated[float, Bounds(0), "smaller changes are left out"] = 1e-8,
    ) -> None:
        name = type(self).__name__
        numbers(name, factor=factor, patience=patience, threshold=threshold, cooldown=cooldown, eps=eps)
        for lowest in min_lr if isinstance(min_lr, list | tuple) else [min_lr]:
            numbers(name, min_lr=lowest)
        if factor >= 1:
            raise ArgumentError("Factor should be < 1.0.", f"got {factor}: the rate would not fall")
        check_optimizer(optimizer)
        if isinstance(min_lr, list | tuple) and len(min_lr) != len(optimizer.param_groups):
            raise ArgumentError(
                f"expected {len(optimizer.param_groups)} min_lrs, got {len(min_lr)}", "one for every parameter group"
            )
        for name, value, known in (("mode", mode, ("min", "max")), ("threshold mode", threshold_mode, ("rel", "abs"))):
            if value not in known:
                raise ArgumentError(f"{name} {value} is unknown!", f"there are: {', '.join(known)}")
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
        """An epoch has ended, with `metrics` as what is watched.

        Raises:
            OperandError: it is no number.
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
                    "set min_lrs to a list of one for every group",
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

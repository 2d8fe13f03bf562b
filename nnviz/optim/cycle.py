"""Schedules that increase the learning rate as well: warm restarts, and a single cycle."""

from __future__ import annotations

import math
from typing import Annotated, Literal, TypedDict

from nnviz.arguments import numbers
from nnviz.errors import ArgumentError
from nnviz.optim.groups import Group
from nnviz.optim.optimizer import Optimizer
from nnviz.optim.schedule import Epochs, LastEpoch, LRScheduler, check_optimizer, for_each, schedules
from nnviz.registry import Bounds


class Phase(TypedDict):
    """A phase of the cycle: its last step, and the keys of a group's values at its start and end."""

    end_step: float
    start_lr: str
    end_lr: str
    start_momentum: str
    end_momentum: str


class OneCycleLR(LRScheduler):
    """increases the learning rate to a maximum, then decreases it far below the initial one, once

    Between two ends a and b, with t from 0 to 1 in each phase: b + (a − b) (1 + cos(π t)) / 2, or a + (b − a) t. The
    learning rate goes from max_lr / div_factor to max_lr, then to max_lr / div_factor / final_div_factor; the momentum
    from max_momentum to base_momentum and back. Call `step` after every batch, not every epoch.
    Source: Smith & Topin 2017, arXiv 1708.07120.

    Args:
        max_lr: the maximum learning rate, or a list of one per group.
        total_steps: the number of steps in the cycle; default epochs · steps_per_epoch.
        epochs, steps_per_epoch: used if total_steps is None.
        pct_start: the share of the steps in which the learning rate increases, a float in [0, 1].
        anneal_strategy: "cos" for cosine annealing, "linear" for linear annealing.
        cycle_momentum: whether to cycle the momentum (Adam's β₁) as well, inversely to the learning rate.
        base_momentum, max_momentum: the lower and upper bound of the momentum, or lists of one per group.
        div_factor: max_lr divided by the initial learning rate.
        final_div_factor: the initial learning rate divided by the final one.
        three_phase: whether to return to the initial learning rate in a phase as long as the first, and decrease it to
            the final one in a third.

    Raises:
        ArgumentError: the number of steps is not given or not positive, `pct_start` or `anneal_strategy` is not one of
            the values above, or the optimizer has no momentum to cycle.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer)
        self.total_steps = _steps(total_steps, epochs, steps_per_epoch)
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ArgumentError(
                f"Expected float between 0 and 1 pct_start, but got {pct_start}", "for example pct_start=0.3"
            )
        if anneal_strategy not in ("cos", "linear"):
            raise ArgumentError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}",
                'the default is "cos"',
            )
        self._anneal_func_type = anneal_strategy
        self._schedule_phases = _phases(pct_start * self.total_steps - 1, self.total_steps - 1, three_phase)
        self.cycle_momentum = cycle_momentum
        self.use_beta1 = "betas" in optimizer.defaults
        if cycle_momentum and not self.use_beta1 and "momentum" not in optimizer.defaults:
            raise ArgumentError(
                "optimizer must support momentum or beta1 with `cycle_momentum` option enabled",
                "pass cycle_momentum=False",
            )
        if last_epoch == -1:
            groups = optimizer.param_groups
            highest = for_each("max_lr", max_lr, groups)
            bounds = (for_each("base_momentum", base_momentum, groups), for_each("max_momentum", max_momentum, groups))
            numbers("OneCycleLR", div_factor=div_factor, final_div_factor=final_div_factor)
            for group, rate, low, high in zip(groups, highest, *bounds, strict=True):
                numbers("OneCycleLR", max_lr=rate, base_momentum=low, max_momentum=high)
                start = rate / div_factor
                group |= {"initial_lr": start, "max_lr": rate, "min_lr": start / final_div_factor}
                if cycle_momentum:
                    self._set_momentum(group, high)
                    group |= {"max_momentum": high, "base_momentum": low}
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The learning rate of every group. Also sets the momenta, if they are cycled.

        Raises:
            ArgumentError: the cycle is over.
        """
        if self.last_epoch > self.total_steps:
            raise ArgumentError(
                f"Tried to step {self.last_epoch} times. The specified number of total steps is {self.total_steps}",
                "call step() once per batch, and set total_steps to the number of batches in all epochs",
            )
        start = 0.0
        phase = self._schedule_phases[0]
        for following in self._schedule_phases[1:]:
            if self.last_epoch <= phase["end_step"]:
                break
            start, phase = phase["end_step"], following
        share = (self.last_epoch - start) / (phase["end_step"] - start)
        for group in self.optimizer.param_groups:
            if self.cycle_momentum:
                ends = group[phase["start_momentum"]], group[phase["end_momentum"]]
                self._set_momentum(group, self._between(*ends, share))
        return [
            self._between(group[phase["start_lr"]], group[phase["end_lr"]], share)
            for group in self.optimizer.param_groups
        ]

    def _between(self, start: float, end: float, share: float) -> float:
        if self._anneal_func_type == "linear":
            return (end - start) * share + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)

    def _set_momentum(self, group: Group, value: float) -> None:
        if self.use_beta1:
            group["betas"] = (value, *group["betas"][1:])
        else:
            group["momentum"] = value


def _steps(total: int | None, epochs: int | None, each: int | None) -> int:
    """The number of steps in the cycle."""
    if total is None and (epochs is None or each is None):
        raise ArgumentError(
            "You must define either total_steps OR (epochs AND steps_per_epoch)",
            "for example total_steps=len(batches) * epochs",
        )
    given = {"total_steps": total} if total is not None else {"epochs": epochs, "steps_per_epoch": each}
    for name, value in given.items():
        if not isinstance(value, int) or value <= 0:
            raise ArgumentError(f"Expected positive integer {name}, but got {value}", "pass 1 or more")
    return math.prod(value for value in given.values() if value is not None)


def _phases(up: float, last: float, three: bool) -> list[Phase]:
    """The phases of the cycle: increasing until step `up`, then decreasing until step `last` in one phase or two."""

    def phase(end_step: float, rates: tuple[str, str], momenta: tuple[str, str]) -> Phase:
        return Phase(
            end_step=end_step, start_lr=rates[0], end_lr=rates[1], start_momentum=momenta[0], end_momentum=momenta[1]
        )

    rising = phase(up, ("initial_lr", "max_lr"), ("max_momentum", "base_momentum"))
    if not three:
        return [rising, phase(last, ("max_lr", "min_lr"), ("base_momentum", "max_momentum"))]
    return [
        rising,
        phase(2 * up, ("max_lr", "initial_lr"), ("base_momentum", "max_momentum")),
        phase(last, ("initial_lr", "min_lr"), ("max_momentum", "max_momentum")),
    ]


@schedules.register("schedule")
class CosineAnnealingWarmRestarts(LRScheduler):
    """cosine annealing to eta_min, restarted from the initial learning rate

    lr = eta_min + (initial lr − eta_min) (1 + cos(π T_cur / T_i)) / 2, where T_cur counts the epochs since the last
    restart and T_i is the length of the current period. It is computed from the initial learning rate at each epoch,
    so that it overrides other schedules, as in PyTorch. Source: Loshchilov & Hutter 2016, arXiv 1608.03983.

    Args:
        T_0: the number of epochs until the first restart.
        T_mult: the factor by which each period is longer than the previous one.
        eta_min: the minimum learning rate.

    Raises:
        ArgumentError: `T_0` or `T_mult` is not a positive integer, or `eta_min` is not a number.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: Annotated[Epochs, "epochs until the first restart"] = 10,  # noqa: N803
        T_mult: Annotated[Epochs, "factor from the length of one period to the next"] = 1,  # noqa: N803
        eta_min: Annotated[float, Bounds(0), "minimum learning rate"] = 0.0,
        last_epoch: LastEpoch = -1,
    ) -> None:
        if not isinstance(T_0, int) or T_0 <= 0:
            raise ArgumentError(f"Expected positive integer T_0, but got {T_0}", "pass a number of epochs")
        if not isinstance(T_mult, int) or T_mult < 1:
            raise ArgumentError(f"Expected integer T_mult >= 1, but got {T_mult}", "pass 1 for periods of equal length")
        if not isinstance(eta_min, int | float):
            raise ArgumentError(
                f"Expected float or int eta_min, but got {eta_min} of type {type(eta_min)}", "the default is 0"
            )
        self.T_0 = self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """eta_min + (base − eta_min) · (1 + cos(π T_cur / T_i)) / 2"""
        height = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * height for base in self.bases]

    def step(self, epoch: float | None = None) -> None:
        """Update the learning rates; call it at the end of an epoch, or after a batch.

        Args:
            epoch: the time that has passed, in epochs, for example epoch + batch / batches; None is the next epoch.

        Raises:
            ArgumentError: `epoch` is negative.
        """
        if epoch is None and self.last_epoch >= 0:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            epoch = 0 if epoch is None else epoch
            if epoch < 0:
                raise ArgumentError(f"Expected non-negative epoch, but got {epoch}", "epochs are counted from 0")
            falls = self._falls_until(epoch)
            start = self.T_0 * (falls if self.T_mult == 1 else (self.T_mult**falls - 1) // (self.T_mult - 1))
            self.T_cur, self.T_i = epoch - start, self.T_0 * self.T_mult**falls
        self.last_epoch = math.floor(epoch)
        self._set(self.get_lr())

    def _falls_until(self, epoch: float) -> int:
        """The number of complete periods before `epoch`."""
        if self.T_mult == 1:
            return int(epoch // self.T_0)
        return int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))

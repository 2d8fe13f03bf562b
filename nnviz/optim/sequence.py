"""Schedules made of schedules: one after the other, and all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from nnviz.errors import ArgumentError, OperandError
from nnviz.optim.optimizer import Optimizer
from nnviz.optim.plateau import ReduceLROnPlateau
from nnviz.optim.schedule import LRScheduler, set_rate


class _Several(LRScheduler):
    """What holds several schedules of one optimizer."""

    _schedulers: list[LRScheduler]

    def _hold(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None) -> None:
        """Take the schedules, if they are some, and all of the same optimizer."""
        name = type(self).__name__
        if len(schedulers) < 1:
            raise ArgumentError(f"{name} expects at least one scheduler, but got no scheduler.", "give a list of them")
        for index, one in enumerate(schedulers):
            if not isinstance(one, LRScheduler):
                raise OperandError(
                    f"{name} at index {index} should have `optimizer` as its attribute.", "give schedules"
                )
            if isinstance(one, ReduceLROnPlateau):
                raise ArgumentError(
                    f"{name} does not support `ReduceLROnPlateau` scheduler as it requires additional kwargs to be "
                    f"specified when calling `step`, but got one at index {index} in the given schedulers sequence.",
                    "step it by itself",
                )
            optimizer = optimizer or one.optimizer
            if one.optimizer is not optimizer:
                raise ArgumentError(
                    f"{name} expects all schedulers to belong to the same optimizer, but got scheduler "
                    f"{type(one).__name__} at index {index} which is of another.",
                    "make all of them with the same optimizer",
                )
        self._schedulers = list(schedulers)
        self.optimizer = schedulers[0].optimizer

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer, that of the schedules included."""
        return super().state_dict() | {"_schedulers": [one.state_dict() for one in self._schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take what `state_dict` gave, by as many schedules of the same kinds."""
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "_schedulers"})
        for one, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            one.load_state_dict(state)

    def _wind_back(self) -> None:
        """Take back the step that each schedule took when it was made."""
        for one in self._schedulers:
            if isinstance(one, _Several):
                one._wind_back()
            else:
                one.last_epoch -= 1


class ChainedScheduler(_Several):
    """several schedules at once: their factors multiply

    Args:
        schedulers: the schedules, all of one optimizer.
        optimizer: that optimizer; None takes it from them.
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        self._hold(schedulers, optimizer)
        self._last_lr = self.rates

    def step(self, epoch: int | None = None) -> None:  # noqa: ARG002 (PyTorch's takes none)
        """An epoch has ended, for all of them."""
        for one in self._schedulers:
            one.step()
        self._last_lr = self.rates


class SequentialLR(_Several):
    """several schedules, one after the other

    Args:
        optimizer: whose rates they are.
        schedulers: the schedules, in the order in which they act.
        milestones: the epoch in which each but the first begins.
        last_epoch: the number of the last epoch that is over; −1 starts anew.
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: list[LRScheduler], milestones: list[int], last_epoch: int = -1
    ) -> None:
        self._hold(schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            raise ArgumentError(
                "Sequential Schedulers expects number of schedulers provided to be one more than the number of "
                f"milestone points, but got number of schedulers {len(schedulers)} and the number of milestones to be "
                f"equal to {len(milestones)}",
                "give the epoch in which each but the first begins",
            )
        self._milestones = milestones
        self.last_epoch = last_epoch + 1
        for group in optimizer.param_groups:
            set_rate(group, group["initial_lr"])
        self._wind_back()
        first = self._schedulers[bisect_right(milestones, 0)]
        first._start()
        self._last_lr = first.get_last_lr()

    def step(self, epoch: int | None = None) -> None:  # noqa: ARG002 (PyTorch's takes none)
        """An epoch has ended; a schedule that begins now begins with its own epoch 0."""
        self.last_epoch += 1
        number = bisect_right(self._milestones, self.last_epoch)
        one = self._schedulers[number]
        if number > 0 and self._milestones[number - 1] == self.last_epoch:
            one._update(0)
        else:
            one.step()
        self._last_lr = one.get_last_lr()

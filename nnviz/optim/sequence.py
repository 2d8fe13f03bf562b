"""Schedules composed of other schedules: one after the other, or all at the same time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from nnviz.errors import ArgumentError, OperandError
from nnviz.optim.optimizer import Optimizer
from nnviz.optim.plateau import ReduceLROnPlateau
from nnviz.optim.schedule import LRScheduler, set_rate


class _Several(LRScheduler):
    """Base class of schedules that contain several schedules of one optimizer."""

    _schedulers: list[LRScheduler]

    def _hold(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None) -> None:
        """Store the schedules, after checking that there are some and that all have the same optimizer."""
        name = type(self).__name__
        if len(schedulers) < 1:
            raise ArgumentError(
                f"{name} expects at least one scheduler, but got no scheduler.", "pass a list of schedules"
            )
        for index, one in enumerate(schedulers):
            if not isinstance(one, LRScheduler):
                raise OperandError(
                    f"{name} at index {index} should have `optimizer` as its attribute.", "pass schedules only"
                )
            if isinstance(one, ReduceLROnPlateau):
                raise ArgumentError(
                    f"{name} does not support `ReduceLROnPlateau` scheduler as it requires additional kwargs to be "
                    f"specified when calling `step`, but got one at index {index} in the given schedulers sequence.",
                    "call its step(metric) separately",
                )
            optimizer = optimizer or one.optimizer
            if one.optimizer is not optimizer:
                raise ArgumentError(
                    f"{name} expects all schedulers to belong to the same optimizer, but got scheduler "
                    f"{type(one).__name__} at index {index} which is of another.",
                    "create all of them with the same optimizer",
                )
        self._schedulers = list(schedulers)
        self.optimizer = schedulers[0].optimizer

    def state_dict(self) -> dict[str, Any]:
        """A copy of all attributes but the optimizer, with the state of each schedule."""
        return super().state_dict() | {"_schedulers": [one.state_dict() for one in self._schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned for the same number of schedules of the same classes."""
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "_schedulers"})
        for one, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            one.load_state_dict(state)

    def _wind_back(self) -> None:
        """Undo the step that each schedule took when it was created."""
        for one in self._schedulers:
            if isinstance(one, _Several):
                one._wind_back()
            else:
                one.last_epoch -= 1


class ChainedScheduler(_Several):
    """several schedules at the same time: their factors multiply

    Args:
        schedulers: the schedules, all of the same optimizer.
        optimizer: that optimizer; default the one of the first schedule.

    Raises:
        OperandError: an element of `schedulers` is not a schedule.
        ArgumentError: there are no schedules, they have different optimizers, or one is a ReduceLROnPlateau.
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        self._hold(schedulers, optimizer)
        self._last_lr = self.rates

    def step(self, epoch: int | None = None) -> None:  # noqa: ARG002 (PyTorch's takes none)
        """Call `step` of every schedule."""
        for one in self._schedulers:
            one.step()
        self._last_lr = self.rates


class SequentialLR(_Several):
    """several schedules, one after the other

    Args:
        schedulers: the schedules, in the order in which they are active.
        milestones: the epoch at which each schedule but the first starts.

    Raises:
        OperandError: an element of `schedulers` is not a schedule.
        ArgumentError: there are no schedules, they have different optimizers, one is a ReduceLROnPlateau, or the
            number of milestones is not one less than the number of schedules.
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
                "pass the epoch at which each schedule but the first starts",
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
        """Call `step` of the active schedule; one that starts at this epoch starts with its own epoch 0."""
        self.last_epoch += 1
        number = bisect_right(self._milestones, self.last_epoch)
        one = self._schedulers[number]
        if number > 0 and self._milestones[number - 1] == self.last_epoch:
            one._update(0)
        else:
            one.step()
        self._last_lr = one.get_last_lr()

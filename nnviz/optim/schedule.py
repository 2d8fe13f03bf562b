"""The base class of all learning-rate schedules.

A schedule computes the next learning rate of a group from its current one, so that the factors of several schedules of
one optimizer multiply. As in PyTorch, a schedule that is resumed (`last_epoch` of 0 or more) continues from the current
learning rates.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from nnviz.arguments import Explained, numbers
from nnviz.autograd import Tensor
from nnviz.errors import ArgumentError, MissingKeyError, OperandError
from nnviz.optim.groups import Group
from nnviz.optim.optimizer import Optimizer
from nnviz.registry import Bounds, Registry

Epochs = Annotated[int, Bounds(1)]
LastEpoch = Annotated[int, Bounds(-1), "index of the last epoch; −1 starts from the beginning"]

schedules: Registry[LRScheduler] = Registry("schedule")
"""The schedules whose arguments can all be entered in a form."""


def set_rate(group: Group, rate: float) -> None:
    """Set the learning rate of a group; if it is a tensor, the tensor is updated in place."""
    if isinstance(group["lr"], Tensor):
        group["lr"].overwrite(np.array(rate, group["lr"].dtype))
    else:
        group["lr"] = rate


def check_optimizer(optimizer: object) -> None:
    """Check the argument `optimizer` of a schedule.

    Raises:
        OperandError: it is not an Optimizer.
    """
    if not isinstance(optimizer, Optimizer):
        raise OperandError(
            f"{type(optimizer).__name__} is not an Optimizer", "pass one, such as optim.SGD(model.parameters())"
        )


def for_each(name: str, value: Any, groups: Sequence[Group]) -> list[Any]:
    """One value per group: the elements of a list or tuple, or the same `value` for all.

    Raises:
        ArgumentError: the list does not have one value per group.
    """
    if not isinstance(value, list | tuple):
        return [value] * len(groups)
    if len(value) != len(groups):
        raise ArgumentError(f"Expected {len(groups)} {name}, but got {len(value)}", "pass one per parameter group")
    return list(value)


class LRScheduler(Explained):
    """Base class of schedules: call `step()` once per epoch to update the learning rate of every group.

    To write your own, override `get_lr`.

    Args:
        optimizer: the optimizer whose learning rates are scheduled.
        last_epoch: the index of the last epoch when resuming; −1 starts from the beginning.

    Attributes:
        base_lrs: the initial learning rate of each group, which the group also holds as `initial_lr`.
        last_epoch: the index of the current epoch, from 0: the number of calls of `step`.

    Raises:
        OperandError: `optimizer` is not an Optimizer.
        MissingKeyError: `last_epoch` is 0 or more, but a group has no `initial_lr`.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        check_optimizer(optimizer)
        numbers(type(self).__name__, last_epoch=last_epoch)
        self.optimizer = optimizer
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", float(group["lr"]))
            elif "initial_lr" not in group:
                raise MissingKeyError(
                    f"param 'initial_lr' is not specified in param_groups[{number}] when resuming scheduler with "
                    "last_epoch >= 0.",
                    "load the optimizer's state_dict() first, or leave last_epoch out",
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._start()

    def _start(self) -> None:
        """The first step, which sets the learning rates of the first epoch."""
        self._step_count = 0
        self._is_initial = True
        self.step()
        self._is_initial = False

    @property
    def rates(self) -> list[float]:
        """The current learning rate of every group."""
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    @property
    def bases(self) -> list[float]:
        """The initial learning rate of every group.

        Raises:
            ArgumentError: groups were added to the optimizer after the schedule was created.
        """
        count = len(self.optimizer.param_groups)
        if count != len(self.base_lrs):
            raise ArgumentError(
                f"the optimizer has {count} groups, but {type(self).__name__} was created with {len(self.base_lrs)}",
                "add all groups before creating the schedule",
            )
        return self.base_lrs

    def get_lr(self) -> list[float]:
        """The learning rate of every group in epoch `last_epoch`, computed from the current one."""
        raise NotImplementedError

    def closed_form(self) -> list[float] | None:
        """The learning rates in epoch `last_epoch`, computed from the initial ones; None without a formula."""
        return None

    def get_last_lr(self) -> list[float]:
        """The learning rate of every group after the last step."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Update the learning rates; call it at the end of an epoch.

        Args:
            epoch: the index of the next epoch; deprecated, as in PyTorch. The learning rates are then those of the
                closed form, if there is one.
        """
        self._step_count += 1
        if epoch is not None:
            warnings.warn(
                "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. "
                "Please use `scheduler.step()` to step the scheduler.",
                UserWarning,
                stacklevel=2,
            )
        self._update(epoch)

    def _update(self, epoch: int | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        closed = None if epoch is None else self.closed_form()
        self._set(self.get_lr() if closed is None else closed)

    def _set(self, rates: list[float]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            set_rate(group, rate)
        self._last_lr = self.rates

    def _multiplied(self, factor: float) -> list[float]:
        return [rate * factor for rate in self.rates]

    def state_dict(self) -> dict[str, Any]:
        """A copy of all attributes but the optimizer, under PyTorch's names."""
        return {name: _copied(value) for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned. The learning rates themselves are in the optimizer's `state_dict`.

        Raises:
            OperandError: `state_dict` is not a dict.
        """
        if not isinstance(state_dict, Mapping):
            raise OperandError(
                f"'{type(state_dict).__name__}' object is not a dict", "pass what state_dict() of a schedule returned"
            )
        vars(self).update({name: _copied(value) for name, value in state_dict.items()})


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, list | dict) else value

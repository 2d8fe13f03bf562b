"""The base of all schedules: each takes the rate that every group has, and makes the next of it.

So several schedules of one optimizer multiply. A schedule that starts in the middle (`last_epoch`) goes on from the
rate that the groups have, as PyTorch's does.
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
LastEpoch = Annotated[int, Bounds(-1), "the last epoch that is over"]

schedules: Registry[LRScheduler] = Registry("schedule")
"""Every schedule whose arguments a form can hold."""


def set_rate(group: Group, rate: float) -> None:
    """The rate of a group; one that is a tensor stays the same tensor."""
    if isinstance(group["lr"], Tensor):
        group["lr"].overwrite(np.array(rate, group["lr"].dtype))
    else:
        group["lr"] = rate


def check_optimizer(optimizer: object) -> None:
    """Refuse what is no optimizer.

    Raises:
        OperandError: it is not.
    """
    if not isinstance(optimizer, Optimizer):
        raise OperandError(f"{type(optimizer).__name__} is not an Optimizer", "give optim.SGD(model.parameters())")


def for_each(name: str, value: Any, groups: Sequence[Group]) -> list[Any]:
    """`value` for every group: the same, or one of a list of as many.

    Raises:
        ArgumentError: there are more or fewer.
    """
    if not isinstance(value, list | tuple):
        return [value] * len(groups)
    if len(value) != len(groups):
        raise ArgumentError(f"Expected {len(groups)} {name}, but got {len(value)}", "one for every parameter group")
    return list(value)


class LRScheduler(Explained):
    """Base: `step()` once an epoch sets the rate of every group.

    A schedule of one's own overrides `get_lr`.

    Args:
        optimizer: whose rates they are.
        last_epoch: the number of the last epoch that is over; −1 starts anew.

    Attributes:
        base_lrs: the rates that the groups started with; each group keeps its own as `initial_lr`.
        last_epoch: the number of the epoch, from 0; how often `step` was called.

    Raises:
        OperandError: `optimizer` is none.
        MissingKeyError: it goes on with an optimizer that no schedule has begun with.
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
        """The first step, which gives the rates of the epoch that it starts in."""
        self._step_count = 0
        self._is_initial = True
        self.step()
        self._is_initial = False

    @property
    def rates(self) -> list[float]:
        """The rate of every group now."""
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    @property
    def bases(self) -> list[float]:
        """The rate that every group started with.

        Raises:
            ArgumentError: there are groups that the schedule does not know.
        """
        count = len(self.optimizer.param_groups)
        if count != len(self.base_lrs):
            raise ArgumentError(
                f"the optimizer has {count} groups, and {type(self).__name__} started with {len(self.base_lrs)}",
                "add groups before the schedule is made",
            )
        return self.base_lrs

    def get_lr(self) -> list[float]:
        """The rate of every group in epoch `last_epoch`, from the one it has now."""
        raise NotImplementedError

    def closed_form(self) -> list[float] | None:
        """The rates in epoch `last_epoch` from those at the start, where there is a formula."""
        return None

    def get_last_lr(self) -> list[float]:
        """The rate of every group after the last step."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """An epoch has ended.

        Args:
            epoch: its number; PyTorch advises against it. The rates are those of the closed form then, if there is one.
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
        """Everything but the optimizer, by PyTorch's names."""
        return {name: _copied(value) for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take what `state_dict` gave. The optimizer's rates are in its own.

        Raises:
            OperandError: it is no dict.
        """
        if not isinstance(state_dict, Mapping):
            raise OperandError(
                f"'{type(state_dict).__name__}' object is not a dict", "give what state_dict() of a schedule returned"
            )
        vars(self).update({name: _copied(value) for name, value in state_dict.items()})


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, list | dict) else value

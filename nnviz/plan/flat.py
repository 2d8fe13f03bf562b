"""Parameters, their gradients and the optimizer's state, each in one flat array that is updated at once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter, is_, itemgetter
from typing import Any

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.node import clock
from nnviz.errors import NotSupportedError
from nnviz.optim import Optimizer
from nnviz.optim.groups import Group
from nnviz.optim.state import changes
from nnviz.plan.values import Array

CHUNK = 131_072
"""How many numbers are updated at a time: few enough for parameter, gradient and state to stay in the cache."""

DType = np.dtype[Any]

_grad = attrgetter("_grad")


@dataclass
class Part:
    """A part of the flat arrays that is updated at once, small enough for the cache."""

    parameters: Array
    gradients: Array
    kept: dict[str, Array]
    scratch: tuple[Array, Array]


@dataclass
class Run:
    """Adjacent parameters with the same update: all have a gradient, the same group, and the same number of steps.

    Attributes:
        group: the number of their group.
        names: the names of the state arrays of each.
        counts: their part of the flat array of step counts; None if steps are not counted.
        step: the number of steps each has taken; see `Optimizer.count`.
        parts: the parts that are updated one after the other.
    """

    group: int
    names: tuple[str, ...]
    counts: Array | None
    step: float
    parts: list[Part]


@dataclass
class Store:
    """The flat arrays of all parameters of one type."""

    owner: Tensor
    grads: Array
    counts: Array
    kept: dict[str, Array]

    def __post_init__(self) -> None:
        self.memory = self.owner.memory


@dataclass
class Place:
    """Where one parameter is: `number` among those of its type, and its part of their flat arrays."""

    param: Tensor
    store: Store
    number: int
    slice: slice
    view: Array
    grad: Tensor
    kept: dict[str, tuple[Tensor, Array]]

    def holds(self, kept: dict[str, Any] | None) -> bool:
        """Whether `kept`, the optimizer's state of the parameter, is the adopted one."""
        if not self.kept:
            return True
        return kept is not None and all(
            kept.get(name) is tensor and tensor.array is view for name, (tensor, view) in self.kept.items()
        )

    def adopt(self, kept: dict[str, Any], name: str, missing: float) -> None:
        """Move one tensor of `kept` into the flat array of that name; if there is none, fill in `missing` instead."""
        found, before = kept.get(name, missing), self.kept.get(name)
        if before is not None and found is before[0] and found.array is before[1]:
            return
        if name == "step":
            view = self.store.counts[self.number : self.number + 1].reshape(())
        else:
            if name not in self.store.kept:
                self.store.kept[name] = np.zeros_like(self.store.grads)
            view = self.store.kept[name][self.slice].reshape(self.param.shape)
        view[...] = found.array if isinstance(found, Tensor) else found
        kept[name] = Tensor(view)
        self.kept[name] = kept[name], view


class Flat:
    """The parameters of an optimizer in one array for each type of number; every parameter is a view of its part.

    Edits between two steps are detected: of the settings of the groups, which are read at every step, of the state of a
    parameter, and by steps on the tape.

    Args:
        optimizer: the optimizer of the parameters.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self._params: list[Tensor] = []
        self._places: list[Place] = []
        self._stores: dict[DType, Store] = {}
        self._runs: list[Run] = []
        self._grouped_for: frozenset[int] | None = None
        self._assigned: list[Tensor | None] = []
        self._assigned_for: frozenset[int] | None = None
        self._moment = self._edits = -1
        self._own_step = self._first = False

    def gather(self) -> None:
        """Move the parameters into flat arrays, unless they are there already."""
        # A parameter that appears twice in a group has one place.
        params = list({id(p): p for p in self.optimizer.params}.values())
        # An optimizer that overrides `step` may update the parameters in any way.
        self._own_step = (
            type(self.optimizer).step is not Optimizer.step
            or "step" in vars(self.optimizer)
            or len(params) < len(self.optimizer.params)
        )
        places = self._places
        if len(params) == len(places) and all(
            p is o.param and p.array is o.view for p, o in zip(params, places, strict=True)
        ):
            return
        self._grouped_for = self._assigned_for = None
        self._runs = []
        ends: dict[DType, list[int]] = {}
        for p in params:
            ends.setdefault(p.dtype, [0]).append(ends.get(p.dtype, [0])[-1] + p.numel())
        self._stores = {dtype: _store(dtype, of[-1], len(of) - 1) for dtype, of in ends.items()}
        numbers = dict.fromkeys(ends, 0)
        self._params, self._places = params, []
        for p in params:
            store, number = self._stores[p.dtype], numbers[p.dtype]
            part = slice(*ends[p.dtype][number : number + 2])
            numbers[p.dtype] += 1
            view = store.owner.array[part].reshape(p.shape)
            view[...] = p.array
            # Marking the owner as changed marks all of its views.
            p.data = Tensor(view)
            p.belongs_to(store.owner)
            grad = Tensor(store.grads[part].reshape(p.shape))
            self._places.append(Place(p, store, number, part, view, grad, {}))

    def gradients(self) -> dict[int, Array]:
        """The memory for the gradient of each parameter, by its identity; parameters that require none are left out."""
        return {id(place.param): place.grad.array for place in self._places if place.param.requires_grad}

    def move(self, reached: frozenset[int]) -> bool:
        """Take a step of the optimizer; parameters that are not in `reached` have no gradient and are not updated.

        Returns:
            Whether only the numbers in the flat arrays have changed.
        """
        optimizer = self.optimizer
        if reached is not self._assigned_for or not all(map(is_, map(_grad, self._params), self._assigned)):
            self._assign_gradients(reached)
        if self._own_step:
            optimizer.step()
            return False
        self._prepare(reached)
        groups = optimizer.param_groups
        for run in self._runs:
            run.step = step = run.step + 1
            if run.counts is not None:
                run.counts.fill(step)
            for part in run.parts:
                optimizer.move(part.parameters, part.gradients, part.kept, groups[run.group], step, part.scratch)
        for store in self._stores.values():
            store.memory.note_change()
        # Where steps are not counted, only the first one differs: after it more parameters may be updated together.
        self._moment = -1 if self._first else clock.last_change
        return True

    def _prepare(self, reached: frozenset[int]) -> None:
        """Find the runs of parameters, if something has changed since they were found."""
        names, groups = self.optimizer.names, self.optimizer.param_groups
        anew = clock.last_change != self._moment or changes.edits != self._edits
        for run in self._runs:
            if names(groups[run.group]) != run.names:
                anew = True
        if anew:
            self._regroup_if_changed(reached)

    def updates(self, reached: frozenset[int]) -> list[tuple[Part, Group, float]]:
        """What the next `move` hands to `Optimizer.move`, in order: arrays, settings and the number of the step.

        Raises:
            NotSupportedError: the optimizer has a `step` of its own.
        """
        if self._own_step:
            raise NotSupportedError(
                f"{type(self.optimizer).__name__} has a step of its own, which a plan calls as it is",
                "override names and move instead",
            )
        self._assign_gradients(reached)
        self._prepare(reached)
        groups = self.optimizer.param_groups
        return [(part, groups[run.group], run.step + 1) for run in self._runs for part in run.parts]

    def _assign_gradients(self, reached: frozenset[int]) -> None:
        """Give each parameter its gradient, and none to those that backward did not reach."""
        # Usually, plans for inputs of other shapes reach the same parameters.
        if reached != self._assigned_for:
            self._moment = -1
            self._assigned = [place.grad if id(place.param) in reached else None for place in self._places]
        self._assigned_for = reached
        for place, grad in zip(self._places, self._assigned, strict=True):
            place.param._grad = grad

    def _regroup_if_changed(self, reached: frozenset[int]) -> None:
        """Find adjacent parameters with the same update, and adopt their state, unless nothing has changed."""
        if self._first or reached != self._grouped_for or not self._is_current(reached):
            self._regroup(reached)
        self._edits = changes.edits

    def _is_current(self, reached: frozenset[int]) -> bool:
        """Whether parameters with the same update still have it, and their state is still in the flat arrays."""
        state, groups = self.optimizer.state, self.optimizer.param_groups
        return all(
            self.optimizer.names(groups[run.group]) == run.names
            and (run.counts is None or run.counts.tolist() == [run.step] * len(run.counts))
            for run in self._runs
        ) and all(place.holds(state.get(place.param)) for place in self._places if id(place.param) in reached)

    def _regroup(self, reached: frozenset[int]) -> None:
        self._grouped_for = reached
        places = {id(place.param): place for place in self._places}
        marked: dict[int, list[tuple[Place, Alike | None]]] = {id(store): [] for store in self._stores.values()}
        for number, group in enumerate(self.optimizer.param_groups):
            names = self.optimizer.names(group)
            for p in group["params"]:
                place = places[id(p)]
                alike = (number, names, self._adopt(place, names)) if id(p) in reached else None
                marked[id(place.store)].append((place, alike))
        self._runs = []
        for store in self._stores.values():
            for alike, pairs in groupby(marked[id(store)], key=itemgetter(1)):
                if alike is not None:
                    own = [place for place, _ in pairs]
                    self._runs.append(_run(store, own, self.optimizer.counted, *alike))
        self._first = not self.optimizer.counted and len({run.step for run in self._runs}) > 1

    def _adopt(self, place: Place, names: tuple[str, ...]) -> float:
        """Adopt the state of a parameter; returns how many steps it has taken."""
        if not names and not self.optimizer.counted:
            return 1.0
        kept = self.optimizer.state[place.param]
        step = self.optimizer.count(kept, names)
        if self.optimizer.counted:
            place.adopt(kept, "step", 0.0)
        for name in names:
            place.adopt(kept, name, self.optimizer.initial(name))
        return step


Alike = tuple[int, tuple[str, ...], float]
"""What parameters that are updated together have in common: group, names of their state, number of steps."""


def _store(dtype: DType, size: int, count: int) -> Store:
    return Store(Tensor(np.zeros(size, dtype)), np.zeros(size, dtype), np.zeros(count), {})


def _run(store: Store, places: list[Place], counted: bool, group: int, names: tuple[str, ...], step: float) -> Run:
    """Adjacent parameters as one run, in parts that fit into the cache."""
    start, stop = places[0].slice.start, places[-1].slice.stop
    scratch = np.zeros((2, min(CHUNK, stop - start)), store.grads.dtype)
    parts = []
    for at in range(start, stop, CHUNK):
        part = slice(at, min(at + CHUNK, stop))
        one, other = scratch[:, : part.stop - part.start]
        kept = {name: store.kept[name][part] for name in names}
        parts.append(Part(store.owner.array[part], store.grads[part], kept, (one, other)))
    counts = store.counts[places[0].number : places[-1].number + 1] if counted else None
    return Run(group, names, counts, step, parts)

"""A run as a value: a network and the changes made while it is trained. Every step follows from it, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import numpy as np

from nnviz.autograd.operation import Array, Shape
from nnviz.data import goes_on_with
from nnviz.network import Network, job_of, trace
from nnviz.run.checkpoint import Checkpoint, Weights
from nnviz.run.earlier import Changed
from nnviz.run.shuffle import place_in
from nnviz.run.weight_path import WeightPath

Kept = TypeVar("Kept")

ENDLESS = 2**63 - 1
"""A number of steps that no run takes."""


@dataclass(frozen=True, eq=False)
class Change:
    """A change of a run from a step on.

    Attributes:
        step: how many steps were taken before it.
        network: what is trained from there on.
        weights: weights that are set there, by path in `network`; an array of another shape is ignored.
        planned: whether steps are taken by the static plan from there on; otherwise on the tape. The two differ in
            rounding, so this is part of the run.
        joined: whether it was made in a row with the change before, as by one key pressed again; nothing is computed
            from it.
    """

    step: int
    network: Network
    weights: Weights = field(default_factory=dict, repr=False)
    planned: bool = True
    joined: bool = False

    def equals(self, other: Change) -> bool:
        """Whether both do the same at the same step."""
        mine = (self.step, self.network, self.network.ids, self.planned, self.weights.keys())
        its = (other.step, other.network, other.network.ids, other.planned, other.weights.keys())
        return mine == its and all(np.array_equal(array, other.weights[path]) for path, array in self.weights.items())


@dataclass(frozen=True, eq=False)
class Run:
    """A network with the changes made while it was trained.

    Two runs are equal only where they are the same object, so that a run can be the key of what is known of it.

    Attributes:
        network: what is trained at the start.
        weights: what it starts from, by path; what is not there, or has another shape, is drawn from the seed.
        planned: whether it starts by the static plan; otherwise on the tape.
        changes: in the order of their steps, one a step at most, none at step 0: that is another start.
        parent: the run it was made from.
        branched: how many steps of the parent it shares.
        earlier: the changes before the checkpoint that it was opened with, which are told and not made again.
    """

    network: Network
    weights: Weights = field(default_factory=dict, repr=False)
    planned: bool = True
    changes: tuple[Change, ...] = ()
    parent: Run | None = field(default=None, repr=False)
    branched: int = 0
    earlier: tuple[Changed, ...] = ()

    @property
    def seed(self) -> int:
        """The seed of all its random numbers."""
        return self.network.settings.seed

    @property
    def present(self) -> Network:
        """The network after the last change."""
        return self.changes[-1].network if self.changes else self.network

    @property
    def planned_now(self) -> bool:
        """Whether steps are taken by the plan after the last change."""
        return self.changes[-1].planned if self.changes else self.planned

    def network_at(self, step: int) -> Network:
        """The network that takes the step after `step` steps."""
        return self.until(step).present

    def until(self, step: int) -> Run:
        """The run without the changes after `step`; itself where there are none."""
        changes = tuple(change for change in self.changes if change.step <= step)
        return self if len(changes) == len(self.changes) else replace(self, changes=changes)

    def before(self, step: int) -> Run:
        """The run without the changes from `step` on; itself where there are none."""
        return self.until(step - 1)

    def last_edit(self, step: int) -> int:
        """The step of the last change up to `step` that led to another network; 0 where there is none."""
        networks = [self.network, *(change.network for change in self.changes)]
        edits = [
            change.step
            for change, former in zip(self.changes, networks, strict=False)
            if change.step <= step and (change.network, change.network.ids) != (former, former.ids)
        ]
        return max(edits, default=0)

    def change_at(self, step: int) -> Change | None:
        """The change made after `step` steps, if there is one."""
        return next((change for change in self.changes if change.step == step), None)

    def shared_steps(self, other: Run) -> int:
        """How many steps from the start this run and `other` have in common.

        Returns:
            The step of the first change that only one of them has, or that differs; −1 where they start differently,
            and `ENDLESS` where they are the same.
        """
        for own, its in zip(self._beginnings, other._beginnings, strict=False):
            if not own.equals(its):
                return min(own.step, its.step)
        longer = max(self._beginnings, other._beginnings, key=len)[min(len(self.changes), len(other.changes)) + 1 :]
        return longer[0].step if longer else ENDLESS

    @property
    def _beginnings(self) -> tuple[Change, ...]:
        """The start, as a change at step −1 (nothing comes before it), and the changes."""
        return (Change(-1, self.network, self.weights, self.planned), *self.changes)

    def changed(
        self, step: int, network: Network | None = None, weights: Weights | None = None, planned: bool | None = None,
        joined: bool = False,
    ) -> Run:  # fmt: skip
        """The run up to `step`, and otherwise from there on.

        Step count, history, parameters that fit (by their layer's id and by shape), buffers, the states of generators
        and what the optimizer keeps go on, also where the data have other noise or are split otherwise: then the epoch
        goes on after the same part of it. Other data, another seed or initialization are a new beginning, and so is
        everything at step 0; there the weights that were given are taken along, unless it is one of those three.

        A second change at the same step takes the place of the first; the weights given there are taken along.

        Args:
            step: how many steps of this run were taken.
            network: what is trained from there on; the present network of that step if left out.
            weights: what is given to it, by path in `network`.
            planned: whether it goes on by the plan; as it is there if left out.
            joined: whether it was made in a row with the change before.
        """
        here = self.until(step)
        network = here.present if network is None else network
        planned = here.planned_now if planned is None else planned
        same = (network, network.ids, planned) == (here.present, here.present.ids, here.planned_now)
        if same and not weights:
            return self if here is self else replace(here, parent=self, branched=step)
        weights = dict(weights or {})
        if begins_anew(here.present, network):
            return Run(network, weights, planned, parent=self, branched=step)
        if step == 0:
            return Run(network, {**moved(self.weights, self.network, network), **weights}, planned, (), self, 0)
        replaced = here.change_at(step)
        if replaced is not None:
            weights = {**moved(replaced.weights, replaced.network, network), **weights}
            joined = replaced.joined
        changes = (*here.before(step).changes, Change(step, network, weights, planned, joined))
        return replace(self, changes=changes, parent=self, branched=step)

    def apply_change(self, checkpoint: Checkpoint) -> Checkpoint:
        """Apply the change of the run at the step of `checkpoint`: weights and state move to the paths of its network.

        Weights without a counterpart of the same shape are dropped: the layer draws its own from the seed, and the
        optimizer's state of them is empty. With other layers the path of the weights begins anew.

        Args:
            checkpoint: taken from this run, or from the one it was made from, at the step of the change or before.
        """
        base = checkpoint.before or checkpoint
        change = self.change_at(base.step)
        if change is None:
            return base
        former, network = self.before(base.step).present, change.network
        shapes = _shapes(network)
        given = _of_shape(change.weights, shapes)
        optimizer: dict[str, dict[str, Any]] = {}
        if former.settings.optimizer.name == network.settings.optimizer.name:
            optimizer = {p: kept for p, kept in moved(base.optimizer, former, network).items() if p not in given}
        seen = base.seen
        if former.settings.data != network.settings.data:
            seen = place_in(seen, job_of(former).schema.train, job_of(network).schema.train)
        same = (former.layers, former.ids) == (network.layers, network.ids)
        return replace(
            base,
            seen=seen,
            path=base.path if same else WeightPath(),
            parameters={**_of_shape(moved(base.parameters, former, network), shapes), **given},
            optimizer=optimizer,
            generators=moved(base.generators, former, network),
            before=base,
        )

    def reinitialized(self, checkpoint: Checkpoint | None = None) -> tuple[int, ...]:
        """The positions of the layers whose weights were drawn again at the last change, while others were kept.

        Found from shapes alone.

        Args:
            checkpoint: where the run stands; after the last change no layer is reinitialized any more.
        """
        if checkpoint is not None and checkpoint.step > (self.changes[-1].step if self.changes else 0):
            return ()
        shapes = {path: array.shape for path, array in self.weights.items()}
        if self.changes:
            last = self.changes[-1]
            former = self.before(last.step).present
            given = {path: array.shape for path, array in last.weights.items()}
            shapes = {**moved(_shapes(former), former, last.network), **given}
        if not shapes:
            return ()
        return tuple(
            row.position
            for row in trace(self.present).rows
            if any(shapes.get(f"{row.position}.{name}") != shape for name, shape in row.weights)
        )

    def learned(self, checkpoint: Checkpoint | None) -> Weights:
        """The weights of the present network that were learned or set, by path; all others follow from the seed.

        Args:
            checkpoint: the last checkpoint of the run; None at its start.
        """
        if checkpoint is None or checkpoint.step == 0:
            step, weights = 0, dict(self.weights)
        else:
            step, weights = checkpoint.step, self.apply_change(checkpoint).parameters
        former = self.network_at(step)
        for change in self.changes:
            if change.step > step:
                weights = {**moved(weights, former, change.network), **change.weights}
                former = change.network
        return weights

    def __reduce__(self) -> tuple[Any, ...]:
        """From the oldest ancestor on, one after the other: a run has as many as there were edits."""
        line: list[Run] = []
        run: Run | None = self
        while run is not None:
            line.append(run)
            run = run.parent
        names = [each.name for each in fields(self) if each.name != "parent"]
        return _descended, (tuple(tuple(getattr(one, name) for name in names) for one in reversed(line)), tuple(names))


def _descended(line: tuple[tuple[Any, ...], ...], names: tuple[str, ...]) -> Run:
    """The last of a line of runs, each the parent of the next."""
    run: Run | None = None
    for values in line:
        run = Run(**dict(zip(names, values, strict=True)), parent=run)
    assert run is not None  # noqa: S101 (a line holds one run at least)
    return run


def begins_anew(old: Network, new: Network) -> bool:
    """Whether nothing learned by `old` belongs to `new`."""
    one, other = old.settings, new.settings
    if (one.seed, one.initialization) != (other.seed, other.initialization):
        return True
    return not goes_on_with(one.data, other.data)


def other_samples(old: Network, new: Network) -> bool:
    """Whether what is known of the samples of `old` does not hold of those of `new`."""
    return begins_anew(old, new) or old.settings.data != new.settings.data


def moved(kept: Mapping[str, Kept], old: Network, new: Network) -> dict[str, Kept]:
    """Move the entries of `kept` from paths of `old` to paths of `new`, by the id of their layer.

    Entries of layers that `new` does not have are dropped.
    """
    places = {own: at for at, own in enumerate(new.ids)}
    found = {}
    for path, value in kept.items():
        position, dot, name = path.partition(".")
        at = places.get(old.ids[int(position)])
        if at is not None:
            found[f"{at}{dot}{name}"] = value
    return found


def _shapes(network: Network) -> dict[str, Shape]:
    """The shape of each parameter and buffer, by path."""
    return {f"{row.position}.{name}": shape for row in trace(network).rows for name, shape in row.weights}


def _of_shape(weights: Weights, shapes: Mapping[str, Shape]) -> dict[str, Array]:
    return {path: array for path, array in weights.items() if shapes.get(path) == array.shape}

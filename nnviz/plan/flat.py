"""Parameters, their gradients and the optimizer's state, each in one flat array that moves in one go."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter, is_

import numpy as np

from nnviz.autograd import Tensor
from nnviz.optim import Optimizer
from nnviz.plan.values import Array

CHUNK = 131_072
"""How many numbers move at a time: few enough for parameter, gradient and state to stay in the cache meanwhile."""


_grad = attrgetter("_grad")


@dataclass
class Part:
    """A part of the flat arrays that moves at once: neighbours which all get a gradient."""

    parameters: Array
    gradients: Array
    state: dict[str, Array]
    spare: tuple[Array, Array]


class Flat:
    """The parameters of an optimizer in one array for each type of number; every parameter looks at its part.

    Args:
        optimizer: whose parameters and state they are.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self._views: list[Array] = []
        self._owners: dict[np.dtype[np.floating], Tensor] = {}
        self._places: list[slice] = []
        self._grads: list[Tensor] = []
        self._flat_grads: dict[np.dtype[np.floating], Array] = {}
        self._states: dict[np.dtype[np.floating], dict[str, Array]] = {}
        self._parts: dict[frozenset[int], list[Part]] = {}
        self._shown: dict[frozenset[int], list[Tensor | None]] = {}

    def gather(self) -> None:
        """Move the parameters into flat arrays, unless they are there already."""
        params = self.optimizer.params
        if self._views and all(p.array is view for p, view in zip(params, self._views, strict=True)):
            return
        self._parts.clear()
        self._shown.clear()
        sizes: dict[np.dtype[np.floating], int] = {}
        self._places = []
        for p in params:
            start = sizes.get(p.dtype, 0)
            self._places.append(slice(start, start + p.numel()))
            sizes[p.dtype] = start + p.numel()
        self._owners = {dtype: Tensor(np.zeros(size, dtype)) for dtype, size in sizes.items()}
        self._flat_grads = {dtype: np.zeros(size, dtype) for dtype, size in sizes.items()}
        names = list(self.optimizer.state)
        self._states = {dtype: {name: np.zeros(size, dtype) for name in names} for dtype, size in sizes.items()}
        self._views, self._grads = [], []
        for i, (p, place) in enumerate(zip(params, self._places, strict=True)):
            owner = self._owners[p.dtype]
            view = owner.array[place].reshape(p.shape)
            view[...] = p.array
            # The owner stands for all of them: one note of a change is enough.
            p.data = Tensor(view)
            p.belongs_to(owner)
            self._views.append(view)
            self._grads.append(Tensor(self._flat_grads[p.dtype][place].reshape(p.shape)))
            for name in names:
                mine = self._states[p.dtype][name][place].reshape(p.shape)
                mine[...] = self.optimizer.state[name][i]
                self.optimizer.state[name][i] = mine

    def gradients(self) -> dict[int, Array]:
        """Where the gradient of each parameter goes, by its identity; those that want none are left out."""
        pairs = zip(self.optimizer.params, self._grads, strict=True)
        return {id(p): grad.array for p, grad in pairs if p.requires_grad}

    def move(self, reached: frozenset[int]) -> None:
        """Take the optimizer's step with the gradients that are there; parameters without one stay."""
        optimizer = self.optimizer
        params = optimizer.params
        parts = self._parts.get(reached)
        if parts is None:
            parts = self._parts[reached] = self._cut(reached)
            pairs = zip(params, self._grads, strict=True)
            self._shown[reached] = [grad if id(p) in reached else None for p, grad in pairs]
        shown = self._shown[reached]
        if not all(map(is_, map(_grad, params), shown)):
            for p, grad in zip(params, shown, strict=True):
                p.grad = grad
        optimizer.steps += 1
        for part in parts:
            optimizer.move(part.parameters, part.gradients, part.state, part.spare)
        for owner in self._owners.values():
            owner.mark_changed()

    def _cut(self, reached: frozenset[int]) -> list[Part]:
        """Neighbours together, but no more of them than a cache holds."""
        params = zip(self.optimizer.params, self._places, strict=True)
        marked = [(p.dtype, id(p) in reached, place) for p, place in params]
        parts = []
        for dtype, owner in self._owners.items():
            spare = np.empty((2, min(CHUNK, owner.numel())), dtype)
            mine = [(moves, place) for kind, moves, place in marked if kind == dtype]
            for moves, group in groupby(mine, key=lambda pair: pair[0]):
                places = [place for _, place in group] if moves else []
                for start in range(places[0].start, places[-1].stop, CHUNK) if places else ():
                    part = slice(start, min(start + CHUNK, places[-1].stop))
                    state = {name: array[part] for name, array in self._states[dtype].items()}
                    one, other = spare[:, : part.stop - part.start]
                    parts.append(Part(owner.array[part], self._flat_grads[dtype][part], state, (one, other)))
        return parts

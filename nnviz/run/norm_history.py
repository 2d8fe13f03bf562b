"""The norms of all parameters over the steps at which they were measured, in bounded memory."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nnviz.run.rehearsal import Norms

CAPACITY = 512
"""Most steps that are kept: some for each column of a wide screen."""

Key = tuple[int, str]
"""A parameter: the id of its layer, and its name in it."""


class NormHistory:
    """Norms by step. When it is full, every other step is dropped."""

    def __init__(self) -> None:
        self._steps: list[int] = []
        self._rows: list[Mapping[Key, Norms]] = []

    def add(self, step: int, norms: Mapping[Key, Norms]) -> None:
        """Add what was measured in a step; what was known of it or of later ones is replaced."""
        self.forget_from(step)
        self._steps.append(step)
        self._rows.append(norms)
        if len(self._steps) > CAPACITY:
            self._steps, self._rows = self._steps[::-2][::-1], self._rows[::-2][::-1]

    def add_from(self, other: NormHistory, step: int) -> None:
        """Add what another history knows of a step."""
        at = bisect_left(other._steps, step)
        if at < len(other._steps) and other._steps[at] == step:
            self.add(step, other._rows[at])

    def forget_from(self, step: int) -> None:
        """Remove this step and all later ones."""
        at = bisect_left(self._steps, step)
        del self._steps[at:], self._rows[at:]

    def of(self, key: Key) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The steps at which a parameter was measured, (T,), and its norms of gradient, update and weights, (T, 3)."""
        known = [(step, row[key]) for step, row in zip(self._steps, self._rows, strict=True) if key in row]
        norms = [(one.gradient, one.update, one.weights) for _, one in known]
        return np.array([step for step, _ in known], np.int64), np.array(norms, np.float64).reshape(-1, 3)

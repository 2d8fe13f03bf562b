"""How the metrics of single classes went."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnviz.errors import TrainingError
from nnviz.run.metrics import BY_CLASS
from nnviz.run.queries.query import Observation, Observed, Query
from nnviz.run.record import Evaluation


@dataclass(frozen=True, eq=False)
class ClassCurve(Observation):
    """A metric of a class, epoch by epoch; NaN where an evaluation has none."""

    epoch: NDArray[np.float64] = field(repr=False)
    train: NDArray[np.float64] = field(repr=False)
    test: NDArray[np.float64] = field(repr=False)


@dataclass(frozen=True)
class ClassHistory(Query[ClassCurve]):
    """A metric of a class over the history. Cost: to look at its at most 1,024 evaluations.

    Args:
        metric: a name of `metrics.BY_CLASS`.
        number: the class.
    """

    metric: str
    number: int

    def observe(self, trainer: Observed) -> ClassCurve:
        """The curve up to this step."""
        if self.metric not in BY_CLASS:
            raise TrainingError(
                f"no metric of single classes is called {self.metric!r}", f"choose one of {', '.join(BY_CLASS)}"
            )
        rows = trainer.history.rows
        epoch = np.array([row.epoch for row in rows], np.float64)
        return ClassCurve(epoch, *(self._side(rows, side) for side in ("train", "test")))

    def _side(self, rows: tuple[Evaluation, ...], side: str) -> NDArray[np.float64]:
        at = self.number
        scores = (getattr(row, side) for row in rows)
        counts = np.array(
            [
                (one.right[at], one.taken[at], one.own[at]) if 0 <= at < len(one.right) else (math.nan,) * 3
                for one in scores
            ],
            np.float64,
        ).reshape(-1, 3)
        found = BY_CLASS[self.metric](*counts.T)
        return np.where(np.isnan(counts[:, 0]), math.nan, found)

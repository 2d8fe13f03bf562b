"""A network of one input and one output as a curve, over the range of its data and beyond it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnviz.errors import TrainingError
from nnviz.run.pieces import Pieces, pieces_of
from nnviz.run.queries.query import Observation, Observed, Query

INSIDE = 512
"""Intervals between the points in the range."""

FARTHEST = 4.0
"""The farthest that the points go beyond the range, as a multiple of its width."""

SAMPLES = 1000
"""Most samples that are handed over."""


@dataclass(frozen=True, eq=False)
class RangeSeen(Observation):
    """A curve at evenly spaced points, in the units of the data.

    Attributes:
        step: how many steps were taken.
        low, high: the range.
        x: the points, some of them outside of the range, (P,).
        y: what the network gives there, (P,).
        pieces: the straight pieces that it is made of, over all points; None if it is not.
        why: why there are none.
        sample_x, sample_y, sample_fit: samples and what the network gives for them, (N,) each; none unless asked for.
    """

    step: int
    low: float
    high: float
    x: NDArray[np.float64] = field(repr=False)
    y: NDArray[np.float64] = field(repr=False)
    pieces: Pieces | None = field(repr=False, default=None)
    why: str = ""
    sample_x: NDArray[np.float64] = field(repr=False, default_factory=lambda: np.zeros(0))
    sample_y: NDArray[np.float64] = field(repr=False, default_factory=lambda: np.zeros(0))
    sample_fit: NDArray[np.float64] = field(repr=False, default_factory=lambda: np.zeros(0))


@dataclass(frozen=True)
class OverRange(Query[RangeSeen]):
    """The curve of a network over a range. Cost: 513 samples, as many more as lie beyond, and up to 4,096 pieces.

    Args:
        low, high: the range; None for that of the data, and then with the samples.
        reach: how far the points go beyond it on either side, as a multiple of its width; at most 4.
    """

    low: float | None = None
    high: float | None = None
    reach: float = 0.5

    def observe(self, trainer: Observed) -> RangeSeen:
        """The curve at this step."""
        data = trainer.data
        if trainer.job.schema.classes or data.dataset.sample_shape != (1,) or data.dataset.outputs != 1:
            raise TrainingError("the data are not one value over one input", "choose such data")
        own = data.dataset.inputs[:, 0]
        low = float(own.min()) if self.low is None else self.low
        high = float(own.max()) if self.high is None else self.high
        if not high > low:
            raise TrainingError(f"all samples have the same x = {low:.6g}", "choose data over a range")
        x = points(low, high, self.reach)
        answers = trainer.evaluator.predict(x[:, None])
        if answers.shape != (len(x), 1):
            raise TrainingError(
                f"the network gives outputs of shape {answers.shape[1:]} for a sample, and a curve has one value",
                "give the last layer one output",
            )
        y = answers[:, 0].astype(np.float64)
        pieces, why = None, ""
        try:
            pieces = pieces_of(trainer.model, float(x[0]), float(x[-1]), data.inputs, data.targets)
        except TrainingError as error:
            why = error.message
        seen = RangeSeen(trainer.step, low, high, x, y, pieces, why)
        return seen if self.low is not None else _with_samples(seen, trainer)

    def samples(self, trainer: Observed) -> int:  # noqa: ARG002 (as many for all)
        """How many points there are."""
        return len(points(0.0, 1.0, self.reach)) + (SAMPLES if self.low is None else 0)


def points(low: float, high: float, reach: float) -> NDArray[np.float64]:
    """513 evenly spaced points over a range, and as many as lie beyond it at the same distances."""
    beyond = round(INSIDE * min(max(reach, 0.0), FARTHEST))
    # The ends of the range are among them exactly.
    share = np.arange(-beyond, INSIDE + beyond + 1) / INSIDE
    return np.asarray((1 - share) * low + share * high)


def _with_samples(seen: RangeSeen, trainer: Observed) -> RangeSeen:
    """With the first samples, which are in random order."""
    data = trainer.data
    x = data.inputs.undo(data.train_x[:SAMPLES])
    y = data.train_y[:SAMPLES].astype(np.float32)
    y = y if data.targets is None else data.targets.undo(y)
    fit = trainer.evaluator.predict(x)
    mine = (column[:, 0].astype(np.float64) for column in (x, y, fit))
    return RangeSeen(seen.step, seen.low, seen.high, seen.x, seen.y, seen.pieces, seen.why, *mine)

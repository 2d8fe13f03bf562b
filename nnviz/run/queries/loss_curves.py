"""Losses and metrics as one output of the network moves, or one weight; and their gradients by differences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnviz import nn
from nnviz.autograd import no_grad
from nnviz.autograd.operation import Array
from nnviz.errors import TrainingError
from nnviz.run.metrics import class_scores, count_totals, value_scores
from nnviz.run.queries.loss_slice import WeightPlace, flat_number, name_of
from nnviz.run.queries.query import Gradual, Observed, Refined
from nnviz.run.surface import LossSurface

Floats = NDArray[np.float64]

Mover = Literal["output", "weight"]
"""What moves: one output for one sample, or one weight."""

POINTS = 121
"""Places of what moves."""

SAMPLES = 16
"""Training samples that are measured: so few that each step of a metric is seen."""

NEAR = 0.02
"""How far to both sides a difference is taken, as a share of the distance of two places."""

REACH = 6.0
"""How far an output moves to both sides at least."""

ALIKE = 1e-4
"""Two losses that differ less than by this share of the larger are the same one."""


@dataclass(frozen=True, eq=False)
class Measured:
    """A loss or a metric along the way.

    Attributes:
        name: what it is called.
        values: at each place, (POINTS,).
        slopes: (f(x + h) − f(x − h)) / 2h at each place, (POINTS,).
        now: at the present place.
        trained: whether it is the loss that the network is trained by.
    """

    name: str
    values: Floats = field(repr=False)
    slopes: Floats = field(repr=False)
    now: float
    trained: bool = False

    @property
    def flat(self) -> float:
        """The share of places at which the slope is exactly 0."""
        known = self.slopes[np.isfinite(self.slopes)]
        return float((known == 0).mean()) if len(known) else 0.0


@dataclass(frozen=True, eq=False)
class CurvesSeen(Refined):
    """Losses and metrics over a few training samples, as one number moves and all others stay.

    Attributes:
        moved: what moves, in words.
        present: where it is.
        x: its places, ascending, (POINTS,).
        losses, metrics: along them, in evaluation mode and without penalties.
        own: the loss that the network is trained by.
        samples, total: how many training samples these are of, and how many there are.
        outputs: how many numbers the network gives for a sample.
        target: of an output, what its sample is to be, in words; else empty.
    """

    moved: str
    present: float
    x: Floats = field(repr=False)
    losses: tuple[Measured, ...]
    metrics: tuple[Measured, ...]
    own: Measured
    samples: int
    total: int
    outputs: int
    target: str = ""


@dataclass(frozen=True)
class LossCurves(Gradual[CurvesSeen]):
    """Losses and metrics at 121 places of one output or one weight. Cost: 363 times 16 samples through the network.

    Args:
        mover: what moves.
        sample: of an output, which of the 16 samples; counted on beyond them.
        output: which output; counted on beyond them.
        weight: which weight.
    """

    mover: Mover = "output"
    sample: int = 0
    output: int = 0
    weight: WeightPlace = (0, 0)

    def begin(self, trainer: Observed) -> Iterator[CurvesSeen | None]:
        """The curves, all at once."""
        surface, step = LossSurface(trainer, SAMPLES), trainer.step
        yield None
        outputs = surface.outputs(surface.start)
        each = outputs.reshape(len(outputs), -1)
        low, high = -np.inf, np.inf
        target = ""
        if self.mover == "output":
            sample, at = self.sample % len(each), self.output % each.shape[1]
            present, target = float(each[sample, at]), _target(trainer, surface.y[sample])
            moved = f"output {at} for sample {sample}"
            # So far that it passes the other outputs, and the predicted class changes.
            reach = max(REACH, 1.5 * abs(present), 1.2 * float(np.ptp(np.nan_to_num(each[sample]))) + 1)
            if trainer.network.layers:
                found = nn.facts_of(trainer.network.layers[-1]).outputs
                low, high = found.low, found.high
        else:
            number = _number(trainer, surface, self.weight)
            present, moved = float(surface.start[number]), name_of(surface, number)
            reach = max(3 * abs(present), 4 * float(np.sqrt(np.mean(np.square(surface.start)))), 1.0)
        # Where outputs have a bound, they stay just within it.
        room = 1e-3 * min(high - low, 1.0)
        first, last = max(present - reach, low + room), min(present + reach, high - room)
        x = np.linspace(first, last, POINTS)
        near = NEAR * (last - first) / (POINTS - 1)
        rows: list[dict[str, float]] = []
        for place in np.concatenate([x, x - near, x + near]):
            if self.mover == "output":
                there = outputs.copy()
                there.reshape(each.shape)[sample, at] = place
            else:
                weights = surface.start.copy()
                weights[number] = place
                there = surface.outputs(weights)
            rows.append(_measure(trainer, surface, there))
            yield None
        curves = {name: np.array([row[name] for row in rows]).reshape(3, POINTS) for name in rows[0]}
        now = _measure(trainer, surface, outputs)
        yield _seen(trainer, surface, curves, now, near, (step, moved, present, x, each.shape[1], target))


def _number(trainer: Observed, surface: LossSurface, place: WeightPlace) -> int:
    if not surface.shapes:
        raise TrainingError("the stack has no weights that could move", "add a Linear layer")
    return flat_number(trainer, surface, place)


def _target(trainer: Observed, label: Array) -> str:
    classes = trainer.job.schema.classes
    if classes:
        return f"of class {classes[int(label)]}"
    return f"target {', '.join(f'{float(value):.3g}' for value in np.ravel(label)[:3])} (standardized)"


OWN = "own"
"""The name of the loss that is trained by, until it is known whether it is one of the others."""


def _measure(trainer: Observed, surface: LossSurface, outputs: Array) -> dict[str, float]:
    """Losses and metrics of these outputs, by name."""
    found = {OWN: surface.loss_of(outputs)}
    labels = surface.y
    with no_grad(), np.errstate(all="ignore"):
        if not trainer.job.schema.classes:
            if outputs.shape != labels.shape:
                return found
            apart = outputs.astype(np.float64) - labels
            mae, _, r2 = value_scores(labels, outputs).values
            return found | {"MSE": float(np.square(apart).mean()), "MAE": mae, "R²": r2}
        shares = surface.loss_function.probabilities(outputs).astype(np.float64)
        right = labels[:, None] == np.arange(shares.shape[1])
        entropy = float(-np.log(shares[np.arange(len(labels)), labels]).mean())
        predicted = shares.argmax(axis=1)
        totals = count_totals(labels, predicted, max(shares.shape[1], len(trainer.job.schema.classes)))
        scores = class_scores(totals).values
        return found | {
            "cross-entropy": entropy,
            "MSE": float(np.square(shares - right).mean()),
            "accuracy": float((predicted == labels).mean()),
            "precision": scores[0],
            "recall": scores[1],
        }


LOSSES = ("cross-entropy", "MSE", "MAE")
"""Those of all numbers that are losses; the others are metrics."""


def _seen(
    trainer: Observed,
    surface: LossSurface,
    curves: dict[str, Floats],
    now: dict[str, float],
    near: float,
    told: tuple[int, str, float, Floats, int, str],
) -> CurvesSeen:
    """The curves: which of the losses the network is trained by is found from the numbers."""
    step, moved, present, x, outputs, target = told
    own = curves.pop(OWN)
    with np.errstate(all="ignore"):
        same = {name for name, values in curves.items() if name in LOSSES and _alike(values, own)}
        slopes = {name: (values[2] - values[1]) / (2 * near) for name, values in curves.items()}
        own_slope = (own[2] - own[1]) / (2 * near)
    name = next(iter(same), trainer.network.settings.loss.name)
    trained = Measured(name, own[0], own_slope, now[OWN], trained=True)
    others = [
        Measured(one, curves[one][0], slopes[one], now[one]) for one in curves if one in LOSSES and one not in same
    ]
    metrics = tuple(Measured(one, curves[one][0], slopes[one], now[one]) for one in curves if one not in LOSSES)
    return CurvesSeen(
        step, True, moved, present, x, (trained, *others), metrics, trained, len(surface.x), surface.total, outputs,
        target,
    )  # fmt: skip


def _alike(one: Floats, other: Floats) -> bool:
    """Whether two losses are the same one, up to rounding; of a share of 0, only one of them may have a logarithm."""
    both = np.isfinite(one) & np.isfinite(other)
    return bool(both.any() and np.allclose(one[both], other[both], rtol=ALIKE, atol=ALIKE * 1e-6))

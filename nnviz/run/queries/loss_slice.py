"""The loss over a plane in the space of all weights, with the path of training on it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnviz.errors import TrainingError
from nnviz.network import trace
from nnviz.run.planes import Plane, plane_of_path, plane_of_weights, random_plane
from nnviz.run.queries.query import Gradual, Observed, Refined, position_of
from nnviz.run.surface import LossSurface
from nnviz.run.weight_path import MOST_WEIGHTS

Floats = NDArray[np.float64]

Directions = Literal["path", "random", "weights"]
"""Along what a map goes: the two main directions of the path, two random ones, or two single weights."""

POINTS = 41
"""Points along each side of the map."""

STRIDES = (4, 2, 1)
"""Every so many points are computed first, then those between them."""

SAMPLES, FEWEST = 512, 64
"""Training samples over which the loss is taken: at most, and at least if there are so many."""

NUMBERS = 2**20
"""Numbers that the widest layer gives for these samples, at most: so an image takes no longer than it must."""

WeightPlace = tuple[int, int]
"""A weight: the id of its layer, and its number among the layer's weights; of a number beyond them, counted on."""


@dataclass(frozen=True, eq=False)
class SliceSeen(Refined):
    """The loss on a plane, in evaluation mode and without penalties.

    Attributes:
        x, y: the places along each direction, ascending, (POINTS,).
        losses: the loss at each, (POINTS, POINTS), [row of y, column of x]; NaN where it is not computed yet.
        stride: every so many rows and columns are computed.
        names: what the directions are.
        shares: of the main directions, the part of the path's variance along each; else empty.
        path: the nearest points of the plane to the weights after `path_steps` steps, (n, 2); the last are the present.
        path_steps: after how many steps each was.
        off: how far each of them is from the plane, ‖w − nearest‖, (n,).
        samples, total: over how many training samples the loss is, and how many there are.
        loss: the loss at the present weights.
        followed: whether the path of so many weights is kept at all.
    """

    x: Floats = field(repr=False)
    y: Floats = field(repr=False)
    losses: Floats = field(repr=False)
    stride: int
    names: tuple[str, str]
    shares: tuple[float, ...]
    path: Floats = field(repr=False)
    path_steps: tuple[int, ...] = field(repr=False)
    off: Floats = field(repr=False)
    samples: int
    total: int
    loss: float
    followed: bool = True


@dataclass(frozen=True)
class LossSlice(Gradual[SliceSeen]):
    """The loss on a grid of 41x41 points of a plane through the present weights, coarse first.

    Cost: 1,681 times at most 512 training samples through the network.

    Args:
        directions: along what.
        draw: which of the random directions.
        weights: which two weights, where the directions are these.
    """

    directions: Directions = "random"
    draw: int = 0
    weights: tuple[WeightPlace, WeightPlace] = ((0, 0), (0, 0))

    def begin(self, trainer: Observed) -> Iterator[SliceSeen | None]:
        """The map, at 11x11 points, at 21x21 and at all."""
        surface, step = LossSurface(trainer, _samples(trainer)), trainer.step
        steps, points = path_of(trainer, surface.start)
        plane = self._plane(trainer, surface, points)
        yield None
        path = plane.nearest(points)
        on_plane = plane.center + path @ np.stack([plane.across, plane.up])
        off = np.linalg.norm(points - on_plane, axis=1)
        x, y = (np.linspace(*span, POINTS) for span in (plane.x_range, plane.y_range))
        losses = np.full((POINTS, POINTS), np.nan)
        loss = surface.loss(surface.start)
        for stride in STRIDES:
            for row in range(0, POINTS, stride):
                for column in range(0, POINTS, stride):
                    if stride == STRIDES[0] or row % (2 * stride) or column % (2 * stride):
                        outputs = []
                        for part in surface.outputs_in_parts(plane.at(x[column], y[row])):
                            outputs.append(part)
                            yield None
                        losses[row, column] = surface.loss_of(np.concatenate(outputs))
            yield SliceSeen(
                step, stride == STRIDES[-1], x, y, losses.copy(), stride, plane.names, plane.shares, path, steps, off,
                len(surface.x), surface.total, loss, len(surface.start) <= MOST_WEIGHTS,
            )  # fmt: skip

    def _plane(self, trainer: Observed, surface: LossSurface, points: Floats) -> Plane:
        shapes = [shape for _, shape in surface.shapes]
        if not shapes:
            raise TrainingError("the stack has no weights, so the loss is no function of them", "add a Linear layer")
        if self.directions == "path" and len(surface.start) > MOST_WEIGHTS:
            raise TrainingError(
                f"the stack has {len(surface.start):,} weights, and the path is kept of {MOST_WEIGHTS:,} at most",
                "choose other directions",
            )
        if self.directions == "path":
            return plane_of_path(surface.start, points)
        if self.directions == "random":
            return random_plane(surface.start, shapes, trainer.network.settings.seed, self.draw)
        first, second = (flat_number(trainer, surface, place) for place in self.weights)
        return plane_of_weights(surface.start, (first, second), (name_of(surface, first), name_of(surface, second)))


def _samples(trainer: Observed) -> int:
    """Over how many samples the loss is taken: the same for the same network, whatever the machine."""
    widest = max((math.prod(row.output[1:]) for row in trace(trainer.network).rows if row.output), default=1)
    return min(max(NUMBERS // max(widest, 1), FEWEST), SAMPLES)


def path_of(trainer: Observed, now: Floats) -> tuple[tuple[int, ...], Floats]:
    """The kept points of the path and the present weights, (n, P), with their steps; what is not finite is left out."""
    known = [
        (step, point)
        for step, point in zip(trainer.path.steps, trainer.path.points, strict=True)
        if len(point) == len(now) and step < trainer.step and np.isfinite(point).all()
    ]
    points = np.stack([*(point.astype(np.float64) for _, point in known), now])
    return (*(step for step, _ in known), trainer.step), points


def flat_number(trainer: Observed, surface: LossSurface, place: WeightPlace) -> int:
    """The number of a weight among all of them.

    Raises:
        TrainingError: the network has no such layer, or the layer no weights.
    """
    layer, number = place
    start, own = f"{position_of(trainer.network, layer)}.", []
    at = 0
    for name, shape in surface.shapes:
        count = int(np.prod(shape))
        if name.startswith(start):
            own += [at, at + count]
        at += count
    if not own:
        raise TrainingError("the chosen layer has no weights", "choose another layer on page 1")
    # The parameters of a layer follow each other.
    return own[0] + number % (own[-1] - own[0])


def name_of(surface: LossSurface, number: int) -> str:
    """What a weight is called: layer, parameter and index, as in "layer 1 weight[0, 1]"."""
    path, index = surface.parameter_at(number)
    layer, _, name = path.partition(".")
    return f"layer {int(layer) + 1} {name}[{', '.join(map(str, index))}]"

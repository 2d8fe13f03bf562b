"""Two-dimensional toy sets after TensorFlow Playground.

The geometry, labels and noise follow the rules of TensorFlow Playground's src/dataset.ts (Smilkov & Carter 2016);
the numbers drawn are numpy's. As there, noise moves the point that is *labelled*, not the point that is shown, in
`circle`, `xor`, `plane` and `multi-gaussian`; it spreads the points themselves in `gauss` and `spiral`. Every set
draws the same numbers whatever the noise is, so that turning the noise up leaves everything else where it was.

Shapes: inputs (samples, 2), targets (samples,) of classes 0 = orange and 1 = blue, or (samples, 1) of values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from nnviz.data.dataset import Dataset
from nnviz.data.schema import Schema, data_set
from nnviz.registry import Bounds

Samples = Annotated[int, Bounds(10, 100_000), "how many points"]
Noise = Annotated[float, Bounds(0, 1), "share of noise, as TensorFlow Playground's slider / 100"]
Floats = NDArray[np.float64]

PLAYGROUND = "the rules of TensorFlow Playground (Smilkov & Carter 2016)"
CLASSES = ("orange", "blue")
RADIUS = 5.0
"""Outer radius of the classification sets, in Playground's units."""
FIELD = 6.0
"""The regression sets fill the square from −6 to 6."""
PADDING = 0.3
"""How far `xor` keeps its points from the axes."""
HILLS = np.array([[-4, 2.5], [0, 2.5], [4, 2.5], [-4, -2.5], [0, -2.5], [4, -2.5]])
SIGNS = np.array([1, -1, 1, -1, 1, -1])


def _declared(name: str, lesson: str, classes: tuple[str, ...] = ()) -> Callable[[int], Schema]:
    """The schema of points in the plane, by how many there are; without classes they have one value each."""

    def schema(samples: int) -> Schema:
        return Schema(name, samples, (2,), PLAYGROUND, lesson, ("x1", "x2"), classes)

    return schema


def _polar(radius: Floats, angle: Floats) -> Floats:
    """Points (N, 2) with the angle measured from the upper end of the second axis, as Playground does."""
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)


def _halves(samples: int) -> tuple[int, int]:
    """How many points are blue and orange: half each, an odd one is blue."""
    return samples - samples // 2, samples // 2


CIRCLE = _declared(
    "circle",
    "No straight line parts the disc from the ring around it: see the hidden units' lines close into one border.",
    CLASSES,
)


@data_set("toy classification", CIRCLE)
def circle(generator: np.random.Generator, samples: Samples = 500, noise: Noise = 0.0) -> Dataset:
    """A disc inside a ring

    Blue: radius in [0, 2.5); orange: radius in [3.5, 5). The label says whether the point, moved by
    `noise` · U(−5, 5) on both axes, lies within 2.5 of the centre.
    """
    blue, orange = _halves(samples)
    radius = np.concatenate(
        [generator.uniform(0, RADIUS * 0.5, blue), generator.uniform(RADIUS * 0.7, RADIUS, orange)],
    )
    points = _polar(radius, generator.uniform(0, 2 * np.pi, samples))
    moved = points + noise * generator.uniform(-RADIUS, RADIUS, points.shape)
    return CIRCLE(samples).dataset(points, np.hypot(moved[:, 0], moved[:, 1]) < RADIUS * 0.5)


XOR = _declared(
    "xor",
    "The class is the sign of x1 · x2, so neither coordinate tells anything by itself: hidden units combine them.",
    CLASSES,
)


@data_set("toy classification", XOR)
def xor(generator: np.random.Generator, samples: Samples = 500, noise: Noise = 0.0) -> Dataset:
    """Four squares, opposite ones alike

    Points are U(−5, 5) on both axes, pushed 0.3 away from the axes. Blue where x1 · x2 ≥ 0 after moving the point by
    `noise` · U(−5, 5) on both axes.
    """
    points = generator.uniform(-RADIUS, RADIUS, (samples, 2))
    points += np.where(points > 0, PADDING, -PADDING)
    moved = points + noise * generator.uniform(-RADIUS, RADIUS, points.shape)
    return XOR(samples).dataset(points, moved[:, 0] * moved[:, 1] >= 0)


GAUSS = _declared(
    "gauss",
    "One straight border is the best there is: a network without hidden layers does as well as any other.",
    CLASSES,
)


@data_set("toy classification", GAUSS)
def gauss(generator: np.random.Generator, samples: Samples = 500, noise: Noise = 0.0) -> Dataset:
    """Two round clouds

    Normal around (2, 2), blue, and around (−2, −2), orange, with variance 0.5 + 7 · `noise` on both axes.
    """
    blue = np.arange(samples) < _halves(samples)[0]
    centres = np.where(blue[:, None], 2.0, -2.0)
    return GAUSS(samples).dataset(centres + np.sqrt(0.5 + 7 * noise) * generator.standard_normal((samples, 2)), blue)


SPIRAL = _declared(
    "spiral",
    "The border must wind along with the arms: see it bend turn by turn, and stop half way with few hidden units.",
    CLASSES,
)


@data_set("toy classification", SPIRAL)
def spiral(generator: np.random.Generator, samples: Samples = 500, noise: Noise = 0.0) -> Dataset:
    """Two arms wound around each other

    Point i of the n of an arm has radius r = 5 i / n and angle 3.5 π i / n, the orange arm turned by π; then
    `noise` · U(−1, 1) is added on both axes.
    """
    halves = _halves(samples)
    along = np.concatenate([np.arange(count) / count for count in halves])
    turned = np.repeat([0.0, np.pi], halves)
    points = _polar(RADIUS * along, 3.5 * np.pi * along + turned)
    return SPIRAL(samples).dataset(points + noise * generator.uniform(-1, 1, points.shape), turned == 0)


PLANE = _declared("plane", "One linear unit fits a plane exactly: see what hidden layers add to it, which is nothing.")


@data_set("toy regression", PLANE)
def plane(generator: np.random.Generator, samples: Samples = 500, noise: Noise = 0.0) -> Dataset:
    """A tilted plane

    Value (x1 + x2) / 10 over U(−6, 6) on both axes, read off at the point moved by `noise` · U(−6, 6).
    """
    points = generator.uniform(-FIELD, FIELD, (samples, 2))
    moved = points + noise * generator.uniform(-FIELD, FIELD, points.shape)
    return PLANE(samples).dataset(points, moved.sum(axis=1, keepdims=True) / 10)


MULTI_GAUSSIAN = _declared(
    "multi-gaussian",
    "Three hills and three hollows on flat ground: see which are found first, and how many units each one takes.",
)


@data_set("toy regression", MULTI_GAUSSIAN, name="multi-gaussian")
def multi_gaussian(generator: np.random.Generator, samples: Samples = 500, noise: Noise = 0.0) -> Dataset:
    """Three hills and three hollows on flat ground

    Value ±max(0, 1 − d / 2), d being the distance to a centre, over U(−6, 6) on both axes, read off at the point
    moved by `noise` · U(−6, 6). (Playground's name: its hills are cones.)
    """
    points = generator.uniform(-FIELD, FIELD, (samples, 2))
    moved = points + noise * generator.uniform(-FIELD, FIELD, points.shape)
    away = moved[:, None, :] - HILLS
    heights = np.maximum(0, 1 - np.hypot(away[..., 0], away[..., 1]) / 2)
    # The cones nowhere overlap, so that their sum is the strongest one, which Playground takes.
    return MULTI_GAUSSIAN(samples).dataset(points, (heights @ SIGNS)[:, None])

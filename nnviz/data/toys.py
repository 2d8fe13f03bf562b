"""Two-dimensional toy data sets after TensorFlow Playground.

The geometry, labels and noise follow TensorFlow Playground's src/dataset.ts (Smilkov & Carter 2016); the random numbers
are numpy's. As there, in `circle`, `xor`, `plane` and `multi-gaussian` noise moves the point from which the label is
computed, not the point in the data set; in `gauss` and `spiral` it moves the points themselves. Each data set draws the
same random numbers for any noise, so that changing the noise changes nothing else.

Shape:
    inputs (samples, 2); targets (samples,) with classes 0 = orange and 1 = blue, or (samples, 1) with values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from nnviz.data.dataset import Dataset
from nnviz.data.schema import Schema, data_set
from nnviz.data.split import HeldOut
from nnviz.registry import Bounds

Samples = Annotated[int, Bounds(10, 100_000), "number of points"]
Noise = Annotated[float, Bounds(0, 1), "noise level: TensorFlow Playground's slider / 100"]
Floats = NDArray[np.float64]

PLAYGROUND = "the rules of TensorFlow Playground (Smilkov & Carter 2016)"
CLASSES = ("orange", "blue")
RADIUS = 5.0
"""The outer radius of the classification data sets, in Playground's units."""
FIELD = 6.0
"""The regression data sets fill the square from −6 to 6."""
PADDING = 0.3
"""The distance between the points of `xor` and the axes."""
HILLS = np.array([[-4, 2.5], [0, 2.5], [4, 2.5], [-4, -2.5], [0, -2.5], [4, -2.5]])
SIGNS = np.array([1, -1, 1, -1, 1, -1])


def _declared(name: str, lesson: str, classes: tuple[str, ...] = ()) -> Callable[[int, float], Schema]:
    """A function from the number of points and the test share to the schema.

    Without classes, it is that of a regression with one value.
    """

    def schema(samples: int, test_share: float) -> Schema:
        return Schema(name, samples, (2,), PLAYGROUND, lesson, ("x1", "x2"), classes, test_share=test_share)

    return schema


def _polar(radius: Floats, angle: Floats) -> Floats:
    """Points (N, 2) with the angle measured from the positive second axis, as in Playground."""
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)


def _halves(samples: int) -> tuple[int, int]:
    """The numbers of blue and of orange points: half each; if `samples` is odd, one more blue point."""
    return samples - samples // 2, samples // 2


CIRCLE = _declared(
    "circle",
    "No straight line separates the disc from the ring: see the lines of the hidden units form a closed boundary.",
    CLASSES,
)


@data_set("toy classification", CIRCLE)
def circle(
    generator: np.random.Generator, samples: Samples = 500, noise: Noise = 0.0, test_share: HeldOut = 0.5
) -> Dataset:
    """A disc inside a ring

    Blue points have a radius in [0, 2.5), orange ones in [3.5, 5). The label is blue if the point, moved by
    `noise` · U(−5, 5) along both axes, is within 2.5 of the center.
    """
    blue, orange = _halves(samples)
    radius = np.concatenate(
        [generator.uniform(0, RADIUS * 0.5, blue), generator.uniform(RADIUS * 0.7, RADIUS, orange)],
    )
    points = _polar(radius, generator.uniform(0, 2 * np.pi, samples))
    moved = points + noise * generator.uniform(-RADIUS, RADIUS, points.shape)
    return CIRCLE(samples, test_share).dataset(points, np.hypot(moved[:, 0], moved[:, 1]) < RADIUS * 0.5)


XOR = _declared(
    "xor",
    "The class is the sign of x1 · x2, so neither coordinate alone is informative: hidden units combine them.",
    CLASSES,
)


@data_set("toy classification", XOR)
def xor(
    generator: np.random.Generator, samples: Samples = 500, noise: Noise = 0.0, test_share: HeldOut = 0.5
) -> Dataset:
    """Four squares, opposite ones of the same class

    Points are U(−5, 5) along both axes, moved 0.3 away from the axes. The label is blue if x1 · x2 ≥ 0 for the point
    moved by `noise` · U(−5, 5) along both axes.
    """
    points = generator.uniform(-RADIUS, RADIUS, (samples, 2))
    points += np.where(points > 0, PADDING, -PADDING)
    moved = points + noise * generator.uniform(-RADIUS, RADIUS, points.shape)
    return XOR(samples, test_share).dataset(points, moved[:, 0] * moved[:, 1] >= 0)


GAUSS = _declared(
    "gauss",
    "A straight boundary is optimal: a network without hidden layers does as well as any other.",
    CLASSES,
)


@data_set("toy classification", GAUSS)
def gauss(
    generator: np.random.Generator, samples: Samples = 500, noise: Noise = 0.0, test_share: HeldOut = 0.5
) -> Dataset:
    """Two round clouds

    Normal distributions around (2, 2), blue, and (−2, −2), orange, with variance 0.5 + 7 · `noise` along both axes.
    """
    blue = np.arange(samples) < _halves(samples)[0]
    centers = np.where(blue[:, None], 2.0, -2.0)
    return GAUSS(samples, test_share).dataset(
        centers + np.sqrt(0.5 + 7 * noise) * generator.standard_normal((samples, 2)), blue
    )


SPIRAL = _declared(
    "spiral",
    "The boundary must follow the arms: see it bend turn by turn, and stop half way if there are few hidden units.",
    CLASSES,
)


@data_set("toy classification", SPIRAL)
def spiral(
    generator: np.random.Generator, samples: Samples = 500, noise: Noise = 0.0, test_share: HeldOut = 0.5
) -> Dataset:
    """Two arms wound around each other

    Point i of the n points of an arm has radius 5 i / n and angle 3.5 π i / n, plus π for the orange arm; then
    `noise` · U(−1, 1) is added along both axes.
    """
    halves = _halves(samples)
    along = np.concatenate([np.arange(count) / count for count in halves])
    turned = np.repeat([0.0, np.pi], halves)
    points = _polar(RADIUS * along, 3.5 * np.pi * along + turned)
    return SPIRAL(samples, test_share).dataset(points + noise * generator.uniform(-1, 1, points.shape), turned == 0)


PLANE = _declared("plane", "One linear unit fits a plane exactly: hidden layers add nothing.")


@data_set("toy regression", PLANE)
def plane(
    generator: np.random.Generator, samples: Samples = 500, noise: Noise = 0.0, test_share: HeldOut = 0.5
) -> Dataset:
    """A tilted plane

    Points are U(−6, 6) along both axes. The value is (x1 + x2) / 10 at the point moved by `noise` · U(−6, 6) along both
    axes.
    """
    points = generator.uniform(-FIELD, FIELD, (samples, 2))
    moved = points + noise * generator.uniform(-FIELD, FIELD, points.shape)
    return PLANE(samples, test_share).dataset(points, moved.sum(axis=1, keepdims=True) / 10)


MULTI_GAUSSIAN = _declared(
    "multi-gaussian",
    "Three hills and three hollows on flat ground: see which are fitted first, and how many units each one takes.",
)


@data_set("toy regression", MULTI_GAUSSIAN, name="multi-gaussian")
def multi_gaussian(
    generator: np.random.Generator, samples: Samples = 500, noise: Noise = 0.0, test_share: HeldOut = 0.5
) -> Dataset:
    """Three hills and three hollows on flat ground

    Points are U(−6, 6) along both axes. The value is ±max(0, 1 − d / 2), where d is the distance to the nearest center,
    at the point moved by `noise` · U(−6, 6) along both axes. The name is Playground's, although the hills are cones.
    """
    points = generator.uniform(-FIELD, FIELD, (samples, 2))
    moved = points + noise * generator.uniform(-FIELD, FIELD, points.shape)
    away = moved[:, None, :] - HILLS
    heights = np.maximum(0, 1 - np.hypot(away[..., 0], away[..., 1]) / 2)
    # The cones do not overlap, so that their sum equals the one of largest magnitude, which Playground uses.
    return MULTI_GAUSSIAN(samples, test_share).dataset(points, (heights @ SIGNS)[:, None])

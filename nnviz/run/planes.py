"""Planes in the space of all weights, on which the loss is drawn as a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.operation import Shape
from nnviz.errors import TrainingError
from nnviz.seeds import stream

Floats = NDArray[np.float64]

MARGIN = 0.35
"""How far a map goes beyond the path, as a share of its extent."""

NEGLIGIBLE = 1e-10
"""A direction whose variance is below this share of the whole is rounding."""


@dataclass(frozen=True, eq=False)
class Plane:
    """The weights center + a · across + b · up, for all numbers a and b.

    Attributes:
        center: the weights at (0, 0), (P,): the present ones.
        across, up: the two directions, (P,).
        x_range, y_range: which a and b are drawn.
        names: what the two directions are.
        shares: of the directions of a path, the part of its variance that lies along each.
    """

    center: Floats = field(repr=False)
    across: Floats = field(repr=False)
    up: Floats = field(repr=False)
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    names: tuple[str, str]
    shares: tuple[float, ...] = ()

    def at(self, a: float, b: float) -> Floats:
        """The weights at a point of the plane, (P,)."""
        return self.center + a * self.across + b * self.up

    def nearest(self, weights: NDArray[np.floating]) -> Floats:
        """The points of the plane that are nearest to these weights: (n, P) → (n, 2), by least squares."""
        basis = np.stack([self.across, self.up], axis=1)
        found = np.linalg.lstsq(basis.T @ basis, basis.T @ (weights.astype(np.float64) - self.center).T, rcond=None)
        return np.asarray(found[0].T)


def random_plane(center: Floats, shapes: Sequence[Shape], seed: int, draw: int) -> Plane:
    """A plane along two random directions, filter by filter as long as the weights; a and b from −1 to 1.

    Each direction is drawn from a standard normal distribution; then every filter of it (the weights of one unit, one
    channel) is scaled to the norm of that filter in the network. Parameters of one dimension (biases, normalization)
    do not move. Source: Li et al., "Visualizing the Loss Landscape of Neural Nets", 2018, arXiv 1712.09913.

    Args:
        center: the weights, (P,).
        shapes: of each parameter, in the same order.
        seed: of the run.
        draw: which two directions.

    Raises:
        TrainingError: there is no direction, because all these weights are 0.
    """
    generator = stream(seed, "slice", draw)
    across, up = (_filter_normalized(generator.standard_normal(len(center)), center, shapes) for _ in range(2))
    if not across.any() or not up.any():
        raise TrainingError(
            "no direction is as long as weights that are all 0, or biases alone", "train a step, or choose two weights"
        )
    return Plane(center, across, up, (-1.0, 1.0), (-1.0, 1.0), ("random direction a", "random direction b"))


def _filter_normalized(direction: Floats, weights: Floats, shapes: Sequence[Shape]) -> Floats:
    found, at = np.zeros_like(direction), 0
    for shape in shapes:
        count = int(np.prod(shape))
        if len(shape) >= 2:
            own, drawn = (v[at : at + count].reshape(shape[0], -1) for v in (weights, direction))
            norms = np.linalg.norm(own, axis=1) / np.maximum(np.linalg.norm(drawn, axis=1), 1e-300)
            found[at : at + count] = (drawn * norms[:, None]).ravel()
        at += count
    return found


def plane_of_weights(center: Floats, numbers: tuple[int, int], names: tuple[str, str]) -> Plane:
    """A plane along two single weights; a and b are how far these are from their present values.

    Args:
        center: the weights, (P,).
        numbers: which two.
        names: what they are called.

    Raises:
        TrainingError: they are one and the same.
    """
    if numbers[0] == numbers[1]:
        raise TrainingError(f"both directions are {names[0]}", "choose another weight for one of them")
    axes = np.zeros((2, len(center)))
    axes[0, numbers[0]] = axes[1, numbers[1]] = 1.0
    usual = 4 * float(np.sqrt(np.mean(np.square(center))))
    reach = [max(2 * abs(float(center[number])), usual, 0.5) for number in numbers]
    return Plane(center, axes[0], axes[1], (-reach[0], reach[0]), (-reach[1], reach[1]), names)


def plane_of_path(center: Floats, points: NDArray[np.floating]) -> Plane:
    """The plane through the present weights along the two main directions of a path: its principal components.

    They are the eigenvectors of (X − mean)ᵀ(X − mean) with the two largest eigenvalues, found from the small matrix
    (X − mean)(X − mean)ᵀ; each is 1 long, and its largest element is positive.

    Args:
        center: the present weights, (P,).
        points: the path, (n, P), the present weights among them.

    Raises:
        TrainingError: the path has fewer than two directions.
    """
    points = points.astype(np.float64)
    apart = points - points.mean(axis=0)
    variances, vectors = np.linalg.eigh(apart @ apart.T)
    variances, vectors = variances[::-1].clip(0), vectors[:, ::-1]
    whole = float(variances.sum())
    if len(points) < 3 or not whole > 0 or variances[1] <= NEGLIGIBLE * whole:
        raise TrainingError(
            f"a path of {len(points)} {'point' if len(points) == 1 else 'points'} has no two directions yet",
            "train a few steps",
        )
    axes = (apart.T @ vectors[:, :2] / np.sqrt(variances[:2])).T
    axes *= np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])[:, None]
    plane = Plane(center, axes[0], axes[1], (0, 0), (0, 0), ("main direction 1", "main direction 2"))
    x_range, y_range = (_around(column) for column in plane.nearest(points).T)
    shares = float(variances[0] / whole), float(variances[1] / whole)
    return Plane(center, axes[0], axes[1], x_range, y_range, plane.names, shares)


def _around(values: Floats) -> tuple[float, float]:
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    margin = MARGIN * (high - low)
    return low - margin, high + margin

"""Sample inputs at which operations are tested: difficult shapes, memory layouts and extreme values.

Each operation names its samples in its entry, mostly by one call of a function from here, so that tests of all
operations (gradients, shapes) need no list of their own. The samples are the same at every call.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]

SHAPES: tuple[Shape, ...] = ((), (1,), (3,), (0,), (2, 3), (1, 3), (1, 0, 3), (2, 1, 2), (5, 1), (1, 1))
PAIRS: tuple[tuple[Shape, Shape], ...] = (
    ((), ()), ((1,), ()), ((), (2, 2)), ((3,), (3,)), ((2, 1), (2,)), ((2, 3), (3,)), ((1, 3, 2), (3, 2)),
    ((3, 1, 2), (1, 3, 2)), ((2, 3), (2, 3)), ((0, 1, 2), (0, 3, 2)), ((0,), (1,)), ((4, 1), (1, 3)),
)  # fmt: skip
LAYOUTS = ("plain", "transposed", "strided", "reversed", "expanded")

Attributes = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """Input arrays and attributes. float64 arrays are differentiated, all others (labels) are held fixed."""

    arrays: tuple[Array, ...]
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True)
class Domain:
    """The domain of an input: uniform between `low` and `high`, and at least 0.05 from the points in `away`."""

    low: float = -2.0
    high: float = 2.0
    away: tuple[float, ...] = ()

    def draw(self, shape: Shape, number: int) -> Array:
        """A contiguous array; a different one for every `number`."""
        values = np.random.default_rng([*shape, number]).uniform(self.low, self.high, shape)
        for point in self.away:
            near = np.abs(values - point) < 0.05
            values = np.where(near, point + np.where(values < point, -0.05, 0.05), values)
        return np.asarray(values).clip(self.low, self.high)

    def laid_out(self, shape: Shape, number: int) -> Array:
        """An array in one of several memory layouts, alternating with `number`."""
        layout = LAYOUTS[number % len(LAYOUTS)]
        if layout == "transposed":
            return self.draw(shape[::-1], number).T
        if layout == "strided":
            return self.draw(tuple(2 * size for size in shape), number)[tuple(slice(None, None, 2) for _ in shape)]
        if layout == "reversed":
            return self.draw(shape, number)[tuple(slice(None, None, -1) for _ in shape)]
        if layout == "expanded" and shape:
            return np.broadcast_to(self.draw((1, *shape[1:]), number), shape)
        return self.draw(shape, number)


PLAIN = Domain()
POSITIVE = Domain(0.5, 3.0)


def each(
    shapes: Iterable[Sequence[Shape]],
    domains: Sequence[Domain] = (),
    options: Sequence[Attributes] = ({},),
    extremes: Sequence[float] = (),
    least: int = 40,
) -> Callable[[], list[Sample]]:
    """At least `least` samples of the given shapes, in alternating memory layouts.

    Args:
        shapes: for each sample, one shape per input.
        domains: the domain of each input; the last one applies to all further inputs; by default PLAIN.
        options: alternating attributes; each is combined with each shape at least once.
        extremes: further values; each fills all inputs of one additional sample.
        least: the minimal number of samples.
    """
    domains = domains or (PLAIN,)
    combinations = list(itertools.product(shapes, options))

    def samples() -> list[Sample]:
        found = []
        for number in range(max(least, len(combinations))):
            sizes, attributes = combinations[number % len(combinations)]
            arrays = [
                domains[min(i, len(domains) - 1)].laid_out(shape, number + 7 * i + number // len(combinations))
                for i, shape in enumerate(sizes)
            ]
            found.append(Sample(tuple(arrays), attributes))
        sizes, attributes = combinations[-1]
        found += [Sample(tuple(np.full(shape, value) for shape in sizes), attributes) for value in extremes]
        return found

    return samples


def distinct(samples: Callable[[], list[Sample]]) -> Callable[[], list[Sample]]:
    """Samples of the same shapes whose numbers are 0.37 apart, so that finite differences do not change their order."""

    def shuffled(array: Array, number: int) -> Array:
        return np.random.default_rng(number).permutation(array.size).reshape(array.shape) * 0.37 - 1

    return lambda: [
        Sample(tuple(shuffled(array, number) for array in sample.arrays), sample.attributes)
        for number, sample in enumerate(samples())
    ]


def unary(
    domain: Domain = PLAIN, *options: Attributes, extremes: Sequence[float] = (), shapes: Sequence[Shape] = SHAPES
) -> Callable[[], list[Sample]]:
    """Samples of one array."""
    return each([(shape,) for shape in shapes], [domain], options or ({},), extremes)


def binary(first: Domain = PLAIN, second: Domain = PLAIN, *options: Attributes) -> Callable[[], list[Sample]]:
    """Samples of two arrays that broadcast."""
    return each(PAIRS, [first, second], options or ({},))


def for_arity(count: int) -> Callable[[], list[Sample]]:
    """Samples of `count` arrays that broadcast, away from 0, where many operations have a kink."""
    domain = Domain(away=(0.0,))
    shapes = [(pair * count)[:count] for pair in PAIRS] if count > 1 else [(shape,) for shape in SHAPES]
    return each(shapes, [domain])

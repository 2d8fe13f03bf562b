"""The time that activation functions take for a million numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from nnviz import nn
from nnviz.autograd import Tensor, no_grad
from nnviz.registry import Spec

NUMBERS, ROW = 1_000_000, 10
"""How many numbers a function is given, and how many of them a row has for one that works on rows."""

ROUNDS = 7
"""How often each function is timed; the least time counts, because what disturbs it only adds to it."""


@dataclass(frozen=True)
class Times:
    """What is known of the times.

    Attributes:
        seconds: the least time of each function so far, by its name.
        done, total: the single measurements that are done, of how many.
    """

    seconds: Mapping[str, float]
    done: int
    total: int


def activation_times(
    specs: Mapping[str, Spec], wanted: Callable[[], bool] = lambda: True, numbers: int = NUMBERS, rounds: int = ROUNDS
) -> Iterator[Times]:
    """Time f of each function on float32 numbers drawn from the standard normal distribution, without gradients.

    All functions take turns, so that a machine that becomes slower or faster meanwhile does so for all of them.

    Args:
        specs: the functions by name.
        wanted: asked before each measurement; it ends once that is False.
        numbers: how many numbers.
        rounds: how often each is timed.

    Yields:
        The times after each measurement.
    """
    rows = max(numbers // ROW, 1)
    values = np.random.default_rng(0).standard_normal((rows, ROW)).astype(np.float32)
    layers = {name: nn.layers.build(spec) for name, spec in specs.items()}
    seconds: dict[str, float] = {}
    done, total = 0, rounds * len(layers)
    with np.errstate(all="ignore"):
        for _ in range(rounds):
            for name, layer in layers.items():
                if not wanted():
                    return
                # The grad mode is a setting of the thread; between two measurements others may run in it.
                with no_grad():
                    x = Tensor(values)
                    begin = perf_counter()
                    layer(x)
                    taken = perf_counter() - begin
                seconds[name] = min(taken, seconds.get(name, taken))
                done += 1
                yield Times(dict(seconds), done, total)

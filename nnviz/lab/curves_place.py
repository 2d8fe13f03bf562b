"""The place on the page of the activation functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nnviz.nn.lesson import LESSON, LESSON_SLOPE

CurvesPage = Literal["selected", "curves", "table"]
"""What the page shows: the selected activation, the chosen ones overlaid, or the table of all."""

Drawn = Literal["f and f′", "f", "f′"]
"""What is drawn of the chosen functions."""

REACHES = (0.5, 1.0, 2.0, 4.0, 6.0, 10.0, 20.0, 50.0)
"""How far the curves reach to both sides of 0."""

STEPS = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
"""How far an arrow key moves the reading line."""

SLOPES = (LESSON_SLOPE, 0.3, 0.5, 1.0, 2.0, 0.0, 0.01, 0.1)
"""The slopes a of LeakyReLU, one after the other; the lesson's is the first."""


@dataclass(frozen=True)
class Measured:
    """The time of a million numbers.

    Attributes:
        seconds: the least time of each function, by its name.
        done, total: the rounds that are done, of how many.
        running: whether it is being measured.
        trained: whether the network was trained meanwhile, which makes the times uncertain.
    """

    seconds: Mapping[str, float] = field(default_factory=dict)
    done: int = 0
    total: int = 0
    running: bool = False
    trained: bool = False


@dataclass(frozen=True)
class CurvesPlace:
    """The place on the page.

    Attributes:
        page: what it shows.
        chosen: the names of the functions that are drawn.
        name: the function that the cursor is on.
        z: the reading line.
        reach: the curves are drawn from −reach to reach.
        step: how far an arrow key moves the reading line.
        drawn: what is drawn of the chosen functions.
        chord: whether the chord of the function under the cursor is drawn.
        sort: the number of the column that the table is sorted by; 0 for the order of the registry.
        slope: a of LeakyReLU.
        measured: the times.
    """

    page: CurvesPage = "selected"
    chosen: frozenset[str] = frozenset(LESSON)
    name: str = LESSON[0]
    z: float = 0.0
    reach: float = 6.0
    step: float = 0.1
    drawn: Drawn = "f and f′"
    chord: bool = False
    sort: int = 0
    slope: float = SLOPES[0]
    measured: Measured = Measured()

"""What flows through the activations: the numbers one takes in along its curve, and all of them from input to loss."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnviz.network import Network
from nnviz.run.queries import LayerSeen, LayersSeen, Spread
from nnviz.run.queries.layer_statistics import FLAT
from nnviz.run.queries.spread import NEAR
from nnviz.text import percent
from nnviz.views.matrix import number
from nnviz.views.spark import LEVELS

Floats = NDArray[np.float64]

ACROSS = " ▏▎▍▌▋▊▉█"
"""A cell filled from the left, in eighths."""

NAME = 9
"""Columns of a layer's name in the table."""

USUAL = (-12, 0)
"""Powers of ten of the shortest and the longest bar, so that bars can be compared from picture to picture."""

LONGEST_BAR = 20
"""Columns of the longest bar of the table."""

SIDE = (40, 60)
"""Columns that the table has beside the curve: the fewest and the most."""


@dataclass(frozen=True, eq=False)
class Along:
    """Numbers counted by the columns of a picture.

    Attributes:
        counts: in each column, about: an interval that lies in two columns is shared out by its width.
        below, above: the share of all numbers that lies beside the picture.
    """

    counts: Floats
    below: float
    above: float


def along(spread: Spread, edges: Floats) -> Along:
    """The numbers of a spread by the columns between `edges`, (columns + 1,), rising."""
    total = int(spread.counts.sum())
    if not total or not math.isfinite(spread.high - spread.low):
        return Along(np.zeros(len(edges) - 1), 0.0, 0.0)
    counts, low, high, first = spread.counts, spread.low, spread.high, 0
    if spread.near is not None and edges[0] >= -NEAR and edges[-1] <= NEAR:
        # A single number far away makes the intervals of all so wide that they say nothing of what is near.
        counts, low, high, first = spread.near, -NEAR, NEAR, spread.below
    # How many numbers lie below each edge, as if each interval were filled evenly.
    below = np.interp(edges, np.linspace(low, high, len(counts) + 1), first + np.concatenate([[0], np.cumsum(counts)]))
    return Along(np.diff(below), float(below[0] / total), float(1 - below[-1] / total))


def bars(counts: Floats, rows: int) -> list[str]:
    """`counts` as bars upwards, `rows` high; the largest fills them, and what is more than 0 is seen."""
    largest = float(counts.max(initial=0))
    most = rows * (len(LEVELS) - 1)
    heights = np.zeros(len(counts)) if largest <= 0 else np.maximum(np.rint(counts / largest * most), counts > 0)
    whole = len(LEVELS) - 1
    return [
        "".join(map(LEVELS.__getitem__, np.clip(heights - row * whole, 0, whole).astype(int).tolist()))
        for row in reversed(range(rows))
    ]


def beside(found: Along, spread: Spread, reach: float, width: int) -> str:
    """What the histogram shows, and how much of it lies outside; in signs where there is no room for words."""
    for below, above in ((" below −", " above "), (" <−", " >")):
        words = [f"{percent(found.below)}{below}{reach:g}"] if found.below else []
        words += [f"{percent(found.above)}{above}{reach:g}"] if found.above else []
        words += [f"{spread.bad:,} not finite"] if spread.bad else []
        text = ", ".join(["your data", *words])
        if len(text) <= width:
            break
    return text


def moments(seen: LayerSeen) -> str:
    """Mean and standard deviation of what it takes in and of what it gives."""
    parts = [("in", seen.taken_in), ("out", seen.output)]
    return ", ".join(f"{name} {_short(one.mean)} ±{_short(one.std)}" for name, one in parts if one is not None)


def shares(seen: LayerSeen, width: int) -> str:
    """How much of it is flat, and how many of its units are dead; what flat means where there is room."""
    if math.isnan(seen.flat):
        text = "it works on whole rows: drawn is the first of three outputs"
        return text if len(text) <= width else "it works on whole rows"
    flat, dead = f"flat {percent(seen.flat)}", f"dead {percent(seen.dead)}"
    text = f"{flat} (|f′|<{FLAT}), {dead}"
    return text if len(text) <= width else f"{flat}, {dead}"


def _short(value: float, width: int = 5) -> str:
    if 0.01 <= abs(value) < 1000:
        return f"{value:.{2 if abs(value) < 10 else 1 if abs(value) < 100 else 0}f}".replace("-", "−")
    return number(value, width).strip()


@dataclass(frozen=True)
class Passed:
    """One activation of the stack.

    Attributes:
        number: of its layer, from 1.
        name: the kind of layer.
        std: of its outputs.
        flat, dead: see LayerSeen.
        signal: the root mean square of the loss's gradient at its output.
        chosen: whether it is the one shown.
    """

    number: int
    name: str
    std: float
    flat: float
    dead: float
    signal: float
    chosen: bool


def passed(network: Network, activations: Sequence[int], seen: LayersSeen, chosen: int) -> tuple[Passed, ...]:
    """All activations, from the input to the loss; those that the observation does not know are left out."""
    by_id = {one.layer: one for one in seen.layers}
    found = [(at, by_id.get(network.ids[at])) for at in activations]
    return tuple(
        Passed(at + 1, network.layers[at].name, one.output.std, one.flat, one.dead, one.signal, at == chosen)
        for at, one in found
        if one is not None
    )


def decades(signals: Sequence[float]) -> tuple[int, int]:
    """The powers of ten that the bars reach from and to: the same in every picture, unless a signal lies beyond."""
    logs = [math.log10(one) for one in signals if 0 < one < math.inf]
    return min(math.floor(min(logs, default=0)), USUAL[0]), max(math.ceil(max(logs, default=0)), USUAL[1])


def share_of(signal: float, low: int, high: int) -> float:
    """Where a signal lies between 10^low and 10^high, by its logarithm; 0 for none."""
    return (math.log10(signal) - low) / (high - low) if 0 < signal < math.inf else 0.0


def table(rows: Sequence[Passed], width: int) -> Iterator[tuple[str, str, bool]]:
    """Heads, and for each activation its words, the bar of its signal, and whether it is the chosen one.

    No line is wider than `width`: a long name gives way to the numbers and the bar.
    """
    low, high = decades([one.signal for one in rows])
    numbers = "  std flat dead signal"
    number_width = max([2, *(len(str(one.number)) for one in rows)])
    rest = number_width + 1 + len(numbers)
    name = min(max((len(one.name) for one in rows), default=0), NAME, max(width - rest - 1, len("layer")))
    heads = f"{'':{number_width + 1}}{'layer':{name}}{numbers}"
    room = min(max(width - len(heads), 0), LONGEST_BAR)
    scale = next(
        (words for words in (f" log, 1e{low} to {10.0**high:g}", " log scale", " log") if len(words) <= room), ""
    )
    yield f"{heads}{scale}"[:width], "", False
    for one in rows:
        cells = (f"{percent(share).replace(' ', ''):>5}" for share in (one.flat, one.dead))
        called = one.name if len(one.name) <= name else f"{one.name[: name - 1]}…"
        words = f"{one.number:>{number_width}} {called:{name}}{_short(one.std, 4):>5}{''.join(cells)} "
        words += number(one.signal, 5)
        yield f"{words} "[:width], bar(share_of(one.signal, low, high), room, one.signal > 0 and room > 0), one.chosen


def bar(share: float, width: int, seen: bool) -> str:
    """A bar to the right, `width` cells at most; one eighth at least where it is to be `seen`."""
    eighths = max(round(share * width * 8), 1 if seen else 0)
    return ACROSS[8] * (eighths // 8) + (ACROSS[eighths % 8] if eighths % 8 else "")


def strips(rows: Sequence[Passed], width: int) -> Iterator[str]:
    """All activations in three lines, each one a bar upwards: where there is no room for a line each.

    A bar stands for several where there is no room for a bar each, and the first line says so.
    """
    head = len("log signal ")
    numbers = [f"{_short(first)} → {_short(last)}" for first, last in _ends(rows)]
    room = max(width - head - max(map(len, numbers)) - 1, 1)
    if room < len(rows):
        numbers = [each.replace(" ", "") for each in numbers]
        room = max(width - head - max(map(len, numbers)) - 1, 1)
    groups = [list(one) for one in np.array_split(np.arange(len(rows)), min(room, len(rows)))] if rows else []
    low, high = decades([one.signal for one in rows])
    stds = np.array([max((rows[i].std for i in group if rows[i].std > 0), default=0.0) for group in groups])
    signals = np.array([min(share_of(rows[i].signal, low, high) for i in group) for group in groups])
    bundled = f"{len(rows)} activations" + (f" in {len(groups)} bars" if len(groups) < len(rows) else "")
    whole = f"{bundled}, input to loss"
    yield whole if len(whole) <= width else bundled[:width]
    yield f"{'std':{head}}{bars(stds, 1)[0]} {numbers[0]}"[:width]
    yield f"{'log signal':{head}}{bars(signals, 1)[0]} {numbers[1]}"[:width]


def _ends(rows: Sequence[Passed]) -> list[tuple[float, float]]:
    return [(rows[0].std, rows[-1].std), (rows[0].signal, rows[-1].signal)] if rows else [(0, 0), (0, 0)]


Layers = Literal["", "strips", "table"]


@dataclass(frozen=True)
class Room:
    """What there is room for on the page.

    Attributes:
        words: how many of the lines above the curve, the first of them.
        bars: rows of the histogram; below them stands a line that says what it is.
        said: whether mean, std and the shares of the chosen layer are said.
        layers: how all activations are shown.
        plot: rows of the plot.
        side: columns of what stands beside the curve; 0 where it stands below.
    """

    words: int
    bars: int = 0
    said: bool = False
    layers: Layers = ""
    plot: int = 1
    side: int = 0


FALLING = (
    Room(5, 3, True, "table", 9), Room(4, 3, True, "table", 9), Room(3, 3, True, "table", 9),
    Room(3, 2, True, "table", 9), Room(2, 2, True, "table", 8), Room(1, 1, True, "table", 7),
    Room(3, 2, True, "strips", 9), Room(2, 2, True, "strips", 8), Room(1, 1, True, "strips", 7),
    Room(1, 1, True, "", 7), Room(1, 1, False, "", 7), Room(1, 0, False, "", 7), Room(0, 0, False, "", 1),
)  # fmt: skip
"""What falls away where there is little room, step by step: the first that fits is taken, and the plot gets the rest.

The last of the words go first, then rows of the histogram and of the plot, then a line for each activation: all of them
are in three lines then. Where these have no room either, they go, then what is said of the chosen layer, then the
histogram. The curve stays.
"""

WIDE = 76
"""Columns from which on all activations stand beside the curve."""

SAID, STRIPS = 2, 3


def arrange(width: int, height: int, words: Sequence[int], layers: int, histogram: bool = True) -> Room:
    """What there is room for.

    Args:
        width, height: of the page.
        words: the height of each line above the curve.
        layers: how many activations there are numbers of; 0 before the first moment.
        histogram: whether there is one.
    """
    side = min(max(width * 2 // 5, SIDE[0]), SIDE[1]) if layers and width >= WIDE else 0
    for step in FALLING if layers else [Room(count, plot=7) for count in reversed(range(len(words) + 1))]:
        room = step if histogram else replace(step, bars=0)
        left = room.bars + 1 if room.bars else 0
        other = (SAID if room.said else 0) + {"": 0, "strips": STRIPS, "table": layers + 1}[room.layers]
        free = height - sum(words[: room.words])
        plot = free - left - (0 if side else other)
        if plot >= room.plot and (not side or other <= free):
            return replace(room, plot=plot, side=side)
    return Room(0, plot=max(height, 1))

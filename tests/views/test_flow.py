"""What flows through the activations, as it is drawn: read back from the pictures, it is the data."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.network import opening
from nnviz.run import Run, Trainer
from nnviz.run.queries import LayerStatistics, Spread, spread_of
from nnviz.text import percent
from nnviz.views import flow
from nnviz.views.flow import Along, Passed, along, arrange, bar, bars, beside, shares, strips, table
from nnviz.views.spark import LEVELS
from tests.examples import examples

EDGES = np.linspace(-6, 6, 25)


def made(*signals: float, name: str = "Sigmoid") -> list[Passed]:
    return [Passed(2 * i + 2, name, 0.1 * (i + 1), 0.25, 0, one, i == 1) for i, one in enumerate(signals)]


# --- the histogram


@given(
    numbers=st.lists(st.floats(-20, 20, width=32), min_size=1, max_size=60),
    columns=st.integers(1, 40),
    bins=st.integers(1, 64),
)
@examples(quick=200, long=3000)
def test_every_number_is_in_a_column_or_beside_the_picture(numbers: list[float], columns: int, bins: int) -> None:
    array = np.array(numbers)
    spread = spread_of(array, bins)
    edges = np.linspace(-6, 6, columns + 1)
    found = along(spread, edges)
    total = found.counts.sum() / len(numbers) + found.below + found.above
    assert total == pytest.approx(1)
    assert (found.counts >= 0).all()
    # No column is off by more than the numbers of the intervals that its two edges cut.
    inside = np.histogram(array, edges)[0]
    counts, ends = spread.counts, np.linspace(spread.low, spread.high, bins + 1)
    if spread.near is not None:
        counts, ends = spread.near, np.linspace(-6, 6, bins + 1)
        assert found.below == pytest.approx((array < -6).mean())
        assert found.above == pytest.approx((array > 6).mean())
    for column in range(columns):
        cut = [
            int(counts[i])
            for i in range(len(counts))
            for edge in edges[column : column + 2]
            if ends[i] - 1e-9 <= edge <= ends[i + 1] + 1e-9
        ]
        assert abs(found.counts[column] - inside[column]) <= sum(cut) + 1e-9


def test_what_lies_outside_is_named() -> None:
    spread = spread_of(np.array([-9.0] * 3 + [0.0] * 95 + [9.0] * 2 + [math.nan] * 4))
    found = along(spread, EDGES)
    assert (found.below, found.above) == (pytest.approx(0.03), pytest.approx(0.02))
    assert beside(found, spread, 6, 60) == "your data, 3 % below −6, 2 % above 6, 4 not finite"
    assert beside(found, spread, 6, 45) == "your data, 3 % <−6, 2 % >6, 4 not finite"
    within = spread_of(np.array([-1.0, 1.0]))
    assert beside(along(within, EDGES), within, 6, 20) == "your data"


def test_one_number_far_away_changes_nothing_of_the_others() -> None:
    numbers = np.random.default_rng(0).normal(size=9999)
    found = along(spread_of(np.append(numbers, -1000.0)), EDGES)
    assert found.below == pytest.approx(1e-4)
    assert found.counts.max() == pytest.approx(np.histogram(numbers, EDGES)[0].max(), rel=0.2)


def test_what_is_not_finite_gives_no_histogram() -> None:
    spread = spread_of(np.array([math.nan, math.inf]))
    found = along(spread, EDGES)
    assert found.counts.sum() == found.below == found.above == 0
    assert bars(found.counts, 2) == [" " * 24, " " * 24]
    assert beside(found, spread, 6, 40) == "your data, 2 not finite"
    # Beyond all numbers in between.
    endless = Spread(np.array([1, 1]), -math.inf, math.inf, 0.0, math.inf, 0)
    assert along(endless, EDGES).counts.sum() == 0


@given(counts=st.lists(st.floats(0, 1e6), min_size=1, max_size=30), rows=st.integers(1, 4))
@examples(quick=200, long=2000)
def test_the_heights_of_the_bars_are_the_counts(counts: list[float], rows: int) -> None:
    drawn = bars(np.array(counts), rows)
    assert [len(line) for line in drawn] == [len(counts)] * rows
    heights = [sum(LEVELS.index(line[i]) for line in drawn) for i in range(len(counts))]
    largest = max(counts)
    for count, height, column in zip(counts, heights, range(len(counts)), strict=True):
        assert (height > 0) == (count > 0)
        assert abs(height - (count / largest * 8 * rows if largest else 0)) <= 1
        # Nothing floats: what is above something not full is empty.
        upwards = [LEVELS.index(line[column]) for line in reversed(drawn)]
        assert all(lower == 8 or upper == 0 for lower, upper in pairwise(upwards))


# --- words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0 %"), (1e-9, "<1 %"), (0.18, "18 %"), (0.999, ">99 %"), (1, "100 %"), (math.nan, "–")],
)
def test_none_and_all_are_said_only_where_it_is_so(share: float, words: str) -> None:
    assert percent(share) == words


def test_the_numbers_of_a_layer_in_words() -> None:
    trainer = Trainer(Run(opening()))
    found = trainer.observe(LayerStatistics())
    linear, tanh = found.layers[:2]
    taken, given_ = linear.output, tanh.output
    words = f"in {taken.mean:.2f} ±{taken.std:.2f}, out {given_.mean:.2f} ±{given_.std:.2f}".replace("-", "−")
    assert flow.moments(tanh) == words
    assert shares(tanh, 40) == "flat 0 % (|f′|<0.01), dead 0 %"
    assert shares(tanh, 20) == "flat 0 %, dead 0 %"
    assert shares(linear, 40) == "it works on whole rows"
    assert shares(linear, 60) == "it works on whole rows: drawn is the first of three outputs"
    passed = flow.passed(trainer.network, (1, 3), found, 3)
    assert [(one.number, one.name, one.chosen) for one in passed] == [(2, "Tanh", False), (4, "Tanh", True)]
    assert [one.signal for one in passed] == [found.layers[1].signal, found.layers[3].signal]


# --- all activations


@pytest.mark.parametrize("width", [33, 36, 44, 60, 78])
def test_a_signal_is_read_off_its_bar(width: int) -> None:
    signals = [10.0 ** -(12 - i) for i in range(12)]
    head, *lines = table(made(*signals), width)
    assert head[1:] == ("", False)
    assert head[0].split()[:5] == ["layer", "std", "flat", "dead", "signal"]
    assert ("log" in head[0]) == (width >= 36)
    assert [chosen for *_, chosen in lines] == [i == 1 for i in range(12)]
    assert all(len(words + bar) <= width for words, bar, _ in (head, *lines))
    lengths = [sum(map(flow.ACROSS.index, bar)) for _, bar, _ in lines]
    assert lengths == sorted(lengths)
    assert lengths[0] == 1
    room = lengths[-1]
    for length, signal in zip(lengths, signals, strict=True):
        # Between the powers of ten that hold all: 10⁻¹² and 10⁻¹.
        assert abs(length - room * (math.log10(signal) + 12) / 11) <= 1


def test_a_signal_that_is_lost_or_unknown_has_no_bar() -> None:
    _, *lines = table(made(0, math.nan, math.inf, 1e-3), 60)
    assert [bar != "" for _, bar, _ in lines] == [False, False, True, True]
    assert "NaN" in lines[1][0]
    assert bar(0, 5, seen=True) == "▏"
    assert bar(0, 5, seen=False) == ""
    assert bar(1, 5, seen=True) == "█████"


@pytest.mark.parametrize("count", [1, 2, 12, 60])
@pytest.mark.parametrize("width", [33, 36, 60])
def test_all_activations_in_three_lines(count: int, width: int) -> None:
    lines = list(strips(made(*(10.0 ** -(count - i) for i in range(count))), width))
    assert len(lines) == 3
    assert all(len(line) <= width for line in lines)
    bars_ = [LEVELS.index(c) for c in lines[2] if c in LEVELS[1:]]
    drawn = sum(c in LEVELS[1:] for c in lines[1])
    bundled = "" if drawn == count else f" in {drawn} bars"
    whole = f"{count} activations{bundled}, input to loss"
    assert lines[0] == whole if len(whole) <= width else lines[0] == f"{count} activations{bundled}"
    assert bars_ == sorted(bars_)
    assert lines[2].endswith(f"{1e-1:.2f}")


# --- what there is room for


WORDS = (1, 1, 1, 2, 1)


@given(
    width=st.integers(1, 220),
    height=st.integers(1, 70),
    words=st.lists(st.integers(1, 5), min_size=5, max_size=5),
    layers=st.integers(0, 40),
    histogram=st.booleans(),
)
@examples(quick=400, long=5000)
def test_all_that_is_shown_fits(width: int, height: int, words: list[int], layers: int, histogram: bool) -> None:
    room = arrange(width, height, words, layers, histogram)
    below = (2 if room.said else 0) + {"": 0, "strips": 3, "table": layers + 1}[room.layers]
    left = sum(words[: room.words]) + room.plot + (room.bars + 1 if room.bars else 0)
    assert left + (0 if room.side else below) == height
    assert sum(words[: room.words]) + below <= height
    assert room.plot >= 1
    assert not room.bars or histogram
    if not layers:
        assert (room.bars, room.said, room.layers, room.side) == (0, False, "", 0)


def test_what_falls_away_first() -> None:
    rooms = [arrange(38, height, WORDS, 3) for height in range(60, 0, -1)]
    shown = [(one.words, one.bars, one.said, one.layers) for one in rooms]
    order = list(dict.fromkeys(shown))
    assert order == [
        (5, 3, True, "table"), (4, 3, True, "table"), (3, 3, True, "table"), (3, 2, True, "table"),
        (2, 2, True, "table"), (1, 1, True, "table"), (1, 1, True, "strips"), (1, 1, True, ""), (1, 1, False, ""),
        (1, 0, False, ""), (0, 0, False, ""),
    ]  # fmt: skip
    # At 80x24, with the two activations of the first network: everything but the last words.
    assert arrange(36, 20, WORDS, 2) == flow.Room(3, 2, True, "table", 9)
    # And with twelve.
    assert arrange(36, 20, WORDS, 12) == flow.Room(3, 2, True, "strips", 9)
    assert arrange(76, 20, WORDS, 12) == flow.Room(4, 3, True, "table", 11, 40)


def test_a_column_belongs_to_the_z_above_it() -> None:
    found = along(spread_of(np.full(10, 2.25)), EDGES)
    assert isinstance(found, Along)
    column = int(np.argmax(found.counts))
    assert EDGES[column] <= 2.25 <= EDGES[column + 1]


@pytest.mark.parametrize("name", ["ReLU", "LeakyReLU", "Hardswishes"])
@pytest.mark.parametrize("width", [30, 31, 33, 34, 36, 60])
def test_no_line_of_the_table_is_wider_than_its_place(name: str, width: int) -> None:
    rows = made(0.038, 2.0, name="ReLU") + made(1.5, name=name)
    lines = list(table(rows, width))
    assert all(len(words) + len(drawn) <= width for words, drawn, _ in lines)
    # The head is whole, and so is the number below it.
    assert "signal" in lines[0][0]
    assert ["0.038" in lines[1][0], "2.000" in lines[2][0], "1.500" in lines[3][0]] == [True] * 3
    assert all(drawn for _, drawn, _ in lines[1:]) == (width > 30)

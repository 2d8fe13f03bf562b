"""What is read off the dots of a plot against its printed ticks is what was drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from time import process_time

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnviz.views.chart import AXIS, BESIDE, LARGEST, MARK, band_role, curve_role, draw, geometry, series_of
from nnviz.views.series import Frame, Mark, Series

Floats = np.ndarray
DOTS = [(0x01, 0, 0), (0x02, 0, 1), (0x04, 0, 2), (0x08, 1, 0), (0x10, 1, 1), (0x20, 1, 2), (0x40, 0, 3), (0x80, 1, 3)]
HALF = 0.5 + 1e-3
"""Half a dot, and what is lost by rounding."""


def text_of(series: list[Series], width: int, height: int, frame: Frame) -> list[str]:
    return ["".join(text for text, _ in line) for line in draw(series, width, height, frame)]


def role_at(series: list[Series], width: int, height: int, frame: Frame) -> np.ndarray:
    """The role of every cell."""
    rows = [[role for text, role in line for _ in text] for line in draw(series, width, height, frame)]
    return np.array([(row + [0] * width)[:width] for row in rows])


@dataclass
class Read:
    """A picture as one reads it: nothing is known of it but its characters.

    Attributes:
        x, y: the values of all dots, by the ticks.
        dot: the width and the height of a dot in these values, log₁₀ of y where the axis is logarithmic.
    """

    x: Floats
    y: Floats
    dot: tuple[float, float]


def read(lines: list[str], log: bool = False) -> Read:
    """Read the ticks, then the dots."""
    ticks = {row: line.partition("┤")[0] for row, line in enumerate(lines) if "┤" in line}
    left = next(line.index("┤") for line in lines if "┤" in line) + 1
    ys = {row + 0.5: float(label) for row, label in ticks.items()}
    if log:
        ys = {row: math.log10(value) for row, value in ys.items()}
    axis, labels = lines[-2], lines[-1]
    xs = {}
    for column, character in enumerate(axis):
        if character in "┬┼" and column < len(labels):
            start = labels.rfind(" ", 0, column + 1) + 1
            label = labels[start:].split(" ")[0] if labels[column] != " " else ""
            if label and abs(column - start - (len(label) - 1) // 2) == 0:
                xs[column + 0.5] = float(label)
    (ay, by), (ax, bx) = line_through(ys), line_through(xs)
    dots = [
        (column + (across + 0.5) / 2, row + (down + 0.5) / 4)
        for row, line in enumerate(lines[1:-2], 1)
        for column, character in enumerate(line[left:], left)
        for bit, across, down in DOTS
        if "⠀" < character <= "⣿" and (ord(character) - 0x2800) & bit
    ]
    places = np.array(dots).reshape(-1, 2)
    return Read(ax + bx * places[:, 0], ay + by * places[:, 1], (abs(bx) / 2, abs(by) / 4))


def line_through(ticks: dict[float, float]) -> tuple[float, float]:
    """a + b position through all ticks, each of which lies on it exactly."""
    assert len(ticks) >= 2, ticks
    places, values = np.array(list(ticks)), np.array(list(ticks.values()))
    b = (values[-1] - values[0]) / (places[-1] - places[0])
    a = values[0] - b * places[0]
    assert np.allclose(a + b * places, values, rtol=1e-6, atol=1e-6 * abs(b)), ticks
    return float(a), float(b)


def far_from_line(places: Floats, line: Floats) -> Floats:
    """The distances in dots, across or down whichever is larger, from places to a line through points."""
    if len(line) == 1:
        return np.abs(places - line).max(axis=1)
    start, step = line[:-1] - places[:, None], np.diff(line, axis=0)
    x, y, dx, dy = start[..., 0], start[..., 1], step[:, 0], step[:, 1]
    best = np.full(x.shape, np.inf)
    # It is convex along a segment: least at an end, or where one part is 0, or where both are the same.
    with np.errstate(all="ignore"):
        shares = [0 * x, 0 * x + 1, -x / dx, -y / dy, -(x - y) / (dx - dy), -(x + y) / (dx + dy)]
    for share in shares:
        share = np.nan_to_num(share, nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1)
        best = np.minimum(best, np.maximum(np.abs(x + share * dx), np.abs(y + share * dy)))
    return best.min(axis=1)


def check(x: Floats, y: Floats, lines: list[str], log: bool, every: bool = True) -> None:
    """Every dot lies on the line to half a dot; and where `every`, every point has a dot to half a dot."""
    found = read(lines, log)
    assert len(found.x)
    places = np.stack([found.x, found.y], axis=1) / found.dot
    points = np.stack([x, np.log10(y) if log else y], axis=1) / found.dot
    assert far_from_line(places, points).max() <= HALF
    if every:
        assert np.abs(points[:, None] - places).max(axis=2).min(axis=1).max() <= HALF


SIZES = st.tuples(st.integers(30, 80), st.integers(8, 30))


@given(arrays(np.float64, st.integers(1, 14), elements=st.floats(-1, 1)), st.floats(-3, 3), st.integers(-3, 4), SIZES)
def test_what_is_read_off_is_what_was_drawn(y: Floats, shift: float, power: int, size: tuple[int, int]) -> None:
    y = np.round((y + shift) * 10.0**power, 9)
    assume(len(y) == 1 or np.ptp(y) == 0 or np.ptp(y) > 1e-3 * np.abs(y).max())
    x = np.linspace(0, 7, len(y))
    check(x, y, text_of([Series("", x, y)], *size, Frame("y")), log=False)


@given(arrays(np.float64, st.integers(1, 14), elements=st.floats(-8, 4)), SIZES)
def test_what_is_read_off_a_logarithmic_axis_is_what_was_drawn(logs: Floats, size: tuple[int, int]) -> None:
    x, y = np.linspace(0, 90, len(logs)), 10.0**logs
    assume(len(y) == 1 or np.ptp(logs) == 0 or np.ptp(logs) > 1e-3)
    check(x, y, text_of([Series("", x, y)], *size, Frame("loss", log_y=True)), log=True)


@given(st.floats(0.2, 3), st.floats(0, 6), st.sampled_from(["line", "dashes", "dots"]), SIZES)
def test_a_smooth_curve_of_many_points(bend: float, phase: float, style: str, size: tuple[int, int]) -> None:
    x = np.linspace(-6, 6, 241)
    y = np.sin(bend * x + phase)
    lines = text_of([Series("", x, y, style)], *size, Frame(x_range=(-6, 6)))  # type: ignore[arg-type]
    check(x, y, lines, log=False, every=False)
    found = read(lines)
    if style == "line":
        # Where the curve is flat every column of dots has one; nowhere is there a gap.
        columns = np.unique(np.round((found.x - found.x.min()) / found.dot[0]))
        assert np.all(np.diff(columns) == 1)
    highest = found.y.max() if style == "line" else y.max()
    assert abs(highest - y.max()) <= HALF * found.dot[1]


@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(-1, 1)))
def test_points_alone(y: Floats) -> None:
    x = np.arange(len(y)) * 0.25
    assume(np.ptp(y) == 0 or np.ptp(y) > 1e-6)
    found = read(text_of([Series("", x, y, "points")], 60, 20, Frame()))
    for at_x, at_y in zip(found.x, found.y, strict=True):
        assert np.maximum(np.abs(x - at_x) / found.dot[0], np.abs(y - at_y) / found.dot[1]).min() <= HALF


@given(st.integers(60, 1000), st.floats(0.01, 0.5))
def test_a_running_mean_lies_in_its_band_and_the_band_is_what_there_was(count: int, noise: float) -> None:
    x = np.linspace(0, 50, count)
    y = np.exp(-x / 20) + noise * np.sin(37.0 * x)
    one, frame = Series("", x, y, averaged=True), Frame("y")
    where = geometry([one], 60, 20, frame)
    assert where is not None
    lines, roles = text_of([one], 60, 20, frame), role_at([one], 60, 20, frame)
    found = read(lines)
    for at_x, at_y in zip(found.x, found.y, strict=True):
        near = y[np.abs(x - at_x) <= 5 * found.dot[0]]
        assert near.min() - found.dot[1] <= at_y <= near.max() + found.dot[1]
    assert curve_role(0) in roles
    if count >= 3 * where.columns:
        assert band_role(0) in roles
    if count < 2 * where.columns:
        assert band_role(0) not in roles


def test_all_series_share_one_grid_and_merge_where_they_meet() -> None:
    x = np.linspace(0, 1, 9)
    both = [Series("a", x, x), Series("b", x, 1 - x, "dashes")]
    one = "".join(text_of(both[:1], 60, 20, Frame(y_range=(0, 1))))
    merged, roles = "".join(text_of(both, 60, 20, Frame(y_range=(0, 1)))), role_at(both, 60, 20, Frame(y_range=(0, 1)))
    dots = sum((ord(c) - 0x2800).bit_count() for c in merged if "⠀" <= c <= "⣿")
    assert dots > sum((ord(c) - 0x2800).bit_count() for c in one if "⠀" <= c <= "⣿")
    assert {curve_role(0), curve_role(1)} <= set(roles.ravel().tolist())


def test_curves_that_meet_are_named_one_below_the_other_in_their_order() -> None:
    x = np.linspace(0, 1, 50)
    lines = text_of(
        [Series("low", x, 0 * x, "dashes"), Series("high", x, 0.001 + 0 * x)], 60, 12, Frame(y_range=(0, 1))
    )
    names = [(row, line.split()[-1]) for row, line in enumerate(lines) if line.rstrip().endswith(("low", "high"))]
    assert [name for _, name in names] == ["high", "low"]
    assert names[1][0] - names[0][0] == 1


def test_marks_have_their_words_and_hide_no_curve() -> None:
    x = np.linspace(0, 100, 50)
    marks = (Mark(20, "Adam → SGD"), Mark(96, "layer 2 edited"), Mark(1e9, "elsewhere"), Mark(float("nan"), "nowhere"))
    frame, plain = Frame("loss", "epoch", marks=marks), Frame("loss", "epoch")
    series = [Series("train", x, np.exp(-x / 9))]
    text, roles = text_of(series, 70, 16, frame), role_at(series, 70, 16, frame)
    joined = "\n".join(text)
    assert "Adam → SGD" in joined
    assert "layer 2 edited" in joined, "left of its mark, where there is none to the right"
    assert "elsewhere" not in joined
    assert "nowhere" not in joined
    where = geometry(series, 70, 16, frame)
    assert where is not None
    for value in (20, 96):
        column = where.left + int(where.x.position(np.array([float(value)]))[0])
        assert text[-2][column] in "┴┼"
        assert (roles[:-1, column] == MARK).sum() > 10
    solid = text_of(series, 70, 16, replace(frame, marks=(replace(marks[0], breaks=True),)))
    column = where.left + int(where.x.position(np.array([20.0]))[0])
    assert [line[column] for line in solid[1:9]] == ["⡇"] * 8 or [line[column] for line in solid[1:9]] == ["⢸"] * 8
    assert not {"⡇", "⢸"} & {line[column] for line in text[1:9]}
    before = role_at(series, 70, 16, plain)
    assert np.all(roles[before == curve_role(0)] == curve_role(0))


@pytest.mark.parametrize("log", [False, True])
def test_an_axis_says_what_it_is(log: bool) -> None:
    x = np.linspace(0, 10, 20)
    lines = text_of([Series("train", x, np.exp(-x))], 60, 12, Frame("loss", "epoch", log_y=log))
    assert lines[0].strip() == ("loss, log scale" if log else "loss")
    assert lines[-1].endswith("epoch")


def test_where_the_labels_take_all_the_room_x_is_named_above() -> None:
    x = np.linspace(0, 10, 20)
    lines = text_of([Series("", x, x)], 20, 8, Frame("y", "a long name"))
    assert lines[0].endswith("→ a long name")


@given(st.integers(16, 200), st.integers(5, 60))
def test_the_geometry_is_that_of_the_picture(width: int, height: int) -> None:
    x = np.linspace(-6, 6, 41)
    series, frame = [Series("f", x, np.tanh(x)), Series("f′", x, 1 - np.tanh(x) ** 2, "dots")], Frame("", "z")
    where, lines = geometry(series, width, height, frame), text_of(series, width, height, frame)
    if where is None:
        assert lines == ["(too small)"]
        return
    assert (where.right > 0) == (width - where.left - 3 >= BESIDE)
    assert where.left + where.columns + where.right == width
    assert (where.top + where.rows + 2, len(lines)) == (height, height)
    for row in range(where.rows):
        assert lines[where.top + row][where.left - 1] in "│┤"
    assert [c for c in range(where.columns) if lines[-2][where.left + c] == "┬"] == [t.cell for t in where.x.ticks]
    across, down = where.dots(x, np.tanh(x))
    assert np.all((across >= -1e-6) & (across <= 2 * where.columns + 1e-6))
    for a, d in zip(across.tolist(), down.tolist(), strict=True):
        column, row = min(int(a + 1e-6), 2 * where.columns - 1), min(int(d + 1e-6), 4 * where.rows - 1)
        bits = ord(lines[where.top + row // 4][where.left + column // 2]) - 0x2800
        bit = next(bit for bit, c, r in DOTS if (c, r) == (column % 2, row % 4))
        assert bits & bit or len(x) > 2 * where.columns


def test_nothing_to_draw_has_no_geometry() -> None:
    assert geometry([], 60, 20, Frame()) is None
    assert geometry([Series("a", np.array([np.nan]), np.array([1.0]))], 60, 20, Frame()) is None
    one = geometry([Series("a", np.array([1.0]), np.array([1.0]))], 9999, 9999, Frame())
    assert one is not None
    assert (one.left + one.columns + one.right, one.rows + 3) == LARGEST


def test_roles_are_told_apart() -> None:
    roles = [role for number in range(5) for role in (curve_role(number), band_role(number))]
    assert len({*roles, AXIS, MARK, 0}) == 13
    assert [series_of(role) for role in roles[:4]] == [(0, False), (0, True), (1, False), (1, True)]


def test_drawing_costs_at_most_a_millisecond() -> None:
    x = np.arange(200.0)
    y = 0.7 * np.exp(-x / 40)
    spent = []
    for last in range(40):
        series = [Series("train", x, y, averaged=True), Series("test", x, y + 0.05, "dashes", averaged=True)]
        begin = process_time()
        draw(series, 60, 20, Frame("loss", "epoch", (0.0, 200.0 + last), y_floor=0.0))
        spent.append(process_time() - begin)
    # The least of many is what the work takes; the rest is what else the machine does. A slower one has room, too.
    assert min(spent) < 3e-3

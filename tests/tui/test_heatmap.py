"""The heat map at any size, on any data, with and without colors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from nnviz.tui.widgets.heatmap import HeatMap
from nnviz.views.heat import Field, Points, Scale, class_colors, class_inks, ramp

INKS = class_inks((30, 30, 30))
EXTENT = (-1.0, 1.0, -2.0, 2.0)


def field(extent: tuple[float, float, float, float] = EXTENT, points: Points | None = None) -> Field:
    """Class 0 on the left, class 1 on the right."""
    right = np.linspace(0, 1, 64)[None, :].repeat(64, axis=0)
    pixels = class_colors(np.stack([1 - right, right], axis=-1), (30, 30, 30))
    return Field(pixels, np.where(right < 0.5, "0", "1"), extent, points, ("in", "out"), INKS)


def samples(held_out: bool = False) -> Points:
    x = np.array([-0.9, 0.9])
    return Points(x, x, np.array([0, 1]), np.array([False, True]) if held_out else None)


class One(App[None]):
    """One heat map."""

    def compose(self) -> ComposeResult:
        yield HeatMap()


async def drawn(shown: Field | None, size: tuple[int, int] = (76, 20)) -> list[str]:
    """The rows as text, each as wide as the widget."""
    app = One()
    async with app.run_test(size=size) as pilot:
        heat = app.query_one(HeatMap)
        heat.show(shown)
        await pilot.pause()
        lines = [heat.render_line(y) for y in range(size[1])]
        assert all(cell_len(line.text) == line.cell_length == size[0] for line in lines)
        return [line.text.rstrip() for line in lines]


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (10, 4), (76, 20), (20, 76), (300, 100)])
@pytest.mark.parametrize("shown", [None, field(), field(points=samples())], ids=["none", "field", "points"])
async def test_any_size(shown: Field | None, size: tuple[int, int]) -> None:
    await drawn(shown, size)


async def test_no_room_at_all() -> None:
    app = One()
    async with app.run_test() as pilot:
        heat = app.query_one(HeatMap)
        heat.show(field())
        heat.styles.width = heat.styles.height = 0
        await pilot.pause()
        assert heat.render_line(0).cell_length == 0


async def test_legend_marks_and_ranges() -> None:
    lines = await drawn(field(points=samples()))
    assert lines[0].endswith(" 2.0   ● in")
    assert lines[1].endswith("▲ out")
    assert lines[18].endswith(" -2.0")
    assert lines[19].startswith("-1.0")
    assert lines[19].endswith("1.0")
    assert sum(line[:38].count("●") + line[:38].count("▲") for line in lines) == 2
    assert len(lines[9].rstrip(" y")) == 38


@pytest.mark.parametrize("height", range(6, 30))
async def test_the_name_of_an_axis_never_runs_into_a_number(height: int) -> None:
    wide = (-5.61, 5.59, -4.8, 4.8)
    foot = next(line for line in reversed(await drawn(field(wide), (40, height))) if line)
    assert foot.split() in (["-5.6", "x", "5.6"], ["-5.6", "5.6"])


async def test_where_there_is_no_room_beside_the_picture_the_legend_is_above() -> None:
    lines = await drawn(field(points=samples()), (30, 20))
    assert lines[0] == "● in  ▲ out"
    assert lines[1].endswith(" 2.0")


async def test_held_out_samples_are_named() -> None:
    lines = await drawn(field(points=samples(held_out=True)))
    assert lines[2].endswith("○ △ test")
    assert sum(line[:38].count("△") for line in lines) == 1


@pytest.mark.parametrize("colors", [True, False])
async def test_values_have_a_scale(colors: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not colors:
        monkeypatch.setenv("NO_COLOR", "1")
    values = replace(field(points=samples()), scale=Scale(-1.5, 250.0, ramp(True), "░▒▓█"))
    lines = await drawn(values)
    assert [line[45:] for line in lines[:4]] == (
        ["█ 2.5e+02", "█", "█", "█ -1.5"] if colors else ["█ 2.5e+02", "▓", "▒", "░ -1.5"]
    )
    lines = await drawn(values, (34, 20))
    assert lines[0] == ("-1.5 ██████████ 2.5e+02  ● in" if colors else "-1.5 ░▒▓█ 2.5e+02  ● in  ▲ out")
    assert lines[1].startswith("▲ out") == colors, "what does not fit goes to the next line"


async def test_without_colors_the_class_is_a_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    lines = await drawn(field(points=samples()))
    assert lines[10].startswith("0" * 19 + "1" * 19)
    assert "▀" not in "".join(lines)
    assert sum(line[:38].count("▲") for line in lines) == 1
    assert lines[0].endswith("● 0 in")


@pytest.mark.parametrize(
    "shown",
    [
        field((0.0, 0.0, 0.0, 0.0), samples()),
        field((float("nan"), float("inf"), -1e308, 1e308), samples()),
        field(points=Points(np.array([np.nan, np.inf]), np.array([0.0, 1e300]), np.array([0, 1]))),
        field(points=Points(np.array([]), np.array([]), np.array([]))),
        Field(np.zeros((0, 0, 3), np.uint8), np.zeros((0, 0), np.str_), EXTENT, None, (), INKS),
        Field(np.zeros((1, 1, 3), np.uint8), np.array([["\x1b"]]), EXTENT, None, ("\x1b[2J[/]",), INKS),
    ],
    ids=["point extent", "wild extent", "wild points", "no points", "no pixels", "control characters"],
)
@pytest.mark.parametrize("colors", [True, False])
async def test_any_field(shown: Field, colors: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not colors:
        monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in "".join(await drawn(shown))


async def test_drawn_again_for_new_data_size_and_theme() -> None:
    app = One()
    async with app.run_test(size=(76, 20)) as pilot:
        heat = app.query_one(HeatMap)
        heat.show(field(points=samples()))
        first = heat.render_line(2)
        assert heat.render_line(2) == first
        app.theme = "textual-light"
        await pilot.pause()
        assert heat.render_line(0) != first
        await pilot.resize_terminal(50, 12)
        await pilot.pause()
        assert heat.render_line(2).cell_length == 50
        heat.show(None)
        assert "no picture yet" in heat.render_line(0).text

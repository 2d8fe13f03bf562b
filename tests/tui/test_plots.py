"""Plots live through whatever numbers come, and look as they should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult

from nnviz.tui.widgets.plot import Plot, draw
from nnviz.views.chart import LARGEST
from nnviz.views.series import Frame, Mark, Series

SIZES = [(0, 0), (1, 1), (16, 5), (76, 20), (500, 200), (700, 300), (3, 40), (200, 2)]
X = np.linspace(0, 1, 50)


def rows(series: list[Series], width: int = 76, height: int = 20, frame: Frame = Frame()) -> list[str]:  # noqa: B008
    """The plot as text."""
    lines = draw(series, width, height, frame, lambda _: Style.null())
    return ["".join(segment.text for segment in line) for line in lines]


Y = {
    "nan": np.full(50, np.nan),
    "holes": np.where(np.arange(50) % 7 == 0, np.nan, X),
    "inf": np.where(np.arange(50) % 5 == 0, np.inf, X),
    "far": np.where(np.arange(50) % 2 == 0, 1e308, -1e308),
    "one far": np.where(np.arange(50) == 9, 1e308, X),
    "empty": np.array([]),
    "one": np.array([3.0]),
    "constant": np.full(50, 5.0),
    "zero": np.zeros(50),
    "tiny": X * 5e-324,
    "huge": np.full(50, 1e16) + X,
    "zeros and below": np.linspace(-1, 1, 50),
    "whole": np.arange(50),
    "half": X.astype(np.float16),
}
FRAMES = [
    Frame(),
    Frame(log_y=True),
    Frame(y_floor=0.0),
    Frame(x_range=(0.4, 0.6), y_range=(-1e-9, 1e-9)),
    Frame(x_range=(2.0, 1.0), y_range=(float("nan"), float("inf"))),
    Frame(y_range=(-1.0, 1.0), log_y=True),
    Frame(y_range=(-1e308, 1e308), y_floor=float("-inf")),
    Frame(marks=(Mark(float("nan"), "a"), Mark(float("inf"), "b"), Mark(0.5, "c" * 500), Mark(-1e308, ""))),
]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("style", ["line", "dashes", "dots", "points"])
@pytest.mark.parametrize("y", Y.values(), ids=Y.keys())
def test_any_data_in_any_frame(y: np.ndarray, style: str, frame: Frame) -> None:
    for averaged in (False, True):
        for line in rows([Series("y", X, y, style, averaged)], frame=frame):  # type: ignore[arg-type]
            assert cell_len(line) <= 76


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("series", [[], [Series("a", X, X)], [Series("b", X, -X, "dots"), Series("漢字", X, X)]])
def test_any_size(size: tuple[int, int], series: list[Series]) -> None:
    lines = draw(series, *size, Frame("y", "x"), lambda _: Style.null())
    assert len(lines) <= min(size[1], LARGEST[1])
    if size[0] >= 16 and size[1] >= 5 and series:
        assert len(lines) == min(size[1], LARGEST[1])


@settings(deadline=None, max_examples=60)
@given(
    arrays(np.float64, 12, elements=st.floats()),
    arrays(np.float64, 12, elements=st.floats()),
    st.floats(),
    st.floats(),
    st.booleans(),
)
def test_any_numbers(x: np.ndarray, y: np.ndarray, low: float, high: float, log_y: bool) -> None:
    both = [Series("a", x, y), Series("b", x, y, "dots")]
    assert rows(both, 40, 12, Frame(x_range=(low, high), y_range=(low, high), log_y=log_y))
    assert rows(both, 40, 12, Frame(y_floor=low, log_y=log_y))


def test_a_million_points() -> None:
    x = np.linspace(0, 100, 10**6)
    holes = np.where(np.arange(10**6) % 2 == 0, np.sin(x), np.nan)
    assert len(rows([Series("a", x, np.sin(x)), Series("b", x, holes), Series("c", x, holes, "dots")])) == 20


@pytest.mark.parametrize("name", ["\x1b]52;c;aGk=\x07", "[/]", "[@click=app.quit]", "x" * 100_000, "\ud800", "\x9b2J"])
def test_names_are_cleaned(name: str) -> None:
    lines = rows([Series(name, X, X)], frame=Frame(name, name, empty=name)) + rows([], frame=Frame(empty=name))
    text = "".join(lines)
    assert not any(c < " " or "\x7f" <= c <= "\x9f" or "\ud800" <= c <= "\udfff" for c in text)


def test_more_series_than_colors() -> None:
    assert len(rows([Series(str(i), X[:3], X[:3]) for i in range(300)], 40, 10)) == 10


def test_names_at_the_ends_and_ticks() -> None:
    lines = rows([Series("train", X, X), Series("test", X, X * X / 2, "dashes")], frame=Frame("loss", "epoch"))
    assert lines[0].strip() == "loss"
    assert [line.split()[-1] for line in lines if line.rstrip().endswith(("train", "test"))] == ["train", "test"]
    assert lines[-1].split()[0] == "0.0"
    assert lines[-1].split()[-1] == "epoch"
    assert any(line.startswith("1.0┤") for line in lines)


def test_where_there_is_no_room_beside_the_curves_names_are_above() -> None:
    lines = rows([Series("a", X, X), Series("b", X, X * X, "dashes")], 20, frame=Frame("y", "x"))
    assert lines[0].split() == ["y", "⠒⠒⠒⠒", "a", "⠒⠒⠒", "b"]
    lines = rows([Series("train", X, X), Series("test", X, X * X, "dashes")], 20, frame=Frame("loss", "epoch"))
    assert lines[0].split() == ["loss", "⠒⠒⠒⠒", "train"], "there is no room for more"


def test_series_differ_without_color() -> None:
    several = [
        Series(f"{style} {i}", X, X + i, style)  # type: ignore[arg-type]
        for style in ("line", "dashes", "dots")
        for i in range(4)
    ]
    legend = rows(several, 200, 12)[0]
    samples = [legend[legend.index(one.name) - 5 : legend.index(one.name)] for one in several]
    assert len(set(samples)) == len(several)


def test_a_steep_line_has_no_gap_where_it_is_clipped() -> None:
    lines = rows([Series("", np.array([0.0, 1.0]), np.array([-1e9, 1e9]))], 40, 12, Frame(y_range=(-1.0, 1.0)))
    inked = [any("⠀" < c <= "⣿" for c in line) for line in lines[1:-2]]
    assert all(inked)


def test_log_scale_has_powers_of_ten() -> None:
    text = "\n".join(rows([Series("", X, 10.0 ** (-6 * X))], frame=Frame(log_y=True)))
    assert "1e-06" in text
    assert "0.01" in text


def test_an_empty_plot_says_so() -> None:
    assert "Press space." in "".join(rows([], frame=Frame("loss", empty="Press space.")))
    assert "Nothing" in "".join(rows([Series("a", X, np.full(50, np.nan))]))


class Two(App[None]):
    """Two plots on one screen."""

    def compose(self) -> ComposeResult:
        yield Plot(id="one")
        yield Plot(id="two")


def text_of(plot: Plot) -> list[str]:
    return [plot.render_line(y).text for y in range(plot.size.height)]


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (76, 40), (80, 24)])
async def test_widget_at_any_size(size: tuple[int, int]) -> None:
    app = Two()
    async with app.run_test(size=size) as pilot:
        app.query_one("#one", Plot).show([Series("a", X, X)], Frame())
        await pilot.pause()
        for plot in app.query(Plot):
            assert all(cell_len(line) == plot.size.width for line in text_of(plot))
        plot.styles.width = plot.styles.height = 0
        await pilot.pause()
        assert plot.size.area == 0
        plot.render_line(0)


async def test_widget_draws_again_only_when_something_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []

    def counted(*given: object) -> list[list[Segment]]:
        drawn.append(given)
        return draw(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("nnviz.tui.widgets.plot.draw", counted)
    app = Two()
    async with app.run_test(size=(80, 40)) as pilot:
        plot = app.query_one("#one", Plot)
        other = app.query_one("#two", Plot)
        plot.show([Series("a", X, X)], Frame())
        other.show([Series("b", X, -X)], Frame())
        await pilot.pause()
        before = text_of(plot)
        count = len(drawn)
        plot.show([Series("a", X, X)], Frame())
        plot.refresh()
        await pilot.pause()
        assert text_of(plot) == before
        assert len(drawn) == count
        plot.show([Series("a", X, X.copy())], Frame())
        text_of(plot)
        assert len(drawn) == count + 1
        await pilot.resize_terminal(60, 30)
        text_of(plot)
        assert len(drawn) > count + 1
        assert text_of(plot) != text_of(other)


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark", "ansi-light"])
async def test_widget_follows_the_theme(theme: str) -> None:
    app = Two()
    async with app.run_test(size=(80, 40)) as pilot:
        plot = app.query_one("#one", Plot)
        plot.show([Series("a", X, X), Series("b", X, -X, "dots")], Frame(marks=(Mark(0.5, "words"),)))
        app.theme = "dracula"
        await pilot.pause()
        before = [plot.render_line(y) for y in range(plot.size.height)]
        app.theme = theme
        await pilot.pause()
        after = [plot.render_line(y) for y in range(plot.size.height)]
        assert [line.text for line in before] == [line.text for line in after]
        styles = {segment.style for line in after for segment in line if segment.text.strip()}
        assert not styles & {segment.style for line in before for segment in line if segment.text.strip()}
        # Of the axes, the mark, and both curves; with the terminal's own colors axes and mark are dim.
        assert len(styles) == (3 if theme.startswith("ansi") else 4)


async def test_widget_without_colors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Two()
    async with app.run_test(size=(80, 40)) as pilot:
        app.query_one("#one", Plot).show([Series("a", X, X), Series("b", X, -X, "dots")], Frame())
        await pilot.pause()
        text = "".join(text_of(app.query_one("#one", Plot)))
    assert any("⠀" < c <= "⣿" for c in text)

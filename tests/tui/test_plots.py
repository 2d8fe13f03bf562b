"""Plots live through whatever numbers come, and look as they should."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult

from nnviz.tui.plots import LARGEST, draw
from nnviz.tui.widgets.plot import Plot
from nnviz.views.series import Frame, Series

SIZES = [(0, 0), (1, 1), (16, 5), (76, 20), (500, 200), (700, 300), (3, 40), (200, 2)]
X = np.linspace(0, 1, 50)


def rows(series: list[Series], width: int = 76, height: int = 20, frame: Frame = Frame()) -> list[str]:  # noqa: B008
    """The plot as text."""
    lines = draw(series, width, height, frame, lambda _: Style.null())
    return ["".join(segment.text for segment in line) for line in lines]


def child(code: str) -> subprocess.CompletedProcess[str]:
    """Run where an abort ends only itself."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120, check=False
    )


UNPROTECTED = """
    import plotext
    plotext.terminal.limit(False, False)
    plotext.figure.plot_size(60, 15)
    plotext.figure.ruler("y", "left").lim(0.0, 1.0)
    plotext.figure.draw(plotext.figure.signal([0.0, 0.5, 1.0], [0.0, {middle}, 0.0], marker="braille").lines())
    plotext.figure.build()
"""
OURS = """
    import numpy as np
    from rich.style import Style
    from nnviz.tui.plots import draw
    from nnviz.views.series import Frame
    from nnviz.views.series import Series
    one = Series("", np.array([0.0, 0.5, 1.0]), np.array([0.0, {middle}, 0.0]))
    print(len(draw([one], 60, 15, Frame(y_range=(0.0, 1.0)), lambda _: Style.null())))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("middle", ["float('nan')", "1e20"])
def test_what_aborts_plotext_does_not_abort_us(middle: str) -> None:
    assert child(UNPROTECTED.format(middle=middle)).returncode == -signal.SIGABRT
    ours = child(OURS.format(middle=middle))
    assert (ours.returncode, ours.stdout) == (0, "15\n"), ours.stderr


def test_plotext_is_imported_by_the_first_plot_only() -> None:
    assert child("import sys, nnviz.tui.plots\nassert 'plotext' not in sys.modules").returncode == 0


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
]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("style", ["line", "dots"])
@pytest.mark.parametrize("y", Y.values(), ids=Y.keys())
def test_any_data_in_any_frame(y: np.ndarray, style: str, frame: Frame) -> None:
    for line in rows([Series("y", X, y, style)], frame=frame):  # type: ignore[arg-type]
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


def test_more_series_than_colours() -> None:
    assert len(rows([Series(str(i), X[:3], X[:3]) for i in range(300)], 40, 10)) == 10


def test_legend_and_ticks() -> None:
    lines = rows([Series("train", X, X), Series("test", X, X * X, "dots")], frame=Frame("loss", "epoch"))
    assert lines[0].split() == ["loss", "━━━", "train", "•", "•", "test", "→", "epoch"]
    assert "0.0" in lines[-1]
    assert any(line.startswith("1.0┤") for line in lines)


def test_series_differ_without_colour() -> None:
    several = [Series(f"line {i}", X, X + i) for i in range(4)] + [Series(f"dots {i}", X, X, "dots") for i in range(4)]
    legend = rows(several, 200)[0]
    samples = [legend[legend.index(one.name) - 4 : legend.index(one.name)] for one in several]
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
        plot.show([Series("a", X, X), Series("b", X, -X, "dots")], Frame())
        app.theme = "dracula"
        await pilot.pause()
        before = plot.render_line(0)
        app.theme = theme
        await pilot.pause()
        after = plot.render_line(0)
        assert before.text == after.text
        styles = {segment.style for segment in after if segment.text.strip()}
        assert not styles & {segment.style for segment in before if segment.text.strip()}
        assert len(styles) >= 3


async def test_widget_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Two()
    async with app.run_test(size=(80, 40)) as pilot:
        app.query_one("#one", Plot).show([Series("a", X, X), Series("b", X, -X, "dots")], Frame())
        await pilot.pause()
        text = "".join(text_of(app.query_one("#one", Plot)))
    assert "•" in text
    assert any("⠀" < c <= "⣿" for c in text)

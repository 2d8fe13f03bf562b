"""The page of fitting by keys and with the mouse; its pictures, each looked at before it was accepted."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot
from textual.widgets import Input

from nnviz.engine import ProcessEngine
from nnviz.files.opened import open_model
from nnviz.lab import edits
from nnviz.network import opening
from nnviz.run.pieces import Pieces
from nnviz.run.queries import OverRange, RangeSeen
from nnviz.run.queries.over_range import points
from nnviz.tui.app import NnvizApp
from nnviz.tui.dialogs.choices import ChoiceScreen
from nnviz.tui.dialogs.target_form import TargetForm
from nnviz.tui.dialogs.unfold import UnfoldScreen
from nnviz.tui.main import MainScreen
from nnviz.tui.panels.fits import FitsPanel
from nnviz.tui.widgets.plot import Plot
from nnviz.tui.widgets.table import TextTable
from nnviz.tui.widgets.text_lines import TextLines
from nnviz.views import fits as views
from tests.tui.conftest import main_screen, opened, ready, resized, running, toasts, until
from tests.tui.pictures import picture
from tests.tui.test_snapshots import moment
from tests.views.test_chart import HALF, far_from_line, read

LINE = 'function 1-8-1 relu adam:0.03 "of:sin(x) + 0.3*x" low:-6 high:6 seed:3'
KINKS = np.array([-7.5, -4.25, -1.625, -1.5, 1.5, 4.5, 8.0])


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real run reports when it likes; here a made one stands still."""
    monkeypatch.setattr(ProcessEngine, "open", lambda self: None)


def made(reach: float) -> RangeSeen:
    """A network that connects points of the target by straight lines: by a formula, the same on every machine."""
    x = points(-6.0, 6.0, reach)
    starts = np.concatenate([[x[0]], KINKS[(x[0] < KINKS) & (x[-1] > KINKS)]])
    ends = np.append(starts[1:], x[-1])
    target = [np.sin(part) + 0.3 * part for part in (starts, ends)]
    slopes = (target[1] - target[0]) / (ends - starts)
    units = np.stack([np.full(len(starts), 1), np.arange(len(starts))], axis=1)
    pieces = Pieces(float(x[0]), float(x[-1]), starts, slopes, target[0] - slopes * starts, units)
    return RangeSeen(5000, -6.0, 6.0, x, pieces(x), pieces)


def hand_over(screen: MainScreen) -> None:
    """Give the page the made network."""
    observations = {OverRange(-6.0, 6.0, reach): made(reach) for reach in (0.0, 0.5, 1.0, 2.0)}
    screen.moment = replace(moment(screen), observations=observations)
    screen._show(at_once=True)


def words(screen: MainScreen) -> str:
    return str(screen.query_one("#fit-words").render())


def rows(screen: MainScreen) -> list[list[str]]:
    """The cells of the table."""
    return [[cell.plain.strip() for cell in row] for row in screen.query_one(FitsPanel).query_one(TextTable).rows]


def lines(screen: MainScreen, of: str) -> list[str]:
    widget = screen.query_one(of)
    return [widget.render_line(y).text for y in range(widget.size.height)]


@pytest.mark.usefixtures("no_process")
@pytest.mark.long
async def test_page(snapshot: SnapshotAssertion) -> None:
    pictures = snapshot.use_extension(SVGImageExtension)
    async with NnvizApp(open_model(LINE).network).run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        hand_over(screen)
        await pilot.press("7")
        assert await picture(pilot, "#fits") == pictures(name="80x24")
        for size, name in (((120, 40), "120x40"), ((200, 60), "200x60")):
            await resized(pilot, size)
            assert await picture(pilot, "#fits") == pictures(name=name)
        pilot.app.theme = "textual-light"
        await pilot.press("7", "j")
        await pilot.pause()
        assert await picture(pilot, "#fits") == pictures(name="light")
        await pilot.press("7", "equals_sign")
        await until(pilot, lambda: isinstance(pilot.app.screen, TargetForm))
        assert await picture(pilot, "DialogBox") == pictures(name="form")


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_each_curve_and_each_bend_is_where_the_picture_shows_it(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read off the screen by its ticks alone; without color, so that the strokes tell the curves apart."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with NnvizApp(open_model(LINE).network).run_test(size=size) as pilot:
        screen = await opened(pilot)
        hand_over(screen)
        # All of the screen, the range alone, and no fit drawn.
        await pilot.press("7", "7", "O", "O", "O", "enter", "j", "enter", "j", "enter")
        await until(pilot, lambda: all(row[0].startswith("·") for row in rows(screen)))
        plot = screen.query_one("#fit-plot", Plot)
        await until(pilot, lambda: [one.name for one in plot._series] == ["target"])
        target = curve_of(plot, 0)
        alone = dots(screen)
        assert far_from_line(alone.places, target / alone.dot).max() <= HALF
        for row in range(3):
            await pilot.press(*["k"] * 3, *["j"] * row, "enter")
            await until(pilot, lambda: len(plot._series) == 2)
            both = dots(screen)
            own = curve_of(plot, 1)
            near = [far_from_line(both.places, line / both.dot) <= HALF for line in (target, own)]
            # The line at the point of the Taylor polynomial, while that is chosen.
            marks = [np.abs(both.places[:, 0] - mark.x / both.dot[0]) <= 1 for mark in plot._frame.marks]
            assert len(marks) == (row == 1)
            assert np.logical_or.reduce([*near, *marks]).all()
            # Its own dots are there, though the target's may lie below.
            assert near[1].sum() > plot.size.width / 2
            await pilot.press("enter")
            await until(pilot, lambda: len(plot._series) == 1)
        # The bends, by the ticks above them.
        bends = lines(screen, "#fit-bends")[0]
        found = sorted(
            at
            for column, text in enumerate(bends[: alone.end])
            for at in [column] * "─▲23456789".find(text)
            if text in "▲23456789"
        )
        inside = KINKS[(KINKS > -6) & (KINKS < 6)]
        assert len(found) == len(inside)
        assert np.abs(alone.value(np.array(found) + 0.5) - inside).max() <= alone.column / 2 + 1e-6


class Dots:
    """The dots of the picture, as one reads them."""

    def __init__(self, picture: list[str]) -> None:
        found = read([line.rstrip() if number < len(picture) - 1 else line for number, line in enumerate(picture)])
        self.dot = np.array(found.dot)
        self.places = np.stack([found.x, found.y], axis=1) / self.dot
        axis = next(line for line in picture if "└" in line)
        ticks = [column for column, text in enumerate(axis) if text in "┬┼"]
        labels = [float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", picture[-1])]
        self.column = (labels[-1] - labels[0]) / (ticks[-1] - ticks[0])
        self._first, self._label, self.end = ticks[0], labels[0], axis.rindex("─") + 1

    def value(self, columns: np.ndarray) -> np.ndarray:
        """What a place in columns means by the ticks."""
        return self._label + (columns - self._first - 0.5) * self.column


def dots(screen: MainScreen) -> Dots:
    picture = lines(screen, "#fit-plot")
    # Names of curves are text beside the dots, and no part of them.
    return Dots(picture)


def curve_of(plot: Plot, number: int) -> np.ndarray:
    one = plot._series[number]
    return np.stack([one.x, one.y], axis=1)


@pytest.mark.long
async def test_a_function_is_typed_fitted_and_taken_back_by_keys() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("7")
        await until(pilot, lambda: "needs data of one value over one input" in words(screen))
        assert "E chooses a function and = types one" in words(screen)
        await pilot.press("equals_sign")
        await until(pilot, lambda: isinstance(pilot.app.screen, TargetForm))
        form = pilot.app.screen
        field = form.query(Input).first()
        field.value = "abs(x) + \x1b[31m"
        await pilot.press("enter")
        assert pilot.app.screen is form
        await until(pilot, lambda: "character 10: '\\x1b' is not part of a formula" in shown(pilot))
        field.value = "log(x)"
        await pilot.press("enter")
        await until(pilot, lambda: "log(x) is not a number at x = -6" in shown(pilot))
        field.value = "abs(x)"
        await pilot.press("enter")
        await until(pilot, lambda: screen.lab.network.settings.data["of"] == "abs(x)")
        assert "u returns to the network before" in toasts(pilot)
        await until(pilot, lambda: len(rows(screen)) == 3 and rows(screen)[2][1] != "—")
        # More waves are better, by the table.
        errors = [float(rows(screen)[0][2])]
        for _ in range(3):
            await pilot.press("plus")
            await until(
                pilot,
                lambda: (
                    f"{screen.lab.fits.terms} waves" in rows(screen)[0][0]
                    or rows(screen)[0][0] == f"✓ Fourier {screen.lab.fits.terms}"
                ),
            )
            errors.append(float(rows(screen)[0][2]))
        assert screen.lab.fits.terms == 6
        assert errors == sorted(errors, reverse=True)
        # The point of Taylor's polynomial at the kink, and beside it.
        await pilot.press("j")
        await until(pilot, lambda: "abs(u) has no derivative at u = 0" in words(screen))
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: words(screen).startswith("y ≈ 0.6 + 1 (x − 0.6)"))
        await pilot.press("u")
        await until(pilot, lambda: screen.lab.network == opening())
        await until(pilot, lambda: "needs data of one value over one input" in words(screen))


def shown(pilot: Pilot[None]) -> str:
    """All text of the dialog."""
    strips = pilot.app.screen._compositor.render_strips()
    return re.sub(r"[│\s]+", " ", " ".join(strip.text for strip in strips))


@pytest.mark.long
async def test_bends_move_while_it_trains_and_are_listed() -> None:
    async with running(open_model(LINE).network) as pilot:
        screen = await ready(pilot)
        await pilot.press("7", "7", "j", "j")
        await until(pilot, lambda: "▲" in "".join(lines(screen, "#fit-bends")))
        before, first = lines(screen, "#fit-bends"), rows(screen)[2]
        await pilot.press("space")
        await until(pilot, lambda: lines(screen, "#fit-bends") != before and rows(screen)[2] != first)
        await until(pilot, lambda: float(rows(screen)[2][2]) < 0.3)
        await pilot.press("space")
        await until(pilot, lambda: not screen.lab.advancing)
        await until(
            pilot, lambda: getattr(views.seen_of(screen.lab, screen.moment), "step", -1) == screen.lab.present.step
        )
        assert "linear, bend, linear" in words(screen)
        await pilot.press("i")
        await until(pilot, lambda: isinstance(pilot.app.screen, UnfoldScreen))
        listed = pilot.app.screen.query_one(TextLines)._lines
        seen = views.seen_of(screen.lab, screen.moment)
        assert isinstance(seen, RangeSeen)
        assert seen.pieces is not None
        assert len(listed) == len(seen.pieces.starts) + 1
        for line, slope in zip(listed[1:], seen.pieces.slopes, strict=True):
            assert float(line.partition("y = ")[2].partition(" x")[0].replace("−", "-")) == pytest.approx(
                slope, rel=1e-4, abs=1e-9
            )
        await pilot.press("escape", "k", "i")
        await until(pilot, lambda: isinstance(pilot.app.screen, UnfoldScreen))
        assert "f⁽ᵏ⁾(p)" in shown(pilot)
        # Wider layers are an edit like any other.
        await pilot.press("escape", "j")
        await pilot.press("plus")
        await until(pilot, lambda: screen.lab.network.layers[0]["out_features"] == 12)
        await pilot.press("u")
        await until(pilot, lambda: screen.lab.network.layers[0]["out_features"] == 8)


@pytest.mark.long
async def test_a_function_is_chosen_and_a_fit_is_clicked() -> None:
    async with running(size=(120, 40)) as pilot:
        screen = await ready(pilot)
        await pilot.press("7", "E")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen))
        await pilot.press(*"square", "enter")
        await until(pilot, lambda: screen.lab.network.settings.data.get("of") == "square(pi*x)")
        await until(pilot, lambda: len(rows(screen)) == 3 and rows(screen)[2][1] != "—")
        # The toast lies on the table.
        pilot.app.clear_notifications()
        await pilot.pause()
        await pilot.click(screen.query_one(FitsPanel).query_one(TextTable), offset=(3, 2))
        await until(pilot, lambda: screen.lab.fits.chosen == "taylor")
        await until(pilot, lambda: "square(u) has a jump at u = 0" in words(screen))
        # A smooth network has no pieces, and says so.
        network = screen.lab.network
        for at in (1, 3):
            network = network.change(at, replace(network.layers[at], name="Tanh"))
        screen.do(edits.edit, network)
        await until(pilot, lambda: bool(getattr(views.seen_of(screen.lab, screen.moment), "why", "")))
        await pilot.press("j", "i")
        await until(pilot, lambda: "Layer 2, Tanh, is curved: there are no straight pieces" in toasts(pilot))
        assert main_screen(pilot) is pilot.app.screen


async def test_it_asks_only_while_it_is_seen() -> None:
    async with running(open_model(LINE).network, size=(80, 24)) as pilot:
        screen = await ready(pilot)
        query = OverRange(-6.0, 6.0, 0.5)
        assert query not in screen.drawer.looked
        await pilot.press("7")
        await until(pilot, lambda: query in screen.drawer.looked)
        await pilot.press("2")
        await until(pilot, lambda: query not in screen.drawer.looked)

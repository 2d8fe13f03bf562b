"""Activation functions compared on page 3: by keys, by the mouse, at all sizes; measuring blocks no key."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from nnviz.engine import ProcessEngine
from nnviz.network import Network, opening
from nnviz.registry import Spec
from nnviz.run.activation_times import Times
from nnviz.tui.app import NnvizApp
from nnviz.tui.main import MainScreen
from nnviz.tui.panels import compared
from nnviz.tui.panels.activation import ActivationPanel
from nnviz.tui.panels.compared import ComparedPage, lines_of
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.plot import Plot
from nnviz.tui.widgets.table import TextTable
from tests.tui.conftest import main_screen, opened, resized, toasts, until
from tests.tui.pictures import picture

SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ProcessEngine, "open", lambda self: None)


async def comparing(pilot: Pilot[None], *keys: str) -> MainScreen:
    """The page, with its table in focus."""
    screen = await opened(pilot)
    await pilot.press("3", "A")
    await until(pilot, lambda: isinstance(screen.focused, TextTable) and screen.focused.id == "compared-table")
    await pilot.press(*keys)
    return screen


def text(screen: MainScreen, part: str) -> str:
    return str(screen.query_one(f"#compared-{part}", StableLabel).render())


def names(screen: MainScreen, plot: str = "f") -> list[str]:
    return [one.name for one in screen.query_one(f"#compared-{plot}", Plot)._series]


@pytest.mark.long
async def test_pictures(snapshot: SnapshotAssertion) -> None:
    """In one opening: all sizes, the chord, the page that fills the screen, and the table in a light theme."""
    pictures = snapshot.use_extension(SVGImageExtension)
    async with NnvizApp(opening()).run_test(size=SIZES[0]) as pilot:
        await comparing(pilot)
        for size in SIZES:
            await resized(pilot, size)
            assert await picture(pilot, "#activation") == pictures(name=f"{size[0]}x{size[1]}")
        await resized(pilot, SIZES[1])
        await pilot.press("3", "j", "j", "C")
        assert await picture(pilot, "#activation") == pictures(name="chord")
        pilot.app.theme = "textual-light"
        await resized(pilot, SIZES[0])
        await pilot.press("B", "z", "z", "z", "z")
        assert await picture(pilot, "#activation") == pictures(name="table")


async def test_functions_are_drawn_and_read_by_keys() -> None:
    async with NnvizApp(opening()).run_test(size=(120, 40)) as pilot:
        screen = await comparing(pilot, "3", "j", "j")
        assert text(screen, "reading") == "z = 0: ReLU f = 0, f′ = 0*"
        assert "the code sets f′ = 0 there" in text(screen, "facts")
        await pilot.press("right", "right", "right")
        assert text(screen, "reading") == "z = 0.3: ReLU f = 0.3, f′ = 1"
        await pilot.press("shift+left")
        assert text(screen, "reading") == "z = −0.7: ReLU f = 0, f′ = 0"
        await pilot.press("enter")
        assert names(screen) == names(screen, "slope") == ["Sigmoid", "Tanh", "LeakyReLU"]
        await pilot.press("enter", "down", "L")
        assert screen.query_one(ActivationPanel).border_title is not None
        assert screen.lab.curves.slope == 0.3
        assert text(screen, "reading") == "z = −0.7: LeakyReLU f = −0.21, f′ = 0.3"
        await pilot.press("C")
        assert names(screen)[-1] == "chord"
        assert text(screen, "facts").startswith("LeakyReLU: convex: the chord from −6 to 6")
        assert "a car whose wheel is always turned one way" in text(screen, "facts")
        await pilot.press("D")
        assert not screen.query_one("#compared-slope").display
        await pilot.press("D")
        assert not screen.query_one("#compared-f").display
        # The selected activation again, with the focus where it was; there, Enter edits the layer.
        await pilot.press("A")
        assert screen.focused is screen.query_one(ActivationPanel)
        assert not screen.query_one(ComparedPage).display
        await pilot.press("enter")
        assert len(pilot.app.screen_stack) == 2


async def test_the_table_takes_the_page_and_is_sorted() -> None:
    async with NnvizApp(opening()).run_test(size=(80, 24)) as pilot:
        screen = await comparing(pilot, "B", "z", "z", "z", "z")
        table = screen.query_one("#compared-table", TextTable)
        assert not screen.query_one("#compared-plots").display
        assert table.rows[-1][0].plain.strip() == "Softplus"
        assert screen.lab.curves.name == "Sigmoid"
        assert table.rows[table.cursor_row][0].plain.strip() == "✓ Sigmoid"
        await pilot.press("end")
        assert screen.lab.curves.name == "Softplus"
        assert text(screen, "facts").startswith("Softplus: f(z) = ln(1 + e^(β · z)) / β")


async def test_the_mouse_reads_chooses_and_draws() -> None:
    async with NnvizApp(opening()).run_test(size=(120, 40)) as pilot:
        screen = await comparing(pilot, "3")
        plot = screen.query_one("#compared-f", Plot)
        for column in (20, 40):
            z = plot.x_at(column)
            assert z is not None
            await pilot.click(plot, offset=(column, 3))
            assert screen.lab.curves.z == pytest.approx(z, abs=screen.lab.curves.step / 2 + 1e-9)
        before = screen.lab.curves
        # Beside the curves there is nothing to read.
        await pilot.click(plot, offset=(0, 3))
        assert screen.lab.curves is before
        table = screen.query_one("#compared-table", TextTable)
        await pilot.click(table, offset=(3, 2))
        assert (screen.lab.curves.name, screen.lab.curves.chosen) == ("Tanh", before.chosen)
        await pilot.click(table, offset=(3, 2))
        assert screen.lab.curves.chosen == before.chosen - {"Tanh"}


@pytest.mark.parametrize("keys", [("3", "3", "A"), ("3", "A", "3"), ("3", "B")])
async def test_it_needs_no_activation_in_the_stack(keys: tuple[str, ...]) -> None:
    network = Network(opening().layers[:1], opening().settings)
    async with NnvizApp(network).run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press(*keys)
        await until(pilot, lambda: bool(screen.query(ComparedPage)) and bool(text(screen, "reading")))
        assert text(screen, "reading").startswith("z = 0: Sigmoid f = 0.5")
        assert not ActivationPanel.queries(screen.lab)


@pytest.mark.parametrize("size", [(20, 5), (40, 12), (50, 16), (80, 24), (110, 34), (200, 60)])
async def test_nothing_is_pushed_out_of_the_page(size: tuple[int, int]) -> None:
    async with NnvizApp(opening()).run_test(size=size) as pilot:
        screen = await comparing(pilot)
        panel = screen.query_one(ActivationPanel)
        for keys in ((), ("C",), ("3",), ("B",)):
            await pilot.press(*keys)
            await pilot.pause()
            for part in ("table", "facts", "plots"):
                widget = screen.query_one(f"#compared-{part}")
                assert not widget.display or widget.region.bottom <= panel.content_region.bottom, (part, keys)


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("width", [20, 44, 71, 72, 160])
def test_lines_add_up(width: int, alone: bool) -> None:
    for height in range(1, 60):
        found = lines_of(width, height, 16, [2, 1, 1, 2, 1, 1], alone)
        assert min(found.plots, found.table, found.facts) >= 0
        assert found.plots + found.table + found.facts <= height
        assert found.table >= min(2, height)


class Held:
    """Measuring that waits in its thread until the test lets it go on."""

    def __init__(self) -> None:
        self.begun, self.go_on, self.ended = threading.Event(), threading.Event(), threading.Event()

    def __call__(self, specs: Mapping[str, Spec], wanted: Callable[[], bool]) -> Iterator[Times]:
        """Half of it, and the rest once it may go on."""
        assert threading.current_thread() is not threading.main_thread()
        try:
            self.begun.set()
            yield Times({"ReLU": 0.001}, 1, 2)
            while wanted() and not self.go_on.wait(0.01):
                pass
            if wanted():
                yield Times(dict.fromkeys(specs, 0.002) | {"ReLU": 0.001}, 2, 2)
        finally:
            self.ended.set()


async def test_keys_answer_while_it_is_measured_and_the_times_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held()
    monkeypatch.setattr(compared, "activation_times", held)
    async with NnvizApp(opening()).run_test(size=(120, 40), notifications=True) as pilot:
        screen = await comparing(pilot, "3", "T")
        await until(pilot, held.begun.is_set)
        await pilot.press("j", "right")
        assert text(screen, "reading") == "z = 0.1: Tanh f = 0.099668, f′ = 0.990066"
        assert screen.lab.curves.measured.running
        held.go_on.set()
        await until(pilot, lambda: "measured" in toasts(pilot))
        assert not screen.lab.curves.measured.running
        await until(pilot, lambda: "a million numbers: 2.0 ms, 2.0 times as long as ReLU" in text(screen, "facts"))


async def test_measuring_is_cancelled_by_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held()
    monkeypatch.setattr(compared, "activation_times", held)
    async with NnvizApp(opening()).run_test(size=(120, 40), notifications=True) as pilot:
        screen = await comparing(pilot, "3", "T")
        await until(pilot, held.begun.is_set)
        await pilot.press("T")
        await until(pilot, held.ended.is_set)
        assert not screen.lab.curves.measured.running
        assert "Measuring is stopped." in toasts(pilot)


async def test_measuring_ends_with_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held()
    monkeypatch.setattr(compared, "activation_times", held)
    async with NnvizApp(opening()).run_test(size=(120, 40)) as pilot:
        await comparing(pilot, "T")
        await until(pilot, held.begun.is_set)
    assert held.ended.wait(5)


async def test_an_error_while_measuring_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_specs: Mapping[str, Spec], _wanted: Callable[[], bool]) -> Iterator[Times]:
        yield Times({"ReLU": 0.001}, 1, 2)
        raise MemoryError("no room for a million numbers")

    monkeypatch.setattr(compared, "activation_times", fails)
    async with NnvizApp(opening()).run_test(size=(120, 40), notifications=True) as pilot:
        await comparing(pilot, "T")
        await until(pilot, lambda: "no room for a million numbers" in toasts(pilot))
        assert not main_screen(pilot).lab.curves.measured.running

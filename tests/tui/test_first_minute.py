"""README's first minute, typed as it says, and each of its claims."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from nnviz.tui.dialogs.merge import MergeScreen
from nnviz.tui.widgets.row_view import RowView
from tests.terminal import Terminal
from tests.tui.conftest import main_screen, names, ready, running, until
from tests.tui.test_terminal import READY, loss

README = Path(__file__).parents[2] / "README.md"


def minute() -> list[str]:
    """The steps, each on one line."""
    section = README.read_text("utf-8").partition("\n## The first minute\n")[2].partition("\n## ")[0]
    return [" ".join(step.split()) for step in re.split(r"^\d\. ", section, flags=re.MULTILINE)[1:]]


def epoch(text: str) -> float:
    """The epoch that the status line says."""
    found = re.search(r"epoch ([\d,.]+)", text)
    return float(found[1].replace(",", "")) if found else 0.0


def test_the_first_minute() -> None:
    """Typed from the README: its keys in their order."""
    keys = [re.findall(r"`([^`]+)`", step) for step in minute()]
    assert keys == [
        ["space", ">", "<", "space"], ["j", "x", "space", "u"], ["n", "n"], ["j", "d", "c", "u"], ["e", "f", "F"], ["ctrl+n"]
    ]  # fmt: skip
    with Terminal() as terminal:
        # It opens on two spirals and a network of three Linear layers.
        terminal.until(READY)
        assert "spiral 250+250" in terminal.text
        assert len(re.findall(r"\d Linear +\d+ →", terminal.text)) == 3
        first = loss(terminal.text)
        terminal.press(keys[0][0])
        terminal.until("20 epochs/s")
        terminal.press(keys[0][1])
        terminal.until("steps/s")
        terminal.until(lambda text: loss(text) < first / 2)
        terminal.press(keys[0][2])
        terminal.until("20 epochs/s")
        terminal.press(keys[0][3])
        terminal.until("■ epoch")
        # The first Tanh is swapped: the weights are kept, and the curve goes on with a mark. Undone again.
        terminal.press("j", "x")
        terminal.until("╭─ Swap")
        terminal.press("s", "i", "g", "enter")
        terminal.until(lambda text: re.search(r"2 +Sigmoid", text) and "Tanh → Sigmoid" in text)
        before = epoch(terminal.text)
        terminal.press("space")
        terminal.until(lambda text: epoch(text) > before > 0)
        terminal.press("space")
        terminal.until("■ epoch")
        terminal.press("u")
        terminal.until(lambda text: re.search(r"2 +Tanh", text))
        terminal.until(lambda text: "■ epoch" in text and "Sigmoid" not in text)
        learned = loss(terminal.text)
        # A walk, operation by operation, with its numbers; the arrow keys choose an element, Enter unfolds it.
        terminal.press(*keys[2])
        terminal.until("1 of 14 forward")
        before = terminal.text
        terminal.press("down")
        terminal.until(lambda text: text != before)
        terminal.press("enter")
        terminal.until("One element")
        terminal.press("escape")
        terminal.until(lambda text: "One element" not in text)
        terminal.press("escape")
        terminal.until(lambda text: "1 of 14 forward" not in text)
        # d on a Tanh: two linear layers with nothing between; c; u.
        terminal.press("j", "d")
        terminal.until(lambda text: re.search(r"2 Linear +16 → 16", text) and "4 Tanh" not in text)
        assert re.search(r"1 Linear +2 → 16", terminal.text)
        terminal.press("c")
        terminal.until("Linear after Linear is one Linear")
        terminal.press("escape")
        terminal.until(lambda text: "is one Linear" not in text)
        terminal.press("u")
        # The stack is drawn first, and the panel beside it still has the loss of before.
        back = pytest.approx(learned, abs=2e-4)
        terminal.until(lambda text: "2 Tanh" in text and "■ epoch" in text and loss(text) == back)
        # e on a Linear and another size; the stack says which layer does not fit, and f mends it.
        terminal.press("k", "e")
        terminal.until("╭─ Edit layer 1: Linear")
        terminal.press("\t", "\x15", "12", "enter")
        terminal.until("✗ layer 3:")
        terminal.until(lambda text: "f fixes this error:" in text and "12" in text)
        terminal.press("F")
        terminal.until("╭─ Fixes")
        terminal.press("escape")
        terminal.until(lambda text: "╭─ Fixes" not in text)
        terminal.press("f")
        terminal.until(lambda text: "✗" not in text and re.search(r"3 Linear +12 → 16", text))
        terminal.press("\x0e")
        terminal.until("╭─ New network")
        # The list is drawn after its frame.
        for name in ("lesson", "Playground", "Digits", "Residual", "Broken"):
            terminal.until(name)
        terminal.press("escape", "q")
        assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("size", [pytest.param((120, 40), marks=pytest.mark.long), (80, 24)], ids=str)
async def test_after_a_walk_the_keys_are_where_they_were(size: tuple[int, int]) -> None:
    async with running(size=size) as pilot:
        screen = await ready(pilot)
        await pilot.press("n", "n", "escape")
        assert screen.focused is screen.query_one("#stack-table", RowView)
        await pilot.press("j", "d")
        assert names(screen) == ["Linear", "Linear", "Tanh", "Linear"]
        await pilot.press("u", "4", "n", "n", "down", "escape")
        assert screen.focused is screen.query_one("#order")
        await pilot.press("1", "n", "v")
        assert screen.lab.graph == "picture"
        assert screen.focused is screen.query_one("#order" if screen.maximized else "#stack-table")


def painted(screen: Screen[Any]) -> str:
    return "\n".join(strip.text for strip in screen._compositor.render_strips())


@pytest.mark.parametrize(
    "size", [(120, 40), *[pytest.param(size, marks=pytest.mark.long) for size in ((80, 24), (60, 20))]], ids=str
)
async def test_the_number_under_the_cursor_is_shown_and_none_is_averaged(size: tuple[int, int]) -> None:
    async with running(size=size) as pilot:
        await ready(pilot)
        await pilot.press("j", "d", "c")
        await until(pilot, lambda: isinstance(pilot.app.screen, MergeScreen))
        dialog = pilot.app.screen
        await until(pilot, lambda: bool(dialog.query("Matrices")))
        weight = dialog._found.weight
        for key in [*["down"] * 15, "right", *["up"] * 15, "left"]:
            row, column = dialog._chosen
            await until(pilot, lambda: f"W[{dialog._chosen[0]}, {dialog._chosen[1]}] = " in painted(dialog))
            shown = painted(dialog)
            assert "each a mean" not in shown
            written = re.search(r"W\[\d+, \d+\] = ([−\d.e]+)", shown)
            assert written is not None
            assert float(written[1].replace("−", "-")) == pytest.approx(float(weight[row, column]), rel=1e-3)
            framed = re.search(r"(−?\d*\.\d+)\]", shown)
            assert framed is not None
            assert float(framed[1].replace("−", "-")) == pytest.approx(float(weight[row, column]), abs=1e-3)
            await pilot.press(key)
        assert main_screen(pilot) is not None

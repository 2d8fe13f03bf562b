"""`?` on every page: its numbers with their formulas come first, and tab leads to the page and the keys."""

from __future__ import annotations

import pytest
from textual.containers import VerticalScroll
from textual.pilot import Pilot

from nnviz.tui.dialogs.help import NUMBERS, RUN, HelpScreen, explained_lines
from nnviz.views.explained import Explained
from tests.tui.conftest import help_parts, main_screen, ready, running, until

PAGES = {
    "1": "the numbers of weight + the numbers of bias = 16 · 2 + 16 = 48",
    "2": "S / N = ",
    "3": "flat / all = ",
    "4": "Linear(2, 16)",
    "5": "‖w‖  ",
    "6": "accuracy  ",
    "8": "cross-entropy′  ",
}
"""What each page says of its numbers."""


async def asked(pilot: Pilot[None]) -> list[str]:
    """The parts of the help of the page that has the focus."""
    await pilot.press("question_mark")
    await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
    return help_parts(pilot)


async def answered(pilot: Pilot[None], wanted: str) -> None:
    """Ask until the numbers are there: some come from the training process first."""
    screen = main_screen(pilot)
    for _ in range(200):
        parts = await asked(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is screen)
        if wanted in "\n".join(parts):
            assert any(part.startswith(RUN) for part in parts)
            return
        await pilot.pause(0.02)
    raise AssertionError(f"{wanted!r} is in none of {parts}")


async def test_every_page_explains_its_numbers() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("s")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step == 1 and not screen.lab.running)
        for page, words in PAGES.items():
            await pilot.press(page)
            await answered(pilot, words)


async def test_a_reading_line_is_explained_where_the_arrows_put_it() -> None:
    async with running() as pilot:
        await ready(pilot)
        await pilot.press("3", "A", "right", "right")
        parts = await asked(pilot)
        assert "1 / (1 + e^(−0.2)) = 0.549834" in parts[0]
        assert "0.549834 · (1 − 0.549834) = 0.247517" in parts[0]


async def test_the_element_of_a_walk_is_explained() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("n", "n", "n")
        await until(pilot, lambda: screen.lab.walk.position == 2)
        parts = await asked(pilot)
        assert parts[0].startswith(f"{NUMBERS}\nout[0, 0]")
        assert "2 matmul · 2 of 14 forward" in parts[0]


async def test_tab_goes_from_part_to_part_and_round() -> None:
    async with running(size=(80, 24)) as pilot:
        await ready(pilot)
        parts = await asked(pilot)
        assert [part.partition("\n")[0] for part in parts] == [NUMBERS, "1 Stack", RUN, "Stack"]
        scroll = pilot.app.screen.query_one(VerticalScroll)
        tops = [part.virtual_region.y for part in pilot.app.screen.query(".part")]
        for top in (*tops[1:], tops[0]):
            await pilot.press("tab")
            await until(pilot, lambda top=top: scroll.scroll_y == top)  # type: ignore[misc]
        await pilot.press("shift+tab")
        await until(pilot, lambda: scroll.scroll_y == tops[-1])


@pytest.mark.parametrize("width", [30, 74])
def test_a_number_is_explained_in_lines_that_fit_and_lose_nothing(width: int) -> None:
    one = Explained("test loss", "0.0504", "S / N", "12.6 / 250 = 0.0504", "of all 250 test samples " * 8)
    lines = [line.plain for line in explained_lines(one, width)]
    assert max(map(len, lines)) <= width
    assert all(line.startswith("  ") for line in lines[1:])
    told = " ".join(" ".join(lines).split())
    assert told == "test loss 0.0504 S / N = 12.6 / 250 = 0.0504 " + " ".join(one.words.split())


def test_names_from_files_are_cleaned() -> None:
    lines = explained_lines(Explained("recall of class \x1b[2J[b]x", "0.0 %", words="a\x07b"), 60)
    assert "\x1b" not in "".join(line.plain for line in lines)
    assert "[b]x" in lines[0].plain
    assert "\x07" not in lines[1].plain

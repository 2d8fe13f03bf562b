"""Whatever is typed, pasted, clicked and resized: the program lives, and every page is a picture.

The short runs are seeded and in the suite; the long ones take as many seeds as there is time for.
"""

from __future__ import annotations

import os
import random
import time
from contextlib import suppress
from pathlib import Path

import pytest
from textual.events import Paste
from textual.pilot import OutOfBounds, Pilot

from nnviz import nn
from nnviz.tui.widgets.guarded import Guarded, Trouble
from tests.terminal import KEYS, Terminal
from tests.tui.conftest import main_screen, ready, running
from tests.tui.fuzzing import Move, moves

LONG = float(os.environ.get("NNVIZ_FUZZ_SECONDS", "30"))
"""Seconds that a long run takes."""


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is saved by chance goes into a folder of the test."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")


async def do(pilot: Pilot[None], move: Move) -> None:
    match move.kind:
        case "key":
            await pilot.press(move.text)
        case "paste":
            pilot.app.post_message(Paste(move.text))
            await pilot.pause()
        case "size":
            await pilot.resize_terminal(move.x, move.y)
        case "click":
            width, height = pilot.app.size
            try:
                await pilot.click(offset=(move.x % width, move.y % height))
            except OutOfBounds:
                await pilot.pause()
        case "layer":
            name, *values = move.text.split("\0")
            await pilot.press("escape", "escape", "a", *name.lower(), "enter")
            for value in values:
                await pilot.press("ctrl+u", *value, "tab")
            await pilot.press("enter", "escape")


def troubles(pilot: Pilot[None]) -> list[str]:
    """What stands in place of a picture."""
    screens = pilot.app.screen_stack
    over = [str(each.render()) for screen in screens for each in screen.query(Trouble) if each.display]
    return over + [each._unpainted for screen in screens for each in screen.query(Guarded) if each._unpainted]


async def play(seed: int, count: int, seconds: float = 1e9) -> int:
    end, done = time.monotonic() + seconds, 0
    trail: list[Move] = []
    async with running(size=(120, 40)) as pilot:
        await ready(pilot)
        for move in moves(seed, count):
            trail.append(move)
            await do(pilot, move)
            assert not troubles(pilot), (seed, trail[-30:], troubles(pilot))
            assert pilot.app._exception is None, (seed, trail[-30:])
            done += 1
            if time.monotonic() > end:
                break
        assert main_screen(pilot) is not None
    return done


@pytest.mark.parametrize("seed", [1])
@pytest.mark.long
async def test_random_use_is_survived(seed: int) -> None:
    await play(seed, 40)


@pytest.mark.long
async def test_random_use_is_survived_for_long() -> None:
    end, seed, done = time.monotonic() + LONG, int(os.environ.get("NNVIZ_FUZZ_SEED", "100")), 0
    while time.monotonic() < end:
        done += await play(seed, 400, end - time.monotonic())
        seed += 1
    assert done > 100


SENT = KEYS | {
    "left": "\x1b[D", "right": "\x1b[C", "home": "\x1b[H", "end": "\x1b[F", "pageup": "\x1b[5~", "pagedown": "\x1b[6~",
    "ctrl+n": "\x0e", "ctrl+p": "\x10", "ctrl+s": "\x13", "delete": "\x1b[3~", "shift+tab": "\x1b[Z", "shift+up": "\x1b[1;2A",
    "shift+down": "\x1b[1;2B", "f5": "\x1b[15~", "ctrl+home": "\x1b[1;5H", "ctrl+end": "\x1b[1;5F",
}  # fmt: skip
BUTTONS = {"left": (0,), "wheel up": (64,), "wheel down": (65,)}


def send(terminal: Terminal, move: Move, size: tuple[int, int]) -> tuple[int, int]:
    """Do it in a real terminal; gives the size it has then."""
    match move.kind:
        case "key":
            terminal.process.send(SENT.get(move.text, move.text))
        case "paste":
            terminal.process.send(f"\x1b[200~{move.text}\x1b[201~")
        case "click":
            x, y = move.x % size[0] + 1, move.y % size[1] + 1
            for button in BUTTONS[move.text]:
                terminal.process.send(f"\x1b[<{button};{x};{y}M\x1b[<{button};{x};{y}m")
        case "size":
            terminal.process.setwinsize(move.y, move.x)
            return move.x, move.y
        case "layer":
            name, *values = move.text.split("\0")
            terminal.process.send(f"\x1b\x1ba{name.lower()}\r" + "".join(f"\x15{v}\t" for v in values) + "\r")
    return size


def play_in_a_terminal(seed: int, count: int, seconds: float = 1e9) -> int:
    """Random use of the real program, with as much or as little time in between as the terminal has."""
    end, done, size = time.monotonic() + seconds, 0, (120, 40)
    rng = random.Random(seed)  # noqa: S311 (nothing is kept secret by it)
    trail: list[Move] = []
    with Terminal() as terminal:
        terminal.until("ready: press space")
        for move in moves(seed, count):
            trail.append(move)
            with suppress(OSError):
                size = send(terminal, move, size)
            terminal.take(rng.choice((0.0, 0.001, 0.01, 0.05)))
            done += 1
            if not terminal.process.isalive() or time.monotonic() > end:
                break
        for _ in range(40):
            terminal.take(0.05)
            if not terminal.process.isalive():
                break
        assert terminal.process.isalive(), (seed, trail[-30:], terminal.bytes[-1500:])
        assert b"could not be drawn" not in terminal.bytes, (seed, trail[-30:])
    return done


@pytest.mark.parametrize("seed", [1])
@pytest.mark.long
def test_random_use_of_a_terminal_is_survived(seed: int) -> None:
    play_in_a_terminal(seed, 150)


@pytest.mark.long
def test_random_use_of_a_terminal_is_survived_for_long() -> None:
    end, seed, done = time.monotonic() + LONG, int(os.environ.get("NNVIZ_FUZZ_SEED", "100")), 0
    while time.monotonic() < end:
        done += play_in_a_terminal(seed, 600, end - time.monotonic())
        seed += 1
    assert done > 100


def test_every_layer_is_reachable() -> None:
    """The moves get to every layer of the registry, whatever is added to it."""
    names = {move.text.split("\0")[0] for move in moves(0, 30_000) if move.kind == "layer"}
    assert names == {entry.name for entry in nn.layers}

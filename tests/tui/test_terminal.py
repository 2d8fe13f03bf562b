"""The real program in a real terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nnviz import __version__
from tests.terminal import Terminal, children

READY = "ready: press space"
LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"
SHOWS_CURSOR = b"\x1b[?25h"


def accuracy(screen: str) -> float:
    """The test accuracy on the screen, in per cent."""
    found = re.search(r"test \S+ ([\d.]+) %", screen)
    return float(found.group(1)) if found else 0.0


def loss(screen: str) -> float:
    """The training loss on the screen."""
    found = re.search(r"train (\d\S*)", screen)
    return float(found.group(1)) if found else float("inf")


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("size", [pytest.param((120, 40), marks=pytest.mark.long), (80, 24)])
def test_spiral_is_learned_on_the_screen_and_quitting_leaves_nothing(size: tuple[int, int]) -> None:
    with Terminal(*size) as terminal:
        terminal.until(READY)
        assert re.search(r"1 Linear +2 → 16", terminal.text)
        first = loss(terminal.text)
        terminal.press("space")
        terminal.until("▶ epoch")
        # Keys answer while it trains.
        terminal.press("3")
        terminal.until("3 Activation: layer 2, Tanh")
        terminal.press("2")
        terminal.until(lambda screen: accuracy(screen) >= 95, 60)
        assert loss(terminal.text) < first / 2
        below = children(terminal.process.pid)
        assert below
        begin = time.monotonic()
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0
        assert time.monotonic() - begin < 1.5
        assert all(gone(pid) for pid in below)
        assert LEAVES_ALTERNATE_SCREEN in terminal.bytes
        assert SHOWS_CURSOR in terminal.bytes
        assert b"Traceback" not in terminal.bytes


@pytest.mark.long
def test_keys_that_come_before_the_program_stands_are_obeyed_in_their_order() -> None:
    with Terminal() as terminal:
        # The stack is the first picture; the rest of the program may still be on its way.
        terminal.until("parameters")
        terminal.press("j", "d", "j", "y")
        wanted = ["Linear 2 → 16", "Linear 16 → 16", "Tanh", "Tanh", "Linear 16 → 2"]
        layer = re.compile(r"\d (Linear +\d+ → \d+|Tanh)")
        terminal.until(
            lambda _: (
                [re.sub(" +", " ", m[1]) for line in terminal.lines[:12] if (m := layer.search(line[:46]))] == wanted
            )
        )


@pytest.mark.long
def test_what_is_said_after_a_dialog_leaves_the_screen_again() -> None:
    with Terminal(80, 24, {"XDG_CONFIG_HOME": "/nowhere"}) as terminal:
        terminal.until(READY)
        terminal.press("\x0e")
        terminal.until("╭─ New network")
        terminal.press("enter")
        terminal.until("restores the previous network")
        terminal.until(lambda text: "▌" not in text)


def test_keys_typed_in_one_go_go_where_they_lead() -> None:
    """A key that opens a dialog, and what is typed into it, before the program stands and after."""
    with Terminal() as terminal:
        terminal.until("parameters")
        terminal.press("arelu")
        terminal.until(lambda screen: "╭─ Add" in screen and re.search(r"\brelu\b", screen))
        terminal.press("\r")
        terminal.until("2 ReLU")
        terminal.press("k", "e\t\x15200\r")
        terminal.until(lambda screen: re.search(r"1 Linear +2 → 200", screen))
        terminal.press("u")
        terminal.until(lambda screen: re.search(r"1 Linear +2 → 16", screen))
        terminal.press("alinear\r\r5\r")
        terminal.until(lambda screen: re.search(r"2 Linear +16 → 5", screen))
        terminal.press("u", "\x10walk by itself\r")
        terminal.until("1 of 15 forward")


@pytest.mark.long
def test_digits_are_learned_on_the_screen() -> None:
    with Terminal() as terminal:
        terminal.until(READY)
        terminal.choose_data("digits")
        terminal.until("(10, 1, 8, 8)")
        terminal.until(READY)
        terminal.press("space")
        terminal.until(lambda screen: accuracy(screen) >= 95, 60)
        terminal.press("space")
        terminal.until("■ epoch", 2)


@pytest.mark.long
def test_a_letter_close_on_escape_is_obeyed_after_it() -> None:
    with Terminal() as terminal:
        terminal.until("q quit")
        for letter, title in (("a", "Add a layer"), ("o", "Settings"), ("e", "Edit layer 1")):
            terminal.press(f"\x1b{letter}")
            terminal.until(f"╭─ {title}")
        terminal.press("\x1bq")
        assert terminal.wait_for_end() == 0


@pytest.mark.long
def test_a_program_that_is_killed_takes_its_training_process_along() -> None:
    with Terminal() as terminal:
        terminal.until(READY)
        terminal.press("space")
        terminal.until("▶ epoch")
        below = children(terminal.process.pid)
        os.kill(terminal.process.pid, signal.SIGKILL)
        end = time.monotonic() + 5
        while not all(gone(pid) for pid in below):
            assert time.monotonic() < end
            time.sleep(0.01)


@pytest.mark.long
def test_a_process_that_is_stopped_does_not_hold_up_the_screen() -> None:
    with Terminal() as terminal:
        terminal.until(READY)
        terminal.press("space")
        terminal.until("▶ epoch")
        for pid in children(terminal.process.pid):
            os.kill(pid, signal.SIGSTOP)
        terminal.press("a")
        terminal.until("Add a layer")
        terminal.press("escape")
        terminal.until(lambda screen: "Add a layer" not in screen)
        terminal.press("d")
        terminal.until("(10x2 and 16x16)")
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0


@pytest.mark.long
@pytest.mark.parametrize("sizes", [[(20, 5), (200, 60), (1, 1), (120, 40)]])
def test_any_size_of_terminal_is_survived(sizes: list[tuple[int, int]]) -> None:
    with Terminal() as terminal:
        terminal.until(READY)
        terminal.press("space")
        for columns, rows in sizes:
            terminal.process.setwinsize(rows, columns)
            terminal._screen.resize(rows, columns)
            terminal.read(0.3)
        terminal.until("▶ epoch")
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0


@pytest.mark.long
def test_no_color_is_still_readable() -> None:
    with Terminal(environment={"NO_COLOR": "1"}) as terminal:
        terminal.until(READY)
        terminal.press("S")
        terminal.until("epoch 1.0")
        colors = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)[;m]", terminal.bytes)
        assert colors
        assert {color for color in colors if len(set(color)) > 1} == set()
        assert "● 0 orange  ▲ 1 blue" in terminal.text


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nnviz", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        **options,  # type: ignore[call-overload]
    )


def test_the_command_line() -> None:
    assert run("--version").stdout == f"nnviz, version {__version__}\n"
    helped = run("--help")
    assert helped.returncode == 0
    assert "See a neural network think." in helped.stdout
    wrong = run("--wrong")
    assert wrong.returncode == 2
    assert "No such option" in wrong.stderr


def test_without_a_terminal_it_says_so_in_one_line() -> None:
    done = run(stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "nnviz: needs a terminal: run it in one, with neither input nor output redirected\n"

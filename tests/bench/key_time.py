"""How long a key takes to reach the screen at rest. Run by hand: python tests/bench/key_time.py [--keys 100] [--layers 10000]

The program runs in a pseudo-terminal of 120x40. A key is answered when the first byte of its picture is written: at rest
nothing else is, and a message to the terminal that shows nothing is no picture. The picture is whole with the last byte
before a pause: panels beside the stack follow an edit, the screen is dimmed after a dialog stands. Beside it stands what
Textual alone takes with the same settings on a screen that is empty otherwise. Pairs of keys take each other back; of a
dialog only the key that opens it is timed, since Escape waits for what may follow it. While the network trains,
screen_cost.py asks the same.
"""

from __future__ import annotations

import re
import statistics
import sys
from pathlib import Path
from time import perf_counter

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.terminal import Terminal

MANY = """
from nnviz.registry import Spec
from nnviz.network import Network, opening
from nnviz.tui.app import NnvizApp
sizes = [2, *[4] * {layers}, 2]
layers = tuple(Spec.of("Linear", in_features=a, out_features=b, bias=True) for a, b in zip(sizes, sizes[1:]))
NnvizApp(Network(layers, opening().settings)).run()
"""
BARE = """
import gc
import os
os.environ |= {"TEXTUAL_FPS": "240", "ESCDELAY": "25"}
from textual.app import App
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
class Box(ModalScreen[None]):
    CSS = "Box { align: center middle; & > * { width: 60; height: auto; border: round $primary; } }"
    BINDINGS = [("escape", "dismiss", "")]
    def __init__(self, *widgets):
        super().__init__()
        self.widgets = widgets
    def compose(self):
        yield from self.widgets
class Bare(App[None]):
    BINDINGS = [("k", "mark", ""), ("b", "box", ""), ("a", "list", ""), ("e", "form", "")]
    marks = 0
    def compose(self):
        yield Static("ready: press space q quit")
    def on_ready(self):
        gc.freeze()
        gc.set_threshold(50_000, 10, 10)
    def action_mark(self):
        self.marks += 1
        self.query_one(Static).update(f"ready: press space q quit {self.marks}")
    def action_box(self):
        self.push_screen(Box(Static("box")))
    def action_list(self):
        self.push_screen(Box(OptionList(*[f"option {i}" for i in range(17)])))
    def action_form(self):
        self.push_screen(Box(*[Input(str(i)) for i in range(3)]))
Bare().run()
"""
"""What Textual alone takes for a word, an empty dialog, a list and a form of three fields, on a screen with nothing else."""

QUIET = 0.25
"""Seconds without a byte after which the screen is at rest."""

LONGEST = 3.0
"""Seconds after which a key counts as not answered."""

SILENT = re.compile(rb"\x1b\][^\x07]*\x07")
"""What is written but shows nothing, such as the shape of the mouse's pointer."""

CASES = {
    "another row": ([], ("j", "k")),
    "another panel": ([], ("4", "1")),
    "duplicate, undo": ([], ("y", "u")),
    "walk, forward": (["n", "n"], ("n", "p")),
    "walk, backward": (["n", "end"], ("p", "n")),
    "walk, element": (["n", "n", "n"], ("down", "up")),
    "unfold, fold": ([], ("+", "-")),
    "picture, plan": ([], ("v", "v")),
    "open a list": ([], ("a", "escape")),
    "open a form": ([], ("e", "escape")),
    "open settings": ([], ("o", "escape")),
    "fill the screen": (["4"], ("4", "4")),
}


def rest(terminal: Terminal) -> None:
    """Wait until nothing more is written."""
    while terminal.take(QUIET):
        pass


def answers(
    command: tuple[str, ...], first: list[str], keys: tuple[str, str], count: int
) -> tuple[list[float], list[float]]:
    """Milliseconds from a key to the first byte of its picture, and to the last."""
    times, ends, pause = [], [], np.random.default_rng(0)
    with Terminal(command=command) as terminal:
        terminal.until(lambda text: "ready: press space" in text and "q quit" in text, 60)
        rest(terminal)
        for key in first:
            terminal.press(key)
            rest(terminal)
        for number in range(count):
            terminal.take(pause.uniform(0.0, 0.02))
            begin = perf_counter()
            terminal.press(keys[number % 2])
            while not SILENT.sub(b"", terminal.take(0.001)):
                if perf_counter() - begin > LONGEST:
                    break
            end = perf_counter()
            times.append(1e3 * (end - begin))
            while terminal.take(QUIET):
                end = perf_counter()
            ends.append(1e3 * (end - begin))
    every = 2 if keys[1] == "escape" else 1
    return times[::every], ends[::every]


BARE_CASES = {
    "a word": ([], ("k", "k")),
    "an empty dialog": ([], ("b", "escape")),
    "a list": ([], ("a", "escape")),
    "a form": ([], ("e", "escape")),
}


@click.command()
@click.option("--keys", default=100, help="how many keys are pressed in each case")
@click.option("--layers", default=10_000, help="of the large network")
def main(keys: int, layers: int) -> None:
    """The table."""
    programs = {"bare Textual": (sys.executable, "-c", BARE), "opening": (sys.executable, "-m", "nnviz")}
    if layers:
        programs[f"{layers:,} layers"] = (sys.executable, "-c", MANY.format(layers=layers - 1))
    for program, command in programs.items():
        for name, (first, pair) in (BARE_CASES if command[-1] == BARE else CASES).items():
            times, ends = answers(command, first, pair, keys)
            middle, most = statistics.median(times), statistics.quantiles(times, n=20)[-1]
            whole = statistics.median(ends)
            print(
                f"{program:14} {name:16} median {middle:5.1f} ms, p95 {most:5.1f} ms; whole {whole:5.1f} ms", flush=True
            )


if __name__ == "__main__":
    main()

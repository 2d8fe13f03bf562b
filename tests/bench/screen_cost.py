"""What the screen costs training, and training the screen. Run by hand: python tests/bench/screen_cost.py [--seconds 8]

Steps a second beside a run without a screen, and how long a key takes to reach the screen meanwhile, and while 32 runs race. The program runs in a pseudo-terminal of 200x60, at full speed. A key is answered when the row that it selects is written in
the color of the cursor. Beside it, in the same run, is what a bare Textual app takes for a word, at rest, and beside a
trainer without a screen while ours trains or races: on a busy machine that, too, waits. Headless is the same trainer,
evaluations and all, in a plain loop.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from nnviz.engine.server import NICENESS
from tests.bench import key_time
from tests.terminal import Terminal

HEADLESS = """
import sys
from dataclasses import replace
from time import perf_counter
from nnviz.registry import Spec
from nnviz.data import datasets
from nnviz.network import fit_to_data, opening
from nnviz.run import Trainer, Run
network = opening()
if sys.argv[1] == "digits":
    network = network.configure(replace(network.settings, data=datasets.check(Spec("digits"))))
    network, _ = fit_to_data(network)
steps = Trainer(Run(network)).steps()
for _ in range(100):
    next(steps)
count, begin = 0, perf_counter()
while perf_counter() - begin < float(sys.argv[2]):
    next(steps)
    count += 1
print(count / (perf_counter() - begin))
"""


CURSOR = "0178d4"
"""The color of the cursor's row, as the theme has it."""

WRITTEN = rb"\x1b\[%d;\d+H(?:(?!\x1b\[\d+;\d+H).)*48;2;1;120;212"
"""A line of the screen, by its number from 1, that is written in this color."""


def headless(data: str, seconds: float) -> float:
    """Steps a second without a screen."""
    command = [sys.executable, "-c", HEADLESS, data, str(seconds)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def opened(data: str) -> Terminal:
    """The program with all its pages, ready to train at full speed."""
    terminal = Terminal(200, 60)
    terminal.until("ready: press space")
    terminal.press(">")
    terminal.until("full speed")
    if data != "spiral":
        terminal.choose_data(data)
        terminal.until("ready: press space")
    return terminal


def on_screen(data: str, seconds: float) -> float:
    """Steps a second with the screen drawing: where it stands when paused, by the time between the two keys."""
    with opened(data) as terminal:
        terminal.press("space")
        begin = perf_counter()
        while perf_counter() - begin < seconds:
            terminal.take(0.02)
        terminal.press("space")
        spent = perf_counter() - begin
        found = re.search(r"step ([\d,]+)", terminal.until("■ epoch"))
        assert found is not None
        return int(found[1].replace(",", "")) / spent


STATES = ("at rest", "training", "racing")


def begin(terminal: Terminal, state: str) -> None:
    """Train, or race the opening network with four activations and eight seeds each: 32 runs."""
    if state == "training":
        terminal.press("space")
        terminal.until("▶ epoch")
    elif state == "racing":
        for key in ("G", "+", ">", ">", ">", "space"):
            terminal.press(key)
            terminal.take(0.2)
        terminal.until("▶ racing")
        terminal.press("1")


def answers(data: str, state: str, count: int) -> list[float]:
    """Milliseconds from a key to the row that it selects."""
    times, pause = [], np.random.default_rng(0)
    with opened(data) as terminal:
        first = terminal.row_in(CURSOR)
        begin(terminal, state)
        for number in range(count):
            end = perf_counter() + pause.uniform(0.05, 0.15)
            while (left := end - perf_counter()) > 0:
                terminal.take(left)
            pressed, fresh = perf_counter(), b""
            terminal.press("j" if number % 2 == 0 else "k")
            sign = re.compile(WRITTEN % (first + 1 + (number % 2 == 0)), re.DOTALL)
            while not sign.search(fresh) and perf_counter() - pressed < 1:
                fresh += terminal.take(0.1)
            times.append(1e3 * (perf_counter() - pressed))
    return times


def words(state: str, count: int) -> list[float]:
    """Milliseconds of a word of bare Textual; unless at rest, beside a process as busy and as nice as ours."""
    beside = None
    if state != "at rest":
        beside = subprocess.Popen(
            ["nice", "-n", str(NICENESS), sys.executable, "-c", HEADLESS, "spiral", "3600"], stdout=subprocess.DEVNULL
        )
    try:
        return key_time.answers((sys.executable, "-c", key_time.BARE), [], ("k", "k"), count)[0]
    finally:
        if beside is not None:
            beside.kill()
            beside.wait()


def told(times: list[float]) -> tuple[float, float]:
    """The median, and what 95 of 100 do not exceed."""
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


@click.command()
@click.option("--seconds", default=8.0, help="how long each run")
@click.option("--rounds", default=2, help="how often each is measured")
@click.option("--keys", default=100, help="how many keys are pressed")
def main(seconds: float, rounds: int, keys: int) -> None:
    """The table."""
    for data in ("spiral", "digits"):
        pairs = [(headless(data, seconds), on_screen(data, seconds)) for _ in range(rounds)]
        alone, drawn = (max(column) for column in zip(*pairs, strict=True))
        print(
            f"{data:8} headless {alone:,.0f} steps/s   with the screen {drawn:,.0f} ({drawn / alone:.2f})", flush=True
        )
        for state in STATES if data == "spiral" else STATES[:2]:
            (word, longest), (middle, most) = told(words(state, keys)), told(answers(data, state, keys))
            print(
                f"{data:8} a key {state}: median {middle:.1f} ms ({middle / word:.1f} x a word of {word:.1f}), "
                f"p95 {most:.1f} ms ({most / word:.1f} x; p95 of a word {longest:.1f}: {most / longest:.1f} x)",
                flush=True,
            )


if __name__ == "__main__":
    main()

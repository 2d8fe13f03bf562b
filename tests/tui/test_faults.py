"""What the program must survive: hostile text in every place, any terminal, every stack one can make."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from nnviz import nn
from nnviz.data import datasets
from nnviz.files.model_file import model_text
from nnviz.lab.edits import open_run
from nnviz.network import Network, opening
from nnviz.registry import Spec
from nnviz.run import Run
from nnviz.tui.text import clean
from tests.terminal import Terminal
from tests.tui.conftest import main_screen, running

READY = "ready: press space"
HOSTILE = [
    "\x1b]52;c;aGk=\x07", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\", "\r\x07\x9b2J", "[/]", "[bold", "[[",
    "[@click=app.quit]x[/]", "\ud800", "{add}", "$text", "name" * 25_000,
]  # fmt: skip

PROGRAM = """
from nnviz import nn
from nnviz.registry import Spec
from nnviz.network import opening, Network
from nnviz.tui.app import NnvizApp

names = {names!r}

for name in names if {known} else ():
    nn.layers.register("linear", name=name)(type("Hostile", (nn.Tanh,), {{}}))

first, *rest = opening().layers
NnvizApp(Network((first, *map(Spec, names), *rest), opening().settings)).run()
"""
"""The opening network with a layer of each name below its first."""


def program(known: bool) -> Terminal:
    return Terminal(command=(sys.executable, "-c", PROGRAM.format(names=HOSTILE, known=known)))


def accused(name: str, screen: str) -> bool:
    """Whether a message says that no layer has this name; it is quoted as Python does, and shown as far as there is room."""
    words = " ".join(screen.replace("│", " ").split())
    return re.search(f"no layer is called .*{re.escape(ascii(name)[:15])}", words) is not None


def ended_clean(terminal: Terminal) -> None:
    """Leave the program; nothing but what Textual itself writes has gone to the terminal."""
    terminal.press("q")
    assert terminal.wait_for_end(10) == 0
    written = terminal.bytes.decode("utf-8", "surrogateescape")
    # The shape of the mouse's pointer is Textual's own affair.
    written = re.sub(r"\x1b\]22;\w+\x07", "", written)
    assert re.findall(r"\x1b\].{0,20}|[\x00-\x07\x0b\x0c\x0e-\x1a\x7f-\x9f\ud800-\udfff]", written) == []
    assert "Traceback" not in written


@pytest.mark.long
def test_hostile_names_reach_the_terminal_only_cleaned() -> None:
    with program(known=True) as terminal:
        terminal.until("cannot run: no layer is called")
        # A toast; then the whole stack folded, the picture and the walk over it, and an element of each.
        terminal.press("j", "e")
        terminal.until("d deletes it, a adds")
        terminal.press("n")
        terminal.until("start · 0 of")
        # The selected layer, then all.
        terminal.press("-", "-")
        for name in HOSTILE:
            terminal.press("n")
            terminal.until(lambda screen, name=name: re.search(rf"\d {re.escape(clean(name, 8)[:7])}", screen))
            terminal.press("enter")
            terminal.until("One element")
            terminal.press("q")
            terminal.until(lambda screen: "One element" not in screen)
        terminal.press("escape")
        terminal.until("3 Activation")
        terminal.press("home", "j", "j")
        # The picker, which lists them.
        terminal.press("a")
        terminal.until("Add a layer")
        terminal.press("escape")
        terminal.until(lambda screen: "Add a layer" not in screen)
        # The training process does not know the first of them, and says so.
        terminal.press("home", "j", "j")
        for name in HOSTILE:
            terminal.until(partial(accused, name))
            terminal.press("d")
        terminal.until(READY)
        ended_clean(terminal)


@pytest.mark.long
def test_layers_that_nobody_knows_are_told_of_cleaned() -> None:
    with program(known=False) as terminal:
        terminal.until("q quit")
        terminal.press("j")
        for name in HOSTILE:
            terminal.until(partial(accused, name))
            terminal.press("e")
            terminal.until("d deletes it, a adds")
            terminal.press("space")
            terminal.until("The stack cannot run")
            # The repair is to take it out, or what has a name like it; either way the next one is at fault.
            terminal.press("f")
            terminal.until("Fixed: ")
        terminal.press("n")
        terminal.until("start · 0 of 14 forward")
        ended_clean(terminal)


@pytest.mark.long
@pytest.mark.parametrize("end", [".toml", ".csv"])
def test_hostile_names_of_files_reach_the_terminal_only_cleaned(end: str, tmp_path: Path) -> None:
    # Of a file of data, the name must be text: model files name it.
    start = "m\udcff" if end == ".toml" else "m"
    path = tmp_path / f"{start}\x1b]0;title\x07[bold \x9b2J[@click=app.quit]x{end}"
    rows = "".join(f"{at % 7},{at % 5},c\x1b[31m{at % 2}[[\n" for at in range(50))
    content = model_text(opening()) if end == ".toml" else f'[@click=app.quit],"a\x1b]0;title\x07",[/]y\n{rows}'
    path.write_text(content)
    home = {name: str(tmp_path / "home") for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")}
    with Terminal(command=(sys.executable, "-m", "nnviz", str(path)), environment=home) as terminal:
        terminal.until(READY)
        terminal.press("S")
        terminal.until(lambda screen: READY not in screen)
        terminal.press("W")
        terminal.until("Writes in" if end == ".csv" else "already")
        terminal.press("escape")
        terminal.until(lambda screen: "╭─ Save" not in screen)
        terminal.press(*"123456o")
        terminal.until("╭─ Settings")
        terminal.press("escape")
        terminal.until(lambda screen: "╭─ Settings" not in screen)
        terminal.press("\x0f")
        terminal.until("╭─ Open")
        terminal.press("escape")
        terminal.until(lambda screen: "╭─ Open" not in screen)
        ended_clean(terminal)


@pytest.mark.parametrize(
    ("environment", "forbidden"),
    [
        ({"NO_COLOR": "1"}, rb"\x1b\[[\d;]*(38|48);[25];"),
        pytest.param({"TERM": "xterm-16color", "COLORTERM": ""}, rb"\x1b\[[\d;]*(38|48);[25];", marks=pytest.mark.long),
        pytest.param({"TERM": "xterm-256color", "COLORTERM": ""}, rb"\x1b\[[\d;]*(38|48);2;", marks=pytest.mark.long),
    ],
    ids=["NO_COLOR", "16", "256"],
)
@pytest.mark.long
def test_with_few_colors_or_none_all_is_told(environment: dict[str, str], forbidden: bytes) -> None:
    with Terminal(environment=environment) as terminal:
        terminal.until(READY)
        terminal.press("S", "n", "n", "n", "n")
        # What is chosen, what is computed and what is ready have signs of their own, and so has each number's.
        signs = ("3 add · 3 of 14 forward", "✓   1 transpose", "▸   3 add", "○   4 tanh", "[]", "‹›")
        terminal.until(lambda screen: all(sign in screen for sign in signs))
        terminal.press("q")
        terminal.wait_for_end(10)
        if "NO_COLOR" in environment:
            greys = re.findall(rb"\x1b\[[\d;]*[34]8;2;(\d+);(\d+);(\d+)", terminal.bytes)
            assert all(r == g == b for r, g, b in greys)
        else:
            assert not re.search(forbidden, terminal.bytes)


@pytest.mark.long
def test_resizing_while_it_draws() -> None:
    with Terminal() as terminal:
        terminal.until(READY)
        terminal.press("space")
        terminal.until("▶ epoch")
        for rows, columns in ((24, 80), (1, 1), (60, 200), (5, 20), (12, 40), (40, 120)) * 3:
            terminal.process.setwinsize(rows, columns)
            terminal.take(0.03)
        terminal._screen.resize(40, 120)
        terminal.press("n")
        terminal.until("start · 0 of 14 forward")
        terminal.press("q")
        assert terminal.wait_for_end(10) == 0


RESIZED = [(81, 24), (60, 20), (200, 60), (100, 30)]
ALL_RESIZED = [(81, 24), (60, 20), (80, 24), (200, 60), (190, 58), (199, 60), (100, 30)]


@pytest.mark.parametrize(
    ("keys", "sizes"), [("eo", RESIZED), pytest.param("eoa?", ALL_RESIZED, marks=pytest.mark.long)], ids=["few", "all"]
)
@pytest.mark.long
def test_the_terminal_grows_and_shrinks_behind_a_dialog(keys: str, sizes: list[tuple[int, int]]) -> None:
    with Terminal(100, 30) as fresh, Terminal(100, 30) as terminal:
        for each in (fresh, terminal):
            each.until("q quit")
            each.until(READY)
        for key in keys:
            terminal.resize(80, 24)
            for each in (fresh, terminal):
                each.press(key)
                each.until("esc c")
            for columns, rows in sizes:
                terminal.resize(columns, rows)
                terminal.take(0.1)

            def alike(text: str) -> bool:
                fresh.read()
                return text == fresh.text

            terminal.until(alike)
            for each in (fresh, terminal):
                each.press("escape")
                each.until(lambda text: "esc c" not in text)


def stacked(*specs: Spec, data: str = "spiral", batch: int = 10, **settings: object) -> Network:
    base = replace(opening().settings, data=datasets.check(Spec(data)), batch=batch)
    return Network(specs, replace(base, **settings))  # type: ignore[arg-type]


def linear(n: int, m: int) -> Spec:
    return Spec.of("Linear", in_features=n, out_features=m, bias=True)


def conv(**changes: int) -> Spec:
    return nn.layers.check(Spec.of("Conv2d", in_channels=1, out_channels=2, kernel_size=3)).replace(**changes)


STACKS = {
    "empty": stacked(),
    "identity": stacked(Spec("Identity")),
    "mismatch": stacked(linear(3, 2)),
    "size 0": stacked(linear(2, 0)),
    "size -1": stacked(linear(2, -1)),
    "size 10^9": stacked(linear(2, 10**9)),
    "dropout 0": stacked(linear(2, 2), Spec.of("Dropout", p=0.0)),
    "dropout 1": stacked(linear(2, 2), Spec.of("Dropout", p=1.0)),
    "rate 0": stacked(linear(2, 2), optimizer=Spec.of("SGD", lr=0.0, momentum=0.0)),
    "rate NaN": stacked(linear(2, 2), optimizer=Spec.of("SGD", lr=float("nan"), momentum=0.0)),
    "rate 1e308": stacked(linear(2, 2), optimizer=Spec.of("SGD", lr=1e308, momentum=0.0)),
    "batch 1": stacked(linear(2, 2), batch=1),
    "batch larger than the data": stacked(linear(2, 2), batch=10**6),
    "kernel larger than the input": stacked(conv(kernel_size=20), data="digits"),
    "stride 0": stacked(conv(stride=0), data="digits"),
    "batch norm with batch 1": stacked(linear(2, 3), Spec.of("BatchNorm1d", num_features=3), linear(3, 2), batch=1),
    "a join of itself": stacked(linear(2, 2), Spec.of("Add", row=9)),
    "no probabilities": stacked(linear(2, 1), loss=nn.losses.check(Spec("BCELoss"))),
    "softmax of four dimensions": stacked(conv(), Spec.of("Softmax", dim=3), Spec("Flatten"), data="digits"),
    "softmax out of range": stacked(linear(2, 2), Spec.of("Softmax", dim=5)),
    "no parameters": stacked(Spec("Tanh")),
    "the same twice": stacked(linear(2, 2), Spec.of("Add", row=1)),
    "nothing between": stacked(linear(2, 2), linear(2, 2), linear(2, 2)),
}  # fmt: skip


KEYS = (
    *("space", "n", "n", "end", "b", "p", "home", "P", "n", "P", "minus", "minus", "plus", "escape", "c", "escape"),
    *("F", "escape", "v", "v", "m", "s", "space", "d", "u", "y", "f", "f", "space", "a", *"relu", "enter", "r", "u"),
    *("question_mark", "escape", "escape"),
)


@pytest.mark.long
@pytest.mark.parametrize("group", range(4))
async def test_every_stack_is_survived(group: int) -> None:
    """Trained, walked to its end and back, folded, fixed, merged, edited while it trains: nothing ends the program."""
    names = list(STACKS)[group::4]
    async with running(STACKS[names[0]], size=(80, 24) if group % 2 else (120, 40)) as pilot:
        screen = main_screen(pilot)
        for name in names:
            if screen.lab.network != STACKS[name]:
                screen.lab = replace(screen.lab, folds=frozenset())
                screen.do(open_run, Run(STACKS[name]), 1)
            for key in KEYS:
                await pilot.press(key)
                assert pilot.app._exception is None, f"{name}, at {key}: {pilot.app._exception!r}"
                assert pilot.app.is_running, f"{name}, at {key}: ended with {pilot.app.return_code}"
            assert pilot.app.screen is screen, name

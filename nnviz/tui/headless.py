"""The screen of a model without a terminal: as an SVG picture, or as an asciicast of its training."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from time import monotonic

from rich.console import Console
from textual import on
from textual.pilot import Pilot

from nnviz.engine import Train
from nnviz.errors import NnvizError, TrainingError
from nnviz.files.opened import Opened
from nnviz.lab import EPOCH_A_PICTURE, Entry, Lab
from nnviz.lab.command import Result
from nnviz.lab.edits import push_entry
from nnviz.lab.training import go
from nnviz.network import trace
from nnviz.tui.app import NnvizApp
from nnviz.tui.config import Config
from nnviz.tui.main import MainScreen
from nnviz.tui.patches import screen_strips
from nnviz.tui.widgets.panel import Panel

Size = tuple[int, int]
"""Columns and rows."""

PATIENCE = 60.0
"""Seconds that an epoch may take."""

TICK = 0.02
"""Seconds between two looks at whether the screen is complete."""

FRAME = 0.1
"""Seconds from one picture of an asciicast to the next."""

FONTS = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace'


class HeadlessApp(NnvizApp):
    """The program on a model, without what concerns its user: offers, toasts, own keys and theme, keys typed ahead.

    Args:
        opened: the model.
    """

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened.network)
        self._opened = opened
        # Not the user's own, so that a model gives the same picture for everyone.
        self._config = Config(theme=self.theme)

    @on(MainScreen.Ready)
    def _open_only(self, message: MainScreen.Ready) -> None:
        """Open what was saved, and call no handler of the base classes."""
        message.prevent_default()
        if isinstance(self.screen, MainScreen):
            self.screen.do(_begun, self._opened)
        self.opened.set()


def _begun(lab: Lab, opened: Opened) -> Result:
    """The lab at the default pace, on what was saved."""
    lab = replace(lab, pace=EPOCH_A_PICTURE)
    if not (opened.weights or opened.checkpoint):
        return lab, ()
    return push_entry(lab, Entry(opened.run, opened.checkpoint, document=lab.new_document), 1)


def svg(opened: Opened, size: Size) -> str:
    """The screen on a model where it stands, in the default theme, as an SVG that needs no other file.

    Args:
        opened: the model; with its checkpoint, the saved run is shown with its history.
        size: columns and rows of the screen.
    """

    async def take() -> str:
        async with _running(opened, size) as pilot:
            return self_contained(pilot.app.export_screenshot(title="nnviz"))

    return asyncio.run(take())


def self_contained(picture: str) -> str:
    """An SVG of Textual's that fetches no fonts, and keeps its spaces."""
    picture = re.sub(r"<!--.*?-->\s*", "", picture, flags=re.DOTALL)
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    picture = re.sub(r"font-family: (Fira Code, monospace|arial)", f"font-family: {FONTS}", picture)
    return picture.replace("<text ", '<text xml:space="preserve" ')


def asciicast(opened: Opened, size: Size, epochs: int) -> str:
    """A training as an asciicast, version 2: a picture before the next epoch, and one after each.

    The time in it is that of a viewer, not of the training: a tenth of a second for each picture.

    Args:
        opened: the model.
        size: columns and rows of the screen.
        epochs: how many epochs are trained.

    Raises:
        TrainingError: training fails, or the network has an error.
    """
    diagnostic = trace(opened.network).diagnostic
    if diagnostic is not None:
        raise TrainingError(f"the stack cannot run: {diagnostic.message}", diagnostic.explanation)
    header = {"version": 2, "width": size[0], "height": size[1], "title": "nnviz", "env": {"TERM": "xterm-256color"}}
    frames = asyncio.run(_frames(opened, size, epochs))
    lines = [header, *([round(number * FRAME, 3), "o", frame] for number, frame in enumerate(frames))]
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)


async def _frames(opened: Opened, size: Size, epochs: int) -> list[str]:
    """What a terminal is sent for each picture: after the first, the rows that have changed."""
    async with _running(opened, size) as pilot:
        before = _rows(pilot)
        frames = ["\x1b[?25l\x1b[2J" + "".join(_at(number, row) for number, row in enumerate(before, 1))]
        first = int(_epoch(pilot)) + 1
        for epoch in range(first, first + epochs):
            _main(pilot).do(go, Train(to_epoch=True))
            await _complete(pilot, lambda screen, epoch=epoch: _trained(screen, epoch))  # type: ignore[misc]
            rows = _rows(pilot)
            frames.append("".join(_at(n, row) for n, row in enumerate(rows, 1) if row != before[n - 1]))
            before = rows
    frames[-1] += "\x1b[?25h"
    return frames


def _epoch(pilot: Pilot[None]) -> float:
    moment = _main(pilot).moment
    return 0.0 if moment is None else moment.epoch


def _at(number: int, row: str) -> str:
    return f"\x1b[{number};1H{row}"


def _trained(screen: MainScreen, epoch: int) -> bool:
    failure = screen.lab.status.failure
    if failure is not None:
        raise TrainingError(failure.message, failure.hint)
    moment = screen.moment
    return moment is not None and not moment.running and moment.epoch >= epoch and not screen.lab.running


def _rows(pilot: Pilot[None]) -> list[str]:
    """The rows of the screen, with the escape sequences of their colors."""
    app = pilot.app
    width, height = app.size
    drawn = io.StringIO()
    console = Console(width=width, height=height, file=drawn, force_terminal=True, color_system="truecolor")
    return [strip.render(console) for strip in screen_strips(app.screen)]


@asynccontextmanager
async def _running(opened: Opened, size: Size) -> AsyncIterator[Pilot[None]]:
    """The program on a model, once its screen is complete."""
    app = HeadlessApp(opened)
    async with app.run_test(size=size) as pilot:
        await app.opened.wait()
        await app.workers.wait_for_complete()
        await _complete(pilot, lambda _: True)
        yield pilot


async def _complete(pilot: Pilot[None], holds: Callable[[MainScreen], bool]) -> None:
    """Return once the screen is as wanted, shows all that its panels ask for, and is painted."""
    screen, end = _main(pilot), monotonic() + PATIENCE
    while not (holds(screen) and _shows_all(screen)):
        if monotonic() > end:
            raise NnvizError(f"the screen was not complete after {PATIENCE:g} s", "try a smaller model")
        await pilot.pause(TICK)
    pilot.app.clear_notifications()
    await pilot.pause()


def _shows_all(screen: MainScreen) -> bool:
    """Whether everything that the visible panels ask for has come, and is drawn."""
    if screen.waits:
        return False
    if not screen.lab.valid:
        return True
    moment = screen.moment
    asked = (query for panel in screen.query(Panel) if panel.size for query in panel.queries(screen.lab))
    return moment is not None and all(query in moment.observations for query in asked)


def _main(pilot: Pilot[None]) -> MainScreen:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, MainScreen)  # noqa: S101 (it is open)
    return screen

"""What the tests of the screen share: an app that stands still, and a way to wait for what happens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from nnviz.network import Network
from nnviz.tui.app import NnvizApp
from nnviz.tui.main import MainScreen
from tests.tui.css import parsed_once
from tests.tui.forked import Forked, Home
from tests.tui.idle import idle_by_events
from tests.tui.written import written

__all__ = ["idle_by_events", "written"]

PATIENCE = 20.0


@pytest.fixture(autouse=True, scope="session")
def opens_quickly() -> Iterator[None]:
    """What every program does anew as it opens, and always with the same result, is done once."""
    home = Home()
    with pytest.MonkeyPatch.context() as patch:
        Forked.instead(home, patch)
        parsed_once(patch)
        # Seconds between two looks whether there is something to draw, which every key of a test waits for.
        patch.setattr("textual.screen.UPDATE_PERIOD", 0.001)
        # Seconds that a toast stays. Five may be over on a busy machine before a test has looked.
        patch.setattr("textual.app.App.NOTIFICATION_TIMEOUT", 60.0)
        patch.setattr("nnviz.tui.notifier.SHOWN", 60.0)
        yield
    home.close()


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """The configuration of whoever runs the tests is none of theirs."""
    monkeypatch.setattr("nnviz.tui.config.user_config_path", lambda *_, **__: tmp_path)
    # A test need not watch. The pace at first is that of the programs in a terminal of their own.
    (tmp_path / "remembered.json").write_text('{"pace": "full speed"}')
    # Nor is what an earlier run of theirs has left.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def main_screen(pilot: Pilot[None]) -> MainScreen:
    """The screen with the panels, whatever dialog stands on it."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    return screen


async def opened(pilot: Pilot[None]) -> MainScreen:
    """The main screen, once it stands and its plots can be drawn."""
    assert isinstance(pilot.app, NnvizApp)
    await pilot.app.opened.wait()
    await pilot.app.workers.wait_for_complete()
    return main_screen(pilot)


async def until(pilot: Pilot[None], holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Let the program go on until `holds`, and until the panels have drawn what they were handed then."""
    end = monotonic() + patience
    while not holds():
        assert monotonic() < end, "waited in vain"
        await pilot.pause(0.01)
    while pilot.app.is_running and isinstance(pilot.app.screen, MainScreen) and pilot.app.screen.waits:
        assert monotonic() < end, "waited in vain for the panels"
        await pilot.pause(0.01)


async def ready(pilot: Pilot[None]) -> MainScreen:
    """The main screen, once the training process has answered."""
    screen = main_screen(pilot)
    await until(pilot, lambda: screen.moment is not None)
    return screen


@asynccontextmanager
async def running(network: Network | None = None, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[None]]:
    """The program, its training process and its toasts."""
    async with NnvizApp(network).run_test(size=size, notifications=True) as pilot:
        await opened(pilot)
        yield pilot


async def resized(pilot: Pilot[None], size: tuple[int, int]) -> None:
    """Let the terminal have another size, as one that is dragged does: tests/tui/test_painting.py shows that all follows."""
    await pilot.resize_terminal(*size)
    await until(pilot, lambda: all(screen.size == size for screen in pilot.app.screen_stack))
    await pilot.pause()


def toasts(pilot: Pilot[None]) -> str:
    return "\n".join(notification.message for notification in pilot.app._notifications)


def help_parts(pilot: Pilot[None]) -> list[str]:
    """The texts of the help that is open, part by part."""
    return [str(part.content) for part in pilot.app.screen.query(Static) if part.has_class("part")]


def names(screen: MainScreen) -> list[str]:
    return [layer.name for layer in screen.lab.network.layers]

"""Data that take long to load keep no key waiting: the walk and the merged layer get theirs in a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from nnviz.data import Prepared, prepare
from nnviz.errors import DataError
from nnviz.network import Network, opening
from nnviz.registry import Spec
from nnviz.tui.dialogs.merge import MergeScreen
from tests.tui.conftest import PATIENCE, main_screen, names, running, toasts, until
from tests.tui.test_walk import at


class Slow:
    """A source of data that gives them when it is let to, and never to the interface's thread."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.threads: list[threading.Thread] = []
        self.error: DataError | None = None

    def prepare(self, spec: Spec, seed: int) -> Prepared:
        own = threading.current_thread()
        self.threads.append(own)
        assert own is not threading.main_thread(), "the interface's thread loads data"
        assert self.release.wait(PATIENCE)
        if self.error is not None:
            raise self.error
        return prepare(spec, seed)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    source = Slow()
    monkeypatch.setattr("nnviz.network.job._kept", {})
    monkeypatch.setattr("nnviz.network.job.prepare", source.prepare)
    yield source
    source.release.set()
    assert threading.main_thread() not in source.threads


async def test_a_walk_waits_for_its_data_and_no_key_does(slow: Slow) -> None:
    async with running() as pilot:
        screen = main_screen(pilot)
        await pilot.press("n", "n", "n")
        await until(pilot, lambda: "The data are being loaded" in toasts(pilot))
        assert (screen.lab.walk.goal, screen.lab.walk.position) == (2, 0)
        # Other keys go on, and no second thread loads the same.
        await pilot.press("1", "j", "4")
        assert screen.lab.row == 2
        slow.release.set()
        walk = await at(pilot, screen, 2)
        assert walk.reached == 2
        assert len(slow.threads) == 1


async def test_a_walk_of_a_stack_that_cannot_run_needs_no_training_process(slow: Slow) -> None:
    async with running(opening().remove(2)) as pilot:
        screen = main_screen(pilot)
        screen.engine.close()
        slow.release.set()
        await pilot.press("n", "n")
        walk = await at(pilot, screen, 1)
        assert walk.reached == 1


@pytest.mark.long
async def test_data_that_cannot_be_loaded_are_told_and_tried_again(slow: Slow) -> None:
    slow.error = DataError("the file is gone", "bring it back")
    slow.release.set()
    async with running() as pilot:
        screen = main_screen(pilot)
        await pilot.press("n", "n")
        await until(pilot, lambda: "the file is gone" in toasts(pilot))
        assert screen.lab.walk.position == 0
        slow.error = None
        await pilot.press("n")
        await at(pilot, screen, 1)


def linear_twice() -> Network:
    return opening().remove(1).configure(replace(opening().settings, seed=4))


async def test_the_merged_layer_waits_for_its_data_and_no_key_does(slow: Slow) -> None:
    async with running(linear_twice()) as pilot:
        screen = main_screen(pilot)
        await pilot.press("c")
        await until(pilot, lambda: "The data are being loaded" in toasts(pilot))
        await pilot.press("j")
        assert screen.lab.row == 2
        slow.release.set()
        await until(pilot, lambda: isinstance(pilot.app.screen, MergeScreen))


async def test_a_merged_layer_of_a_stack_that_was_edited_meanwhile_is_not_shown(slow: Slow) -> None:
    async with running(linear_twice()) as pilot:
        screen = main_screen(pilot)
        await pilot.press("c")
        await until(pilot, lambda: bool(slow.threads))
        await pilot.press("end", "k", "d")
        edited = names(screen)
        slow.release.set()
        slow.threads[0].join(PATIENCE)
        await pilot.pause()
        assert not isinstance(pilot.app.screen, MergeScreen)
        # The next one is that of the stack as it is now.
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, MergeScreen))
        assert names(screen) == edited

"""Worker processes of a race: they train what is no member of the largest lock step, and none is left behind."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from nnviz.engine import BeginRace, EndRace, InlineEngine, PauseRace, Raced, TrainingProcess
from nnviz.engine.cores import cores
from nnviz.engine.pool import MOST_DEATHS, RacePool
from nnviz.engine.process import THREADS
from nnviz.network import opening
from nnviz.network.variants import variants
from nnviz.run import Lane, Race, Run, Standing, Trainer
from tests.engine.processes import below, processes, workers
from tests.run.same import same

PATIENCE = 60.0


def widths(seeds: int = 1) -> tuple[Lane, ...]:
    """Four networks of other widths: none can take its steps together with another."""
    return tuple(Lane(label, network, seeds) for label, network in variants(opening(), "width"))


def always() -> bool:
    return True


class Heard:
    """A training process, and what it says of races."""

    def __init__(self) -> None:
        self.events: queue.Queue[Raced] = queue.Queue()
        self.process = TrainingProcess(lambda event: self.events.put(event) if isinstance(event, Raced) else None)

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def until(self, holds: Callable[[Raced], bool]) -> Raced:
        end = time.monotonic() + PATIENCE
        while True:
            event = self.events.get(timeout=max(end - time.monotonic(), 0.001))
            if holds(event):
                return event

    def trained_by_a_worker(self) -> Raced:
        """Wait until a run that is not trained in the training process has taken steps."""
        return self.until(lambda raced: any(0 < one.steps < 10**6 for one in raced.standings[1:]))


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    # With as many threads as this process has: a matrix product that is split among threads is rounded in another way.
    for name in THREADS:
        monkeypatch.setenv(name, os.environ.get(name, str(cores())))
    listener = Heard()
    listener.process.start()
    yield listener
    listener.process.stop()


def until(holds: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait for other processes: what the system says of them can only be asked for again and again."""
    end, waits = time.monotonic() + patience, threading.Event()
    while not holds():
        assert time.monotonic() < end, "it has not come to that"
        waits.wait(0.01)


def same_standing(one: Standing, other: Standing) -> None:
    """Bit for bit, but for what it cost."""
    for name in ("epoch", "train_loss", "test_loss", "low", "high", "grid"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert (one.steps, one.diverged, one.together) == (other.steps, other.diverged, other.together)
    np.testing.assert_array_equal([one.spread, one.accuracy], [other.spread, other.accuracy])


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.long
def test_in_worker_processes_a_race_is_the_same_bit_for_bit(heard: Heard, seeds: int) -> None:
    lanes = widths(seeds)
    heard.process.send(BeginRace(1, lanes, 60))
    last = heard.until(lambda raced: raced.over)
    assert not last.message
    events: list[object] = []
    by_turns = InlineEngine(events.append)
    by_turns.race(BeginRace(1, lanes, 60))
    by_turns.finish()
    expected = events[-1]
    assert isinstance(expected, Raced)
    for one, other in zip(last.standings, expected.standings, strict=True):
        same_standing(one, other)
        assert one.steps == 60
    for ended, its in zip(last.finished, expected.finished, strict=True):
        assert ended is not None
        assert its is not None
        assert ended.network == its.network
        assert same(ended.checkpoint, its.checkpoint)


def test_a_run_in_a_worker_process_is_the_run_by_itself(heard: Heard) -> None:
    lanes = widths()
    heard.process.send(BeginRace(1, lanes, 60))
    last = heard.until(lambda raced: raced.over)
    for lane, ended, standing in zip(lanes, last.finished, last.standings, strict=True):
        alone = Trainer(Run(lane.network))
        for _ in zip(range(60), alone.steps(), strict=False):
            pass
        assert ended is not None
        for path, tensor in alone.model.state_dict().items():
            np.testing.assert_array_equal(ended.checkpoint.parameters[path], tensor.array)
        rows = alone.history.rows
        assert standing.train_loss[: len(rows)].tolist() == [row.train_loss for row in rows]


def test_where_all_share_their_shapes_no_worker_process_starts(heard: Heard) -> None:
    lanes = tuple(Lane(label, network, 2) for label, network in variants(opening(), "activation"))
    heard.process.send(BeginRace(1, lanes, 400))
    seen: set[int] = set()
    while not heard.until(lambda raced: bool(seen.add(raced.workers)) or True).over:
        assert not below(heard.pid)
    assert seen == {0}
    assert not below(heard.pid)


@pytest.mark.long
def test_they_report_while_they_train_and_end_with_the_race(heard: Heard) -> None:
    # So many steps that there is a report before they are taken, on any machine.
    heard.process.send(BeginRace(1, widths(2), 10**6))
    between = heard.until(lambda raced: any(len(one.train_loss) > 1 for one in raced.standings[1:]))
    assert between.workers > 0
    assert all(one.steps < 10**6 for one in between.standings)
    heard.process.send(BeginRace(2, widths(2), 1500))
    last = heard.until(lambda raced: raced.over and raced.number == 2)
    assert [one.steps for one in last.standings] == [1500] * 4
    assert last.workers == 0
    until(lambda: not workers(heard.pid))


@pytest.mark.long
def test_paused_they_wait_until_they_go_on(heard: Heard) -> None:
    heard.process.send(BeginRace(1, widths(), 10**6))
    heard.trained_by_a_worker()
    children = workers(heard.pid)
    assert children
    heard.process.send(PauseRace(True))
    stood = heard.until(lambda raced: not raced.running)
    # A process that waits uses no time, and no report comes.
    until(lambda: _resting(children))
    assert heard.events.empty()
    heard.process.send(PauseRace(False))
    moved = sum(one.steps for one in stood.standings[1:])
    heard.until(lambda raced: sum(one.steps for one in raced.standings[1:]) > moved)
    heard.process.send(EndRace())
    until(lambda: not workers(heard.pid))


def _resting(pids: list[int]) -> bool:
    """Whether these processes use no processor time while one waits for a moment."""

    def spent() -> list[str]:
        command = ["ps", "-o", "time=", "-p", ",".join(map(str, pids))]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    before = spent()
    # The clock of the table counts whole seconds.
    threading.Event().wait(1.2)
    return spent() == before


@pytest.mark.long
def test_ended_they_are_gone(heard: Heard) -> None:
    heard.process.send(BeginRace(1, widths(), 10**6))
    heard.trained_by_a_worker()
    assert workers(heard.pid)
    heard.process.send(EndRace())
    until(lambda: not workers(heard.pid), 5)
    # A new race begins with new ones.
    heard.process.send(BeginRace(2, widths(), 30))
    over = heard.until(lambda raced: raced.over and raced.number == 2)
    assert [one.steps for one in over.standings] == [30] * 4


@pytest.mark.long
def test_another_race_takes_their_place(heard: Heard) -> None:
    heard.process.send(BeginRace(1, widths(), 10**6))
    heard.trained_by_a_worker()
    before = set(workers(heard.pid))
    heard.process.send(BeginRace(2, widths(), 10**6))
    heard.until(lambda raced: raced.number == 2)
    heard.trained_by_a_worker()
    until(lambda: not before & processes().keys())


@pytest.mark.parametrize("how", ["stop", "SIGTERM", "SIGKILL"])
@pytest.mark.long
def test_none_is_left_behind_when_the_training_process_ends(heard: Heard, how: str) -> None:
    heard.process.send(BeginRace(1, widths(), 10**6))
    heard.trained_by_a_worker()
    left = below(heard.pid)
    assert workers(heard.pid)
    if how == "stop":
        heard.process.stop()
    else:
        os.kill(heard.pid, getattr(signal, how))
    # What they are started with as well: it watches over semaphores.
    until(lambda: not left.keys() & processes().keys(), 5)


@pytest.mark.long
def test_none_is_left_behind_where_it_has_just_been_started(heard: Heard) -> None:
    heard.process.send(BeginRace(1, widths(), 10**6))
    until(lambda: workers(heard.pid))
    left = below(heard.pid)
    os.kill(heard.pid, signal.SIGKILL)
    until(lambda: not left.keys() & processes().keys(), 10)


@pytest.mark.long
def test_one_that_dies_is_restarted_and_the_numbers_are_the_same(heard: Heard) -> None:
    lanes = widths()
    heard.process.send(BeginRace(1, lanes, 3000))
    heard.trained_by_a_worker()
    os.kill(workers(heard.pid)[0], signal.SIGKILL)
    told = heard.until(lambda raced: any(one.restarts for one in raced.standings))
    assert sum(one.restarts for one in told.standings) == 1
    last = heard.until(lambda raced: raced.over)
    assert [one.steps for one in last.standings] == [3000] * 4
    assert [one.refusal for one in last.standings] == [""] * 4
    by_turns = Race(lanes, 3000)
    by_turns.advance(always)
    for one, other in zip(last.standings, by_turns.standings(), strict=True):
        same_standing(one, other)


@pytest.mark.long
def test_what_kills_them_again_and_again_is_given_up_by_name_and_the_others_go_on(heard: Heard) -> None:
    # The widest is the last but begins first; it alone takes so long.
    narrow, *_, wide = widths()
    lanes = (replace(narrow, seeds=2), wide)
    heard.process.send(BeginRace(1, lanes, 30_000))
    for death in range(MOST_DEATHS):
        before = death
        heard.until(lambda raced: raced.standings[1].restarts == before and raced.standings[1].steps > 0)  # noqa: B023
        for child in workers(heard.pid):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    told = heard.until(lambda raced: bool(raced.standings[1].refusal))
    assert "died 3 times" in told.standings[1].refusal
    last = heard.until(lambda raced: raced.over)
    assert last.standings[0].steps == 30_000
    assert not last.standings[0].refusal
    assert last.finished[0] is not None
    assert last.finished[1] is None


def test_an_error_in_one_is_told_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, race = RacePool(), Race(widths(), 20, apart=True)
    race.advance(always)
    taken = race.take_parts()
    # A part that cannot be trained: its network is no network.
    broken = replace(taken[0], runs=tuple((entry, None) for entry, _ in taken[0].runs))  # type: ignore[misc]
    monkeypatch.setattr(race, "take_parts", iter([(broken, *taken[1:]), *[()] * 10**6]).__next__)
    until(lambda: pool.advance(race, 1) or race.done)
    refusals = [one.refusal for one in race.standings()]
    (lane, _), _ = taken[0].runs[0]
    assert "Error" in refusals.pop(lane)
    assert refusals == [""] * 3
    assert pool.count == 0


def test_they_import_nothing_of_the_screen() -> None:
    code = "import sys, nnviz.engine.pooled; print({'textual', 'plotext', 'rich'} & sys.modules.keys())"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"

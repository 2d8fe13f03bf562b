"""A run is saved whole or not at all, and goes on from its files bit for bit."""

from __future__ import annotations

import errno
import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nnviz.data import datasets, file_spec
from nnviz.errors import ArgumentError, DataError, WriteError
from nnviz.files.opened import open_model
from nnviz.files.place import HISTORY, MODEL, STATE, WEIGHTS, Place, files_beside, place_named
from nnviz.files.saved import save_state, state_of, with_state
from nnviz.files.state import State, read_state, state_bytes
from nnviz.network import Network, opening
from nnviz.nn import layers
from nnviz.registry import Spec
from nnviz.run import Checkpoint, Run, Trainer
from nnviz.serialization.container import packed, unpacked
from nnviz.serialization.disk import write_together
from tests.files.killed import Writers


def taken(trainer: Trainer, steps: int) -> list[object]:
    """The next steps, and the weights after them."""
    done: list[object] = list(itertools.islice(trainer.steps(), steps))
    return [*done, {name: tensor.array.tobytes() for name, tensor in trainer.model.state_dict().items()}]


def stopped(run: Run, steps: int, checkpoint: Checkpoint | None = None) -> Trainer:
    trainer = Trainer(run, checkpoint)
    for _ in itertools.islice(trainer.steps(), steps):
        pass
    return trainer


def wider(network: Network) -> Network:
    return network.insert(2, layers.check(Spec.of("Linear", in_features=16, out_features=16)))


@pytest.mark.parametrize("planned", [True, False])
@pytest.mark.parametrize("change", ["none", "not made yet", "made", "followed by steps", "to make later"])
def test_whatever_was_changed_it_goes_on_bit_for_bit(tmp_path: Path, change: str, planned: bool) -> None:
    run = Run(opening(), planned=planned)
    checkpoint = stopped(run, 30).checkpoint()
    if change != "none":
        run = run.changed(30, wider(opening()))
    if change in ("made", "followed by steps"):
        checkpoint = stopped(run, 7 if change != "made" else 0, checkpoint).checkpoint()
    if change == "to make later":
        checkpoint = stopped(Run(opening(), planned=planned), 20).checkpoint()
    unbroken = Trainer(run, checkpoint)
    for _ in itertools.islice(unbroken.steps(), 10 if change == "to make later" else 0):
        pass
    save_state(state_of(run, checkpoint), tmp_path / "run" / MODEL)
    opened = with_state(open_model(tmp_path / "run"))
    assert opened.warnings == ()
    assert opened.network == run.present
    assert opened.planned is planned
    resumed = Trainer(Run(opened.network, planned=opened.planned), opened.checkpoint)
    assert resumed.history.rows == unbroken.history.rows
    assert resumed.step == unbroken.step
    assert taken(resumed, 40) == taken(unbroken, 40)


def test_the_command_line_goes_on_with_the_tape_where_the_screen_has_used_it(tmp_path: Path) -> None:
    run = Run(opening(), planned=False)
    save_state(state_of(run, stopped(run, 60).checkpoint()), tmp_path / MODEL)
    command = (sys.executable, "-m", "nnviz", "train", str(tmp_path), "--resume", "--steps", "60")
    subprocess.run(command, capture_output=True, check=True)
    state, unbroken = read_state(tmp_path / STATE), stopped(run, 120).checkpoint()
    assert state.planned is False
    assert state.checkpoint is not None
    for name, array in unbroken.parameters.items():
        assert state.checkpoint.parameters[name].tobytes() == array.tobytes()


def test_plan_and_tape_differ_so_that_it_matters_which_goes_on() -> None:
    plan, tape = (taken(stopped(Run(opening(), planned=planned), 0), 60) for planned in (True, False))
    assert plan != tape


def test_the_last_finite_checkpoint_of_another_network_is_left_out() -> None:
    trainer = stopped(Run(opening()), 10)
    next(iter(trainer.model.parameters())).array[0] = np.nan
    run = trainer.run.changed(10, wider(opening()))
    state = state_of(run, trainer.checkpoint())
    assert state.checkpoint is not None
    assert state.checkpoint.last_finite is None


@pytest.mark.parametrize("name", [MODEL, "mine.toml"])
def test_command_line_and_screen_write_the_same_files(tmp_path: Path, name: str) -> None:
    found = save_state(state_of(Run(opening()), None), tmp_path / "a" / name)
    prefix = "" if name == MODEL else "mine."
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        name,
        *(prefix + n for n in (WEIGHTS, STATE, HISTORY)),
    }
    assert found.step == 0
    assert found.place == Place.of(tmp_path / "a" / name)
    assert open_model(tmp_path / "a" / name).weights
    if name == MODEL:
        command = (sys.executable, "-m", "nnviz", "train", str(tmp_path / "a"), "--resume", "--epochs", "1")
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert "epoch 1" in done.stdout


@pytest.mark.parametrize("after", [0, 5])
@pytest.mark.parametrize("name", [MODEL, "mine.toml"])
def test_saved_opened_and_saved_again_all_files_have_the_same_bytes(tmp_path: Path, name: str, after: int) -> None:
    checkpoint = stopped(Run(opening()), 30).checkpoint()
    run = Run(opening()).changed(30, wider(opening()))
    save_state(state_of(run, stopped(run, after, checkpoint).checkpoint()), tmp_path / name)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(before) == 4
    for _ in range(2):
        opened = with_state(open_model(tmp_path / name))
        trainer = Trainer(opened.run, opened.checkpoint)
        assert trainer.step == 30 + after
        save_state(state_of(trainer.run, trainer.checkpoint()), tmp_path / name)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_replaced_weights_count_more_than_the_state(tmp_path: Path) -> None:
    model = tmp_path / MODEL
    save_state(state_of(Run(opening()), stopped(Run(opening()), 9).checkpoint()), model)
    kept = files_beside(model)[STATE].read_bytes()
    save_state(state_of(Run(opening()), stopped(Run(opening()), 11).checkpoint()), model)
    files_beside(model)[STATE].write_bytes(kept)
    opened = with_state(open_model(tmp_path))
    assert opened.checkpoint is None
    assert opened.weights
    assert "state.safetensors is of other weights; training starts at step 0" in opened.warnings[0]


def test_without_weights_the_state_has_them(tmp_path: Path) -> None:
    wanted = stopped(Run(opening()), 9).checkpoint()
    save_state(state_of(Run(opening()), wanted), tmp_path / MODEL)
    (tmp_path / WEIGHTS).unlink()
    opened = with_state(open_model(tmp_path))
    assert opened.warnings == ()
    assert opened.checkpoint is not None
    own = opened.module().state_dict()
    assert all(own[name].array.tobytes() == array.tobytes() for name, array in wanted.parameters.items())


def test_a_state_names_no_file_of_data(tmp_path: Path) -> None:
    """What it says is not even looked at, unless the model file says the same."""
    run = Run(opening())
    save_state(state_of(run, None), tmp_path / MODEL)
    table = tmp_path / "secret.csv"
    table.write_text("a,b\n1,2\n3,4\n5,6\n7,8\n")
    other = run.network.configure(replace(run.network.settings, data=datasets.check(file_spec(table))))
    arrays, structure = unpacked(state_bytes(state_of(Run(other), None)))
    (tmp_path / STATE).write_bytes(packed(arrays, (structure or "").replace("secret.csv", "nowhere.csv")))
    opened = with_state(open_model(tmp_path))
    assert opened.checkpoint is None
    assert opened.warnings == ("state.safetensors is of another network; training starts at step 0",)
    with pytest.raises(DataError, match=r"nowhere\.csv"):
        read_state(tmp_path / STATE)


@pytest.mark.parametrize(("data", "words"), [(b"PK\x03\x04", "zip"), (b"", "empty"), (b"x" * 99, "safetensors")])
def test_a_state_that_cannot_be_read_is_told_and_the_weights_open(tmp_path: Path, data: bytes, words: str) -> None:
    save_state(state_of(Run(opening()), None), tmp_path / MODEL)
    (tmp_path / STATE).write_bytes(data)
    opened = with_state(open_model(tmp_path))
    assert opened.checkpoint is None
    assert opened.weights
    assert words in opened.warnings[0]


def test_a_state_of_a_broken_stack_comes_back(tmp_path: Path) -> None:
    checkpoint = stopped(Run(opening()), 5).checkpoint()
    run = Run(opening()).changed(5, opening().remove(0))
    state = replace(state_of(run, checkpoint), place=Place(tmp_path / "x.toml", "abc"), planned=False)
    (tmp_path / "s").write_bytes(state_bytes(state))
    found = read_state(tmp_path / "s")
    assert found.network == run.present
    assert found.checkpoint is None
    assert found.planned is False
    assert found.place == state.place
    assert found.weights["1.weight"].tobytes() == checkpoint.parameters["2.weight"].tobytes()


@pytest.mark.parametrize("weights", [{"1.weight": np.zeros((3, 3), np.float32)}, {"9.x": np.zeros(1, np.float32)}])
def test_weights_of_a_broken_stack_that_do_not_fit_are_refused(tmp_path: Path, weights: dict[str, np.ndarray]) -> None:
    (tmp_path / "s").write_bytes(state_bytes(State(opening().remove(0), None, weights)))
    with pytest.raises(DataError, match="do not fit the network"):
        read_state(tmp_path / "s")


def failing(at: int, fault: int) -> Callable[[int], None]:
    """`os.fsync` that fails at one of its calls."""
    calls = itertools.count(1)
    real = os.fsync

    def sync(descriptor: int) -> None:
        if next(calls) == at:
            raise OSError(fault, os.strerror(fault))
        real(descriptor)

    return sync


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_disk_that_is_full_at_any_file_leaves_all_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    model = tmp_path / MODEL
    save_state(state_of(Run(opening()), None), model)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    state = state_of(Run(opening()), stopped(Run(opening()), 9).checkpoint())
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing(at, errno.ENOSPC))
        with pytest.raises(WriteError, match="No space left on device") as caught:
            save_state(state, model)
    assert caught.value.hint == "free some space, or save elsewhere"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_in_the_place_of_a_file_stays(tmp_path: Path) -> None:
    (tmp_path / STATE).mkdir()
    with pytest.raises(WriteError, match="is a folder"):
        save_state(state_of(Run(opening()), None), tmp_path / MODEL)
    assert [path.name for path in tmp_path.iterdir()] == [STATE]


def test_an_interruption_leaves_nothing_beside_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_together({tmp_path / "a": b"1", tmp_path / "b": b"2"})
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_program_has_left_is_removed_once_it_is_old(tmp_path: Path) -> None:
    old, new, other = tmp_path / f".{'a' * 16}.tmp", tmp_path / f".{'b' * 16}.tmp", tmp_path / ".notes.tmp"
    for path in (old, new, other):
        path.write_bytes(b"half")
    for path in (old, other):
        os.utime(path, (1, 1))
    write_together({tmp_path / "a": b"1"})
    assert {path.name for path in tmp_path.iterdir()} == {"a", new.name, other.name}


SAVES = """
import itertools, sys
from pathlib import Path
from nnviz.files.saved import save_state, state_of
from nnviz.network import opening
from nnviz.run import Run, Trainer

trainer = Trainer(Run(opening()))
model = Path(sys.argv[1])


def write():
    for step in trainer.steps():
        save_state(state_of(trainer.run, trainer.checkpoint()), model)
        print(trainer.step, flush=True)
"""


@pytest.mark.parametrize("count", [10, pytest.param(60, marks=pytest.mark.long)])
def test_killed_while_it_saves_no_file_is_ever_half(tmp_path: Path, count: int) -> None:
    """Killed at moments that wander through a save, one process after the other."""
    model = tmp_path / MODEL
    last = 0
    with Writers(SAVES, str(model)) as writers:
        for number in range(count):
            writers.begin()
            for _ in range(1 + number % 3):
                last = int(writers.line())
            # A few instructions more or less: where in the next save it is killed is left to chance.
            for _ in range(number * 997 % 20_000):
                pass
            writers.kill()
            state = read_state(files_beside(model)[STATE])
            assert state.checkpoint is not None
            assert state.checkpoint.step >= last
            opened = open_model(tmp_path)
            assert opened.network == opening()
            assert opened.weights.keys() == state.checkpoint.parameters.keys()
            assert files_beside(model)[HISTORY].read_text().count("\n") >= 2
            for path in tmp_path.glob(".*.tmp"):
                path.unlink()


@pytest.mark.parametrize(
    ("name", "path"),
    [("model", "model/model.toml"), (" run/ ", "run/model.toml"), ("mine.toml", "mine.toml"), ("a/b.TOML", "a/b.TOML")],
)
def test_a_name_is_a_folder_or_a_model_file(name: str, path: str) -> None:
    assert place_named(name) == Path(path)


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "~nobody-at-all/x"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ArgumentError):
        place_named(name)


def test_a_place_tells_whether_its_file_was_changed(tmp_path: Path) -> None:
    model = tmp_path / MODEL
    assert not Place.of(model).changed
    model.write_text("format = 1")
    place = Place.of(model)
    assert not place.changed
    model.write_text("format = 2")
    assert place.changed
    model.unlink()
    assert not place.changed

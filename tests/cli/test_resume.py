"""`nnviz --resume` goes on where the program was ended, bit for bit."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nnviz.files.place import Place
from nnviz.files.weights import read_state
from nnviz.network import opening
from nnviz.run import Run, Trainer
from tests.terminal import Terminal
from tests.tui.test_terminal import READY

RESUME = (sys.executable, "-m", "nnviz", "--resume")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment of its own."""
    return {"XDG_STATE_HOME": str(tmp_path)}


def kept(home: dict[str, str]) -> Path:
    return Path(home["XDG_STATE_HOME"]) / "nnviz" / "session.safetensors"


def unbroken(epochs: int) -> Trainer:
    trainer = Trainer(Run(opening()))
    for _ in itertools.islice(trainer.steps(), epochs * trainer.steps_per_epoch):
        pass
    return trainer


@pytest.mark.parametrize("end", ["q", signal.SIGTERM, signal.SIGHUP])
def test_a_resumed_run_is_bit_for_bit_the_unbroken_one(home: dict[str, str], end: str | signal.Signals) -> None:
    with Terminal(environment=home) as terminal:
        terminal.until(READY)
        for epoch in ("1.0", "2.0"):
            terminal.press("S")
            terminal.until(f"■ epoch {epoch}")
        if isinstance(end, str):
            terminal.press(end)
            assert terminal.wait_for_end(5) == 0
        else:
            os.kill(terminal.process.pid, end)
            assert terminal.wait_for_end(5) == 128 + end
    state = read_state(kept(home))
    assert state.checkpoint is not None
    assert state.checkpoint.step == unbroken(2).step
    with Terminal(environment=home, command=RESUME) as terminal:
        terminal.until("■ epoch 2.0")
        for epoch in ("3.0", "4.0"):
            terminal.press("S")
            terminal.until(f"■ epoch {epoch}")
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0
    found, wanted = read_state(kept(home)).checkpoint, unbroken(4)
    assert found is not None
    assert found.step == wanted.step
    assert found.history == wanted.history.rows
    own = wanted.checkpoint()
    assert {name: array.tobytes() for name, array in found.parameters.items()} == {
        name: array.tobytes() for name, array in own.parameters.items()
    }
    assert str(found.optimizer) == str(own.optimizer)


def test_without_a_session_it_says_so_in_one_line(home: dict[str, str]) -> None:
    done = subprocess.run(RESUME, capture_output=True, text=True, env=os.environ | home, check=False, timeout=30)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "there is no session to resume" in done.stderr


def test_what_only_looks_keeps_the_session_before(home: dict[str, str]) -> None:
    with Terminal(environment=home) as terminal:
        terminal.until(READY)
        terminal.press("j", "q")
        assert terminal.wait_for_end(5) == 0
    assert not kept(home).exists()


def test_a_broken_stack_is_kept_with_what_fits(home: dict[str, str]) -> None:
    with Terminal(environment=home) as terminal:
        terminal.until(READY)
        terminal.press("S")
        terminal.until("■ epoch 1.0")
        terminal.press("d")
        terminal.until("(10x2 and 16x16)")
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0
    state = read_state(kept(home))
    assert state.checkpoint is None
    assert "1.weight" in state.weights
    with Terminal(environment=home, command=RESUME) as terminal:
        terminal.until("(10x2 and 16x16)")
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0


def test_a_session_remembers_its_file(home: dict[str, str], tmp_path: Path) -> None:
    with Terminal(environment=home) as terminal:
        terminal.until(READY)
        terminal.press("W")
        terminal.until("╭─ Save ")
        terminal.press(str(tmp_path / "run"), "enter")
        terminal.until("Saved step 0")
        terminal.press("S")
        terminal.until("■ epoch 1.0")
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0
    assert read_state(kept(home)).place == Place.of(tmp_path / "run" / "model.toml")
    with Terminal(environment=home, command=RESUME) as terminal:
        terminal.until("■ epoch 1.0")
        terminal.press("\x13")
        terminal.until("Saved step 25")
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0


def test_resume_takes_no_model() -> None:
    done = subprocess.run([*RESUME, "spiral 2-2"], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2
    assert "takes no MODEL" in done.stderr

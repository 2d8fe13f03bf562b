"""`nnviz --resume` goes on where the program was ended, bit for bit."""

from __future__ import annotations

import base64
import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nnviz.files.place import Place
from nnviz.files.state import read_state
from nnviz.network import opening
from nnviz.run import Run, Trainer
from tests.terminal import Terminal
from tests.tui.test_terminal import LEAVES_ALTERNATE_SCREEN, READY

GOES_ON = b"nnviz: the session is kept: nnviz --resume goes on with it"

RESUME = (sys.executable, "-m", "nnviz", "--resume")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment of its own."""
    return {"XDG_STATE_HOME": str(tmp_path)}


def kept(home: dict[str, str]) -> Path:
    return Path(home["XDG_STATE_HOME"]) / "nnviz" / "session.safetensors"


def unbroken(epochs: float) -> Trainer:
    trainer = Trainer(Run(opening()))
    for _ in itertools.islice(trainer.steps(), round(epochs * trainer.steps_per_epoch)):
        pass
    return trainer


def ended(terminal: Terminal, end: str | signal.Signals) -> None:
    """End the program by a key or a signal, and see its exit code."""
    if isinstance(end, str):
        terminal.press(end)
        assert terminal.wait_for_end(5) == 0
    else:
        os.kill(terminal.process.pid, end)
        assert terminal.wait_for_end(5) == 128 + end


@pytest.mark.parametrize("end", [*(pytest.param(key, marks=pytest.mark.long) for key in ("q", "\x11")), signal.SIGTERM])
@pytest.mark.long
def test_a_session_that_ends_while_it_trains_is_kept_at_its_last_step(
    home: dict[str, str], end: str | signal.Signals
) -> None:
    with Terminal(environment=home) as terminal:
        terminal.until(READY)
        terminal.press("space")
        # Before the second is over after which training sends its first checkpoint.
        terminal.until(lambda text: "▶ epoch" in text and "▶ epoch 0" not in text)
        ended(terminal, end)
    found = read_state(kept(home)).checkpoint
    assert found is not None
    assert found.step >= 25
    wanted = unbroken(found.step / 25).checkpoint()
    assert found.history == wanted.history
    assert found.parameters.keys() == wanted.parameters.keys()
    assert all(array.tobytes() == found.parameters[name].tobytes() for name, array in wanted.parameters.items())


# That the signals keep what q keeps, the test before says.
@pytest.mark.parametrize(
    "end", ["q", *(pytest.param(s, marks=pytest.mark.long) for s in (signal.SIGTERM, signal.SIGHUP))]
)
@pytest.mark.long
def test_a_resumed_run_is_bit_for_bit_the_unbroken_one(home: dict[str, str], end: str | signal.Signals) -> None:
    with Terminal(environment=home) as terminal:
        terminal.until(READY)
        for epoch in ("1.0", "2.0"):
            terminal.press("S")
            terminal.until(f"■ epoch {epoch}")
        ended(terminal, end)
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


@pytest.mark.parametrize("data", [b"PK\x03\x04", *(pytest.param(d, marks=pytest.mark.long) for d in (b"", b"x" * 99))])
def test_a_session_that_cannot_be_read_is_told_in_one_line(home: dict[str, str], data: bytes) -> None:
    kept(home).parent.mkdir(parents=True)
    kept(home).write_bytes(data)
    done = subprocess.run(RESUME, capture_output=True, text=True, env=os.environ | home, check=False, timeout=30)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "the session cannot be resumed" in done.stderr
    assert "start nnviz without --resume" in done.stderr


@pytest.mark.parametrize("end", ["q", pytest.param(signal.SIGTERM, marks=pytest.mark.long)])
@pytest.mark.long
def test_where_a_session_cannot_be_kept_the_program_ends_all_the_same(home: dict[str, str], end: str | int) -> None:
    (Path(home["XDG_STATE_HOME"]) / "nnviz").write_text("a file")
    with Terminal(environment=home) as terminal:
        terminal.until(READY)
        terminal.press("S")
        terminal.until("■ epoch 1.0")
        if isinstance(end, str):
            terminal.press(end)
            assert terminal.wait_for_end(5) == 0
            after = terminal.bytes.rpartition(LEAVES_ALTERNATE_SCREEN)[2]
            assert b"nnviz: the session was not kept" in after
        else:
            os.kill(terminal.process.pid, end)
            assert terminal.wait_for_end(5) == 128 + end
        assert b"Traceback" not in terminal.bytes


@pytest.mark.long
def test_keys_that_a_terminal_may_take_arrive_and_the_line_is_copied(home: dict[str, str], tmp_path: Path) -> None:
    """Flow control would stop the output at ctrl+s, and ctrl+o would be swallowed by the line discipline."""
    command = ("sh", "-c", f"stty ixon iexten; cd {tmp_path}; exec {sys.executable} -m nnviz")
    with Terminal(environment=home, command=command) as terminal:
        terminal.until(READY)
        terminal.press("\x13")
        terminal.until("╭─ Save ")
        terminal.press("enter")
        terminal.until("Saved step 0: model.toml")
        terminal.press("\x0f")
        terminal.until("╭─ Open a model")
        terminal.until("a model with its weights")
        terminal.press("escape", "Y")
        terminal.until("Copied: spiral")
        line = base64.b64encode(b"spiral 2-16-16-2 tanh adam:0.01 seed:1")
        assert b"\x1b]52;c;" + line in terminal.bytes
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0


@pytest.mark.long
def test_what_only_looks_keeps_the_session_before(home: dict[str, str]) -> None:
    with Terminal(environment=home) as terminal:
        terminal.until(READY)
        terminal.press("j", "q")
        assert terminal.wait_for_end(5) == 0
        assert GOES_ON not in terminal.bytes
    assert not kept(home).exists()


@pytest.mark.long
def test_at_the_end_it_is_said_how_to_go_on_unless_all_is_in_files(home: dict[str, str], tmp_path: Path) -> None:
    for save in (False, True):
        with Terminal(environment=home) as terminal:
            terminal.until(READY)
            terminal.press("S")
            terminal.until("■ epoch 1.0")
            if save:
                terminal.press("W")
                terminal.until("╭─ Save ")
                terminal.press(str(tmp_path / "run"), "enter")
                terminal.until("Saved step 25")
            terminal.press("q")
            assert terminal.wait_for_end(5) == 0
            after = terminal.bytes.rpartition(LEAVES_ALTERNATE_SCREEN)[2]
            assert after.count(GOES_ON) == (not save)


@pytest.mark.long
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


@pytest.mark.long
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

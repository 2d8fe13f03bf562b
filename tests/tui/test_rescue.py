"""What ends the program leaves a sentence, a report, and the user's work; what is read back is checked."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from nnviz import nn
from nnviz.errors import NnvizError
from nnviz.files.plain import plain
from nnviz.network import PRESETS, Network, opening
from nnviz.registry import Spec
from nnviz.run import Checkpoint, Run, Trainer
from nnviz.tui.report import in_words, write_report
from nnviz.tui.rescue import read_rescued, rescue, rescued_path
from tests.terminal import Terminal, children
from tests.tui.conftest import ready, running, toasts, until
from tests.tui.test_terminal import LEAVES_ALTERNATE_SCREEN, READY, SHOWS_CURSOR, gone, loss

PROGRAM = """
from nnviz.tui.main import MainScreen
from nnviz.tui.performer import Performer
from nnviz.tui.widgets.keybar import KeyBar
from nnviz import cli

def fail(self, *arguments):
    raise ValueError("no \\x1b]0;title\\x07 theme [/]")

{fault} = fail
cli.run()
"""


@pytest.mark.long
def test_what_ends_the_program_leaves_a_sentence_a_report_and_the_work() -> None:
    command = (sys.executable, "-c", PROGRAM.format(fault="Performer._next_theme"))
    with Terminal(command=command) as terminal:
        terminal.until(READY)
        terminal.press("j", "y", ">")
        terminal.until("full speed")
        terminal.press("space")
        terminal.until(lambda text: "▶ epoch" in text and loss(text) < 0.3)
        terminal.press("space")
        terminal.until("■ epoch")
        reached = loss(terminal.text)
        below = children(terminal.process.pid)
        terminal.press("t")
        assert terminal.wait_for_end(10) == 1
        assert all(gone(pid) for pid in below)
        assert LEAVES_ALTERNATE_SCREEN in terminal.bytes
        after = terminal.bytes.rpartition(LEAVES_ALTERNATE_SCREEN)[2].decode()
        assert SHOWS_CURSOR in terminal.bytes
        assert b"Traceback" not in terminal.bytes
        assert "nnviz: ended by an error: ValueError: no ␛]0;title␇ theme [/]. The network is kept" in after
        report = re.search(r"with (/\S+\.txt)\.", after)
        assert report is not None
        written = Path(report[1]).read_text("utf-8")
        assert "Traceback (most recent call last)" in written
        assert "ValueError: no" in written
    with Terminal() as terminal:
        terminal.until("╭─ The program was ended by an error")
        terminal.press("enter")
        # The opening network is ready first; what was kept takes its place.
        terminal.until(lambda text: re.search(r"│ +3 Tanh", text) and loss(text) == pytest.approx(reached, abs=2e-4))
        terminal.press("u")
        # In the stack, whose border stands before it; the graph names the layers, too.
        terminal.until(lambda text: re.search(r"│ +3 Linear +16 → 16", text))
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0
    with Terminal() as terminal:
        terminal.until(READY)
        assert "ended by an error" not in terminal.text
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0


@pytest.mark.parametrize(
    "fault",
    [
        "MainScreen.on_panel_asked",
        pytest.param("MainScreen._compositor_refresh", marks=pytest.mark.long),
        pytest.param("KeyBar.show", marks=pytest.mark.long),
    ],
)
@pytest.mark.long
def test_wherever_the_fault_is_there_is_no_traceback(fault: str) -> None:
    with Terminal(command=(sys.executable, "-c", PROGRAM.format(fault=fault))) as terminal:
        terminal.press("j", "j", "j")
        assert terminal.wait_for_end(15) == 1
        assert b"Traceback" not in terminal.bytes
        assert b"nnviz: ended by an error: ValueError" in terminal.bytes
        assert terminal.bytes.count(b"\x1b[?1049h") == terminal.bytes.count(LEAVES_ALTERNATE_SCREEN)


def trained(network: Network, steps: int = 3) -> tuple[Run, Checkpoint]:
    trainer = Trainer(Run(network))
    for _ in range(steps if trainer.optimizer else 0):
        next(trainer.steps())
    return trainer.run, trainer.checkpoint()


@pytest.mark.parametrize("preset", PRESETS, ids=[preset.name for preset in PRESETS])
def test_a_run_comes_back_as_it_was(preset: object) -> None:
    network = preset.make()  # type: ignore[attr-defined]
    run, state = trained(network) if preset.name != "Broken" else (Run(network), None)  # type: ignore[attr-defined]
    path = rescue(run, state)
    assert path is not None
    found, _ = read_rescued(path)
    assert found.network == network
    assert set(found.weights) == set(run.learned(state))
    for name, array in run.learned(state).items():
        assert found.weights[name].dtype == array.dtype
        assert found.weights[name].tobytes() == array.tobytes()
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o077 == 0
    # A file is replaced as a whole, and nothing else is left behind.
    rescue(run, state)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def described(**changes: object) -> bytes:
    path = rescue(*trained(opening()))
    assert path is not None
    raw = path.read_bytes()
    header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    description = json.loads(header["__metadata__"]["network"])
    description["settings"] |= changes.pop("settings", {})  # type: ignore[operator]
    return save({}, {"nnviz": "1", "network": json.dumps(description | changes)})


BAD = {
    "empty": lambda: b"",
    "zip": lambda: b"PK\x03\x04" + bytes(100),
    "pickle": lambda: b"\x80\x04c__builtin__\neval\n",
    "no metadata": lambda: save({"a": np.zeros(3)}),
    "another version": lambda: save({}, {"nnviz": "2", "network": "{}"}),
    "not valid JSON": lambda: save({}, {"nnviz": "1", "network": "{"}),
    "deep JSON": lambda: save({}, {"nnviz": "1", "network": "[" * 100_000}),
    "a list": lambda: save({}, {"nnviz": "1", "network": "[]"}),
    "layers are none": lambda: described(layers=None),
    "many layers": lambda: described(layers=[["Tanh", {}]] * 10_001),
    "unknown layer": lambda: described(layers=[["os.system", {"command": "true"}]]),
    "unknown argument": lambda: described(layers=[["Tanh", {"x": 1}]]),
    "wrong argument": lambda: described(layers=[["Linear", {"in_features": "2", "out_features": 2}]]),
    "nested argument": lambda: described(layers=[["Linear", {"in_features": [2], "out_features": 2}]]),
    "huge size": lambda: described(layers=[["Linear", {"in_features": 2, "out_features": 10**18}]]),
    "layer as text": lambda: described(layers=["Tanh"]),
    "batch 0": lambda: described(settings={"batch": 0}),
    "batch true": lambda: described(settings={"batch": True}),
    "seed out of range": lambda: described(settings={"seed": 2**32}),
    "rate NaN": lambda: described(settings={"optimizer": ["SGD", {"lr": float("nan")}]}),
    "unknown data": lambda: described(settings={"data": ["/etc/passwd", {}]}),
    "weights of another shape": lambda: rescue_with({"0.weight": np.zeros((3, 3), np.float32)}),
    "weights of no layer": lambda: rescue_with({"99.weight": np.zeros(3, np.float32)}),
    "weights as bytes": lambda: rescue_with({"0.weight": np.zeros((16, 2), np.uint8)}),
}  # fmt: skip


def rescue_with(weights: dict[str, np.ndarray]) -> bytes:
    path = rescue(Run(opening()))
    assert path is not None
    raw = path.read_bytes()
    header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    return save(weights, header["__metadata__"])


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_such_a_file_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(BAD[name]())
    with pytest.raises(NnvizError):
        read_rescued(path)


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    path = rescue(*trained(opening()))
    assert path is not None
    raw, cut = path.read_bytes(), tmp_path / "cut"
    for size in range(0, len(raw), 37):
        cut.write_bytes(raw[:size])
        with pytest.raises(NnvizError):
            read_rescued(cut)


@settings(deadline=None, max_examples=100)
@given(at=st.integers(0, 1500), byte=st.integers(0, 255))
def test_a_file_with_a_wrong_byte_is_refused_or_is_a_network(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "mutated"
    raw = bytearray(RAW)
    raw[at % len(raw)] = byte
    path.write_bytes(raw)
    try:
        found, _ = read_rescued(path)
    except NnvizError:
        return
    assert isinstance(found.network, Network)


def _raw() -> bytes:
    network = opening()
    run, state = trained(network)
    weights = run.learned(state)
    return save(dict(weights), {"nnviz": "1", "network": json.dumps(plain(network))})


RAW = _raw()


async def test_a_bad_file_is_refused_in_words_and_offered_once() -> None:
    path = rescued_path()
    assert path is not None
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\x80\x04evil")
    async with running() as pilot:
        await until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        await pilot.press("enter")
        await until(pilot, lambda: "rescued.safetensors was not opened: it is not a safetensors file" in toasts(pilot))
        screen = await ready(pilot)
        assert screen.lab.network == opening()
        assert not path.exists()


@pytest.mark.parametrize(
    ("keys", "kept", "opened"), [(["enter"], False, True), (["j", "enter"], False, False), (["escape"], True, False)]
)
async def test_the_file_is_opened_put_aside_or_offered_again(keys: list[str], kept: bool, opened: bool) -> None:
    network = opening().insert(1, Spec("ReLU"))
    path = rescue(Run(network))
    assert path is not None
    async with running() as pilot:
        await until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        await pilot.press(*keys)
        screen = await ready(pilot)
        assert (screen.lab.network == network) is opened
        assert path.exists() is kept
        assert path.with_name("rescued-before.safetensors").exists() is not kept


def test_reports_are_written_once_each_and_not_without_end() -> None:
    paths = set()
    for number in range(30):
        error = ValueError(f"number {number}")
        path = write_report(error)
        assert path is not None
        assert write_report(error) == path
        paths.add(path)
    assert len(paths) == 30
    assert len(list(path.parent.glob("*.txt"))) == 20


def test_without_a_place_for_it_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", os.devnull)
    assert write_report(ValueError("nowhere")) is None
    with pytest.raises(OSError, match="Not a directory"):
        rescue(Run(replace(opening())))


def test_errors_are_told_cleaned() -> None:
    assert in_words(ValueError("\x1b]0;x\x07\n[/]")) == "ValueError: ␛]0;x␇ [/]"
    assert in_words(ValueError()) == "ValueError"
    assert in_words(NnvizError("what", "do that")) == "what (do that)"


def test_a_batch_norm_is_rescued_with_its_count_of_batches() -> None:
    network = opening().insert(1, nn.layers.check(Spec.of("BatchNorm1d", num_features=16)))
    run, state = trained(network)
    path = rescue(run, state)
    assert path is not None
    assert read_rescued(path)[0].weights["1.num_batches_tracked"].shape == ()

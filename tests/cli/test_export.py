"""`nnviz export`: each form from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pyte
import pytest
from click.testing import CliRunner

from nnviz.cli.commands import command
from nnviz.errors import DataError, NnvizError, TrainingError
from nnviz.tui.remembered import remember, remembered

LINE = "spiral 2-8-2 tanh adam:0.01 seed:1"


def exported(*arguments: str, folder: Path | None = None) -> bytes:
    """What the command writes, in a process of its own."""
    found = subprocess.run(
        [sys.executable, "-m", "nnviz", "export", *arguments], cwd=folder, check=True, capture_output=True
    )
    assert found.stderr == b""
    return found.stdout


def exported_here(*arguments: str) -> bytes:
    """The same in this process; that another one writes the same bytes is a test of its own."""
    found = CliRunner().invoke(command, ["export", *arguments], standalone_mode=False, catch_exceptions=False)
    assert found.exit_code == 0
    return found.stdout_bytes


def refused(*arguments: str) -> BaseException:
    found = CliRunner().invoke(command, ["export", *arguments], standalone_mode=False)
    assert found.exception is not None
    return found.exception


def words_of(svg: bytes) -> str:
    """All text of a picture."""
    tree = ElementTree.fromstring(svg)  # noqa: S314 (our own)
    return "\n".join(text.text or "" for text in tree.iter("{http://www.w3.org/2000/svg}text")).replace("\xa0", " ")


def test_numpy_lines(tmp_path: Path) -> None:
    (tmp_path / "step.py").write_bytes(exported(LINE, "--to", "numpy"))
    found = subprocess.run([sys.executable, "-I", "step.py"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert [line.split()[0] for line in found.stdout.splitlines()] == [
        "loss",
        "0.weight",
        "0.bias",
        "2.weight",
        "2.bias",
    ]


@pytest.mark.long
def test_the_screen_is_the_same_picture_every_time_with_the_default_theme_and_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = exported(LINE, "--to", "svg")
    words = words_of(first)
    for part in ("1 Stack", "Linear", "Tanh", "spiral", "2 Training", "3 Activation"):
        assert part in words
    assert b"http" not in first.replace(b"http://www.w3.org/2000/svg", b"")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "nnviz").mkdir()
    (tmp_path / "nnviz" / "config.toml").write_text('[keys]\nhelp = "f1"\n')
    remember("theme", "nord")
    remember("pace", "1")
    assert remembered("theme") == "nord"
    assert exported(LINE, "--to", "svg") == first


def test_the_screen_has_the_size_that_is_asked_for(tmp_path: Path) -> None:
    small = exported_here(LINE, "--to", "svg", "--size", "80x24")
    assert "3 Activation" not in words_of(small)
    assert len(small) < 200_000


@pytest.mark.long
def test_the_screen_shows_saved_weights_and_faults(tmp_path: Path) -> None:
    runner = CliRunner()
    folder = str(tmp_path / "run")
    assert runner.invoke(command, ["train", LINE, "--epochs", "2", "-o", folder]).exit_code == 0
    learned = words_of(exported_here(folder, "--to", "svg"))
    assert "Opened with" not in learned
    assert learned != words_of(exported_here(LINE, "--to", "svg"))
    assert runner.invoke(command, ["new", "broken", "-o", str(tmp_path / "b.toml")]).exit_code == 0
    assert "mat1 and mat2 shapes" in words_of(exported_here(str(tmp_path / "b.toml"), "--to", "svg"))


@pytest.mark.long
def test_an_asciicast_is_a_picture_an_epoch() -> None:
    cast = exported(LINE, "--to", "asciicast", "--epochs", "3", "--size", "100x34")
    assert exported_here(LINE, "--to", "asciicast", "--epochs", "3", "--size", "100x34") == cast
    header, *frames = map(json.loads, cast.decode().splitlines())
    assert (header["version"], header["width"], header["height"]) == (2, 100, 34)
    assert [at for at, _, _ in frames] == [0.0, 0.1, 0.2, 0.3]
    assert {kind for _, kind, _ in frames} == {"o"}
    screen = pyte.Screen(100, 34)
    stream = pyte.Stream(screen)
    for epoch, (_, _, data) in enumerate(frames):
        stream.feed(data)
        assert f"epoch {epoch}.0" in screen.display[0]
        assert "1 Stack" in screen.display[1]
        assert all(len(row) == 100 for row in screen.display)
    assert "q quit" in screen.display[-1].replace("  ", " ")


@pytest.mark.long
def test_a_saved_run_is_shown_where_it_stands_and_goes_on(tmp_path: Path) -> None:
    assert CliRunner().invoke(command, ["train", LINE, "--steps", "60", "-o", str(tmp_path / "run")]).exit_code == 0
    assert b"Training step 61 of a network" in exported_here(str(tmp_path / "run"), "--to", "numpy")
    words = words_of(exported_here(str(tmp_path / "run"), "--to", "svg"))
    assert "epoch 2.4 · step 60" in words
    resumed = ["train", str(tmp_path / "run"), "--resume", "--epochs", "0", "--json"]
    last = json.loads(CliRunner().invoke(command, resumed).stdout)
    assert f"{100 * last['test_accuracy']:.1f} %" in words
    cast = exported("run", "--to", "asciicast", "--epochs", "2", "--size", "100x34", folder=tmp_path)
    screen = pyte.Screen(100, 34)
    stream = pyte.Stream(screen)
    for epoch, line in zip(("2.4", "3.0", "4.0"), cast.decode().splitlines()[1:], strict=True):
        stream.feed(json.loads(line)[2])
        assert f"epoch {epoch}" in screen.display[0]


def test_what_cannot_be_shown_is_told(tmp_path: Path) -> None:
    assert CliRunner().invoke(command, ["new", "broken", "-o", str(tmp_path / "b.toml")]).exit_code == 0
    error = refused(str(tmp_path / "b.toml"), "--to", "asciicast")
    assert isinstance(error, TrainingError)
    assert "mat1 and mat2 shapes" in error.message
    error = refused("plane 2-8-8-1 sgd:1e30", "--to", "asciicast", "--epochs", "2")
    assert isinstance(error, NnvizError)
    assert "is not a finite number" in error.message
    assert isinstance(refused(LINE, "--to", "history"), DataError)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "torch", "--size", "80x24"], "--size is the screen's, for svg and asciicast, not for torch."),
        (["--to", "svg", "--epochs", "2"], "--epochs is for asciicast, not for svg."),
        (["--to", "svg", "--size", "80"], "'80' is no size from 20x5 to 500x200, such as 80x24."),
        (["--to", "svg", "--size", "9x9"], "'9x9' is no size"),
        (["--to", "svg", "--size", "٨٠x٢٤"], "is no size"),
    ],
)
def test_options_that_do_not_fit_are_told(arguments: list[str], words: str) -> None:
    assert words in str(refused(LINE, *arguments))

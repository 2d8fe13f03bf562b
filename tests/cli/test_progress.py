"""The progress bar of `nnviz train`, in a pseudo-terminal."""

from __future__ import annotations

import re
import sys

import pytest

from nnviz.cli.reports import Bar
from nnviz.run import Evaluation
from tests.terminal import Terminal

LINE = "spiral 2-8-2 tanh adam:0.01 seed:1"


def training(*arguments: str, columns: int = 120) -> Terminal:
    """`nnviz train` in a terminal."""
    return Terminal(columns, 10, command=(sys.executable, "-m", "nnviz", "train", LINE, *arguments))


def test_a_bar_shows_what_is_done_with_the_live_loss() -> None:
    with training("--epochs", "4000") as terminal:
        terminal.until(
            lambda text: re.search(r"^\[#*\.+\] +\d+%  epoch \d+\.\d of 4000  loss 0\.\d+  test .* left", text)
        )
        assert re.search(r"accuracy \d+\.\d%  \d+:\d\d(:\d\d)? left", terminal.text)
        shares = [int(found) for found in re.findall(rb"(\d+)%  epoch", terminal.bytes)]
        assert shares == sorted(shares)
        # One line is written again and again, until Ctrl+C, which leaves the final numbers.
        assert [line.strip() for line in terminal.lines[1:]] == [""] * 9
        terminal.process.sendintr()
        terminal.until("not saved: -o DIR saves the weights")
        assert terminal.lines[0].startswith("epoch ")
        assert "[" not in terminal.lines[0]
        assert terminal.wait_for_end(5) == 130


@pytest.mark.parametrize("arguments", [("--epochs", "3"), ("--steps", "30")])
def test_at_the_end_the_numbers_stay(arguments: tuple[str, ...]) -> None:
    with training(*arguments) as terminal:
        terminal.until("not saved: -o DIR saves the weights")
        steps = 75 if arguments[0] == "--epochs" else 30
        assert re.fullmatch(
            rf"epoch [\d.]+  step {steps}  loss [\d.]+  test [\d.]+  accuracy [\d.]+%", terminal.lines[0].strip()
        )
        assert terminal.wait_for_end(5) == 0


@pytest.mark.parametrize("columns", [20, 40, 60, 80])
def test_the_line_never_wraps(columns: int) -> None:
    with training("--epochs", "4000", columns=columns) as terminal:
        terminal.until(lambda text: "epoch" in text)
        terminal.process.sendintr()
        assert terminal.wait_for_end(5) == 130
        # Every picture of the bar; the terminal itself adds ^C to the last one.
        drawn = [part.removeprefix(b"\x1b[K").removesuffix(b"^C") for part in terminal.bytes.split(b"\r")]
        bars = [part for part in drawn if b"%  epoch" in part]
        assert bars
        assert max(map(len, bars)) < columns
        # What does not fit is left out as a whole.
        whole = (
            rb"(\[#*\.*\])? +\d+%  epoch [\d.]+ of 4000(  loss \S+(  test \S+(  accuracy [\d.]+%(  [\d:]+ left)?)?)?)?"
        )
        assert columns == 20 or all(re.fullmatch(whole, bar) for bar in bars), bars


def test_the_share_is_of_what_was_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    bar = Bar(10.0, 20.0)
    bar.evaluation(Evaluation(0, 15.0, 0.5, 0.25, float("nan"), float("nan")))
    assert capsys.readouterr().out.endswith(
        "[############............]  50%  epoch 15.0 of 20  loss 0.5  test 0.25  0:00 left"
    )
    # Between two pictures there is a pause.
    bar.step(1, 16.0, 0.4)
    assert capsys.readouterr().out == ""
    Bar(10.0, 10.0).evaluation(Evaluation(0, 10.0, 0.5, 0.25, 0.5, 0.5))
    assert "] 100%  epoch 10.0 of 10  loss 0.5  test 0.25  accuracy 50.0%" in capsys.readouterr().out

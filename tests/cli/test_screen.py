"""The screen opens on what the command line names."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from nnviz.files.model_file import write_model
from nnviz.files.opened import MODEL, WEIGHTS
from nnviz.files.weights import write_weights
from nnviz.network import opening
from tests.files.test_saving import trained
from tests.terminal import Terminal


def opened_on(argument: str) -> Terminal:
    return Terminal(command=(sys.executable, "-m", "nnviz", argument))


@pytest.mark.parametrize("argument", ["circle 2-9-2 relu", "mine.toml"])
@pytest.mark.long
def test_the_screen_opens_on_a_line_or_a_file(tmp_path: Path, argument: str) -> None:
    if argument.endswith(".toml"):
        argument = str(tmp_path / argument)
        Path(argument).write_text('format = 1\ndata = "circle"\n[[layers]]\nname = "Linear"\nin_features = 2\nout_features = 9\n')  # fmt: skip
    with opened_on(argument) as terminal:
        terminal.until(lambda text: re.search(r"1 Linear +2 → 9", text))
        terminal.until("circle")
        terminal.until("press space" if "relu" in argument else "Linear")
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0


@pytest.mark.long
def test_the_screen_opens_on_a_folder_with_its_weights(tmp_path: Path) -> None:
    trainer = trained(opening(), 1_500)
    write_model(opening(), tmp_path / MODEL)
    write_weights(trainer.checkpoint().parameters, tmp_path / WEIGHTS)
    with opened_on(str(tmp_path)) as terminal:
        terminal.until("Opened with the saved weights")
        terminal.until(f"train {trainer.evaluate().train_loss:.4f}")
        terminal.press("q")
        assert terminal.wait_for_end(5) == 0

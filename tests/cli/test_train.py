"""`nnviz train`: what it replaces, and what it says beside its numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from nnviz.cli.remarks import loss_of_guessing
from nnviz.errors import ArgumentError
from nnviz.files.opened import open_model
from nnviz.run import Run, Trainer
from tests.cli.test_commands import LINE, output, run
from tests.data.own import WINE, written

OTHER = "spiral 2-4-2 relu"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a run in it."""
    monkeypatch.chdir(tmp_path)
    output("train", LINE, "--epochs", "2", "-o", "run")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def refused(result: Result) -> ArgumentError:
    assert isinstance(result.exception, ArgumentError), result.output
    return result.exception


@pytest.mark.parametrize("arguments", [(OTHER, "-o", "run"), (LINE, "-o", "run"), ("run", "-o", "run")])
def test_another_run_is_not_replaced(folder: Path, arguments: tuple[str, ...]) -> None:
    before = contents(folder / "run")
    error = refused(run("train", *arguments, "--epochs", "1"))
    assert error.message.endswith("exists already")
    assert "--force" in error.hint
    assert contents(folder / "run") == before
    output("train", *arguments, "--epochs", "1", "--force")
    assert contents(folder / "run") != before


def test_a_run_goes_on_in_its_folder_but_not_in_another(folder: Path) -> None:
    output("train", "run", "--resume", "--epochs", "1")
    output("train", "run", "--resume", "--epochs", "1", "-o", "./run/")
    output("train", OTHER, "--epochs", "1", "-o", "other")
    before = contents(folder / "other")
    refused(run("train", "run", "--resume", "--epochs", "1", "-o", "other"))
    assert contents(folder / "other") == before
    output("train", "run", "--resume", "--epochs", "1", "-o", "third")


def test_a_model_file_alone_can_get_its_run_beside_it_but_no_other(folder: Path) -> None:
    (folder / "new").mkdir()
    output("new", LINE, "-o", "new/model.toml")
    refused(run("train", OTHER, "--epochs", "1", "-o", "new"))
    output("train", "new/model.toml", "--epochs", "1", "-o", "new")
    assert len(contents(folder / "new")) == 4


def test_new_replaces_a_file_with_force_only(folder: Path) -> None:
    output("new", LINE, "-o", "m.toml")
    assert "--force" in refused(run("new", OTHER, "-o", "m.toml")).hint
    output("new", OTHER, "-o", "m.toml", "--force")
    assert open_model("m.toml").network == open_model(OTHER).network


def test_a_new_run_from_saved_weights_is_said_to_be_one(folder: Path) -> None:
    words = "nnviz: a new run begins at epoch 0, from the saved weights; --resume goes on with the saved run instead\n"
    assert run("train", "run", "--epochs", "1").stderr == words
    assert run("train", "run", "--resume", "--epochs", "1").stderr == ""
    assert run("train", LINE, "--epochs", "1").stderr == ""


def test_losses_of_a_regression_are_said_to_be_standardized(folder: Path) -> None:
    written(folder, WINE)
    words = run("train", "wine.csv", "--target", "acid", "--epochs", "1").stderr
    data = Trainer(Run(open_model("wine.csv 4-2-1 target:acid").network)).data
    assert data.targets is not None
    mean, std = data.targets.mean.item(), data.targets.std.item()
    assert f"the losses are of the standardized target, (value - {mean:.6g}) / {std:.6g}\n" in words
    assert "standardized target" not in run("train", "wine.csv", "--epochs", "1").stderr
    assert "standardized target" not in run("train", "plane 2-4-1 tanh", "--epochs", "1").stderr


def test_a_loss_far_above_guessing_is_said_in_one_line(folder: Path) -> None:
    result = run("train", "spiral 2-8-8-2 tanh sgd:300", "--epochs", "3", "--json")
    assert json.loads(result.stdout.splitlines()[-1])["done"] is True
    (line,) = result.stderr.splitlines()
    assert "far above the 0.6931 of guessing: lower the learning rate" in line


@pytest.mark.parametrize(
    ("line", "loss"),
    [
        ("spiral 2-4-2 tanh", np.log(2)),
        ("digits 64-10", np.log(10)),
        ("spiral 2-4-1 tanh bcewithlogitsloss", np.log(2)),
        ("spiral 2-4-1 tanh bceloss", np.log(2)),
        ("iris 4-3 nllloss", np.log(3)),
        ("plane 2-4-1 tanh", 1.0),
        ("spiral 2-4-1 tanh hingeembeddingloss", None),
    ],
)
def test_the_loss_of_guessing(line: str, loss: float | None) -> None:
    found = loss_of_guessing(Trainer(Run(open_model(line).network)))
    assert found is loss is None or found == pytest.approx(loss, rel=1e-4)

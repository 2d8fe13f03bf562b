"""Data of one's own on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from nnviz.cli.commands import command
from nnviz.cli.own import DataChoice
from nnviz.errors import ArgumentError, DataError, MissingFileError
from tests.cli.test_commands import shell
from tests.data.own import WINE, mnist, written

ROOT = Path(__file__).parents[2]

SAID = "nnviz: wine.csv: 60 samples, 4 inputs, classification of quality, 3 classes\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with wine.csv in it."""
    written(tmp_path, WINE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=lambda *model, **more: print("screen", *model, *more.values()))


def done(*arguments: str) -> Result:
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result


def test_the_screen_opens_on_a_file(folder: Path) -> None:
    choice = DataChoice("wine.csv", (("target", "quality"),))
    assert done("--data", "wine.csv", "--target", "quality").stdout == f"screen {choice}\n"
    assert done("model.toml", "--data", "wine.csv", "--target", "quality").stdout == f"screen model.toml {choice}\n"
    assert done("--data", "wine.csv", "model.toml", "--target", "quality").stdout == f"screen model.toml {choice}\n"
    assert done("wine.csv").stdout == "screen wine.csv\n"
    network = choice.open(None).network
    assert [spec.name for spec in network.layers] == ["Linear", "Tanh", "Linear", "Tanh", "Linear"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("wine.csv",),
        ("wine.csv", "--target", "quality"),
        ("spiral 2-8-2 tanh", "--data", "wine.csv", "--target", "quality"),
        ("wine.csv 4-8-3 relu",),
        ('"wine.csv" 4-8-3 target:quality',),
    ],
)
def test_training_on_a_file_learns_it(folder: Path, arguments: tuple[str, ...]) -> None:
    result = done("train", *arguments, "--epochs", "60", "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert rows[-1]["train_loss"] < 0.8 * rows[0]["train_loss"]
    assert SAID in result.stderr


def test_a_run_on_a_file_is_saved_resumed_summed_up_checked_and_exported(folder: Path) -> None:
    done("train", "wine.csv 4-8-3 relu", "--epochs", "2", "-o", "run")
    assert 'data = {file = "../wine.csv"}' in (folder / "run" / "model.toml").read_text()
    unbroken = done("train", "wine.csv 4-8-3 relu", "--epochs", "4", "--json").stdout.splitlines()[-2]
    assert done("train", "run", "--resume", "--epochs", "2", "--json").stdout.splitlines()[-2] == unbroken
    assert done("summary", "run").stdout.startswith(
        "column   kind    what is made of it\nacid     number  an input\n"
        "ash      number  an input\ncolour   text    2 inputs, one for each text: red, white\n"
        "quality  number  target, 3 classes\n\n#  layer"
    )
    assert json.loads(done("summary", "run", "--json").stdout)["data"]["columns"][2]["kind"] == "text"
    assert "worst relative error" in done("check", "run").stdout
    assert "A network trained on wine.csv." in done("export", "run", "--to", "torch").stdout
    assert done("order", "run").exit_code == 0


def test_a_model_file_names_data_from_its_own_folder(folder: Path) -> None:
    done("new", "wine.csv 4-8-3 relu target:quality", "-o", "model.toml")
    text = (folder / "model.toml").read_text()
    assert 'data = {file = "wine.csv", target = "quality"}' in text
    inside = folder / "inside"
    inside.mkdir()
    done("new", "wine.csv", "-o", "inside/model.toml")
    assert 'data = {file = "../wine.csv"}' in (inside / "model.toml").read_text()
    done("summary", "inside/model.toml")
    table = '[data]\nfile = "../wine.csv"\ntarget = "quality"\n\n[[layers]]'
    lines = [line for line in text.splitlines() if not line.startswith("data")]
    (inside / "own.toml").write_text("\n".join(lines).replace("[[layers]]", table, 1))
    assert "8 to" not in done("summary", "inside/own.toml").stdout
    assert (
        done("train", "inside/own.toml", "--epochs", "1").stdout == done("train", "model.toml", "--epochs", "1").stdout
    )


def test_images_of_mnist(folder: Path) -> None:
    mnist(folder)
    result = done("train", "train-images-idx3-ubyte", "--epochs", "1")
    assert "40 samples, 1x5x5, classification of labels, 4 classes" in result.stderr


def test_regression_is_said_and_the_loss_fits(folder: Path) -> None:
    result = done("train", "spiral 2-8-2 tanh", "--data", "wine.csv", "--target", "acid", "--epochs", "1")
    assert "wine.csv: 60 samples, 4 inputs, regression of acid" in result.stderr
    assert "MSELoss" in result.stderr


def test_header_scale_and_split_are_options(folder: Path) -> None:
    result = done("summary", "wine.csv", "--no-standardize", "--test-share", "0.25", "--header")
    assert "nnviz: 45 samples for training, 15 for testing (share 0.25); not standardized.\n" in result.stderr
    written(folder, WINE.partition("\n")[2], "bare.csv")
    assert "60 samples" in done("summary", "bare.csv", "--no-header").stderr
    assert "59 samples" in done("summary", "bare.csv", "--header").stderr
    assert run("summary", "wine.csv", "--test-share", "1").exit_code == 2
    done("train", "wine.csv", "--no-standardize", "--test-share", "0.25", "--epochs", "1", "-o", "run")
    text = (folder / "run" / "model.toml").read_text()
    assert 'data = {file = "../wine.csv", standardize = false, test_share = 0.25}' in text
    line = "wine.csv 4-16-16-3 tanh standardize:no test_share:0.25"
    options = ("wine.csv", "--no-standardize", "--test-share", "0.25")
    once = done("train", line, "--epochs", "1", "--json").stdout
    assert once == done("train", *options, "--epochs", "1", "--json").stdout
    assert once != done("train", "wine.csv", "--epochs", "1", "--json").stdout


def test_the_test_share_is_that_of_data_that_nnviz_ships_as_well() -> None:
    line = done("train", "iris 4-8-3 test_share:0.5", "--epochs", "1", "--json").stdout
    assert line == done("train", "iris 4-8-3", "--test-share", "0.5", "--epochs", "1", "--json").stdout
    assert line != done("train", "iris 4-8-3", "--epochs", "1", "--json").stdout
    assert run("train", "iris 4-8-3", "--test-share", "0.5", "--no-header").exit_code == 2


def test_a_run_on_data_that_have_changed_is_not_resumed(folder: Path) -> None:
    done("train", "wine.csv 4-8-3 relu", "--epochs", "1", "-o", "run")
    written(folder, WINE + "1,2,red,4\n")
    result = run("train", "run", "--resume", "--epochs", "1")
    assert isinstance(result.exception, DataError)
    words = "wine.csv has changed since this was saved: 60 samples of 4 numbers before, now 61 samples of 4 numbers"
    assert result.exception.message == words
    result = done("train", "run", "--epochs", "1")
    assert f"nnviz: warning: {words}" in result.stderr


def test_what_cannot_be(folder: Path) -> None:
    done("train", "wine.csv 4-8-3 relu", "--epochs", "1", "-o", "run")
    for arguments, kind, words in (
        (("train", "no.csv"), MissingFileError, "no such file"),
        (("train", "no.csv 4-3"), MissingFileError, "no such file"),
        (("train", "wine.csv", "--target", "sugar"), ArgumentError, "no column is called 'sugar'"),
        (("train", "run", "--data", "wine.csv", "--target", "acid"), DataError, "the saved weights do not fit"),
        (("train", "run", "--data", "wine.csv", "--resume"), ArgumentError, "--data cannot be combined with --resume"),
    ):
        result = run(*arguments)
        assert isinstance(result.exception, kind), (arguments, result.exception)
        assert words in result.exception.message
    for refused in (("train", "spiral 2-8-2", "--target", "x"), ("--data", "wine.csv", "train", "run")):
        assert run(*refused).exit_code == 2, refused
    with pytest.raises(click.UsageError, match="need --data FILE"):
        DataChoice(None, (("target", "x"),)).open(None)


def test_options_on_data_are_one_rule_for_files_lines_models_and_folders(folder: Path) -> None:
    written(folder, WINE.replace("0.143,1,", ",1,"), "gaps.csv")
    done("new", "gaps.csv", "--drop-missing", "-o", "gaps.toml")
    assert "drop_missing = true" in (folder / "gaps.toml").read_text()
    (folder / "bare.toml").write_text((folder / "gaps.toml").read_text().replace(", drop_missing = true", ""))
    assert isinstance(run("summary", "bare.toml").exception, DataError)
    for model in ("gaps.csv", "gaps.csv 4-8-3 relu", "bare.toml"):
        assert "gaps.csv: 59 samples" in done("summary", model, "--drop-missing").stderr
    done("train", "wine.csv", "--epochs", "1", "-o", "run")
    assert "classification of ash" in done("summary", "run", "--target", "ash", "--task", "classification").stderr
    assert (
        "regression of quality"
        in done("summary", "wine.csv 4-8-3 relu target:ash", "--target", "quality", "--task", "regression").stderr
    )
    assert 'file = "wine.csv", target = "ash"' in done("new", "wine.csv 4-8-3 relu", "--target", "ash").stdout
    assert 'target = "ash"' in done("new", "spirals", "--data", "wine.csv", "--target", "ash").stdout
    assert 'file = "wine.csv"' in done("new", "--data", "wine.csv").stdout
    for refused in (("new", "spirals", "--drop-missing"), ("summary", "spiral 2-8-2", "--drop-missing"), ("new",)):
        assert run(*refused).exit_code == 2, refused


@pytest.mark.long
def test_the_readme_shows_what_is_printed(tmp_path: Path) -> None:
    """Its commands, in their order, on the flowers."""
    section = (ROOT / "README.md").read_text("utf-8").partition("\n## Your own data\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    assert len(blocks) == 3
    (tmp_path / "flowers.csv").write_bytes((ROOT / "nnviz" / "data" / "iris.csv").read_bytes())
    for block in blocks:
        commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
        expected = [line for line in block.splitlines() if not line.startswith("$ ")]
        result = shell("exec 2>&1\n" + "\n".join(commands), tmp_path)
        assert result.stdout.splitlines() == expected


def test_columns_with_commas_and_quotes_can_be_ignored(folder: Path) -> None:
    written(folder, WINE.replace("acid,ash", '"a,b","c""d"'))
    result = done("summary", "wine.csv", "--ignore", "a,b", "--ignore", 'c"d')
    assert "a,b              left out\nc'd              left out\n" in result.stdout
    assert "60 samples, 2 inputs" in result.stderr

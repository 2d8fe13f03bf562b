"""A file of data in lines, model files and checkpoints; in the engine's process; undone."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.data import FILE, datasets, file_spec
from nnviz.errors import ArgumentError, DataError, MissingFileError
from nnviz.files.line import line_of, network_of_line, words_of
from nnviz.files.model_file import ModelFileError, model_text, parse_model, read_model, write_model
from nnviz.files.plain import network_of, plain
from nnviz.network import Network, job_of, network_verdict, on_data, opening
from nnviz.registry import Spec
from tests.data.own import WINE, written


def on_wine(folder: Path, **arguments: str | bool) -> Network:
    return on_data(file_spec(written(folder, WINE, "my wine.csv"), **arguments))


def test_it_is_a_value(tmp_path: Path) -> None:
    network = on_wine(tmp_path, target="quality")
    assert pickle.loads(pickle.dumps(network)) == network  # noqa: S301 (made here)
    assert hash(pickle.loads(pickle.dumps(network))) == hash(network)  # noqa: S301
    assert network_of(plain(network)) == network


def test_a_relative_path_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, WINE)
    monkeypatch.chdir(tmp_path)
    spec = datasets.check(Spec.of(FILE, path="wine.csv"))
    assert spec["path"] == str(tmp_path / "wine.csv")
    assert spec == datasets.check(file_spec("wine.csv"))


@pytest.mark.parametrize(
    "arguments",
    [{}, {"target": "quality"}, {"target": "acid", "task": "regression"}, {"drop_missing": True, "ignore": "acid,ash"}],
)
def test_lines_and_model_files_give_it_back(tmp_path: Path, arguments: dict[str, str | bool]) -> None:
    network = on_wine(tmp_path, **arguments)
    line = line_of(network)
    assert line is not None
    assert network_of_line(line) == network
    for folder in (tmp_path, tmp_path / "a" / "b", Path("/"), None):
        text = model_text(network, folder=folder)
        assert parse_model(text.encode(), "m", folder) == network
        assert model_text(network, text, folder) == text
    path = tmp_path / "model.toml"
    write_model(network, path)
    assert 'file = "my wine.csv"' in path.read_text()
    assert read_model(path) == network
    write_model(opening(), path)
    write_model(network, path)
    assert read_model(path) == network


def test_comments_beside_the_table_of_data_survive(tmp_path: Path) -> None:
    network = on_wine(tmp_path, target="quality")
    text = model_text(network, folder=tmp_path)
    lines = [line for line in text.splitlines() if not line.startswith("data")]
    table = '# from the cellar\n[data]\nfile = "my wine.csv" # sweet\ntarget = "quality"\n\n[[layers]]'
    text = "\n".join(lines).replace("[[layers]]", table, 1) + "\n"
    (tmp_path / "model.toml").write_text(text)
    changed = network.configure(replace(network.settings, batch=7))
    write_model(changed, tmp_path / "model.toml")
    after = (tmp_path / "model.toml").read_text()
    assert '# from the cellar\n[data]\nfile = "my wine.csv" # sweet' in after
    assert read_model(tmp_path / "model.toml") == changed


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ('{ file = "no.csv" }', "no.csv: there is no such file"),
        ('{ file = "wine.csv", target = "sugar" }', "no column is called 'sugar'"),
        ('{ file = "wine.csv", column = "acid" }', "file has no argument 'column'"),
        ("{ file = 3 }", "expected a name"),
        ('"file"', "file needs path"),
    ],
)
def test_wrong_data_in_a_model_file_are_named_with_the_line(tmp_path: Path, data: str, words: str) -> None:
    written(tmp_path, WINE)
    with pytest.raises(ModelFileError, match="m, line 2: ") as error:
        parse_model(f"format = 1\ndata = {data}\n".encode(), "m", tmp_path)
    assert words in error.value.message


@given(st.lists(st.text(st.characters(exclude_characters='"', exclude_categories=("Cs",)), min_size=1), max_size=5))
@settings(deadline=None)
def test_words_in_quotes_keep_their_spaces(words: list[str]) -> None:
    assert words_of(" ".join(f'"{word}"' for word in words)) == words


def test_lines_that_are_wrong(tmp_path: Path) -> None:
    path = written(tmp_path, WINE)
    for line, kind, words in (
        (f"{path} 4-3 noise:1", ArgumentError, "'noise' is neither a setting nor an argument of file"),
        (f"{tmp_path}/no.csv 4-3", MissingFileError, "no such file"),
        (f"{path} 4-3 task:guess", ArgumentError, "task: expected one of auto, classification, regression"),
        (f"{path} 4-3 path:other.csv", ArgumentError, "path"),
    ):
        with pytest.raises(kind, match=words):
            network_of_line(line)


def test_it_has_its_own_name_on_the_screen(tmp_path: Path) -> None:
    network = on_wine(tmp_path)
    assert network_verdict(network).endswith("data my wine.csv.")
    assert job_of(network).schema.name == "my wine.csv"


def test_a_file_that_changed_its_columns_is_refused_by_name(tmp_path: Path) -> None:
    network = on_wine(tmp_path)
    assert job_of(network).schema.samples == 60
    written(tmp_path, "a,b\n1,2\n2,4.5\n3,5.5\n4,1\n", "my wine.csv")
    with pytest.raises(
        DataError, match=r"my wine\.csv: it has changed since it was opened: 60 samples of 4 numbers before, now 4"
    ):
        job_of(network.configure(replace(network.settings, seed=9))).data()

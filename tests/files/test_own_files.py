"""A file of data in lines, model files and checkpoints; in the engine's process; undone."""

from __future__ import annotations

import itertools
import json
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
from nnviz.files.opened import open_model
from nnviz.files.place import MODEL, STATE
from nnviz.files.plain import network_of, plain
from nnviz.files.saved import save_state, with_state
from nnviz.files.state import State, read_state
from nnviz.lab import Entry, Lab
from nnviz.network import Network, job_of, network_verdict, on_data, opening
from nnviz.registry import Spec, Value
from nnviz.run import Run, Trainer
from nnviz.serialization.container import packed, unpacked
from nnviz.tui.rescue import read_rescued, rescue
from nnviz.tui.session import read_session, write_session
from tests.data.own import WINE, written


def on_wine(folder: Path, **arguments: Value) -> Network:
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
    [
        {},
        {"target": "quality"},
        {"target": "acid", "task": "regression"},
        {"drop_missing": True, "ignore": "acid,ash"},
        {"header": "yes", "standardize": False, "test_share": 0.35},
    ],
)
def test_lines_and_model_files_give_it_back(tmp_path: Path, arguments: dict[str, Value]) -> None:
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


def trained_on_wine(folder: Path) -> tuple[Path, Network]:
    """A model file beside its data, saved after ten steps."""
    network = on_wine(folder)
    trainer = Trainer(Run(network))
    for _ in itertools.islice(trainer.steps(), 10):
        pass
    save_state(State(network, trainer.checkpoint()), folder / MODEL)
    return folder / MODEL, network


def changed(folder: Path) -> None:
    """Another program changes a number in the data."""
    written(folder, WINE.replace("0.143", "0.144"), "my wine.csv")


def test_what_is_saved_has_no_path_of_the_machine_and_can_be_moved(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    trained_on_wine(tmp_path / "a")
    for file in (tmp_path / "a").iterdir():
        assert str(tmp_path).encode() not in file.read_bytes(), file
    (tmp_path / "a").rename(tmp_path / "b")
    opened = with_state(open_model(tmp_path / "b"))
    assert opened.checkpoint is not None
    assert opened.checkpoint.step == 10
    assert opened.warnings == ()
    assert opened.network.settings.data["path"] == str(tmp_path / "b" / "my wine.csv")


def test_a_state_with_an_absolute_path_and_without_the_content_is_still_read(tmp_path: Path) -> None:
    """As they were written before."""
    model, network = trained_on_wine(tmp_path)
    state = tmp_path / STATE
    arrays, structure = unpacked(state.read_bytes())
    description = json.loads(structure or "")
    arguments = {
        "path": str(tmp_path / "my wine.csv"),
        "target": "",
        "task": "auto",
        "drop_missing": False,
        "ignore": "",
    }
    description["network"]["settings"]["data"] = ["file", arguments]
    state.write_bytes(packed(arrays, json.dumps(description)))
    opened = with_state(open_model(model))
    assert opened.network == network
    assert opened.checkpoint is not None
    assert opened.warnings == ()


CHANGED = "my wine.csv has changed since this was saved: 60 samples of 4 numbers before and now, but with other values "


def test_data_that_have_changed_since_are_told_by_name_and_the_run_begins_anew(tmp_path: Path) -> None:
    model, network = trained_on_wine(tmp_path)
    changed(tmp_path)
    read = read_state(tmp_path / STATE)
    assert read.changed.startswith(CHANGED)
    opened = with_state(open_model(model))
    assert opened.checkpoint is None
    assert opened.weights
    assert len(opened.warnings) == 1
    assert opened.warnings[0].startswith(CHANGED)
    assert opened.warnings[0].endswith("training starts at step 0, from the saved weights")
    assert opened.network != network
    # The former content makes it the run that it was.
    written(tmp_path, WINE, "my wine.csv")
    assert with_state(open_model(model)).checkpoint is not None


def test_weights_alone_tell_that_their_data_have_changed(tmp_path: Path) -> None:
    model, _ = trained_on_wine(tmp_path)
    (tmp_path / STATE).unlink()
    assert open_model(model).warnings == ()
    changed(tmp_path)
    (warning,) = with_state(open_model(model)).warnings
    assert warning.startswith(CHANGED)


@pytest.mark.parametrize("content", ["", "60x4:ab\x1b[31m", "x" * 10_000])
def test_a_fingerprint_that_was_tampered_with_is_no_trouble(tmp_path: Path, content: str) -> None:
    model, _ = trained_on_wine(tmp_path)
    arrays, structure = unpacked((tmp_path / STATE).read_bytes())
    description = json.loads(structure or "")
    description["network"]["settings"]["data"][1]["content"] = content
    (tmp_path / STATE).write_bytes(packed(arrays, json.dumps(description)))
    opened = with_state(open_model(model))
    assert (opened.checkpoint is None) == bool(content)
    assert "\x1b" not in "".join(opened.warnings)


def test_a_session_on_data_that_have_changed_keeps_its_weights_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    network = on_wine(tmp_path)
    trainer = Trainer(Run(network))
    for _ in itertools.islice(trainer.steps(), 10):
        pass
    write_session(Lab(Entry(Run(network), trainer.checkpoint())))
    opened = read_session()
    assert opened.checkpoint is not None
    assert opened.warnings == ()
    changed(tmp_path)
    opened = read_session()
    assert opened.checkpoint is None
    assert opened.warnings[0].startswith(CHANGED)
    learned = {name: array.tobytes() for name, array in trainer.checkpoint().parameters.items()}
    assert {name: array.tobytes() for name, array in opened.weights.items()} == learned


def test_what_was_rescued_says_that_its_data_have_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = rescue(Run(on_wine(tmp_path)))
    assert path is not None
    assert read_rescued(path)[1] == ""
    changed(tmp_path)
    assert read_rescued(path)[1].startswith(CHANGED)

"""Whatever is wrong with a file, the command line says so in one clean line, and exits with 1."""

from __future__ import annotations

import io
import os
import pickle
import re
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from nnviz import cli
from nnviz.files.model_file import model_text
from nnviz.network import opening
from tests.data.own import idx, mnist, npz
from tests.privileges import without_privileges

HEAD = 'format = 1\ndata = "spiral"\n'

HOSTILE = ("\x1b]0;title\x07", "\x9b2J\r\x07", "[bold [[", "[@click=app.quit]x", "\udcff", "\u202egnp")
"""What must reach no terminal as it is, or means something in markup: names of files have them, and what is in these."""


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a", "b")
    return out.getvalue()


def layer(lines: str) -> bytes:
    return f"{HEAD}[[layers]]\n{lines}".encode()


MODELS = {
    "nothing": b"",
    "cut off": b"format = 1\ndata =",
    "no TOML": b"format = = 1",
    "no UTF-8": b'format = 1\ndata = "\xff"',
    "another type": b'format = "1"',
    "10^18": layer('name = "Linear"\nin_features = 2\nout_features = 1000000000000000000'),
    "an unknown layer": layer('name = "Linearr"'),
    "os.system": layer('name = "os.system"'),
    "a future version": b"format = 99",
    "a pickle": pickle.dumps({"format": 1}),
    "a zip": archive(),
    "a hostile name": layer('name = "\\u001b]52;c;aGk=\\u0007[/]"'),
    "a name of 100 kB": layer(f'name = "{"k" * 100_000}"'),
}

TABLES = {
    "empty.csv": b"",
    "header.csv": b"\xef\xbb\xbfa,b\n",
    "latin.csv": "a,b\n1,\u00e9\n2,x\n3,x".encode("latin-1"),
    "nul.csv": b"a,b\n1,\x002\n",
    "quote.csv": b'a,b\n"1,2\n3,4\n',
    "ragged.csv": b"a;b\n1;2\n3\n4;5\n",
    "field.csv": b"a,b\n1," + b"x" * 131_073 + b"\n2,3\n",
    "text.csv": b"a\x1b[31m,[/],a\x1b[31m\n1,2,0\n\x1b]0;t\x07,3,1\n4,5,1\n5,6,0\n7,8,1\n",
    "huge.csv": b"a,b\n1,2\n1e400,3\n4,5\n",
    "one.csv": b"a\n1\n2\n3\n",
    "cut.npz": npz(X=np.ones((3, 1)), y=np.arange(3))[:-30],
    "objects.npz": npz(X=np.array([[{}], [{}], [{}]], object), y=np.arange(3)),
    "lengths.npz": npz(X=np.ones((3, 1)), y=np.arange(2)),
    "train-images-idx3-ubyte": b"\0\0\x07\x03" + idx(np.ones((40, 5, 5)))[4:],
}


def told(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str, code: int = 1) -> str:
    """What a call of the program says on standard error: one line that no terminal acts on, and nothing besides."""
    monkeypatch.setattr(sys, "argv", ["nnviz", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli._obey()
    out, error = capfd.readouterr()
    assert (ended.value.code, out) == (code, ""), error
    assert re.fullmatch(r"nnviz: [^\x00-\x1f\x7f-\x9f\u202e\ud800-\udfff]{10,4100}\n", error), error[:500]
    return error


COMMANDS = (
    ("summary",), ("order",), ("check",), ("train",), ("train", "--resume"), ("predict", "rows.csv"), ("export", "--to", "history"),
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_models(
    command: tuple[str, ...], tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first, *more = command
    for at, content in enumerate(MODELS.values()):
        name = f"{HOSTILE[at % len(HOSTILE)]}.toml"
        Path(name).write_bytes(content)
        assert ".toml" in told(capfd, monkeypatch, first, name, *more)
    Path("folder").mkdir()
    for name in ("folder", "missing.toml", "k" * 100_000 + ".toml", *(f"{hostile}.tom" for hostile in HOSTILE)):
        told(capfd, monkeypatch, first, name, *more)
    Path("mine.toml").write_bytes(b"format = 99")
    Path("mine.toml").chmod(0)
    with without_privileges():
        assert "ermission denied" in told(capfd, monkeypatch, first, "mine.toml", *more)


def test_data(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mnist(tmp_path)
    for name, content in TABLES.items():
        Path(name).write_bytes(content)
        assert told(capfd, monkeypatch, "summary", name).startswith(f"nnviz: {name}")
        told(capfd, monkeypatch, "train", "spiral 2-2 tanh", "--data", name)
    for hostile in HOSTILE:
        Path(f"{hostile}.csv").write_bytes(b"a,b\n1\n")
        words = "the path is not valid UTF-8" if hostile == "\udcff" else "line 2: expected 2 fields"
        assert words in told(capfd, monkeypatch, "summary", f"{hostile}.csv")
        told(capfd, monkeypatch, "summary", "missing.csv", "--target", hostile)
        Path("wine.csv").write_bytes(b"a,b\n1,2\n2,3\n3,5\n4,7\n")
        said = told(capfd, monkeypatch, "summary", "wine.csv", "--target", hostile)
        assert "no column is called" in said
    os.mkfifo("pipe.csv")
    assert "not a regular file" in told(capfd, monkeypatch, "summary", "pipe.csv")


def test_where_it_cannot_be_saved(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for place in (*(f"missing/{hostile}.toml" for hostile in HOSTILE), "k" * 300 + ".toml"):
        told(capfd, monkeypatch, "new", "spiral 2-2 tanh", "-o", place)
    Path("model.toml").write_text("mine")
    Path("model.toml").chmod(0o400)
    with without_privileges():
        told(capfd, monkeypatch, "new", "spiral 2-2 tanh", "-o", "other.toml")
        told(capfd, monkeypatch, "new", "spiral 2-2 tanh", "-o", "model.toml", "--force")
    assert Path("model.toml").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["model.toml"]


def test_folders_that_may_not_be_searched(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # The folder of the tests is closed to others as a whole.
        Path(folder).chmod(0o755)
        model = Path(folder) / "private" / "model"
        model.mkdir(parents=True)
        (model / "model.toml").write_text(model_text(opening()))
        for closed in (model, model.parent):
            closed.chmod(0)
            with without_privileges():
                for first, *more in COMMANDS:
                    assert "permission denied" in told(capfd, monkeypatch, first, str(model / "model.toml"), *more)
                    assert "permission denied" in told(capfd, monkeypatch, first, str(model), *more)
                for place in (str(model), str(model / "other"), str(model / "mine.toml")):
                    words = told(capfd, monkeypatch, "train", "spiral 2-2 tanh", "--steps", "1", "-o", place)
                    assert "Permission denied" in words
                assert "Permission denied" in told(capfd, monkeypatch, "new", "spiral 2-2", "-o", str(model / "x.toml"))
                assert "permission denied" in told(capfd, monkeypatch, "summary", str(model / "wine.csv"))
            closed.chmod(0o755)
        assert [path.name for path in model.iterdir()] == ["model.toml"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("no \x1b[31m"), "ended by an error: ValueError: no ␛[31m. Please report it"),
        (MemoryError(), "ended by an error: MemoryError. Please report it"),
        (OSError(5, "Input/output error"), "the output could not be written: Input/output error"),
        (PermissionError(13, "Permission denied", "a\x1b.toml"), "a␛.toml: Permission denied"),
    ],
    ids=repr,
)
def test_what_was_not_foreseen(
    error: Exception, words: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise error

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("nnviz.cli.show.summary", failing)
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    said = told(capfd, monkeypatch, "summary", "spiral 2-2")
    assert words in said
    if "report" in said:
        report = re.search(r"with (/\S+\.txt)", said)
        assert report is not None
        assert "Traceback (most recent call last)" in Path(report[1]).read_text("utf-8")

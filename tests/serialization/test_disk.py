"""A file is replaced as a whole or not at all."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import nnviz
from nnviz.errors import AccessError, FileError, WriteError
from tests.privileges import without_privileges


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that was saved before."""
    place = tmp_path / "model.pt"
    nnviz.save("before", place)
    return place


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    def full(_: int) -> None:
        raise OSError(fault, os.strerror(fault))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(WriteError, match="cannot be written"):
            nnviz.save("after", path)
    assert nnviz.load(path) == "before"
    assert list(path.parent.iterdir()) == [path]


def test_killed_in_the_middle(path: Path) -> None:
    code = f"import os, nnviz; os.fsync = lambda _: os.kill(os.getpid(), {int(signal.SIGKILL)}); nnviz.save('after', {str(path)!r})"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL
    assert nnviz.load(path) == "before"


def test_an_interruption_leaves_nothing_beside_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            nnviz.save("after", path)
    assert nnviz.load(path) == "before"
    assert list(path.parent.iterdir()) == [path]


def test_what_cannot_be_saved_leaves_the_old_file(path: Path) -> None:
    with pytest.raises(TypeError):
        nnviz.save({"a": {1}}, path)
    assert nnviz.load(path) == "before"


def test_a_link_stays_a_link(path: Path) -> None:
    link = path.with_name("latest.pt")
    link.symlink_to(path.name)
    nnviz.save("after", link)
    assert link.is_symlink()
    assert nnviz.load(path) == "after"


def test_a_file_keeps_its_mode_and_a_new_one_has_the_usual(path: Path) -> None:
    path.chmod(0o640)
    nnviz.save("after", path)
    assert path.stat().st_mode & 0o777 == 0o640
    new, plain = path.with_name("new.pt"), path.with_name("plain")
    nnviz.save(1, new)
    plain.write_bytes(b"")
    assert new.stat().st_mode == plain.stat().st_mode


def test_a_device_is_written_to_and_not_replaced() -> None:
    nnviz.save(1, os.devnull)
    assert not Path(os.devnull).is_file()
    with pytest.raises(FileError, match="not a regular file"):
        nnviz.load(os.devnull)


def test_names_of_all_kinds(tmp_path: Path) -> None:
    for name in ("ä ö.pt", "a" * 255, "-rf", "\x1b[2J.pt", os.fsdecode(b"\xff.pt")):
        nnviz.save(name.encode("utf-8", "replace").decode(), tmp_path / name)
        assert nnviz.load(tmp_path / name) == name.encode("utf-8", "replace").decode()
    with pytest.raises(WriteError):
        nnviz.save(1, tmp_path / ("a" * 256))


def test_a_file_that_may_not_be_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(AccessError, match="Permission denied"):
        nnviz.load(path)


def test_a_folder_that_may_not_be_written(path: Path) -> None:
    path.parent.chmod(0o500)
    try:
        with without_privileges(), pytest.raises(WriteError, match="Permission denied"):
            nnviz.save("after", path)
    finally:
        path.parent.chmod(0o700)
    assert nnviz.load(path) == "before"

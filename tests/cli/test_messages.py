"""Messages on standard error fit the terminal that shows them."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from fcntl import ioctl
from pathlib import Path
from struct import pack
from termios import TIOCSWINSZ

import pytest

from nnviz.cli.messages import message


def test_a_message_is_one_clean_line() -> None:
    assert message("Choose from:\n\ttorch,\n\tonnx \x1b[31m") == "nnviz: Choose from: torch, onnx ␛[31m\n"
    assert message("Fläche \u202e\ud800") == "nnviz: Fläche ��\n"
    assert len(message("x" * 10_000)) < 5_000


@pytest.mark.parametrize("columns", [80, 40])
def test_a_terminal_gets_it_broken_between_words(tmp_path: Path, columns: int) -> None:
    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, pack("HHHH", 24, columns, 0, 0))
    arguments = [sys.executable, "-m", "nnviz", "summary", "missing.toml"]
    with subprocess.Popen(arguments, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        written = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:
                break
            if not part:
                break
            written += part
    os.close(ours)
    assert running.returncode == 1
    lines = written.decode().splitlines()
    words = "nnviz: missing.toml: there is no such file: pass a model file, a folder that train wrote, or a line:"
    assert " ".join(lines) == f"{words} 'spiral 2-16-2 tanh'"
    assert len(lines) > 1
    assert max(map(len, lines)) < columns

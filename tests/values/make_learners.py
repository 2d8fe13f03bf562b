"""Writes learners.json, what the programs in tests/learners/programs print under PyTorch, and expressions.json.

Run by hand, with PyTorch 2.13 installed: python tests/values/make_learners.py. PyTorch is not needed by the tests.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "learners"))

import expressions  # noqa: E402
import torch  # noqa: E402


def printed(path: Path) -> list[str]:
    """The lines that the program prints where nnviz is PyTorch."""
    text = path.read_text("utf-8").replace("import nnviz as torch", "import torch").replace("nnviz", "torch")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(text, str(path), "exec"), {"__name__": "__main__"})  # noqa: S102
    return out.getvalue().splitlines()


def write(name: str, values: dict[str, Any]) -> None:
    (TESTS / "values" / name).write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(len(values), "in", name)


if __name__ == "__main__":
    programs = sorted((TESTS / "learners" / "programs").glob("*.py"))
    write("learners.json", {path.stem: printed(path) for path in programs})
    # In a folder of its own, since some of them write files.
    os.chdir(tempfile.mkdtemp())
    names: dict[str, Any] = {"torch": torch}
    exec(expressions.SETUP.replace("nnviz", "torch"), names)  # noqa: S102
    write("expressions.json", {text: expressions.outcome(text, names) for text in expressions.EXPRESSIONS})

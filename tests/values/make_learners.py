"""Writes learners.json: what the programs in tests/learners/programs print under PyTorch.

Run by hand, with PyTorch 2.13 installed: python tests/values/make_learners.py. PyTorch is not needed by the tests.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS / "learners"))


def printed(path: Path) -> list[str]:
    """The lines that the program prints where nnviz is PyTorch."""
    text = path.read_text("utf-8").replace("import nnviz as torch", "import torch").replace("nnviz", "torch")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(text, str(path), "exec"), {"__name__": "__main__"})  # noqa: S102
    return out.getvalue().splitlines()


if __name__ == "__main__":
    programs = sorted((TESTS / "learners" / "programs").glob("*.py"))
    lines = {path.stem: printed(path) for path in programs}
    (TESTS / "values" / "learners.json").write_text(json.dumps(lines, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(len(lines), "programs")

"""Programs as learners write them print under nnviz what they print under PyTorch (tests/values/make_learners.py)."""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
PRINTED: dict[str, list[str]] = json.loads((HERE.parent / "values" / "learners.json").read_text("utf-8"))
PROGRAMS = sorted((HERE / "programs").glob("*.py"))
NUMBER = re.compile(r"-?\b\d+(?:\.\d+)?(?:e[-+]?\d+)?\b")


def test_every_program_has_its_numbers() -> None:
    assert [path.stem for path in PROGRAMS] == sorted(PRINTED)
    assert len(PROGRAMS) >= 50


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_learners_program(path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(HERE)
    monkeypatch.chdir(tmp_path)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(path.read_text("utf-8"), str(path), "exec"), {"__name__": "__main__"})  # noqa: S102
    got, wanted = out.getvalue().splitlines(), PRINTED[path.stem]
    assert [NUMBER.sub("#", line) for line in got] == [NUMBER.sub("#", line) for line in wanted]
    for mine, theirs in zip(got, wanted, strict=True):
        numbers = [[float(n) for n in NUMBER.findall(line)] for line in (mine, theirs)]
        np.testing.assert_allclose(*numbers, rtol=1e-4, atol=1e-6, err_msg=f"{mine}\n{theirs}")

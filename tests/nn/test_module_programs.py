"""Small programs with modules give what PyTorch gives, errors included (tests/values/make_modules.py)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nnviz
from nnviz import nn
from tests.values.learner_programs import LEARNERS
from tests.values.model_programs import MORE_PROGRAMS
from tests.values.module_programs import PROGRAMS, outcome

ALL = PROGRAMS | MORE_PROGRAMS | LEARNERS
ANSWERS = json.loads((Path(__file__).parents[1] / "values" / "modules.json").read_text("utf-8"))


def same(found: object, wanted: object) -> bool:
    """Whether both are alike; numbers that were trained, up to what the last digits of float32 make of them."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and list(found) == list(wanted) and same([*found.values()], [*wanted.values()])
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(wanted, float):
        return type(found) is float and found == pytest.approx(wanted, rel=1e-5, abs=2e-4, nan_ok=True)
    return type(found) is type(wanted) and found == wanted


@pytest.mark.parametrize("name", ALL)
def test_a_program_gives_what_pytorch_gives(name: str) -> None:
    found = json.loads(json.dumps(outcome(nnviz, nn, ALL[name])))
    assert same(found, ANSWERS[name]), f"{found} instead of {ANSWERS[name]}"

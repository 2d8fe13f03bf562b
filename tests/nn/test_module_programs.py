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


@pytest.mark.parametrize("name", ALL)
def test_a_program_gives_what_pytorch_gives(name: str) -> None:
    found = outcome(nnviz, nn, ALL[name])
    assert json.loads(json.dumps(found)) == ANSWERS[name]

"""Data sets, loaders, seeds, graphics cards and files behave, and refuse, as PyTorch does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import nnviz
from tests.learners.expressions import EXPRESSIONS, SETUP, outcome

WANTED: dict[str, Any] = json.loads((Path(__file__).parents[1] / "values" / "expressions.json").read_text("utf-8"))

OTHER_WORDS = {
    "torch.load('.')",
    "torch.save(torch.ones(1), '.')",
    "torch.save(torch.ones(1), '')",
    "torch.load(3)",
    "torch.save(torch.ones(1), 3)",
    "torch.save(1)",
    "Cut(ds, [0])",
    "TensorDataset(np.ones(2))",
    "random_split(ds, ['a'])",
    "DataLoader(ds, num_workers='2')",
    "default_collate([1, 'a'])",
    "default_collate([1.5, None])",
    "default_collate([1.5, 'a'])",
    "default_collate([1.5, [1.0]])",
    "default_collate([1, [1]])",
    "default_collate([2**70])",
    "default_collate([np.float32(1), 'a'])",
}
"""Where ours are other words than PyTorch's; the built-in is the same all the same."""


OTHER_BUILT_IN = {
    "default_collate([1, None])": "TypeError",
    "default_collate([np.float32(1), None])": "TypeError",
    "default_collate([np.ones(2), None])": "TypeError",
}
"""Where PyTorch raises RuntimeError at None, and TypeError at everything else that is no number."""


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    found = {"torch": nnviz}
    exec(SETUP, found)  # noqa: S102
    return found


def test_every_expression_has_its_outcome() -> None:
    assert sorted(EXPRESSIONS) == sorted(WANTED)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_outcome_is_pytorchs(expression: str, names: dict[str, Any]) -> None:
    got, wanted = outcome(expression, names), WANTED[expression]
    if "error" in wanted:
        assert got.get("error") == OTHER_BUILT_IN.get(expression, wanted["error"]), got
        if expression not in OTHER_WORDS and expression not in OTHER_BUILT_IN:
            assert got["message"].replace("nnviz", "torch") == wanted["message"]
    else:
        assert got == wanted

"""Random programs of views and of changes in place: PyTorch's numbers, or a refusal by name; never other numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import nnviz
from nnviz.errors import NnvizError
from tests.values.programs import drawn, run

STORED: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "values" / "programs.json").read_text())


def test_random_programs_give_pytorchs_numbers() -> None:
    refused = 0
    for entry in STORED:
        try:
            found = run(drawn(entry["seed"]), nnviz, entry["numbers"])
        except NnvizError:
            refused += "refused" not in entry
            continue
        if "refused" in entry:
            continue
        words = f"program {entry['seed']}"
        assert found["needs"] == entry["needs"], words
        assert found["loss"] == pytest.approx(entry["loss"], rel=1e-12, abs=1e-12), words
        assert found["sums"] == pytest.approx(entry["sums"], rel=1e-12, abs=1e-12), words
        for mine, wanted in zip(found["grads"], entry["grads"], strict=True):
            assert (mine is None) == (wanted is None), words
            if mine is not None:
                assert flat(mine) == pytest.approx(flat(wanted), rel=1e-12, abs=1e-12), words
    # What PyTorch does is done here, too, but for very few programs.
    assert refused <= len(STORED) // 100


def flat(numbers: Any) -> list[float]:
    """The numbers of nested lists, one after the other."""
    return [one for part in numbers for one in flat(part)] if isinstance(numbers, list) else [numbers]

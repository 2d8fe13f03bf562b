"""How much is tried: some in the suite, and the rest where the long tests run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any, TypeVar

import pytest
from hypothesis import settings

Test = TypeVar("Test", bound=Callable[..., Any])

QUICK, LONG = "quick", "long"
"""The profiles that tests/conftest.py chooses from."""


def examples(quick: int, long: int) -> Callable[[Test], Test]:
    """Try `quick` examples; `long` of them with `python -m pytest -m long`, which runs the test as well then."""
    many = settings.get_current_profile_name() == LONG

    def decorate(test: Test) -> Test:
        counted = settings(max_examples=long if many else quick)(test)
        return pytest.mark.long(counted) if many else counted

    return decorate


def pairs(first: Mapping[str, object], second: Mapping[str, object]) -> list[Any]:
    """Every pair for `parametrize`: in the suite enough of them to have each value of both, and the others as long tests."""
    number = min(len(first), len(second))
    return [
        pytest.param(
            first[one],
            second[other],
            id=f"{one}-{other}",
            marks=[] if at % number == index % number else pytest.mark.long,
        )
        for (at, one), (index, other) in product(enumerate(first), enumerate(second))
    ]

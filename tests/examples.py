"""How many examples hypothesis tries: some in the suite, many where the long tests run."""

from __future__ import annotations

from collections.abc import Callable
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

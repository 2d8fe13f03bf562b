"""What the tests of the plan share."""

from __future__ import annotations

import pytest

import nnviz


@pytest.fixture(autouse=True)
def same_weights_every_time() -> None:
    """Layers that are given no generator draw from this seed."""
    nnviz.manual_seed(0)

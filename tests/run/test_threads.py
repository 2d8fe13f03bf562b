"""What is bit for bit the same is so with several threads in a matrix product, too; the suite has one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nnviz.engine import process
from tests.threads import THREADS

ROOT = Path(__file__).parents[2]
BIT_FOR_BIT = (
    "tests/run/test_replay.py", "tests/run/test_changes.py", "tests/plan/test_lockstep.py", "tests/files/test_saving.py",
)  # fmt: skip


def test_the_variables_are_those_of_the_training_process() -> None:
    assert THREADS == process.THREADS
    assert all(os.environ[variable] for variable in THREADS)


@pytest.mark.long
@pytest.mark.parametrize("path", BIT_FOR_BIT)
def test_with_several_threads(path: str) -> None:
    """Run tests where a matrix product has as many threads as two cores give."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-x", path],
        cwd=ROOT, env=surroundings | dict.fromkeys(THREADS, "2"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-4000:]

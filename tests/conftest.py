"""What the whole suite shares."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile

import pytest
from hypothesis import HealthCheck, settings

from tests.examples import LONG, QUICK
from tests.threads import THREADS


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many examples hypothesis tries, before the tests are imported that say it."""
    # How long an example takes is the machine's affair, and so is how long it takes to find one.
    profile = settings(deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile(QUICK, profile)
    settings.register_profile(LONG, profile)
    settings.load_profile(LONG if config.option.markexpr == "long" else QUICK)
    # Two workers on two cores, each with a BLAS of two threads, spin half their time. tests/run/test_threads.py is with
    # the threads that the library takes by itself.
    for variable in THREADS:
        os.environ.setdefault(variable, "1")
    # The programs that the tests start, a hundred of them, would each compile nnviz anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # What a program keeps when it ends by a fault is offered to the next one: not by those of the user, nor to them.
    os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="nnviz-state-")


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(os.environ["XDG_STATE_HOME"], ignore_errors=True)


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay to the end: the garbage collector need not go through them again and again."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how large the gradient battery was, where it ran."""
    passed = [report.nodeid for report in terminalreporter.stats.get("passed", ())]
    if not any("test_battery.py::test_gradients_at_forty_samples_and_more" in nodeid for nodeid in passed):
        return
    from nnviz.autograd import operations

    samples = [operation.samples() for operation in operations.values()]
    checks = [sum(len(s) for s in samples), sum(len(o.samples()) for o in operations.values() if o.analytic)]
    terminalreporter.write_line(
        f"gradient battery: {len(operations)} operations, {checks[0]} samples by differences, {checks[1]} by complex step"
    )

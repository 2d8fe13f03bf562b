"""When Python's garbage collector runs: while the program is idle, not while a key waits for its picture."""

from __future__ import annotations

import gc

THRESHOLDS = (1_000, 5, 2_000)
"""Allocations between automatic collections. With Python's own, every other key would wait some milliseconds."""


def freeze() -> None:
    """Exempt every object that exists from collection. Call it once the main screen is shown."""
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    gc.enable()


def collect_young() -> None:
    """Collect the two younger generations. Call it when the program is idle."""
    gc.collect(1)


def collect_all() -> None:
    """Collect all generations, except what is frozen. This takes longer than a key should wait."""
    gc.collect()

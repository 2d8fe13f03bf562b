"""When Python looks for garbage: while nobody waits for a picture."""

from __future__ import annotations

import gc

RARELY = (50_000, 10, 10)
"""Objects after which it looks by itself. By its own measure every other key would wait for some milliseconds."""


def settle() -> None:
    """The program stands: what is there by now stays, and is not looked through again and again."""
    gc.freeze()
    gc.set_threshold(*RARELY)
    gc.enable()


def tidy() -> None:
    """Look through the newest; for a moment at which there is nothing else to do."""
    gc.collect(1)


def tidy_all() -> None:
    """Look through all that has come since the program stands; takes longer than a key should wait."""
    gc.collect()

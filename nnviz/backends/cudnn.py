"""Settings of the cuDNN backend, which nnviz does not use: they can be set, without effect."""

from __future__ import annotations

enabled = True
deterministic = False
benchmark = False
allow_tf32 = True


def is_available() -> bool:
    """False."""
    return False


def version() -> None:
    """None: cuDNN is not used."""

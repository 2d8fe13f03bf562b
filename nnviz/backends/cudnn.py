"""NVIDIA's library for neural networks, which nnviz does not use. The switches are PyTorch's; they change nothing."""

from __future__ import annotations

enabled = True
deterministic = False
benchmark = False
allow_tf32 = True


def is_available() -> bool:
    """False."""
    return False


def version() -> None:
    """None: there is no such library here."""

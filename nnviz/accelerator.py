"""PyTorch's names for accelerators. nnviz computes on the CPU, so that there is none."""

from __future__ import annotations

from nnviz.names import missing_name

__all__ = ["current_accelerator", "device_count", "is_available", "synchronize"]


def is_available() -> bool:
    """False."""
    return False


def device_count() -> int:
    """0."""
    return 0


def current_accelerator(check_available: bool = False) -> None:
    """None: there is no accelerator."""


def synchronize(device: object = None) -> None:
    """No effect: operations are complete when they return."""


def __getattr__(name: str) -> object:
    raise missing_name("module 'nnviz.accelerator'", name, __all__)

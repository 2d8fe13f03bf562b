"""PyTorch's names for CUDA devices. nnviz computes on the CPU, so that no device is available.

As in PyTorch without CUDA, functions that only configure or query a device do nothing, and those that need one raise an
AssertionError.
"""

from __future__ import annotations

from typing import NoReturn

from nnviz.errors import DeviceError
from nnviz.names import missing_name

__all__ = [
    "current_device", "current_stream", "device_count", "empty_cache", "get_device_capability", "get_device_name",
    "get_device_properties", "is_available", "is_bf16_supported", "is_initialized", "manual_seed", "manual_seed_all",
    "max_memory_allocated", "max_memory_reserved", "mem_get_info", "memory_allocated", "memory_reserved",
    "reset_peak_memory_stats", "set_device", "synchronize",
]  # fmt: skip


def is_available() -> bool:
    """False."""
    return False


def is_initialized() -> bool:
    """False."""
    return False


def is_bf16_supported() -> bool:
    """False."""
    return False


def device_count() -> int:
    """0."""
    return 0


def manual_seed(seed: int) -> None:
    """No effect; use `nnviz.manual_seed` to seed the global generator."""


def manual_seed_all(seed: int) -> None:
    """No effect; use `nnviz.manual_seed` to seed the global generator."""


def empty_cache() -> None:
    """No effect."""


def synchronize(device: object = None) -> None:
    """No effect: operations are complete when they return."""


def reset_peak_memory_stats(device: object = None) -> None:
    """No effect."""


def memory_allocated(device: object = None) -> int:  # noqa: ARG001
    """0: there is no device memory."""
    return 0


memory_reserved = max_memory_allocated = max_memory_reserved = memory_allocated


def current_device() -> NoReturn:
    """Not available.

    Raises:
        DeviceError: always, since there is no CUDA device.
    """
    raise DeviceError("Torch not compiled with CUDA enabled", "check cuda.is_available() first, which is False")


def get_device_name(device: object = None) -> NoReturn:  # noqa: ARG001
    """Not available; raises DeviceError, as `current_device` does."""
    current_device()


get_device_capability = get_device_properties = mem_get_info = current_stream = set_device = get_device_name


def __getattr__(name: str) -> object:
    raise missing_name("module 'nnviz.cuda'", name, __all__)

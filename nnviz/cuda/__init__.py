"""What code that looks for a graphics card asks: there is none, nnviz computes on the processor.

Whatever does nothing without a card does nothing here; what needs one raises PyTorch's AssertionError.
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
    """Without effect: `nnviz.manual_seed` seeds the processor's generator."""


def manual_seed_all(seed: int) -> None:
    """Without effect: `nnviz.manual_seed` seeds the processor's generator."""


def empty_cache() -> None:
    """Without effect."""


def synchronize(device: object = None) -> None:
    """Without effect: an operation is done when it returns."""


def reset_peak_memory_stats(device: object = None) -> None:
    """Without effect."""


def memory_allocated(device: object = None) -> int:  # noqa: ARG001
    """0: no memory of a card is in use."""
    return 0


memory_reserved = max_memory_allocated = max_memory_reserved = memory_allocated


def current_device() -> NoReturn:
    """Refused.

    Raises:
        DeviceError: there is no card.
    """
    raise DeviceError("Torch not compiled with CUDA enabled", "ask cuda.is_available() first: it is False here")


def get_device_name(device: object = None) -> NoReturn:  # noqa: ARG001
    """Refused, as `current_device` is."""
    current_device()


get_device_capability = get_device_properties = mem_get_info = current_stream = set_device = get_device_name


def __getattr__(name: str) -> object:
    raise missing_name("module 'nnviz.cuda'", name, __all__)

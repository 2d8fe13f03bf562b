"""Settings in PyTorch's top-level namespace: accepted for compatibility, without effect."""

from __future__ import annotations

import os

from nnviz.errors import OperationError

__all__ = [
    "are_deterministic_algorithms_enabled", "get_num_threads", "set_float32_matmul_precision",
    "set_num_interop_threads", "set_num_threads", "use_deterministic_algorithms",
]  # fmt: skip


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """No effect: all algorithms are deterministic."""


def are_deterministic_algorithms_enabled() -> bool:
    """True."""
    return True


def get_num_threads() -> int:
    """The number of CPUs: matrix products may use all of them."""
    return os.cpu_count() or 1


def set_num_threads(num_threads: int) -> None:
    """No effect: numpy's BLAS library reads its number of threads when it is loaded.

    Set the environment variable OPENBLAS_NUM_THREADS before starting Python instead.

    Raises:
        OperationError: `num_threads` is not positive.
    """
    if num_threads <= 0:
        raise OperationError("set_num_threads expects a positive integer", f"got {num_threads}")


set_num_interop_threads = set_num_threads


def set_float32_matmul_precision(precision: str) -> None:
    """No effect: matrix products of float32 are computed in float32."""

"""Switches that PyTorch has at its top: they are accepted, since learners' code sets them, and change nothing."""

from __future__ import annotations

import os

from nnviz.errors import OperationError

__all__ = [
    "are_deterministic_algorithms_enabled", "get_num_threads", "set_float32_matmul_precision",
    "set_num_interop_threads", "set_num_threads", "use_deterministic_algorithms",
]  # fmt: skip


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Without effect: the same seed gives the same numbers in any case."""


def are_deterministic_algorithms_enabled() -> bool:
    """True."""
    return True


def get_num_threads() -> int:
    """How many processors there are: matrix products may use them all."""
    return os.cpu_count() or 1


def set_num_threads(num_threads: int) -> None:
    """Without effect: the library that numpy computes matrix products with takes its number of threads when it starts.

    OPENBLAS_NUM_THREADS in the environment sets it.

    Raises:
        OperationError: the number is not above 0.
    """
    if num_threads <= 0:
        raise OperationError("set_num_threads expects a positive integer", f"got {num_threads}")


set_num_interop_threads = set_num_threads


def set_float32_matmul_precision(precision: str) -> None:
    """Without effect: products of float32 are computed in float32."""

"""The variables that limit the threads of a matrix product, by library, without an import of numpy, which reads them."""

from __future__ import annotations

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

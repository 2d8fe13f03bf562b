"""Small files of data for tests."""

from __future__ import annotations

import gzip
import io
import struct
from pathlib import Path

import numpy as np

WINE = "acid,ash,colour,quality\n" + "".join(
    f"{at / 7:.3f},{at * at % 11},{'red' if at % 3 else 'white'},{at % 3 + 4}\n" for at in range(60)
)
"""Two columns of numbers, one of texts, and a target of three whole numbers."""


def written(folder: Path, content: str | bytes, name: str = "wine.csv") -> str:
    """A file with this content; its path."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def npz(compressed: bool = False, **arrays: np.ndarray) -> bytes:
    """The bytes of an archive."""
    out = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(out, **arrays)
    return out.getvalue()


def idx(array: np.ndarray) -> bytes:
    """The bytes of an IDX file of bytes."""
    return (
        bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()
    )


def mnist(folder: Path, count: int = 40, packed: bool = False) -> str:
    """Images and labels as MNIST has them; the path of the images."""
    images = np.arange(count * 25).reshape(count, 5, 5) % 251
    end, pack = (".gz", gzip.compress) if packed else ("", bytes)
    written(folder, pack(idx(np.arange(count) % 4)), f"train-labels-idx1-ubyte{end}")
    return written(folder, pack(idx(images)), f"train-images-idx3-ubyte{end}")

"""Saving the user's network when the program is ended by an error, and reading it at the next start.

The file is a safetensors file: the learned weights by their paths, and in its metadata the network as JSON. It contains
no code, and everything that is read from it is validated like user input.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_state_path

from nnviz.autograd.operation import Array
from nnviz.errors import DataError, NnvizError
from nnviz.files.plain import changed_data, network_of, plain, weight_shapes
from nnviz.run import Checkpoint, Run

FORMAT = "1"
"""The version of the file format that is written, and the only one that can be read."""

MOST_BYTES, MOST_WORDS = 2**30, 2**22
"""The limits for a file: bytes, and characters of the description."""

TYPES = {"F32", "F64", "I64"}
"""The dtypes that weights can have, under safetensors' names."""


def rescued_path() -> Path | None:
    """The path of the file; None if the user has no home directory."""
    try:
        return user_state_path("nnviz", appauthor=False) / "rescued.safetensors"
    except (RuntimeError, KeyError, OSError):
        return None


def rescue(run: Run, state: Checkpoint | None = None) -> Path | None:
    """Write the network of a run with its learned weights, and return the path; None if there is no path for it.

    Raises:
        OSError: the file cannot be written.
    """
    from safetensors.numpy import save

    path = rescued_path()
    if path is None:
        return None
    network, learned = run.present, run.learned(state)
    wanted = weight_shapes(network)
    arrays = {name: np.asarray(array, order="C") for name, array in learned.items() if wanted.get(name) == array.shape}
    data = save(arrays, {"nnviz": FORMAT, "network": json.dumps(plain(network))})
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Renamed when complete, so that the file is never written only in part.
    beside = path.with_suffix(f".{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def read_rescued(path: Path) -> tuple[Run, str]:
    """The run in a file, and what has changed in its file of data since, in words; empty if nothing has.

    Raises:
        DataError: it is not a file written by `rescue`, or its content is invalid.
        NnvizError: a layer or a setting is unknown, or has an invalid argument.
        OSError: the file cannot be read.
    """
    from safetensors import SafetensorError, safe_open

    if path.stat().st_size > MOST_BYTES:
        raise DataError(f"it is larger than {MOST_BYTES / 2**30:g} GiB")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("nnviz") != FORMAT:
                raise DataError(f"it is not a file of version {FORMAT}")
            description = _parsed(metadata.get("network", ""))
            network = network_of(description)
            wanted = weight_shapes(network)
            weights: dict[str, Array] = {}
            for name in file.keys():  # noqa: SIM118 (the file is not a mapping)
                part = file.get_slice(name)
                if wanted.get(name) != tuple(part.get_shape()) or part.get_dtype() not in TYPES:
                    raise DataError(f"the weights {name[:40]!r} do not fit the network")
                weights[name] = file.get_tensor(name)
    except SafetensorError as error:
        raise DataError(f"it is not a safetensors file: {error}") from None
    return Run(network, weights), changed_data(description, network)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text if len(text) <= MOST_WORDS else "")
    except (ValueError, RecursionError):
        raise DataError("the description of the network is not valid JSON") from None


def refusal(error: NnvizError | OSError) -> str:
    """The reason why a file was not opened."""
    return error.message if isinstance(error, NnvizError) else str(error.strerror or error)

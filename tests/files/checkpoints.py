"""A checkpoint alone, written and read as the state of a network."""

from __future__ import annotations

from pathlib import Path

from nnviz.errors import DataError
from nnviz.files.state import State, read_state, state_bytes
from nnviz.network import Network
from nnviz.run import Checkpoint
from nnviz.serialization.disk import write


def write_checkpoint(checkpoint: Checkpoint, network: Network, path: Path) -> None:
    """Write a checkpoint and its network, atomically.

    Raises:
        WriteError: the file cannot be written.
    """
    write(path, state_bytes(State(network, checkpoint)))


def read_checkpoint(path: Path) -> tuple[Network, Checkpoint]:
    """The checkpoint in a file, and its network.

    Raises:
        MissingFileError, FileError: the file cannot be read.
        DataError: it is not a checkpoint written by `write_checkpoint`, or its content does not fit the network.
        NnvizError: a layer or a setting of the network is unknown, or has an invalid argument.
    """
    state = read_state(path)
    if state.checkpoint is None:
        raise DataError(f"{path}: no checkpoint", "train again without --resume")
    return state.network, state.checkpoint

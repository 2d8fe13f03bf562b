"""A network with all that its training goes on from, as one safetensors file.

Training that continues from it is bit for bit the unbroken run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path

from nnviz.autograd.operation import Array
from nnviz.data import FILE
from nnviz.errors import DataError, NnvizError
from nnviz.files.checkpoint import PARAMETERS, Reader, Template, dismantled, invalid, parameters_in
from nnviz.files.data_table import PATH, absolute
from nnviz.files.findings import health_of, plain_health
from nnviz.files.place import Place
from nnviz.files.plain import changed_data, network_of, plain, weight_shapes
from nnviz.files.weights import as_weight, check_names
from nnviz.network import Network
from nnviz.run import Changed, Checkpoint, Weights
from nnviz.serialization.container import packed, unpacked
from nnviz.serialization.disk import read

FORMAT = 1
"""The version of the checkpoint files that are written, and the only one that can be read."""

MOST_EPOCHS, MOST_WORDS = 2.0**62, 2_000
"""The limits of a change: where it is, and the characters that tell it."""


class OtherNetworkError(DataError):
    """A state belongs to another network."""


@dataclass(frozen=True, eq=False)
class State:
    """A network, and all that its training goes on from.

    Attributes:
        network: the network.
        checkpoint: the state of its training; None if the network has an error, so that it cannot be trained.
        weights: those of its weights that were learned, if there is no checkpoint.
        planned: whether it is trained by the plan; otherwise on the tape. The two differ in rounding.
        place: the model file that it was opened from or saved in.
        changed: what has changed in its file of data since it was written, in words. Training that goes on from the
            checkpoint would not be the unbroken run.
        changes: what was changed before the checkpoint, as it is told.
    """

    network: Network
    checkpoint: Checkpoint | None = None
    weights: Weights = field(default_factory=dict, repr=False)
    planned: bool = True
    place: Place | None = None
    changed: str = ""
    changes: tuple[Changed, ...] = ()


def state_bytes(state: State, folder: Path | None = None) -> bytes:
    """The content of the file of a state.

    Args:
        state: the state.
        folder: where the path of a file of data starts, so that a folder that is moved with its data can be opened;
            None leaves it absolute.
    """
    arrays: dict[str, Array] = {}
    description: dict[str, object] = {"format": FORMAT, "network": plain(state.network, folder)}
    if state.checkpoint is not None:
        description["checkpoint"] = dismantled(state.checkpoint, "", arrays)
        if state.checkpoint.health is not None:
            description["health"] = plain_health(state.checkpoint.health, state.network)
    else:
        arrays |= {f"{PARAMETERS}{name}": array for name, array in state.weights.items()}
    if state.changes:
        description["changes"] = [astuple(change) for change in state.changes]
    if not state.planned:
        description["planned"] = False
    if state.place is not None:
        description["place"] = [str(state.place.model), state.place.digest]
    return packed(arrays, json.dumps(description))


def read_state(path: Path, network: Network | None = None) -> State:
    """The state in a file that contains what `state_bytes` gave.

    Args:
        path: the file.
        network: the network that it must belong to. Then the file cannot name other data, which would be read.

    Raises:
        OtherNetworkError: it is of another network.
        MissingFileError, FileError: the file cannot be read.
        DataError: it is no such file, or its content does not fit the network.
    """
    arrays, structure = unpacked(read(path))
    try:
        description = json.loads(structure or "")
    except (ValueError, RecursionError):
        description = None
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise DataError(f"{path}: not a checkpoint of format {FORMAT}", "train again without --resume")
    try:
        _check_data(description.get("network"), path.parent, network)
        found_network = network_of(description.get("network"), path.parent)
        if network is not None and found_network != network:
            raise OtherNetworkError("of another network")
        network = found_network
        changed = changed_data(description.get("network"), network)
        planned, place = description.get("planned") is not False, _place(description.get("place"))
        if "checkpoint" not in description:
            return State(network, None, _fitting(arrays, network, str(path)), planned, place, changed)
        # Before anything of these sizes is made: what is there bounds the memory that is taken.
        check_names(parameters_in(arrays, ""), weight_shapes(network), "the checkpoint")
        found = Reader(arrays, Template(network)).checkpoint(description["checkpoint"], "")
        found = replace(found, health=health_of(description.get("health"), network, found.step))
        changes = _changes(description.get("changes", []), found.step)
        return State(network, found, {}, planned, place, changed, changes)
    except OtherNetworkError as error:
        raise OtherNetworkError(f"{path}: {error.message}", error.hint) from None
    except NnvizError as error:
        raise DataError(f"{path}: {error.message}", error.hint) from None


def _changes(found: object, most: int) -> tuple[Changed, ...]:
    """The changes before step `most`, in the order of their steps."""
    changes: list[Changed] = []
    for one in found if isinstance(found, list) else [None]:
        match one:
            case [int(step), float(epoch), bool(within), str(words), bool(loss)] if (
                (changes[-1].step if changes else 0) <= step <= most
                and 0 <= epoch <= MOST_EPOCHS
                and len(words) <= MOST_WORDS
                and words.replace("\xa0", " ").isprintable()
            ):
                changes.append(Changed(step, epoch, within, words, loss))
            case _:
                raise invalid("the list of changes")
    return tuple(changes)


def _check_data(description: object, folder: Path, network: Network | None) -> None:
    """Refuse a description of a network with a file of data that is not the one of `network`."""
    match description:
        case {"settings": {"data": [str(name), {"path": str(path)}]}} if network is not None and name == FILE:
            own = network.settings.data.get(PATH)
            if "\0" in path or own is None or absolute(path, folder) != absolute(str(own), folder):
                raise OtherNetworkError("of other data")


def _place(found: object) -> Place | None:
    match found:
        case [str(model), str(digest)] if "\0" not in model:
            return Place(Path(model), digest)
    return None


def _fitting(arrays: Mapping[str, Array], network: Network, path: str) -> Weights:
    """The learned weights of a network that cannot be trained: not of all its layers."""
    shapes = weight_shapes(network)
    found = parameters_in(arrays, "")
    for name, array in found.items():
        if shapes.get(name) != array.shape:
            raise DataError(f"the weights {name[:40]!r} do not fit the network")
    return {name: as_weight(name, array, path) for name, array in found.items()}

"""Weights, and checkpoints to go on from, as safetensors files.

`weights.safetensors` contains the model's `state_dict()`: PyTorch's names and orientation, so that
`model.load_state_dict(safetensors.torch.load_file(path))` works there. `state.safetensors` contains a whole checkpoint,
with the network it belongs to: training that continues from it is bit for bit the unbroken run. Both are independent of
each other, so that an interruption between the two cannot make either useless.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, field, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from nnviz.autograd.operation import Array, Shape
from nnviz.data import FILE
from nnviz.errors import DataError, NnvizError
from nnviz.files.data_table import PATH, absolute
from nnviz.files.findings import health_of, plain_health
from nnviz.files.place import Place
from nnviz.files.plain import changed_data, network_of, plain, weight_shapes
from nnviz.network import Network, build_model, build_optimizer
from nnviz.run import Changed, Checkpoint, Evaluation, Weights
from nnviz.run.metrics import KEPT, MOST_CLASSES, Scores
from nnviz.run.record import NUMBERS
from nnviz.run.snapshot import generators_of, optimizer_state
from nnviz.run.weight_path import WeightPath
from nnviz.serialization.container import metadata, packed, unpacked
from nnviz.serialization.disk import read, write

FORMAT = 1
"""The version of the checkpoint files that are written, and the only one that can be read."""

COLUMNS = NUMBERS
"""The columns of the history in a checkpoint file."""

MOST_HEADER = 10**8
"""The most bytes of a header of safetensors: the limit of the format's own library."""

COUNT = ".num_batches_tracked"
"""The end of the path of a buffer that counts."""

MOST_EPOCHS, MOST_WORDS = 2.0**62, 2_000
"""The limits of a change: where it is, and the characters that tell it."""

PARAMETERS, OPTIMIZER, HISTORY, SCORES, PATH_POINTS = "parameters/", "optimizer/", "history", "scores/", "path"
SIDES, PARTS = ("train", "test"), tuple(part.name for part in fields(Scores))
"""What the scores of the history are stored by: a file of an earlier version has none."""

INNER = ("before", "last_finite")
"""The checkpoints that a checkpoint may contain."""


CONTENT = "data"
"""The key, in the metadata of a file of weights, of the fingerprint of the file of data they were trained on."""


class OtherNetworkError(DataError):
    """A state belongs to another network."""


def write_weights(weights: Weights, path: Path, content: str = "") -> None:
    """Write parameters and buffers, atomically; with the fingerprint of their data, if these are a file.

    Raises:
        WriteError: the file cannot be written.
    """
    write(path, weights_bytes(weights, content))


def weights_bytes(weights: Weights, content: str = "") -> bytes:
    """The content of a file of parameters and buffers."""
    from safetensors.numpy import save

    arrays = {name: np.asarray(array, order="C") for name, array in weights.items()}
    return bytes(save(arrays, {CONTENT: content} if content else None))


def read_weights(path: Path, network: Network) -> Weights:
    """The parameters and buffers in a file, which fit the network.

    Raises:
        MissingFileError, FileError: the file cannot be read.
        DataError: it is not a safetensors file, or a tensor is missing, unknown, or has another shape or dtype.
    """
    shapes = weight_shapes(network)
    _check_size(path, shapes)
    arrays, _ = unpacked(read(path))
    _check_names(arrays, shapes, str(path))
    return {name: _as_weight(name, array, str(path)) for name, array in arrays.items()}


def _check_size(path: Path, shapes: Mapping[str, Shape]) -> None:
    """Refuse a file that is larger than any of these weights before it is read."""
    most = MOST_HEADER + sum(8 * math.prod(shape) for shape in shapes.values())
    with suppress(OSError):  # `read` says what is wrong
        size = path.stat().st_size
        if size > most:
            raise DataError(
                f"{path}: {size:,} bytes, but the network's weights have at most {most:,}",
                "pass the model file that these weights were trained with",
            )


def not_finite(weights: Weights) -> list[str]:
    """The names of the arrays that contain NaN or infinity."""
    return [name for name, array in weights.items() if not np.isfinite(array).all()]


def _as_weight(name: str, array: Array, path: str) -> Array:
    """An array in the type of its tensor; other types of the same kind, such as float16, are converted."""
    wanted = _dtype(name)
    if array.dtype.kind != wanted.kind:
        raise DataError(f"{path}: the tensor {name!r} has dtype {array.dtype}, expected {wanted}", "convert it first")
    # Beyond float32 a number becomes infinite, which `not_finite` tells.
    with np.errstate(over="ignore"):
        return array.astype(wanted, copy=False)


def _dtype(name: str) -> np.dtype[Any]:
    """The type of a parameter or buffer: all are float32, but for the count of a batch normalization."""
    return np.dtype(np.int64 if name.endswith(COUNT) else np.float32)


def _check_names(arrays: Mapping[str, Array], wanted: Mapping[str, Shape], path: str) -> None:
    hint = "pass the model file that these weights were trained with"
    for name, shape in wanted.items():
        if name not in arrays:
            raise DataError(f"{path}: the tensor {name!r} is missing", hint)
        if arrays[name].shape != shape:
            raise DataError(f"{path}: {name!r} has shape {arrays[name].shape}, expected {shape}", hint)
    for name in arrays:
        if name not in wanted:
            raise DataError(f"{path}: the network has no tensor {name[:100]!r}", hint)


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
        description["checkpoint"] = _dismantled(state.checkpoint, "", arrays)
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


def _dismantled(checkpoint: Checkpoint, prefix: str, arrays: dict[str, Array]) -> dict[str, object]:
    """Put the arrays of a checkpoint among `arrays`, and return all else."""
    values: dict[str, dict[str, object]] = {}
    for name, array in checkpoint.parameters.items():
        arrays[f"{prefix}{PARAMETERS}{name}"] = array
    for path, kept in checkpoint.optimizer.items():
        values[path] = {}
        for name, value in kept.items():
            if isinstance(value, np.ndarray):
                arrays[f"{prefix}{OPTIMIZER}{path}/{name}"] = value
            else:
                values[path][name] = value
    rows = [[getattr(row, name) for name in COLUMNS] for row in checkpoint.history]
    arrays[prefix + HISTORY] = np.array(rows, np.float64).reshape(len(rows), len(COLUMNS))
    arrays |= {f"{prefix}{SCORES}{name}": table for name, table in _score_tables(checkpoint.history).items()}
    inner = {name: getattr(checkpoint, name) for name in INNER}
    way = checkpoint.path
    if way.steps:
        arrays[prefix + PATH_POINTS] = np.stack(way.points)
    return {
        "step": checkpoint.step,
        "epoch": checkpoint.epoch,
        "seen": checkpoint.seen,
        "evaluations": checkpoint.evaluations,
        "generators": checkpoint.generators,
        "optimizer": values,
        "path": [way.stride, *way.steps],
        **{name: one and _dismantled(one, f"{prefix}{name}/", arrays) for name, one in inner.items()},
    }


def content_of_weights(path: Path) -> str:
    """The fingerprint of the data that weights were trained on; empty if their file does not have it.

    Raises:
        MissingFileError, FileError: the file cannot be read.
        DataError: it is not a safetensors file.
    """
    found = metadata(read(path)).get(CONTENT)
    return found if isinstance(found, str) else ""


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
        _check_names(_parameters(arrays, ""), weight_shapes(network), "the checkpoint")
        found = _Reader(arrays, _Template(network)).checkpoint(description["checkpoint"], "")
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
                raise _invalid("the list of changes")
    return tuple(changes)


def _check_data(description: object, folder: Path, network: Network | None) -> None:
    """Refuse a description of a network with a file of data that is not the one of `network`."""
    match description:
        case {"settings": {"data": [str(name), {"path": str(path)}]}} if network is not None and name == FILE:
            own = network.settings.data.get(PATH)
            if "\0" in path or own is None or absolute(path, folder) != absolute(str(own), folder):
                raise OtherNetworkError("of other data")


def _parameters(arrays: Mapping[str, Array], prefix: str) -> Weights:
    start = prefix + PARAMETERS
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}


def _place(found: object) -> Place | None:
    match found:
        case [str(model), str(digest)] if "\0" not in model:
            return Place(Path(model), digest)
    return None


def _fitting(arrays: Mapping[str, Array], network: Network, path: str) -> Weights:
    """The learned weights of a network that cannot be trained: not of all its layers."""
    shapes = weight_shapes(network)
    found = _parameters(arrays, "")
    for name, array in found.items():
        if shapes.get(name) != array.shape:
            raise DataError(f"the weights {name[:40]!r} do not fit the network")
    return {name: _as_weight(name, array, path) for name, array in found.items()}


class _Template:
    """What a checkpoint of a network must contain.

    Args:
        network: the network; NnvizError if it cannot be built.
    """

    def __init__(self, network: Network) -> None:
        weights = weight_shapes(network)
        self.weights = weights
        model = build_model(network)
        optimizer = build_optimizer(network, model)
        self.parameters = [path for path, _ in model.named_parameters()]
        self.generators = generators_of(model)
        self.optimizer: dict[str, dict[str, Any]] = {}
        if optimizer is not None:
            # One step with gradients of 0 makes all that the optimizer keeps.
            for parameter in model.parameters():
                parameter.grad = parameter.detach() * 0
            optimizer.step()
            self.optimizer = optimizer_state(optimizer, model)


class _Reader:
    """Puts checkpoints together from the arrays of a file and the description; DataError if these do not fit."""

    def __init__(self, arrays: Mapping[str, Array], template: _Template) -> None:
        self._arrays, self._template = arrays, template

    def checkpoint(self, found: object, prefix: str) -> Checkpoint:
        """The checkpoint whose arrays have this prefix."""
        if not isinstance(found, dict):
            raise _invalid("the description")
        numbers: dict[str, Any] = {name: found.get(name) for name in ("step", "epoch", "seen", "evaluations")}
        for name, number in numbers.items():
            if type(number) is not int or not 0 <= number < 2**62:
                raise _invalid(name)
        parameters = dict(_parameters(self._arrays, prefix))
        _check_names(parameters, self._template.weights, "the checkpoint")
        for name, array in parameters.items():
            if array.dtype != _dtype(name):
                raise _invalid(f"the dtype of {name!r}")
        inner: dict[str, Any] = {}
        for name in INNER:
            within = prefix.count("/") < 2 and found.get(name) is not None
            inner[name] = self.checkpoint(found[name], f"{prefix}{name}/") if within else None
        return Checkpoint(
            **numbers,
            parameters=parameters,
            optimizer=self._optimizer(found.get("optimizer"), prefix + OPTIMIZER),
            generators=self._generators(found.get("generators")),
            history=self._history(prefix + HISTORY),
            path=self._path(found.get("path"), prefix + PATH_POINTS, numbers["step"]),
            **inner,
        )

    def _optimizer(self, values: object, start: str) -> dict[str, dict[str, Any]]:
        if not isinstance(values, dict) or not values.keys() <= self._template.optimizer.keys():
            raise _invalid("the optimizer's state")
        state: dict[str, dict[str, Any]] = {}
        for path, plain_values in values.items():
            wanted = self._template.optimizer[path]
            own = f"{start}{path}/"
            kept = {name[len(own) :]: a for name, a in self._arrays.items() if name.startswith(own)}
            kept |= plain_values if isinstance(plain_values, dict) else {}
            if kept.keys() != wanted.keys() or not all(_alike(kept[name], wanted[name]) for name in wanted):
                raise _invalid(f"the optimizer's state of {path!r}")
            state[path] = {name: kept[name] for name in wanted}
        return state

    def _generators(self, found: object) -> dict[str, dict[str, Any]]:
        if not isinstance(found, dict) or found.keys() != self._template.generators.keys():
            raise _invalid("the state of the random generators")
        for path, state in found.items():
            try:
                self._template.generators[path].bit_generator.state = state
            except (ValueError, TypeError, KeyError, OverflowError, AttributeError):
                raise _invalid(f"the state of the random generator of {path!r}") from None
        return dict(found)

    def _history(self, name: str) -> tuple[Evaluation, ...]:
        table = self._arrays.get(name)
        if table is None or table.ndim != 2 or table.shape[1] != len(COLUMNS) or table.dtype != np.float64:
            raise _invalid("the history")
        steps = table[:, 0]
        if not np.isfinite(steps).all() or (np.diff(steps) <= 0).any():
            raise _invalid("the history")
        start = name.removesuffix(HISTORY) + SCORES
        train, test = (self._scores(f"{start}{side}/", len(table)) for side in SIDES)
        return tuple(
            Evaluation(int(row[0]), *_floats(row), one, other)
            for row, one, other in zip(table, train, test, strict=True)
        )

    def _path(self, found: object, name: str, last: int) -> WeightPath:
        """The way of the weights; empty where a file of an earlier version has none."""
        points = self._arrays.get(name)
        if points is None:
            return WeightPath()
        own = self._template.weights
        count = sum(math.prod(own[path]) for path in self._template.parameters)
        if not isinstance(found, list) or len(found) < 2 or not all(type(one) is int for one in found):
            raise _invalid("the path of the weights")
        stride, *steps = found
        fits = points.dtype == np.float32 and points.shape == (len(steps), count)
        ascend = all(a < b for a, b in pairwise(steps)) and steps[0] >= 0 and steps[-1] <= last
        if not fits or not ascend or stride < 1:
            raise _invalid("the path of the weights")
        return WeightPath(tuple(steps), tuple(points), stride)

    def _scores(self, start: str, count: int) -> list[Scores]:
        """The scores of one side; empty where a file of an earlier version has none."""
        tables = {one: self._arrays.get(start + one) for one in PARTS}
        for one, table in tables.items():
            widths = (len(KEPT["regression"]),) if one == PARTS[0] else range(1, MOST_CLASSES + 1)
            fits = table is None or (table.ndim == 2 and len(table) == count and table.shape[1] in widths)
            if not fits or (table is not None and table.dtype != np.float64):
                raise _invalid("the history")
        return [
            Scores(*(_numbers(table[at], one) if table is not None else () for one, table in tables.items()))
            for at in range(count)
        ]


def _score_tables(history: Sequence[Evaluation]) -> dict[str, Array]:
    """The scores of a history as (N, ·) tables; rows without scores are NaN, and what no row has is left out."""
    tables: dict[str, Array] = {}
    for side in SIDES:
        for part in PARTS:
            rows = [getattr(getattr(row, side), part) for row in history]
            width = max(map(len, rows), default=0)
            if width:
                tables[f"{side}/{part}"] = np.array(
                    [(*row, *(math.nan,) * (width - len(row))) for row in rows], np.float64
                )
    return tables


def _numbers(row: Array, part: str) -> tuple[Any, ...]:
    """A row of such a table: metrics, or counts of classes without those that are missing."""
    if part == PARTS[0]:
        return () if np.isnan(row).all() else tuple(map(float, row))
    return tuple(int(value) for value in row if np.isfinite(value))


def _floats(row: Array) -> tuple[float, float, float, float, float]:
    """The numbers of an evaluation after its step."""
    epoch, train_loss, test_loss, train_accuracy, test_accuracy = map(float, row[1:])
    return epoch, train_loss, test_loss, train_accuracy, test_accuracy


def _alike(value: object, wanted: object) -> bool:
    """Whether a value of the optimizer's state has the type and shape of another."""
    if isinstance(value, np.ndarray) and isinstance(wanted, np.ndarray):
        return bool(value.shape == wanted.shape and value.dtype == wanted.dtype)
    return type(value) is type(wanted)


def _invalid(what: str) -> DataError:
    return DataError(
        f"{what} of the checkpoint is invalid" if what != "the description" else "no checkpoint",
        "train again without --resume",
    )

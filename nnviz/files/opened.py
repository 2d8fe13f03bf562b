"""Opening what a user names: a model file, a folder that `nnviz train` wrote, a file of data, or a line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnviz.autograd import Tensor
from nnviz.data import CONTENT, datasets, file_spec, is_data_file
from nnviz.errors import AccessError, ArgumentError, DataError, MissingFileError
from nnviz.files.line import network_of_line
from nnviz.files.model_file import read_model
from nnviz.files.place import HISTORY, MODEL, STATE, WEIGHTS, Place, files_beside
from nnviz.files.plain import changed_since
from nnviz.network import PRESETS, Network, Stack, build_model, on_data, slug, trace
from nnviz.paths import exists, is_file, is_folder
from nnviz.serialization import load as load_tensors
from nnviz.serialization.disk import File

if TYPE_CHECKING:
    from nnviz.registry import Value
    from nnviz.run import Changed, Checkpoint, Run, Weights

__all__ = ["HISTORY", "MODEL", "STATE", "WEIGHTS", "Opened", "is_line", "load", "open_model"]


@dataclass(frozen=True, eq=False)
class Opened:
    """A network that was opened.

    Attributes:
        network: the network.
        weights: its saved weights; empty if there are none.
        folder: the folder that it is in; None for a line.
        warnings: what is unusual, such as weights that are not finite.
        place: the model file; None for a line.
        checkpoint: where its training goes on, if that was asked for and is there.
        planned: whether it is trained by the plan; otherwise on the tape.
        changes: what was changed before the checkpoint.
    """

    network: Network
    weights: Weights = field(default_factory=dict, repr=False)
    folder: Path | None = None
    warnings: tuple[str, ...] = ()
    place: Place | None = None
    checkpoint: Checkpoint | None = field(default=None, repr=False)
    planned: bool = True
    changes: tuple[Changed, ...] = ()

    @property
    def run(self) -> Run:
        """The run of the checkpoint; without one, a run that starts with these weights."""
        from nnviz.run import Run

        if self.checkpoint is not None:
            return Run(self.network, planned=self.planned, earlier=self.changes)
        return Run(self.network, self.weights, self.planned)

    def module(self) -> Stack:
        """The network as a module with its weights.

        Raises:
            DataError: the network has an error, so that it cannot run.
        """
        diagnostic = trace(self.network).diagnostic
        if diagnostic is not None:
            raise DataError(f"the stack cannot run: {diagnostic.message}", diagnostic.explanation)
        model = build_model(self.network)
        weights = self.weights if self.checkpoint is None else self.checkpoint.parameters
        if weights:
            model.load_state_dict({name: Tensor(array) for name, array in weights.items()})
        return model


def open_model(model: str | PathLike[str], weights: bool = True, reading: Mapping[str, Value] | None = None) -> Opened:
    """The network in a model file or a folder, with the weights beside it if there are any; or that of a line.

    A file of data alone gets a small network.

    Args:
        model: a path, or a line.
        weights: whether weights are read; without them, a network can be opened that was edited since.
        reading: how to read the file of data, if the model is on one: arguments that overrule the model's.

    Raises:
        MissingFileError, FileError: a file cannot be read.
        DataError: a file is not what its name says, or the weights do not fit the network.
        NnvizError: a line is invalid.
    """
    text = os.fspath(model)
    if "\0" in text or not text.strip():
        raise ArgumentError("expected a model file, a folder or a line", "for example: 'spiral 2-16-16-2 tanh'")
    if is_line(text):
        return Opened(network_of_line(text, reading))
    if is_data_file(text):
        return Opened(on_data(file_spec(text, **(reading or {}))))
    path = _model_at(text)
    # Before it is read: what is written to it meanwhile counts as a change.
    place = Place.of(path)
    network = read_model(path, reading)
    folder = path.parent
    saved = files_beside(path)[WEIGHTS]
    if not weights or not exists(saved):
        return Opened(network, folder=folder, place=place)
    # A summary needs no weights, and is to be quick.
    from nnviz.files.weights import content_of_weights, not_finite, read_weights

    learned = read_weights(saved, network)
    bad = not_finite(learned)
    words = (f"{saved}: NaN or infinity in {', '.join(bad[:5])}",) if bad else ()
    if network.settings.data.get(CONTENT) and (changed := changed_since(content_of_weights(saved), network)):
        words = (*words, changed)
    return Opened(network, learned, folder, words, place)


def _model_at(text: str) -> Path:
    """The path of the model file that a user names, which is there.

    Raises:
        MissingFileError: it is not.
        AccessError: it may not be looked at.
        ArgumentError: it is no path.
    """
    path = Path(text) / MODEL if is_folder(text) else Path(text)
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise MissingFileError(
            f"{str(path)[:300]}: there is no such file",
            _preset_hint(text) or "pass a model file, a folder that train wrote, or a line: 'spiral 2-16-2 tanh'",
        ) from None
    except PermissionError:
        raise AccessError(f"{str(path)[:300]}: permission denied", "check the permissions of its folders") from None
    except OSError as error:
        raise ArgumentError(f"{text[:60]!r}: {error.strerror}", "pass a model file, a folder or a line") from None
    return path


def _preset_hint(text: str) -> str:
    """Of the name of a preset, how to write it as a model file."""
    name = slug(text)
    known = any(slug(preset.name) == name for preset in PRESETS)
    return f"it is the name of a preset: nnviz new {name} -o {name}.toml" if known else ""


def is_line(text: str) -> bool:
    """Whether this is a line rather than a path: several words that are no existing path, or a data set's name."""
    words = text.split()
    if exists(text) or not words or text.lower().endswith((".toml", ".safetensors")):
        return False
    return len(words) > 1 or words[0].lower() in datasets


def _begins_with_data(text: str) -> bool:
    """Whether this is a line whose data set exists; other words may be the path of a missing file."""
    return is_line(text) and text.split()[0].lower() in datasets


def load(f: File, map_location: object = None, *, weights_only: bool | None = True, mmap: bool | None = None) -> Any:
    """Read a model, or an object written by `save`.

    Args:
        f: a model file (`.toml`), a folder that `nnviz train` wrote, or a line such as "spiral 2-16-2 tanh": a module;
            any other path, or a file opened in binary mode: the tensors in it, see `nnviz.serialization.load`.
        map_location: accepted for compatibility, as in `nnviz.serialization.load`.
        weights_only: accepted for compatibility.
        mmap: accepted for compatibility.

    Returns:
        An `nn.Module` with its saved weights, or its initial weights if none are saved, in training mode, as PyTorch's
        are when they are made; or the saved object.

    Raises:
        NnvizError: the file cannot be read, or is invalid; the message says what is wrong.
    """
    if isinstance(f, str | PathLike) and isinstance(os.fspath(f), str) and _is_model(os.fspath(f)):
        return open_model(f).module()
    return load_tensors(f, map_location, weights_only=weights_only, mmap=mmap)


def _is_model(text: str) -> bool:
    if "\0" in text:
        return False
    return text.lower().endswith(".toml") or is_file(Path(text) / MODEL) or _begins_with_data(text)

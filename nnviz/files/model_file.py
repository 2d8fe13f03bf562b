"""Model files: a network as TOML that a person can write by hand and compare line by line.

```toml
format = 1
data = "spiral"
batch = 10
loss = "CrossEntropyLoss"
optimizer = { name = "Adam", lr = 0.01 }
seed = 1

[[layers]]
name = "Linear"
in_features = 2
out_features = 2
```

A file of data is a table with `file`, its path from the folder of the model file, and how to read it:

```toml
[data]
file = "wine.csv"
target = "quality"
```

A data set, loss, optimizer, initialization or layer is its name, or a table of its name and arguments; arguments that
are left out have their defaults, and "none" stands for none, which TOML has no word for.
Nothing in a file names code: all names are those of the registries.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nnviz import nn
from nnviz.data import FILE, datasets, schema_of
from nnviz.errors import DataError, FileError, NnvizError
from nnviz.files.data_table import from_file, to_file, without_content
from nnviz.files.place import MOST_BYTES
from nnviz.files.plain import MOST_BATCH, MOST_LAYERS, MOST_SEED, REGISTRIES, checked
from nnviz.files.toml_text import DEEPEST, line_of_long_key, lines_of
from nnviz.names import nearest
from nnviz.network import Network, Settings
from nnviz.registry import Registry, Spec, Value
from nnviz.serialization.disk import read, write

FORMAT = 1
"""The version of the format that is written, and the only one that can be read."""

ORDER = ("format", "data", "batch", "loss", "optimizer", "initialization", "seed", "l1")
"""The keys of a file besides the layers, in the order in which they are written."""

DEFAULTS = {"optimizer": Spec.of("Adam", lr=0.01), "initialization": Spec("default")}
"""The settings that a file may leave out; so it may the loss, batch (10) and seed (1)."""

LONGEST_INTEGER = 2**63


class ModelFileError(DataError):
    """A model file is wrong; the message starts with the file and the line."""


def read_model(path: Path, reading: Mapping[str, Value] | None = None) -> Network:
    """The network in a model file.

    Args:
        path: the file.
        reading: how to read its file of data, if it has one: arguments that overrule the model's.

    Raises:
        MissingFileError, FileError: the file cannot be read.
        ModelFileError: it is not a model file, or a key or value in it is wrong.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ModelFileError(f"{path}: larger than {MOST_BYTES:,} bytes", "pass a model file")
    except OSError:
        pass  # `read` says what is wrong
    try:
        data = read(path)
    except FileError:
        raise
    except NnvizError as error:
        raise ModelFileError(f"{path}: {error.message}", "write one with: nnviz new spirals -o model.toml") from None
    return parse_model(data, str(path), path.parent, reading)


def parse_model(
    data: bytes, source: str, folder: Path | None = None, reading: Mapping[str, Value] | None = None
) -> Network:
    """The network in the content of a model file.

    Args:
        data: the content.
        source: its name in messages.
        folder: where the paths of data in it start; default the working folder.
        reading: how to read its file of data, if it has one: arguments that overrule the model's.

    Raises:
        ModelFileError: it is not a model file, or a key or value in it is wrong.
    """
    text = _decoded(data, source)
    if (line := line_of_long_key(text)) is not None:
        raise ModelFileError(f"{source}, line {line}: a key of more than {DEEPEST} parts", "remove it")
    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _not_toml(error, data, source) from None
    return _Reader(text, source, folder or Path(), reading or {}).network(found)


def _decoded(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        for start, what in ((b"PK", "a zip archive"), (b"\x80", "a pickle")):
            if data.startswith(start):
                raise ModelFileError(f"{source}: expected TOML, but it is {what}", "pass a model file") from None
        line = data.count(b"\n", 0, error.start) + 1
        raise ModelFileError(f"{source}, line {line}: not valid UTF-8", "save the file as UTF-8 text") from None


def _not_toml(error: Exception, data: bytes, source: str) -> ModelFileError:
    for start, what in ((b"PK\x03\x04", "a zip archive"), (b"\x80", "a pickle")):
        if data.startswith(start):
            return ModelFileError(f"{source}: expected TOML, but it is {what}", "pass a model file")
    words = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    if "int_max_str_digits" in words:
        words = "an integer has more than 4,300 digits"
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", words)
    if place is None:
        return ModelFileError(f"{source}: not valid TOML: {words}", "see https://toml.io for the format")
    line = place[1] or str(data.count(b"\n") + 1)
    return ModelFileError(
        f"{source}, line {line}: not valid TOML: {words[: place.start()]}", "see https://toml.io for the format"
    )


class _Reader:
    """Turns what is in a file into a network; its errors name the line.

    Args:
        text: the content of the file.
        source: its name in messages.
        folder: where the paths of data in it start.
        reading: arguments that overrule those of its file of data.
    """

    def __init__(self, text: str, source: str, folder: Path, reading: Mapping[str, Value]) -> None:
        self._text, self._source, self._folder, self._reading = text, source, folder, reading

    def network(self, found: Mapping[str, Any]) -> Network:
        """The network; ModelFileError if anything is wrong."""
        self._check_format(found)
        for key in found:
            if key not in (*ORDER, "layers"):
                known = ", ".join((*ORDER, "layers"))
                close = nearest(key, (*ORDER, "layers"))
                hint = f"did you mean {close}?" if close else f"the keys are: {known}"
                raise self._error(f"unknown key {key[:100]!r}", hint, key)
        if "data" not in found:
            raise self._error("the key data is missing", 'name a data set, for example data = "spiral"')
        specs = {}
        for name, registry in REGISTRIES.items():
            if name in found:
                specs[name] = self._spec(registry, found[name], name)
            elif name in DEFAULTS:
                specs[name] = checked(registry, DEFAULTS[name])
        try:
            specs.setdefault("loss", nn.usual.loss_for(schema_of(specs["data"]).task))
        except NnvizError as error:
            raise self._error(error.message, error.hint, "data") from None
        batch = self._whole(found, "batch", 10, 1, MOST_BATCH)
        seed = self._whole(found, "seed", 1, 0, MOST_SEED)
        return Network(
            self._layers(found.get("layers", [])), Settings(**specs, batch=batch, seed=seed, l1=self._l1(found))
        )

    def _check_format(self, found: Mapping[str, Any]) -> None:
        version = found.get("format")
        if version is None:
            raise self._error("the key format is missing", f"begin a model file with: format = {FORMAT}")
        if type(version) is not int or version != FORMAT:
            newer = type(version) is int and version > FORMAT
            hint = "it was written by a newer nnviz: update nnviz" if newer else f"write format = {FORMAT}"
            raise self._error(f"expected format {FORMAT}, got {_shown(version)}", hint, "format")

    def _layers(self, found: object) -> tuple[Spec, ...]:
        if not isinstance(found, list):
            raise self._error(f"layers: expected [[layers]] tables, got {_shown(found)}", "write [[layers]]", "layers")
        if len(found) > MOST_LAYERS:
            raise self._error(f"expected at most {MOST_LAYERS:,} layers, got {len(found):,}", "remove some", "layers")
        return tuple(self._spec(nn.layers, one, "layers", number) for number, one in enumerate(found))

    def _spec(self, registry: Registry[Any], found: object, key: str, number: int | None = None) -> Spec:
        """A name, or a table of a name and arguments."""
        table = {"name": found} if isinstance(found, str) else found
        if registry is datasets and isinstance(table, dict):
            table = from_file(table, self._folder)
            table = {**table, **(self._reading if table.get("name") == FILE else {})}
        what = registry.noun if number is None else f"layer {number + 1}"
        if not isinstance(table, dict) or not isinstance(table.get("name"), str):
            hint = (
                'write a name, or a table: { name = "Adam", lr = 0.01 }' if number is None else 'write name = "Linear"'
            )
            raise self._error(f"{what}: expected a name, got {_shown(found)}", hint, key, number)
        arguments = {argument: value for argument, value in table.items() if argument != "name"}
        for argument, value in arguments.items():
            wide = isinstance(value, int) and not -LONGEST_INTEGER <= value < LONGEST_INTEGER
            if wide or not isinstance(value, int | float | bool | str):
                got = "an integer beyond 64 bits" if wide else _shown(value)
                message = f"{what}: {_shown_key(argument)}: expected a number, true, false or text, got {got}"
                raise self._error(message, "correct the value", key, number, argument)
        try:
            return _spec_of(registry, table)
        except NnvizError as error:
            culprit = next(
                (a for a in arguments if error.message.startswith(f"{a}:") or repr(a[:100]) in error.message), "name"
            )
            raise self._error(f"{what}: {error.message}", error.hint, key, number, culprit) from None

    def _whole(self, found: Mapping[str, Any], key: str, default: int, low: int, high: int) -> int:
        value = found.get(key, default)
        if type(value) is not int or not low <= value <= high:
            wanted = f"a whole number from {low:,} to {high:,}"
            raise self._error(f"{key}: expected {wanted}, got {_shown(value)}", f"for example {key} = {default}", key)
        return value

    def _l1(self, found: Mapping[str, Any]) -> float:
        value = found.get("l1", 0.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            message = f"l1: expected a number of at least 0, got {_shown(value)}"
            raise self._error(message, "for example l1 = 0.001", "l1")
        return float(value)

    def _error(
        self, message: str, hint: str, key: str = "", number: int | None = None, argument: str = ""
    ) -> ModelFileError:
        line = self._line(key, number, argument) if key else 1
        return ModelFileError(f"{self._source}, line {line}: {message}", hint)

    def _line(self, key: str, number: int | None, argument: str) -> int:
        """The line of a key, or of an argument in the table of that key; that of the table if it is not in it."""
        lines = lines_of(self._text)
        path: tuple[str | int, ...] = (key,) if number is None else (key, number)
        return lines.get((*path, argument)) or lines.get(path) or lines.get((key,)) or 1


NONE = "none"
"""The text for none, where that is not the default; otherwise the argument is left out."""


def _spec_of(registry: Registry[Any], table: Mapping[str, Any]) -> Spec:
    """The spec in a table of a name and arguments; NnvizError if it is unknown, or an argument is invalid."""
    plain = table.unwrap() if hasattr(table, "unwrap") else table
    optional = {a.name for a in registry[plain["name"]].arguments if a.optional} if plain["name"] in registry else set()
    arguments = {
        key: None if value == NONE and key in optional else value for key, value in plain.items() if key != "name"
    }
    return checked(registry, Spec(str(plain["name"]), tuple(arguments.items())))


def _shown_key(key: str) -> str:
    return key if re.fullmatch(r"[\w-]{1,100}", key) else repr(key[:100])


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}" if abs(value) < LONGEST_INTEGER else "an integer beyond 64 bits"
    text = (
        repr(value) if isinstance(value, str | float) else str(value).lower() if isinstance(value, bool) else str(value)
    )
    return text if len(text) <= 40 else text[:39] + "…"


def write_model(network: Network, path: Path) -> None:
    """Write a model file, atomically. Comments, and the order and form of what is the same, stay as they are in it.

    Raises:
        WriteError: it cannot be written.
    """
    write(path, model_bytes(network, path))


def model_bytes(network: Network, path: Path) -> bytes:
    """The new content of a model file; comments, and the order and form of what is the same, are those of the old."""
    before = None
    try:
        data = read(path)
        parse_model(data, str(path), path.parent)
        before = data.decode("utf-8-sig")
    except NnvizError:
        pass  # there is none, or none whose comments could be kept
    return model_text(network, before, path.parent).encode()


def model_text(network: Network, before: str | None = None, folder: Path | None = None) -> str:
    """The content of the model file of a network.

    Args:
        network: the network.
        before: the valid content whose comments are kept.
        folder: where the file will be, from which the path of data is written; default the working folder.
    """
    import tomlkit
    from tomlkit.items import AoT

    folder = folder or Path()
    # A model file names its data and does not say what is in them.
    wanted = without_content(network)
    if before is not None and without_content(parse_model(before.encode(), "", folder)) == wanted:
        return before
    document = tomlkit.parse(before or "")
    for key, value in _settings(network, folder).items():
        known = document.unwrap().get(key)
        if key not in document or _differs(key, known, value, folder):
            document[key] = _value(value)
    if not network.settings.l1 and "l1" in document:
        del document["l1"]
    layers = [_layer(spec) for spec in network.layers]
    old = document.get("layers")
    tables = list(old) if isinstance(old, AoT) else []
    if "layers" in document:
        del document["layers"]
    if not layers:
        document["layers"] = tomlkit.array()
        return tomlkit.dumps(document)
    array = tomlkit.aot()
    for table in _merged(tables, layers):
        array.append(table)
    document.append("layers", array)
    # tomlkit puts an empty line before each table, also where there is one.
    text = re.sub(r"\n{2,}(?=\[\[layers\]\])|(?<=[^\n])\n(?=\[\[layers\]\])", "\n\n", tomlkit.dumps(document))
    # Where a comment is kept in a form that no longer says the same, the network counts.
    try:
        same = without_content(parse_model(text.encode(), "", folder)) == wanted
    except NnvizError:
        same = False
    return text if same or before is None else model_text(network, folder=folder)


def _merged(tables: Sequence[Any], layers: Sequence[dict[str, Value]]) -> list[Any]:
    """The tables of the layers: those of layers that stay with their comments, new ones for the others."""
    old, new = ([_spec_of(nn.layers, table) for table in some] for some in (tables, layers))
    found = [None] * len(new)
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for x, y in zip(range(a, b), range(c, d), strict=False):
            if tag == "equal":
                found[y] = tables[x]
            elif old[x].name == new[y].name:
                found[y] = _changed(tables[x], layers[y])
    return [_table(layer) if table is None else table for layer, table in zip(layers, found, strict=True)]


def _table(layer: Mapping[str, Value]) -> Any:
    import tomlkit

    table = tomlkit.table()
    table.update(layer)
    return table


def _changed(table: Any, layer: Mapping[str, Value]) -> Any:
    """The table with other arguments; what is the same keeps its comments."""
    for key in [key for key in table if key not in layer]:
        del table[key]
    for key, value in layer.items():
        if table.get(key) != value:
            table[key] = value
    return table


def _settings(network: Network, folder: Path) -> dict[str, Any]:
    settings = network.settings
    written: dict[str, Any] = {"format": FORMAT}
    for key in ORDER[1:]:
        value = getattr(settings, key)
        if key == "l1" and not value:
            continue
        if isinstance(value, Spec):
            if key == "initialization" and value == DEFAULTS[key]:
                written[key] = value.name
                continue
            table: dict[str, Any] = _short(REGISTRIES[key], value)
            if key == "data":
                table = to_file(table, folder)
            written[key] = table if table.keys() != {"name"} else value.name
        else:
            written[key] = value
    return written


def _differs(key: str, known: Any, value: Any, folder: Path) -> bool:
    if key not in REGISTRIES:
        return bool(known != value)

    known, value = ({"name": one} if isinstance(one, str) else one for one in (known, value))
    if key == "data":
        known, value = (from_file(one, folder) for one in (known, value))
    return _spec_of(REGISTRIES[key], known) != _spec_of(REGISTRIES[key], value)


def _value(value: Any) -> Any:
    import tomlkit

    if not isinstance(value, dict):
        return value
    table = tomlkit.inline_table()
    table.update(value)
    return table


def _layer(spec: Spec) -> dict[str, Value]:
    return _short(nn.layers, spec)


def _short(registry: Registry[Any], spec: Spec) -> dict[str, Value]:
    """Name and arguments, without those that have their defaults or are found out."""
    arguments = {a.name: a for a in registry[spec.name].arguments}
    return {
        "name": spec.name,
        **{
            name: NONE if value is None else value
            for name, value in spec.arguments
            if arguments[name].required or (value != arguments[name].default and not arguments[name].derived)
        },
    }

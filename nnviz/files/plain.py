"""A network as plain data (strings, numbers, lists, dictionaries), and back. All that is read is checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nnviz import nn, optim
from nnviz.autograd.operation import Shape
from nnviz.data import CONTENT, FILE, datasets
from nnviz.errors import DataError
from nnviz.files.data_table import PATH, absolute, relative
from nnviz.network import Network, Settings, job_of, trace
from nnviz.nn.init import initializers
from nnviz.registry import Registry, Spec

MOST_LAYERS = 10_000

MOST_BATCH, MOST_SEED = 10**6, 2**32 - 1
"""The largest batch size and seed, as in the settings."""

REGISTRIES: Mapping[str, Registry[Any]] = {
    "data": datasets,
    "loss": nn.losses,
    "optimizer": optim.optimizers,
    "initialization": initializers,
}
"""The registry of each setting."""


def plain(network: Network, folder: Path | None = None) -> dict[str, object]:
    """The layers and settings of a network, with all their arguments.

    Args:
        network: the network.
        folder: where the path of a file of data starts; None leaves it absolute.
    """
    settings = network.settings
    specs = {name: written(getattr(settings, name)) for name in REGISTRIES}
    if folder is not None and settings.data.name == FILE:
        path = relative(str(settings.data[PATH]), folder)
        specs["data"] = written(settings.data.replace(**{PATH: path}))
    return {
        "layers": [written(layer) for layer in network.layers],
        "settings": {**specs, "batch": settings.batch, "seed": settings.seed},
    }


def written(spec: Spec) -> list[object]:
    """A spec as a list of its name and its arguments."""
    return [spec.name, dict(spec.arguments)]


def network_of(description: object, folder: Path | None = None) -> Network:
    """The network that `plain` gave. Its data are what is in their file now, see `changed_data`.

    Args:
        description: what `plain` gave.
        folder: where the path of a file of data starts; default the working folder.

    Raises:
        DataError: it has another form.
        NnvizError: a layer or a setting is unknown, or has an invalid argument.
    """
    if not isinstance(description, dict) or not isinstance(description.get("layers"), list):
        raise DataError("the description of the network has no layers")
    layers, settings = description["layers"], description.get("settings")
    if len(layers) > MOST_LAYERS or not isinstance(settings, dict):
        raise DataError(f"expected at most {MOST_LAYERS:,} layers, and settings")
    settings = {**settings, "data": _as_now(settings.get("data"), folder or Path())}
    specs = {name: _checked(registry, settings.get(name)) for name, registry in REGISTRIES.items()}
    batch, seed = (settings.get(name) for name in ("batch", "seed"))
    if type(batch) is not int or type(seed) is not int or not (1 <= batch <= MOST_BATCH and 0 <= seed <= MOST_SEED):
        raise DataError("batch or seed is out of range")
    return Network(tuple(_checked(nn.layers, layer) for layer in layers), Settings(**specs, batch=batch, seed=seed))


def _as_now(data: object, folder: Path) -> object:
    """The description of the data with an absolute path, and without the content that their file had."""
    match data:
        case [str(name), {"path": str(path), **rest}] if name == FILE and "\0" not in path:
            return [name, {PATH: absolute(path, folder), **{key: rest[key] for key in rest if key != CONTENT}}]
    return data


def changed_data(description: object, network: Network) -> str:
    """What has changed in the file of data since a network was described, in words; empty if nothing has.

    Args:
        description: what `plain` gave then.
        network: what `network_of` gave of it now.
    """
    match description:
        case {"settings": {"data": [str(), {"content": str(before)}]}} if before:
            return changed_since(before, network)
    return ""


def changed_since(before: str, network: Network) -> str:
    """What has changed in the file of data since it had this fingerprint, in words; empty if nothing has."""
    data = network.settings.data
    now = data.get(CONTENT)
    if not before or not now or before == now:
        return ""
    # The formats are imported when a file is used.
    from nnviz.data.own import difference

    name = job_of(network).schema.name
    return f"{name} has changed since this was saved: {difference(before, str(now))}"


def _checked(registry: Registry[Any], written: Any) -> Spec:
    match written:
        case [str(name), dict(arguments)] if all(isinstance(key, str) for key in arguments):
            return checked(registry, Spec(name, tuple(arguments.items())))
    raise DataError(f"the description of a {registry.noun} is invalid")


def checked(registry: Registry[Any], spec: Spec) -> Spec:
    """`spec` with all its arguments; the initialization `default`, each layer's own, is in no registry.

    Raises:
        NnvizError: it is unknown, or has an invalid argument.
    """
    if registry is initializers and spec == Spec("default"):
        return spec
    return registry.check(spec)


def weight_shapes(network: Network) -> dict[str, Shape]:
    """The shape of each parameter and buffer, by its path."""
    rows = trace(network).rows
    return {f"{row.position}.{name}": shape for row in rows for name, shape in row.weights}

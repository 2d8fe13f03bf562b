"""A network in one line: `spiral 2-16-16-2 tanh adam:0.01 seed:1`.

The words, separated by spaces:

1. a data set, such as `spiral`, or a file of data, such as `wine.csv`;
2. the widths of the Linear layers, joined by hyphens: `2-16-16-2` is Linear(2, 16), Linear(16, 16), Linear(16, 2);
   images are flattened first;
3. then, in any order and each at most once: an activation, which is put between any two Linear layers (`tanh`); an
   optimizer with its learning rate (`adam:0.01`, or `adam` for its default rate); a loss (`mseloss`); and arguments by
   name (`NAME:VALUE`): `batch`, `seed`, `initialization`, `l1`, and those of the data set (`noise:0.1`,
   `test_share:0.3`) and of the optimizer (`momentum:0.9`). Those of a file are `target`, `task`, `drop_missing`,
   `ignore`, `header`, `standardize` and `test_share`.

A word that contains spaces is written in double quotes: `"my wine.csv" 4-16-3 target:"fixed acidity"`.

Names are the registered ones in upper or lower case. What is left out: no activation, Adam with a rate of 0.01, the
usual loss of the task, batch 10, each layer's own initialization, seed 1, and the defaults of all arguments.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from nnviz import nn, optim, paths
from nnviz.data import CONTENT, FILE, datasets, file_spec, is_data_file, schema_of, source_of
from nnviz.errors import ArgumentError, NnvizError, RegistryError
from nnviz.files.plain import MOST_BATCH, MOST_LAYERS, MOST_SEED
from nnviz.names import nearest
from nnviz.network import Network, Settings
from nnviz.nn.init import initializers
from nnviz.registry import Argument, Bounds, Registry, Spec, Value

EXAMPLE = "for example: 'spiral 2-16-16-2 tanh adam:0.01 seed:1'"

LONGEST = 10_000
"""Characters of a line."""

ACTIVATION = "activation"
"""The category of the layers that can be named in a line."""

NUMBERS = {
    "batch": Argument("batch", int, 10, bounds=Bounds(1, MOST_BATCH)),
    "seed": Argument("seed", int, 1, bounds=Bounds(0, MOST_SEED)),
}
RATE = "lr"
L1 = Argument("l1", float, 0.0, bounds=Bounds(0))


def network_of_line(line: str, reading: Mapping[str, Value] | None = None) -> Network:
    """The network that a line describes.

    Args:
        line: the line.
        reading: how to read its file of data, if it has one: arguments that overrule the line's.

    Raises:
        ArgumentError: a word is unknown, given twice, or has an invalid value.
        RegistryError: there is no data set of that name.
    """
    words = words_of(line[: LONGEST + 1])
    if len(line) > LONGEST or not words:
        raise ArgumentError(f"expected a line of 1 to {LONGEST:,} characters", EXAMPLE)
    name = _find(datasets, words[0])
    own = name is None and is_file(words[0])
    if own or name == FILE:
        data = file_spec(words[0]) if own else Spec(name or "")
    elif name is not None:
        data = Spec(name)
    else:
        close = datasets.closest(words[0].lower())
        known = ", ".join(entry.name for entry in datasets)
        raise RegistryError(
            f"no data set is called {words[0][:100]!r}", f"did you mean {close}?" if close else f"there are: {known}"
        )
    if len(words) < 2:
        raise ArgumentError("the widths of the layers are missing", EXAMPLE)
    return _Words(data, words[1], words[2:]).network((own and reading) or {})


def words_of(line: str) -> list[str]:
    """The words of a line, without the double quotes around those that contain spaces."""
    found = re.findall(r'(?:[^\s"]|"[^"]*"?)+', line)
    return [word.replace('"', "") for word in found]


def is_file(word: str) -> bool:
    """Whether a word is a file of data: by the end of its name, or because there is such a file."""
    return is_data_file(word) or ("." in word and paths.is_file(word))


class _Words:
    """The words of a line, as far as they are read."""

    def __init__(self, data: Spec, widths: str, words: list[str]) -> None:
        self._data = data.name
        self._given = data.arguments
        self._widths = _widths(widths)
        self._activation: str | None = None
        self._loss: str | None = None
        self._optimizer: Spec | None = None
        self._rated = False
        self._arguments: dict[str, str] = {}
        for word in words:
            self._read(word)

    def _read(self, word: str) -> None:
        name, colon, value = word.partition(":")
        if (optimizer := _find(optim.optimizers, name)) is not None:
            self._once(self._optimizer is None, "optimizer", word)
            rate = {RATE: optim.optimizers[optimizer].argument(RATE).parse(value)} if colon else {}
            self._once(not rate or RATE not in self._arguments, RATE, word)
            self._optimizer, self._rated = Spec.of(optimizer, **rate), bool(rate)
        elif colon:
            self._once(name not in self._arguments, name, word)
            self._once(name != RATE or not self._rated, name, word)
            self._arguments[name] = value
        elif (activation := _find(nn.layers, name, ACTIVATION)) is not None:
            self._once(self._activation is None, "activation", word)
            self._activation = activation
        elif (loss := _find(nn.losses, name)) is not None:
            self._once(self._loss is None, "loss", word)
            self._loss = loss
        else:
            raise _unknown(name)

    def _once(self, first: bool, what: str, word: str) -> None:
        if not first:
            raise ArgumentError(f"{what[:40]} is given twice, the second time as {word[:40]!r}", "remove one of them")

    def network(self, reading: Mapping[str, Value]) -> Network:
        """The network; ArgumentError if an argument is unknown or invalid.

        Args:
            reading: arguments of the data that overrule those of the line.
        """
        optimizer = self._optimizer or Spec.of("Adam", lr=0.01)
        taken = self._taken(datasets, self._data, dict(self._given))
        data = Spec(self._data, tuple({**dict(self._given), **dict(taken), **reading}.items()))
        rates = dict(optimizer.arguments) | dict(self._taken(optim.optimizers, optimizer.name))
        optimizer = optim.optimizers.check(Spec.of(optimizer.name, **rates))
        batch, seed = (self._number(name) for name in NUMBERS)
        initialization, l1 = self._initialization(), self._l1()
        if self._arguments:
            raise self._unknown_argument(next(iter(self._arguments)), optimizer)
        schema = schema_of(data)
        loss = nn.losses.check(Spec(self._loss)) if self._loss else nn.usual.loss_for(schema.task)
        settings = Settings(datasets.check(data), batch, loss, optimizer, initialization, seed, l1)
        return Network(tuple(self._layers(len(schema.sample_shape) > 1)), settings)

    def _taken(
        self, registry: Registry[Any], name: str, known: Mapping[str, Value] | None = None
    ) -> Iterator[tuple[str, Value]]:
        """The given arguments of an entry, which are struck out, without those that are known already."""
        for argument in registry[name].arguments:
            if argument.name in self._arguments and argument.name not in (known or {}):
                yield argument.name, argument.parse(self._arguments.pop(argument.name))

    def _number(self, name: str) -> int:
        argument = NUMBERS[name]
        return int(argument.parse(self._arguments.pop(name)) if name in self._arguments else argument.default)  # type: ignore[arg-type]

    def _initialization(self) -> Spec:
        word = self._arguments.pop("initialization", "default")
        if word == "default":
            return Spec(word)
        return initializers.check(Spec(_find(initializers, word) or word))

    def _l1(self) -> float:
        return float(str(L1.parse(self._arguments.pop(L1.name)))) if L1.name in self._arguments else 0.0

    def _unknown_argument(self, name: str, optimizer: Spec) -> ArgumentError:
        own = [
            a.name
            for registry, one in ((datasets, self._data), (optim.optimizers, optimizer.name))
            for a in registry[one].arguments
            if not a.derived
        ]
        known = [*NUMBERS, "initialization", L1.name, *own]
        close = nearest(name, known)
        hint = f"did you mean {close}?" if close else f"there are: {', '.join(known)}"
        return ArgumentError(
            f"{name[:40]!r} is neither a setting nor an argument of {self._data} or {optimizer.name}", hint
        )

    def _layers(self, images: bool) -> Iterator[Spec]:
        if images:
            yield nn.usual.flatten()
        for number, (n, m) in enumerate(itertools.pairwise(self._widths)):
            if number and self._activation:
                yield nn.layers.check(Spec(self._activation))
            yield nn.usual.linear(n, m)


def _widths(word: str) -> list[int]:
    if not re.fullmatch(r"[0-9]{1,7}(-[0-9]{1,7})+", word):
        raise ArgumentError(f"expected widths such as 2-16-2, got {word[:40]!r}", EXAMPLE)
    widths = [int(number) for number in word.split("-")]
    if not all(1 <= width <= 1_000_000 for width in widths) or len(widths) > MOST_LAYERS // 2:
        raise ArgumentError(f"widths are 1 to 1,000,000, got {word[:40]!r}", EXAMPLE)
    return widths


def _find(registry: Registry[Any], word: str, category: str | None = None) -> str | None:
    """The registered name that is `word` in any case."""
    names = (entry.name for entry in registry if category in (None, entry.category))
    return next((name for name in names if name.lower() == word.lower()), None)


def _unknown(word: str) -> ArgumentError:
    known = [entry.name for entry in nn.layers if entry.category == ACTIVATION]
    known += [entry.name for registry in (nn.losses, optim.optimizers) for entry in registry]
    close = nearest(word, known) or nearest(word.lower(), [name.lower() for name in known])
    hint = f"did you mean {close}?" if close else f"activations, losses and optimizers are: {', '.join(known)}"
    return ArgumentError(f"no activation, loss or optimizer is called {word[:40]!r}", hint)


def _quoted(word: str) -> str:
    return f'"{word}"' if re.search(r"\s", word) else word


def line_of(network: Network) -> str | None:
    """The line of a network; None if it cannot be said in one."""
    settings = network.settings
    try:
        line = " ".join(_words(network))
        if settings.data.name not in datasets:
            return None
        # With what a line does not say, a file need not be read again.
        content = settings.data.get(CONTENT)
        return line if network_of_line(f"{line} {CONTENT}:{content}" if content else line) == network else None
    except NnvizError:
        return None


def _words(network: Network) -> Iterator[str]:
    """The words of a line that describes the network, if there is any."""
    settings = network.settings
    linear = [spec for spec in network.layers if spec.name == nn.usual.linear(1, 1).name]
    others = [spec.name for spec in network.layers if spec not in linear and spec != nn.usual.flatten()]
    source = source_of(settings.data)
    yield settings.data.name if source is None else _quoted(source.path)
    yield "-".join(str(spec["in_features"]) for spec in linear[:1]) + "".join(
        f"-{spec['out_features']}" for spec in linear
    )
    yield from (name.lower() for name in others[:1])
    yield f"{settings.optimizer.name.lower()}:{settings.optimizer[RATE]}"
    if settings.loss != nn.usual.loss_for(schema_of(settings.data).task):
        yield settings.loss.name.lower()
    for registry, spec in ((datasets, settings.data), (optim.optimizers, settings.optimizer)):
        defaults = {a.name: a.default for a in registry[spec.name].arguments if not a.derived}
        said = ((k, v) for k, v in spec.arguments if k in defaults and k not in (RATE, "path"))
        yield from (_quoted(f"{k}:{v}") for k, v in said if v != defaults[k])
    if settings.initialization.name != "default":
        yield f"initialization:{settings.initialization.name}"
    if settings.l1:
        yield f"{L1.name}:{settings.l1}"
    if settings.batch != NUMBERS["batch"].default:
        yield f"batch:{settings.batch}"
    yield f"seed:{settings.seed}"


def why_no_line(network: Network) -> str:
    """Why `line_of` gives None for this network, in words."""
    settings = network.settings
    return (
        _why_no_line_of_layers(network)
        or next((f"{word} cannot be said in a line" for word in _unsaid(settings)), None)
        or "a line cannot say all of it"
    )


def _why_no_line_of_layers(network: Network) -> str | None:
    linear = nn.usual.linear(1, 1).name
    for number, spec in enumerate(network.layers, 1):
        if (why := _why_not_said(spec)) is not None:
            return f"layer {number}, {nn.layers.label(spec)[:60]}, {why}"
    sizes = [spec for spec in network.layers if spec.name == linear]
    if not sizes:
        return "a line has one Linear layer at least"
    if any(one["out_features"] != other["in_features"] for one, other in itertools.pairwise(sizes)):
        return "the sizes of its Linear layers do not follow each other"
    inner = [spec.name for spec in network.layers if spec != nn.usual.flatten()]
    images = network.settings.data.name in datasets and len(schema_of(network.settings.data).sample_shape) > 1
    if network.layers[: len(network.layers) - len(inner)] != (nn.usual.flatten(),) * images:
        return "for images a line begins with Flatten, and for other data it has none"
    kinds = sorted({name for name in inner if name != linear})
    if not kinds or inner == [*([linear, kinds[0]] * (len(sizes) - 1)), linear]:
        return None
    return "a line has one activation, between any two Linear layers and nowhere else"


def _why_not_said(spec: Spec) -> str | None:
    """Why a line does not contain such a layer."""
    category = nn.layers[spec.name].category if spec.name in nn.layers else "unknown"
    plain = nn.usual.linear(1, 1)
    if spec.name == plain.name:
        usual = dict(spec.arguments) | {"in_features": 1, "out_features": 1} == dict(plain.arguments)
    elif category == ACTIVATION:
        usual = spec == nn.layers.check(Spec(spec.name))
    else:
        return None if spec == nn.usual.flatten() else f"is a {category} layer, which cannot be said in a line"
    return None if usual else "has an argument that cannot be said in a line"


def _unsaid(settings: Settings) -> Iterator[str]:
    """The settings whose arguments a line does not say, in words."""
    if settings.data.name not in datasets:
        yield f"the data set {settings.data.name[:40]}"
    for registry, spec in ((nn.losses, settings.loss), (initializers, settings.initialization)):
        if spec.name in registry and spec != registry.check(Spec(spec.name)):
            yield f"an argument of {spec.name}"

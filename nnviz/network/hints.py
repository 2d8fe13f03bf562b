"""Hints: true remarks on a stack that runs, each with its reason, and with a fix where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from nnviz import nn
from nnviz.catalogue import Spec, Value
from nnviz.data import Prepared
from nnviz.network.build import build_loss
from nnviz.network.description import Network
from nnviz.network.repairs import Repair
from nnviz.network.trace import Trace, prepared, trace

RANGES = {
    "Sigmoid": (0.0, 1.0), "Softmax": (0.0, 1.0), "Tanh": (-1.0, 1.0), "Softsign": (-1.0, 1.0),
    "ReLU": (0.0, float("inf")), "Softplus": (0.0, float("inf")), "LogSoftmax": (float("-inf"), 0.0),
}  # fmt: skip
"""What the outputs of an activation lie between, where they do."""

SLACK = 0.05
"""Share of its extent by which a target may lie outside before it is called out of reach."""


@dataclass(frozen=True)
class Hint:
    """A remark.

    Attributes:
        text: what there is, and why it matters.
        fix: what would mend it; None where there is nothing to mend, or the user must choose.
        command: the id of the command that goes on from here; empty where none does.
    """

    text: str
    fix: Repair | None = None
    command: str = ""


@lru_cache(maxsize=64)
def hints(network: Network) -> tuple[Hint, ...]:
    """All hints on `network`, what matters most first; of a stack with a fault there are none."""
    found = trace(network)
    if not network.layers:
        return (
            Hint("The stack is empty.", command="add"),
            Hint("There are networks that are ready.", command="presets"),
        )
    if found.fault is not None:
        return ()
    data = prepared(network.settings.data, network.settings.seed)
    every = [
        *_last_and_loss(network), *_reach(network, data), *_scores(network, found, data), *_collapse(network),
        *_wide(network, data), *_chance(network),
    ]  # fmt: skip
    return tuple(
        hint if hint.fix is None or trace(hint.fix.network).fault is None else replace(hint, fix=None) for hint in every
    )


def linear_runs(network: Network) -> list[tuple[int, int]]:
    """The stretches of two or more Linear layers with nothing between, as (first, one after the last) positions."""
    runs, at = [], 0
    joined = {spec.get("row") for spec in network.layers if "row" in dict(spec.arguments)}
    while at < len(network.layers):
        end = at
        while end < len(network.layers) and network.layers[end].name == "Linear":
            end += 1
            # What another layer reads as well cannot be merged away.
            if end in joined:
                break
        if end - at > 1:
            runs.append((at, end))
        at = max(end, at + 1)
    return runs


def _without(network: Network, at: int) -> Repair:
    return Repair(f"remove layer {at + 1} {network.layers[at].name}", network.remove(at))


def _with_loss(network: Network, name: str) -> Network:
    return network.configure(replace(network.settings, loss=nn.losses.check(Spec(name))))


def _append(network: Network, name: str) -> Repair:
    at = len(network.layers)
    return Repair(f"add {name} as layer {at + 1}", network.insert(at, nn.layers.check(Spec(name))))


def _last_and_loss(network: Network) -> Iterator[Hint]:
    """A last layer and a loss that do the same twice, or that lack something between them."""
    at, loss = len(network.layers) - 1, network.settings.loss.name
    last = network.layers[at].name
    if loss == "CrossEntropyLoss":
        if last == "Softmax":
            yield Hint(
                "Softmax before CrossEntropyLoss, which applies log-softmax itself: softmax twice. It runs, but learns "
                "slowly, because the scores cannot leave 0 to 1.",
                _without(network, at),
            )
        elif last == "LogSoftmax":
            yield Hint(
                "LogSoftmax before CrossEntropyLoss, which applies it itself: the second time changes nothing.",
                _without(network, at),
            )
        elif last in RANGES:
            yield Hint(
                f"{last} before CrossEntropyLoss, whose scores may be any numbers: it keeps them "
                f"{_range_words(last)}, so the network cannot become sure.",
                _without(network, at),
            )
    elif loss == "BCEWithLogitsLoss" and last == "Sigmoid":
        yield Hint(
            "Sigmoid before BCEWithLogitsLoss, which applies it itself: sigmoid twice. It runs, but learns slowly.",
            _without(network, at),
        )
    elif loss == "BCELoss" and last not in ("Sigmoid", "Softmax"):
        yield Hint(
            "BCELoss wants probabilities, 0 to 1, and nothing keeps the outputs there: training stops with an error.",
            _append(network, "Sigmoid"),
        )
    elif loss == "NLLLoss" and last != "LogSoftmax":
        fix = _append(network, "LogSoftmax")
        if last == "Softmax":
            changed = network.change(at, nn.layers.check(Spec("LogSoftmax")))
            fix = Repair(f"make layer {at + 1} LogSoftmax", changed)
        yield Hint(
            "NLLLoss wants log-probabilities, and the last layer gives others: the loss can fall without any learning.",
            fix,
        )


def _range_words(name: str) -> str:
    low, high = RANGES[name]
    return f"at {low:g} or more" if high == float("inf") else f"between {low:g} and {high:g}"


def _reach(network: Network, data: Prepared) -> Iterator[Hint]:
    """Targets that the last activation cannot give."""
    at = len(network.layers) - 1
    last = network.layers[at].name
    if build_loss(network).target != "values" or last not in RANGES:
        return
    low, high = float(data.train_y.min()), float(data.train_y.max())
    least, most = RANGES[last]
    slack = SLACK * (high - low)
    if low < least - slack or high > most + slack:
        yield Hint(
            f"{last} gives only numbers {_range_words(last)}, and the targets (scaled) go from {low:.2g} to "
            f"{high:.2g}: some are out of reach.",
            _without(network, at),
        )


def _scores(network: Network, found: Trace, data: Prepared) -> Iterator[Hint]:
    """More scores than classes."""
    classes = data.dataset.outputs
    if build_loss(network).target != "classes" or found.output is None or found.output[-1] <= classes:
        return
    at = next((i for i in reversed(range(len(network.layers))) if network.layers[i].get("out_features")), None)
    fix = None
    if at is not None and network.layers[at]["out_features"] == found.output[-1]:
        spec = network.layers[at].replace(out_features=classes)
        fix = Repair(f"layer {at + 1} {spec.name}: out_features = {classes}", network.change(at, spec))
    yield Hint(
        f"The stack gives {found.output[-1]} scores and {data.dataset.name} has {classes} classes: the others are "
        "never right, and only learn to be small.",
        fix,
    )


def _collapse(network: Network) -> Iterator[Hint]:
    """Linear after Linear."""
    for first, end in linear_runs(network):
        n, m = network.layers[first]["in_features"], network.layers[end - 1]["out_features"]
        fix = Repair(
            f"insert Tanh between layers {first + 1} and {first + 2}",
            network.insert(first + 1, nn.layers.check(Spec("Tanh"))),
        )
        names = f"Layers {first + 1} and {end}" if end - first == 2 else f"Layers {first + 1} to {end}"
        yield Hint(
            f"{names} are linear with nothing that bends between: together they are one Linear({n}, {m}), "
            "and can do no more than that one.",
            fix,
            "collapse",
        )


def _wide(network: Network, data: Prepared) -> Iterator[Hint]:
    """A layer with more units than there are samples to learn from."""
    samples = len(data.train_x)
    for at, spec in enumerate(network.layers):
        width: Value = spec.get("out_features")
        if isinstance(width, int) and width > samples and at < len(network.layers) - 1:
            narrower = _narrowed(network, at, 2 ** max((samples // 4).bit_length() - 1, 1))
            yield Hint(
                f"Layer {at + 1} is {width:,} wide, and there are {samples:,} training samples: it can learn each "
                "by heart, which says little of others.",
                narrower,
            )


def _narrowed(network: Network, at: int, width: int) -> Repair:
    """The layer made narrower, and the next Linear with it."""
    changed = network.change(at, network.layers[at].replace(out_features=width))
    follower = next((i for i in range(at + 1, len(network.layers)) if network.layers[i].name == "Linear"), None)
    if follower is not None:
        changed = changed.change(follower, network.layers[follower].replace(in_features=width))
    return Repair(f"layer {at + 1}: out_features = {width}", changed)


def _chance(network: Network) -> Iterator[Hint]:
    """Data in which there is nothing to find."""
    if network.settings.data.name == "lesson":
        yield Hint(
            "The lesson's numbers and labels are drawn by chance: what is learned of them is by heart, and says "
            "nothing of the test data."
        )

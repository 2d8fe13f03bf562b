"""Hints: true remarks on a stack that runs, each with its reason, and with a fix where there is one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from nnviz import nn
from nnviz.catalogue import Spec, Value
from nnviz.network.description import Network
from nnviz.network.job import Job, job_of
from nnviz.network.repairs import Repair, ends_hidden, read_out
from nnviz.network.trace import Trace, trace

BOUNDED = {"Sigmoid": (0.0, 1.0), "Softmax": (0.0, 1.0), "Tanh": (-1.0, 1.0), "Softsign": (-1.0, 1.0)}
HALF_BOUNDED = {"ReLU": (0.0, math.inf), "Softplus": (0.0, math.inf), "LogSoftmax": (-math.inf, 0.0)}
"""What the outputs of an activation lie between."""

SHARES = ("Softmax", "LogSoftmax")
"""They share 1 out among the numbers along one axis."""

SURE = 0.995
"""A probability that is shown as 100 %."""

FEW = 20_000
"""Most samples of a data set that is made to see how far its targets reach."""

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


def hints(network: Network) -> tuple[Hint, ...]:
    """All hints on `network`, what matters most first; of a stack with a fault there are none."""
    return _hints(network, network.ids)


@lru_cache(maxsize=64)
def _hints(network: Network, ids: tuple[int, ...]) -> tuple[Hint, ...]:  # noqa: ARG001 (the fixes carry them on)
    found = trace(network)
    if not network.layers:
        return (
            Hint("The stack is empty.", command="add"),
            Hint("There are networks that are ready.", command="presets"),
        )
    if found.fault is not None:
        return ()
    job = job_of(network)
    return (
        *_unread(network, found, job), *_shares(network, found), *_last_and_loss(network, found),
        *_reach(network, job), *_scores(network, found, job), *_collapse(network), *_wide(network, job),
        *_chance(network),
    )  # fmt: skip


def _tried(repair: Repair) -> Repair | None:
    """A fix that changes shapes, if the stack runs with it."""
    return repair if trace(repair.network).fault is None else None


def _passes_on(spec: Spec) -> bool:
    """Whether a layer gives the numbers it gets."""
    return spec.name == "Identity" or (spec.name == "Dropout" and spec.get("p") == 0)


def interval(spec: Spec) -> tuple[float, float] | None:
    """What a layer's outputs lie between, where it sets bounds."""
    if spec.name == "Hardtanh":
        low, high = spec.get("min_val"), spec.get("max_val")
        return (float(low), float(high)) if isinstance(low, float | int) and isinstance(high, float | int) else None
    return BOUNDED.get(spec.name) or HALF_BOUNDED.get(spec.name)


def _last(network: Network) -> int:
    """The position of the layer that makes the outputs: those below it pass on what it gives, or only its shape."""
    at = len(network.layers) - 1
    while at > 0 and (_passes_on(network.layers[at]) or network.layers[at].name == "Flatten"):
        at -= 1
    return at


def linear_runs(network: Network) -> list[tuple[int, int]]:
    """The stretches with two or more Linear layers and nothing between them that changes a number.

    Returns:
        For each the positions (first, one after the last); it begins and ends with a Linear.
    """
    runs, at = [], 0
    joined = {spec.get("row") for spec in network.layers if "row" in dict(spec.arguments)}
    while at < len(network.layers):
        end, count, place = at, 0, at
        while place < len(network.layers):
            linear = network.layers[place].name == "Linear"
            if not linear and not (count and _passes_on(network.layers[place])):
                break
            place += 1
            if linear:
                end, count = place, count + 1
            # What another layer reads as well cannot be merged away.
            if place in joined:
                break
        if count > 1:
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


def _shares(network: Network, found: Trace) -> Iterator[Hint]:
    """Softmax along an axis on which it can say nothing."""
    for at, spec in enumerate(network.layers):
        shape = found.rows[at].output
        if spec.name not in SHARES or not shape:
            continue
        dim = spec.get("dim")
        # As PyTorch has it where none is given: the samples of what has 1 or 3 axes, else the axis after them.
        axis = dim % len(shape) if isinstance(dim, int) else 0 if len(shape) in (1, 3) else 1
        if axis == 0:
            fixed = network.change(at, spec.replace(dim=len(shape) - 1))
            yield Hint(
                f"Layer {at + 1} {spec.name} goes along the samples of a batch, not along the numbers of each: what it "
                "makes of one sample depends on the others.",
                Repair(f"layer {at + 1} {spec.name}: dim = {len(shape) - 1}", fixed),
            )
        elif shape[axis] == 1:
            always = 1 if spec.name == "Softmax" else 0
            yield Hint(
                f"Layer {at + 1} {spec.name} shares 1 out among a single number: it gives {always} whatever comes, and "
                "nothing above it can learn.",
                Repair(f"make layer {at + 1} Sigmoid", network.change(at, nn.layers.check(Spec("Sigmoid")))),
            )


@dataclass(frozen=True)
class _End:
    """What stands before the loss.

    Attributes:
        network: whose.
        at, spec: the layer that makes the outputs.
        bounds: what they lie between, if it sets bounds.
        scores: how many there are for a sample.
    """

    network: Network
    at: int
    spec: Spec
    bounds: tuple[float, float] | None
    scores: int


def _last_and_loss(network: Network, found: Trace) -> Iterator[Hint]:
    """A last layer and a loss that do the same twice, or that lack something between them."""
    at = _last(network)
    spec, rule = network.layers[at], _AFTER.get(network.settings.loss.name)
    # Of one that goes along the samples enough is said.
    if rule is not None and not (spec.name in SHARES and spec.get("dim") == 0):
        yield from rule(_End(network, at, spec, interval(spec), (found.output or (1,))[-1]))


def _after_cross_entropy(end: _End) -> Iterator[Hint]:
    if end.spec.name == "Softmax":
        yield Hint(
            "Softmax before CrossEntropyLoss, which applies log-softmax itself: softmax twice. It runs, but learns "
            "slowly, because the scores cannot leave 0 to 1.",
            _without(end.network, end.at),
        )
    elif end.spec.name == "LogSoftmax":
        yield Hint(
            "LogSoftmax before CrossEntropyLoss, which applies it itself: the second time changes nothing.",
            _without(end.network, end.at),
        )
    elif end.spec.name == "ReLU":
        yield Hint(
            "ReLU before CrossEntropyLoss, whose scores may be any numbers: those below 0 become 0 and pass on no "
            "gradient, so a sample with none above 0 teaches nothing.",
            _without(end.network, end.at),
        )
    elif end.bounds is not None and end.bounds[1] - end.bounds[0] < math.inf:
        surest = 1 / (1 + (end.scores - 1) * math.exp(end.bounds[0] - end.bounds[1]))
        # Bounds so far apart that they are out of the way are no trouble.
        if surest < SURE:
            yield Hint(
                f"{end.spec.name} before CrossEntropyLoss, whose scores may be any numbers: it keeps them "
                f"{_words(end.bounds)}, so the network cannot become sure: with {end.scores} scores no class gets more "
                f"than {surest:.0%}.",
                _without(end.network, end.at),
            )


def _after_logits(end: _End) -> Iterator[Hint]:
    if end.spec.name == "Sigmoid":
        yield Hint(
            "Sigmoid before BCEWithLogitsLoss, which applies it itself: sigmoid twice. It runs, but learns slowly.",
            _without(end.network, end.at),
        )
    elif end.bounds is not None:
        low, high = map(_sigmoid, end.bounds)
        if low > 1 - SURE or high < SURE:
            between = f"from {low:.0%} to {high:.0%}" if high < 1 else f"of {low:.0%} or more"
            yield Hint(
                f"{end.spec.name} before BCEWithLogitsLoss, whose scores may be any numbers: it keeps them "
                f"{_words(end.bounds)}, so the network can only give probabilities {between}.",
                _without(end.network, end.at),
            )


def _sigmoid(bound: float) -> float:
    """1 / (1 + e⁻ᶻ) of any bound, also where e to its power would overflow."""
    return 0.5 * (1 + math.tanh(bound / 2))


def _after_probabilities(end: _End) -> Iterator[Hint]:
    if end.bounds is None or end.bounds[0] < 0 or end.bounds[1] > 1:
        yield Hint(
            "BCELoss wants probabilities, 0 to 1, and nothing keeps the outputs there: training stops with an error as "
            "soon as one lies outside.",
            _append(end.network, "Sigmoid"),
        )


def _after_log_probabilities(end: _End) -> Iterator[Hint]:
    if end.spec.name == "LogSoftmax":
        return
    fix = _append(end.network, "LogSoftmax")
    if end.spec.name == "Softmax":
        changed = end.network.change(end.at, nn.layers.check(Spec("LogSoftmax")))
        fix = Repair(f"make layer {end.at + 1} LogSoftmax", changed)
    yield Hint(
        "NLLLoss wants log-probabilities, and the last layer gives others: the loss can fall without any learning.", fix
    )


_AFTER = {
    "CrossEntropyLoss": _after_cross_entropy,
    "BCEWithLogitsLoss": _after_logits,
    "BCELoss": _after_probabilities,
    "NLLLoss": _after_log_probabilities,
}
"""What is said of the layer before each loss."""


def _words(bounds: tuple[float, float]) -> str:
    low, high = bounds
    if high == math.inf:
        return f"at {low:g} or more"
    return f"at {high:g} or less" if low == -math.inf else f"between {low:g} and {high:g}"


def _reach(network: Network, job: Job) -> Iterator[Hint]:
    """Targets that the last activation cannot give."""
    at = _last(network)
    spec, bounds = network.layers[at], interval(network.layers[at])
    # The losses of probabilities have their own remarks.
    if job.loss.target != "values" or bounds is None or network.settings.loss.name in _AFTER:
        return
    # Only the numbers tell. They are asked for where making them takes no longer than a refresh of the screen.
    if job.schema.samples > FEW:
        return
    data = job.data()
    low, high = float(data.train_y.min()), float(data.train_y.max())
    slack = SLACK * (high - low)
    if low < bounds[0] - slack or high > bounds[1] + slack:
        yield Hint(
            f"{spec.name} gives only numbers {_words(bounds)}, and the targets (scaled) go from {low:.2g} to "
            f"{high:.2g}: some are out of reach.",
            _without(network, at),
        )


def _more_than_classes(found: Trace, job: Job) -> bool:
    wanted = job.loss.target == "classes"
    return wanted and found.output is not None and found.output[-1] > job.schema.outputs


def _unread(network: Network, found: Trace, job: Job) -> Iterator[Hint]:
    """A stack that ends in a hidden layer: what makes scores of it is missing."""
    if found.output is None or not ends_hidden(network) or not _more_than_classes(found, job):
        return
    text, changed = next(read_out(network, found.output, job.schema.outputs), ("", network))
    yield Hint(
        f"The stack ends in {network.layers[-1].name} with {found.output[-1]} numbers, and {job.schema.name} has "
        f"{job.schema.outputs} classes: a Linear layer is missing that makes one score a class of them.",
        _tried(Repair(text, changed)) if text else None,
    )


def _scores(network: Network, found: Trace, job: Job) -> Iterator[Hint]:
    """More scores than classes."""
    classes = job.schema.outputs
    if found.output is None or ends_hidden(network) or not _more_than_classes(found, job):
        return
    at = next((i for i in reversed(range(len(network.layers))) if network.layers[i].get("out_features")), None)
    fix = None
    if at is not None and network.layers[at]["out_features"] == found.output[-1]:
        spec = network.layers[at].replace(out_features=classes)
        fix = _tried(Repair(f"layer {at + 1} {spec.name}: out_features = {classes}", network.change(at, spec)))
    yield Hint(
        f"The stack gives {found.output[-1]} scores and {job.schema.name} has {classes} classes: the others are "
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


def _wide(network: Network, job: Job) -> Iterator[Hint]:
    """A layer with more units than there are samples to learn from."""
    samples = job.schema.train
    for at, spec in enumerate(network.layers):
        width: Value = spec.get("out_features")
        if isinstance(width, int) and width > samples and at < len(network.layers) - 1:
            narrower = _narrowed(network, at, 2 ** max((samples // 4).bit_length() - 1, 1))
            yield Hint(
                f"Layer {at + 1} is {width:,} wide, and there are {samples:,} training samples: it can overfit, "
                "learning each of them, which says little of others.",
                narrower,
            )


def _narrowed(network: Network, at: int, width: int) -> Repair | None:
    """The layer made narrower, and the next Linear with it."""
    changed = network.change(at, network.layers[at].replace(out_features=width))
    follower = next((i for i in range(at + 1, len(network.layers)) if network.layers[i].name == "Linear"), None)
    if follower is not None:
        changed = changed.change(follower, network.layers[follower].replace(in_features=width))
    return _tried(Repair(f"layer {at + 1}: out_features = {width}", changed))


def _chance(network: Network) -> Iterator[Hint]:
    """Data in which there is nothing to find."""
    if network.settings.data.name == "lesson":
        yield Hint(
            "The lesson's numbers and labels are drawn by chance: what is learned of them is by heart, and says "
            "nothing of the test data."
        )


def fixes_of_hints(network: Network) -> list[Repair]:
    """What the hints offer."""
    return [hint.fix for hint in hints(network) if hint.fix is not None]

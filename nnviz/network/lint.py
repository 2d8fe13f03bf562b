"""The linter: diagnostics of networks that run but have a likely mistake, each with its reason and possibly a fix."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from nnviz import nn
from nnviz.data import datasets
from nnviz.network.candidates import last_sized
from nnviz.network.description import Network, with_rate
from nnviz.network.diagnostic import Diagnostic, Fix
from nnviz.network.fixes import ends_hidden, fit_to_data, read_out
from nnviz.network.job import Job, job_of
from nnviz.network.trace import Trace, trace
from nnviz.registry import Spec, Value

SURE = 0.995
"""A probability that is displayed as 100 %."""

FEW = 20_000
"""Data sets with more samples than this are not loaded to find the range of their targets."""

SLACK = 0.05
"""Fraction of the targets' range by which a target may exceed the outputs' bounds."""


def lint(network: Network) -> tuple[Diagnostic, ...]:
    """The diagnostics of `network`, the most important first; empty while it has an error."""
    return _lint(network, network.ids)


@lru_cache(maxsize=64)
def _lint(network: Network, ids: tuple[int, ...]) -> tuple[Diagnostic, ...]:  # noqa: ARG001 (the fixes contain them)
    found = trace(network)
    if not network.layers:
        return (
            Diagnostic("The stack is empty.", command="add"),
            Diagnostic("Presets are networks that are ready to train.", command="presets"),
        )
    if found.diagnostic is not None:
        return ()
    job = job_of(network)
    return (
        *_no_rate(network), *_maximizes(network), *_drops_all(network),
        *_unread(network, found, job), *_shares(network, found),
        *_last_and_loss(network, found), *_reach(network, job), *_scores(network, found, job),
        *_collapse(network, found), *_wide(network, job), *_chance(network), *_clamped(network, job),
    )  # fmt: skip


def _no_rate(network: Network) -> Iterator[Diagnostic]:
    """A learning rate of 0."""
    optimizer = network.settings.optimizer
    if optimizer.get("lr") != 0:
        return
    usual = with_rate(network, 0.01)
    yield Diagnostic(
        "The learning rate is 0: every step leaves the weights where they are, so nothing is learned.",
        fix=Fix("rate 0 → 0.01", usual),
        harm=9,
    )


def _maximizes(network: Network) -> Iterator[Diagnostic]:
    """An optimizer that climbs."""
    optimizer = network.settings.optimizer
    if optimizer.get("maximize") is not True:
        return
    descends = network.configure(replace(network.settings, optimizer=optimizer.replace(maximize=False)))
    yield Diagnostic(
        f"{optimizer.name} has maximize = True: every step, at rate {optimizer.get('lr')}, makes the loss larger, so "
        "the network learns to be wrong.",
        fix=Fix(f"{optimizer.name}: maximize = False", descends),
        harm=9,
    )


def _drops_all(network: Network) -> Iterator[Diagnostic]:
    """A dropout of everything."""
    for at, spec in enumerate(network.layers):
        layer = nn.layer_class(spec)
        if layer is None or not issubclass(layer, nn.Random) or spec.get("p") != 1:
            continue
        yield Diagnostic(
            f"Layer {at + 1} {spec.name} has p = 1: while training it makes every number 0, so nothing of the inputs "
            "passes it, and no gradient.",
            fix=Fix(f"layer {at + 1} {spec.name}: p = 0.5", network.change(at, spec.replace(p=0.5))),
            harm=9,
        )


def _clamped(network: Network, job: Job) -> Iterator[Diagnostic]:
    """A batch that is larger than the training data."""
    settings, samples = network.settings, job.schema.train
    if settings.batch > samples:
        yield Diagnostic(
            f"The batch is {settings.batch:,}, and there are {samples:,} training samples: each step takes all of "
            "them, so an epoch is a single step.",
            fix=Fix(f"batch {settings.batch:,} → {samples:,}", network.configure(replace(settings, batch=samples))),
        )


def _tried(fix: Fix) -> Fix | None:
    """A fix that changes shapes, if the network is valid after it."""
    return fix if trace(fix.network).diagnostic is None else None


def _passes_on(spec: Spec) -> bool:
    """Whether a layer is the identity."""
    return nn.facts_of(spec).changes == "nothing"


def _last(network: Network) -> int:
    """The position of the layer that computes the outputs; layers after it change at most the shape."""
    at = len(network.layers) - 1
    while at > 0 and nn.facts_of(network.layers[at]).changes != "numbers":
        at -= 1
    return at


def linear_chains(network: Network) -> list[tuple[int, int]]:
    """The chains of two or more linear layers with nothing but identity layers between them.

    Returns:
        The half-open range of positions of each; it starts and ends with a linear layer.
    """
    runs, at = [], 0
    joined = {spec.get("row") for spec in network.layers if "row" in dict(spec.arguments)}
    while at < len(network.layers):
        end, count, place = at, 0, at
        while place < len(network.layers):
            linear = nn.facts_of(network.layers[place]).linear
            if not linear and not (count and _passes_on(network.layers[place])):
                break
            place += 1
            if linear:
                end, count = place, count + 1
            # An output that another layer reads as well must be kept.
            if place in joined:
                break
        if count > 1:
            runs.append((at, end))
        at = max(end, at + 1)
    return runs


def _without(network: Network, at: int) -> Fix:
    return Fix(f"remove layer {at + 1} {network.layers[at].name}", network.remove(at))


def _append(network: Network, layer: type[nn.Module]) -> Fix:
    at, spec = len(network.layers), nn.usual.plain(layer)
    return Fix(f"add {spec.name} as layer {at + 1}", network.insert(at, spec))


def _made(network: Network, at: int, spec: Spec) -> Fix:
    return Fix(f"make layer {at + 1} {spec.name}", network.change(at, spec))


def _shares(network: Network, found: Trace) -> Iterator[Diagnostic]:
    """A softmax or the like along an axis where it is meaningless."""
    for at, spec in enumerate(network.layers):
        shape, share = found.rows[at].output, nn.facts_of(spec).share
        if share is None or not shape:
            continue
        axis = share.axis(len(shape))
        if axis == 0:
            last = len(shape) - 1
            fix = Fix(f"layer {at + 1} {spec.name}: dim = {last}", network.change(at, spec.replace(dim=last)))
            yield Diagnostic(
                f"Layer {at + 1} {spec.name} normalizes along the samples of a batch, not along the features: its "
                "output for one sample depends on the others.",
                fix=fix if "dim" in dict(spec.arguments) else _without(network, at),
            )
        elif shape[axis] == 1:
            yield Diagnostic(
                f"Layer {at + 1} {spec.name} normalizes a single number: it always gives {0 if share.log else 1}, so "
                "the layers above it get no gradient.",
                fix=_made(network, at, nn.usual.probability()),
            )


@dataclass(frozen=True)
class _End:
    """The end of a network.

    Attributes:
        network: the network.
        at, spec: the layer that computes the outputs.
        facts: its facts.
        loss: the loss after it.
        scores: how many outputs there are for each sample.
    """

    network: Network
    at: int
    spec: Spec
    facts: nn.Facts
    loss: type[nn.Loss]
    scores: int

    @property
    def before(self) -> str:
        """The layer and the loss, by name."""
        return f"{self.spec.name} before {self.network.settings.loss.name}"

    @property
    def applied(self) -> bool:
        """Whether the loss applies the same function itself."""
        layer = nn.layer_class(self.spec)
        return layer is not None and self.loss.applies is not None and issubclass(layer, self.loss.applies)


def _last_and_loss(network: Network, found: Trace) -> Iterator[Diagnostic]:
    """A last layer that repeats what the loss computes, or whose outputs the loss does not expect."""
    at, loss = _last(network), nn.loss_class(network.settings.loss)
    spec = network.layers[at]
    facts = nn.facts_of(spec)
    # For a layer along the samples, `_shares` has yielded a diagnostic already.
    if loss is None or (facts.share is not None and facts.share.dim == 0):
        return
    end = _End(network, at, spec, facts, loss, (found.output or (1,))[-1])
    if loss.wants == "logits":
        yield from (_before_shares if loss.target == "classes" else _before_sigmoid)(end)
    elif loss.wants == "probabilities":
        yield from _before_probabilities(end)
    elif loss.wants == "log-probabilities":
        yield from _before_logarithms(end)


def _before_shares(end: _End) -> Iterator[Diagnostic]:
    """Before a loss that applies a softmax to logits."""
    share, outputs, applies = end.facts.share, end.facts.outputs, end.loss.applies
    own = None if applies is None else applies.facts({}).share
    if share is not None and own is not None:
        twice = f"{share.word} twice" if share.word == own.word else f"{share.word}, then {own.word}"
        yield Diagnostic(
            f"{end.before}, which applies it itself: the second time changes nothing."
            if end.applied
            else f"{end.before}, which applies {'log-' if own.log else ''}{own.word} itself: {twice}. It runs, but "
            "learns slowly, because the scores are confined to 0 to 1.",
            fix=_without(end.network, end.at),
        )
    elif outputs.clips and outputs.high == math.inf:
        yield Diagnostic(
            f"{end.before}, whose scores may be any numbers: those below {outputs.low:g} become {outputs.low:g} and "
            f"get no gradient, so nothing is learned from a sample with none above {outputs.low:g}.",
            fix=_without(end.network, end.at),
        )
    elif outputs.extent < math.inf:
        surest = 1 / (1 + (end.scores - 1) * math.exp(-outputs.extent))
        # Wide bounds do not matter.
        if surest < SURE:
            yield Diagnostic(
                f"{end.before}, whose scores may be any numbers: it keeps them {_words(outputs)}, so the network "
                f"cannot become confident: with {end.scores} scores no class gets more than {surest:.0%}.",
                fix=_without(end.network, end.at),
            )


def _before_sigmoid(end: _End) -> Iterator[Diagnostic]:
    """Before a loss that applies a sigmoid to each logit."""
    outputs = end.facts.outputs
    if end.applied:
        yield Diagnostic(
            f"{end.before}, which applies it itself: {end.spec.name.lower()} twice. It runs, but learns slowly.",
            fix=_without(end.network, end.at),
        )
    elif outputs.bounded:
        low, high = _sigmoid(outputs.low), _sigmoid(outputs.high)
        if low > 1 - SURE or high < SURE:
            between = f"from {low:.0%} to {high:.0%}" if high < 1 else f"of {low:.0%} or more"
            yield Diagnostic(
                f"{end.before}, whose scores may be any numbers: it keeps them {_words(outputs)}, so the network can "
                f"only give probabilities {between}.",
                fix=_without(end.network, end.at),
            )


def _sigmoid(bound: float) -> float:
    """1 / (1 + e⁻ᶻ), computed without overflow."""
    return 0.5 * (1 + math.tanh(bound / 2))


def _before_probabilities(end: _End) -> Iterator[Diagnostic]:
    """Before a loss that expects probabilities."""
    if not end.facts.probabilities:
        yield Diagnostic(
            f"{end.network.settings.loss.name} expects probabilities, 0 to 1, and the outputs are not bounded: "
            "training stops with an error as soon as one lies outside.",
            fix=None if end.loss.made_by is None else _append(end.network, end.loss.made_by),
        )


def _before_logarithms(end: _End) -> Iterator[Diagnostic]:
    """Before a loss that expects log-probabilities."""
    if end.facts.log_probabilities:
        return
    fix, made_by = None, end.loss.made_by
    if made_by is not None:
        wanted, share = made_by.facts({}).share, end.facts.share
        same = wanted is not None and share is not None and wanted.word == share.word
        fix = _made(end.network, end.at, nn.usual.plain(made_by)) if same else _append(end.network, made_by)
    yield Diagnostic(
        f"{end.network.settings.loss.name} expects log-probabilities, and the last layer computes other values: the "
        "loss can decrease without any learning.",
        fix=fix,
    )


def _words(bounds: nn.Range) -> str:
    if bounds.high == math.inf:
        return f"at {bounds.low:g} or more"
    return f"at {bounds.high:g} or less" if bounds.low == -math.inf else f"between {bounds.low:g} and {bounds.high:g}"


def _reach(network: Network, job: Job) -> Iterator[Diagnostic]:
    """Targets outside the range of the last activation."""
    at, loss = _last(network), nn.loss_class(network.settings.loss)
    spec, bounds = network.layers[at], nn.facts_of(network.layers[at]).outputs
    # Losses of probabilities have their own diagnostics.
    if loss is None or loss.wants != "values" or loss.target != "values" or not bounds.bounded:
        return
    # The range is known only from the data, which are loaded if that takes no longer than a refresh of the screen.
    if job.schema.samples > FEW:
        return
    data = job.data()
    low, high = float(data.train_y.min()), float(data.train_y.max())
    slack = SLACK * (high - low)
    if low < bounds.low - slack or high > bounds.high + slack:
        yield Diagnostic(
            f"{spec.name} gives only numbers {_words(bounds)}, and the targets (scaled) go from {low:.2g} to "
            f"{high:.2g}: some are out of reach.",
            fix=_without(network, at),
        )


def _more_than_classes(found: Trace, job: Job) -> bool:
    wanted = job.loss.target == "classes"
    return wanted and found.output is not None and found.output[-1] > job.schema.outputs


def _unread(network: Network, found: Trace, job: Job) -> Iterator[Diagnostic]:
    """A network that ends in a hidden layer: the layer that computes the scores is missing."""
    if found.output is None or not ends_hidden(network) or not _more_than_classes(found, job):
        return
    text, changed = next(read_out(network, found.output, job.schema.outputs), ("", network))
    missing = nn.usual.linear(found.output[-1], job.schema.outputs).name
    yield Diagnostic(
        f"The stack ends in {network.layers[-1].name} with {found.output[-1]} numbers, and {job.schema.name} has "
        f"{job.schema.outputs} classes: a {missing} layer is missing, which computes a score for each class.",
        fix=_tried(Fix(text, changed)) if text else None,
    )


def _scores(network: Network, found: Trace, job: Job) -> Iterator[Diagnostic]:
    """More scores than classes."""
    classes = job.schema.outputs
    if found.output is None or ends_hidden(network) or not _more_than_classes(found, job):
        return
    at = last_sized(network)
    fix = None
    if at is not None and network.layers[at]["out_features"] == found.output[-1]:
        spec = network.layers[at].replace(out_features=classes)
        fix = _tried(Fix(f"layer {at + 1} {spec.name}: out_features = {classes}", network.change(at, spec)))
    yield Diagnostic(
        f"The stack gives {found.output[-1]} scores and {job.schema.name} has {classes} classes: the others are "
        "never correct, and only learn to be small.",
        fix=fix,
    )


def _collapse(network: Network, found: Trace) -> Iterator[Diagnostic]:
    """Consecutive linear layers."""
    for first, end in linear_chains(network):
        rows = found.rows
        n, m = (rows[first].input or (0,))[-1], (rows[end - 1].output or (0,))[-1]
        between, one = nn.usual.activation(), nn.layers.label(nn.usual.linear(n, m))
        fix = Fix(
            f"insert {between.name} between layers {first + 1} and {first + 2}",
            network.insert(first + 1, between),
        )
        names = f"Layers {first + 1} and {end}" if end - first == 2 else f"Layers {first + 1} to {end}"
        yield Diagnostic(
            f"{names} are linear with no activation between them: together they equal one {one}, "
            "and cannot do more than it.",
            fix=fix,
            command="collapse",
        )


def _wide(network: Network, job: Job) -> Iterator[Diagnostic]:
    """A layer with more units than there are training samples."""
    samples = job.schema.train
    for at, spec in enumerate(network.layers):
        width: Value = spec.get("out_features")
        if isinstance(width, int) and width > samples and at < len(network.layers) - 1:
            narrower = _narrowed(network, at, 2 ** max((samples // 4).bit_length() - 1, 1))
            yield Diagnostic(
                f"Layer {at + 1} is {width:,} wide, and there are {samples:,} training samples: it can overfit, "
                "that is, fit them without generalizing.",
                fix=narrower,
            )


def _narrowed(network: Network, at: int, width: int) -> Fix | None:
    """A narrower layer, with the next layer's `in_features` adapted."""
    changed = network.change(at, network.layers[at].replace(out_features=width))
    follower = next((i for i in range(at + 1, len(network.layers)) if network.layers[i].get("in_features")), None)
    if follower is not None:
        changed = changed.change(follower, network.layers[follower].replace(in_features=width))
    return _tried(Fix(f"layer {at + 1}: out_features = {width}", changed))


def _chance(network: Network) -> Iterator[Diagnostic]:
    """Data without any pattern."""
    if network.settings.data.name == "lesson":
        yield Diagnostic(
            "The lesson's inputs and labels are drawn at random: a network that fits them overfits, and does not "
            "generalize to the test data.",
            fix=_with_a_pattern(network),
        )


def _with_a_pattern(network: Network) -> Fix | None:
    """The same stack on data from which something can be learned."""
    settings = network.settings
    changed, _ = fit_to_data(network.configure(replace(settings, data=datasets.check(Spec("digits")))))
    return _tried(Fix("train on digits, in a new run: the stack is fitted to them", changed))


def suggested_fixes(network: Network) -> list[Fix]:
    """The fixes of the linter's diagnostics."""
    return [hint.fix for hint in lint(network) if hint.fix is not None]

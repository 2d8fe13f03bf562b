"""What is wrong with a run that trains, judged from its numbers at given steps: pure functions, without any clock.

A run is checked at steps that follow from the network alone (see `checkup`). What was found at one check stays until
the numbers of later checks say otherwise: each kind begins at one bound and ends at a laxer one, and what is noisy
must be so at two checks in a row. The same run therefore has the same findings at the same step, however fast it was
trained and whatever was looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["NaN", "above", "grown", "dead", "lost", "fast", "flat", "slow", "still", "drift"]

KINDS: tuple[Kind, ...] = ("NaN", "above", "grown", "dead", "lost", "fast", "flat", "slow", "still", "drift")
"""All kinds, the most harmful first.

NaN: numbers of a layer are not finite. above: the loss is far above that of guessing. grown: the gradient explodes on
its way back. dead: units whose f′ is 0 for every sample. lost: the gradient of a layer has vanished. fast, slow: the
updates are too large or too small beside the weights. flat: numbers that meet a flat activation. still: the loss does
not move. drift: the test loss rises while the training loss falls.
"""

DEAD, ALIVE = 0.5, 0.4
"""A layer is dead where more than the first share of its units is, until less than the second is."""

FLAT, CURVED = 0.9, 0.8
"""A layer is flat where more than the first share of the numbers that it takes in meets |f′| < 0.01.

Whoever is sure saturates: of a spiral solved to the last point, half to two thirds of the numbers in the second Tanh
are flat, and it learns on by the others, which lie near the boundary. Only where less than a tenth is left is there
hardly anything that a gradient passes through.
"""

LOST, FOUND = 1e-6, 1e-5
"""A gradient is lost where it is this small a part of the largest, until it is more than the second part."""

GROWN, SHRUNK = 1e3, 1e2
"""A gradient explodes where ∂L/∂output is so many times as large at an early layer as at the last."""

ABOVE, BELOW = 3.0, 2.0
"""A loss is far above that of guessing where it is so many times as large, until it is less than the second number."""

FAST, CALM = 0.3, 0.1
"""‖update‖/‖weights‖ of a rate that is too large; 1e-3 is usual."""

LEAP = 1.0
"""A first update that is so many times as large as the weights is of a rate that is too large: it throws them away."""

SLOW, BRISK = 1e-5, 3e-5
"""‖update‖/‖weights‖ of a rate that is too small."""

PULL = 0.05
"""‖gradient‖·‖weights‖/loss from which on the weights matter for the loss: at a minimum it is 0, and so it nearly is
for weights that are tiny."""

LEARNED = 0.5
"""Share of the loss of guessing below which a network has learned; what would keep it from learning is no trouble."""

STILL, MOVES = 0.003, 0.01
"""A loss does not move where it changes by less than this share of the loss of guessing."""

WINDOW = 20
"""Epochs over which a loss must not move, or a quarter of all, if that is more."""

DRIFT, CLOSE = 1.5, 1.25
"""The test loss over its lowest from which on it drifts away, and until which."""

WORSE, BETTER = 1.02, 0.8
"""Times the loss of guessing: a test loss above the first, with a training loss below the second, drifts as well."""

PATIENCE: Mapping[Kind, int] = {"above": 2, "grown": 2, "fast": 2, "slow": 2, "still": 2, "drift": 2}
"""Checks in a row at which a noisy kind must be so, or no longer so; 1 for all others."""


@dataclass(frozen=True)
class LayerCheck:
    """The numbers of one layer at a check; see `LayerSeen`.

    Attributes:
        layer: its id.
        bad: whether an output or the gradient is not finite.
        dead: share of its units that are dead; NaN where it is no elementwise activation.
        flat: share of the numbers that meet a flat activation; NaN likewise, and where one side is flat by nature.
        signal: root mean square of ∂L/∂(its output).
        gradient, update, weights: norms over its parameters; NaN where it has none.
    """

    layer: int
    bad: bool
    dead: float
    flat: float
    signal: float
    gradient: float
    update: float
    weights: float


@dataclass(frozen=True)
class Trend:
    """How the losses have moved since the last change of the run, over the epochs that were measured.

    Attributes:
        epochs: how many epochs the window has.
        before, now: the median training loss of the first and of the second half of the window.
        test: the median test loss of the last quarter of the window.
        best: the lowest test loss so far.
        since: how many epochs ago that was.
    """

    epochs: float = 0.0
    before: float = math.nan
    now: float = math.nan
    test: float = math.nan
    best: float = math.nan
    since: float = 0.0


@dataclass(frozen=True)
class Check:
    """All numbers of a run at one step.

    Attributes:
        step: how many steps were taken.
        loss: over the fixed samples, in evaluation mode.
        guess: the loss of the best constant answer.
        samples: how many samples were looked at.
        layers: from the input to the loss.
        trend: how the losses have moved.
    """

    step: int
    loss: float
    guess: float
    samples: int
    layers: tuple[LayerCheck, ...]
    trend: Trend = field(default_factory=Trend)

    def layer(self, identity: int) -> LayerCheck:
        """The numbers of the layer with this id."""
        return next(one for one in self.layers if one.layer == identity)

    @property
    def ratio(self) -> float:
        """‖update‖/‖weights‖ over all layers; NaN where nothing is trained."""
        return _ratio([one.update for one in self.layers], [one.weights for one in self.layers])

    @property
    def pull(self) -> float:
        """‖gradient‖·‖weights‖/loss over all layers: the relative change of the loss for a relative change of them."""
        gradient, weights = _norm([one.gradient for one in self.layers]), _norm([one.weights for one in self.layers])
        return gradient * weights / self.loss if self.loss > 0 else math.nan

    @property
    def largest(self) -> float:
        """The largest gradient of a layer; NaN where there is none."""
        return max((one.gradient for one in self.layers if math.isfinite(one.gradient)), default=math.nan)

    @property
    def growth(self) -> float:
        """How many times as large ∂L/∂output is at its largest as at the last layer; NaN where it is not known."""
        signals = [one.signal for one in self.layers if math.isfinite(one.signal)]
        return max(signals) / signals[-1] if signals and signals[-1] > 0 else math.nan

    @property
    def learned(self) -> bool:
        """Whether the loss is far below that of guessing."""
        return self.loss < LEARNED * self.guess


def _norm(values: list[float]) -> float:
    return math.sqrt(sum(value * value for value in values if not math.isnan(value)))


def _ratio(updates: list[float], weights: list[float]) -> float:
    norm = _norm(weights)
    return _norm(updates) / norm if norm > 0 else math.nan


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        kind: what.
        layer: the id of the layer; None where it is of the whole network.
        since: the step of the check at which it was found.
    """

    kind: Kind
    layer: int | None
    since: int


Key = tuple[Kind, "int | None"]


@dataclass(frozen=True)
class Health:
    """What was found in a run since its last change.

    Attributes:
        first: the first check, at the start or right after the change.
        last: the newest check.
        findings: what is wrong, the most harmful first; of one kind, from the input to the loss.
        levels: of every kind at the newest check: 1 where it is so, −1 where it is not, 0 in between.
        since: the step of the last change, from which the steps of the checks are counted.
    """

    first: Check
    last: Check
    findings: tuple[Finding, ...] = ()
    levels: Mapping[Key, int] = field(default_factory=dict, repr=False)
    since: int = 0

    def of(self, kind: Kind) -> tuple[Finding, ...]:
        """The findings of one kind."""
        return tuple(found for found in self.findings if found.kind == kind)


LAYERED: frozenset[Kind] = frozenset({"NaN", "dead", "lost", "flat"})
"""The kinds that are of a layer; all others are of the whole network."""


def agrees(finding: Finding, check: Check) -> bool:
    """Whether a finding can be there after this check, which the last of its run is.

    One of a layer ends at once where the numbers say otherwise, so that it follows from them; one of the whole network
    may outlast a check.
    """
    if (finding.kind in LAYERED) != (finding.layer is not None):
        return False
    return finding.layer is None or dict(_levels(check, None)).get((finding.kind, finding.layer), -1) >= 0


def judge(before: Health | None, check: Check) -> Health:
    """The health after one more check.

    Args:
        before: after the check before; None at the first.
        check: the new numbers.
    """
    levels = dict(_levels(check, before))
    known = {(found.kind, found.layer): found for found in before.findings} if before else {}
    former = before.levels if before else {}
    findings = []
    for key, level in levels.items():
        kind, layer = key
        at_once = PATIENCE.get(kind, 1) == 1 or (kind == "fast" and before is None and _leaps(check))
        lasting = at_once or former.get(key) == level
        if key in known:
            if not (level == -1 and lasting):
                findings.append(known[key])
        elif level == 1 and lasting:
            findings.append(Finding(kind, layer, check.step))
    findings.sort(key=lambda found: KINDS.index(found.kind))
    return Health(before.first if before else check, check, tuple(findings), levels, before.since if before else 0)


def _levels(check: Check, before: Health | None) -> Iterator[tuple[Key, int]]:
    """Every kind at this check: 1 where it is so, −1 where it is not, 0 in between."""
    for one in check.layers:
        yield ("NaN", one.layer), 1 if one.bad else -1
        yield ("dead", one.layer), _over(one.dead, DEAD, ALIVE)
        # Whoever is sure saturates: the Sigmoid of a solved problem is flat for every sample.
        yield ("flat", one.layer), -1 if check.learned else _over(one.flat, FLAT, CURVED)
        yield ("lost", one.layer), -1 if check.learned or one.bad else _lost(check, one)
    known = check.guess > 0
    above = _over(check.loss / check.guess, ABOVE, BELOW) if known else -1
    # One that is on its way down from a bad start is left to fall.
    falls = before is not None and 2 * check.loss < before.last.loss
    yield ("above", None), 0 if above == 1 and falls else above
    unlearned = known and not check.learned
    yield ("grown", None), _over(check.growth, GROWN, SHRUNK) if unlearned else -1
    first = before.first if before else check
    yield ("fast", None), (1 if _leaps(first) else _fast(check)) if unlearned else -1
    # An update of 0 is one that is lost in rounding, where there is a gradient.
    slow = unlearned and check.ratio < BRISK and check.pull > PULL
    yield ("slow", None), (1 if check.ratio < SLOW else 0) if slow else -1
    yield ("still", None), _still(check) if unlearned else -1
    yield ("drift", None), _drift(check) if known else -1


def _over(value: float, begins: float, ends: float) -> int:
    """Whether a value lies above the bound where something begins, or below that where it ends; NaN lies below."""
    return 1 if value > begins else 0 if value > ends else -1


def _leaps(first: Check) -> bool:
    """Whether the first update threw the weights away, and these said something."""
    return first.ratio > LEAP and first.pull > PULL


def _fast(check: Check) -> int:
    """Weights that hardly matter for the loss are small, drawn so or pulled to 0: no smaller rate makes them larger."""
    return _over(check.ratio, FAST, CALM) if check.pull > PULL else -1


def _lost(check: Check, one: LayerCheck) -> int:
    """A gradient that vanishes on its way back: beside that of a later layer."""
    at = check.layers.index(one)
    later = max((other.gradient for other in check.layers[at:] if math.isfinite(other.gradient)), default=math.nan)
    if math.isnan(one.gradient) or math.isnan(later):
        return -1
    return 1 if one.gradient <= LOST * later else 0 if one.gradient <= FOUND * later else -1


def _still(check: Check) -> int:
    trend = check.trend
    if trend.epochs < WINDOW or math.isnan(trend.now):
        return -1
    moved = abs(trend.now - trend.before) / check.guess
    return 1 if moved < STILL else 0 if moved < MOVES else -1


def _drift(check: Check) -> int:
    """The test loss has risen far above its lowest, and lies far above the training loss."""
    trend = check.trend
    if trend.epochs < WINDOW:
        return -1
    # Better than guessing on what it was trained on, and worse on what it was not.
    if trend.test > WORSE * check.guess and trend.now < BETTER * check.guess:
        return 1
    if not trend.test > 2 * trend.now:
        return -1
    rise = trend.test - trend.best
    if rise > 0.1 * check.guess and trend.test > DRIFT * trend.best and trend.since >= WINDOW / 2:
        return 1
    return 0 if trend.test > CLOSE * trend.best else -1

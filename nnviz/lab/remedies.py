"""What is wrong with a run, in words with its numbers, and what would repair it: from the health to diagnostics."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from nnviz import nn
from nnviz.lab.rate import stepped, usual_rate
from nnviz.network import Diagnostic, Fix, Network, lint, with_rate
from nnviz.nn.init import initializers
from nnviz.registry import Spec
from nnviz.run import Check, Health
from nnviz.run.health import ABOVE, KINDS, LEAP, PULL, Kind
from nnviz.text import percent

WELCOME = 2e-2
"""‖update‖/‖weights‖ that a repaired rate aims at in its first step, which is the largest of Adam and its like.

It is rounded down to 1, 3, 10, ...; later on, 1e-3 is usual.
"""

LOWEST, HIGHEST = 1e-6, 1.0
"""The rates that a repair may lead to."""

NAMED = 3
"""Most layers that are named for one trouble; of more, the first."""

HIDES: Mapping[Kind, frozenset[Kind]] = {
    "NaN": frozenset({"above", "grown", "fast", "flat", "lost", "still", "drift"}),
    "above": frozenset({"grown", "dead", "lost", "fast", "flat", "still", "drift"}),
    "grown": frozenset({"still"}),
    "dead": frozenset({"lost", "fast", "slow", "still"}),
    "lost": frozenset({"slow", "still"}),
    "fast": frozenset({"flat", "still"}),
    "flat": frozenset({"still"}),
    "slow": frozenset({"still"}),
}
"""What is not said beside a kind, because it follows from it."""


def diagnose(network: Network, health: Health) -> tuple[Diagnostic, ...]:
    """What is wrong, the most harmful first; each with its numbers, why, and a repair.

    Args:
        network: the network as it is now; layers that it no longer has are left out.
        health: of the run.
    """
    by_kind: dict[Kind, list[int]] = {}
    known = {layer: at for at, layer in enumerate(network.ids)}
    for found in health.findings:
        if found.layer is None or found.layer in known:
            at = -1 if found.layer is None else known[found.layer]
            by_kind.setdefault(found.kind, []).append(at)
    hidden = frozenset[Kind]().union(*(HIDES.get(kind, frozenset()) for kind in by_kind))
    return tuple(
        WORDS[kind](network, health, sorted(by_kind[kind])) for kind in KINDS if kind in by_kind and kind not in hidden
    )


def smaller_rate(network: Network, health: Health | None) -> Fix:
    """A rate at which the updates are small beside the weights; from the start where the weights are spoilt."""
    rate = rate_of(network)
    chosen = _fitting_rate(rate, health.first if health else None)
    chosen = min(chosen, stepped(rate, -1)) if rate > 0 else chosen
    spoilt = health is not None and any(found.kind in ("NaN", "above") for found in health.findings)
    start = "start again, " if spoilt else ""
    return Fix(f"{start}rate {rate:g} → {chosen:g}", with_rate(network, chosen), restart=spoilt)


def rate_of(network: Network) -> float:
    """The learning rate."""
    return float(str(network.settings.optimizer.get("lr", 0.0)))


def _fitting_rate(rate: float, check: Check | None) -> float:
    """The rate of 1, 3, 10, ... at which the updates would be as large as they should be."""
    if check is None or not 0 < check.ratio < math.inf or rate <= 0:
        return max(min(rate / 10, HIGHEST), LOWEST)
    return stepped(min(max(rate * WELCOME / check.ratio, LOWEST), HIGHEST) * 1.01, -1)


def _name(network: Network, at: int) -> str:
    return f"layer {at + 1} {network.layers[at].name[:40]}"


def _names(network: Network, positions: Iterable[int]) -> str:
    first, *others = positions
    if not others:
        return _name(network, first)
    named = ", ".join(str(at + 1) for at in (first, *others[: NAMED - 1]))
    return f"layers {named}{f' and {len(others) + 1 - NAMED} more' if len(others) >= NAMED else ''}"


def _shares(network: Network, positions: list[int], share: Callable[[int], float]) -> str:
    words = [f"{_name(network, at)}: {percent(share(network.ids[at]))}" for at in positions[:NAMED]]
    return "; ".join(words) + (f"; {len(positions) - NAMED} more layers: most" if len(positions) > NAMED else "")


def _not_finite(network: Network, health: Health, positions: list[int]) -> Diagnostic:
    return Diagnostic(
        f"{_name(network, positions[0])} is the first with numbers or gradients that are not finite at step "
        f"{health.last.step:,}: nothing can be learned from them.",
        fix=smaller_rate(network, health),
        harm=10,
    )


def _above(network: Network, health: Health, positions: list[int]) -> Diagnostic:  # noqa: ARG001
    check = health.last
    return Diagnostic(
        f"At step {check.step:,} the loss was {check.loss:.3g}, and that of guessing, without looking at the inputs, "
        f"is {check.guess:.3g}: the weights are far off. The "
        f"first update was {health.first.ratio:.2g} of the weights; 0.001 is usual.",
        fix=_standardized(network, health.first) or smaller_rate(network, health),
        harm=9,
    )


def _standardized(network: Network, first: Check) -> Fix | None:
    """Standardize the data, where the loss was far off before any step, and the rate is not what is too large."""
    settings = network.settings
    if settings.data.get("standardize") is not False or first.ratio > LEAP or first.loss <= ABOVE * first.guess:
        return None
    data = settings.data.replace(standardize=True)
    return Fix("standardize the data, start again", network.configure(replace(settings, data=data)), restart=True)


def _grown(network: Network, health: Health, positions: list[int]) -> Diagnostic:  # noqa: ARG001
    fix = _drawn_again(network)
    if fix is None:
        fix = replace(smaller_rate(network, health), restart=True)
        fix = replace(fix, text=fix.text if fix.text.startswith("start") else f"start again, {fix.text}")
    return Diagnostic(
        f"The gradient explodes on its way back: at step {health.last.step:,} ∂L/∂output was up to "
        f"{health.last.growth:.3g} times as large as at the last layer, so the first layers are thrown about.",
        fix=fix,
        harm=8,
    )


def _drawn_again(network: Network) -> Fix | None:
    """Weights drawn by a rule that keeps numbers as large from layer to layer, if they are not yet."""
    settings = network.settings
    if settings.initialization.name not in initializers or initializers[settings.initialization.name].category != PLAIN:
        return None
    rule = initializers.check(Spec(KEEPING))
    return Fix(f"start again, initialized by {rule.name}", network.configure(replace(settings, initialization=rule)))


PLAIN = "plain"
"""The category of the initializations that know nothing of the sizes of layers."""

KEEPING = "kaiming_uniform"
"""The rule that keeps numbers as large from layer to layer where half of them are cut off."""


def _dead(network: Network, health: Health, positions: list[int]) -> Diagnostic:
    changed, text = network, f"{_names(network, positions)} → {nn.usual.leaky().name}"
    for at in positions:
        changed = changed.change(at, nn.usual.leaky())
    if _too_large(health.first):
        slower = smaller_rate(network, health)
        changed, text = changed.configure(slower.network.settings), f"{text}, {slower.text}"
    shares = _shares(network, positions, lambda layer: health.last.layer(layer).dead)
    return Diagnostic(
        f"{shares} of the units are dead: at step {health.last.step:,} f′ was 0 for each of {health.last.samples:,} "
        "samples, so they pass no gradient on.",
        fix=_drawn_again(network) or Fix(text, changed),
        harm=2 if health.last.learned else 7,
    )


def _too_large(check: Check) -> bool:
    return check.ratio > LEAP


def _lost(network: Network, health: Health, positions: list[int]) -> Diagnostic:
    check = health.last
    gradients = {one.layer: one.gradient for one in check.layers if one.gradient > 0 and one.layer in network.ids}
    if not gradients:
        why = "no gradient arrives, so nothing is learned"
    else:
        top = max(gradients, key=lambda layer: gradients[layer])
        least = min(check.layer(network.ids[at]).gradient for at in positions)
        why = (
            f"the gradient has vanished: at step {check.step:,} ‖∂L/∂w‖ was down to {least:.1e}, beside "
            f"{gradients[top]:.1e} in {_name(network, network.ids.index(top))}, so hardly anything is learned"
        )
    fix = _less_decay(network, health, positions) or _drawn_again(network) or _open_up(network)
    return Diagnostic(f"{_names(network, positions)}: {why}.", fix=fix, harm=6)


SHRUNKEN = 0.01
"""Weights that are so small a part of what they were have been pulled to 0."""


def _less_decay(network: Network, health: Health, positions: list[int]) -> Fix | None:
    """A tenth of the penalties, from the start, where they have pulled the weights of these layers to 0."""
    settings = network.settings
    decay = settings.optimizer.get("weight_decay")
    known = {one.layer: one.weights for one in health.first.layers}
    now = [(known.get(one := network.ids[at], math.nan), health.last.layer(one).weights) for at in positions]
    if not any(after < SHRUNKEN * before for before, after in now):
        return None
    said = []
    if isinstance(decay, int | float) and decay > 0:
        less = float(f"{decay / 10:g}")
        settings = replace(settings, optimizer=settings.optimizer.replace(weight_decay=less))
        said.append(f"weight decay (L2) {decay:g} → {less:g}")
    if settings.l1:
        said.append(f"L1 {settings.l1:g} → {settings.l1 / 10:g}")
        settings = replace(settings, l1=float(f"{settings.l1 / 10:g}"))
    return Fix(f"start again, {', '.join(said)}", network.configure(settings), restart=True) if said else None


STRONG = 0.1
"""The highest rate for layers that the whole gradient reaches."""


def _open_up(network: Network) -> Fix | None:
    """Activations that do not saturate, with weights drawn for them."""
    changed, swapped = network, []
    for at, spec in enumerate(network.layers[:-1]):
        outputs = nn.facts_of(spec).outputs
        made_by = nn.layer_class(spec)
        elementwise = made_by is not None and issubclass(made_by, nn.Activation) and made_by.elementwise
        if elementwise and math.isfinite(outputs.extent):
            changed = changed.change(at, nn.usual.leaky())
            swapped.append(at)
    rule = initializers.check(Spec(KEEPING))
    if swapped or network.settings.initialization != rule:
        swaps = f"{_names(network, swapped)} → {nn.usual.leaky().name}, " if swapped else ""
        changed = changed.configure(replace(network.settings, initialization=rule))
        rate, slower = rate_of(network), ""
        if rate > STRONG:
            changed, slower = with_rate(changed, STRONG), f", rate {rate:g} → {STRONG:g}"
        return Fix(f"{swaps}start again, initialized by {rule.name}{slower}", changed)
    return None


def _fast(network: Network, health: Health, positions: list[int]) -> Diagnostic:  # noqa: ARG001
    first, last, rate = health.first.ratio, health.last.ratio, rate_of(network)
    which, ratio = "The first step moves", first
    if first < last:
        which, ratio = f"At step {health.last.step:,} a step moves", last
    return Diagnostic(
        f"{which} the weights by {ratio:.2g} of their size: the rate, {rate:g}, is too large; 0.001 is usual. What a "
        "step learns, the next one undoes.",
        fix=smaller_rate(network, health),
        harm=6,
    )


def _slow(network: Network, health: Health, positions: list[int]) -> Diagnostic:  # noqa: ARG001
    rate = rate_of(network)
    if health.last.ratio == 0:
        # How much larger it must be cannot be told from an update of 0.
        chosen = max(usual_rate(network), stepped(rate, 1))
        return Diagnostic(
            f"At step {health.last.step:,} the weights stay as they are, though there is a gradient: the rate, "
            f"{rate:g}, is so small that every update is lost in rounding.",
            fix=Fix(f"rate {rate:g} → {chosen:g}", with_rate(network, chosen)),
            harm=5,
        )
    chosen = max(_fitting_rate(rate, health.last), stepped(rate, 1))
    return Diagnostic(
        f"At step {health.last.step:,} a step moves the weights by {health.last.ratio:.1e} of their size: the "
        f"rate, {rate:g}, is too small; 0.001 is usual. It would take very many steps.",
        fix=Fix(f"rate {rate:g} → {chosen:g}", with_rate(network, chosen)),
        harm=5,
    )


def _flat(network: Network, health: Health, positions: list[int]) -> Diagnostic:
    shares = _shares(network, positions, lambda layer: health.last.layer(layer).flat)
    return Diagnostic(
        f"{shares} of the numbers meet a flat activation, |f′| < 0.01, at step {health.last.step:,}: hardly any "
        "gradient passes.",
        fix=_drawn_again(network) or _open_up(network),
        harm=5,
    )


def _still(network: Network, health: Health, positions: list[int]) -> Diagnostic:  # noqa: ARG001
    trend, why, fix = health.last.trend, "", _penalty_less(network, health) or _drawn_larger(network, health)
    if fix is not None:
        why = f" {fix[0]}"
    return Diagnostic(
        f"The loss has not moved for {trend.epochs:,.0f} epochs: {trend.before:.4g} then, {trend.now:.4g} at step "
        f"{health.last.step:,}; guessing gives {health.last.guess:.4g}.{why}",
        fix=fix[1] if fix is not None else _more_able(network, health.last),
        harm=4,
    )


def _penalty_less(network: Network, health: Health) -> tuple[str, Fix] | None:
    """Why weights that a penalty pulls to 0 learn nothing, and a smaller one; None where none does."""
    l1, pull = network.settings.l1, health.last.pull
    if not l1 or not pull < PULL:
        return None
    less = float(f"{l1 / LESS:g}")
    changed = network.configure(replace(network.settings, l1=less))
    why = f"The L1 penalty, {l1:g}, pulls all weights to 0: as they are, they hardly matter for the loss."
    # From weights that are all nearly 0, each layer hides the gradient of the others.
    return why, Fix(f"start again, L1 {l1:g} → {less:g}", changed, restart=True)


def _drawn_larger(network: Network, health: Health) -> tuple[str, Fix] | None:
    """Why weights that were drawn tiny learn nothing, and a rule that draws larger ones; None where they are not."""
    rule = initializers.check(Spec(KEEPING))
    if not health.first.pull < PULL or network.settings.initialization in (Spec("default"), rule):
        return None
    own = network.settings.initialization.name
    changed = network.configure(replace(network.settings, initialization=rule))
    return f"Weights as small as {own} has drawn them hardly matter for the loss.", Fix(
        f"start again, initialized by {rule.name}", changed, restart=True
    )


LESS = 100.0
"""A penalty that pulls all weights to 0 becomes so many times smaller."""

HIDDEN = 8
"""Units of a hidden layer that is put in: the width of Playground's layers."""


def _more_able(network: Network, check: Check) -> Fix:
    """What lets the loss fall: an activation, where there is none; a larger rate; or another start."""
    bent = any(nn.layers[spec.name].category == "activation" for spec in network.layers[:-1] if spec.name in nn.layers)
    first = next((at for at, spec in enumerate(network.layers) if nn.facts_of(spec).linear), None)
    if not bent and first is not None:
        chain = next((hint.fix for hint in lint(network) if hint.command == "collapse" and hint.fix), None)
        if chain is not None:
            return chain
        spec = network.layers[first]
        taken = spec.get("in_features")
        if isinstance(taken, int):
            hidden, between = nn.usual.linear(taken, HIDDEN), nn.usual.activation()
            changed = network.change(first, spec.replace(in_features=HIDDEN)).insert(first, hidden)
            text = f"insert {nn.layers.label(hidden)} and {between.name} above layer {first + 1}"
            return Fix(text, changed.insert(first + 1, between))
    rate = rate_of(network)
    if check.ratio < WELCOME / 10:
        return Fix(f"rate {rate:g} → {rate * 10:g}", with_rate(network, float(f"{rate * 10:g}")))
    settings = network.settings
    seed = (settings.seed + 1) % 2**32
    return Fix(f"start again from seed {seed}", network.configure(replace(settings, seed=seed)))


def _drift(network: Network, health: Health, positions: list[int]) -> Diagnostic:  # noqa: ARG001
    check, optimizer = health.last, network.settings.optimizer
    trend, decay = check.trend, optimizer.get("weight_decay")
    fix = None
    if isinstance(decay, int | float) and decay < 1:
        more = float(f"{min(max(10 * decay, 0.01), 1.0):g}")
        changed = network.configure(replace(network.settings, optimizer=optimizer.replace(weight_decay=more)))
        fix = Fix(f"weight decay (L2) {decay:g} → {more:g}", changed)
    return Diagnostic(
        f"Training and test loss drift apart: at step {check.step:,} test {trend.test:.3g}, after {trend.best:.3g} "
        f"{trend.since:,.0f} epochs before, and train {trend.now:.3g}; guessing gives "
        f"{check.guess:.3g}. The network overfits the training samples.",
        fix=fix,
        harm=3,
    )


WORDS: Mapping[Kind, Callable[[Network, Health, list[int]], Diagnostic]] = {
    "NaN": _not_finite, "above": _above, "grown": _grown, "dead": _dead, "lost": _lost, "fast": _fast, "flat": _flat,
    "slow": _slow, "still": _still, "drift": _drift,
}  # fmt: skip

"""What is wrong with a layer that runs: numbers that are not finite, dead or flat units, a lost gradient."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from nnviz import nn
from nnviz.network import Network
from nnviz.run.queries import LayerSeen, LayersSeen
from nnviz.views.units import percent

DEAD = 0.5
"""A layer is dead where more than this share of its units is: f′ is 0 for every sample, so they do not come back."""

FLAT = 0.9
"""A layer is flat where more than this share of the numbers that it takes in meets |f′| < 0.01.

Whoever is sure saturates: of a spiral solved to the last point, half to two thirds of the numbers in the second Tanh
are flat, and it learns on by the others, which lie near the boundary. Only where less than a tenth is left is there
hardly anything that a gradient passes through.
"""

LOST = 1e-6
"""A gradient is lost where it is this small a part of the largest."""

NAMED = 3
"""Most layers that are named for one trouble; of more, the first."""

Kind = Literal["NaN", "dead", "flat", "lost"]


@dataclass(frozen=True)
class Trouble:
    """What is wrong with one layer.

    Attributes:
        kind: in a word.
        share: of its units or of what it takes in; NaN where there is none.
    """

    kind: Kind
    share: float = math.nan


@dataclass(frozen=True)
class Remark:
    """One trouble in words.

    Attributes:
        text: what it is and where.
        hint: what to do, with the ids of commands in braces.
    """

    text: str
    hint: str


def troubles_of(network: Network, seen: LayersSeen) -> dict[int, Trouble]:
    """What is wrong, by the position of the layer; the worst of each."""
    positions = {layer: at for at, layer in enumerate(network.ids)}
    # What was seen may be of the network before an edit.
    known = [(positions[one.layer], one) for one in seen.layers if one.layer in positions]
    largest = max((one.gradient for _, one in known if math.isfinite(one.gradient)), default=math.nan)
    found = {}
    for at, one in known:
        trouble = _trouble(network, at, one, largest)
        if trouble is not None:
            found[at] = trouble
    return found


def _trouble(network: Network, at: int, one: LayerSeen, largest: float) -> Trouble | None:
    if one.output.bad or math.isinf(one.gradient):
        return Trouble("NaN")
    if one.dead > DEAD:
        return Trouble("dead", one.dead)
    if one.flat > FLAT and not _half_open(network, at):
        return Trouble("flat", one.flat)
    return Trouble("lost") if one.gradient <= LOST * largest else None


def _half_open(network: Network, at: int) -> bool:
    """Whether an activation is flat on one side by nature, as ReLU is for half of all numbers: it is no trouble."""
    outputs = nn.facts_of(network.layers[at]).outputs
    return outputs.clips and math.inf in (outputs.high, -outputs.low)


def remarks(network: Network, seen: LayersSeen, found: Mapping[int, Trouble]) -> tuple[Remark, ...]:
    """The troubles in words, one remark a kind, the worst first."""
    by_kind: dict[Kind, list[int]] = {"NaN": [], "dead": [], "flat": [], "lost": []}
    for at in sorted(found):
        by_kind[found[at].kind].append(at)
    said = []
    if by_kind["NaN"]:
        text = f"{_name(network, by_kind['NaN'][0])} is the first with numbers or gradients that are not finite."
        said.append(Remark(text, "{reset} returns to the initial weights; {settings} sets a smaller rate."))
    if by_kind["dead"]:
        text = f"{_named(network, by_kind['dead'], found)} of the units are dead: f′ is 0 for each of "
        text += f"{seen.samples:,} samples, so they pass no gradient on."
        said.append(Remark(text, "{swap} swaps the activation; {settings} sets a smaller rate."))
    if by_kind["flat"]:
        text = f"{_named(network, by_kind['flat'], found)} of the numbers meet a flat activation, |f′| < 0.01: hardly "
        text += "any gradient passes."
        said.append(Remark(text, "{swap} swaps the activation; {settings} sets another initialization."))
    if by_kind["lost"]:
        text = f"{_names(network, by_kind['lost'])}: {_lost(network, seen)}."
        said.append(Remark(text, "{swap} swaps an activation that loses it; {settings} sets another initialization."))
    return tuple(said)


def _lost(network: Network, seen: LayersSeen) -> str:
    gradients = {one.layer: one.gradient for one in seen.layers if one.layer in network.ids and one.gradient > 0}
    if not gradients:
        return "no gradient arrives, so nothing is learned"
    top = network.ids.index(max(gradients, key=lambda layer: gradients[layer]))
    return f"the gradient is less than a millionth of that of {_name(network, top)}, so hardly anything is learned"


def _name(network: Network, at: int) -> str:
    return f"layer {at + 1} {network.layers[at].name[:40]}"


def _names(network: Network, positions: Iterable[int]) -> str:
    first, *others = positions
    if not others:
        return _name(network, first)
    named = ", ".join(str(at + 1) for at in (first, *others[: NAMED - 1]))
    return f"layers {named}{f' and {len(others) + 1 - NAMED} more' if len(others) >= NAMED else ''}"


def _named(network: Network, positions: list[int], found: Mapping[int, Trouble]) -> str:
    words = [f"{_name(network, at)}: {percent(found[at].share)}" for at in positions[:NAMED]]
    return "; ".join(words) + (f"; {len(positions) - NAMED} more layers: most" if len(positions) > NAMED else "")

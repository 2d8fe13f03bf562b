"""What was found in a run, as plain data in the file of its state, and back. All that is read is checked.

A layer has an id while the program runs; in a file it has its position.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from nnviz.errors import DataError
from nnviz.network import Network
from nnviz.run import Check, Finding, Health, LayerCheck, Trend
from nnviz.run.health import KINDS, Key, agrees

LAYER = tuple(one.name for one in fields(LayerCheck) if one.name not in ("layer", "bad"))
TREND = tuple(one.name for one in fields(Trend))
CHECK = ("loss", "guess")
"""The attributes that are floats, in the order in which they are written."""


def plain_health(health: Health, network: Network) -> dict[str, object] | None:
    """The health as lists and numbers; None if it is about layers that the network does not have."""
    places: dict[int | None, int | None] = {None: None, **{own: at for at, own in enumerate(network.ids)}}
    try:
        return {
            "since": health.since,
            "first": _plain_check(health.first, places),
            "last": _plain_check(health.last, places),
            "findings": [[found.kind, places[found.layer], found.since] for found in health.findings],
            "levels": [[kind, places[layer], level] for (kind, layer), level in health.levels.items()],
        }
    except KeyError:
        return None


def _plain_check(check: Check, places: Mapping[int | None, int | None]) -> list[object]:
    layers = [[places[one.layer], bool(one.bad), [float(getattr(one, name)) for name in LAYER]] for one in check.layers]
    trend = [float(getattr(check.trend, name)) for name in TREND]
    return [check.step, check.samples, [float(getattr(check, name)) for name in CHECK], layers, trend]


def health_of(found: object, network: Network, most: int) -> Health | None:
    """The health that `plain_health` gave; None of a file that has none.

    Args:
        found: what it gave.
        network: the network.
        most: the step of the checkpoint; nothing was found later.

    Raises:
        DataError: it has another form.
    """
    if found is None:
        return None
    match found:
        case {
            "since": int(since), "first": list(first), "last": list(last), "findings": list(findings),
            "levels": list(levels),
        } if 0 <= since <= most:  # fmt: skip
            begin, now = _check(first, network, most), _check(last, network, most)
            layers = {one.layer for one in begin.layers} & {one.layer for one in now.layers}
            keys: dict[Key, int] = {}
            for one in levels:
                key, level = _key(one, network, layers, -1, 1)
                keys[key] = level
            told = [Finding(*key, since=step) for key, step in (_key(f, network, layers, 0, most) for f in findings)]
            if len({(one.kind, one.layer) for one in told}) < len(told):
                raise _invalid()
            # Words are made of the numbers. What does not follow from them, as where bounds have moved since it was
            # written, is left out.
            told = [one for one in told if agrees(one, now)]
            return replace(Health(begin, now, tuple(told), keys), since=since)
    raise _invalid()


def _key(found: object, network: Network, layers: set[int], low: int, high: int) -> tuple[Key, int]:
    """A kind with its layer, and a number from `low` to `high`."""
    match found:
        case [str(kind), None | int() as at, int(number)] if kind in KINDS and low <= number <= high:
            if at is None:
                return (kind, None), number
            layer = _layer(at, network)
            if layer in layers:
                return (kind, layer), number
    raise _invalid()


def _check(found: list[Any], network: Network, most: int) -> Check:
    match found:
        case [int(step), int(samples), list(numbers), list(layers), list(trend)] if 0 <= step <= most and samples > 0:
            own = [_layer_check(one, network) for one in layers]
            loss, guess = _floats(numbers, len(CHECK))
            if len({one.layer for one in own}) == len(own):
                return Check(step, loss, guess, samples, tuple(own), Trend(*_floats(trend, len(TREND))))
    raise _invalid()


def _layer_check(found: object, network: Network) -> LayerCheck:
    match found:
        case [int(at), bool(bad), list(numbers)]:
            own = LayerCheck(_layer(at, network), bad, *_floats(numbers, len(LAYER)))
            if all(math.isnan(share) or 0 <= share <= 1 for share in (own.dead, own.flat)):
                return own
    raise _invalid()


def _layer(at: int, network: Network) -> int:
    """The id of the layer at a position."""
    if not 0 <= at < len(network.ids):
        raise _invalid()
    return network.ids[at]


def _floats(found: list[Any], count: int) -> list[float]:
    if len(found) != count or not all(type(number) in (int, float) for number in found):
        raise _invalid()
    try:
        return [float(number) for number in found]
    except OverflowError:
        raise _invalid() from None


def _invalid() -> DataError:
    return DataError("what was found in the run is invalid", "train again without --resume")

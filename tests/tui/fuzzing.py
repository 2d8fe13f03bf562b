"""Random use of the program: keys, clicks, pastes, sizes, and every argument of every layer at its bounds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from nnviz import nn
from nnviz.registry import Argument, Value

KEYS = (
    *"aedyKJufcsSrRomvlt?npwbPx][-+1234jkFUUzqWY0",
    "space", "enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "home", "end", "pageup", "pagedown",
    "ctrl+n", "ctrl+o", "ctrl+p", "ctrl+s", "ctrl+z", "delete", "backspace", "shift+up", "shift+down", "f5", "ctrl+home", "ctrl+end",
)  # fmt: skip
FORBIDDEN = {"q", "ctrl+z"}
"""Keys that end the program, or send it to the background."""

TEXTS = (
    "16",
    "-1",
    "1e400",
    "nan",
    "0.5",
    "[/]",
    "\x1b[2J",
    "界" * 9,
    "relu",
    "conv",
    "add",
    "999999999999",
    "",
    "x" * 500,
)

Kind = Literal["key", "paste", "click", "size", "layer"]


@dataclass(frozen=True)
class Move:
    """One thing that the user does, or that happens to the terminal."""

    kind: Kind
    text: str = ""
    x: int = 0
    y: int = 0


def extremes(argument: Argument) -> list[Value]:
    """Values of an argument at its bounds, and some within."""
    if argument.choices:
        return list(argument.choices)
    if argument.kind is bool:
        return [True, False]
    if argument.kind is str:
        return ["x"]
    low, high = (argument.bounds.low, argument.bounds.high) if argument.bounds else (None, None)
    found: list[Value] = [low, high, 0, 1, 2, 3, 16, -1, 10**6, 1e-300, 1e300, 0.5]
    valid: list[Value] = [None] if argument.optional else []
    for value in found:
        if value is None or (argument.kind is int and isinstance(value, float) and not value.is_integer()):
            continue
        try:
            valid.append(argument.check(int(value) if argument.kind is int else float(value)))  # type: ignore[arg-type]
        except (ValueError, OverflowError):
            continue
    return valid or [1]


def moves(seed: int, count: int) -> Iterator[Move]:
    """So many moves; the same seed gives the same."""
    rng = random.Random(seed)  # noqa: S311 (nothing is kept secret by it)
    layers = list(nn.layers)
    for _ in range(count):
        roll = rng.random()
        if roll < 0.72:
            key = rng.choice(KEYS)
            if key not in FORBIDDEN:
                yield Move("key", key)
        elif roll < 0.78:
            yield Move("paste", rng.choice(TEXTS))
        elif roll < 0.88:
            yield Move("click", rng.choice(("left", "wheel up", "wheel down")), rng.randrange(240), rng.randrange(80))
        elif roll < 0.96:
            yield Move("size", "", rng.choice((20, 40, 79, 80, 110, 120, 240)), rng.choice((5, 8, 24, 33, 40, 80)))
        else:
            entry = rng.choice(layers)
            chosen = [str(rng.choice(extremes(argument))) for argument in entry.arguments]
            yield Move("layer", "\0".join([entry.name, *chosen]))

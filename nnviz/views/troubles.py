"""The marks of layers that run and have a trouble."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from nnviz.network import Network
from nnviz.run import Health

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


def troubles_of(network: Network, health: Health) -> dict[int, Trouble]:
    """What is wrong, by the position of the layer; the worst of each."""
    positions = {layer: at for at, layer in enumerate(network.ids)}
    marks: dict[int, Trouble] = {}
    for found in health.findings:
        # What was found may be of the network before an edit.
        at = None if found.layer is None else positions.get(found.layer)
        if at is None or at in marks or found.layer is None:
            continue
        check = health.last.layer(found.layer)
        match found.kind:
            case "dead":
                marks[at] = Trouble("dead", check.dead)
            case "flat":
                marks[at] = Trouble("flat", check.flat)
            case "NaN" | "lost":
                marks[at] = Trouble(found.kind)
            case _:
                continue
    return marks

"""A command: one declaration, from which come the key, the footer, the palette entry and the help line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nnviz.lab.effects import Effect
from nnviz.lab.lab import Lab

Result = tuple[Lab, tuple[Effect, ...]]
"""The lab after a command or an event, and the effects to perform."""

Action = Callable[..., Result]
"""(lab, arguments) → (lab, effects), without side effects."""

EVERYWHERE = "everywhere"
"""The place of a command whose key works on every panel."""

FILES, STACK, TRAINING, WALK, VIEW = "Files", "Stack", "Training", "Walk", "View"
LAYER, DATA, FITTING, CURVES, LOSS, RACE = "Layer", "Data", "Fitting", "Activations", "Loss and metric", "Race"
GROUPS = (STACK, TRAINING, VIEW, FILES, WALK, CURVES, LAYER, DATA, FITTING, LOSS, RACE)
"""The headings in the help and in the README, in their order: what one begins with, then page by page."""


@dataclass(frozen=True)
class Command:
    """A command that the user can invoke.

    Attributes:
        id: its name in the configuration of keys.
        keys: its default keys, separated by commas.
        label: what it does, in a word or two, for the footer.
        about: its description in the palette and the help.
        group: its heading in the help.
        act: (lab, arguments) → (lab, effects).
        where: on which panel the keys work, by its subject; everywhere, if left out.

    Which panel's footer shows it is declared by the panel.
    """

    id: str
    keys: str
    label: str
    about: str
    group: str
    act: Action
    where: str = EVERYWHERE

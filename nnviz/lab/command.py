"""A command: one declaration, from which come the key, the footer, the palette entry and the help line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nnviz.lab.effects import Effect
from nnviz.lab.lab import Lab

Result = tuple[Lab, tuple[Effect, ...]]
"""The lab after a command or an event, and what the outside is asked to do."""

Action = Callable[..., Result]
"""(lab, arguments) → (lab, effects), without side effects."""

EVERYWHERE = "everywhere"
"""The place of a command whose key works on every panel."""

STACK, TRAINING, WALK, VIEW = "Stack", "Training", "Walk", "View"
"""The headings in the help."""


@dataclass(frozen=True)
class Command:
    """One thing the user can have done.

    Attributes:
        id: the name under which its keys can be remapped.
        keys: the keys, with commas between.
        label: what the footer says; empty where the footer leaves it out.
        about: what the palette and the help say.
        group: the heading it stands under in the help.
        shown: how the footer and the help write the key.
        act: (lab, arguments) → (lab, effects).
        where: on which panel the keys work, by its subject; everywhere, if left out.
    """

    id: str
    keys: str
    label: str
    about: str
    group: str
    shown: str
    act: Action
    where: str = EVERYWHERE

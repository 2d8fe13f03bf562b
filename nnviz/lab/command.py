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

STACK, TRAINING, WALK, VIEW = "Stack", "Training", "Walk", "View"
"""The headings in the help."""


@dataclass(frozen=True)
class Command:
    """A command that the user can invoke.

    Attributes:
        id: its name in the configuration of keys.
        keys: its default keys, separated by commas.
        label: its label in the footer; empty if it is not shown there.
        about: its description in the palette and the help.
        group: its heading in the help.
        shown: its key as written in the footer and the help.
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

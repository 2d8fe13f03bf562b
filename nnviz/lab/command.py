"""A command: one declaration, from which come the key, the footer, the palette entry and the help line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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

_ID = re.compile(r"\{\{|\{(\w+)\}")


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
        where: on which panel the keys work, by its name; everywhere, if left out.
    """

    id: str
    keys: str
    label: str
    about: str
    group: str
    shown: str
    act: Action
    where: str = EVERYWHERE


def with_keys(text: str, keys: Mapping[str, str]) -> str:
    """The text with a command's key where its id stands in braces, and a brace for each doubled one.

    Args:
        text: for example "{undo} takes it back."
        keys: the key of each command by its id, as one writes it.
    """
    return _ID.sub(lambda found: "{" if found[1] is None else keys.get(found[1], found[0]), text)


def literal(text: str) -> str:
    """The text as `with_keys` leaves it: what comes from names and files stands for itself."""
    return text.replace("{", "{{")

"""Sentences that name commands: the id of a command stands in braces until its key is known."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ID = re.compile(r"\{\{|\{(\w+)\}")


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

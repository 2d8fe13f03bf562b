"""Texts with placeholders for keys: `{train}` is replaced with the key of the command `train`."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ID = re.compile(r"\{\{|\{(\w+)\}")


def with_keys(text: str, keys: Mapping[str, str]) -> str:
    """Replace each command id in braces with the command's key, and each doubled brace with a single one.

    Args:
        text: for example "{undo} takes it back."
        keys: the key of each command by its id, as one writes it.
    """
    return _ID.sub(lambda found: "{" if found[1] is None else keys.get(found[1], found[0]), text)


def literal(text: str) -> str:
    """Escape braces, so that `with_keys` leaves text from names and files unchanged."""
    return text.replace("{", "{{")

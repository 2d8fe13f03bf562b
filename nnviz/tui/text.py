"""Makes text safe for the screen."""

from __future__ import annotations

from textual.content import Content

from nnviz.text import LIMIT, STAND_IN, clean

__all__ = ["LIMIT", "STAND_IN", "clean", "content"]


def content(text: object, limit: int = LIMIT, *, lines: bool = False) -> Content:
    """`text`, cleaned, as content in which square brackets are no markup."""
    return Content(clean(text, limit, lines=lines))

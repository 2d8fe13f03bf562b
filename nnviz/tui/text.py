"""The one place where text becomes safe for the screen."""

from __future__ import annotations

import unicodedata

from textual.content import Content

LIMIT = 200
"""Characters that are shown of a text, where the caller does not say."""

STAND_IN = "�"


def clean(text: object, limit: int = LIMIT) -> str:
    """`text` in one line without anything a terminal would act on.

    Control characters become their pictures (␛ for ESC), or � where Unicode has none; so do lone surrogates, and the
    invisible characters that change the direction or the joining of what follows. Line breaks become spaces. What is
    longer than `limit` ends in an ellipsis.
    """
    # Cut first: a name of 100 kB costs no more than a short one.
    raw = str(text)
    shown = "".join(_safe(character) for character in raw[: limit + 1])
    return shown if len(raw) <= limit else shown[: max(limit - 1, 0)] + "…"


def _safe(character: str) -> str:
    if character in "\n\r\t":
        return " "
    kind = unicodedata.category(character)
    if kind == "Cc":
        code = ord(character)
        return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else STAND_IN
    return STAND_IN if kind in ("Cf", "Cs", "Co", "Cn", "Zl", "Zp") else character


def content(text: object, limit: int = LIMIT) -> Content:
    """`text`, cleaned, as content in which square brackets are no markup."""
    return Content(clean(text, limit))

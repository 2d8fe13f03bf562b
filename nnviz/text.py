"""Makes text safe for a terminal, whether it is drawn or printed; and shares as percentages."""

from __future__ import annotations

import math
import re
import unicodedata

LIMIT = 200
"""Characters of a text that are shown by default."""

STAND_IN = "�"

_UNSAFE = frozenset({"Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that change the direction, join characters, break the line, or are no characters."""

# Letters and marks that show nothing, so that two different names would look the same; Unicode's list of ignorable
# characters, less those that a category above has already.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)

_DOUBTFUL = re.compile("[^ -~]")
"""Everything but printable ASCII has to be checked."""


def clean(text: object, limit: int = LIMIT, *, lines: bool = False) -> str:
    """`text` without anything a terminal would act on.

    Control characters become their pictures (␛ for ESC), or � where Unicode has none; so do lone surrogates, and the
    invisible characters that change the direction or the joining of what follows. What is longer than `limit` ends
    in an ellipsis. Cleaning what is clean changes nothing.

    Args:
        text: any object; its `str` is shown.
        limit: the maximum number of characters of the result.
        lines: keep line breaks, as line feeds; otherwise they become spaces.
    """
    raw = str(text)
    if lines:
        raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    # Cut first: a name of 100 kB costs no more than a short one.
    limit = max(limit, 0)
    shown = _DOUBTFUL.sub(lambda found: "\n" if lines and found[0] == "\n" else _safe(found[0]), raw[:limit])
    return shown if len(raw) <= limit else f"{shown[:-1]}…"[:limit]


def _safe(character: str) -> str:
    if character in "\n\r\t":
        return " "
    kind = unicodedata.category(character)
    if kind == "Cc":
        code = ord(character)
        return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else STAND_IN
    return STAND_IN if kind in _UNSAFE or _INVISIBLE.match(character) else character


FEW = 0.005
"""Below this share a percentage would round to 0, and above 1 − FEW to 100."""


def percent(share: float) -> str:
    """A share in whole percent: none and all are said only where it is so."""
    if math.isnan(share):
        return "–"
    if 0 < share < FEW:
        return "<1 %"
    return ">99 %" if 1 - FEW < share < 1 else f"{100 * share:.0f} %"

"""The keys that a terminal can send, under Textual's names."""

from __future__ import annotations

import re
from difflib import get_close_matches

from textual.binding import Binding
from textual.keys import Keys

OTHERS = {
    "ctrl+h": "backspace",
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+left_square_bracket": "escape",
    "ctrl+[": "escape",
    "ctrl+space": "ctrl+@",
    "return": "enter",
    "esc": "escape",
    "del": "delete",
    "ins": "insert",
    "pgup": "pageup",
    "page_up": "pageup",
    "pgdn": "pagedown",
    "page_down": "pagedown",
    "spacebar": "space",
    "space_bar": "space",
    ",": "comma",
    "hyphen": "minus",
    "dash": "minus",
    "dot": "full_stop",
    "period": "full_stop",
    "backtick": "grave_accent",
    "question": "question_mark",
    "backtab": "shift+tab",
}
"""Other names of keys, and keys that send the same as another, with the name to use."""

NAMED = frozenset(
    key.value
    for key in Keys
    if key.value not in ("ctrl-at", *OTHERS) and not re.fullmatch(r"<.*>|ctrl\+(shift\+)?\d", key.value)
)
"""Keys that are not a single character, except those that most terminals cannot distinguish from another."""


def _name_of(sign: str) -> str:
    """Textual's name for the key of a single character."""
    # In a binding, a comma separates keys.
    return "comma" if sign == "," else next(iter(Binding.make_bindings([Binding(sign, "")]))).key


SIGNS = frozenset(_name_of(chr(code)) for code in range(33, 127))
"""The names of the keys of all ASCII characters; those of letters and digits are the characters themselves."""


def key_named(written: str) -> str | None:
    """The name of the key written this way; None if no terminal sends such a key.

    Args:
        written: a character, or a key name of Textual.
    """
    if len(written) == 1:
        return _name_of(written) if written.isprintable() and not written.isspace() else None
    return written if written in NAMED | SIGNS else None


def suggestion(written: str) -> str:
    """The key name that was probably meant by an unknown one; empty if none is similar."""
    lower = written.strip().lower().replace(" ", "_").replace("-", "+").replace("control+", "ctrl+")
    lower = lower.replace("^", "ctrl+", 1) if len(lower) == 2 else lower
    if written and set(written) == {" "}:
        return "space"
    if lower.startswith("shift+") and len(lower) == 7:
        return lower[6:].upper()
    lower = OTHERS.get(lower, lower)
    if key_named(lower):
        return lower
    near = get_close_matches(lower, sorted(name for name in NAMED | SIGNS if len(name) > 3), 1, 0.8)
    return near[0] if near and "+" not in lower else ""

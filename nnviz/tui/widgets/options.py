"""Option lists that can be paged through in terminals of any size."""

from __future__ import annotations

from textual.events import Key
from textual.widgets import OptionList

MOVES = {"down": "cursor_down", "up": "cursor_up", "pagedown": "page_down", "pageup": "page_up"}
"""The actions of a list by the keys that move in it."""


def is_measured(options: OptionList) -> bool:
    """Whether a list knows the line of each option: it does not without a size or without options.

    Textual does not check: to page in a terminal of a few lines would end the program.
    """
    return bool(options.scrollable_content_region) and (options.highlighted or 0) < options.option_count


class Options(OptionList):
    """Textual's option list, which stays where it is if there is no page to go to."""

    def action_page_down(self) -> None:
        """A page down, where there is one."""
        if is_measured(self):
            super().action_page_down()  # type: ignore[no-untyped-call]

    def action_page_up(self) -> None:
        """A page up, where there is one."""
        if is_measured(self):
            super().action_page_up()  # type: ignore[no-untyped-call]


def move_by_key(options: OptionList, event: Key) -> None:
    """Move in a list by a key that moves, although the focus is elsewhere, as in the filter above it."""
    if event.key in MOVES:
        event.prevent_default()
        event.stop()
        getattr(options, f"action_{MOVES[event.key]}")()

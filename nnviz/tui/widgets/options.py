"""Lists of options that can be paged through in any terminal."""

from __future__ import annotations

from textual.widgets import OptionList


def is_measured(options: OptionList) -> bool:
    """Whether a list knows on which line each option stands: not where it has no room, nor where it has no options.

    Textual's own looks that up only when it paints, and pages by it without looking: a page right after a resize, or
    in a terminal of a few lines, would end the program.
    """
    options._update_lines()
    return (options.highlighted or 0) in options._index_to_line


class Options(OptionList):
    """Textual's own, which stays where it is when there is no page to go to."""

    def _move_page(self, direction: int) -> None:
        if is_measured(self):
            super()._move_page(1 if direction > 0 else -1)

"""The footer, on two lines, so that every key is on the screen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from nnviz.tui.commands import COMMANDS

COLUMNS = 10
"""Keys on a line: each has eight cells in a terminal of 80 columns."""


class KeyBar(Footer):
    """Textual's footer as a grid."""

    DEFAULT_CSS = """
    KeyBar { layout: grid; grid-rows: 1; height: 2; }
    """

    def compose(self) -> ComposeResult:
        """The keys; Textual's footer would put them all on one line."""
        yield from super().compose()
        # The app's own binding for the palette takes precedence over ours, and it is not shown.
        palette = next(command for command in COMMANDS if command.id == "palette")
        yield FooterKey(palette.keys, palette.shown, palette.label, palette.action, tooltip=palette.about)
        self.styles.grid_size_columns = COLUMNS

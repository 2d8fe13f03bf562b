"""The footer, on two lines, so that every key is shown."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer

from nnviz.lab import COMMANDS
from nnviz.tui.patches import FooterKey

TRAIN = "screen.command('train')"
"""The action of the key that trains."""

COLUMNS = 10
"""Keys on a line: each has eight cells in a terminal of 80 columns."""


class KeyBar(Footer):
    """Textual's footer as a grid, recomposed only when its keys have changed."""

    DEFAULT_CSS = """
    KeyBar { layout: grid; grid-rows: 1; height: 2; }
    """

    _train = "Train"
    _shown: tuple[tuple[str, str], ...] | None = None

    def compose(self) -> ComposeResult:
        """Compose the keys as a grid; Textual's footer puts all of them on one line."""
        if self._shown is None:
            return
        for key in super().compose():
            if isinstance(key, FooterKey) and key.action == TRAIN:
                key.description = self._train
            yield key
        # The app's own binding for the palette takes precedence over ours, and it is not shown.
        palette = next(command for command in COMMANDS if command.id == "palette")
        yield FooterKey(palette.keys, palette.shown, palette.label, "app.command_palette", tooltip=palette.about)
        self.styles.grid_size_columns = COLUMNS

    def train(self, running: bool) -> None:
        """Label the key that trains: while training runs, it pauses."""
        words = "Pause" if running else "Train"
        if words == self._train:
            return
        self._train = words
        for key in self.query(FooterKey):
            if key.action == TRAIN:
                key.description = words
                key.refresh()

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Recompose if the keys differ. Textual recomposes when the focus moves, which takes longer than a frame."""
        shown = tuple(
            (active.binding.key, active.binding.description)
            for active in screen.active_bindings.values()
            if active.binding.show
        )
        if shown != self._shown and screen is self.screen:
            self._shown = shown
            super().bindings_changed(screen)
            # Textual's footer waits until the terminal is in focus, and stays empty where that is still to come.
            if self.is_attached and not self.app.app_focus:
                self.call_after_refresh(self.recompose)

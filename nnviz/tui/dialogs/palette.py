"""The palette: Textual's own, for terminals of any size."""

from __future__ import annotations

from textual.command import CommandList, CommandPalette

from nnviz.tui.widgets.options import is_measured


class Palette(CommandPalette):
    """Keys move in its list where that has room."""

    def _action_command_list(self, action: str) -> None:
        if not action.startswith("page") or is_measured(self.query_one(CommandList)):
            super()._action_command_list(action)

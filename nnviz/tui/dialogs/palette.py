"""Textual's command palette, for terminals of any size."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.command import CommandList, CommandPalette

from nnviz.tui.widgets.options import is_measured


class Palette(CommandPalette):
    """The palette, with keys that page through its list if that has a size."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "page('down')", "Page down", show=False),
        Binding("pageup", "page('up')", "Page up", show=False),
    ]

    async def action_page(self, way: str) -> None:
        """A page down or up, where there is one."""
        commands = self.query_one(CommandList)
        if is_measured(commands):
            await commands.run_action(f"page_{way}")

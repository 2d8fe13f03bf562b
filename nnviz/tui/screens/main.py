"""The main screen: the workbench with all commands on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.widget import Widget

from nnviz.tui.actions.rescue import RescueActions
from nnviz.tui.actions.stack import StackActions
from nnviz.tui.actions.training import TrainingActions
from nnviz.tui.actions.walk import WalkActions
from nnviz.tui.commands import COMMANDS
from nnviz.tui.widgets.graph import GraphPanel, OrderTable
from nnviz.tui.widgets.stack import StackTable
from nnviz.tui.widgets.training import TrainingPanel

if TYPE_CHECKING:
    from nnviz.tui.app import NnvizApp

PANELS = {1: "stack", 2: "graph", 3: "activation", 4: "training"}
"""The panels by their number."""


ROOM = 8
"""Columns below which a panel beside the stack shows nothing."""


class MainScreen(TrainingActions, StackActions, WalkActions, RescueActions):
    """What opens."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(command.binding() for command in COMMANDS),
        # Where a panel has no list of its own, these move in the stack.
        Binding("ctrl+z", "app.suspend_process", "Suspend", show=False),
        Binding("j,down", "select(1)", "Next row", show=False),
        Binding("k,up", "select(-1)", "Previous row", show=False),
    ]
    # Our own Escape gives a panel that fills the screen back, too, and leaves a walk.
    ESCAPE_TO_MINIMIZE = False
    # The dialogs' style is there before the first of them: to read it takes longer than a key may.
    CSS_PATH = ["main.tcss", "dialog.tcss"]

    def action_panel(self, number: int) -> None:
        """Go to a panel; pressed again, it fills the screen, and once more gives it back."""
        panel = self.query_one(f"#{PANELS[number]}")
        inside = self.focused is not None and (self.focused is panel or panel in self.focused.ancestors)
        if self.maximized is not None:
            self.minimize()
        elif inside:
            self.maximize(panel, container=False)
        if number != 1:
            self.open_panel(panel)
        self.set_focus(self._focusable(panel))
        self.call_after_refresh(self._fill_where_hidden, panel)

    def open_panel(self, panel: Widget) -> None:
        """Where one panel stands beside the stack, let it be this one."""
        for other in self.query(".-beside"):
            other.set_class(other is panel, "-beside")
        panel.add_class("-beside")

    def _fill_where_hidden(self, panel: Widget) -> None:
        """Where there is no room beside the stack, a panel fills the screen at once."""
        if panel.size.width < ROOM and self.maximized is None:
            self.maximize(panel, container=False)

    def _focusable(self, panel: Widget) -> Widget:
        """What takes the keys in a panel."""
        inner = list(panel.query(StackTable)) + list(panel.query(OrderTable))
        return inner[0] if inner else panel

    def action_select(self, by: int) -> None:
        """Select another row of the stack, wherever the focus is."""
        table = self.query_one(StackTable)
        table.action_cursor(by)

    def action_plan_view(self) -> None:
        """The graph panel: the picture, or tape and plan side by side."""
        panel = self.query_one(GraphPanel)
        self.stop_playing()
        if panel.view == "walk":
            self.end_walk()
        else:
            panel.view = "plan" if panel.view == "picture" else "picture"
        if panel.size.width < ROOM:
            self.action_panel(2)

    def action_log_scale(self) -> None:
        """The loss by powers of ten, or by even steps."""
        panel = self.query_one(TrainingPanel)
        panel.log_scale = not panel.log_scale
        panel.show(self.network, self.session)

    def action_theme(self) -> None:
        """The next theme."""
        names = sorted(self.app.available_themes)
        self.app.theme = names[(names.index(self.app.theme) + 1) % len(names)]
        self.say(f"Theme: {self.app.theme}")

    def action_help(self) -> None:
        """What to look for in this panel, how to begin, and all keys."""
        # Imported when it opens, so that the program opens sooner.
        from nnviz.tui.screens.help import HelpScreen

        panel = self._panel_in_focus()
        title = str(panel.BORDER_TITLE or "")
        self.app.push_screen(HelpScreen(cast("NnvizApp", self.app).keys_of, title, panel.HELP or ""))

    def _panel_in_focus(self) -> Widget:
        """The panel the keys go to."""
        panels = [self.query_one(f"#{name}") for name in PANELS.values()]
        focused = self.focused
        return next((p for p in panels if focused is not None and (p is focused or p in focused.ancestors)), panels[0])

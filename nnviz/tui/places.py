"""Which panel is seen, which fills the screen, and where the keys go."""

from __future__ import annotations

from textual.screen import Screen
from textual.widget import Widget

from nnviz.lab.effects import Subject
from nnviz.tui.widgets.panel import Panel

ROOM = 8
"""Columns below which a panel beside the stack shows nothing."""

WIDTH, HEIGHT = 110, 26
"""A panel smaller than this fills the screen for a walk."""


class Places:
    """The panels on a screen.

    Args:
        screen: where they are.
    """

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen
        self._before: Widget | None = None

    def showing(self, subject: Subject) -> Panel:
        """The panel that declares to show this."""
        return next(panel for panel in self._screen.query(Panel) if subject == panel.SHOWS)

    def in_focus(self) -> Panel:
        """The panel that the keys go to; the first, where they go to none."""
        panels = list(self._screen.query(Panel))
        return next((panel for panel in panels if self._has_focus(panel)), panels[0])

    def _has_focus(self, panel: Panel) -> bool:
        focused = self._screen.focused
        return focused is not None and (focused is panel or panel in focused.ancestors)

    def is_seen(self, panel: Panel) -> bool:
        """Whether a panel is visible: it has its place, and no other panel is maximised."""
        return panel.display and self._screen.maximized in (None, panel)

    def go_to(self, number: int) -> None:
        """Go to a panel; pressed again, it fills the screen, and once more gives it back."""
        panel = next(one for one in self._screen.query(Panel) if number == one.NUMBER)
        if self._screen.maximized is not None:
            self._screen.minimize()
        elif self._has_focus(panel):
            self._screen.maximize(panel, container=False)
        self.open(panel)
        self._screen.set_focus(panel.main)
        self._fill_where_hidden(panel)

    def open(self, panel: Panel) -> None:
        """Of panels with the same place, and where only one stands beside the first, let this one be seen."""
        if panel is self._screen.query(Panel).first():
            return
        for other in self._screen.query(Panel):
            if other.PLACE == panel.PLACE:
                other.set_class(other is not panel, "-behind")
            other.set_class(other is panel, "-beside")

    def _fill_where_hidden(self, panel: Panel) -> None:
        """Where there is no room beside the first panel, another one fills the screen at once."""
        first = self._screen.query(Panel).first()
        room = self._screen.size.width - first.outer_size.width
        if self._screen.maximized is None and panel is not first and room < ROOM:
            self._screen.maximize(panel, container=False)

    def show(self, panel: Panel) -> None:
        """Go to the panel, if it cannot be seen."""
        if panel.size.width < ROOM:
            self.go_to(panel.NUMBER)

    def enter(self, panel: Panel) -> None:
        """The keys go to the panel, over the whole screen where it is small, until `leave`."""
        self._before = self._screen.focused
        self.open(panel)
        filled = self._screen.maximized
        small = panel.size.width < WIDTH or panel.size.height < HEIGHT
        if filled not in (None, panel):
            self._screen.minimize()
        if small and filled is not panel:
            self._screen.maximize(panel, container=False)
        panel.main.focus()

    def leave(self, panel: Panel) -> None:
        """The keys go where they went before, if that is on the screen."""
        before = self._before or self._screen.query(Panel).first().main
        if self._screen.maximized is not None or not before.is_attached:
            self._screen.set_focus(panel.main)
            return
        # What had the keys may stand on a panel that the walk has taken the place of.
        for owner in before.ancestors_with_self:
            if isinstance(owner, Panel):
                self.open(owner)
        self._screen.set_focus(before)

    def minimise(self) -> None:
        """Give all panels their places back."""
        if self._screen.maximized is not None:
            self._screen.minimize()

"""Which pages stand on the stage, which panel fills the screen, and which has the focus."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.screen import Screen
from textual.widget import Widget

from nnviz.tui.widgets.panel import Panel
from nnviz.tui.widgets.stage import Stage

ROOM = 8
"""Columns below which a page is useless."""

WIDTH, HEIGHT = 110, 26
"""A panel smaller than this is maximized for a walk."""


class Places:
    """The panels on a screen: the first stands by itself, the others are pages of the stage.

    Args:
        screen: the screen of the panels.
        panels: the panels, by their numbers.
        stage: the stage.
    """

    def __init__(self, screen: Screen[None], panels: Sequence[Panel], stage: Stage) -> None:
        self._screen, self.panels, self._stage = screen, panels, stage
        self._before: Widget | None = None

    def showing(self, subject: str) -> Panel | None:
        """The panel that shows this subject; None if none does."""
        return next((panel for panel in self.panels if subject in panel.SUBJECTS), None)

    def in_focus(self) -> Panel:
        """The panel with the focus; the first if none has it."""
        return next((panel for panel in self.panels if self._has_focus(panel)), self.panels[0])

    def _has_focus(self, panel: Panel) -> bool:
        focused = self._screen.focused
        return focused is not None and (focused is panel or panel in focused.ancestors)

    def is_seen(self, subject: str) -> bool:
        """Whether the panel that shows this subject is visible: it is displayed, and no other fills the screen."""
        panel = self.showing(subject)
        return panel is not None and panel.display and self._screen.maximized in (None, panel)

    def go_to(self, number: int) -> None:
        """Go to a panel. If it has the focus already, maximize it; if a panel is maximized, minimize that."""
        panel = next(one for one in self.panels if number == one.NUMBER)
        if self._screen.maximized is not None:
            self.minimize()
        elif self._has_focus(panel):
            self._fill(panel)
        self.open(panel)
        self._screen.set_focus(panel.main)
        self._fill_where_hidden(panel)

    def open(self, panel: Panel) -> None:
        """Put this page on the stage, in the place that was used last."""
        self._stage.open(panel)

    def _fill(self, panel: Panel) -> None:
        """Maximize this panel, whatever width it has beside others."""
        panel.add_class("-filling")
        self._screen.maximize(panel, container=False)

    def _fill_where_hidden(self, panel: Panel) -> None:
        """Maximize a page where there is no room for the stage."""
        first = self.panels[0]
        room = self._screen.size.width - first.outer_size.width
        if self._screen.maximized is None and panel is not first and room < ROOM:
            self._fill(panel)

    def show(self, panel: Panel) -> None:
        """Go to the panel, unless it is visible."""
        if panel.size.width < ROOM:
            self.go_to(panel.NUMBER)

    def enter(self, panel: Panel) -> None:
        """Focus the panel until `leave`, maximized if it is small."""
        self._before = self._screen.focused
        self.open(panel)
        filled = self._screen.maximized
        small = panel.size.width < WIDTH or panel.size.height < HEIGHT
        if filled not in (None, panel):
            self.minimize()
        if small and filled is not panel:
            self._fill(panel)
        panel.main.focus()

    def leave(self, panel: Panel) -> None:
        """Return the focus to where it was before `enter`, if that is visible."""
        before = self._before or self.panels[0].main
        if self._screen.maximized is not None or not before.is_attached:
            self._screen.set_focus(panel.main)
            return
        # That may be on a page whose place the walk has taken.
        for owner in _panels_of(before):
            self.open(owner)
        self._screen.set_focus(before)

    def minimize(self) -> None:
        """Minimize the panel that fills the screen."""
        filled = self._screen.maximized
        if filled is not None:
            filled.remove_class("-filling")
            self._screen.minimize()


def _panels_of(widget: Widget) -> Iterable[Panel]:
    return (owner for owner in widget.ancestors_with_self if isinstance(owner, Panel))

"""Draws the panels one after the other, and asks the engine for what the visible ones need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.screen import Screen

from nnviz.lab import Lab
from nnviz.run import Observation, Query
from nnviz.tui.widgets.panel import Panel, Seen

Queries = frozenset[Query[Observation]]


@dataclass(frozen=True)
class Links:
    """What a drawer is connected with.

    Attributes:
        now: what the panels are drawn from.
        look: sets what the engine is asked for.
        drawn: called when no panel is left to draw.
    """

    now: Callable[[], tuple[Lab, Seen]]
    look: Callable[[Queries], None]
    drawn: Callable[[], None]


class Drawer:
    """Draws the first panel at once, the others one by one after the next refreshes: no key waits for all.

    Args:
        screen: the screen of the panels.
        panels: the panels, by their numbers.
        links: what it is connected with.

    Attributes:
        waits: whether panels will be drawn after the next refresh.
        looked: what the engine is asked for.
    """

    def __init__(self, screen: Screen[None], panels: Sequence[Panel], links: Links) -> None:
        self._screen, self._panels, self._links = screen, panels, links
        self._undrawn: list[Panel] = []
        self.waits = False
        self.looked: Queries = frozenset()

    def show(self, at_once: bool = False) -> None:
        """Draw the first panel now, and the others after the next refreshes, or `at_once`, too."""
        lab, seen = self._links.now()
        self._panels[0].show(lab, seen)
        self._undrawn += [panel for panel in self._panels[1:] if panel not in self._undrawn]
        # Below a dialog there is no refresh to wait for.
        if at_once or not self._screen.is_current:
            while self._undrawn:
                self._draw_next()
            self._links.drawn()
        elif not self.waits:
            self.waits = True
            self._screen.call_after_refresh(self._show_next)

    def _show_next(self) -> None:
        """Draw a panel, and the next one after the refresh that this one takes."""
        if self._undrawn:
            self._draw_next()
        self.waits = bool(self._undrawn)
        if self.waits:
            self._screen.call_after_refresh(self._show_next)
        else:
            self._links.drawn()

    def _draw_next(self) -> None:
        panel = self._undrawn.pop(0)
        panel.show(*self._links.now())
        if panel is self._panels[-1]:
            self.look()

    def look(self) -> None:
        """Ask the engine for what the visible panels need."""
        lab, _ = self._links.now()
        shown = (panel for panel in self._panels if panel.size)
        wanted = Queries().union(*(panel.queries(lab) for panel in shown))
        if wanted != self.looked:
            self.looked = wanted
            self._links.look(wanted)

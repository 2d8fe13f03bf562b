"""The pages beside the stack: as many as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import Container
from textual.widget import Widget

from nnviz.tui.widgets.panel import Panel

CSS = """
Stage {
    width: 1fr;
    height: 1fr;
    layout: grid;
    grid-size: 1;
    &.-pages-3, &.-pages-4, &.-pages-5 { grid-size: 2; grid-rows: 11fr 9fr; }
    &.-pages-3 > .-place-1 { column-span: 2; }
    &.-pages-5 {
        grid-size: 6;
        & > Panel { column-span: 2; }
        & > .-place-1, & > .-place-2 { column-span: 3; }
    }
}
"""


def _replace(widget: Widget, before: str, after: str) -> None:
    """Replace a class of a widget without styling it."""
    widget.remove_class(*before.split(), update=False)
    widget.add_class(*after.split(), update=False)


class Stage(Container):
    """Panels on a grid. Those without a place are hidden, and ask nothing of the trainer.

    Args:
        pages: the panels, by their numbers.
    """

    DEFAULT_CSS = CSS

    def __init__(self, pages: Sequence[Panel]) -> None:
        super().__init__(*pages, id="stage")
        self._pages = list(pages)
        # The page used last comes first.
        self._recent = list(pages)
        self._used: Panel | None = None
        self._shown: list[Panel] = []

    def hold(self, most: int) -> None:
        """Let at most this many pages stand: those used last, by their numbers."""
        count = min(most, len(self._pages))
        if count != len(self._shown):
            kept = self._recent[:count]
            self._show([page for page in self._pages if page in kept])

    def open(self, page: Panel) -> None:
        """Give this page a place, unless it has one: that of the page used last; the last one, if none was used."""
        if page not in self._pages:
            return
        if page not in self._shown:
            last = self._used if self._used in self._shown else self._shown[-1]
            self._show([page if one is last else one for one in self._shown])
        self.use(page)

    def use(self, page: Panel) -> None:
        """Note that this page is used now."""
        if page in self._recent:
            self._recent.remove(page)
            self._recent.insert(0, page)
            self._used = page

    def _show(self, shown: list[Panel]) -> None:
        # Every widget on the stage is styled anew, at once: one class after the other would take several times as long.
        _replace(self, f"-pages-{len(self._shown)}", f"-pages-{len(shown)}")
        for page in self._pages:
            before = f"-place-{self._shown.index(page) + 1}" if page in self._shown else ""
            after = f"-place-{shown.index(page) + 1}" if page in shown else ""
            _replace(page, before, after)
            page.display = page in shown
        self._shown = shown
        if self.is_attached:
            self.update_node_styles()
            # A page that was not among them stands where the other stood.
            self.sort_children(key=lambda one: shown.index(one) if one in shown else len(shown))

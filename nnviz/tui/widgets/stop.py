"""A stop of the walk: its words above its matrices."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from nnviz.lab import with_keys
from nnviz.tui.text import clean
from nnviz.tui.widgets.matrices import Matrices, Paragraph
from nnviz.tui.widgets.words import Words
from nnviz.views.stop import StopView


class StopPane(Vertical):
    """What there is to see at a stop."""

    DEFAULT_CSS = """
    StopPane {
        #stop-head { height: 1; text-style: bold; color: $text-primary; text-wrap: nowrap; text-overflow: ellipsis; }
        #stop-keys { height: 1; color: $text-muted; }
    }
    """

    def compose(self) -> ComposeResult:
        """Where it is; what it waited for, the formula and the matrices; the keys."""
        yield Words(id="stop-head")
        yield Matrices(id="matrices")
        yield Words(id="stop-keys")

    def show(self, view: StopView, line: str, keys: Mapping[str, str]) -> None:
        """Show this stop, and a line on the keys; the key of each command stands in `keys`."""
        self.query_one("#stop-head", Words).say(Content(_cleaned(view.head)))
        self.query_one("#stop-keys", Words).say(Content(with_keys(line, keys)))
        order = Paragraph(_cleaned(view.dependencies), 0, 3, quiet=True)
        lines = Paragraph(with_keys(_cleaned("\n".join(view.lines)), keys), 4, 9)
        self.query_one(Matrices).show(view.matrices, (order, lines))


def _cleaned(text: str) -> str:
    return clean(text, 1200, lines=True)

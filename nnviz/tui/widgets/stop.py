"""A stop of the walk: its words above its matrices."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from nnviz.tui.text import clean
from nnviz.tui.widgets.matrices import Matrices
from nnviz.tui.widgets.words import Words
from nnviz.views.stop import StopView


class StopPane(Vertical):
    """What there is to see at a stop."""

    DEFAULT_CSS = """
    StopPane {
        #stop-head { height: 1; text-style: bold; color: $text-primary; }
        #stop-order { height: auto; max-height: 2; color: $text-muted; }
        #stop-lines { height: auto; min-height: 4; max-height: 9; }
        #stop-keys { height: 1; color: $text-muted; }
    }
    """

    def compose(self) -> ComposeResult:
        """Where it is, what it waited for, the formula, the matrices, and the keys."""
        yield Words(id="stop-head")
        yield Words(id="stop-order")
        yield Words(id="stop-lines")
        yield Matrices(id="matrices")
        yield Words(id="stop-keys")

    def show(self, view: StopView, keys: str) -> None:
        """Show this stop."""
        texts = {"head": view.head, "order": view.order, "lines": "\n".join(view.lines), "keys": keys}
        for name, text in texts.items():
            self.query_one(f"#stop-{name}", Words).say(Content(clean(text, 1200, lines=True)))
        self.query_one(Matrices).show(view.matrices)

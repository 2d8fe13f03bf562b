"""A stop of a walk: its text above its matrices."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from nnviz.lab import WalkPlace, walk, with_keys
from nnviz.lab.effects import Effect, SelectGradient, SelectSlice, ShowElement
from nnviz.run import Walk
from nnviz.tui.text import clean
from nnviz.tui.widgets.guarded import OnPage
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.matrices import Matrices, Paragraph
from nnviz.tui.widgets.panel import Panel
from nnviz.tui.widgets.sample_card import SampleCard
from nnviz.views.sample import SampleSeen
from nnviz.views.stop import StopView, element_lines

PICTURE, ROOMY, ROOMIEST = 4, 18, 26
"""Lines of the picture of a sample; of the pane from which on there is room for it, and for all matrices besides."""


class StopPane(Vertical, OnPage):
    """What there is to see at a stop; asks for commands as its panel does."""

    DEFAULT_CSS = """
    StopPane {
        #stop-head { height: 1; text-style: bold; color: $text-primary; text-wrap: nowrap; text-overflow: ellipsis; }
        #stop-sample { height: 1; }
        #stop-keys { height: 1; color: $text-muted; }
    }
    """

    def compose(self) -> ComposeResult:
        """Compose the head, the text with the matrices, and the keys."""
        yield StableLabel(id="stop-head")
        yield SampleCard(id="stop-sample")
        yield Matrices(id="matrices")
        yield StableLabel(id="stop-keys")

    def show(
        self,
        view: StopView,
        line: str,
        keys: Mapping[str, str],
        sample: SampleSeen | None = None,
        large: bool = False,
    ) -> None:
        """Show this stop, and a line on the keys; the key of each command stands in `keys`.

        Args:
            view, line, keys: the stop, the line, and the keys.
            sample: the sample that it is about.
            large: whether its picture matters more than matrices, where there is not room for both.
        """
        card = self.query_one(SampleCard)
        card.display = sample is not None
        if sample is not None:
            wanted = PICTURE if sample.picture is not None and self.size.height >= (ROOMY if large else ROOMIEST) else 1
            if card.styles.height is None or card.styles.height.value != wanted:
                card.styles.height = wanted
            card.show(sample)
        self.query_one("#stop-head", StableLabel).update(Content(_cleaned(view.head)))
        self.query_one("#stop-keys", StableLabel).update(Content(with_keys(line, keys)))
        order = Paragraph(_cleaned(view.dependencies), 0, 3, quiet=True)
        # Before the formula, which may be long.
        number = Paragraph(_cleaned(view.number), 0, 2, strong=True)
        lines = Paragraph(with_keys(_cleaned("\n".join(view.lines)), keys), 3, 9)
        self.query_one(Matrices).show(view.matrices, (order, number, lines) if view.number else (order, lines))

    def perform(self, effect: Effect, place: WalkPlace, found: Walk | None, keys: Mapping[str, str]) -> None:
        """Choose another element of the stop at `place`, or unfold the chosen one."""
        match effect:
            case SelectGradient(by):
                self.query_one(Matrices).turn(by)
            case SelectSlice(by):
                self.query_one(Matrices).lead(by)
            case ShowElement() if found is not None:
                # Dialogs are imported when they open, so that the program opens sooner.
                from nnviz.tui.dialogs.unfold import UnfoldScreen

                lines = element_lines(found, place.position, place.chosen, place.target)
                self.app.push_screen(UnfoldScreen("One element", [with_keys(line, keys) for line in lines]))

    def on_matrices_chosen(self, event: Matrices.Chosen) -> None:
        """Explain another element."""
        event.stop()
        self.post_message(Panel.Asked(walk.chosen, event.index, event.target))

    def on_matrices_unfold(self, event: Matrices.Unfold) -> None:
        """Show the computation behind the element."""
        event.stop()
        self.post_message(Panel.Asked(walk.element))


def _cleaned(text: str) -> str:
    return clean(text, 1200, lines=True)

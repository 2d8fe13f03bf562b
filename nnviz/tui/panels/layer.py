"""One layer inside: weights, gradients and the last change, every neuron, and the gradients of all at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from nnviz.lab import Lab, layer, stack, with_keys
from nnviz.lab.effects import AskWeight, Effect, ShowWhy
from nnviz.network import job_of
from nnviz.run import Observation, Query
from nnviz.run.queries import ParameterSeen
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.cells import fill
from nnviz.tui.widgets.guarded import OnPage
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.matrices import Matrices, Paragraph
from nnviz.tui.widgets.panel import Panel, Seen
from nnviz.tui.widgets.table import TextTable
from nnviz.tui.widgets.tiles import Tiles
from nnviz.views import layer as views
from nnviz.views.layer import LayerView

HELP = """\
One layer inside: its weights, their gradient and how far the last step changed them, side by side, with a histogram
of the weights and the norms over time. {next_parameter} and {last_parameter} go to the other parameters of the layer,
the arrow keys choose a weight: its number and what moved it stand above. PgUp and PgDn go through channels.

{why} or Enter tells why it moved: the change of the last step as a sum of gradient, momentum and weight decay.
{set_weight} gives it another value; {undo} undoes that. A run with such an edit can still be repeated bit for bit.

{neurons} shows every neuron: over two-dimensional data as a small map of what it answers at each point, of images what
each channel makes of one training image, beside its filter; {next_parameter} takes the next image.

{gradients} shows the gradients of all parameters, a line each: the norm, how it went over time, log₁₀ of ‖update‖/‖w‖
(about −3 is usual: much more and the rate is too large, much less and it is too small), and the share of exact zeros.
{sort} sorts them, Enter goes to a parameter."""

CSS = """
LayerPictures {
    height: 1fr;
    #layer-words { height: auto; }
    #layer-matrices, #layer-tiles, #layer-table { height: 1fr; }
}
"""


class LayerPictures(Vertical, OnPage):
    """The words and the picture of a view of the page.

    Attributes:
        shown: the view that is shown.
    """

    shown: LayerView | None = None

    def compose(self) -> ComposeResult:
        """Compose the words, and the pictures, of which one kind is shown."""
        yield StableLabel(id="layer-words")
        yield Matrices(id="layer-matrices")
        yield Tiles(id="layer-tiles")
        yield TextTable(id="layer-table")

    @property
    def main(self) -> Widget | None:
        """The picture that is shown."""
        return next((one for one in self.query("Matrices, Tiles, TextTable") if one.display), None)

    def show(self, found: LayerView, keys: Mapping[str, str]) -> None:
        """Show this view; the key of each command stands in `keys`."""
        self.shown = found
        words = [with_keys(one, keys) for one in found.words]
        if found.table is not None:
            words.append(with_keys(found.table.words, keys))
        if found.neurons is not None:
            legend = f"; {self.query_one(Tiles).legend}" if found.neurons.tiles else ""
            words += [found.neurons.words + legend, *_fitting(found.neurons.lines, self.content_size.height - 3)]
        tiles = found.neurons.tiles if found.neurons is not None else ()
        matrices, table = self.query_one(Matrices), self.query_one(TextTable)
        label = self.query_one("#layer-words", StableLabel)
        matrices.display, table.display = bool(found.matrices), found.table is not None and bool(found.table.places)
        self.query_one(Tiles).display = bool(tiles)
        # With the matrices, the words are painted by them: a label that changes its height costs a layout.
        label.display = bool(words) and not found.matrices
        label.update(Content("\n").join(content(one, 300) for one in words))
        if found.matrices:
            matrices.show(found.matrices, _above(found, words, self.content_size.width))
        self.query_one(Tiles).show(tiles)
        if found.table is not None:
            fill(table, found.table.table)

    def on_matrices_chosen(self, event: Matrices.Chosen) -> None:
        """Explain another weight."""
        event.stop()
        self.post_message(Panel.Asked(layer.chosen, event.index))

    def on_matrices_unfold(self, event: Matrices.Unfold) -> None:
        """Tell why the weight moved."""
        event.stop()
        self.post_message(Panel.Asked(layer.why))


class LayerPanel(Panel, Vertical, can_focus=True):
    """The selected layer inside."""

    NUMBER = 5
    NAME = "layer"
    ABOUT = "one layer inside"
    SUBJECTS = frozenset({"layer"})
    EFFECTS = (ShowWhy, AskWeight)
    AWAITS = True
    BORDER_TITLE = "5 Layer"
    DEFAULT_CSS = CSS
    HELP = HELP

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go", "Go there", show=False),
        Binding("pagedown", "lead(1)", "Next channel", show=False),
        Binding("pageup", "lead(-1)", "Channel before", show=False),
    ]

    def compose(self) -> ComposeResult:
        """Compose the pictures."""
        yield LayerPictures()

    @property
    def main(self) -> Widget:
        """The picture that is shown."""
        return self.query_one(LayerPictures).main or self

    def footer(self, lab: Lab) -> tuple[str, ...]:
        """The keys of the view that is shown."""
        match views.page_of(lab):
            case "gradients":
                return ("train", "sort", "gradients", "neurons", "step", "undo")
            case "neurons":
                own: tuple[str, ...] = ("neurons",) if lab.layer.page == "neurons" else ()
                own += ("last_parameter next_parameter: image",) if _of_images(lab) else ()
                return ("train", *own, "gradients", "step", "undo")
        return ("train", "why", "set_weight", "last_parameter next_parameter", "neurons", "gradients", "step", "undo")

    @staticmethod
    def queries(lab: Lab) -> frozenset[Query[Observation]]:
        """What the view that is shown needs."""
        query = views.query_of(lab)
        return frozenset() if query is None else frozenset({query})

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:
        """The network, the place on the page, the size, and the numbers."""
        found = views.seen_of(lab, seen.moment)
        return lab.network, lab.network.ids, lab.row, lab.layer, self.content_size, found

    def draw(self, lab: Lab, seen: Seen) -> None:
        """Draw the view that is shown."""
        focused = self.app.focused
        held = focused is not None and self in focused.ancestors_with_self
        found = views.view(lab, seen.moment, self.content_size.width)
        self.frame.entitle(f"{self.BORDER_TITLE}: {clean(found.title, 60)}" if found.title else self.BORDER_TITLE)
        self.query_one(LayerPictures).show(found, self.keys)
        if held and focused is not self.main:
            self.screen.set_focus(self.main)

    def action_go(self) -> None:
        """Go to the parameter under the cursor; without a list of them, edit the layer, as elsewhere."""
        found, row = self.query_one(LayerPictures).shown, self.query_one(TextTable).cursor_row
        if found is None or found.table is None or row >= len(found.table.places):
            self.ask(stack.edit_selected)
        else:
            self.ask(layer.go_to, *found.table.places[row])

    def action_lead(self, by: int) -> None:
        """Choose the same weight of the next channel, or of the one before."""
        self.query_one(Matrices).lead(by)

    def perform(self, effect: Effect, lab: Lab, seen: Seen) -> None:
        """Tell why the chosen weight moved, or ask for its value; of what is drawn, a newer one may be on its way."""
        found = views.seen_of(lab, seen.moment)
        if not isinstance(found, ParameterSeen):
            self.ask(layer.no_weight)
        elif isinstance(effect, ShowWhy):
            # Dialogs are imported when they open, so that the program opens sooner.
            from nnviz.tui.dialogs.unfold import UnfoldScreen

            lines = [with_keys(line, self.keys) for line in views.why_lines(lab, found)]
            self.app.push_screen(UnfoldScreen("Why it moved", lines))
        elif isinstance(effect, AskWeight) and found.values.size:
            self.ask(layer.ask_weight, views.weight_of(lab, found))


def _of_images(lab: Lab) -> bool:
    """Whether the samples are images, of which the neurons show one."""
    return len(job_of(lab.network).schema.sample_shape) == 3


def _fitting(lines: Sequence[str], height: int) -> list[str]:
    """As many lines as there is room for; the last says how many more there are."""
    count = max(height, 1)
    return [*lines] if len(lines) <= count else [*lines[: count - 1], f"… and {len(lines) - count + 1} more"]


def _above(found: LayerView, words: list[str], width: int) -> tuple[Paragraph, ...]:
    """The text above the matrices."""
    said = clean("\n".join(words), 600, lines=True)
    # What has no room beside a curve is left out, not wrapped.
    numbers = [
        clean(line if len(line) <= width else line.partition("  mean")[0].partition("  steps")[0], width)
        for line in found.numbers
    ]
    return (
        Paragraph(clean(found.strong, 300), 1, 4, strong=True),
        Paragraph("\n".join(numbers), len(numbers), len(numbers), quiet=True),
        *((Paragraph(said, 1, 3),) if said else ()),
    )

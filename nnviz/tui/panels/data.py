"""The data: samples as they are with what the network makes of them, and the confusion matrix."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.widget import Widget

from nnviz.lab import Lab, samples, walk, with_keys
from nnviz.lab.effects import Effect, FocusData, WalkSample
from nnviz.network import job_of
from nnviz.run import Observation, Query
from nnviz.tui.text import content
from nnviz.tui.widgets.cells import fill
from nnviz.tui.widgets.colors import surface_color
from nnviz.tui.widgets.confusion import ConfusionMatrix
from nnviz.tui.widgets.gallery import ImageGallery
from nnviz.tui.widgets.guarded import OnPage
from nnviz.tui.widgets.heatmap import HeatMap
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.panel import Panel, Seen
from nnviz.tui.widgets.plot import Plot
from nnviz.tui.widgets.sample_card import SampleCard
from nnviz.tui.widgets.table import TextTable
from nnviz.views import data
from nnviz.views.data import DataView

LIST = 34
"""Columns that the list needs beside the confusion matrix."""

FIT = 36
"""Columns that predicted against true values need beside the list."""

TALL = 24
"""Lines from which on images stand below the list."""

SPACIOUS = 34
"""Lines from which on the chosen sample is large below both."""

CARD, LOWEST = 8, 5
"""Lines of the chosen sample where there is room, and at least."""

HELP = """What the network makes of each sample: target, prediction, how sure it is, and loss. ✗ marks those that
are taken for another class. j k or ↑ ↓ choose one: below the list it is shown as it is, an image as a picture, a
point on the plane (◎), a row of a table by its numbers. {data_walk} walks through it alone, layer by layer: what
its class scores become.

Of images, many stand side by side in the order of the list, below it where there is room; {data_gallery} goes there
and back. Above each is its class, in red with ✗ what it was taken for; the arrow keys or a click choose one.

{data_sort} sorts: the highest loss first, the least sure first, or by number. {data_wrong} lists the wrong ones
only, {data_all} all again, {data_side} the training samples instead of the test samples.

{data_matrix} goes to the confusion matrix and back. A row is a true class, a column what it was taken for; what is
right stands on the diagonal. The arrow keys or a click choose a cell; {data_cell} lists its samples: so you find
which classes are confused, and look at them.

accuracy = right / all. Of a class, precision = TP / (TP + FP), the share that is right of what was taken for it,
recall = TP / (TP + FN), the share of it that was found, and F1 = 2 TP / (2 TP + FP + FN). Above the list each is
macro, the mean over the classes. What is divided by 0 is 0. {metrics} draws them as curves on the training page.

Of a regression, a point is a sample: y is what is right and ŷ what is predicted, the same on the dotted
diagonal, and the ring is the chosen sample. {data_matrix} shows it where it does not stand beside the list. MAE
= mean |ŷ − y| and RMSE = √ mean (ŷ − y)² are in the target's own unit, the loss is that of the standardized values
where these are trained on; R² = 1 − Σ (ŷ − y)² / Σ (y − ȳ)² is 1 if all is right, and 0 for always guessing the mean.
Samples are numbered from 0 on each side; at most 10,000 are listed."""

CSS = """
DataPanel {
    #data-words { height: auto; max-height: 4; }
    #data-main { height: 1fr; }
    #data-left { width: 1fr; height: 1fr; }
    #data-list, #data-plane, #data-gallery { height: 1fr; }
    #data-sample { height: 5; }
    #data-confusion, #data-fit { height: 1fr; width: 1fr; }
    #data-main.-below { layout: vertical; }
    #data-main.-below > #data-fit { height: 2fr; }
}
"""

FOOTER = ("data_walk", "data_sort", "data_wrong", "data_matrix", "data_side", "data_all", "train", "metrics")

IMAGES_FOOTER = (*FOOTER[:4], "data_gallery", *FOOTER[4:])

VALUES_FOOTER = ("data_walk", "data_sort", "data_matrix: predicted/true", "data_side", "train", "metrics")

MATRIX_FOOTER = ("data_cell", "data_matrix", "data_side", "data_all", "train", "metrics")


NOTHING_FOOTER = ("data_all", "data_wrong", "data_matrix", "data_side", "train", "metrics")
"""Where no sample is listed, there is none to walk; all are one key away."""


class DataParts(Horizontal, OnPage):
    """The list above the chosen sample; beside them the confusion matrix, or predicted against true values."""

    def compose(self) -> ComposeResult:
        """Compose the parts."""
        with Vertical(id="data-left"):
            yield TextTable(id="data-list")
            yield ImageGallery(id="data-gallery")
            yield SampleCard(id="data-sample")
            yield HeatMap(id="data-plane")
        yield ConfusionMatrix(id="data-confusion")
        yield Plot(id="data-fit")

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The list, the images or the matrix are used now, by a key or with the mouse."""
        kinds = (isinstance(event.widget, kind) for kind in (ConfusionMatrix, ImageGallery))
        self.post_message(Panel.Asked(samples.on_focus, *kinds))

    def on_row_view_highlighted(self, event: TextTable.Highlighted) -> None:
        """Another sample is chosen."""
        event.stop()
        self.post_message(Panel.Asked(samples.at_row, event.row))

    def on_image_gallery_chosen(self, event: ImageGallery.Chosen) -> None:
        """Another image is chosen."""
        event.stop()
        self.post_message(Panel.Asked(samples.at_row, event.place))

    def on_confusion_matrix_chosen(self, event: ConfusionMatrix.Chosen) -> None:
        """Another cell is chosen."""
        event.stop()
        self.post_message(Panel.Asked(samples.at_cell, event.cell))

    def on_confusion_matrix_taken(self, event: ConfusionMatrix.Taken) -> None:
        """List the samples of the chosen cell."""
        event.stop()
        self.post_message(Panel.Asked(samples.cell))


class DataPanel(Panel, Vertical):
    """The list of samples, the chosen one, and the confusion matrix."""

    NUMBER = 6
    NAME = "data"
    ABOUT = "the data"
    BORDER_TITLE = "6 Data"
    SUBJECTS = frozenset({"samples"})
    EFFECTS = (WalkSample, FocusData)
    DEFAULT_CSS = CSS
    HELP = HELP
    _view: DataView | None = None
    _main = "#data-list"

    def compose(self) -> ComposeResult:
        """Words; the list, the images and the chosen sample; and the confusion matrix beside."""
        yield StableLabel(id="data-words")
        yield DataParts(id="data-main")

    @property
    def main(self) -> Widget:
        """The confusion matrix, the images, or the list."""
        return self.query_one(self._main)

    @staticmethod
    def queries(lab: Lab) -> frozenset[Query[Observation]]:
        """The samples of the side, and what is made of them."""
        return data.queries(lab)

    def footer(self, lab: Lab) -> tuple[str, ...]:
        """The keys of the matrix, or of the list; a regression has none that are predicted wrongly."""
        if not job_of(lab.network).schema.classes:
            return VALUES_FOOTER
        if lab.data.matrix and self._main == "#data-confusion":
            return MATRIX_FOOTER
        return _list_footer(self._view)

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:
        """The observations, the place, and the size."""
        found = tuple(seen.moment.observations.get(query) for query in data.queries(lab)) if seen.moment else None
        return lab.network, lab.data, lab.status.failure, self.content_size, found

    def draw(self, lab: Lab, seen: Seen) -> None:
        """Draw the list, the chosen sample, and the confusion matrix."""
        found = self._view = data.view(lab, seen.moment, _list_width(self.content_size.width))
        before, self._main = self._main, _main(lab, found)
        self.query_one("#data-words", StableLabel).update(
            Content("\n").join(content(with_keys(line, self.keys), 400) for line in found.words)
        )
        # The list stays where it is empty, because it has the focus.
        regression = not found.empty and not job_of(lab.network).schema.classes
        if regression:
            _place_fit(self, lab.data.matrix, data.is_plane(lab))
        else:
            _place(self, found, self._main == "#data-confusion", data.is_plane(lab) and not found.empty)
        _place_gallery(self, found, self._main)
        fill(self.query_one(TextTable), found.table)
        self.query_one(ImageGallery).show(found.gallery)
        self.query_one(SampleCard).show(found.sample)
        focused = self.screen.focused
        if self._main != before and focused is not None and self in focused.ancestors:
            # It was asked for before there was one, or what had the focus is hidden now.
            self.main.focus()
        self.query_one(ConfusionMatrix).show(found.confusion)
        plot = self.query_one("#data-fit", Plot)
        if plot.display:
            plot.show(*data.fit(lab, seen.moment, found))
        if self.query_one(HeatMap).display:
            self.query_one(HeatMap).show(data.plane(lab, seen.moment, found, surface_color(self.app)))

    def perform(self, effect: Effect, lab: Lab, seen: Seen) -> None:  # noqa: ARG002 (of all panels alike)
        """Walk through the chosen sample, or focus the list, the images or the matrix."""
        match effect:
            case WalkSample() if self._view is not None and self._view.sample is not None:
                self.ask(walk.sample, lab.data.side, self._view.sample.number)
            case FocusData():
                self.main.focus()


def _list_footer(found: DataView | None) -> tuple[str, ...]:
    """The keys of the list, of images or others, and of an empty one."""
    if found is not None and not found.empty and not len(found.rows):
        return NOTHING_FOOTER
    return IMAGES_FOOTER if found is not None and found.gallery is not None else FOOTER


def _main(lab: Lab, found: DataView) -> str:
    """What has the focus on the page."""
    if lab.data.matrix and found.confusion is not None:
        return "#data-confusion"
    return "#data-gallery" if lab.data.gallery and found.gallery is not None else "#data-list"


def _place_gallery(page: Widget, found: DataView, main: str) -> None:
    """Show the images below the list where there is room for both; else those or the list, as it was asked."""
    both, chosen = page.content_size.height >= TALL, main == "#data-gallery"
    images, table, card = page.query_one(ImageGallery), page.query_one(TextTable), page.query_one(SampleCard)
    images.display = found.gallery is not None and (both or chosen)
    table.display = both or not chosen
    images.styles.margin = (1 if table.display else 0, 0, 0, 0)
    images.styles.height = "2fr" if table.display else "1fr"
    if images.display and page.content_size.height < SPACIOUS:
        # The chosen one is in view already.
        card.styles.height = LOWEST if table.display else 1
    # Without a gap the chosen image would look like one of the row above it.
    card.styles.margin = (1 if images.display and table.display else 0, 0, 0, 0)


def _list_width(width: int) -> int:
    """The columns of a page that its list has, about."""
    return width if width < 2 * LIST else max(width // 2, LIST)


def _place(page: Widget, found: DataView, matrix_alone: bool, plane: bool) -> None:
    """Give each part its place: the matrix beside the list, or one of them alone."""
    width, height = page.content_size
    matrix, left, card = page.query_one(ConfusionMatrix), page.query_one("#data-left"), page.query_one(SampleCard)
    matrix.show(found.confusion)
    own = matrix.wanted[0]
    beside = found.confusion is not None and width >= own + LIST
    matrix.display = beside or matrix_alone
    left.display = beside or not matrix_alone
    matrix.styles.width = own if beside else "1fr"
    left.styles.margin = (0, 2 if beside else 0, 0, 0)
    card.styles.height = CARD if height >= 3 * CARD - 4 and not plane else LOWEST
    page.query_one(HeatMap).display = plane
    page.query_one("#data-fit").display = False
    page.query_one(DataParts).remove_class("-below")


def _place_fit(page: Widget, asked: bool, plane: bool) -> None:
    """Give each part of a regression its place: predicted against true values beside the list, or below if `asked`."""
    width, height = page.content_size
    beside = width >= LIST + FIT
    left, card = page.query_one("#data-left"), page.query_one(SampleCard)
    page.query_one(ConfusionMatrix).display = False
    page.query_one("#data-fit").display = beside or asked
    page.query_one(DataParts).set_class(asked and not beside, "-below")
    left.display = True
    left.styles.margin = (0, 2 if beside else 0, 0, 0)
    card.display = beside or not asked
    card.styles.height = CARD if height >= 3 * CARD - 4 and not plane else LOWEST
    page.query_one(HeatMap).display = plane and card.display

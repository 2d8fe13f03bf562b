"""Fitting: one target, and what a Fourier sum, a Taylor polynomial and the network make of it."""

from __future__ import annotations

import numpy as np
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from nnviz.lab import Lab, fits, with_keys
from nnviz.lab.effects import Effect, ShowNumbers
from nnviz.lab.fit_place import FITS, FitName
from nnviz.run import Observation, Query
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.cells import fill
from nnviz.tui.widgets.guarded import OnPage
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.panel import Panel, Seen
from nnviz.tui.widgets.plot import Plot
from nnviz.tui.widgets.table import TextTable
from nnviz.views import fits as views
from nnviz.views.chart import geometry
from nnviz.views.fit_words import bends_row, number_lines
from nnviz.views.fits import FitView

HELP = """\
One target, fitted by three: a Fourier sum a₀ + Σ (aₙ cos 2πnfx + bₙ sin 2πnfx) with f = 1 / range, a Taylor polynomial
Σ f⁽ᵏ⁾(p)/k! · (x − p)ᵏ about a point p, and the network as it learns. {fit_target} types the target, {fit_targets}
chooses one.

j and k choose a fit, {fit_more} and {fit_less} make it larger and smaller: waves, degree, units of the hidden layers.
{fit_left} and {fit_right} move the point of the Taylor polynomial. {fit_toggle} hides the chosen fit or draws it.

The errors are those against the target: the largest one in the range of the data, the root of the mean square at 513
points of it, and the largest one outside, as far as the picture goes ({fit_reach}). Of noisy data the target is the
function without the noise. Between the two lines are the data. Outside, the sum repeats itself, the polynomial runs
away, and a ReLU network goes on straight.

A ReLU network is linear, bend, linear, bend: below the picture ▲ marks each bend, a number several of them, and they
move while it trains. {fit_numbers} lists the numbers of the chosen fit: coefficients, or the pieces with the
unit that bends at each. Fourier's integrals are computed
to 1e-12, Taylor's derivatives exactly; where the target has no derivative, the page says what has none."""

TITLES: dict[FitName, str] = {
    "fourier": "Fourier's coefficients", "taylor": "Taylor's coefficients", "network": "Linear, bend, linear, bend",
}  # fmt: skip
"""What the numbers of each fit are."""

CSS = """
FitPictures {
    height: 1fr;
    #fit-words { height: auto; }
    #fit-words.-above { max-height: 2; }
    #fit-plot { height: 1fr; }
    #fit-bends { height: auto; }
    #fit-table { height: 4; }
}
"""


class FitPictures(Vertical, OnPage):
    """The words, the picture with the bends below it, and the errors."""

    def compose(self) -> ComposeResult:
        """Compose the parts."""
        yield StableLabel(id="fit-words")
        yield Plot(id="fit-plot")
        yield StableLabel(id="fit-bends")
        yield TextTable(id="fit-table")

    def on_row_view_highlighted(self, event: TextTable.Highlighted) -> None:
        """Another fit is chosen."""
        event.stop()
        self.post_message(Panel.Asked(fits.at_row, event.row))


class FitsPanel(Panel, Vertical):
    """The target and its fits."""

    NUMBER = 7
    NAME = "fits"
    ABOUT = "fitting a function"
    BORDER_TITLE = "7 Fitting"
    SUBJECTS = frozenset({"fits"})
    EFFECTS = (ShowNumbers,)
    FOOTER = (
        "train",
        "fit_targets",
        "fit_target",
        "fit_less fit_more",
        "fit_left fit_right",
        "fit_toggle",
        "fit_reach",
        "fit_numbers",
        "reset",
        "undo",
    )
    DEFAULT_CSS = CSS
    HELP = HELP
    _view: FitView | None = None

    def compose(self) -> ComposeResult:
        """Compose the pictures."""
        yield FitPictures()

    @property
    def main(self) -> Widget:
        """The table of the fits."""
        return self.query_one(TextTable)

    @staticmethod
    def queries(lab: Lab) -> frozenset[Query[Observation]]:
        """The curve of the network."""
        return views.queries(lab)

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:
        """The network, the place on the page, the size, and the curve."""
        return lab.network, lab.fits, lab.status.failure, self.content_size, views.seen_of(lab, seen.moment)

    def draw(self, lab: Lab, seen: Seen) -> None:
        """Draw the picture and the errors."""
        found = self._view = views.view(lab, seen.moment, self.content_size.width)
        self.frame.entitle(f"{self.BORDER_TITLE}: {clean(found.title, 60)}" if found.title else self.BORDER_TITLE)
        plot, table = self.query_one(Plot), self.query_one(TextTable)
        label = self.query_one("#fit-words", StableLabel)
        label.set_class(bool(found.fits), "-above")
        label.update(content(with_keys(found.words, self.keys), 400))
        plot.display = bool(found.fits)
        plot.show(found.series, found.frame)
        self.query_one("#fit-bends", StableLabel).update(_bends(found, plot))
        fill(table, found.table)

    def perform(self, effect: Effect, lab: Lab, seen: Seen) -> None:  # noqa: ARG002 (drawn just before)
        """List the numbers of the chosen fit."""
        found = self._view
        if found is None or not found.fits:
            self.ask(fits.no_numbers, "")
            return
        fit = found.fits[FITS.index(lab.fits.chosen)]
        if fit.made is None:
            self.ask(fits.no_numbers, fit.words)
            return
        # Dialogs are imported when they open, so that the program opens sooner.
        from nnviz.tui.dialogs.unfold import UnfoldScreen

        self.app.push_screen(UnfoldScreen(TITLES[fit.name], number_lines(fit.made)))


def _bends(found: FitView, plot: Plot) -> Content:
    """The row below the picture that shows where the network bends."""
    place = None if found.pieces is None else geometry(found.series, *plot.size, found.frame)
    if found.pieces is None or place is None:
        return Content("")
    columns = np.floor(place.x.position(found.pieces.kinks) + 1e-6).astype(np.int64)
    name = " bends" if place.right >= len(" bends") else ""
    # Some viewers of SVG pictures swallow leading spaces, unless they have a style of their own.
    return Content.assemble((" " * place.left, "dim"), bends_row(columns, place.columns), name)

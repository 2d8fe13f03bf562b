"""What each page says of its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nnviz.engine import Moment
from nnviz.lab import Lab
from nnviz.run import Walk
from nnviz.views import fits
from nnviz.views.explained.activation import of_compared, of_selected
from nnviz.views.explained.data import of_data
from nnviz.views.explained.explained import Explained
from nnviz.views.explained.fits import of_fits
from nnviz.views.explained.graph import of_graph
from nnviz.views.explained.layer import of_layer
from nnviz.views.explained.loss import of_loss
from nnviz.views.explained.race import of_race
from nnviz.views.explained.run import of_run, of_training
from nnviz.views.explained.stack import of_row

FITS_WIDTH = 80
"""Columns for which the fits are made; their numbers are the same for any."""


def _activation(lab: Lab, moment: Moment | None) -> list[Explained]:
    return of_selected(lab, moment) if lab.curves.page == "selected" else of_compared(lab)


def _fits(lab: Lab, moment: Moment | None) -> list[Explained]:
    return of_fits(lab, fits.view(lab, moment, FITS_WIDTH))


PAGES: Mapping[str, Callable[[Lab, Moment | None], list[Explained]]] = {
    "stack": of_row,
    "training": of_training,
    "activation": _activation,
    "layer": of_layer,
    "data": of_data,
    "fits": _fits,
    "loss": of_loss,
    "race": lambda lab, _: of_race(lab),
}
"""By the names of the panels; the graph, which has a walk besides, comes apart."""


def numbers_of(
    name: str, lab: Lab, moment: Moment | None, walk: Walk | None
) -> tuple[list[Explained], list[Explained]]:
    """The numbers of the page of this name, those that are chosen first; and the others of the line at the top."""
    own = _told(lambda: of_graph(lab, walk) if name == "graph" else PAGES[name](lab, moment))
    return own, [one for one in _told(lambda: of_run(lab, moment)) if one not in own]


def _told(tell: Callable[[], list[Explained]]) -> list[Explained]:
    """What is told, or why nothing is: the help opens in any case."""
    try:
        return tell()
    except Exception as error:
        return [Explained("not explained", "", words=f"{type(error).__name__}: {error}")]

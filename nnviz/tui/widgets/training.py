"""Training, live: where the run stands, its losses, and what the network makes of the data."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Static

from nnviz.catalogue import Spec
from nnviz.data import Prepared
from nnviz.network import Network, prepared, trace
from nnviz.training import Curves, Moment
from nnviz.tui.session import Session
from nnviz.tui.text import clean
from nnviz.tui.widgets.heatmap import HeatMap
from nnviz.tui.widgets.plot import Plot
from nnviz.views.probe import GRID, Probe
from nnviz.views.series import Series


class TrainingPanel(Vertical, can_focus=True):
    """The run in words, the loss curves, and a second picture that fits the data.

    The second picture is the decision boundary or surface for two-dimensional data, target and fit for
    one-dimensional data, and the accuracies for all others.
    """

    BORDER_TITLE = "4 Training"

    def compose(self) -> ComposeResult:
        """Words above pictures."""
        yield Static(id="training-words")
        with Container(id="training-pictures"):
            yield Plot(id="loss-plot")
            yield Plot(id="second-plot")
            yield HeatMap(id="boundary")

    def show(self, network: Network, session: Session) -> None:
        """Draw the newest snapshot of `session`, or why there is none."""
        moment = session.moment
        data = prepared(network.settings.data, network.settings.seed)
        self.border_title = f"4 Training: {clean(data.dataset.name)}, {network.settings.optimizer.name}"
        self.query_one("#training-words", Static).update(_words(network, session, data))
        flat, line = session.probe is not None and session.probe.flat, session.probe is not None
        self.query_one(HeatMap).display = flat
        second = self.query_one("#second-plot", Plot)
        second.display = not flat
        self._show_losses(moment)
        if flat and session.probe is not None:
            self._show_field(data, session.probe, moment)
        elif line and session.probe is not None:
            self._show_fit(data, session.probe, moment)
        else:
            self._show_accuracy(moment, data)

"""Activation functions as curves: f and f′ of the selected activation, with formula and range in words."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from nnviz import nn
from nnviz.errors import NnvizError
from nnviz.network import Network
from nnviz.tui.plots import Frame
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.guarded import drawing
from nnviz.tui.widgets.panel import Panel
from nnviz.tui.widgets.plot import Plot
from nnviz.tui.widgets.words import Words
from nnviz.views.curves import REACH, ActivationCurve, activation_curve, nearest_activation
from nnviz.views.series import Series

NONE = Content(
    "No activation in this stack. Linear after Linear is one Linear: nothing bends. "
    "Press a and add Tanh, ReLU or Sigmoid between them."
)


class ActivationPanel(Panel, Vertical, can_focus=True):
    """The curve of the selected activation; of the nearest one when another layer is selected."""

    BORDER_TITLE = "3 Activation"
    HELP = """\
The selected activation, or the nearest one: f(z) as a line, its derivative f′(z) as dots. Look at where the
curve is flat: there f′ is near 0, and no gradient comes through. Mean and std are those of the outputs for a
standard normal z."""

    def compose(self) -> ComposeResult:
        """The words above the curve."""
        yield Words(id="activation-words")
        yield Plot(id="activation-plot")

    @drawing(whole=True)
    def show(self, network: Network, row: int) -> None:
        """Draw for the layer on stack row `row`."""
        at = nearest_activation(network, row - 1)
        words, plot = self.query_one(Words), self.query_one(Plot)
        if at is None:
            plot.display = False
            self.entitle(self.BORDER_TITLE)
            words.say(NONE)
            return
        self.entitle(f"3 Activation: layer {at + 1}, {clean(nn.layers.label(network.layers[at]), 40)}")
        try:
            curve = activation_curve(network.layers[at])
        except NnvizError as error:
            plot.display = False
            words.say(content(f"✗ {error.message}: {error.hint}", 300))
            return
        if curve is None:
            return
        plot.display = True
        words.say(_words(curve))
        plot.show(
            [Series("f", curve.z, curve.f), Series("f′", curve.z, curve.slope, "dots")],
            Frame("", "z", x_range=(-REACH, REACH)),
        )


def _words(curve: ActivationCurve) -> Content:
    """Formula, derivative, range, and what to look for."""
    return Content.from_markup(
        "[b]$formula[/b]\n[b]$derivative[/b]\n$outputs; f′(0) = $slope\n"
        "standard normal z: mean $mean, std $std\n[$foreground 72%]$remark[/]",
        formula=curve.formula,
        derivative=curve.derivative,
        outputs=curve.outputs,
        slope=f"{curve.slope_at_zero:.3g}",
        mean=f"{curve.mean:.2f}",
        std=f"{curve.std:.2f}",
        remark=curve.remark,
    )

"""Activation functions as curves: f and f′ of the selected activation, with formula and range."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from nnviz.lab import Lab, with_keys
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.panel import Panel, Seen
from nnviz.tui.widgets.plot import Plot
from nnviz.views import activation
from nnviz.views.curves import ActivationCurve


class ActivationPanel(Panel, Vertical, can_focus=True):
    """The curve of the selected activation, or of the nearest one if another layer is selected."""

    NUMBER = 3
    NAME = "activation"
    ABOUT = "activation functions"
    BORDER_TITLE = "3 Activation"
    DEFAULT_CSS = "ActivationPanel #activation-words { height: auto; }"
    HELP = """\
The selected activation, or the nearest one: f(z) as a line, its derivative f′(z) as dots. Look at where the
curve is flat: there f′ is near 0, and hardly any gradient passes. Mean and std are those of the outputs for a
standard normal z."""

    def compose(self) -> ComposeResult:
        """Compose the text above the curve."""
        yield StableLabel(id="activation-words")
        yield Plot(id="activation-plot")

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:  # noqa: ARG002 (a curve needs no moment)
        """The network and the selected row."""
        return lab.network, lab.row

    def draw(self, lab: Lab, seen: Seen) -> None:  # noqa: ARG002
        """Draw the curve."""
        found = activation.view(lab)
        plot = self.query_one(Plot)
        self.frame.entitle(f"{self.BORDER_TITLE}: {clean(found.title, 50)}" if found.title else self.BORDER_TITLE)
        plot.display = found.curve is not None
        words = found.words if found.title else with_keys(found.words, self.keys)
        self.query_one(StableLabel).update(content(words, 300) if found.curve is None else _words(found.curve))
        if found.curve is not None:
            plot.show(found.series, activation.FRAME)


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

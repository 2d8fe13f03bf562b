"""Activation functions as curves: the selected activation with what the data bring to it, or any of them compared."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from nnviz.lab import Lab
from nnviz.lab.effects import Effect, Measure, StopMeasuring
from nnviz.run import Observation, Query
from nnviz.run.queries import LayerStatistics
from nnviz.tui.keymap import Keys
from nnviz.tui.panels.compared import ComparedPage, Measuring
from nnviz.tui.panels.selected import SelectedPage
from nnviz.tui.text import clean
from nnviz.tui.widgets.panel import Panel, Seen
from nnviz.views import activation, compared

HELP = """\
The selected activation, or the nearest one: f(z), its derivative f′(z), and below them on the same axis what your
data bring: how often the layer takes in each z. Where f′ is near 0 the curve is flat, and hardly any gradient passes;
a unit whose f′ is 0 for all samples is dead.

The table has all activations from input to loss: the spread of what they give, how much of what they take in is
flat, how many units are dead, and the signal, the size of the loss's gradient at their output, on a logarithmic
scale: so you see where it is lost on its way back. Up to 256 training samples are counted.

{curves} compares activation functions: Enter draws the one under the cursor or takes it away, ← and → move the reading
line (with shift ten steps), whose values stand in the table; {curves_finer} {curves_coarser} change its step,
{curves_narrower} {curves_wider} the range. {curves_drawn} draws f and f′, f, or f′. A function is convex if each chord
lies on or above its curve; {curves_chord} draws the chord that shows whether it is so. * marks a kink, where f′ is what
the code sets. {curves_table} shows the table of all that holds of them, {curves_sort} sorts it, {curves_slope} gives
LeakyReLU another slope a, {curves_time} measures how long a million numbers take, and once more stops that."""

COMPARED = (
    "curve_toggle", "curves_drawn", "curves_chord", "curves_narrower curves_wider", "curves_table", "curves_sort",
    "curves_time", "curves_slope", "curves_finer curves_coarser", "curves", "train",
)  # fmt: skip
"""The footer of the functions compared."""


class ActivationPanel(Panel, Vertical, can_focus=True):
    """The curve of the selected activation, or of the nearest one if another layer is selected."""

    NUMBER = 3
    NAME = "activation"
    ABOUT = "activation functions"
    BORDER_TITLE = "3 Activation"
    SUBJECTS = frozenset({"activation"})
    EFFECTS = (Measure, StopMeasuring)
    FOOTER = ("train", "curves", "swap", "edit", "slower faster", "step", "walk_next", "undo", "settings")
    HELP = HELP

    _compared: ComparedPage | None = None

    def __init__(self, keys: Keys) -> None:
        super().__init__(keys)
        self._measuring = Measuring(self, self.ask)

    def compose(self) -> ComposeResult:
        """The selected activation; what compares them is made at first use, so that the program opens sooner."""
        yield SelectedPage(id="selected-activation")

    @property
    def main(self) -> Widget:
        """The table of the functions that are compared, or the page itself."""
        page = self._compared
        return page.main if page is not None and page.ready and page.display else self

    def footer(self, lab: Lab) -> tuple[str, ...]:
        """The keys of the functions compared, or of the selected one."""
        return self.FOOTER if lab.curves.page == "selected" else COMPARED

    @staticmethod
    def queries(lab: Lab) -> frozenset[Query[Observation]]:
        """The numbers of all layers, where there is an activation that is shown."""
        return activation.queries(lab) if lab.curves.page == "selected" else frozenset()

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:
        """The network, the selected row, the size, and the numbers of the layers."""
        found = None if seen.moment is None else seen.moment.observations.get(LayerStatistics())
        if lab.curves.page != "selected":
            return lab.curves, self.content_size
        return lab.curves.page, lab.network, lab.network.ids, lab.row, self.content_size, found

    def draw(self, lab: Lab, seen: Seen) -> None:
        """Draw the functions compared; or the curve of the selected one, and what the data bring to it."""
        compares, focused = lab.curves.page != "selected", self.app.focused
        selected = self.query_one(SelectedPage)
        selected.display = not compares
        if self._compared is not None:
            self._compared.display = compares
        if compares:
            self._compare(lab)
        else:
            title = selected.show(lab, seen, self.content_size, self.keys)
            self.frame.entitle(f"{self.BORDER_TITLE}: {clean(title, 50)}" if title else self.BORDER_TITLE)
        if focused is not None and self in focused.ancestors_with_self and focused is not self.main:
            self.screen.set_focus(self.main)

    def _compare(self, lab: Lab) -> None:
        """Draw the functions compared."""
        if self._compared is None:
            self._compared = ComparedPage(id="compared")
            self.mount(self._compared)
        elif self._compared.ready:
            title = self._compared.show(lab, *self.content_size)
            self.frame.entitle(f"{self.BORDER_TITLE}s: {title}")

    def on_compared_page_mounted(self) -> None:
        """Draw the functions compared for the first time."""
        self.redraw()

    def perform(self, effect: Effect, lab: Lab, seen: Seen) -> None:  # noqa: ARG002 (of all panels alike)
        """Measure the times of the functions, or stop that."""
        if isinstance(effect, Measure):
            self._measuring.start(compared.specs_of(lab.curves))
        else:
            self._measuring.stop()

    def on_unmount(self) -> None:
        """Measure no longer."""
        self._measuring.stop()

"""The race: variants of the network trained side by side, with their losses, their maps, and what each costs."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget

from nnviz.lab import Lab, race, with_keys
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.cells import fill
from nnviz.tui.widgets.guarded import OnPage
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.panel import Panel, Seen
from nnviz.tui.widgets.plot import Plot
from nnviz.tui.widgets.table import TextTable
from nnviz.tui.widgets.tiles import Tiles
from nnviz.views import race as views

WIDE, HIGH = 64, 26
"""Columns from which on losses and maps stand side by side, and lines from which on one above the other."""

HELP = """\
The present network, with one thing varied, trained from the start, side by side: {race_last} and {race_next}
choose what, {race_more} and {race_fewer} how many seeds each has, {race_longer} and {race_shorter} for how many
steps. {race_go} begins, pauses and goes on; {race_cancel} ends it early, and what was
learned until then can be taken. Training of the stack is not touched by it.

Curves are means over the seeds; of the chosen one the lowest and the highest stand around it as dots: differences
smaller than that are luck. {log_scale} shows them on a logarithmic axis. The small maps show what the first seed
of each makes of two-dimensional data: orange one class, blue the other.

The table has the mean loss on the test data with its standard deviation over the seeds, the share that is right, and
what it cost: seconds of training for all seeds together, microseconds for a step of one, and how many numbers are
learned. ★ has the lowest test loss. Runs whose arrays have the same shapes take each step together, as one
computation with a leading axis over all of them (the idea of jax.vmap), so that many small ones cost as much
as a few.

{race_take} takes the chosen one into the stack, as its first seed stands at the end; {undo} brings the old one back.
Other seeds split the data in their own ways.

Things to look for: Sigmoid in a deep stack hardly moves; zeros as initialization never learns, as all units stay
alike; of rates the best is often the largest that does not diverge."""

CSS = """
RacePanel {
    #race-words { height: auto; max-height: 3; }
    #race-table { height: auto; max-height: 50%; }
    #race-pictures { height: 1fr; layout: vertical; }
    #race-losses, #race-maps { height: 1fr; }
    &.-wide #race-pictures {
        layout: horizontal;
        #race-losses { width: 3fr; margin-right: 2; }
        #race-maps { width: 2fr; }
    }
}
"""


class RaceParts(Vertical, OnPage):
    """The words, the table, and below it the losses and the maps."""

    def compose(self) -> ComposeResult:
        """Compose the parts."""
        yield StableLabel(id="race-words")
        yield TextTable(id="race-table")
        with Container(id="race-pictures"):
            yield Plot(id="race-losses")
            yield Tiles(id="race-maps")

    def on_row_view_highlighted(self, event: TextTable.Highlighted) -> None:
        """Another one is chosen."""
        event.stop()
        self.post_message(Panel.Asked(race.at_row, event.row))


class RacePanel(Panel, Vertical):
    """Those that race, their losses and maps."""

    NUMBER = 9
    NAME = "race"
    ABOUT = "the race"
    BORDER_TITLE = "9 Race"
    SUBJECTS = frozenset({"race"})
    DEFAULT_CSS = CSS
    FOOTER = (
        "race_go", "race_last race_next", "race_fewer race_more", "race_shorter race_longer", "race_take",
        "race_cancel", "log_scale", "undo",
    )  # fmt: skip
    HELP = HELP

    def footer(self, lab: Lab) -> tuple[str, ...]:
        """While it races, how to pause and to end it comes first."""
        if not lab.race.running:
            return self.FOOTER
        return (
            f"race_go: {'go on' if lab.race.paused else 'pause'}",
            "race_cancel: end it",
            "race_take",
            "log_scale",
            "undo",
        )

    def compose(self) -> ComposeResult:
        """Compose the parts."""
        yield RaceParts()

    @property
    def main(self) -> Widget:
        """The table."""
        return self.query_one("#race-table")

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:  # noqa: ARG002 (of all panels alike)
        """The race, and before there is one the network."""
        return lab.race, None if lab.race.lanes else lab.network, lab.log_scale, self.content_size

    def asked(self, lab: Lab) -> tuple[object, ...]:
        """What races, and how it is shown."""
        place = lab.race
        return place.kind, place.seeds, place.steps, place.row, place.running, place.paused, lab.log_scale, self.size

    def moving(self, lab: Lab) -> bool:
        """Whether the race goes on."""
        return lab.race.running

    def draw(self, lab: Lab, seen: Seen) -> None:  # noqa: ARG002 (of all panels alike)
        """Draw where the race stands."""
        found = views.view(lab)
        self.frame.entitle(f"{self.BORDER_TITLE}: {clean(found.title, 60)}")
        lines = (content(with_keys(line, self.keys), 300) for line in found.words)
        self.query_one("#race-words", StableLabel).update(Content("\n").join(lines))
        table, plot, tiles = self.query_one(TextTable), self.query_one(Plot), self.query_one(Tiles)
        if found.table is not None:
            table.styles.height = found.table.count + 1
            fill(table, found.table)
        width, height = self.content_size
        wide = width >= WIDE
        self.set_class(wide, "-wide")
        tiles.display = bool(found.maps) and (wide or height >= HIGH)
        plot.show(found.losses, found.frame)
        tiles.show([(tile,) for tile in found.maps])

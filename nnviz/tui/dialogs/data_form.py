"""What will be made of a file of data, shown before it is used."""

from __future__ import annotations

import re
from concurrent.futures import Future
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize

from nnviz.data import file_spec
from nnviz.data.own import Source
from nnviz.lab.effects import DataTaken
from nnviz.lab.own_data import Choices, Found, look_into
from nnviz.network import Network
from nnviz.tui.background import in_background
from nnviz.tui.dialogs.dialog import Dialog, DialogBox, DialogKeys
from nnviz.tui.dialogs.reading import ReadingBar
from nnviz.tui.reading import Reading
from nnviz.tui.text import clean
from nnviz.tui.widgets.cells import fill
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.table import TextTable
from nnviz.views.own_data import hint_with_keys, preview_table, settings

WIDTH = 120
"""Columns of the box."""

LEAST = 3
"""Lines of the table at least."""

NAMES = 18
"""Columns of the keys and names of the settings."""

CHANGES = (("c", "task"), ("m", "missing"), ("h", "header"), ("s", "standardize"), ("f", "stack"))
"""The keys of choices, with the methods of `Choices`."""

NAMED = re.compile(r"column '(.*?)'")


class DataForm(Dialog[DataTaken]):
    """Shows the first rows of a file and what will be made of each column; its result is the data set.

    Every choice is a key. The file is read in a thread, again where a choice needs that.

    Args:
        path: the file, or the folder of images.
        network: the present network, which is adapted on request.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Use"),
        Binding("t", "column('target')", "Target"),
        Binding("i", "column('ignore')", "Ignore"),
        *(Binding(key, f"change('{name}')", name.capitalize()) for key, name in CHANGES),
        Binding("plus,equals_sign", "share(1)", "More test data"),
        Binding("minus", "share(-1)", "Less test data"),
    ]

    def __init__(self, path: Path, network: Network) -> None:
        super().__init__()
        self._choices = Choices(Source(str(file_spec(path)["path"])))
        self._network = network
        self._found = Found()
        self._reading: Reading | None = None
        self._former: Future[Found] | None = None
        self._accepts = False

    def compose(self) -> ComposeResult:
        """Compose what the file is, its columns, what can be chosen, and the keys."""
        with DialogBox(classes="data") as box:
            box.border_title = clean(self._choices.source.name, 60)
            yield StableLabel(Content("reading…"), id="summary")
            yield ReadingBar()
            yield TextTable(id="columns")
            yield StableLabel(Content(""), id="choices-made")
            yield DialogKeys(
                "↑ ↓ column",
                ("t target", "column('target')"),
                ("i ignore", "column('ignore')"),
                ("enter use these data", "accept"),
                ("esc cancel", "cancel"),
            )

    def on_mount(self) -> None:
        """Read the file."""
        self.query_one(TextTable).focus()
        self._show()
        self._read()

    def on_resize(self, _event: Resize) -> None:
        """Show what there is room for."""
        self._show()

    def on_unmount(self) -> None:
        """What is still being read is of no use."""
        if self._reading is not None:
            self._reading.cancel()

    def _read(self) -> None:
        """Read the file as it is chosen now, once a former reading has stopped."""
        if self._reading is not None:
            self._reading.cancel()
        reading, former, source, network = Reading(), self._former, self._choices.source, self._network
        self._reading = self.query_one(ReadingBar).reading = reading

        def begun(found: Found) -> None:
            # The first rows are shown while the others are read.
            self.call_later(self._begin, reading, found)

        def work() -> Found:
            if former is not None:
                # Two at a time would take twice the memory.
                former.exception()
            return reading.run(lambda: look_into(source, network, begun))

        def done(found: Future[Found]) -> None:
            if not reading.cancelled and self.is_attached:
                self._end(found)

        self._former = in_background(self, work, done)
        self._show()

    def _begin(self, reading: Reading, found: Found) -> None:
        if not reading.cancelled and self._reading is reading and self.is_attached:
            self._found = found
            self._show()

    def _end(self, future: Future[Found]) -> None:
        self._reading, self._found = None, future.result()
        named = NAMED.search(self._found.error.message) if self._found.error is not None else None
        known = self._found.names
        # An error that names a column is about that one.
        self._show(known.index(named[1]) if named is not None and named[1] in known else None)
        if self._accepts:
            self._accepts = False
            self.action_accept()

    def _show(self, cursor: int | None = None) -> None:
        """Show what is known, in the lines there are."""
        if not self.is_mounted:
            return
        width, room, found = self.inner_width(WIDTH), self.room(WIDTH), self._found
        bar, reads = self.query_one(ReadingBar), self._reading is not None
        bar.display = reads
        summary = summary_of(found, reads)
        lines = min(len(summary.wrap(width)), max(room // 3, 1))
        label = self.query_one("#summary", StableLabel)
        label.styles.height = lines
        label.update(summary)
        left = room - lines - reads
        content = settings_lines(found, self._choices, width, left - LEAST)
        shown = content.plain.count("\n") + 1
        made = self.query_one("#choices-made", StableLabel)
        made.styles.height = shown
        made.update(content)
        table = self.query_one(TextTable)
        table.styles.height = max(min(left - shown, max(len(found.names), 1) + 1), 1)
        fill(table, preview_table(found, self._choices, width))
        if cursor is not None:
            table.move_cursor(cursor)

    def _choose(self, choices: Choices) -> None:
        """Take other choices; the file is read again if that is another way to read it."""
        before, self._choices = self._choices, choices
        if choices.source != before.source:
            self._read()
        else:
            self._show()

    def action_column(self, name: str) -> None:
        """Make the column under the cursor the target, or leave it out."""
        if word := self._found.word(self.query_one(TextTable).cursor_row):
            self._choose(self._choices.target(word) if name == "target" else self._choices.ignore(word))

    def action_change(self, name: str) -> None:
        """Change what has this name among the choices."""
        if name in dict(CHANGES).values():
            self._choose(getattr(self._choices, name)())

    def action_share(self, by: int) -> None:
        """Hold out more or fewer samples for testing."""
        self._choose(self._choices.share(by, self._found.loaded))

    def action_accept(self) -> None:
        """Use the data, once they are read."""
        if self._reading is not None:
            self._accepts = True
        elif self._found.data is not None:
            self.dismiss(DataTaken(self._found.data, self._choices.fit))


def summary_of(found: Found, reads: bool) -> Content:
    """What the file is; or what is wrong with it, and which key mends that."""
    if reads:
        return Content("reading the file…").stylize("$foreground 72%")
    if found.error is not None:
        words = clean(f"✗ {found.error.message}", 400)
        hint = clean(hint_with_keys(found.error.hint), 300)
        return Content.assemble((words, "$text-error"), f": {hint}" if hint else "")
    loaded = found.loaded
    if loaded is None:
        return Content("")
    notes = [note for note in loaded.notes if "missing cell" not in note]
    return Content(clean(" ".join([f"{loaded.summary}.", *notes]), 600))


def settings_lines(found: Found, choices: Choices, width: int, most: int) -> Content:
    """The lines of what can be chosen: each as long as it is, or cut if there is no room for all."""
    room = max(width - NAMES, 1)
    texts = [(one, Content(clean(one.text, 600)).wrap(room)) for one in settings(found, choices)]
    whole = sum(len(lines) for _, lines in texts) <= most
    drawn = []
    for one, lines in texts:
        action = "share(1)" if one.change == "share" else f"change('{one.change}')"
        name = Content(f"{one.keys:<4}{one.name}".ljust(NAMES))
        name = name.stylize("$text-primary").stylize(f"@click=screen.{action}", 0, 4 + len(one.name))
        first = lines[0] if whole or len(lines) == 1 else Content(clean(one.text, room))
        drawn.append(name + first)
        drawn += [Content(" " * NAMES) + line for line in lines[1:] if whole]
    return Content("\n").join(drawn[: max(most, 1)])

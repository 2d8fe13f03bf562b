"""What will be made of a file of data, shown before it is used."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize

from nnviz import nn
from nnviz.data import datasets, file_spec
from nnviz.data.own import Head, Loaded, Source, head, joined, load
from nnviz.errors import CancelledError, NnvizError
from nnviz.lab.effects import DataTaken, Fit
from nnviz.network import Network, fit_to_data, on_data, trace
from nnviz.registry import Spec
from nnviz.tui.background import in_background
from nnviz.tui.dialogs.dialog import Dialog, DialogBox, DialogKeys
from nnviz.tui.dialogs.reading import ReadingBar
from nnviz.tui.reading import Reading
from nnviz.tui.text import clean
from nnviz.tui.widgets.cells import fill
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.table import TextTable
from nnviz.views.own_data import Preview, hint_with_keys, names, preview_table, settings

WIDTH = 120
"""Columns of the box."""

LEAST = 3
"""Lines of the table at least."""

NAMES = 18
"""Columns of the keys and names of the settings."""

STEP, DEFAULT_SHARE = 0.05, 0.2
"""How far a key changes the share of test data, and where from."""

NAMED = re.compile(r"column '(.*?)'")

ACTIONS = {"c": "task", "m": "missing", "h": "header", "s": "standardize", "+ -": "share(1)", "f": "fit"}
"""The actions of the keys of the settings."""

FITS: tuple[Fit, ...] = ("adapt", "keep", "new")

TASKS = ("auto", "classification", "regression")


@dataclass(frozen=True, eq=False)
class Found:
    """What reading a file has given.

    Attributes:
        head: the first rows of a table.
        loaded: the content; None if it cannot be used so.
        spec: the data set.
        stacks: what becomes of the stack, for each choice, in words.
        error: why it cannot be used.
    """

    head: Head | None
    loaded: Loaded | None = None
    spec: Spec | None = None
    stacks: tuple[tuple[Fit, str], ...] = ()
    error: NnvizError | None = None


class DataForm(Dialog[DataTaken]):
    """Shows the first rows of a file and what will be made of each column; its result is the data set.

    Every choice is a key. The file is read in a thread, again where a choice needs that.

    Args:
        path: the file, or the folder of images.
        network: the present network, which is adapted on request.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Use"),
        Binding("t", "target", "Target"),
        Binding("i", "ignore", "Ignore"),
        Binding("c", "task", "Task"),
        Binding("m", "missing", "Missing cells"),
        Binding("h", "header", "Header"),
        Binding("s", "standardize", "Standardize"),
        Binding("plus,equals_sign", "share(1)", "More test data"),
        Binding("minus", "share(-1)", "Less test data"),
        Binding("f", "fit", "Stack"),
    ]

    def __init__(self, path: Path, network: Network) -> None:
        super().__init__()
        self._source = Source(str(file_spec(path)["path"]))
        self._network = network
        self._found = Found(None)
        self._fit: Fit = "adapt"
        self._ignored: tuple[str, ...] = ()
        self._reading: Reading | None = None
        self._former: Future[Found] | None = None
        self._accepts = False

    def compose(self) -> ComposeResult:
        """Compose what the file is, its columns, what can be chosen, and the keys."""
        with DialogBox(classes="data") as box:
            box.border_title = clean(self._source.name, 60)
            yield StableLabel(Content("reading…"), id="summary")
            yield ReadingBar()
            yield TextTable(id="columns")
            yield StableLabel(Content(""), id="choices-made")
            yield DialogKeys(
                "↑ ↓ column",
                ("t target", "target"),
                ("i ignore", "ignore"),
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

    # Reading.

    def _read(self) -> None:
        """Read the file as it is chosen now, once a former reading has stopped."""
        if self._reading is not None:
            self._reading.cancel()
        reading, former, source = Reading(), self._former, self._source
        network = self._network
        self._reading = self.query_one(ReadingBar).reading = reading

        def work() -> Found:
            if former is not None:
                # Two at a time would take twice the memory.
                former.exception()
            return reading.run(lambda: _found(source, network, begun))

        def begun(first: Head | None) -> None:
            # The first rows are shown while the others are read.
            self.call_later(self._take_head, reading, first)

        def done(found: Future[Found]) -> None:
            if not reading.cancelled and self.is_attached:
                self._take(found)

        self._former = in_background(self, work, done)
        self._show()

    def _take_head(self, reading: Reading, first: Head | None) -> None:
        if not reading.cancelled and self.is_attached and self._reading is reading:
            self._found = replace(self._found, head=first, loaded=None, spec=None, error=None)
            self._show()

    def _take(self, future: Future[Found]) -> None:
        self._reading = None
        error = future.exception()
        if error is None:
            self._found = future.result()
        elif isinstance(error, NnvizError):
            self._found = replace(self._found, loaded=None, spec=None, error=error)
        else:
            raise error
        at = self._named_in(self._found.error)
        self._show(at)
        if self._accepts:
            self._accepts = False
            self.action_accept()

    def _named_in(self, error: NnvizError | None) -> int | None:
        """The column that an error names."""
        named = NAMED.search(error.message) if error is not None else None
        known = names(self._preview)
        return known.index(named[1]) if named is not None and named[1] in known else None

    # Showing.

    @property
    def _preview(self) -> Preview:
        stack = next((words for fit, words in self._found.stacks if fit == self._fit), "")
        return Preview(self._source, self._found.head, self._found.loaded, stack, self._ignored)

    def _show(self, cursor: int | None = None) -> None:
        """Show what is known, in the lines there are."""
        if not self.is_mounted:
            return
        width, room, preview = self.inner_width(WIDTH), self.room(WIDTH), self._preview
        bar, reads = self.query_one(ReadingBar), self._reading is not None
        bar.display = reads
        summary = self._summary()
        lines = min(len(summary.wrap(width)), max(room // 3, 1))
        label = self.query_one("#summary", StableLabel)
        label.styles.height = lines
        label.update(summary)
        left = room - lines - reads
        made, content = self.query_one("#choices-made", StableLabel), self._settings(preview, width, left - LEAST)
        shown = content.plain.count("\n") + 1
        made.styles.height = shown
        made.update(content)
        table = self.query_one(TextTable)
        table.styles.height = max(min(left - shown, max(len(names(preview)), 1) + 1), 1)
        fill(table, preview_table(preview, width))
        if cursor is not None:
            table.move_cursor(cursor)

    def _summary(self) -> Content:
        """What the file is; or what is wrong with it, and which key mends that."""
        found = self._found
        if self._reading is not None:
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

    def _settings(self, preview: Preview, width: int, most: int) -> Content:
        """The lines of what can be chosen: each as long as it is, or cut if there is no room for all."""
        room = max(width - NAMES, 1)
        texts = [(one, Content(clean(one.text, 600)).wrap(room)) for one in settings(preview)]
        whole = sum(len(lines) for _, lines in texts) <= most
        found = []
        for one, lines in texts:
            name = Content(f"{one.keys:<4}{one.name}".ljust(NAMES))
            name = name.stylize("$text-primary").stylize(f"@click=screen.{ACTIONS[one.keys]}", 0, 4 + len(one.name))
            first = lines[0] if whole or len(lines) == 1 else Content(clean(one.text, room))
            found.append(name + first)
            found += [Content(" " * NAMES) + line for line in lines[1:] if whole]
        return Content("\n").join(found[: max(most, 1)])

    # Choosing.

    def _choose(self, source: Source) -> None:
        if source != self._source:
            self._source = source
            self._read()

    @property
    def _column(self) -> str:
        """The word by which the column under the cursor is named; empty if there is none."""
        known, at = names(self._preview), self.query_one(TextTable).cursor_row
        if self._found.head is None or at >= len(known):
            return ""
        return known[at] if known.count(known[at]) == 1 else str(at + 1)

    def action_target(self) -> None:
        """Make the column under the cursor the target."""
        if column := self._column:
            self._ignored = tuple(name for name in self._ignored if name != column)
            self._choose(replace(self._source, target=column, ignore=joined(self._ignored)))

    def action_ignore(self) -> None:
        """Leave out the column under the cursor, or use it again."""
        if column := self._column:
            others = tuple(name for name in self._ignored if name != column)
            self._ignored = others if column in self._ignored else (*others, column)
            self._choose(replace(self._source, ignore=joined(self._ignored)))

    def action_task(self) -> None:
        """Infer the task, or make it a classification or a regression."""
        self._choose(replace(self._source, task=_next(TASKS, self._source.task)))

    def action_missing(self) -> None:
        """Leave out the rows with a missing cell, or refuse them."""
        self._choose(replace(self._source, drop_missing=not self._source.drop_missing))

    def action_header(self) -> None:
        """Find out whether there is a header, or say so."""
        # The columns have other names then.
        self._found, self._ignored = Found(None), ()
        header = _next(("auto", "yes", "no"), self._source.header)
        self._choose(replace(self._source, header=header, target="", ignore=""))

    def action_standardize(self) -> None:
        """Standardize, or leave the numbers as they are."""
        self._choose(replace(self._source, standardize=not self._source.standardize))

    def action_share(self, by: int) -> None:
        """Hold out more or fewer samples for testing."""
        share = self._source.test_share
        if share is None:
            share = DEFAULT_SHARE if self._found.loaded is None else self._found.loaded.schema.test_share
        share = round(round(share / STEP + by) * STEP, 2)
        if 0 < share < 1:
            self._choose(replace(self._source, test_share=share))

    def action_fit(self) -> None:
        """Adapt the stack, leave it, or begin a new one."""
        self._fit = FITS[(FITS.index(self._fit) + 1) % len(FITS)]
        self._show()

    def action_accept(self) -> None:
        """Use the data, once they are read."""
        if self._reading is not None:
            self._accepts = True
        elif self._found.spec is not None:
            self.dismiss(DataTaken(self._found.spec, self._fit))


def _next(words: tuple[str, ...], word: str) -> str:
    return words[(words.index(word) + 1) % len(words)]


def _found(source: Source, network: Network, begun: Callable[[Head | None], None]) -> Found:
    """What is in a file, in the thread that reads it; `begun` is told the first rows.

    Raises:
        CancelledError: it was cancelled.
    """
    first: Head | None = None
    try:
        first = head(source)
        begun(first)
        spec = datasets.check(file_spec(**asdict(source)))
        loaded = load(source)
    except CancelledError:
        raise
    except NnvizError as error:
        return Found(first, error=error)
    return Found(first, loaded, spec, tuple((fit, stack_words(network, spec, fit)) for fit in FITS))


def stack_words(network: Network, data: Spec, fit: Fit) -> str:
    """What becomes of a stack on other data, in words."""
    if fit == "new":
        layers = [nn.layers.label(spec) for spec in on_data(data).layers]
        return f"a new one: {', '.join(layers)}"
    network, done = network.configure(replace(network.settings, data=data)), list[str]()
    if fit == "adapt":
        network, done = fit_to_data(network)
    error = trace(network).diagnostic
    found = f"adapted: {'; '.join(done)}" if done else "stays as it is"
    if error is not None:
        return f"{found}, with an error: {error.message}"
    return found if done else f"{found}, since it fits"

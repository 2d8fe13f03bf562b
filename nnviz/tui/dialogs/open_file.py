"""Choosing a model file or data: type to filter, arrows and Enter to choose, or type a path."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Key, Resize
from textual.fuzzy import Matcher
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from nnviz.data import is_data_file
from nnviz.files.place import MODEL, SUFFIX, WEIGHTS, files_beside
from nnviz.paths import is_file, is_folder
from nnviz.tui.background import in_background
from nnviz.tui.dialogs.dialog import Dialog, DialogBox, DialogKeys
from nnviz.tui.text import clean
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.options import Options, move_by_key
from nnviz.tui.widgets.text_input import TextInput

MOST = 500
"""Entries that are listed; of more, the filter shows the others."""

MOST_READ = 20_000
"""Entries of a folder that are read."""

LOWEST, HIGHEST = 5, 15
"""Lines of the list at least and at most, if the terminal has them."""

ABOVE = 3
"""Lines of the folder, the filter and a blank one."""

WIDEST = 40
"""Columns of a name."""

UP, HERE = "..", "."

IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
"""How the names of images end."""

PROBED = 20
"""Folders, and files in each, that are looked at for images."""


@dataclass(frozen=True)
class Item:
    """What can be chosen in a folder.

    Attributes:
        name: its name.
        folder: whether it is a folder.
        about: what is known of it.
        opens: whether it opens, as a model or as data; other folders are entered.
    """

    name: str
    folder: bool
    about: str = ""
    opens: bool = True


def items_of(folder: Path) -> list[Item]:
    """The folders, model files and files of data in a folder, sorted.

    Raises:
        OSError: it cannot be read.
    """
    found = []
    with os.scandir(folder) as entries:
        for _, entry in zip(range(MOST_READ), entries, strict=False):
            item = _item(entry)
            if item is not None:
                found.append(item)
    up = [Item(UP, True, "the folder above", False)] if folder.parent != folder else []
    classes = _folders_of_images(folder, [item.name for item in found if item.folder])
    here = [Item(HERE, True, f"images of {classes:,} classes")] if classes > 1 else []
    # Of what opens, models come first.
    order = sorted(found, key=lambda i: (not i.folder, not i.opens, i.about == DATA, i.name.lower(), i.name))
    return up + here + order


def _folders_of_images(folder: Path, names: list[str]) -> int:
    """How many of these folders hold images, if all that are looked at do; 0 if one does not."""
    names = [name for name in names if not name.startswith(".")]
    for name in names[:PROBED]:
        with suppress(OSError), os.scandir(folder / name) as entries:
            first = itertools.islice(entries, PROBED)
            if any(entry.name.lower().endswith(IMAGES) for entry in first):
                continue
        return 0
    return len(names)


def _item(entry: os.DirEntry[str]) -> Item | None:
    path = Path(entry.path)
    try:
        if entry.is_dir():
            model = is_file(path / MODEL)
            return Item(entry.name, True, _about(path / MODEL) if model else "", model)
        if path.suffix.lower() == SUFFIX and entry.is_file():
            return Item(entry.name, False, _about(path))
        if is_data_file(entry.name) and entry.is_file():
            return Item(entry.name, False, DATA)
    except OSError:
        pass
    return None


DATA = "data"
"""What is known of a file of data by its name."""


def _about(model: Path) -> str:
    return "a model with its weights" if is_file(files_beside(model)[WEIGHTS]) else "a model"


def kind_of(path: Path) -> str:
    """`folder`, `file`, or nothing if there is neither or it cannot be told."""
    return "folder" if is_folder(path) else "file" if is_file(path) else ""


class FilePicker(Dialog[Path]):
    """Choose a model file or a folder with one, a file of data or a folder of images; gives its path.

    Args:
        folder: the folder that is shown first.
    """

    BINDINGS = [("ctrl+o", "accept", "Open")]

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._items: Sequence[Item] = ()
        self._shown: Sequence[Item] = ()

    def compose(self) -> ComposeResult:
        """Compose the folder and the filter above the list."""
        with DialogBox() as box:
            box.border_title = "Open a model or data"
            yield StableLabel(Content(" "), id="folder")
            yield TextInput(placeholder="type to filter, or a path: ../run  ~/models/", id="filter")
            yield Options(id="choices")
            yield DialogKeys("↑ ↓ choose", ("enter open", "accept"), "/ enters a folder", ("esc cancel", "cancel"))

    def on_mount(self) -> None:
        """Show the first folder."""
        self._fit()
        self._enter(self._folder)

    def on_resize(self, _event: Resize) -> None:
        """Make the list as high as the terminal allows."""
        self._fit()
        self._show_folder()

    def _fit(self) -> None:
        """While the filter narrows the list, it stays as high, so that nothing moves under the eyes."""
        lines = max(min(len(self._items), HIGHEST), LOWEST)
        self.query_one(OptionList).styles.height = max(min(lines, self.room() - ABOVE), 1)

    def _enter(self, folder: Path) -> None:
        """Read a folder in a thread, and show it when that is done."""
        # Not `resolve`: a folder is left the way it was entered, as in a shell.
        target = Path(os.path.normpath(folder.absolute()))

        def done(found: Future[list[Item]]) -> None:
            if not self.is_current:
                return
            try:
                items = found.result()
            except OSError as error:
                self._say(f"{target.name or target}: {error.strerror or error}")
                return
            self._folder, self._items, self._shown = target, items, ()
            self._fit()
            self._show_folder()
            field = self.query_one(Input)
            if field.value:
                field.value = ""
            else:
                self._filter("")

        in_background(self, lambda: items_of(target), done)

    def _show_folder(self) -> None:
        width, text = self.inner_width(), clean(self._folder, 4_000)
        # Its end says more than its beginning.
        shown = text if len(text) <= width else f"…{text[len(text) - width + 1 :]}"
        self.query_one("#folder", StableLabel).update(Content(shown).stylize("$foreground 72%"))

    def _say(self, problem: str) -> None:
        self.query_one("#folder", StableLabel).update(Content(f"✗ {clean(problem)}").stylize("$text-error"))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        text = event.value
        if text.endswith("/") and (target := self._path(text)) is not None and kind_of(target) == "folder":
            self._enter(target)
        else:
            self._filter(text.strip())

    def _path(self, text: str) -> Path | None:
        """The path that a text means in this folder; None if it is none."""
        try:
            return self._folder / Path(text).expanduser()
        except (RuntimeError, ValueError):
            return None

    def _filter(self, text: str) -> None:
        """List what matches, the best first."""
        self._show_folder()
        found = [
            item for item in self._items if text.startswith(".") or item.name in (UP, HERE) or item.name[:1] != "."
        ]
        if text:
            matcher = Matcher(text)
            scores = {item.name: matcher.match(item.name) for item in found}
            found = sorted((i for i in found if scores[i.name] > 0), key=lambda item: -scores[item.name])
        self._shown = found[:MOST]
        choices = self.query_one(OptionList)
        choices.clear_options()
        choices.add_options([Option(_words(item)) for item in self._shown])
        if len(found) > MOST:
            choices.add_option(Option(f"{len(found) - MOST:,} more: type to filter", disabled=True))
        if not found:
            choices.add_option(Option("nothing here matches; Backspace widens the search", disabled=True))
        # The first that opens, or else the first folder that is not the one above; of what was searched for, the best.
        order = sorted(range(len(self._shown)), key=lambda at: (not self._shown[at].opens, self._shown[at].name == UP))
        choices.highlighted = None if not found else 0 if text else order[0]

    def on_key(self, event: Key) -> None:
        """Move in the list with the arrows while the filter has the focus."""
        move_by_key(self.query_one(OptionList), event)

    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Open what the text names, or else what is highlighted."""
        text = self.query_one(Input).value.strip()
        path = self._path(text) if text else None
        if path is not None and (kind := kind_of(path)):
            # The folder that is shown is not entered again.
            enters = kind == "folder" and kind_of(path / MODEL) != "file" and text != HERE
            self._take(path, enters)
            return
        if "/" in text:
            self._say(f"{text}: there is no such file")
            return
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._shown):
            item = self._shown[at]
            self._take(self._folder / item.name, not item.opens)

    def _take(self, path: Path, enter: bool) -> None:
        if enter:
            self._enter(path)
        else:
            self.dismiss(path)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        if event.option_index < len(self._shown):
            item = self._shown[event.option_index]
            self._take(self._folder / item.name, not item.opens)


def _words(item: Item) -> Content:
    name = clean(item.name, WIDEST - 1) + ("/" if item.folder else "")
    return Content.assemble((name.ljust(WIDEST), "bold" if item.opens else ""), (item.about, "$foreground 72%"))

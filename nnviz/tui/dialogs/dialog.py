"""What all dialogs share: a box in the middle with a title, and Escape to cancel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize, ScreenResume
from textual.geometry import Region, Size
from textual.screen import ModalScreen
from textual.widgets import Static

from nnviz.tui.dialogs.resize import ResizableScreen
from nnviz.tui.patches import PartFirst

Result = TypeVar("Result")

WIDTH = 72
"""Columns of a box, where its style says nothing else."""

AROUND, FRAME = 4, 2
"""Columns of a box's frame and padding, and lines of its frame."""


class Dialog(ModalScreen[Result | None], ResizableScreen[Result | None], PartFirst[Result | None]):
    """A modal box. A subclass composes a `DialogBox`; Escape closes it with None.

    It opens fast: the box is painted first and the screen below is dimmed after the next refresh, new widgets are
    styled once, and a size that it has already causes no layout.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "cancel", "Cancel")]

    def __init__(self) -> None:
        super().__init__()
        self._fitted: Size | None = None

    def part(self) -> Iterable[Region]:
        """The box is painted first."""
        return (box.region for box in self.query(DialogBox))

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Skip the styles: those of new widgets are up to date."""
        event.refresh_styles = False
        self._fitted = self.app.size

    def on_resize(self, event: Resize) -> None:
        """Ignore a size that the dialog is laid out for already."""
        size = self.app.size
        if event.size == size:
            if self._fitted == size:
                event.prevent_default()
            self._fitted = size

    def inner_width(self, most: int = WIDTH) -> int:
        """The columns inside a box of at most so many."""
        return max(min(self.app.size.width, most) - AROUND, 1)

    def room(self, most: int = WIDTH) -> int:
        """The lines that the frame and the keys of a box leave for what it shows."""
        width = self.inner_width(most)
        # While it is composed, it has no keys yet.
        keys = next((keys.lines(width) for keys in self.query(DialogKeys)), 1)
        return max(self.app.size.height - FRAME - keys, 1)

    def action_cancel(self) -> None:
        """Close without a result."""
        self.dismiss(None)


class DialogBox(Vertical):
    """The box."""


class DialogKeys(Static):
    """A line on what the keys do; a click on a text that has an action runs it.

    Args:
        words: the texts, each with the action of the screen that a click runs, if there is one.
    """

    def __init__(self, *words: str | tuple[str, str]) -> None:
        pairs = ((each, "") if isinstance(each, str) else each for each in words)
        parts = (Content(text).stylize(f"@click=screen.{action}" if action else "") for text, action in pairs)
        self._words = Content("    ").join(parts)
        super().__init__(self._words, classes="dialog-keys")

    def lines(self, width: int) -> int:
        """The lines that it takes in so many columns."""
        return len(self._words.wrap(width))

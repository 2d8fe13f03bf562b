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
        super().__init__(Content("    ").join(parts), classes="dialog-keys")

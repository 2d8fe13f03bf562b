"""What all dialogs share: a box in the middle, a title, Escape to leave it as it was."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Dialog(ModalScreen[Result | None]):
    """A modal box. A subclass composes a `DialogBox`; Escape closes it with None."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "cancel", "Cancel")]

    def action_cancel(self) -> None:
        """Close, and change nothing."""
        self.dismiss(None)


class DialogBox(Vertical):
    """The box."""

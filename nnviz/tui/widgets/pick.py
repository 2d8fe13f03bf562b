"""Choose one of many on one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from nnviz.tui.text import clean


class Offer(NamedTuple):
    """A choice.

    Attributes:
        name: its name.
        about: its description.
        kind: a category, by which it is found as well.
    """

    name: str
    about: str = ""
    kind: str = ""


class Pick(Widget, can_focus=True):
    """Shows the chosen one; Enter opens the list of all, ← and → choose the previous and the next.

    Textual's Select consists of five widgets: a form with some of them takes ten frames to open.

    Args:
        noun: what one of them is called.
        offers: the choices.
        value: the initial choice.

    Attributes:
        noun, offers: as given.
        value: the present choice.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "open", "Choose", show=False),
        Binding("right", "step(1)", "Next", show=False),
        Binding("left", "step(-1)", "Before", show=False),
    ]

    class Asked(Message):
        """The list of all choices is wanted; its answer goes to `choose`."""

        def __init__(self, pick: Pick) -> None:
            super().__init__()
            self.pick = pick

    class Changed(Message):
        """The choice has changed."""

        def __init__(self, value: str) -> None:
            super().__init__()
            self.value = value

    def __init__(self, noun: str, offers: Sequence[Offer], value: str) -> None:
        super().__init__()
        self.noun = noun
        self.offers = offers
        self.value = value

    def render(self) -> Content:
        """Render the name, with a mark for a list."""
        return Content(f"{clean(self.value, 40)} ▾")

    def choose(self, value: str | None) -> None:
        """Change the choice; None leaves it as it is."""
        if value is not None and value != self.value:
            self.value = value
            self.refresh()
            self.post_message(self.Changed(value))

    def action_step(self, by: int) -> None:
        """Choose the next or the previous one."""
        names = [offer.name for offer in self.offers]
        at = names.index(self.value) if self.value in names else -1
        self.choose(names[(at + by) % len(names)])

    def action_open(self) -> None:
        """Ask for the list of all."""
        self.post_message(self.Asked(self))

    def on_click(self) -> None:
        """Ask for the list of all."""
        self.action_open()

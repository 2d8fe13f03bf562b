"""One of many, on one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from nnviz.tui.text import clean


class Offer(NamedTuple):
    """What can be chosen.

    Attributes:
        name: what it is called.
        about: what it is.
        kind: by this it is found, too.
    """

    name: str
    about: str = ""
    kind: str = ""


class Pick(Widget, can_focus=True):
    """What is chosen; Enter opens all there is, ← and → take the one beside it.

    Textual's own is five widgets: a form with some of them takes ten frames to open.

    Args:
        noun: what is chosen.
        offers: what there is.
        value: what is chosen at first.

    Attributes:
        noun, offers: as given.
        value: what is chosen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "open", "Choose", show=False),
        Binding("right", "step(1)", "Next", show=False),
        Binding("left", "step(-1)", "Before", show=False),
    ]

    class Asked(Message):
        """All there is to choose from is wanted; whoever shows it gives the answer to `choose`."""

        def __init__(self, pick: Pick) -> None:
            super().__init__()
            self.pick = pick

    class Changed(Message):
        """Something else was chosen."""

        def __init__(self, value: str) -> None:
            super().__init__()
            self.value = value

    def __init__(self, noun: str, offers: Sequence[Offer], value: str) -> None:
        super().__init__()
        self.noun = noun
        self.offers = offers
        self.value = value

    def render(self) -> Content:
        """The name, with a mark that there are others."""
        return Content(f"{clean(self.value, 40)} ▾")

    def choose(self, value: str | None) -> None:
        """Choose something else; None changes nothing."""
        if value is not None and value != self.value:
            self.value = value
            self.refresh()
            self.post_message(self.Changed(value))

    def action_step(self, by: int) -> None:
        """The one beside it."""
        names = [offer.name for offer in self.offers]
        at = names.index(self.value) if self.value in names else -1
        self.choose(names[(at + by) % len(names)])

    def action_open(self) -> None:
        """All there is."""
        self.post_message(self.Asked(self))

    def on_click(self) -> None:
        """As Enter does."""
        self.action_open()

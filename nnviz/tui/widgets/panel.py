"""What all panels share: a title, and a frame that lights up when the focus is within."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.style import Style
from textual.theme import Theme
from textual.widget import Widget

from nnviz.engine import Moment
from nnviz.lab import COMMANDS, Lab
from nnviz.lab.command import Action
from nnviz.lab.effects import Subject
from nnviz.run import Observation, Query, Walk
from nnviz.tui.keymap import Keys, binding
from nnviz.tui.widgets.guarded import Page
from nnviz.tui.widgets.partial_refresh import PartialRefresh


@dataclass(frozen=True, eq=False)
class Seen:
    """What a panel draws from, besides the lab.

    Attributes:
        moment: the newest of the present run; None before the first.
        walk: the numbers of the step that is walked through; None where no walk was begun.
        error: what went wrong in computing them.
    """

    moment: Moment | None = None
    walk: Walk | None = None
    error: Exception | None = None


class Panel(Page, PartialRefresh):
    """A panel of the main screen; it can fill the screen. What cannot be drawn in it is told in it.

    It draws from what it is handed, and asks for commands by messages; it knows no screen.

    Attributes:
        NUMBER: the key that goes to it.
        PLACE: where it stands, from 0 to 3: from the top left, line by line. 0 is the first panel's alone; of others
            that have the same place, the one gone to last is seen, at first that of the lowest number.
        NAME: its id.
        ABOUT: what the palette calls it.
        BESIDE: whether it stands beside the stack at first where only one can.
        SHOWS: which subject of effects this panel shows; one panel a subject.
    """

    class Asked(Message):
        """The panel asks for a command, with its arguments."""

        def __init__(self, action: Action, *arguments: object) -> None:
            super().__init__()
            self.action = action
            self.arguments = arguments

    class Turned(Message):
        """The panel can be seen now, or no longer: only what is visible is asked of the trainer."""

    NUMBER: ClassVar[int]
    PLACE: ClassVar[int]
    NAME: ClassVar[str]
    ABOUT: ClassVar[str]
    BESIDE: ClassVar[bool] = False
    SHOWS: ClassVar[Subject | None] = None
    ALLOW_MAXIMIZE = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {"panel--lit"}

    def __init__(self, keys: Keys) -> None:
        super().__init__(id=self.NAME)
        self.set_class(self.PLACE == 0, "-first")
        self.set_class(self.BESIDE, "-beside")
        self._keys = keys
        self._lit = False
        self._title = ""
        self._drawn: tuple[object, ...] | None = None
        self._handed: tuple[Lab, Seen] | None = None

    def on_mount(self) -> None:
        """The frame has the colours of the theme."""
        self.app.theme_changed_signal.subscribe(self, self._on_theme)

    def _on_theme(self, _theme: Theme) -> None:
        self._draw_frame()
        self.recolour()

    @property
    def keys(self) -> Mapping[str, str]:
        """The first key of every command, by its id."""
        return self._keys.first

    @property
    def main(self) -> Widget:
        """What takes the keys within the panel."""
        return self

    @staticmethod
    def queries(lab: Lab) -> frozenset[Query[Observation]]:  # noqa: ARG004 (for those that ask)
        """What the panel wants to see of the trainer."""
        return frozenset()

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:
        """What the picture depends on: while that is the same, nothing is drawn anew."""
        raise NotImplementedError

    def draw(self, lab: Lab, seen: Seen) -> None:
        """Draw the panel."""
        raise NotImplementedError

    def show(self, lab: Lab, seen: Seen, unseen: bool = False) -> None:
        """Draw the panel where what it depends on has changed; what raises is told in it.

        Args:
            lab, seen: what it draws from.
            unseen: whether it is drawn although it has no room yet, since it is about to be seen.
        """
        self._handed = lab, seen
        if not self.size and not unseen:
            # It cannot be seen; it is drawn as soon as it has room.
            self._drawn = None
            return
        inputs: tuple[object, ...] | None = None
        with self.surviving("inputs"):
            inputs = self.inputs(lab, seen)
        if inputs is None or (self._drawn is not None and _same(self._drawn, inputs)):
            return
        self._drawn = None
        with self.surviving("draw", whole=True):
            self.draw(lab, seen)
            self._drawn = inputs

    def __init_subclass__(cls, *args: Any, **kwargs: Any) -> None:
        """The keys of the commands that work on this panel alone are its own."""
        own = [binding(command) for command in COMMANDS if command.where == getattr(cls, "NAME", None)]
        if own:
            cls.BINDINGS = [*cls.__dict__.get("BINDINGS", ()), *own]
        super().__init_subclass__(*args, **kwargs)

    def on_resize(self) -> None:
        """There is other room for it."""
        self.redraw()

    def on_show(self) -> None:
        """It can be seen."""
        self.post_message(self.Turned())

    def on_hide(self) -> None:
        """It can no longer be seen."""
        self.post_message(self.Turned())

    def redraw(self) -> None:
        """Draw anew what was handed over last."""
        self._drawn = None
        if self._handed is not None:
            self.show(*self._handed)

    def recolour(self) -> None:
        """Draw anew in the colours of the theme."""
        self.redraw()

    def ask(self, action: Action, *arguments: object) -> None:
        """Ask for a command."""
        self.post_message(self.Asked(action, *arguments))

    def entitle(self, title: str) -> None:
        """Have this title."""
        if title != self._title:
            self._title = title
            self._draw_frame()

    def light(self, lit: bool) -> None:
        """Light the frame up, or put it out.

        The pseudo-class `:focus-within` would do it, and have Textual paint all that is within, as would a class with
        another colour for the title.
        """
        if lit is not self._lit:
            self._lit = lit
            self._draw_frame()

    def _draw_frame(self) -> None:
        title = Content(self._title or self.BORDER_TITLE or "")
        look = self.get_component_styles("panel--lit")
        with self.partial_refresh():
            self.styles.border = look.border if self._lit else None
            self.border_title = title.stylize(Style.from_styles(look)) if self._lit else title
        self.call_after_refresh(self._draw_sides)

    def focus_regions(self) -> tuple[Region, ...]:
        """The top of the frame: the other sides touch every line of the screen, so they follow after the refresh."""
        return (Region(0, 0, self.outer_size.width, 1).translate(-self.content_offset),)

    def _draw_sides(self) -> None:
        width, height = self.outer_size
        sides = (Region(0, height - 1, width, 1), Region(0, 0, 1, height), Region(width - 1, 0, 1, height))
        self.refresh(*(side.translate(-self.content_offset) for side in sides))


def _same(ones: tuple[object, ...], others: tuple[object, ...]) -> bool:
    """Whether nothing has changed: by identity where comparing would cost, or mean something else."""
    return len(ones) == len(others) and all(a is b or a == b for a, b in zip(ones, others, strict=True))

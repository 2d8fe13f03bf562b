"""Panels: the parts of the main screen."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any, ClassVar, Self

from textual.geometry import Region
from textual.message import Message
from textual.theme import Theme
from textual.timer import Timer
from textual.widget import Widget

from nnviz.engine import Moment
from nnviz.lab import COMMANDS, Lab
from nnviz.lab.command import Action
from nnviz.lab.effects import Effect
from nnviz.run import Observation, Query, Walk
from nnviz.tui.keymap import Keys, binding
from nnviz.tui.widgets.frame import Frame
from nnviz.tui.widgets.guarded import Page


@dataclass(frozen=True, eq=False)
class Seen:
    """What a panel draws from, besides the lab.

    Attributes:
        moment: the newest moment of the present run; None before the first.
        walk: the computed part of the step that is walked through; None if there is no walk.
        error: the exception that ended its computation.
    """

    moment: Moment | None = None
    walk: Walk | None = None
    error: Exception | None = None


PATIENCE = 0.15
"""Seconds that the last picture stays while what the next one shows is on its way."""


class Drawing:
    """Draws a panel again only when one of its inputs has changed; while these go on by themselves, with pauses.

    What took t seconds to draw and to paint is not drawn again before t / SHARE have passed, unless the user has asked
    for something else. What was left out is drawn after the pause, and at once when training stops. Where the user has
    asked for something that has yet to be computed, the last picture stays until it is, but not for long.

    Args:
        panel: the panel.

    Attributes:
        handed: the lab and what else is seen, as of the last call of `show`.
    """

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._drawn: tuple[object, ...] | None = None
        self._asked: tuple[object, ...] = ()
        self._seconds = self._ended = self._due = 0.0
        self._later: Timer | None = None
        self._waits_since: float | None = None
        self.handed: tuple[Lab, Seen] | None = None

    def hand(self, lab: Lab, seen: Seen, visible: bool) -> None:
        """Draw from these if the panel is visible; otherwise it is drawn as soon as it is handed something anew."""
        self.handed = lab, seen
        if visible:
            self.show()
        else:
            self.forget()

    def forget(self) -> None:
        """Draw at the next call of `show` in any case."""
        self._drawn = self._waits_since = None

    @property
    def pause(self) -> float:
        """Seconds until the end of the pause."""
        return self._ended + (self._seconds + self._panel.painting) / self._panel.SHARE - perf_counter()

    def show(self) -> None:
        """Draw from `handed`, if an input differs from those of the last picture and there is no pause."""
        if self.handed is None:
            return
        panel, errors = self._panel, self._panel.errors
        inputs: tuple[object, ...] | None = None
        asked: tuple[object, ...] = ()
        with errors.catch("inputs"):
            inputs, asked = panel.inputs(*self.handed), panel.asked(self.handed[0])
        if inputs is None:
            return
        if self._drawn is not None and _same(self._drawn, inputs):
            self._waits_since = None
            return
        rest = self._rest(asked)
        if rest > 0:
            self._wait(rest)
        else:
            self._draw(inputs, asked, *self.handed)

    def _wait(self, seconds: float) -> None:
        """Draw after so many seconds, or sooner if that was already to be."""
        end = perf_counter() + seconds
        if self._later is not None:
            if self._due <= end:
                return
            self._later.stop()
        self._later, self._due = self._panel.set_timer(seconds, self.after), end

    def _rest(self, asked: tuple[object, ...]) -> float:
        """Seconds until the panel may be drawn."""
        if self._drawn is None or self.handed is None:
            return 0.0
        panel, (lab, seen) = self._panel, self.handed
        if panel.AWAITS and seen.moment is not None and panel.queries(lab) - seen.moment.observations.keys():
            now = perf_counter()
            self._waits_since = now if self._waits_since is None else self._waits_since
            return self._waits_since + PATIENCE - now
        return self.pause if panel.moving(lab) and _same(self._asked, asked) else 0.0

    def _draw(self, inputs: tuple[object, ...], asked: tuple[object, ...], lab: Lab, seen: Seen) -> None:
        self._drawn, begin, self._panel.painting = None, perf_counter(), 0.0
        self._waits_since = None
        with self._panel.errors.catch("draw", whole=True):
            self._panel.draw(lab, seen)
            self._drawn, self._asked = inputs, asked
        self._ended = perf_counter()
        self._seconds = self._ended - begin

    def after(self) -> None:
        """Draw from what was handed over last, after a pause or a change."""
        self._later = None
        if self.handed is not None:
            self._panel.show(*self.handed)


class PanelTurned(Message):
    """A panel has become visible, or hidden."""


class PanelAsked(Message):
    """The panel asks for a command, with its arguments."""

    def __init__(self, action: Action, *arguments: object) -> None:
        super().__init__()
        self.action = action
        self.arguments = arguments


class Panel(Page):
    """A panel of the main screen. It draws from what it is handed and asks for commands by messages.

    Attributes:
        NUMBER: the key that goes to it. That with the lowest is always visible; the others are pages beside it.
        NAME: its id.
        ABOUT: its name in the palette.
        SUBJECTS: what it shows, in the words of the lab: there the keys of the commands on it work, and effects on it
            lead here.
        EFFECTS: the kinds of effects that it carries out by itself.
        FOOTER: the ids of the commands that the footer shows while the focus is here, the most used first.
        SHARE: the share of the main thread's time that drawing it may take during training.
        AWAITS: whether its last picture stays until what the next one asks for is answered.
        frame: its border and title.
        keys: the first key of every command, by the command's id.
        words: what is wrong or worth a note, in full; the help of every page begins with it.
    """

    Asked = PanelAsked
    NUMBER: ClassVar[int]
    NAME: ClassVar[str]
    ABOUT: ClassVar[str]
    SUBJECTS: ClassVar[frozenset[str]] = frozenset()
    EFFECTS: ClassVar[tuple[type[Effect], ...]] = ()
    FOOTER: ClassVar[tuple[str, ...]] = ("train", "step", "settings", "log_scale", "walk_next", "undo")
    SHARE: ClassVar[float] = 0.015
    AWAITS: ClassVar[bool] = False
    ALLOW_MAXIMIZE = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {"panel--lit"}

    def __init__(self, keys: Keys) -> None:
        super().__init__(id=self.NAME)
        self.keys, self.words = keys.first, ""
        self.frame = Frame(self)
        self._drawing = Drawing(self)

    def __init_subclass__(cls, *args: Any, **kwargs: Any) -> None:
        """Bind the keys of the commands that work on this panel alone."""
        own = [binding(command) for command in COMMANDS if command.where in cls.SUBJECTS]
        if own:
            cls.BINDINGS = [*cls.__dict__.get("BINDINGS", ()), *own]
        super().__init_subclass__(*args, **kwargs)

    @property
    def main(self) -> Widget:
        """The widget within that takes the focus."""
        return self

    @staticmethod
    def queries(lab: Lab) -> frozenset[Query[Observation]]:  # noqa: ARG004 (for panels that ask)
        """What the panel needs from the trainer."""
        return frozenset()

    def footer(self, lab: Lab) -> tuple[str, ...]:  # noqa: ARG002 (for panels whose keys depend on it)
        """The ids of the commands that the footer shows while the focus is here."""
        return self.FOOTER

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:
        """The values that the picture depends on; the panel is drawn again when one of them changes."""
        return lab, seen.moment, seen.walk, seen.error

    def asked(self, lab: Lab) -> tuple[object, ...]:
        """The values among these that the user has chosen: when one of them changes, no pause is made."""
        return self.inputs(lab, Seen())

    def moving(self, lab: Lab) -> bool:
        """Whether the other values change by themselves, many times a second."""
        return lab.running

    def draw(self, lab: Lab, seen: Seen) -> None:
        """Draw the panel. Unless overridden, it is as composed."""

    def perform(self, effect: Effect, lab: Lab, seen: Seen) -> None:
        """Carry out an effect of one of the kinds in `EFFECTS`; the panel was just drawn from `lab` and `seen`."""

    def show(self, lab: Lab, seen: Seen, unseen: bool = False) -> None:
        """Draw the panel where an input has changed; `unseen`, although it has no size yet: it is about to be shown.

        Exceptions are shown in the panel.
        """
        self._drawing.hand(lab, seen, bool(self.size) or unseen)

    def redraw(self) -> None:
        """Draw again from what was handed over last."""
        self._drawing.forget()
        self._drawing.after()

    def recolor(self) -> None:
        """Draw again in the colors of the theme."""
        self.redraw()

    def ask(self, action: Action, *arguments: object) -> None:
        """Ask for a command."""
        self.post_message(self.Asked(action, *arguments))

    def on_mount(self) -> None:
        """Follow the theme."""
        self.app.theme_changed_signal.subscribe(self, self._on_theme)

    def _on_theme(self, _theme: Theme) -> None:
        self.frame.draw()
        self.recolor()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.redraw()

    def on_show(self) -> None:
        """The panel has become visible, or hidden."""
        self.post_message(PanelTurned())

    on_hide = on_show

    def watch_has_focus(self, _has_focus: bool) -> None:
        """No style depends on the focus, so Textual need not look for one."""

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Repaint the frame alone, unless there are regions or a new layout: the children repaint themselves."""
        if not (regions or layout or recompose) and self.is_attached:
            regions = self.frame.top()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


def _same(ones: tuple[object, ...], others: tuple[object, ...]) -> bool:
    """Whether nothing has changed: by identity where comparing would cost, or mean something else."""
    return len(ones) == len(others) and all(a is b or a == b for a, b in zip(ones, others, strict=True))

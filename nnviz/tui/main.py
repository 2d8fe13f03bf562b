"""The main screen: it holds the lab, hands it to the panels, and replaces it after each command."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from nnviz.engine import Event, Moment, Pace, ProcessEngine
from nnviz.lab import EPOCH_A_PICTURE, PACES, Entry, Lab
from nnviz.lab.command import EVERYWHERE, Action
from nnviz.lab.edits import start
from nnviz.lab.effects import Minimize, StartRun
from nnviz.lab.events import on_event
from nnviz.lab.view import select_by
from nnviz.lab.walk import pause_playing, tick
from nnviz.network import Network
from nnviz.run import Run, other_samples
from nnviz.tui import gc_policy
from nnviz.tui.commands import all_commands
from nnviz.tui.drawer import Drawer, Links
from nnviz.tui.keymap import Keys, binding
from nnviz.tui.opening import PanelScreen, size_classes
from nnviz.tui.panels import panels
from nnviz.tui.performer import Performer
from nnviz.tui.places import Places
from nnviz.tui.remembered import remembered
from nnviz.tui.walking import Walking
from nnviz.tui.widgets.keybar import Key, KeyBar
from nnviz.tui.widgets.panel import PanelAsked, Seen
from nnviz.tui.widgets.stage import Stage
from nnviz.tui.widgets.status_line import StatusLine
from nnviz.views.status import status

LAST_KEYS = ("help", "quit")
"""The ids of the commands at the end of every footer."""

LEAVING = 0.2
"""Seconds that the end of the program waits for training to stop, so that its last step is kept."""


def room_for(size: Size) -> int:
    """How many pages stand beside the stack on a screen of this size."""
    if size.width < 110 or size.height < 34:
        return 1
    return 5 if size.width >= 180 and size.height >= 50 else 3


def remembered_pace() -> Pace:
    """The pace chosen last."""
    chosen = remembered("pace")
    return next((pace for pace in PACES if str(pace) == chosen), EPOCH_A_PICTURE)


def footer_key(entry: str, keys: Keys, running: bool) -> Key:
    """An entry of the footer: the id of a command, or several with one label; after a colon, what it does just now."""
    ids, _, now = entry.partition(":")
    names = ids.split()
    command = next(one for one in keys.commands if one.id == names[0])
    label = now.strip() or ("pause" if entry == "train" and running else command.label)
    return Key(" ".join(keys.first[name] for name in names), label, f"screen.command('{command.id}')")


class EngineSaid(Message):
    """An event of the engine."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event

    def can_replace(self, message: Message) -> bool:
        """A newer moment replaces a waiting older one, unless the older carries a checkpoint."""
        if not isinstance(message, EngineSaid):
            return False
        older, newer = message.event, self.event
        return isinstance(older, Moment) and isinstance(newer, Moment) and older.checkpoint is None


class MainScreen(PanelScreen):
    """All panels, with the keys of all commands.

    Args:
        network: the network to open.
        keys: the keys of the commands.

    Attributes:
        lab: everything that the user has made.
        moment: the newest of the present run; None before the first.
        keys: the keys of the commands.
        performer: carries out the effects.
        drawer: draws the panels.
    """

    # The command "leave" minimizes a panel, and also leaves a walk.
    ESCAPE_TO_MINIMIZE = False
    ALLOW_IN_MAXIMIZED_VIEW = "StatusLine, KeyBar"
    # Dialogs have their style sheet here, because parsing it takes longer than a key may.
    CSS_PATH = ["dialogs/dialog.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        *(binding(command) for command in all_commands() if command.where == EVERYWHERE),
        Binding("ctrl+z", "app.suspend_process", "Suspend", show=False),
        # Without a list of its own, a panel leaves these keys to the stack.
        Binding("j,down", "select(1)", "Next row", show=False),
        Binding("k,up", "select(-1)", "Previous row", show=False),
    ]

    class Ready(Message):
        """Everything is shown and can be used."""

    def __init__(self, network: Network, keys: Keys) -> None:
        super().__init__()
        self.lab = Lab(Entry(Run(network)), pace=remembered_pace())
        self.moment: Moment | None = None
        self.keys = keys
        self._commands = {command.id: command for command in keys.commands}
        self.engine = ProcessEngine(self._hear)
        self.walking = Walking(self, lambda: self.lab, self.do)
        # Kept, because a query goes through all widgets.
        self._panels = [kind(keys) for kind in panels()]
        self._stage, self._status, self._keybar = Stage(self._panels[1:]), StatusLine(), KeyBar()
        self._places = Places(self, self._panels, self._stage)
        self.performer = Performer(self, self, self._places)
        links = Links(lambda: (self.lab, self.seen), self.engine.look, self._on_drawn)
        self.drawer, self._painted = Drawer(self, self._panels, links), False
        self._leaves_with: int | None = None

    def _hear(self, event: Event) -> None:
        """Called on the thread of the engine: pass the event on to the main thread."""
        self.post_message(EngineSaid(event))

    def compose(self) -> ComposeResult:
        """Compose the status line, the first panel with the stage beside it, and the keys."""
        self.add_class(*size_classes(self.app.size), update=False)
        self._stage.hold(room_for(self.app.size))
        yield self._status
        with Horizontal(id="panels"):
            yield self._panels[0]
            yield self._stage
        yield self._keybar

    def on_mount(self) -> None:
        """Show the network, and start the process that trains it."""
        self._panels[0].main.focus()
        self.engine.open()
        self.engine.pace(self.lab.pace)
        self.do(start)

    def _on_painted(self) -> None:
        gc_policy.freeze()
        self.post_message(self.Ready())

    def on_resize(self, event: Resize) -> None:
        """Let as many pages stand as there is room for."""
        super().on_resize(event)
        self._stage.hold(room_for(self.app.size))

    def watch_focused(self, focused: Widget | None) -> None:
        """Light the frame of the panel with the focus, and show its keys."""
        for panel in self._panels:
            has_focus = focused is not None and (panel is focused or panel in focused.ancestors)
            panel.frame.light(has_focus)
            if has_focus:
                self._stage.use(panel)
        self._show_keys()

    def _show_keys(self) -> None:
        """Show the keys of the panel that has the focus."""
        if self.is_mounted:
            ids = self._places.in_focus().footer(self.lab)
            key = partial(footer_key, keys=self.keys, running=self.lab.running)
            self._keybar.show(map(key, ids), [key(entry) for entry in LAST_KEYS])

    def on_unmount(self) -> None:
        """End the training process."""
        self.engine.close()

    def leave(self, code: int = 0) -> None:
        """End the program with this exit code, once training has stopped and its last checkpoint is here."""
        if self.lab.advancing:
            self._leaves_with = code
            self.engine.stop()
            self.set_timer(LEAVING, lambda: self.app.exit(return_code=code))
        else:
            self.app.exit(return_code=code)

    def action_command(self, name: str) -> None:
        """Carry out the command with this id."""
        self.do(self._commands[name].act)

    def action_select(self, by: int) -> None:
        """Select another row of the stack, wherever the focus is."""
        self.do(select_by, by)

    def do(self, action: Action, *arguments: object) -> None:
        """Carry out an action: take the lab it gives, draw it, and perform its effects."""
        before = self.lab
        self.lab, effects = action(before, *arguments)
        started = any(isinstance(effect, StartRun) for effect in effects)
        moved = self.moment is not None and self.moment.step != self.lab.present.step
        if (started and (moved or other_samples(before.network, self.lab.network))) or not self.lab.shows_moments:
            # The last moment belongs to another step, or to other samples.
            self.moment = None
        self.walking.follow(tick)
        self._show(at_once=any(isinstance(effect, Minimize) for effect in effects))
        if action is not on_event:
            self.pieces.refresh_focused()
        for effect in effects:
            self.performer.perform(effect)

    @property
    def seen(self) -> Seen:
        """What the panels draw from besides the lab."""
        return Seen(self.moment, self.walking.walk, self.walking.error)

    @property
    def waits(self) -> bool:
        """Whether panels will be drawn after the next refresh."""
        return self.drawer.waits

    def _show(self, at_once: bool = False) -> None:
        """Draw the first panel at once, the others one by one."""
        self._show_keys()
        self._status.show(status(self.lab, self.moment))
        self.drawer.show(at_once)

    def _on_drawn(self) -> None:
        """All panels are drawn: some keys depend on what these show."""
        self._show_keys()
        if not self._painted:
            self._painted = True
            self.call_after_refresh(self._on_painted)

    def on_panel_turned(self) -> None:
        """Update what is asked of the trainer."""
        self.drawer.look()

    def on_panel_asked(self, message: PanelAsked) -> None:
        """Carry out the command a panel asks for."""
        self.do(message.action, *message.arguments)

    def on_engine_said(self, message: EngineSaid) -> None:
        """Carry out an event of the engine."""
        event, status = message.event, self.lab.status
        if isinstance(event, Moment) and event.number == status.number and self.lab.shows_moments:
            self.moment = event
        self.do(on_event, event)
        if self._leaves_with is not None and not self.lab.advancing:
            self.app.exit(return_code=self._leaves_with)

    def on_screen_suspend(self) -> None:
        """A dialog opens: stop the walk behind it, and remove the toast, which would cover its keys."""
        self.performer.notifier.remove()
        self.do(pause_playing)

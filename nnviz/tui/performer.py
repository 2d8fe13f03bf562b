"""Carries out the effects of commands: on the engine, on the screen, and in dialogs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

from textual.screen import Screen
from textual.timer import Timer

from nnviz.engine import Engine, Train
from nnviz.errors import NnvizError
from nnviz.lab import Lab
from nnviz.lab import effects as e
from nnviz.lab.command import Action
from nnviz.lab.rate import end_row
from nnviz.lab.stack import merge_found
from nnviz.run.merge import Merge, merge
from nnviz.tui.background import in_background
from nnviz.tui.keymap import Keys
from nnviz.tui.notifier import Notifier
from nnviz.tui.panels import panels
from nnviz.tui.places import Places
from nnviz.tui.remembered import remember
from nnviz.tui.saving import Saving
from nnviz.tui.text import clean
from nnviz.tui.walking import Walking
from nnviz.tui.widgets.panel import Panel, Seen

ROW_ENDS = 1.0
"""Seconds without a press after which a row of presses has ended."""


class Host(Protocol):
    """The source of effects, which also takes the actions that follow from them."""

    lab: Lab
    keys: Keys
    walking: Walking

    @property
    def engine(self) -> Engine:
        """The engine that trains."""

    @property
    def seen(self) -> Seen:
        """What panels draw from besides the lab."""

    def do(self, action: Action, *arguments: object) -> None:
        """Carry out an action, such as the one that takes a dialog's answer."""

    def leave(self) -> None:
        """End the program."""


class Performer:
    """Carries out effects.

    Args:
        host: gives the lab, and takes the actions that follow.
        screen: the screen of the panels.
        places: its panels.
    """

    def __init__(self, host: Host, screen: Screen[None], places: Places) -> None:
        self._host = host
        self._screen = screen
        self.notifier = Notifier(screen, host.keys)
        self.places = places
        self.saving = Saving(screen, host)
        # Few effects are a panel's own, and to look for its panel takes a while.
        self._row: Timer | None = None
        self._own = frozenset(kind for panel in panels() for kind in panel.EFFECTS)

    def perform(self, effect: e.Effect) -> None:  # noqa: C901 (one line an effect)
        """Carry out one effect."""
        match effect:
            case e.Toast(text, hint, severity, subject):
                if subject is None or not self.places.is_seen(subject):
                    self.notifier.toast(text, hint, severity)
            case e.ClearToasts():
                self.notifier.clear()
            case e.StartRun(train):
                self._start(train)
            case e.TrainOn(train):
                self._host.engine.train(train)
            case e.StopTraining():
                self._host.engine.stop()
            case e.RestartEngine():
                self._host.engine.open()
            case e.SetPace(pace):
                self._host.engine.pace(pace)
                remember("pace", str(pace))
            case e.RaceOn(command):
                self._host.engine.race(command)
            case e.EndRow():
                self._end_row_later()
            case e.ComputeWalk():
                self._host.walking.compute()
            case e.Show(subject, focus):
                if (panel := self.places.showing(subject)) is not None:
                    self._draw(panel)
                    (self.places.enter if focus else self.places.show)(panel)
            case e.GoToPanel(number):
                self.places.go_to(number)
            case e.LeaveWalk():
                if (panel := self.places.showing("walk")) is not None:
                    self._draw(panel)
                    self.places.leave(panel)
            case e.Minimize():
                self.places.minimize()
            case e.ComputeMerge():
                self._merge()
            case e.Open(dialog, answered):
                self._open(dialog, answered)
            case e.Save():
                self.saving.save(effect)
            case e.OpenModel(path):
                self.saving.open(path)
            case e.Read():
                self.saving.read(effect)
            case e.CopyText(text):
                self._screen.app.copy_to_clipboard(text)
            case e.NextTheme():
                self._next_theme()
            case e.OpenPalette():
                self._screen.app.action_command_palette()
            case e.Quit():
                self._host.leave()
        for panel in self.places.panels if type(effect) in self._own else ():
            if isinstance(effect, panel.EFFECTS):
                self._draw(panel)
                panel.perform(effect, self._host.lab, self._host.seen)

    def _end_row_later(self) -> None:
        """End the row of rate keys in a while, counted from the last press."""
        if self._row is not None:
            self._row.stop()
        self._row = self._screen.set_timer(ROW_ENDS, lambda: self._host.do(end_row))

    def _draw(self, panel: Panel) -> None:
        """Draw a panel from the present lab: which of its widgets can take the focus depends on what it shows."""
        panel.show(self._host.lab, self._host.seen, unseen=True)

    def _start(self, train: Train | None) -> None:
        """Hand the present run to the engine, unless its stack has an error."""
        lab = self._host.lab
        if lab.valid:
            self._host.engine.start(lab.status.number, lab.run, lab.present.checkpoint, train)

    def _merge(self) -> None:
        """Compute the merged layer in a thread: it needs the data."""
        host, lab = self._host, self._host.lab
        weights = lab.run.learned(lab.present.checkpoint)

        def done(found: Future[Merge]) -> None:
            # It belongs to the network that it was asked for.
            if host.lab.network is not lab.network or not self._screen.is_current:
                return
            try:
                host.do(merge_found, found.result())
            except NnvizError as error:
                self.notifier.toast(error.message, error.hint, "error")

        in_background(self._screen, lambda: merge(lab.network, weights, lab.position), done, host.do)

    def _next_theme(self) -> None:
        app = self._screen.app
        names = sorted(app.available_themes)
        app.theme = names[(names.index(app.theme) + 1) % len(names)]
        remember("theme", app.theme)
        self.notifier.toast(f"Theme: {app.theme}")

    def _open(self, dialog: e.Dialog, answered: Callable[..., Any] | None) -> None:
        """Open a dialog; its answer, if there is one, is passed to `answered`."""

        def done(answer: object) -> None:
            if answer is not None and answered is not None:
                self._host.do(answered, answer)

        self._screen.app.push_screen(self._made(dialog), done)

    def _made(self, dialog: e.Dialog) -> Screen[Any]:  # noqa: C901 (one case a dialog)
        match dialog:
            case e.PickLayer(title, verb, category, taken):
                from nnviz.tui.dialogs.picker import layer_picker

                return layer_picker(title, verb, category, taken)
            case e.EditLayer(name, values, preview, first, title, questions):
                from nnviz.tui.dialogs.layer_form import LayerForm

                return LayerForm(name, values, preview, first, clean(title), questions)
            case e.EditWeight(name, value):
                from nnviz.tui.dialogs.weight_form import WeightForm

                return WeightForm(name, value)
            case e.AskTarget(data):
                from nnviz.tui.dialogs.target_form import TargetForm

                return TargetForm(data)
            case e.EditSettings(settings, first):
                from nnviz.tui.dialogs.settings import SettingsForm

                return SettingsForm(settings, first)
            case e.Choose(title, choices):
                from nnviz.tui.dialogs.choices import ChoiceScreen

                return ChoiceScreen(title, choices)
            case e.ShowMerge(found):
                from nnviz.tui.dialogs.merge import MergeScreen

                return MergeScreen(found)
            case e.AskName(name):
                from nnviz.tui.dialogs.save_form import SaveForm

                return SaveForm(name)
            case e.AskFile(folder):
                from nnviz.tui.dialogs.open_file import FilePicker

                return FilePicker(folder)
            case e.ShowData(path, network):
                from nnviz.tui.dialogs.data_form import DataForm

                return DataForm(path, network)
            case e.Help():
                from nnviz.tui.dialogs.help import HelpScreen
                from nnviz.views.explained.pages import numbers_of

                panel, seen = self.places.in_focus(), self._host.seen
                words = "\n\n".join(one.words for one in self.places.panels if one.words)
                numbers = numbers_of(panel.NAME, self._host.lab, seen.moment, seen.walk)
                return HelpScreen(self._host.keys, str(panel.BORDER_TITLE or ""), panel.HELP or "", words, numbers)

"""The workbench: the state that every command works on, and how a change of it reaches the panels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets._toast import Toast

from nnviz.engine import Compared, Died, Event, Failed, Moment
from nnviz.errors import NnvizError
from nnviz.network import History, Network, Repair, repairs, trace
from nnviz.run import Run, State, Weights
from nnviz.tui import garbage
from nnviz.tui.commands import with_keys
from nnviz.tui.screens.opening import PanelScreen
from nnviz.tui.session import Session
from nnviz.tui.text import clean
from nnviz.tui.walker import Walker
from nnviz.tui.widgets.activation import ActivationPanel
from nnviz.tui.widgets.graph import GraphPanel
from nnviz.tui.widgets.keybar import KeyBar
from nnviz.tui.widgets.stack import StackPanel
from nnviz.tui.widgets.training import TrainingPanel

if TYPE_CHECKING:
    from nnviz.tui.app import NnvizApp

STAYS = 5.0
"""Seconds that a toast stands."""

SOON = 0.1
"""Seconds after which a toast that is taken back is gone."""

PAUSES = "Training pauses for the walk, which goes through the step that comes next."

AGAIN = 3.0
"""Seconds in which the same toast is not shown again."""


class TrainingEvent(Message):
    """The training process said something."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event

    def can_replace(self, message: Message) -> bool:
        """A newer snapshot makes a waiting older one needless, unless the older carries the state."""
        if not isinstance(message, TrainingEvent):
            return False
        older, newer = message.event, self.event
        return isinstance(older, Moment) and isinstance(newer, Moment) and older.state is None


@dataclass
class Stage:
    """What an edit has led to.

    Attributes:
        run: the network with its weights.
        row: where the cursor stands on it; of an earlier stage, where it stood when the next edit was made.
        origin: the stage that was edited while it may still have been running; None once that has its last state.
        given: the weights that were given to it.
    """

    run: Run
    row: int
    origin: Stage | None = None
    given: Weights = field(default_factory=dict)

    def settle(self, states: dict[Run, State]) -> None:
        """Go on from the last state of the stage that was edited."""
        origin, self.origin = self.origin, None
        if origin is not None:
            origin.settle(states)
            self.run = _edited(origin.run, self.run.present, self.given, states)


def _edited(run: Run, network: Network, given: Weights, states: dict[Run, State]) -> Run:
    """The run with another network from its last state on."""
    state = states.get(run)
    after = run.changed(state.step if state else 0, network, given)
    if state is not None and after.starts_as(run):
        states[after] = state
    return after


class Workbench(PanelScreen):
    """The network with its history, the selected row, the run, and the four panels that show them.

    Rows count as on the screen: 0 is the input, then the layers, then the loss.

    Args:
        network: what is opened.

    Attributes:
        keys_before: where the keys went before the walk.
    """

    class Stands(Message):
        """Everything is on the screen and can be used."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.history = History(Stage(Run(network), 1))
        self.offers: list[Repair] = []
        self.session = Session(self._hear, self._exchange)
        self._said = ("", 0.0)
        self._follows = False
        self.walker = Walker()
        self._playing: Timer | None = None
        self.keys_before: Widget | None = None

    def _hear(self, event: Event) -> None:
        """On the listening thread: hand the event to the program's own."""
        self.post_message(TrainingEvent(event))

    @property
    def network(self) -> Network:
        """The network as it is now."""
        return self.run.present

    @property
    def run(self) -> Run:
        """The network with its weights."""
        return self.history.present.run

    @property
    def state(self) -> State | None:
        """Where that run stands, as far as it is known."""
        return self.session.states.get(self.run)

    def _exchange(self, before: Run, after: Run) -> None:
        """A change on the way is no edit: it takes the place of the run that it changed."""
        for stage in self.history._values:
            if stage.run is before:
                stage.run = after

    @property
    def graph_panel(self) -> GraphPanel:
        """The panel of the graph, in which one walks."""
        return self.query_one(GraphPanel)

    @property
    def row(self) -> int:
        """The selected row.

        That is where the cursor stands: a key that follows close on the one that moved it shall not be obeyed on the
        row before, so nobody waits for the message that it moved.
        """
        table = self.query_one(StackPanel).table
        return table.cursor_row if table.row_count == len(self.network.layers) + 2 else self.history.present.row

    @property
    def position(self) -> int | None:
        """Position of the selected layer; None on the input and on the loss."""
        return self.row - 1 if 1 <= self.row <= len(self.network.layers) else None

    def compose(self) -> ComposeResult:
        """Stack and activation on the left, training and graph on the right, the keys below."""
        with Container(id="panels"):
            yield StackPanel(id="stack")
            # Where it is narrow, one panel stands beside the stack: this one at first.
            yield TrainingPanel(id="training", classes="-beside")
            yield ActivationPanel(id="activation")
            yield GraphPanel(self.walker, id="graph")
        yield KeyBar(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Show the network, and start the process that trains it."""
        self.query_one(StackPanel).table.focus()
        self.session.load(self.run)
        self.session.start()
        self._show_stack()
        self.show_selection()
        self.query_one(TrainingPanel).show(self.network, self.session)
        self.call_after_refresh(self._on_painted)

    def _on_painted(self) -> None:
        garbage.settle()
        self.post_message(self.Stands())

    def on_unmount(self) -> None:
        """Leave no process behind."""
        self.session.stop()

    def edit(self, network: Network, row: int | None = None, weights: Weights | None = None) -> None:
        """Make `network` the present one, with the cursor on `row`; layers keep what they learned where it fits.

        Args:
            network: the edited one.
            row: where the cursor goes; where it is, if left out.
            weights: by path, those that are given instead of kept.
        """
        # Two layers alike may have learned differently: exchanging them is an edit, too.
        if (network, network.ids) != (self.network, self.network.ids):
            stops = self.session.running
            origin, given = self.history.present, weights or {}
            run = _edited(origin.run, network, given, self.session.states)
            self._push(Stage(run, self.row if row is None else row, origin, given))
            if stops and trace(network).fault is None:
                self.say("Training stopped for the change.", "{train} goes on with what was learned.")

    def begin(self, run: Run, row: int | None = None) -> None:
        """Make `run` the present one, with the cursor on `row`; where it is, if left out."""
        self._push(Stage(run, self.row if row is None else row))

    def _push(self, stage: Stage) -> None:
        self.history.present.row = self.row
        stage.row = min(stage.row, len(stage.run.present.layers) + 1)
        self.history.push(stage)
        self.changed()

    def changed(self) -> None:
        """Another run is the present one: show it, and hand it to the training process once that has stopped."""
        self.stop_playing()
        self.walker.forget()
        self.hush()

        waits = self.session.running

        def hand_over() -> None:
            if waits:
                # The stack stands already, and the cursor may have moved on it.
                self.history.present.row = self.row
            stage = self.history.present
            stage.settle(self.session.states)
            self.session.load(stage.run)
            self._show_stack()
            self._show_rest_later()
            self.call_after_refresh(lambda: self.query_one(TrainingPanel).show(self.network, self.session))

        self.session.settle(hand_over)
        self.show_running()
        if waits:
            self._show_stack()
            self._show_rest_later()

    def _show_stack(self) -> None:
        """Draw the stack, with the cursor where it belongs."""
        panel, self.offers = self.query_one(StackPanel), []
        with panel.surviving("repairs", whole=True):
            self.offers = repairs(self.network)
            panel.show(self.network, trace(self.network), self.offers, self.history.present.row, self.fresh)

    @property
    def fresh(self) -> tuple[int, ...]:
        """The layers that had to be initialised anew, until training goes on."""
        return self.run.reinitialised(self.state)

    def select_quietly(self, row: int) -> None:
        """Select the row that the walk speaks of."""
        if row != self.row and 0 <= row <= len(self.network.layers) + 1:
            self.query_one(StackPanel).table.move_cursor(row)
            self.query_one(ActivationPanel).show(self.network, row)

    def show_selection(self) -> None:
        """Draw what speaks of the selected row."""
        self._walk_again()
        self.query_one(GraphPanel).show(self.network, trace(self.network), self.row)
        self.show_order()
        self.query_one(ActivationPanel).show(self.network, self.row)

    def _walk_again(self) -> None:
        """Where one was walking through a step that is no more, walk through the present one, from its start."""
        # While a run is still to hand over its last weights, there is nothing to walk through.
        if self.graph_panel.view != "walk" or self.walker.walk is not None or self.session.settling:
            return
        try:
            walk = self.walker.take(self.network, self.session)
        except NnvizError as error:
            self.end_walk()
            self.refuse(error)
            return
        if not walk.stops:
            # Nothing runs any more: no walk, but the stack that says why.
            self.walker.forget()
            if self.maximized is not None:
                self.minimize()
            self.end_walk()

    def end_walk(self) -> None:
        """Show the picture in place of the walk; the keys go where they went before it, if that is on the screen."""
        self.graph_panel.view = "picture"
        before = self.keys_before or self.query_one(StackPanel).table
        self.set_focus(before if self.maximized is None and before.is_attached else self.query_one("#order"))

    def _walk_on(self, moment: Moment) -> None:
        """The run stands at another step: walk through its next one, at the same place."""
        walker = self.walker
        if moment.running or walker.walk is None or walker.walk.step == moment.step:
            return
        if self.graph_panel.view != "walk":
            # Whoever left it walks through the step that is the next one then.
            walker.forget()
            return
        goal = walker.position
        try:
            walker.take(self.network, self.session)
        except NnvizError:
            walker.forget()
            return
        walker.position, walker.goal = 0, goal
        # Where it waited for training to pause, that has been said.
        if not self._said[0].startswith(PAUSES):
            self.say(f"The walk goes through step {moment.step:,} now.")
        self.resume_walk()

    def resume_walk(self) -> None:
        """Compute the way to the goal of the walk; given by the walk's commands."""
        raise NotImplementedError

    def stop_playing(self) -> None:
        """Let the walk stand, if it goes by itself."""
        if self._playing is not None:
            self._playing.stop()
            self._playing = None

    def show_order(self) -> None:
        """Draw which of plan and tape trains, and what each costs."""
        self.query_one(GraphPanel).show_order(self.session.planned, self.session.costs)

    def on_stack_panel_selected(self) -> None:
        """Another row is selected."""
        self._show_rest_later()

    def _show_rest_later(self) -> None:
        """The stack answers at once, the other panels a frame later."""
        if not self._follows:
            self._follows = True
            self.call_after_refresh(self._follow)

    def _follow(self) -> None:
        self._follows = False
        self.show_selection()

    def show_running(self) -> None:
        """The key that trains says what it does, whatever fills the screen."""
        self.query_one(KeyBar).train(self.session.running)

    def on_screen_suspend(self) -> None:
        """A dialog opens: what was said would lie over its keys, or stay on the screen below."""
        self.hush()
        self.query(Toast).remove()

    def on_training_event(self, message: TrainingEvent) -> None:
        """Show the newest snapshot; say what went wrong."""
        if not self.session.take(message.event):
            return
        self.show_running()
        match message.event:
            case Compared():
                self.show_order()
                return
            case Moment():
                self.query_one(TrainingPanel).show(self.network, self.session)
                self._walk_on(message.event)
            case _:
                self.query_one(TrainingPanel).show(self.network, self.session)
        match message.event:
            case Failed(message=text, hint=hint):
                self.say(text, hint, "error")
            case Died() if self.session.trouble is not None:
                self.say(self.session.trouble.message, self.session.trouble.hint, "error")
            case Died(reason=reason):
                self.say(
                    f"The training process is gone: {reason}.",
                    f"A new one stands at step {self.session.kept_step:,}; {{train}} goes on from there.",
                    "error",
                )

    @property
    def keys(self) -> Mapping[str, str]:
        """The first key of every command, by its id."""
        return cast("NnvizApp", self.app).first_keys

    def say(self, text: str, hint: str = "", severity: SeverityLevel = "information") -> None:
        """A toast of plain text; where the id of a command stands in braces, its key."""
        body = with_keys(clean(f"{text}\n{hint}" if hint else text, 800, lines=True), self.keys)
        # One toast at a time: the newest says what matters, and a pile would cover the screen. The same words again
        # while they still stand there are no news: a key that is held would pile them up.
        if self._said[0] == body and monotonic() - self._said[1] < AGAIN:
            return
        self._said = (body, monotonic())
        self.call_next(self._show_toast, body, severity)

    def _show_toast(self, body: str, severity: SeverityLevel) -> None:
        """Show what was said last."""
        if self._said[0] != body:
            return
        self.app.clear_notifications()
        self.notify(body, severity=severity, markup=False, timeout=STAYS)
        for moment in (SOON, STAYS + SOON):
            self.set_timer(moment, self._wipe)

    def _wipe(self) -> None:
        """Take away what is left of earlier toasts.

        Textual does not see one go that was only just put up, nor, once something has scrolled, where one has been.
        """
        self.app._refresh_notifications()
        self.app.screen.refresh()

    def hush(self) -> None:
        """What was said belongs to what is no longer on the screen."""
        if self._said[0]:
            self._said = ("", 0.0)
            self.app.clear_notifications()
            self.set_timer(SOON, self._wipe)

    @property
    def remedy(self) -> str:
        """What helps against the fault of the stack."""
        return (
            f"{{repair}} repairs this fault: {self.offers[0].text}."
            if self.offers
            else "{edit} edits the row, {add} adds a layer."
        )

    def refuse(self, error: NnvizError) -> None:
        """Say what an error says."""
        self.say(error.message, error.hint, "error")

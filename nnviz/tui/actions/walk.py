"""What the commands on the walk do: through one step, operation by operation, forward and back."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from textual.timer import Timer
from textual.widget import Widget

from nnviz.errors import NnvizError
from nnviz.tui.commands import with_keys
from nnviz.tui.widgets.graph import GraphPanel
from nnviz.tui.widgets.matrices import Matrices
from nnviz.tui.workbench import PAUSES, Workbench

PACE = 0.7
"""Seconds at each stop while the walk plays."""

SOON = 0.02
"""Seconds until the next slice of a long way."""

WALK_WIDTH, WALK_HEIGHT = 110, 26
"""A panel smaller than this fills the screen for a walk."""


class WalkActions(Workbench):
    """Next, previous, to a stop, play, to backward, predict, fold."""

    _way: Timer | None = None

    def action_walk(self, by: int) -> None:
        """To the next stop, or the one before; the first time, to the start."""
        self.stop_playing()
        if self._enter():
            self._step(by)

    def _step(self, by: int) -> bool:
        """One stop further; False at the end, which is said."""
        walker = self.walker
        stops, at = walker.order(self.network).stops, walker.goal
        if by > 0:
            place = bisect_right(stops, at)
            later = stops[place] if place < len(stops) else None
        else:
            place = bisect_left(stops, at)
            later = (stops[place - 1] if place else 0) if at else None
        if later is None:
            self.say(*(("The walk stands at its start.", "{walk_next} goes on.") if by < 0 else self._at_end()))
            return False
        self._go(later)
        return True

    def _at_end(self) -> tuple[str, str]:
        walk = self.walker.walk
        if walk is None or not walk.complete:
            return "The walk ends here: the next layer cannot run.", self.remedy
        if walk.predicting:
            return (
                "The walk ends at the output.",
                "Predicting needs neither loss nor backward; {walk_predict} walks a training step.",
            )
        if not walk.returns:
            return (
                "The walk ends at the loss: without parameters there is no backward.",
                "{add} adds a layer with some.",
            )
        return (
            "The walk ends here: every gradient is there.",
            "{step} takes the step they lead to; {walk_first} starts again.",
        )

    def action_walk_to(self, position: int) -> None:
        """To a stop by its number; −1 is the last."""
        self.stop_playing()
        if self._enter(start=True) and self.walker.walk is not None:
            self._go(len(self.walker.walk.stops) if position < 0 else position)

    def action_walk_play(self) -> None:
        """Go on by itself, or stop."""
        if self._playing is not None:
            self.stop_playing()
            self.say("The walk stands.", "{walk_play} goes on.")
            return
        if self._enter(start=True):
            if self.walker.walk is not None and self.walker.goal >= len(self.walker.walk.stops):
                self._go(0)
            self._playing = self.set_interval(PACE, self._play)
            self._play()

    def _play(self) -> None:
        if self.walker.walk is None or not self._step(1):
            self.stop_playing()

    def action_walk_backward(self) -> None:
        """To where backward starts, if there is a loss yet."""
        self.stop_playing()
        if not self._enter(start=True):
            return
        walk = self.walker.walk
        if walk is None:
            return
        if walk.predicting:
            self.say(
                "A prediction has no loss, so there is no backward.", "{walk_predict} walks a training step.", "warning"
            )
        elif not walk.complete:
            self.say("There is no loss yet: forward does not get that far.", self.remedy, "warning")
        elif not walk.returns:
            self.say(
                "No layer has parameters, so there is nothing to go backward for.", "{add} adds a layer.", "warning"
            )
        elif self.walker.position < walk.forward:
            self.say(
                "There is no loss yet: backward starts at the loss, and the loss needs the prediction.",
                "Forward first: {walk_next} goes on, {walk_play} plays it.",
                "warning",
            )
        else:
            self._go(walk.forward + 1)

    def action_walk_predict(self) -> None:
        """Walk a prediction, or a training step."""
        self.stop_playing()
        self.walker.predicting = not self.walker.predicting
        self.walker.forget()
        if self._enter(start=True):
            self._go(0)
            if self.walker.predicting:
                self.say(
                    "A prediction: it ends at the output, without loss and backward.",
                    "{walk_predict} walks a training step.",
                )
            else:
                self.say("A training step: forward to the loss, then backward.", "{walk_predict} walks a prediction.")

    def action_element(self) -> None:
        """What is behind the chosen element."""
        if self._enter(start=True):
            self.on_matrices_unfold()

    def action_input(self, by: int) -> None:
        """To the gradient of another input."""
        if self._enter(start=True):
            self.query_one(Matrices).turn(by)

    def action_slice(self, by: int) -> None:
        """To another channel or sample."""
        if self._enter(start=True):
            self.query_one(Matrices).lead(by)

    def action_fold(self) -> None:
        """Fold the selected layer into one node; where it is folded already, all of them."""
        own = self._layer_id()
        if own is None or own in self.walker.folds:
            self.walker.folds = frozenset(self.network.ids)
            self.say("All layers are folded.", "{unfold} unfolds.")
        else:
            self.hush()
            self.walker.folds |= {own}
        self.show_selection()

    def action_unfold_layer(self) -> None:
        """Unfold the selected layer; where it is not folded, all of them."""
        own = self._layer_id()
        if own in self.walker.folds:
            self.hush()
            self.walker.folds -= {own}
        else:
            self.hush()
            if not self.walker.folds:
                self.say("No layer is folded.", "{fold} folds the selected one.")
            self.walker.folds = frozenset()
        self.show_selection()

    def _layer_id(self) -> int | None:
        """The layer that is spoken of: that of the stop on a walk, else the selected one."""
        walk, at = self.walker.walk, self.position
        if self.graph_panel.view == "walk" and walk is not None and self.walker.position:
            layer = walk.graph.nodes[walk.stops[self.walker.position - 1].node].layer
            at = layer if 0 <= layer < len(self.network.layers) else None
        return None if at is None else self.network.ids[at]

    def action_leave(self) -> None:
        """Back to the picture, and to all panels."""
        self.stop_playing()
        if self.maximized is not None:
            self.minimize()
        if self.graph_panel.view == "walk":
            self.end_walk()
        # Once the list has its own place again, so that the selected layer comes into view there.
        self.call_after_refresh(self.show_selection)

    def on_graph_panel_walked_to(self, event: GraphPanel.WalkedTo) -> None:
        """A stop was chosen in the list."""
        self.stop_playing()
        self._go(event.position)

    def on_matrices_chosen(self, event: Matrices.Chosen) -> None:
        """Another element is spoken of."""
        self.walker.chosen, self.walker.target = event.index, event.target
        self.graph_panel.show_stop()

    def on_matrices_unfold(self) -> None:
        """The computation behind the element."""
        from nnviz.tui.screens.unfold import UnfoldScreen

        if self.walker.walk is not None:
            lines = [with_keys(line, self.keys) for line in self.walker.unfolded()]
            self.app.push_screen(UnfoldScreen("One element", lines))

    def _enter(self, start: bool = False) -> bool:
        """Be on a walk; False where there was none yet and the start is what is shown, or where there can be none."""
        panel, fresh = self.graph_panel, False
        if self.walker.walk is None:
            fresh = self._take()
            if not fresh:
                return False
        walk = self.walker.walk
        if self.session.running:
            # Its numbers are those of the step that comes next: so it waits.
            self.session.pause()
            self.say(PAUSES, "{train} goes on with training.")
        if walk is None or not walk.stops:
            self.say("There is nothing to walk through: no layer runs.", self.remedy)
            self.walker.forget()
            return False
        entered = panel.view != "walk"
        if entered:
            self.keys_before = self.focused
        panel.view = "walk"
        if entered or fresh:
            self._open_graph(panel)
            self._follow_to(self.walker.position)
        return start or not (entered or fresh)

    def _take(self) -> bool:
        """Begin a walk; False where there can be none, which is said."""
        with self.graph_panel.surviving("walk"):
            try:
                self.walker.take(self.network, self.session)
            except NnvizError as error:
                self.refuse(error)
            else:
                return True
        self.open_panel(self.graph_panel)
        return False

    def _open_graph(self, panel: GraphPanel) -> None:
        """Show the panel, over the whole screen where it is small."""
        self.open_panel(panel)
        small = panel.size.width < WALK_WIDTH or panel.size.height < WALK_HEIGHT
        if small and self.maximized is None:
            self.maximize(panel, container=False)
        panel.query_one(Matrices).focus()

    def open_panel(self, panel: Widget) -> None:
        """Let a panel be seen; given by the screen."""
        raise NotImplementedError

    def _go(self, position: int) -> None:
        self.hush()
        self.walker.goal = position
        self.resume_walk()

    def resume_walk(self) -> None:
        """Go to the goal, unless somebody is on the way already."""
        if self._way is None:
            self._go_on()

    def _go_on(self) -> None:
        """A slice of the way; the screen is not kept waiting for the rest."""
        self._way = None
        if self.graph_panel.view != "walk":
            return
        with self.graph_panel.surviving("walk"):
            try:
                if not self.walker.advance():
                    self._way = self.set_timer(SOON, self._go_on)
                    return
            except NnvizError as error:
                self.stop_playing()
                self.refuse(error)
        if self.walker.position != self.walker.goal:
            # What has gone wrong stands in the panel.
            self.stop_playing()
            self.walker.goal = self.walker.position
        self._follow_to(self.walker.position)

    def _follow_to(self, position: int) -> None:
        """Show the stop, and select its layer in the stack."""
        walk = self.walker.walk
        if walk is None:
            return
        if position:
            layer = walk.graph.nodes[walk.stops[position - 1].node].layer
            self.select_quietly(layer + 1)
        self.graph_panel.show_walk()

    def on_screen_suspend(self) -> None:
        """Behind a dialog nothing walks."""
        self.stop_playing()

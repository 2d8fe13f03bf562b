"""What the commands on the run do."""

from __future__ import annotations

from dataclasses import replace

from nnviz.engine import Train
from nnviz.network import Settings, fit_to_data, trace
from nnviz.tui.workbench import Workbench


class TrainingActions(Workbench):
    """Train, step, reset, settings."""

    def action_train(self) -> None:
        """Train, or pause."""
        if self.session.running:
            self.session.pause()
            return
        self.hush()
        self._order(Train())
        walk = self.walker.walk
        if self.session.running and walk is not None and self.graph_panel.view == "walk":
            self.say(f"Training goes on; the walk stands in step {walk.step:,} meanwhile.", "{train} pauses.")

    def action_step(self) -> None:
        """One step."""
        self._order(Train(steps=1))

    def action_epoch(self) -> None:
        """To the end of the epoch."""
        self._order(Train(to_epoch=True))

    def _order(self, order: Train) -> None:
        fault = trace(self.network).fault
        if fault is not None:
            self.say(f"Training cannot start: {fault.message}", self.remedy, "error")
        elif self.session.trouble is not None and self.session.stopped:
            self.say(self.session.trouble.message, self.session.trouble.hint, "error")
        else:
            self.session.train(order)
            self.show_running()

    def action_order(self) -> None:
        """Order once, or at every step: by the plan, or on the tape."""
        self.session.use(not self.session.planned)
        self.show_order()
        self.say(
            "The plan trains now: ordered once, then replayed."
            if self.session.planned
            else "The tape trains now: ordered anew at every step."
        )

    def action_reset(self) -> None:
        """Back to the same initial weights."""
        self.begin(self.run.restarted())
        self.say(
            f"Back at the initial weights of seed {self.network.settings.seed}.", "{undo} brings the learned ones back."
        )

    def action_reseed(self) -> None:
        """Start from the next seed: other data, other weights."""
        settings = self.network.settings
        self.edit(self.network.configure(replace(settings, seed=(settings.seed + 1) % 2**32)))
        self.say(f"Seed {self.network.settings.seed}: new weights, new batches, new split.", "{undo} takes it back.")

    def action_settings(self) -> None:
        """Edit the settings."""
        self.open_settings("data")

    def open_settings(self, first: str) -> None:
        """Open the settings with the cursor at one of data, loss, optimizer, initialisation."""
        # Imported when it opens, so that the program opens sooner.
        from nnviz.tui.screens.settings import SettingsForm

        self.app.push_screen(SettingsForm(self.network.settings, first), self._configure)

    def _configure(self, result: tuple[Settings, bool] | None) -> None:
        if result is None:
            return
        settings, fit = result
        network = self.network.configure(settings)
        done: list[str] = []
        if fit and settings.data != self.network.settings.data:
            network, done = fit_to_data(network)
        self.edit(network)
        if done:
            self.say("Fitted to the data: " + "; ".join(done) + ".", "{undo} takes it back.")

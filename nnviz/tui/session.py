"""The run under way: which network, what the training process last said of it, and what to tell the process next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nnviz.engine import (
    Answered,
    Changed,
    Compared,
    Died,
    Event,
    Failed,
    Look,
    Moment,
    Pause,
    Revise,
    Start,
    Train,
    TrainingProcess,
)
from nnviz.network import job_of, trace
from nnviz.run import Costs, Run, State
from nnviz.run.queries import Predictions
from nnviz.views.probe import Probe, probe_of


class Session:
    """One training process and the run it has.

    Args:
        on_event: called on the listening thread with every event of the process; it hands them to `take` on the
            program's own thread.
        on_run: called when the present run is another one by a change that the process has made: (before, after).

    Attributes:
        run: the present run.
        states: the last state of each run.
        moment: the last snapshot of the present run; None before the first.
        trouble: why the run cannot start or go on; None where it can. It stays until the run is another one, or is
            asked for in another way: a run that has a trouble never runs.
        running: whether training was asked for and has not ended.
        planned: whether steps are taken by the static plan; otherwise on the tape.
        costs: what a step costs each way, once it was measured.
        probe: where the network is asked what it says; None where there is no picture.
    """

    def __init__(self, on_event: Callable[[Event], None], on_run: Callable[[Run, Run], None] | None = None) -> None:
        self._process = TrainingProcess(on_event)
        self._on_run = on_run
        self.states: dict[Run, State] = {}
        self._number = 0
        self.run: Run | None = None
        self._settled: list[Callable[[], None]] = []
        self._heard = False
        self._given_up = False
        self.moment: Moment | None = None
        self.trouble: Failed | None = None
        self.running = False
        self.planned = True
        self.costs: Costs | None = None
        self.probe: Probe | None = None

    @property
    def number(self) -> int:
        """The number by which the process knows the present run."""
        return self._number

    @property
    def settling(self) -> bool:
        """Whether the run is to stop and hand over its last state."""
        return bool(self._settled)

    @property
    def kept_step(self) -> int:
        """The step of the last state that was kept; a new process goes on from there."""
        return self.state.step if self.state else 0

    @property
    def state(self) -> State | None:
        """The last state of the present run that was kept."""
        return self.states.get(self.run) if self.run else None

    @property
    def pid(self) -> int | None:
        """The training process's number."""
        return self._process.pid

    def start(self) -> None:
        """Start the process and give it the network, if there is one already."""
        self._heard = self._given_up = False
        self._process.start()
        self._process.send(Look((Predictions(),)))
        self._send_run()

    def stop(self) -> None:
        """End the process."""
        self._process.stop()

    def load(self, run: Run) -> None:
        """Take a run, standing where it stood. A stack with a fault is not handed over."""
        self._number += 1
        self.run = run
        self.moment = self.trouble = self.costs = None
        self.running = False
        self.planned = run.planned_now
        self.probe = probe_of(job_of(run.present))
        if self._given_up:
            self.start()
        else:
            self._process.send(Pause())
            self._send_run()

    def settle(self, then: Callable[[], None]) -> None:
        """Call `then` once the run has its last state: at once where it stands, else when it has stopped.

        Until then nothing is shown of the run: the network it belongs to is no longer the one on the screen.
        """
        if not self.running:
            then()
            return
        self._settled.append(then)
        self.moment = None
        self._process.send(Pause())

    def _send_run(self) -> None:
        run = self.run
        if run is not None and trace(run.present).fault is None:
            # Where it came from is of no use there.
            self._process.send(Start(self._number, replace(run, parent=None), self.states.get(run)))

    def train(self, order: Train) -> None:
        """Go on, as ordered; a run that is stopped by a trouble stands, and does no work."""
        if self._settled:
            self._settled.append(lambda: self.train(order))
            return
        if self.stopped:
            return
        self.trouble = None
        if self._given_up:
            self.start()
        self.running = self._process.send(order)

    @property
    def stopped(self) -> bool:
        """Whether the run cannot go on as it is. A process that ended before it began can be tried again."""
        return self.trouble is not None and not self._given_up

    def use(self, planned: bool) -> None:
        """Take the further steps by the static plan, or on the tape."""
        self.planned = planned
        if self.stopped and self.moment is not None:
            # What one of them cannot do the other may.
            self.trouble = None
        run = self.run
        if run is not None and trace(run.present).fault is not None:
            # The process does not have it yet.
            self._change_to(run, run.changed(self.kept_step, planned=planned))
        self._process.send(Revise(planned=planned))

    def _change_to(self, before: Run, after: Run) -> None:
        """The present run is another one, and stands where it stood."""
        if before in self.states:
            self.states[after] = self.states[before]
        self.run = after
        if self._on_run is not None:
            self._on_run(before, after)

    def pause(self) -> None:
        """Stop after the step under way."""
        self._process.send(Pause())

    def _mourn(self, reason: str) -> None:
        """Start another process, which goes on from the last state; but not one that would die of the same at once."""
        if self._heard:
            self.start()
        else:
            self._given_up = True
            self.trouble = Failed(
                self._number,
                f"the training process ends before it has begun: {reason}",
                "change the network, or train to try again",
            )

    def take(self, event: Event) -> bool:
        """Take note of an event; False where it speaks of an earlier run."""
        match event:
            case Died(reason=reason):
                self.running = False
                self._mourn(reason)
            case Answered():
                return False
            case _ if event.number != self._number:
                return False
            case Compared(costs=costs):
                self.costs = costs
            case _:
                self._take_of_run(event)
        if not self.running and self._settled:
            waiting, self._settled = self._settled, []
            for then in waiting:
                then()
        return True

    def _take_of_run(self, event: Event) -> None:
        """Take note of what happened to the present run."""
        match event:
            case Changed(change=change) if self.run is not None:
                self._change_to(self.run, self.run.took(change))
            case Failed():
                self.trouble, self.running = event, False
                self._heard = True
            case Moment():
                self.moment = None if self._settled else event
                self.running = event.running and self.trouble is None
                self._heard = True
                if self.run is not None and event.state is not None:
                    self.states[self.run] = event.state

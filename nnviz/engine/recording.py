"""Which steps are recorded: those that a moment shows afterwards, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from nnviz.engine.looking import Looking
from nnviz.engine.messages import Train
from nnviz.engine.pace import Pacer
from nnviz.errors import NnvizError
from nnviz.run import Checkpoints, NormHistory, Run, Step, Trainer

RECALL = 0.3
"""Seconds of training, at most, that are repeated to record the step taken last."""


class Recording:
    """Tells the recorder of a trainer when to record, and keeps the norms from one trainer to the next.

    Args:
        looking: the queries.
        pacer: after each unit of its pace there is a moment.
    """

    def __init__(self, looking: Looking, pacer: Pacer) -> None:
        self._looking, self._pacer = looking, pacer
        self._norms = NormHistory()
        self._too_far: tuple[Run, int] | None = None

    def enter(self, trainer: Trainer, shared: int) -> None:
        """Go on with this trainer; what was measured in the first `shared` steps belongs to its run, too."""
        self._norms.forget_from(shared + 1)
        trainer.recorder.norms = self._norms

    def lacks(self, trainer: Trainer, now: float | None = None) -> bool:
        """Whether the step taken last was not recorded, although a query asks for it, or will at the time `now`."""
        taken, looking = trainer.recorder.taken, self._looking
        asked = looking.records if now is None else looking.records_due(now)
        return asked and trainer.optimizer is not None and (taken is None or taken.step != trainer.step)

    def complete(self, trainer: Trainer, steps: Iterator[Step], training: Train | None) -> None:
        """Training ends: take one more step and record it, if the last one was not: it is what is shown at rest."""
        pace = self._pacer.pace
        if training is not None and self.lacks(trainer) and (pace.full or pace.unit == "epoch"):
            trainer.recorder.on = True
            next(steps, None)

    def recall(self, trainer: Trainer, checkpoints: Checkpoints, running: bool) -> None:
        """At rest, take the last step again from an earlier checkpoint, if it was not recorded and that is near."""
        step = trainer.step
        if (
            running
            or not self.lacks(trainer)
            or not step
            or trainer.run.change_at(step)
            or self._too_far == (trainer.run, step)
        ):
            return
        checkpoint, end = checkpoints.nearest(step - 1), perf_counter() + RECALL
        try:
            other = Trainer(trainer.run, checkpoint)
            steps = other.steps()
            while other.step < step - 1 and perf_counter() < end:
                next(steps)
            if other.step == step - 1:
                other.recorder.on = True
                next(steps)
                trainer.recorder.adopt(other.recorder)
                return
        except NnvizError:
            # It is the step at which the run fails: there is none to show.
            pass
        self._too_far = trainer.run, step

    def prepare(
        self, trainer: Trainer, training: Train | None, until: int | None, due: float, now: float | None = None
    ) -> None:
        """Switch on the recorder for the next step, if a moment that shows it follows.

        Args:
            trainer: takes it.
            training: what was asked for: at its end there is a moment.
            until: the step at which it ends, if that is known.
            due: when the next moment is due.
            now: the time, if it is known.
        """
        on = False
        if self._looking.records:
            now = perf_counter() if now is None else now
            pace, to_epoch = self._pacer.pace, training is not None and training.to_epoch
            ends = trainer.used + trainer.batch >= trainer.count
            stepwise = not pace.full and pace.unit == "step"
            last = trainer.step + 1 == until or (to_epoch and ends) or stepwise
            shown = now >= due or (ends and not pace.full)
            on = last or (shown and self._looking.records_due(now))
        trainer.recorder.on = on

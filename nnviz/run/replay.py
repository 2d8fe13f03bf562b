"""The answer to a query as of an earlier step, by repeating the steps up to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nnviz.errors import NnvizError, TrainingError
from nnviz.run.checkpoints import Checkpoints
from nnviz.run.queries import Gradual, Observation, Query, Refined, Refused
from nnviz.run.run import Run
from nnviz.run.trainer import Step, Trainer


class Replay:
    """The answer to a query as of a step, bit for bit what was there then.

    The trainer that takes the steps again is its own; nothing else is disturbed, and dropping the replay ends it.

    Args:
        query: what is asked.
        step: as of which step; the run has taken it.
        run: the run, as it was at that step or later.
        checkpoints: some of its checkpoints.
    """

    def __init__(self, query: Query[Observation], step: int, run: Run, checkpoints: Checkpoints) -> None:
        self._query, self._step, self._run = query, step, run
        self._checkpoint = checkpoints.nearest(step)
        self._trainer: Trainer | None = None
        self._steps: Iterator[Step] = iter(())
        self._parts: Iterator[Refined | None] | None = None

    def advance(self, wanted: Callable[[], bool]) -> Observation | None:
        """Take steps, and work on the answer, as long as it is `wanted`.

        Returns:
            The answer, or `Refused`, once the step is reached; None before.
        """
        try:
            trainer = self._trainer
            if trainer is None:
                trainer = self._trainer = Trainer(self._run, self._checkpoint)
                self._steps = trainer.steps()
            while trainer.step < self._step:
                if not wanted():
                    return None
                # What is answered from the step taken last needs it recorded.
                trainer.recorder.on = self._query.records and trainer.step + 1 == self._step
                next(self._steps)
            return self._work_on(trainer, wanted) if isinstance(self._query, Gradual) else trainer.observe(self._query)
        except NnvizError as error:
            return Refused(error.message, error.hint)
        except Exception as error:
            return Refused(f"{type(error).__name__}: {error}", "ask for another step")

    def _work_on(self, trainer: Trainer, wanted: Callable[[], bool]) -> Observation | None:
        """Work on a gradual query as long as it is `wanted`; the whole answer, or None before."""
        if self._parts is None:
            assert isinstance(self._query, Gradual)  # noqa: S101 (the caller has looked)
            self._parts = self._query.begin(trainer)
        for part in self._parts:
            if part is not None and part.done:
                return part
            if not wanted():
                return None
        raise TrainingError("the work ended without an answer", "ask for another step")


def answer(query: Query[Observation], step: int, run: Run, checkpoints: Checkpoints) -> Observation:
    """The answer to a query as of a step of a run.

    Raises:
        TrainingError: there is none; it says why.
    """
    found = Replay(query, step, run, checkpoints).advance(lambda: True)
    if isinstance(found, Refused):
        raise TrainingError(found.message, found.hint)
    assert found is not None  # noqa: S101 (it was always wanted)
    return found

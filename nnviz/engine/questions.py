"""Questions about steps that were taken: each is answered by a replay, a slice at a time."""

from __future__ import annotations

from collections.abc import Callable

from nnviz.engine.messages import Answered, Ask, Event
from nnviz.run import Checkpoints, Refused, Replay, Run


class Questions:
    """The open questions, answered in the order in which they were asked.

    Args:
        emit: takes the answers.
    """

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._open: dict[int, Replay] = {}

    def __bool__(self) -> bool:
        """Whether a question is open."""
        return bool(self._open)

    def ask(self, question: Ask, run: Run | None, taken: int, checkpoints: Checkpoints) -> None:
        """Open a question, or refuse it at once.

        Args:
            question: the query, and the step as of which it is answered.
            run: the run that is asked about; None where there is none.
            taken: how many steps it has taken.
            checkpoints: its checkpoints, from which steps are repeated.
        """
        if run is None:
            self._emit(Answered(question.token, Refused("there is no run to ask about", "start one")))
        elif not 0 <= question.step <= taken:
            message = f"the run has taken {taken:,} steps, and was asked about step {question.step:,}"
            self._emit(Answered(question.token, Refused(message, f"ask about 0 to {taken:,}")))
        else:
            run = run.until(question.step)
            self._open[question.token] = Replay(question.query, question.step, run, checkpoints)

    def cancel(self, token: int) -> None:
        """Leave a question unanswered; one that has its answer already is ignored."""
        self._open.pop(token, None)

    def advance(self, wanted: Callable[[], bool]) -> None:
        """Go on with the first open question, as long as it is `wanted`."""
        token, replay = next(iter(self._open.items()))
        found = replay.advance(wanted)
        if found is not None:
            del self._open[token]
            self._emit(Answered(token, found))

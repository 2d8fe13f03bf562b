"""The queries of the visible panels: how often they are answered while training."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace

import numpy as np
import pytest

from nnviz.engine import Event, InlineEngine, Moment, Train
from nnviz.engine.looking import ANSWERS, Looking
from nnviz.network import job_of, opening
from nnviz.run import Evaluation, Observation, Query, Refused, Run, Trainer
from nnviz.run.queries import (
    AllGradients,
    LayerStatistics,
    LayerWeights,
    NextBatch,
    OutputHistogram,
    Predictions,
    Samples,
    SamplesOf,
    SamplesSeen,
    TakeCheckpoint,
)
from tests.run.drawn import QUERIES, STACKS

COSTS = {
    LayerStatistics: 0.0013, Predictions: 0.004, LayerWeights: 1e-5, OutputHistogram: 0.0004, NextBatch: 1e-5,
    TakeCheckpoint: 1e-4, Samples: 0.01,
}  # fmt: skip


class Clock:
    """A clock that stands still but for what is counted: each answer takes as long as it is said to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, factor: float = 1) -> None:
        self.now = 100.0
        self.asked: dict[type, list[float]] = {kind: [] for kind in COSTS}
        self.spent = 0.0
        monkeypatch.setattr("nnviz.engine.looking.perf_counter", lambda: self.now)
        real, answers = Trainer.observe, dict[Query[Observation], Observation]()

        def observe(trainer: Trainer, query: Query[Observation]) -> Observation:
            self.asked[type(query)].append(self.now)
            self.now += factor * COSTS[type(query)]
            self.spent += 0.0 if query.static else factor * COSTS[type(query)]
            # What is answered makes no difference to when it is asked: one real answer of each kind will do.
            if query not in answers:
                answers[query] = real(trainer, query)
            return answers[query]

        monkeypatch.setattr(Trainer, "observe", observe)


def train(looking: Looking, clock: Clock, seconds: float, interval: float = 0.05) -> float:
    """As the worker does: an observation whenever `interval` seconds of training are over; the time it all took."""
    trainer, begin = Trainer(Run(opening())), clock.now
    steps = trainer.steps()
    while clock.now - begin < seconds:
        next(steps)
        clock.now += interval
        looking.observe(trainer, running=True)
    return clock.now - begin


@pytest.mark.parametrize("factor", [0.1, 1, 30, 500])
def test_all_queries_together_take_a_tenth_of_the_time(monkeypatch: pytest.MonkeyPatch, factor: float) -> None:
    clock, looking = Clock(monkeypatch, factor), Looking()
    looking.look(QUERIES)
    trainer = Trainer(Run(opening()))
    looking.observe(trainer, running=True)
    # Each has an answer from the start; what comes after that is paid for by the time between.
    assert all(len(times) == 1 for times in clock.asked.values())
    first, clock.spent = clock.spent, 0.0
    took = train(looking, clock, 30 * max(factor, 0.3), 0.05 * max(factor / 3, 1))
    # The first answers were given before the time that pays for them, and at most one more of each is on its way.
    assert clock.spent <= ANSWERS * took + first
    # What is cheap is asked at every moment, and nothing is forgotten.
    assert all(len(times) > 1 for kind, times in clock.asked.items() if kind is not Samples)
    if factor == 1:
        assert clock.spent <= ANSWERS * took
        assert len(clock.asked[LayerStatistics]) > 0.12 * took / 0.05
    for kind, times in clock.asked.items():
        gap = factor * COSTS[kind] * len(QUERIES) / ANSWERS
        assert all(later - earlier >= gap - 1e-9 for earlier, later in itertools.pairwise(times))


def test_what_is_hidden_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, looking = Clock(monkeypatch), Looking()
    looking.look((LayerStatistics(),))
    train(looking, clock, 1)
    asked = len(clock.asked[LayerStatistics])
    assert asked > 5
    looking.look(())
    train(looking, clock, 5)
    assert len(clock.asked[LayerStatistics]) == asked
    assert not looking.answers


def test_samples_are_told_again_when_a_change_of_the_run_gives_others() -> None:
    network = opening()
    data = network.settings.data.replace(noise=0.3, test_share=0.8)
    other = network.configure(replace(network.settings, data=data))
    trainer, looking = Trainer(Run(network).changed(5, other)), Looking()
    looking.look((Samples(), SamplesOf("train")))
    steps, seen = trainer.steps(), []
    for _ in range(6):
        next(steps)
        looking.observe(trainer, running=True)
        seen.append(looking.answers[Samples()])
    assert seen[3] is seen[0]
    assert seen[5] is seen[4] is not seen[3]
    now = job_of(other).data()
    assert isinstance(seen[4], SamplesSeen)
    assert int(seen[4].held_out.sum()) == len(now.test_y) == 400
    np.testing.assert_array_equal(seen[4].inputs[:100], now.inputs.undo(now.train_x))
    np.testing.assert_array_equal(looking.answers[SamplesOf("train")].labels, now.train_y)  # type: ignore[attr-defined]


def test_at_rest_a_query_is_answered_once_a_step_whatever_else_is_looked_at() -> None:
    looking, trainer = Looking(), Trainer(Run(opening()))
    steps = trainer.steps()
    next(steps)
    looking.look([Predictions(), LayerWeights(0)])
    looking.observe(trainer, running=False)
    first = dict(looking.answers)
    # Another row is selected: the page beside it keeps its numbers, and need not be drawn again.
    looking.look([Predictions(), LayerWeights(2)])
    looking.observe(trainer, running=False)
    assert looking.answers[Predictions()] is first[Predictions()]
    assert LayerWeights(2) in looking.answers
    # What is answered from the step taken last may be recorded only later.
    assert AllGradients().records
    looking.look([AllGradients()])
    looking.observe(trainer, running=False)
    recorded = looking.answers[AllGradients()]
    looking.observe(trainer, running=False)
    assert looking.answers[AllGradients()] is not recorded
    looking.look([Predictions()])
    looking.observe(trainer, running=False)
    before = looking.answers[Predictions()]
    next(steps)
    looking.observe(trainer, running=False)
    assert looking.answers[Predictions()] is not before


def test_no_query_is_refused_because_the_processor_was_given_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third of a second without it is not time that the samples took."""
    evaluate = Trainer.evaluate

    def late(trainer: Trainer) -> Evaluation:
        threading.Event().wait(0.3)
        return evaluate(trainer)

    monkeypatch.setattr(Trainer, "evaluate", late)
    events: list[Event] = []
    engine = InlineEngine(events.append)
    engine.look([Predictions()])
    engine.start(1, Run(STACKS["norms"]), train=Train(steps=3))
    engine.finish()
    seen = [event.observations[Predictions()] for event in events if isinstance(event, Moment) and event.observations]
    assert seen
    assert not any(isinstance(each, Refused) for each in seen)

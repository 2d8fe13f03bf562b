"""Any step of a run can be asked about: the answer is that of an unbroken trainer that stopped there, bit for bit."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.errors import TrainingError
from nnviz.network import opening
from nnviz.run import Checkpoint, Checkpoints, Observation, Query, Refused, Replay, Run, Trainer
from nnviz.run.queries import (
    GRID,
    CheckpointTaken,
    Histogram,
    LayerWeights,
    NextBatch,
    OutputHistogram,
    Predictions,
    Samples,
    TakeCheckpoint,
)
from tests.examples import examples
from tests.run.drawn import QUERIES, STACKS, Edit, ways
from tests.run.same import same
from tests.run.test_changes import lived, taken

EVERY = (*QUERIES, LayerWeights(4, "bias"), OutputHistogram(4, 5))


def observed(trainer: Trainer, query: Query[Observation]) -> Observation:
    """What a trainer answers, or why it does not."""
    try:
        return trainer.observe(query)
    except TrainingError as error:
        return Refused(error.message, error.hint)


def size_of(state: Checkpoint) -> int:
    return state.bytes


@pytest.mark.parametrize("stack", STACKS)
@given(way=ways(), after=st.integers(0, 25), room=st.integers(0, 6), data=st.data())
@examples(quick=2, long=40)
def test_a_question_about_a_step_is_answered_as_it_was_there(
    stack: str, way: list[tuple[int, Edit]], after: int, room: int, data: st.DataObject
) -> None:
    live, losses = lived(Run(STACKS[stack]), way, after)
    trainer = Trainer(live.run)
    # As many as fit: none, one, some.
    checkpoints = Checkpoints(room * size_of(trainer.checkpoint()))
    checkpoints.add(trainer.checkpoint())
    for _ in trainer.steps() if losses else ():
        checkpoints.add(trainer.checkpoint())
        if trainer.step >= live.step:
            break
    step = data.draw(st.integers(0, live.step))
    unbroken = Trainer(live.run)
    taken(unbroken, step)
    before = unbroken.checkpoint()
    for query in EVERY:
        found = Replay(query, step, live.run, checkpoints).advance(lambda: True)
        assert same(found, observed(unbroken, query)), query
    # Asking changes nothing.
    assert same(unbroken.checkpoint(), before)
    assert same(taken(unbroken, live.step - step), losses[step:])


def test_a_replay_goes_on_in_slices_and_can_be_left() -> None:
    calls = itertools.count()
    replay = Replay(TakeCheckpoint(), 40, Run(opening()), Checkpoints(0))
    found = None
    while found is None:
        before = next(calls)
        found = replay.advance(iter([True, True, False]).__next__)
    assert before == 19
    assert isinstance(found, CheckpointTaken)
    assert found.checkpoint.step == 40


def test_what_goes_wrong_in_a_question_is_its_answer() -> None:
    found = Replay(LayerWeights(17), 3, Run(opening()), Checkpoints(0)).advance(lambda: True)
    assert isinstance(found, Refused)
    assert "no layer with the id 17" in found.message
    found = Replay(TakeCheckpoint(), 3, Run(opening().remove(0)), Checkpoints(0)).advance(lambda: True)
    assert isinstance(found, Refused)
    assert "the stack cannot run" in found.message


@given(st.lists(st.integers(0, 300), min_size=1, max_size=80), st.integers(0, 12))
@examples(quick=100, long=1000)
def test_checkpoints_stay_in_their_budget_and_lie_evenly(steps: list[int], room: int) -> None:
    checkpoints = Checkpoints(room * 100)

    def state(step: int) -> Checkpoint:
        return Checkpoint(step, 0, 0, {"0.weight": np.zeros(25, np.float32)}, {}, {}, (), 0)

    for step in steps:
        checkpoints.add(state(step))
        assert checkpoints.bytes <= room * 100
        assert len(checkpoints) <= room
        if room:
            # The newest that is not older than all others is always kept, so that the present is near.
            assert checkpoints.steps[-1] == max(steps[: steps.index(step) + 1]) or step < max(steps)
    assert len(checkpoints) == min(room, len(set(steps))) or len(checkpoints) <= room
    for step in range(0, 301, 7):
        found = checkpoints.nearest(step)
        assert (found.step if found else None) == max((s for s in checkpoints.steps if s <= step), default=None)
    checkpoints.forget_from(150)
    assert all(step < 150 for step in checkpoints.steps)
    assert checkpoints.bytes == 100 * len(checkpoints)


def test_a_checkpoint_that_is_too_large_takes_none_along() -> None:
    small, trainer = Trainer(Run(opening())), Trainer(Run(STACKS["norms"]))
    checkpoints = Checkpoints(small.checkpoint().bytes)
    checkpoints.add(small.checkpoint())
    taken(trainer, 5)
    large = trainer.checkpoint()
    assert large.bytes > small.checkpoint().bytes
    checkpoints.add(large)
    assert checkpoints.steps == (0,)


def test_checkpoints_in_a_row_are_thinned_out_evenly() -> None:
    checkpoints = Checkpoints(1600)
    for step in range(1, 1001):
        checkpoints.add(Checkpoint(step, 0, 0, {"w": np.zeros(25, np.float32)}, {}, {}, (), 0))
    gaps = np.diff((0, *checkpoints.steps))
    assert len(checkpoints) == 16
    assert gaps.max() <= 4 * 1000 / 16


def test_queries_see_what_is_there() -> None:
    trainer = Trainer(Run(opening()))
    taken(trainer, 30)
    weights = trainer.observe(LayerWeights(2)).values
    np.testing.assert_array_equal(weights, trainer.model.state_dict()["2.weight"].array)
    batch = trainer.observe(NextBatch())
    said = trainer.observe(Predictions())
    assert said.points.shape == (GRID * GRID, 2)
    np.testing.assert_array_equal(said.answers, trainer.evaluator.predict(said.points))
    histogram = trainer.observe(OutputHistogram(0, 9))
    assert isinstance(histogram, Histogram)
    assert histogram.counts.sum() == 250 * 16
    samples = trainer.observe(Samples(10))
    data = trainer.data
    np.testing.assert_array_equal(samples.inputs, data.inputs.undo(np.concatenate([data.train_x[:5], data.test_x[:5]])))
    assert samples.held_out.tolist() == [False] * 5 + [True] * 5
    # What was seen stays as it is while training goes on.
    kept = weights.copy(), batch.inputs.copy(), said.answers.copy()
    taken(trainer, 10)
    assert same((weights, batch.inputs, said.answers), kept)
    assert not np.array_equal(trainer.observe(LayerWeights(2)).values, weights)


def test_a_histogram_of_numbers_that_are_alike_or_not_finite() -> None:
    trainer = Trainer(Run(opening()))
    for path in ("0.weight", "0.bias"):
        trainer.model.state_dict()[path].array[...] = 0
    trainer.model.state_dict()["0.bias"].array[0] = np.inf
    found = trainer.observe(OutputHistogram(0, 4))
    assert found.bad == 250
    assert found.counts.sum() == 250 * 15
    assert found.edges[0] < 0 < found.edges[-1]
    assert (found.mean, found.std) == (0, 0)

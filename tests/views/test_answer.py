"""What a prediction comes to is what the data page says of the same sample."""

from __future__ import annotations

import re

import numpy as np
import pytest

from nnviz.network import PRESETS, job_of
from nnviz.run import Run, Trainer, Walk
from nnviz.text import percent
from nnviz.views.answer import answer
from nnviz.views.stop import stop_view

RUNNING = [one for one in PRESETS if one.name not in ("Broken", "Empty")]


@pytest.mark.parametrize("one", RUNNING, ids=lambda one: one.name)
def test_the_walk_of_a_prediction_ends_with_what_the_data_page_says(one) -> None:  # type: ignore[no-untyped-def]
    run = Run(one.make())
    trainer, schema = Trainer(run), job_of(run.network).schema
    predicted, sure, _, shares = trainer.evaluator.judge(trainer.data.test_x[:4], trainer.data.test_y[:4])
    for number in range(4):
        walk = Walk(run, trainer.checkpoint(), predicting=True, sample=("test", number))
        walk.load()
        walk.reach(len(walk.stops))
        first, *more = stop_view(walk, len(walk.stops)).lines
        assert first.startswith(f"The answer for test {number}: ")
        if schema.classes:
            score = re.escape(percent(float(sure[number])))
            assert shares
            assert re.search(f": {re.escape(schema.classes[predicted[number]])}, {score} sure, ", first)
            right = predicted[number] == trainer.data.test_y[number]
            assert ("which is right" in first, "✗ the target is" in first) == (right, not right)
            assert f" {schema.classes[predicted[number]]}: {percent(float(sure[number]))}" in more[0]
        else:
            value = float(first.split(": ")[1].split()[0].rstrip(",.").replace("−", "-"))
            assert value == pytest.approx(float(np.ravel(predicted[number])[0]), rel=2e-3, abs=1e-6)
        # Nothing is said before the end.
        assert answer(walk, len(walk.stops) - 1, None) == []


def test_of_a_batch_the_answer_is_that_of_the_chosen_sample() -> None:
    walk = Walk(Run(RUNNING[0].make()), predicting=True)
    walk.load()
    walk.reach(len(walk.stops))
    side, rows = walk.samples
    for at in (0, 3):
        assert answer(walk, len(walk.stops), (at, 0))[0].startswith(f"The answer for {side} {rows[at]:,}: ")


def test_a_training_step_has_a_loss_for_its_end() -> None:
    walk = Walk(Run(RUNNING[0].make()))
    walk.load()
    walk.reach(walk.forward)
    assert answer(walk, walk.forward, None) == []

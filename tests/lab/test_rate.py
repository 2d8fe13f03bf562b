"""The learning rate by a key each way: the ladder, one edit and one mark for a row of presses, also while it trains."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.lab import Lab, edits, training
from nnviz.lab.effects import EndRow, StartRun, Toast
from nnviz.lab.rate import LEAST, MOST, end_row, rate, stepped
from nnviz.network import opening, with_rate
from nnviz.views.changes import changes_of
from nnviz.views.status import status
from tests.lab.test_lab import stopped, trained


def lr(lab: Lab) -> object:
    return lab.network.settings.optimizer.get("lr")


@pytest.mark.parametrize(
    ("now", "below", "above"),
    [(0.01, 0.003, 0.03), (0.03, 0.01, 0.1), (0.1, 0.03, 0.3), (1.0, 0.3, 3.0), (0.02, 0.01, 0.03), (1e-8, 3e-9, 3e-8)],
)
def test_the_ladder(now: float, below: float, above: float) -> None:
    assert (stepped(now, -1), stepped(now, 1)) == (below, above)


@given(st.floats(LEAST, MOST), st.integers(1, 10))
def test_up_and_down_lead_back(start: float, count: int) -> None:
    here = there = stepped(start, 1)
    for _ in range(count):
        assert stepped(there, 1) > there
        there = stepped(there, 1)
    for _ in range(count):
        there = stepped(there, -1)
    assert there == here


def test_presses_in_a_row_are_one_edit_and_one_mark() -> None:
    lab = trained()
    for _ in range(3):
        lab, effects = rate(lab, 1)
        assert EndRow() in effects
    assert (lr(lab), len(lab.past)) == (0.3, len(trained().past) + 1)
    assert [change.words for change in changes_of(lab.run)] == ["rate 0.01 → 0.3"]
    # After a pause it is another edit; at the same step the mark is still one.
    lab, _ = rate(end_row(lab)[0], -1)
    assert (lr(lab), len(lab.past)) == (0.1, len(trained().past) + 2)
    lab, _ = edits.undo(lab)
    assert lr(edits.undo(lab)[0]) == 0.01


def test_while_it_trains_each_press_takes_effect_at_its_step_and_all_are_one_mark() -> None:
    lab, _ = training.train(trained())
    for step in (150, 190):
        lab, effects = stopped(rate(lab, 1)[0], step)
        assert any(isinstance(effect, StartRun) and effect.train is not None for effect in effects)
        assert lab.running
    assert [(change.step, change.joined) for change in lab.run.changes] == [(150, False), (190, True)]
    (mark,) = changes_of(lab.run)
    assert (mark.step, mark.words) == (150, "rate 0.01 → 0.1")
    # Another row is another mark.
    lab, _ = stopped(rate(end_row(lab)[0], 1)[0], 300)
    assert [mark.words for mark in changes_of(lab.run)] == ["rate 0.01 → 0.1", "rate 0.1 → 0.3"]
    # One undo takes back one row, whatever its length.
    lab, _ = stopped(edits.undo(lab)[0], 310)
    assert lr(lab) == 0.1
    assert lr(edits.undo(lab)[0]) == 0.01


def test_the_way_back_is_another_mark_where_it_was_trained_between() -> None:
    """What the higher rate did to the loss stands between the two, and not before the only one."""
    lab, _ = training.train(trained())
    for step, by in ((150, 1), (190, -1), (200, -1), (210, -1)):
        lab, _ = stopped(rate(lab, by)[0], step)
    assert len(lab.run.changes) == 4
    assert [(mark.step, mark.words) for mark in changes_of(lab.run)] == [
        (150, "rate 0.01 → 0.03"),
        (190, "rate 0.03 → 0.001"),
    ]
    # One undo takes back the way down alone.
    assert lr(stopped(edits.undo(lab)[0], 220)[0]) == 0.03


def test_there_and_back_at_one_step_has_no_mark() -> None:
    lab = trained()
    for by in (1, -1):
        lab, _ = rate(lab, by)
    assert lr(lab) == 0.01
    assert changes_of(lab.run) == ()


def test_another_edit_ends_the_row() -> None:
    lab, _ = rate(trained(), 1)
    lab, _ = edits.edit(lab, lab.network.remove(1))
    edited = len(lab.past)
    lab, _ = rate(lab, 1)
    assert len(lab.past) == edited + 1


@pytest.mark.parametrize(
    ("now", "by", "words"),
    [(0.0, -1, "The rate is 0 already."), (LEAST, -1, "no further"), (MOST, 1, "no further"), (1e30, 1, "no further")],
)
def test_where_the_keys_end_they_say_so(now: float, by: int, words: str) -> None:
    lab = edits.edit(trained(), with_rate(opening(), now))[0]
    after, effects = rate(lab, by)
    assert after is lab
    (toast,) = effects
    assert isinstance(toast, Toast)
    assert words in toast.text


def test_from_a_rate_of_nought_up_is_the_optimizers_own() -> None:
    lab = edits.edit(trained(), with_rate(opening(), 0.0))[0]
    assert lr(rate(lab, 1)[0]) == 0.001


def test_the_status_line_says_the_new_rate_first() -> None:
    lab, _ = rate(trained(), 1)
    assert "Adam 0.03" in str(status(lab, None).fitted(40))
    assert "Adam 0.03" not in str(status(replace(lab, stepping=None), None).fitted(10))

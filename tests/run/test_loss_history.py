"""The history of the losses as columns, which are made bit by bit."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from nnviz.run import record
from nnviz.run.metrics import Scores
from nnviz.run.record import Curves, Evaluation, LossHistory


def evaluation(step: int, scored: bool = True) -> Evaluation:
    """An evaluation whose numbers tell its step."""
    scores = Scores((step + 0.5, step + 0.25)) if scored else Scores()
    return Evaluation(step, step / 10, step + 0.1, step + 0.2, step + 0.3, step + 0.4, scores, scores)


def assert_equal(found: Curves, expected: Curves) -> None:
    for one in fields(Curves):
        np.testing.assert_array_equal(getattr(found, one.name), getattr(expected, one.name), one.name)


@pytest.mark.parametrize("unscored", [0, 3, 100])
def test_the_columns_are_those_of_all_rows_however_often_they_were_asked_for(
    monkeypatch: pytest.MonkeyPatch, unscored: int
) -> None:
    # Few rows, so that half of them are dropped several times; the first may be of a version without metrics.
    monkeypatch.setattr(record, "CAPACITY", 16)
    history, often = LossHistory(), np.random.default_rng(0)
    for step in range(80):
        history.append(evaluation(step, step >= unscored))
        now = evaluation(step + 1, step >= unscored)
        if often.random() < 0.5:
            assert_equal(history.curves(), Curves.of([*history.rows]))
            assert_equal(history.curves(now), Curves.of([*history.rows, now]))
            assert_equal(history.curves(history.rows[-1]), Curves.of([*history.rows]))


def test_rows_are_turned_into_columns_once(monkeypatch: pytest.MonkeyPatch) -> None:
    history, turned = LossHistory(tuple(map(evaluation, range(50)))), list[int]()
    of = Curves.of

    def counted(rows: list[Evaluation]) -> Curves:
        turned.append(len(rows))
        return of(rows)

    monkeypatch.setattr(Curves, "of", counted)
    for step in range(50, 53):
        history.append(evaluation(step))
        history.curves(evaluation(step + 1))
    assert turned == [51, 1, 1, 1, 1, 1]


def test_an_empty_history_has_the_columns_of_what_is_so_now() -> None:
    assert_equal(LossHistory().curves(), Curves.of([]))
    assert_equal(LossHistory().curves(evaluation(0)), Curves.of([evaluation(0)]))

"""Predicted against true values: what is drawn where, and told apart without color."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from nnviz.data import datasets, file_spec
from nnviz.lab import Lab
from nnviz.lab.lab import Entry
from nnviz.network import on_data
from nnviz.run import Run, Trainer
from nnviz.run.queries import Fitted
from nnviz.views import chart, training
from nnviz.views.fit import scatter

TRUE = np.linspace(-3, 5, 40)[:, None]


def picture(width: int = 40, height: int = 20, **sides: np.ndarray) -> list[str]:
    series, frame = scatter([(side, "0.50", TRUE, predicted) for side, predicted in sides.items()])
    return ["".join(text for text, _ in line) for line in chart.draw(series, width, height, frame)]


def test_what_is_right_hides_the_diagonal_and_what_is_wrong_does_not() -> None:
    right, wrong = picture(train=TRUE), picture(train=np.full_like(TRUE, 5))
    assert "train 0.50" in right[0]
    # From corner to corner, the highest first: both axes show the same numbers.
    series, frame = scatter([("train", "", TRUE, TRUE)])
    assert frame.x_range == frame.y_range == (-3, 5)
    found = chart.geometry(series, 40, 20, frame)
    assert found is not None
    dots = np.stack(found.dots(TRUE, TRUE)).reshape(2, -1)
    assert np.allclose(np.diff(dots[0]) / np.diff(dots[1]), np.diff(dots[0])[0] / np.diff(dots[1])[0])

    def drawn(lines: list[str]) -> int:
        return sum("\u2800" < character < "\u2900" for line in lines[1:] for character in line)

    assert drawn(wrong) > drawn(right)


def test_sides_differ_without_color() -> None:
    one, other = picture(train=TRUE), picture(test=TRUE)
    assert one[1:] != other[1:]
    series, _ = scatter([("train", "", TRUE, TRUE), ("test", "", TRUE, TRUE)], (TRUE[3], TRUE[4]))
    assert [(each.name, each.style, each.color) for each in series] == [
        ("train", "points", 0), ("test", "pairs", 1), ("", "rings", 3),
    ]  # fmt: skip


@pytest.mark.parametrize("predicted", [np.full_like(TRUE, math.nan), TRUE * 1e300, np.full_like(TRUE, math.inf)])
def test_what_is_not_finite_leaves_a_picture(predicted: np.ndarray) -> None:
    lines = picture(train=predicted)
    assert len(lines) >= 3


def test_the_second_picture_of_a_regression_of_many_numbers(tmp_path: Path) -> None:
    path = tmp_path / "three.csv"
    rows = np.random.default_rng(1).normal(size=(60, 3))
    path.write_text("a,b,c,y\n" + "".join(f"{a},{b},{c},{10 + a - b * c}\n" for a, b, c in rows))
    lab = Lab(Entry(Run(on_data(datasets.check(file_spec(path))))))
    assert training.queries(lab) == {Fitted()}
    trainer = Trainer(lab.run)
    found = trainer.observe(Fitted())
    assert (len(found.true), int(found.held_out.sum())) == (60, 12)
    # In the target's own unit, as `predict` has them.
    inputs = trainer.data.inputs.undo(trainer.data.test_x)
    np.testing.assert_allclose(found.predicted[found.held_out], trainer.evaluator.predict(inputs), rtol=1e-5)
    assert abs(float(found.true.mean()) - 10) < 2

"""The words and pictures of loss and metric: what they say is so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz.engine import Failed, Moment
from nnviz.files.opened import open_model
from nnviz.lab import Entry, Lab
from nnviz.lab.loss import MAP, weights_of
from nnviz.run import Curves, Refused, Run, Trainer
from nnviz.run.queries import LossCurves, LossSlice
from nnviz.run.queries.loss_slice import POINTS
from nnviz.views import loss, loss_map
from tests.run.test_changes import taken


def lab_of(line: str = "spiral 2-8-2 tanh adam:0.01 seed:1") -> Lab:
    return Lab(Entry(Run(open_model(line).network)))


def moment_of(lab: Lab, steps: int = 30) -> Moment:
    """A moment of its run with the real answer to what the page asks."""
    trainer = Trainer(lab.run)
    taken(trainer, steps)
    query, now = loss.query_of(lab), trainer.evaluate()
    assert query is not None
    return Moment(0, steps, 1.0, False, 0.0, now, Curves.of([now]), {query: trainer.observe(query)})


def test_the_map_has_as_many_points_as_the_chord_moves_over() -> None:
    assert MAP == POINTS


def test_the_places_of_a_chord_are_told_as_they_are() -> None:
    lab = lab_of().with_loss(mover="weight", chord=(10, 60))
    moment = moment_of(lab)
    found = loss.curves(lab, moment)
    assert found.seen is not None
    assert found.chord is not None
    assert found.chord.ends == (10, 60)
    said = " ".join(found.words)
    assert ("below the graph" in said) == found.chord.violates


def test_a_regression_has_no_metric_that_steps() -> None:
    lab = lab_of("plane 2-8-1 tanh MSELoss seed:1")
    found = loss.curves(lab, moment_of(lab))
    assert "no losses" not in " ".join(found.words)
    assert "R²" in found.words[0]
    assert "convex in the prediction" in found.words[1]
    assert len(found.plots) == 4


def test_without_a_hidden_layer_the_map_is_called_convex_and_with_one_it_is_not() -> None:
    for line, words in (
        ("iris 4-3 seed:1", "on this plane it looks convex"),
        ("spiral 2-8-2 tanh seed:1", "not convex in the weights"),
    ):
        lab = lab_of(line).with_loss(page="map")
        assert words in loss_map.view(lab, moment_of(lab, 200)).words[0]


def test_another_chord_is_named_where_the_users_own_shows_nothing() -> None:
    lab = lab_of().with_loss(page="map", directions="path")
    moment = moment_of(lab, 300)
    worst = loss_map.view(lab, moment).line
    assert worst is not None
    assert worst.violates
    for ends in (((0, 0), (40, 40)), ((0, 40), (40, 0)), ((18, 18), (20, 20)), ((0, 0), (0, 40))):
        view = loss_map.view(lab.with_loss(line=ends), moment)
        assert view.line is not None
        assert view.line.ends == ends
        assert view.words[0].endswith(
            "the loss is not convex in the weights." if view.line.violates else "({loss_chord})."
        )


def test_the_profile_is_the_loss_on_the_chord() -> None:
    lab = lab_of().with_loss(page="map", line=((4, 36), (24, 6)))
    view = loss_map.view(lab, moment_of(lab))
    assert view.seen is not None
    values = [view.seen.losses[4 + 2 * at, 36 - 3 * at] for at in range(11)]
    curve, chord = view.profile
    assert curve.y == pytest.approx(values)
    assert curve.x == pytest.approx(np.linspace(0, 1, 11))
    assert chord.y == pytest.approx([values[0], values[-1]])


def test_colors_go_by_rank() -> None:
    losses = np.array([[1.0, 2.0, 1e6], [3.0, np.nan, 2.0], [np.inf, 1.0 + 1e-12, 5.0]])
    ranks = loss_map._ranks(losses)
    assert np.isnan(ranks[1, 1])
    assert np.isnan(ranks[2, 0])
    assert ranks[0, 0] == ranks[2, 1] == np.nanmin(ranks)
    assert ranks[0, 1] == ranks[1, 2] < ranks[1, 0] < ranks[2, 2] < ranks[0, 2] == 1
    assert set(loss_map._ranks(np.full((2, 2), 3.0)).ravel()) == {0.5}
    assert np.isnan(loss_map._ranks(np.full((2, 2), np.nan))).all()


def test_a_map_without_any_finite_loss_is_drawn() -> None:
    lab = lab_of().with_loss(page="map")
    moment = moment_of(lab, 1)
    query = loss.query_of(lab)
    assert isinstance(query, LossSlice)
    seen = moment.seen(query)
    assert seen is not None
    moment = replace(moment, observations={query: replace(seen, losses=np.full_like(seen.losses, np.nan))})
    view = loss_map.view(lab, moment)
    assert "no finite loss on the map" in view.strong
    assert view.line is None
    field = loss_map.colored(view, (0, 0, 0))
    assert field is not None
    assert field.pixels.shape == (POINTS, POINTS, 3)


def test_what_has_no_answer_says_why() -> None:
    lab = lab_of()
    query = loss.query_of(lab)
    assert isinstance(query, LossCurves)
    assert "the data are loaded" in loss.missing(lab, None)
    assert "out of {{x}" in loss.missing(lab.with_status(failure=Failed(0, "out of {x}", "wait")), None)
    moment = replace(moment_of(lab, 0), observations={query: Refused("no {such} thing")})
    assert loss.missing(lab, moment) == "Nothing to draw: no {{such} thing."
    assert loss.missing(lab, replace(moment, observations={})) == "… is being computed"
    assert loss.curves(lab, moment).plots == ()
    assert loss_map.colored(loss_map.view(lab.with_loss(page="map"), moment), (0, 0, 0)) is None


def test_the_weights_are_those_of_layers_that_are_there() -> None:
    lab = lab_of()
    ids = lab.network.ids
    assert weights_of(lab) == ((ids[0], 0), (ids[2], 0))
    assert weights_of(lab.with_loss(weights=((999, 4), (ids[2], 3)))) == ((ids[0], 0), (ids[2], 3))
    assert weights_of(lab_of("iris 4-3 seed:1")) is not None
    one = lab_of("iris 4-3 seed:1")
    assert weights_of(one) == ((one.network.ids[0], 0), (one.network.ids[0], 1))

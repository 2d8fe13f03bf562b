"""The race in the lab: what its keys do, and what its events change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz.engine import BeginRace, Died, EndRace, PauseRace, Raced
from nnviz.lab import Entry, Lab, edits, race
from nnviz.lab.command import Result
from nnviz.lab.effects import Effect, RaceOn, RestartEngine, StartRun, Toast
from nnviz.lab.events import on_event
from nnviz.lab.race_place import SEEDS, STEPS
from nnviz.network import Network, empty, opening
from nnviz.network.variants import KINDS
from nnviz.run import Finished, Run, Standing, Trainer


def lab(network: Network | None = None) -> Lab:
    return Lab(Entry(Run(network or opening()))).with_status(responded=True)


def commands(effects: tuple[Effect, ...]) -> list[object]:
    return [effect.command for effect in effects if isinstance(effect, RaceOn)]


def toast(result: Result) -> str:
    (found,) = (effect.text for effect in result[1] if isinstance(effect, Toast))
    return found


def stood(found: Lab, *losses: float, over: bool = True, number: int | None = None) -> Raced:
    """An event with these test losses."""
    standings = tuple(Standing(steps=10, test_loss=np.array([loss])) for loss in losses)
    return Raced(found.race.number if number is None else number, standings, 1.0 if over else 0.5, not over, over)


def begun() -> Lab:
    return race.go(lab())[0]


def raced(*losses: float) -> Lab:
    found = begun()
    return on_event(found, stood(found, *losses))[0]


def test_it_begins_pauses_goes_on_and_ends() -> None:
    found, effects = race.go(lab())
    (begin,) = commands(effects)
    assert isinstance(begin, BeginRace)
    assert [lane.label for lane in begin.lanes] == ["Sigmoid", "Tanh", "ReLU", "LeakyReLU 0.2"]
    assert {lane.seeds for lane in begin.lanes} == {4}
    assert (begin.number, begin.steps, found.race.running) == (found.race.number, 1000, True)
    found, effects = race.go(found)
    assert commands(effects) == [PauseRace(True)]
    found, effects = race.go(found)
    assert commands(effects) == [PauseRace(False)]
    late = stood(found, 1, 2, 3, 4, over=False)
    found, effects = race.cancel(found)
    assert commands(effects) == [EndRace()]
    assert not found.race.running
    # Where it stood on its way, and where it stands at its end, are still shown; it goes on no more.
    found, effects = on_event(found, late)
    assert (found.race.raced, found.race.running, found.race.ended, effects) == (late, False, True, ())
    # The next one begins.
    found, _ = race.go(found)
    assert (found.race.running, found.race.ended) == (True, False)


def test_what_has_nothing_to_vary_says_so() -> None:
    after, effects = race.go(lab(empty()))
    assert not commands(effects)
    assert not after.race.running
    assert toast((after, effects))


def test_keys_choose_what_how_often_and_how_long() -> None:
    found = lab()
    for kind in [*KINDS, *KINDS][1:]:
        found = race.turn(found, 1)[0]
        assert found.race.kind == kind
    found = race.turn(lab(), -1)[0]
    assert found.race.kind == "seed"
    assert toast(race.more_seeds(found, 1))
    assert {lane.seeds for lane in race.lanes_of(found)} == {1}
    for _ in SEEDS:
        found = race.more_seeds(replace(found, race=replace(found.race, kind="rate")), 1)[0]
    assert found.race.seeds == SEEDS[-1]
    for _ in STEPS:
        found = race.longer(found, -1)[0]
    assert found.race.steps == STEPS[0]


def test_a_race_that_runs_stays_as_it_was_begun() -> None:
    found = begun()
    for act in (race.turn, race.more_seeds, race.longer):
        after, effects = act(found, 1)
        assert after is found
        assert "as it was begun" in toast((after, effects))


def test_the_end_is_told_with_the_lowest_loss() -> None:
    found = begun()
    after, effects = on_event(found, stood(found, 0.5, 0.3, 0.1, 0.2))
    assert "ReLU has the lowest test loss, 0.1" in toast((after, effects))
    assert (after.race.running, after.race.ahead, after.race.chosen) == (False, 2, 2)
    assert race.at_row(after, 1)[0].race.chosen == 1
    assert race.at_row(after, 2)[0] is after


def test_an_error_is_told() -> None:
    found = begun()
    after, effects = on_event(found, Raced(found.race.number, (), 0, False, True, "too much", "take less"))
    assert not after.race.running
    assert "too much" in toast((after, effects))


def test_the_winner_is_taken_and_undo_brings_the_old_one_back() -> None:
    found = raced(0.5, 0.3, 0.1, 0.2)
    after, effects = race.take(found)
    assert [layer.name for layer in after.network.layers] == ["Linear", "ReLU", "Linear", "ReLU", "Linear"]
    assert after.present.step == 0
    assert any(isinstance(effect, StartRun) for effect in effects)
    assert "ReLU is in the stack" in toast((after, effects))
    assert "already" in toast(race.take(after))
    back = edits.undo(after)[0]
    assert back.present is found.present or back.run is found.run
    assert back.network == opening()


def test_it_is_taken_with_what_it_has_learned() -> None:
    found = begun()
    event = stood(found, 0.5, 0.3, 0.1, 0.2)
    lane = found.race.lanes[2]
    ended = Finished(lane.network, replace(Trainer(Run(lane.network)).checkpoint(), step=1000))
    found = on_event(found, replace(event, finished=(None, None, ended, None)))[0]
    after, effects = race.take(found)
    assert after.present.checkpoint is ended.checkpoint
    assert after.present.step == 1000
    assert after.present.document == found.present.document
    assert "after 1,000 steps" in toast((after, effects))
    assert "already" in toast(race.take(after))
    assert edits.undo(after)[0].present.step == 0


def test_the_chosen_one_is_taken() -> None:
    found = race.at_row(raced(0.5, 0.3, 0.1, 0.2), 0)[0]
    assert race.take(found)[0].network.layers[1].name == "Sigmoid"


@pytest.mark.parametrize("found", [lab(), begun()])
def test_nothing_is_taken_before_there_is_something(found: Lab) -> None:
    after, effects = race.take(found)
    assert after is found
    assert "None is ahead" in toast((after, effects))


def test_where_nothing_is_finite_there_is_no_winner() -> None:
    found = raced(np.nan, np.inf, np.nan, np.nan)
    assert found.race.ahead is None
    assert race.take(found)[0] is found


def test_the_race_begins_again_once_where_the_process_died() -> None:
    found = begun()
    number = found.race.number
    found, effects = on_event(found, Died("it was ended by SIGKILL"))
    kinds = [type(effect) for effect in effects]
    assert kinds.index(RestartEngine) < kinds.index(RaceOn)
    (again,) = commands(effects)
    assert isinstance(again, BeginRace)
    assert (again.number, again.lanes) == (found.race.number, found.race.lanes)
    assert again.number != number
    found, effects = on_event(found.with_status(responded=True), Died("it was ended by SIGKILL"))
    assert not commands(effects)
    assert not found.race.running
    assert any("race has ended" in effect.text for effect in effects if isinstance(effect, Toast))


def test_without_a_process_there_is_no_race() -> None:
    found, effects = on_event(begun().with_status(responded=False), Died("it ended with exit code 1"))
    assert not commands(effects)
    assert not found.race.running


def test_another_kind_shows_what_would_race_next() -> None:
    found = raced(0.5, 0.3, 0.1, 0.2)
    longer = race.longer(found, 1)[0]
    assert longer.race.lanes == found.race.lanes
    turned = race.turn(found, 1)[0]
    assert turned.race.lanes == ()
    assert turned.race.raced is None

"""Findings begin and end at bounds that lie apart, at steps of the run alone, so that the same run has the same ones."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.network import opening, with_rate
from nnviz.run import Check, Evaluation, Health, LayerCheck, Run, Trainer, Trend, judge
from nnviz.run.checkup import interval, is_due, trend_of
from nnviz.run.health import (
    ABOVE,
    ALIVE,
    BELOW,
    CALM,
    CURVED,
    DEAD,
    DRIFT,
    FAST,
    FLAT,
    FOUND,
    GROWN,
    KINDS,
    LEAP,
    LOST,
    PATIENCE,
    SHRUNK,
    STILL,
    WINDOW,
)
from nnviz.seeds import stream
from tests.ill import CASES

NONE = math.nan
TREND = Trend(epochs=100.0, before=0.9, now=0.8, test=0.85, best=0.84, since=1.0)


def check(step: int = 0, trend: Trend = TREND, loss: float = 0.9, **numbers: float) -> Check:
    """A layer without anything wrong and one with these numbers; the loss is just below that of guessing."""
    layer = LayerCheck(0, False, 0.0, 0.0, 1.0, 1.0, 1e-3, 1.0)
    last = LayerCheck(1, False, NONE, NONE, 1.0, 1.0, 1e-3, 1.0)
    return Check(step, loss, 1.0, 256, (replace(layer, **numbers), last), trend)


def told(*checks: Check) -> list[set[str]]:
    """The kinds that are found after each check."""
    health: Health | None = None
    found = []
    for one in checks:
        health = judge(health, one)
        found.append({each.kind for each in health.findings})
    return found


# (kind, numbers where it begins, numbers in between, numbers where it ends)
BOUNDS = [
    ("dead", {"dead": DEAD + 0.01}, {"dead": (DEAD + ALIVE) / 2}, {"dead": ALIVE}),
    ("flat", {"flat": FLAT + 0.01}, {"flat": (FLAT + CURVED) / 2}, {"flat": CURVED}),
    ("lost", {"gradient": LOST}, {"gradient": 2 * LOST}, {"gradient": 2 * FOUND}),
    ("above", {"loss": ABOVE + 0.1}, {"loss": (ABOVE + BELOW) / 2}, {"loss": BELOW}),
    ("grown", {"signal": 2 * GROWN}, {"signal": (GROWN + SHRUNK) / 2}, {"signal": SHRUNK}),
    ("fast", {"update": 2 * FAST * math.sqrt(2)}, {"update": 0.2 * math.sqrt(2)}, {"update": CALM / 2}),
]


@pytest.mark.parametrize(
    ("kind", "begins", "between", "ends"), BOUNDS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_kind_begins_and_ends_at_its_own_bound(kind: str, begins: dict, between: dict, ends: dict) -> None:  # type: ignore[type-arg]
    patience = PATIENCE.get(kind, 1)  # type: ignore[call-overload]
    # In between nothing begins.
    assert all(kind not in found for found in told(*[check(**between)] * 5))
    found = told(check(), *[check(**begins)] * patience, *[check(**between)] * 3, *[check(**ends)] * patience)
    assert [kind in one for one in found] == [False] * patience + [True] * (3 + patience) + [False]


@given(st.lists(st.sampled_from([DEAD + 0.01, (DEAD + ALIVE) / 2]), min_size=2, max_size=30))
def test_what_wavers_around_a_bound_does_not_flicker(values: list[float]) -> None:
    found = ["dead" in one for one in told(*[check(dead=value) for value in values])]
    assert sum(one != other for one, other in pairwise(found)) <= 1


def test_one_wild_check_of_a_noisy_kind_says_nothing() -> None:
    wild = check(update=2 * FAST)
    assert told(check(), wild, check(), wild, check()) == [set()] * 5
    # But a first step that throws the weights away is said at once.
    assert told(check(update=2 * LEAP * math.sqrt(2))) == [{"fast"}]


def test_a_loss_that_falls_from_a_bad_start_is_left_to_fall() -> None:
    falling = [check(step, loss=100.0 / 3**step) for step in range(5)]
    assert all("above" not in one for one in told(*falling))
    assert "above" in told(*[check(loss=100.0)] * 3)[-1]


def test_an_update_that_is_lost_in_rounding_is_too_small() -> None:
    assert told(*[check(update=0.0)] * 2)[-1] == set()  # the last layer moves
    still = [replace(one, update=0.0) for one in check().layers]
    assert told(*[replace(check(), layers=tuple(still))] * 2)[-1] == {"slow"}
    # Without a gradient nothing has to move.
    level = [replace(one, gradient=0.0) for one in still]
    assert "slow" not in told(*[replace(check(), layers=tuple(level))] * 2)[-1]


def test_what_has_learned_is_not_called_ill() -> None:
    # The Sigmoid of a solved problem is flat for every sample.
    assert told(*[check(loss=0.1, flat=1.0)] * 2) == [set(), set()]
    solved = check(loss=0.1, gradient=0.0, signal=1e6, update=5.0, trend=replace(TREND, before=0.1, now=0.1))
    assert told(solved, solved) == [set(), set()]


@pytest.mark.parametrize(
    ("trend", "kind"),
    [
        (replace(TREND, before=0.8, now=0.8 - STILL / 2), "still"), (replace(TREND, before=0.8, now=0.78), ""),
        (replace(TREND, before=0.8, now=0.8, epochs=WINDOW - 1), ""),
        (replace(TREND, now=0.2, best=0.4, test=0.4 * DRIFT + 0.01, since=50), "drift"),
        (replace(TREND, now=0.2, best=0.4, test=0.4 * DRIFT + 0.01, since=5), ""),
        (replace(TREND, now=0.5, best=0.4, test=0.4 * DRIFT + 0.01, since=50), ""),
        (replace(TREND, now=0.001, best=0.01, test=0.02, since=50), ""), (replace(TREND, now=0.7, test=1.1), "drift"),
    ],
)  # fmt: skip
def test_what_the_losses_tell(trend: Trend, kind: str) -> None:
    assert told(check(trend=trend), check(trend=trend))[-1] - {"slow"} == ({kind} if kind else set())


@given(st.lists(st.tuples(*[st.floats(allow_nan=True, allow_infinity=True)] * 7), min_size=1, max_size=6))
def test_whatever_the_numbers_are_a_judgement_is_made(rows: list[tuple[float, ...]]) -> None:
    health: Health | None = None
    for step, (loss, guess, *numbers) in enumerate(rows):
        layers = (LayerCheck(0, False, *numbers, 1.0), LayerCheck(1, False, NONE, NONE, 1.0, 1.0, 1e-3, 1.0))
        health = judge(health, Check(step, abs(loss), abs(guess), 256, layers))
        order = [KINDS.index(found.kind) for found in health.findings]
        assert order == sorted(order)
        assert all(0 <= found.since <= step for found in health.findings)


def test_checks_are_due_at_steps_that_follow_from_the_network_alone() -> None:
    every = 640
    due = [step for step in range(3000) if is_due(step, every)]
    assert due == [10, 20, 40, 80, 160, 320, 640, 1280, 1920, 2560]
    network = opening()
    assert interval(network, Trainer(Run(network)).job) >= 500


def test_the_trend_of_a_history() -> None:
    rows = [Evaluation(10 * e, float(e), 1.0 / (e + 1), 1.0 if e < 50 else 2.0, NONE, NONE) for e in range(101)]
    trend = trend_of(rows)
    assert (trend.epochs, trend.best, trend.test, trend.since) == (25.0, 1.0, 2.0, 100.0)
    assert trend.before > trend.now
    assert math.isnan(trend_of(rows[:3]).now)


def findings_at(run: Run, steps: int, pauses: tuple[int, ...] = ()) -> list[tuple[object, ...]]:
    """The findings after each step, with the trainer taken down and put up again from its checkpoint at `pauses`."""
    trainer, found = Trainer(run), []
    each = trainer.steps()
    for step in range(1, steps + 1):
        next(each)
        if step in pauses:
            trainer = Trainer(run, trainer.checkpoint())
            each = trainer.steps()
        found.append(trainer.health.findings)
    return found


def test_the_same_run_says_the_same_at_the_same_step() -> None:
    run = Run(CASES["dead ReLUs"].network)
    unbroken = findings_at(run, 120)
    assert unbroken[-1]
    assert findings_at(run, 120, pauses=(1, 10, 11, 79, 80, 81)) == unbroken


def test_looking_and_checking_change_no_number_of_the_run() -> None:
    run = Run(CASES["Dropout(1)"].network)
    network = run.network.change(4, run.network.layers[4].replace(p=0.5))
    watched, unwatched = Trainer(Run(network)), Trainer(Run(network))
    unwatched._checkup._every = 10**9
    unwatched._checkup.known = watched.health
    losses = [[step.loss for step in islice(trainer.steps(), 60)] for trainer in (watched, unwatched)]
    assert losses[0] == losses[1]


def test_a_change_is_judged_anew_and_a_switch_to_the_tape_is_not() -> None:
    network = CASES["dead ReLUs"].network
    trainer = Trainer(Run(network))
    for _ in islice(trainer.steps(), 100):
        pass
    assert trainer.health.of("dead")
    at = trainer.checkpoint()
    taped = Trainer(trainer.run.changed(100, planned=False), at)
    assert taped.health.findings == trainer.health.findings
    swapped = Trainer(trainer.run.changed(100, CASES["dead ReLUs"].network.change(3, opening().layers[1])), at)
    assert swapped.health.first.step == 100


def test_the_losses_before_a_change_of_the_data_are_no_part_of_its_trend() -> None:
    """The lowest test loss was that of easier data, at the very step of the change."""
    network = with_rate(opening(), 0.1)
    trainer = Trainer(Run(network))
    each = trainer.steps()
    while trainer.epoch < 60:
        next(each)
    assert trainer.history.rows[-1].step == trainer.step
    lowest = trainer.history.rows[-1].test_loss
    settings = network.settings
    noisy = network.configure(replace(settings, data=settings.data.replace(noise=1.0)))
    changed = Trainer(trainer.run.changed(trainer.step, noisy), trainer.checkpoint())
    each, begun = changed.steps(), changed.epoch
    while changed.epoch < begun + 30:
        next(each)
    trend = changed.health.last.trend
    own = [row.test_loss for row in changed.history.rows if row.epoch > begun]
    assert trend.best in own
    assert trend.best > lowest
    assert trend.since < changed.epoch - begun


def test_a_seed_is_no_part_of_a_judgement() -> None:
    """A judgement uses no random numbers: the streams of a run are as they were."""
    before = stream(1, "weights", 0).random()
    _ = Trainer(Run(opening())).health
    assert stream(1, "weights", 0).random() == before

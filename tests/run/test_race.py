"""The race: runs in lock step are the runs alone, and the standings are means of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from nnviz import nn, optim
from nnviz.errors import TrainingError
from nnviz.network import Network, opening
from nnviz.network.presets import playground
from nnviz.network.variants import KINDS, variants
from nnviz.registry import Spec
from nnviz.run import Lane, Race, Run, Standing, Trainer, winner
from nnviz.run.heat import MAP, Heat
from nnviz.run.lockstep import Lockstep
from nnviz.run.race import MOST_RUNS
from nnviz.run.standing import Progress
from tests.run.drawn import OPTIMIZERS, STACKS
from tests.run.same import same


def always() -> bool:
    return True


def with_settings(network: Network, **settings: object) -> Network:
    return network.configure(replace(network.settings, **settings))  # type: ignore[arg-type]


def differing(network: Network) -> list[Network]:
    """The same stack with other seeds, optimizers, rates and initializations."""
    found = [
        with_settings(network, seed=at, optimizer=optim.optimizers.check(spec)) for at, spec in enumerate(OPTIMIZERS)
    ]
    return [*found, with_settings(network, initialization=Spec("xavier_uniform")), network]


def in_float64(trainer: Trainer) -> None:
    trainer.model.double()
    arrays = {name: getattr(trainer.data, name) for name in ("train_x", "train_y", "test_x", "test_y")}
    wide = {name: array.astype(np.float64) for name, array in arrays.items() if array.dtype == np.float32}
    trainer.data = replace(trainer.data, **wide)


def finished(race: Race) -> tuple[Standing, ...]:
    race.advance(always)
    assert race.done
    return race.standings()


@pytest.mark.parametrize("name", STACKS)
def test_a_run_in_lock_step_is_the_run_alone(name: str) -> None:
    networks = differing(STACKS[name])
    both = [[Trainer(Run(one)) for one in networks] for _ in range(2)]
    for trainer in itertools.chain(*both):
        in_float64(trainer)
    together, alone = both
    lockstep = Lockstep(together)
    steps = 2 * together[0].steps_per_epoch + 2
    losses = np.array([lockstep.step() for _ in range(steps)])
    expected = np.array([[step.loss for step in itertools.islice(one.steps(), steps)] for one in alone]).T
    assert np.allclose(losses, expected, rtol=1e-12, atol=1e-12)
    for mine, its in zip(together, alone, strict=True):
        assert (mine.step, mine.epochs, mine.used) == (its.step, its.epochs, its.used)
        state = its.model.state_dict()
        for path, tensor in mine.model.state_dict().items():
            assert np.allclose(tensor.array, state[path].array, rtol=1e-12, atol=1e-12), path
        rows = list(zip(mine.history.rows, its.history.rows, strict=True))
        assert len(rows) == 3
        for one, other in rows[1:]:
            for number in ("step", "epoch", "train_loss", "test_loss", "train_accuracy", "test_accuracy"):
                a, b = getattr(one, number), getattr(other, number)
                # The loss of a set is a mean of means over chunks, which are of another size here.
                assert a == pytest.approx(b, rel=1e-12, nan_ok=True), number
            for side in ("train", "test"):
                mine_of, its_of = getattr(one, side), getattr(other, side)
                assert mine_of.values == pytest.approx(its_of.values, rel=1e-11)
                assert (mine_of.right, mine_of.taken, mine_of.own) == (its_of.right, its_of.taken, its_of.own)


def test_batches_are_the_same_where_an_epoch_is_not_put_in_order_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    networks = [with_settings(playground(), seed=seed) for seed in (1, 2)]
    found = []
    for most in (2**26, 0):
        monkeypatch.setattr("nnviz.run.lockstep.GATHERED", most)
        lockstep = Lockstep([Trainer(Run(one)) for one in networks])
        found.append([lockstep.step() for _ in range(40)])
    assert np.array_equal(*found)


def curves(networks: Sequence[Network], steps: int) -> list[list[float]]:
    """The training losses of runs alone, at the end of each epoch."""
    found = []
    for network in networks:
        trainer = Trainer(Run(network))
        for _ in itertools.islice(trainer.steps(), steps):
            pass
        found.append([row.train_loss for row in trainer.history.rows])
    return found


def test_standings_are_means_over_the_seeds_with_the_lowest_and_the_highest() -> None:
    lane = Lane("circle", playground(), 3)
    steps = 4 * Trainer(Run(playground())).steps_per_epoch
    (found,) = finished(Race([lane], steps))
    expected = np.array(curves(lane.runs, steps))
    assert np.allclose(found.train_loss, expected.mean(axis=0), rtol=1e-6)
    assert np.allclose(found.low, expected.min(axis=0), rtol=1e-6)
    assert np.allclose(found.high, expected.max(axis=0), rtol=1e-6)
    assert (found.steps, found.together, found.diverged) == (steps, 3, 0)
    assert found.epoch.tolist() == [0, 1, 2, 3, 4]
    assert found.parameters == 2 * 4 + 4 + 4 * 2 + 2 + 2 * 2 + 2
    assert found.seconds > 0
    assert found.spread > 0


def test_the_last_losses_are_measured_within_an_epoch() -> None:
    steps = Trainer(Run(playground())).steps_per_epoch + 3
    for seeds in (1, 2):
        (found,) = finished(Race([Lane("circle", playground(), seeds)], steps))
        assert found.steps == steps
        assert found.epoch[-2] == 1
        assert 1 < found.epoch[-1] < 2


@pytest.mark.parametrize("kind", KINDS)
def test_what_can_be_varied_can_be_raced(kind: str) -> None:
    lanes = [Lane(label, network, 2) for label, network in variants(opening(), kind)]
    race = Race(lanes, 20)
    found = finished(race)
    assert [one.steps for one in found] == [20] * len(lanes)
    assert len(lanes) >= 4
    # Other arrays take their steps by themselves.
    groups = len(lanes) if kind == "width" else 1
    assert {one.together for one in found} == {2 * len(lanes) // groups}
    first = found[0].grid
    assert first is not None
    assert first.shape == (MAP * MAP, 2)
    assert race.progress == 1


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("name", STACKS)
def test_a_run_goes_on_from_where_it_has_ended(name: str, seeds: int) -> None:
    race = Race([Lane(name, STACKS[name], seeds)], 13)
    finished(race)
    (ended,) = race.finished()
    assert ended is not None
    assert ended.network == STACKS[name]
    alone = Trainer(Run(STACKS[name]))
    for _ in itertools.islice(alone.steps(), 13):
        pass
    after, expected = Trainer(Run(ended.network), ended.checkpoint), alone.checkpoint()
    assert (after.step, after.epochs, after.used) == (13, alone.epochs, alone.used)
    assert ended.checkpoint.optimizer.keys() == expected.optimizer.keys()
    for path, kept in expected.optimizer.items():
        assert kept.keys() == ended.checkpoint.optimizer[path].keys()
    assert ended.checkpoint.generators == expected.generators
    losses = [[step.loss for step in itertools.islice(one.steps(), 20)] for one in (after, alone)]
    assert np.allclose(*losses, rtol=1e-4)


def test_of_one_that_has_diverged_another_seed_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    network = STACKS["values"]
    gone = with_settings(network, optimizer=Spec.of("SGD", lr=1e6))
    race = Race([Lane("gone", gone, 2), Lane("good", network, 2)], 60)
    finished(race)
    assert race.finished()[0] is None
    assert race.finished()[1] is not None
    monkeypatch.setattr("nnviz.run.race.MOST_NUMBERS", 10)
    assert race.finished() == (None, None)


def test_a_map_is_what_its_run_answers() -> None:
    lane = Lane("circle", playground(), 2)
    (found,) = finished(Race([lane], 50))
    trainer = Trainer(Run(lane.runs[0]))
    for _ in itertools.islice(trainer.steps(), 50):
        pass
    x0, x1, y0, y1 = found.extent
    assert found.grid is not None
    corners = trainer.evaluator.predict(np.array([[x0, y1], [x1, y1], [x0, y0], [x1, y0]], np.float32))
    assert np.allclose(found.grid[[0, MAP - 1, -MAP, -1]], corners, rtol=1e-5, atol=1e-6)


def test_a_regression_has_no_accuracy_and_images_no_map() -> None:
    values, images = (finished(Race([Lane(name, STACKS[name], 2)], 4))[0] for name in ("values", "images"))
    assert math.isnan(values.accuracy)
    assert values.grid is not None
    assert values.grid.shape == (MAP * MAP, 1)
    assert images.grid is None
    assert 0 <= images.accuracy <= 1


def test_one_that_diverges_is_told_and_left_out() -> None:
    network = STACKS["values"]
    rates = [with_settings(network, optimizer=Spec.of("SGD", lr=lr)) for lr in (0.01, 1e6)]
    for seeds in (1, 2):
        slow, fast = finished(Race([Lane("slow", rates[0], seeds), Lane("fast", rates[1], seeds)], 60))
        assert (slow.diverged, fast.diverged) == (0, seeds)
        assert np.isfinite(slow.loss)
        assert winner((slow, fast)) == 0
        assert winner((fast,)) is None


def test_one_that_cannot_run_does_not_stop_the_others() -> None:
    broken = opening().change(0, Spec.of("Linear", in_features=3, out_features=16))
    bad, good = finished(Race([Lane("broken", broken, 2), Lane("good", opening(), 2)], 5))
    assert "mat1 and mat2" in bad.refusal
    assert good.steps == 5


def test_it_goes_on_a_little_at_a_time() -> None:
    race = Race([Lane("circle", playground(), 2), Lane("spiral", opening(), 2)], 30)
    assert race.progress == 0
    shares = []
    while not race.done:
        race.advance(lambda: False)
        shares.append(race.progress)
    assert shares == sorted(shares)
    # Four trainers are made, and then the two lanes take a step each by turns.
    assert len(shares) == 4 + 2 * 30
    halfway = Race([Lane("circle", playground(), 2), Lane("spiral", opening(), 2)], 30)
    for _ in range(4 + 31):
        halfway.advance(lambda: False)
    assert sorted(one.steps for one in halfway.standings()) == [15, 16]


def test_too_much_is_refused() -> None:
    with pytest.raises(TrainingError, match="at least one"):
        Race([], 10)
    with pytest.raises(TrainingError, match=f"at most {MOST_RUNS}"):
        Race([Lane("many", playground(), MOST_RUNS + 1)], 10)


def test_too_many_samples_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnviz.run.race.MOST_BYTES", 10_000)
    Race([Lane("one", playground(), 1)], 10)
    with pytest.raises(TrainingError, match="samples of 100 runs"):
        Race([Lane("many", playground(), 100)], 10)


def elsewhere(race: Race) -> None:
    """Train the parts of a race that were handed out, as another process would: a little at a time, with reports."""
    for part in race.take_parts():
        heat = Heat(part.runs, part.steps)
        while not heat.done:
            heat.advance(lambda: False)
            race.receive(heat.report())
        race.receive(heat.report())
        race.end(part, heat.finished(part.most))


def test_apart_the_largest_lock_step_stays_and_the_others_are_handed_out() -> None:
    lanes = [Lane(label, network, 2) for label, network in variants(opening(), "width")]
    lanes[1] = replace(lanes[1], seeds=3)
    race = Race(lanes, 30, apart=True)
    race.advance(always)
    assert race.own_done
    assert not race.done
    assert [one.steps for one in race.standings()] == [0, 30, 0, 0]
    assert race.progress == pytest.approx(3 / 9)
    parts = race.take_parts()
    assert race.take_parts() == ()
    # The one that takes longest begins first.
    assert [{lane for (lane, _), _ in part.runs} for part in parts] == [{3}, {2}, {0}]


def with_activation(network: Network, name: str) -> Network:
    other = nn.layers.check(Spec(name))
    return replace(network, layers=tuple(other if one.name == "Tanh" else one for one in network.layers))


def test_apart_what_cannot_be_stacked_is_handed_out_and_the_numbers_are_the_same() -> None:
    # PReLU has a weight of its own: with the others it makes no lock step, though all are activations.
    lanes = [Lane(name, with_activation(opening(), name), 2) for name in ("PReLU", "Tanh", "ReLU")]
    lanes[2] = replace(lanes[2], seeds=3)
    apart, by_turns = Race(lanes, 30, apart=True), Race(lanes, 30)
    apart.advance(always)
    assert [one.steps for one in apart.standings()] == [0, 0, 30]
    elsewhere(apart)
    assert apart.done
    for one, other in zip(apart.standings(), finished(by_turns), strict=True):
        assert (one.steps, one.together) == (other.steps, other.together)
        assert np.array_equal(one.train_loss, other.train_loss)
        assert np.array_equal(one.epoch, other.epoch)
        assert one.loss == other.loss
    for mine, its in zip(apart.finished(), by_turns.finished(), strict=True):
        assert mine is not None
        assert its is not None
        assert mine.network == its.network
        assert same(mine.checkpoint, its.checkpoint)


def test_a_curve_that_is_thinned_out_is_reported_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnviz.run.record.CAPACITY", 5)
    steps = 17 * Trainer(Run(playground())).steps_per_epoch
    heat, known = Heat((((0, 0), playground()),), steps), list[Progress]()
    while not heat.done:
        heat.advance(lambda: False)
        for report in heat.report():
            known = known or [Progress(report)]
            known[0].receive(report)
    (expected,) = heat_of(playground(), steps).report()
    assert known[0].points == list(expected.points)
    assert 3 <= len(expected.points) <= 5


def heat_of(network: Network, steps: int) -> Heat:
    """One run, at its end."""
    heat = Heat((((0, 0), network),), steps)
    heat.advance(always)
    return heat


def test_a_part_that_begins_again_forgets_and_one_that_fails_says_so() -> None:
    lanes = [Lane(label, network, 1) for label, network in variants(opening(), "width")]
    race = Race(lanes, 30, apart=True)
    race.advance(always)
    wide, *others = race.take_parts()
    heat = Heat(wide.runs, 30)
    while not any(report.step for report in heat.report()):
        heat.advance(lambda: False)
    race.receive(heat.report())
    race.begin_again(wide)
    again = race.standings()[3]
    assert (again.steps, again.restarts, len(again.train_loss)) == (0, 1, 0)
    race.fail(wide, "no good")
    assert not race.done
    for part in others:
        race.end(part, {})
    assert race.done
    assert [one.refusal for one in race.standings()] == ["", "", "", "no good"]

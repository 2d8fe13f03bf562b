"""The trainer: it learns, it is the same run every time, and it survives bad numbers."""

from __future__ import annotations

import itertools
import pickle
from dataclasses import replace

import numpy as np
import pytest

from nnviz import nn
from nnviz.data import datasets
from nnviz.errors import TrainingError
from nnviz.network import Network, fit_to_data, opening
from nnviz.registry import Spec
from nnviz.run import DivergedError, Evaluation, LossHistory, Run, Trainer, compare
from nnviz.run.record import CAPACITY


def on(data: str, **settings: object) -> Network:
    network = opening()
    changed = replace(network.settings, data=datasets.check(Spec(data)), **settings)
    return fit_to_data(network.configure(changed))[0]


def with_dropout() -> Network:
    return opening().insert(2, Spec.of("Dropout", p=0.3))


def run(trainer: Trainer, steps: int) -> list[float]:
    return [step.loss for step in itertools.islice(trainer.steps(), steps)]


def weights(trainer: Trainer) -> np.ndarray:
    return np.concatenate([p.array.ravel() for p in trainer.model.parameters()])


@pytest.mark.parametrize(("data", "steps"), [("spiral", 5000), ("digits", 3000), ("circle", 1000), ("xor", 1000)])
def test_it_learns_real_accuracy(data: str, steps: int) -> None:
    trainer = Trainer(Run(on(data)))
    before = trainer.evaluate()
    run(trainer, steps)
    after = trainer.evaluate()
    assert after.test_loss < before.test_loss / 2
    assert after.test_accuracy >= 0.95


@pytest.mark.parametrize(
    ("data", "steps", "bound"), [("function", 3000, 0.05), ("plane", 3000, 0.05), ("multi-gaussian", 10_000, 0.15)]
)
def test_it_fits_values(data: str, steps: int, bound: float) -> None:
    trainer = Trainer(Run(on(data)))
    run(trainer, steps)
    after = trainer.evaluate()
    # The targets are standardised, so 1 is the error of always saying the mean.
    assert after.test_loss < bound
    assert np.isnan(after.test_accuracy)


@pytest.mark.parametrize("planned", [True, False])
def test_the_same_seed_gives_the_same_run_bit_for_bit(planned: bool) -> None:
    one, other = Trainer(Run(with_dropout(), planned=planned)), Trainer(Run(with_dropout(), planned=planned))
    assert run(one, 200) == run(other, 200)
    np.testing.assert_array_equal(weights(one), weights(other))
    assert one.history.rows == other.history.rows
    different = Trainer(Run(with_dropout().configure(replace(opening().settings, seed=2))))
    assert run(different, 5) != run(Trainer(Run(with_dropout())), 5)


@pytest.mark.parametrize("data", ["spiral", "digits", "plane"])
def test_plan_and_tape_take_the_same_steps(data: str) -> None:
    planned, taped, both = Trainer(Run(on(data))), Trainer(Run(on(data), planned=False)), Trainer(Run(on(data)))
    for _ in range(60):
        both.planned = not both.planned
        wanted = run(taped, 1)
        assert run(planned, 1) == pytest.approx(wanted, rel=1e-4)
        assert run(both, 1) == pytest.approx(wanted, rel=1e-4)
    assert (planned.planned, taped.planned, both.step) == (True, False, 60)


def test_comparing_changes_nothing_and_gives_way() -> None:
    one, other = Trainer(Run(with_dropout())), Trainer(Run(with_dropout()))
    assert run(one, 7) == run(other, 7)
    costs = compare(one, lambda: True)
    assert costs is not None
    assert min(costs.plan, costs.tape) > 0
    assert compare(one, lambda: False) is None
    assert (one.step, one.planned) == (7, True)
    assert run(one, 60) == run(other, 60)
    np.testing.assert_array_equal(weights(one), weights(other))


@pytest.mark.parametrize("planned", [True, False])
@pytest.mark.parametrize("at", [1, 37, 50, 51])
def test_a_run_that_was_paused_and_restored_is_the_unbroken_run(at: int, planned: bool) -> None:
    unbroken = Trainer(Run(with_dropout(), planned=planned))
    losses = run(unbroken, 120)
    first = Trainer(Run(with_dropout(), planned=planned))
    assert run(first, at) == losses[:at]
    second = Trainer(Run(with_dropout(), planned=planned))
    second.restore(first.checkpoint())
    assert run(second, 120 - at) == losses[at:]
    np.testing.assert_array_equal(weights(second), weights(unbroken))
    assert second.history.rows == unbroken.history.rows


def test_evaluating_changes_nothing() -> None:
    one, other = Trainer(Run(with_dropout())), Trainer(Run(with_dropout()))
    for _ in range(30):
        assert run(one, 1) == run(other, 1)
        one.evaluate()
        one.evaluator.predict(np.zeros((3, 2), np.float32))


def test_evaluation_is_the_mean_over_the_whole_set() -> None:
    trainer = Trainer(Run(on("digits")))
    run(trainer, 40)
    data = trainer.data
    probabilities = trainer.evaluator.predict(data.inputs.undo(data.test_x))
    found = trainer.evaluate()
    assert found.test_accuracy == pytest.approx((probabilities.argmax(axis=1) == data.test_y).mean())
    picked = probabilities[np.arange(len(data.test_y)), data.test_y]
    assert found.test_loss == pytest.approx(-np.log(picked).mean(), rel=1e-4)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_predictions_are_in_the_targets_own_units() -> None:
    trainer = Trainer(Run(on("plane")))
    run(trainer, 3000)
    data = trainer.data
    assert data.targets is not None
    said = trainer.evaluator.predict(data.inputs.undo(data.test_x))
    truth = data.targets.undo(data.test_y)
    assert np.abs(said - truth).mean() < 0.1 * truth.std()


def test_an_epoch_sees_every_sample_once() -> None:
    trainer = Trainer(Run(on("spiral")))
    assert trainer.steps_per_epoch == 25
    found = list(itertools.islice(trainer.steps(), 50))
    assert [step.step for step in found if step.evaluation] == [25, 50]
    assert trainer.epoch == 2


@pytest.mark.parametrize("rate", [1e308, 1e30, 1e8])
def test_a_diverging_run_stops_at_its_last_finite_weights(rate: float) -> None:
    settings = opening().settings
    wild = replace(settings, optimizer=Spec.of("SGD", lr=rate, momentum=0.0), data=datasets.check(Spec("plane")))
    network = Network((nn.layers.check(Spec.of("Linear", in_features=2, out_features=1)),), wild)
    trainer = Trainer(Run(fit_to_data(network)[0]))
    with pytest.raises(DivergedError, match=r"the loss of step \d+ is not a finite number: .* went bad first"):
        run(trainer, 1000)
    assert np.isfinite(weights(trainer)).all()
    # Where it stands is a place on the unbroken run: the same as a fresh trainer that takes as many steps.
    fresh = Trainer(Run(trainer.network))
    run(fresh, trainer.step)
    np.testing.assert_array_equal(weights(trainer), weights(fresh))


@pytest.mark.parametrize("beyond", [0, 1])
def test_wherever_it_was_stopped_a_diverging_run_goes_back_to_the_same_step(beyond: int) -> None:
    sizes = [Spec.of("Linear", in_features=i, out_features=o) for i, o in ((2, 8), (8, 8), (8, 1))]
    settings = replace(
        opening().settings, optimizer=Spec.of("SGD", lr=1e7, momentum=0.0), loss=nn.losses.check(Spec("MSELoss")),
        data=datasets.check(Spec("plane")),
    )  # fmt: skip
    network = Network(tuple(map(nn.layers.check, sizes)), settings)
    unbroken = Trainer(Run(network))
    with pytest.raises(DivergedError):
        run(unbroken, 1000)
    first = Trainer(Run(network))
    run(first, unbroken.step + beyond)
    # The weights of the next step are not finite, though its loss was.
    assert np.isfinite(weights(first)).all() == (not beyond)
    second = Trainer(first.run, pickle.loads(pickle.dumps(first.checkpoint())))  # noqa: S301 (our own)
    with pytest.raises(DivergedError):
        run(second, 1000)
    assert second.step == unbroken.step
    np.testing.assert_array_equal(weights(second), weights(unbroken))


def test_divergence_names_the_layer() -> None:
    trainer = Trainer(Run(opening()))
    run(trainer, 3)
    list(trainer.model)[2].weight.array[0, 0] = np.nan  # type: ignore[attr-defined]
    with pytest.raises(DivergedError, match=r"the weights of layer 3 \(Linear\(16, 16\)\) went bad first"):
        run(trainer, 1)


def test_learning_rate_zero_changes_nothing() -> None:
    trainer = Trainer(Run(opening().configure(replace(opening().settings, optimizer=Spec.of("SGD", lr=0.0)))))
    before = weights(trainer)
    run(trainer, 30)
    np.testing.assert_array_equal(weights(trainer), before)


@pytest.mark.parametrize("batch", [1, 7, 250, 1_000_000])
def test_any_batch_size(batch: int) -> None:
    trainer = Trainer(Run(on("spiral", batch=batch)))
    assert np.isfinite(run(trainer, 60)).all()


def test_what_cannot_train_says_so() -> None:
    with pytest.raises(TrainingError, match="the stack cannot run: mat1 and mat2"):
        Trainer(Run(opening().remove(0)))
    bare = Trainer(Run(Network((Spec("Tanh"),), opening().settings)))
    with pytest.raises(TrainingError, match="nothing to train") as caught:
        run(bare, 1)
    assert "Linear" in caught.value.hint


def test_history_keeps_its_bounds_and_its_ends() -> None:
    history = LossHistory()
    for step in range(CAPACITY * 9 + 3):
        history.append(Evaluation(step, float(step), 1.0, 2.0, 0.5, 0.4))
    steps = [row.step for row in history.rows]
    assert len(steps) <= CAPACITY + 1
    assert steps[0] == 0
    gaps = {b - a for a, b in itertools.pairwise(steps)}
    assert len(gaps) == 1
    now = Evaluation(10**6, 1e6, 3.0, 4.0, 0.9, 0.8)
    assert history.curves(now).epoch[-1] == 1e6
    again = LossHistory(history.rows, history.seen)
    for step in range(CAPACITY * 9 + 3, CAPACITY * 20):
        for one in (history, again):
            one.append(Evaluation(step, float(step), 1.0, 2.0, 0.5, 0.4))
    assert history.rows == again.rows


def test_a_wide_layer_is_evaluated_in_parts_of_bounded_size() -> None:
    wide = 200_000
    network = (
        opening()
        .change(0, nn.layers.check(Spec.of("Linear", in_features=2, out_features=wide)))
        .change(2, nn.layers.check(Spec.of("Linear", in_features=wide, out_features=16)))
    )
    trainer = Trainer(Run(network))
    seen: list[int] = []
    ask = trainer.evaluator._outputs
    trainer.evaluator._outputs = lambda x: seen.append(len(x)) or ask(x)  # type: ignore[method-assign,func-returns-value]
    trainer.evaluate()
    assert sum(seen) == 500
    assert max(seen) * wide * 4 <= 64 * 2**20

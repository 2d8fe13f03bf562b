"""Runs and edits: which weights a layer takes along, and what had to start anew."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz import nn
from nnviz.errors import TrainingError
from nnviz.network import Network, fix_all, opening, trace
from nnviz.registry import Spec
from nnviz.run import Checkpoint, Run, Trainer
from tests.run.same import same

WIDE = Spec.of("Linear", in_features=16, out_features=16)


def trained(network: Network, steps: int = 3) -> tuple[Run, Checkpoint]:
    trainer = Trainer(Run(network))
    run = trainer.steps()
    for _ in range(steps):
        next(run)
    return trainer.run, trainer.checkpoint()


def weights_of(run: Run, state: Checkpoint) -> dict[str, np.ndarray]:
    return {name: t.array for name, t in Trainer(run, state).model.state_dict().items()}


def test_every_layer_takes_its_weights_along_wherever_it_moves() -> None:
    before, state = trained(opening())
    old = state.parameters
    network = opening().insert(0, nn.layers.check(Spec.of("Linear", in_features=2, out_features=2))).remove(2)
    run = before.changed(3, network)
    new = weights_of(run, state)
    # An inserted layer above, and the first Tanh gone: layer 0 stands at 1, layer 2 still at 2.
    np.testing.assert_array_equal(new["1.weight"], old["0.weight"])
    np.testing.assert_array_equal(new["2.weight"], old["2.weight"])
    np.testing.assert_array_equal(new["4.bias"], old["4.bias"])
    assert run.reinitialized() == run.reinitialized(state) == (0,)
    assert set(run.learned(state)) == {path for path in new if not path.startswith("0.")}


def test_what_changes_its_shape_starts_anew_and_is_named() -> None:
    before, state = trained(opening())
    wider = opening().change(2, nn.layers.check(WIDE.replace(out_features=8)))
    run = before.changed(3, wider.change(4, nn.layers.check(Spec.of("Linear", in_features=8, out_features=2))))
    assert run.reinitialized() == (2, 4)
    trainer = Trainer(run, state)
    np.testing.assert_array_equal(weights_of(run, state)["0.weight"], state.parameters["0.weight"])
    # The bias of the last layer has the shape it had, so that it stays.
    np.testing.assert_array_equal(weights_of(run, state)["4.bias"], state.parameters["4.bias"])
    # Once it has learned, nothing is new any more.
    assert run.reinitialized(trainer.checkpoint()) == (2, 4)
    next(trainer.steps())
    assert run.reinitialized(trainer.checkpoint()) == ()


def test_an_edit_that_does_not_run_loses_nothing() -> None:
    before, state = trained(opening())
    broken = opening().change(2, nn.layers.check(WIDE.replace(in_features=3)))
    assert trace(broken).diagnostic is not None
    faulty = before.changed(3, broken)
    with pytest.raises(TrainingError, match="the stack cannot run"):
        Trainer(faulty, state)
    mended, _ = fix_all(broken)
    run = faulty.changed(3, mended)
    assert run.reinitialized() == ()
    assert [change.step for change in run.changes] == [3]
    for path, array in state.parameters.items():
        np.testing.assert_array_equal(weights_of(run, state)[path], array)


@pytest.mark.parametrize(
    "change", [{"seed": 9}, {"data": Spec.of("circle", samples=500, noise=0.0)}, {"initialization": Spec("zeros_")}]
)
def test_another_seed_initialization_or_data_set_is_a_new_beginning(change: dict[str, object]) -> None:
    network = opening().configure(replace(opening().settings, **change))  # type: ignore[arg-type]
    before, _ = trained(opening())
    run = before.changed(3, network)
    assert (run.network, run.weights, run.changes, run.parent, run.branched) == (network, {}, (), before, 3)
    assert run.shared_steps(before) == -1
    assert run.reinitialized() == ()


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": opening().settings.optimizer.replace(lr=0.5)},
        {"batch": 7},
        {"optimizer": Spec.of("Adam", lr=0.01)},
    ],
)
def test_another_rate_batch_or_optimizer_goes_on(settings: dict[str, object]) -> None:
    before, state = trained(opening(), 40)
    run = before.changed(40, opening().configure(replace(opening().settings, **settings)))  # type: ignore[arg-type]
    assert run.shared_steps(before) == before.shared_steps(run) == 40
    assert run.reinitialized() == ()
    trainer = Trainer(run, state)
    after = trainer.checkpoint()
    assert (after.step, after.epoch, after.seen) == (state.step, state.epoch, state.seen) == (40, 1, 150)
    assert (after.history, after.evaluations) == (state.history, state.evaluations)
    assert same(after.parameters, state.parameters)
    kept = run.present.settings.optimizer.name == before.present.settings.optimizer.name
    assert same(after.optimizer, state.optimizer if kept else {})
    assert trainer.optimizer is not None
    assert trainer.optimizer.param_groups[0]["lr"] == run.present.settings.optimizer["lr"]


def test_what_was_never_trained_is_drawn_from_the_seed_again() -> None:
    run = Run(opening()).changed(0, opening().insert(1, nn.layers.check(Spec("ReLU"))))
    assert (run.weights, run.changes) == ({}, ())
    assert run.reinitialized() == ()


def test_at_its_start_a_run_takes_along_what_was_given_to_it() -> None:
    given = {"0.weight": np.ones((16, 2), np.float32)}
    run = Run(opening(), given).changed(0, opening().insert(0, nn.layers.check(Spec("ReLU"))))
    assert (list(run.weights), run.changes) == (["1.weight"], ())
    assert run.reinitialized() == (1, 3, 5)
    np.testing.assert_array_equal(Trainer(run).model.state_dict()["1.weight"].array, given["0.weight"])


def test_nothing_changed_is_the_same_run() -> None:
    run = Run(opening())
    assert run.changed(0) is run
    one = run.changed(5, planned=False)
    assert one.changed(9) is one
    assert one.changed(9, planned=False) is one
    # Before its change it was otherwise, so that is another one.
    assert one.changed(3).changes == ()


def test_a_run_is_what_it_was_whatever_is_made_of_it() -> None:
    run = Run(opening()).changed(5, planned=False)
    before = vars(run).copy()
    run.changed(3, opening().remove(4))
    run.changed(9, weights={"0.bias": np.zeros(16, np.float32)})
    assert vars(run) == before
    with pytest.raises(AttributeError):
        run.planned = False  # type: ignore[misc]


def test_which_network_is_in_force() -> None:
    one, other = opening().remove(1), opening().remove(3)
    run = Run(opening()).changed(5, one).changed(9, other)
    assert [run.network_at(step) for step in (0, 4, 5, 8, 9, 100)] == [opening()] * 2 + [one] * 2 + [other] * 2
    assert run.present == other
    assert [change.step for change in run.changed(7, planned=False).changes] == [5, 7]


def test_runs_survive_pickle_however_many_edits_led_to_them() -> None:
    run = Run(opening())
    for step in range(1, 2000):
        run = run.changed(
            step % 7 + 1, opening().insert(step % 5, Spec("Tanh")), {"0.bias": np.full(16, step, np.float32)}
        )
    again = pickle.loads(pickle.dumps(run))  # noqa: S301 (our own)
    one: Run | None = run
    other: Run | None = again
    while one is not None and other is not None:
        assert (one.network, one.network.ids, one.planned, one.branched) == (
            other.network,
            other.network.ids,
            other.planned,
            other.branched,
        )
        assert len(one.changes) == len(other.changes)
        for mine, theirs in zip(one.changes, other.changes, strict=True):
            assert (mine.step, mine.network, mine.planned) == (theirs.step, theirs.network, theirs.planned)
            assert same(dict(mine.weights), dict(theirs.weights))
        one, other = one.parent, other.parent
    assert one is other is None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6))
def test_however_layers_are_moved_each_keeps_its_own(moves: list[tuple[int, int]]) -> None:
    square = Network(
        tuple(nn.layers.check(WIDE.replace(in_features=2, out_features=2)) for _ in range(5)), opening().settings
    )
    before, state = trained(square)
    network, order = square, list(range(5))
    for at, to in moves:
        network = network.move(at, to)
        order.insert(to, order.pop(at))
    learned = before.changed(3, network).learned(state)
    for place, origin in enumerate(order):
        np.testing.assert_array_equal(learned[f"{place}.weight"], state.parameters[f"{origin}.weight"])

"""Runs and edits: which weights a layer takes along, and what had to start anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz import nn
from nnviz.catalogue import Spec
from nnviz.network import Network, opening, repair_all, trace
from nnviz.training import Run, Trainer

WIDE = Spec.of("Linear", in_features=16, out_features=16)


def trained(network: Network, steps: int = 3) -> Run:
    trainer = Trainer(network)
    run = trainer.steps()
    for _ in range(steps):
        next(run)
    return Run(network, state=trainer.state())


def begun(origin: Run, network: Network) -> Run:
    run = Run(network, origin)
    run.begin()
    return run


def weights_of(run: Run) -> dict[str, np.ndarray]:
    return {name: t.array for name, t in Trainer(run.network, weights=run.weights).model.state_dict().items()}


def test_every_layer_takes_its_weights_along_wherever_it_moves() -> None:
    before = trained(opening())
    assert before.state is not None
    old = before.state.parameters
    network = opening().insert(0, nn.layers.check(Spec.of("Linear", in_features=2, out_features=2))).remove(2)
    run = begun(before, network)
    new = weights_of(run)
    # An inserted layer above, and the first Tanh gone: layer 0 stands at 1, layer 2 still at 2.
    np.testing.assert_array_equal(new["1.weight"], old["0.weight"])
    np.testing.assert_array_equal(new["2.weight"], old["2.weight"])
    np.testing.assert_array_equal(new["4.bias"], old["4.bias"])
    assert run.fresh == (0,)


def test_what_changes_its_shape_starts_anew_and_is_named() -> None:
    before = trained(opening())
    wider = opening().change(2, nn.layers.check(WIDE.replace(out_features=8)))
    run = begun(before, wider.change(4, nn.layers.check(Spec.of("Linear", in_features=8, out_features=2))))
    assert run.fresh == (2, 4)
    assert before.state is not None
    np.testing.assert_array_equal(weights_of(run)["0.weight"], before.state.parameters["0.weight"])
    # The bias of the last layer has the shape it had, so that it stays.
    np.testing.assert_array_equal(weights_of(run)["4.bias"], before.state.parameters["4.bias"])


def test_an_edit_that_does_not_run_loses_nothing() -> None:
    before = trained(opening())
    assert before.state is not None
    broken = opening().change(2, nn.layers.check(WIDE.replace(in_features=3)))
    assert trace(broken).fault is not None
    faulty = begun(before, broken)
    mended, _ = repair_all(broken)
    run = begun(faulty, mended)
    assert run.fresh == ()
    for path, array in before.state.parameters.items():
        np.testing.assert_array_equal(weights_of(run)[path], array)


@pytest.mark.parametrize(
    "change", [{"seed": 9}, {"data": Spec.of("circle", samples=500, noise=0.0)}, {"initialisation": Spec("zeros_")}]
)
def test_another_seed_initialisation_or_data_set_is_a_new_beginning(change: dict[str, object]) -> None:
    network = opening().configure(replace(opening().settings, **change))  # type: ignore[arg-type]
    assert begun(trained(opening()), network).weights == {}


def test_another_rate_keeps_all() -> None:
    faster = replace(opening().settings, optimizer=opening().settings.optimizer.replace(lr=0.5))
    run = begun(trained(opening()), opening().configure(faster))
    assert run.fresh == ()
    assert set(run.weights) == set(weights_of(run))


def test_what_was_never_trained_is_drawn_from_the_seed_again() -> None:
    run = begun(Run(opening()), opening().insert(1, nn.layers.check(Spec("ReLU"))))
    assert run.weights == {}
    assert run.fresh == ()


def test_a_run_begins_with_the_last_state_of_the_one_before() -> None:
    """An edit is made before the last state has come: what is kept is what stands there when the run begins."""
    before = trained(opening())
    run = Run(opening().insert(5, nn.layers.check(Spec("ReLU"))), before)
    before.state = trained(opening(), 8).state
    run.begin()
    assert before.state is not None
    np.testing.assert_array_equal(run.weights["0.weight"], before.state.parameters["0.weight"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6))
def test_however_layers_are_moved_each_keeps_its_own(moves: list[tuple[int, int]]) -> None:
    square = Network(
        tuple(nn.layers.check(WIDE.replace(in_features=2, out_features=2)) for _ in range(5)), opening().settings
    )
    before = trained(square)
    assert before.state is not None
    network, order = square, list(range(5))
    for at, to in moves:
        network = network.move(at, to)
        order.insert(to, order.pop(at))
    run = begun(before, network)
    for place, origin in enumerate(order):
        np.testing.assert_array_equal(run.weights[f"{place}.weight"], before.state.parameters[f"{origin}.weight"])

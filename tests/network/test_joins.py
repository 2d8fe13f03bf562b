"""Rows that join an earlier row: shapes, faults, edits that keep the reference, and the run itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz import nn
from nnviz.autograd import Tensor, gradcheck
from nnviz.network import Network, build_model, empty, opening, trace
from nnviz.registry import Spec


def spec(name: str, **arguments: int) -> Spec:
    return nn.layers.check(Spec.of(name, **arguments))


def linear(n: int, m: int) -> Spec:
    return spec("Linear", in_features=n, out_features=m)


def network(*layers: Spec) -> Network:
    return Network(layers, empty().settings)


RESIDUAL = network(
    linear(10, 10), spec("Tanh"), spec("Add", row=0), linear(10, 4), spec("Concat", row=3), linear(14, 8)
)


def rows_named(of: Network) -> list[int]:
    return [int(layer["row"]) for layer in of.layers if layer.name in ("Add", "Concat")]  # type: ignore[arg-type]


def test_shapes_and_graph_of_a_residual_stack() -> None:
    found = trace(RESIDUAL)
    assert found.diagnostic is None
    assert [row.output for row in found.rows] == [(4, 10), (4, 10), (4, 10), (4, 4), (4, 14), (4, 8)]
    operations = found.graph.operations
    join = next(node for node in operations if node.name == "add" and node.layer == 2)
    assert found.graph.waits_for(join) == f"{next(n.number for n in operations if n.name == 'tanh')}, x"
    joined = next(node for node in operations if node.name == "cat")
    assert joined.shape == (4, 14)
    for place, node in enumerate(found.graph.nodes):
        assert all(source < place for source in node.inputs)


def test_the_run_is_the_sum_and_the_row() -> None:
    model = build_model(RESIDUAL).double()
    x = np.random.default_rng(0).normal(size=(3, 10))
    rows = [out.array for out in model.run(Tensor(x))]
    np.testing.assert_allclose(rows[2], rows[1] + x)
    np.testing.assert_allclose(rows[4], np.concatenate([rows[3], rows[2]], axis=1))
    np.testing.assert_array_equal(model(Tensor(x)).array, rows[-1])
    assert gradcheck(model, [x], rtol=1e-6)


def test_a_row_below_or_none_is_a_fault_in_words() -> None:
    found = trace(network(linear(10, 10), spec("Add", row=2)))
    assert found.faulty == 1
    assert found.diagnostic is not None
    assert found.diagnostic.message == "row 2 does not stand above layer 2"
    assert found.diagnostic.explanation == "it names row 2: an earlier row is 0 (the input) to 1"


def test_shapes_that_do_not_join_say_where_each_comes_from() -> None:
    found = trace(network(linear(10, 4), spec("Add", row=0)))
    assert found.diagnostic is not None
    assert (
        found.diagnostic.message
        == "The size of tensor a (4) must match the size of tensor b (10) at non-singleton dimension 1"
    )
    assert "layer 1 (Linear(10, 4)) gives 4x4" in found.diagnostic.explanation
    assert "the input gives (4, 10)" in found.diagnostic.explanation
    found = trace(network(linear(10, 4), spec("Concat", row=0, dim=0)))
    assert found.diagnostic is not None
    assert found.diagnostic.message.startswith("Sizes of tensors must match except in dimension 0.")


def test_edits_keep_a_reference_on_its_row() -> None:
    assert rows_named(RESIDUAL.insert(0, spec("Identity"))) == [0, 4]
    assert rows_named(RESIDUAL.insert(3, spec("Identity"))) == [0, 3]
    assert rows_named(RESIDUAL.remove(0)) == [0, 2]
    # What had row 3 gets what row 3 had.
    assert rows_named(RESIDUAL.remove(2)) == [2]
    assert rows_named(RESIDUAL.move(2, 0)) == [0, 1]


@st.composite
def edited(draw: st.DrawFn) -> tuple[Network, int, int]:
    count = draw(st.integers(2, 6))
    layers = [spec("Add", row=draw(st.integers(0, i))) if draw(st.booleans()) else spec("Tanh") for i in range(count)]
    return network(*layers), draw(st.integers(0, count - 1)), draw(st.integers(0, count - 1))


@given(edited())
@settings(deadline=None)
def test_moving_there_and_back_is_nothing(case: tuple[Network, int, int]) -> None:
    before, at, to = case
    assert before.move(at, to).move(to, at) == before


@given(edited())
@settings(deadline=None)
def test_putting_in_and_taking_out_is_nothing(case: tuple[Network, int, int]) -> None:
    before, at, _ = case
    assert before.insert(at, spec("Tanh")).remove(at) == before


def test_every_layer_of_the_registry_can_stand_in_a_stack() -> None:
    images = opening()
    for entry in nn.layers:
        arguments = {a.name: 3 for a in entry.arguments if a.required}
        found = trace(images.insert(1, nn.layers.check(Spec.of(entry.name, **arguments))))
        assert len(found.rows) == len(images.layers) + 1
        assert found.rows[1].diagnostic is None or found.rows[1].diagnostic.message


@pytest.mark.parametrize("name", ["Conv2d", "BatchNorm2d", "BatchNorm1d", "LayerNorm", "Linear"])
def test_sizes_are_fitted_to_what_arrives(name: str) -> None:
    factory = nn.layers[name].factory
    shape = (5, 7, 9, 9) if name.endswith("2d") else (5, 7)
    assert list(factory.fitted(shape).values()) == [7]  # type: ignore[attr-defined]

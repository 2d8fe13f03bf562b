"""Edits give new values; undo and redo walk over them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nnviz.catalogue import Spec
from nnviz.network import History, Network, empty, opening, trace

A, B, C = Spec("ReLU"), Spec("Tanh"), Spec("Sigmoid")


def names(network: Network) -> str:
    return " ".join(layer.name for layer in network.layers)


def test_edits_leave_the_old_value_alone() -> None:
    network = empty().insert(0, A).insert(1, B)
    assert names(network.insert(1, C)) == "ReLU Sigmoid Tanh"
    assert names(network.remove(0)) == "Tanh"
    assert names(network.change(0, C)) == "Sigmoid Tanh"
    assert names(network.move(0, 1)) == "Tanh ReLU"
    assert names(network) == "ReLU Tanh"


def test_undo_and_redo() -> None:
    history = History(empty())
    history.push(empty().insert(0, A))
    assert history.undo()
    assert not history.undo()
    assert history.present == empty()
    assert history.redo()
    assert not history.redo()
    assert names(history.present) == "ReLU"
    history.undo()
    history.push(empty().insert(0, B))
    assert not history.redo()
    assert names(history.present) == "Tanh"


@given(st.lists(st.sampled_from([A, B, C]), max_size=8), st.integers(0, 8))
def test_undoing_all_gives_the_first_and_redoing_all_the_last(edits: list[Spec], back: int) -> None:
    history = History(empty())
    values = [empty()]
    for spec in edits:
        values.append(values[-1].insert(0, spec))
        history.push(values[-1])
    taken = sum(history.undo() for _ in range(back))
    assert history.present == values[len(edits) - taken]
    while history.redo():
        pass
    assert history.present == values[-1]


def test_the_opening_network_runs() -> None:
    assert trace(opening()).fault is None

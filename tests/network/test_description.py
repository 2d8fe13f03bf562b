"""Edits give new values; undo and redo walk over them."""

from __future__ import annotations

from nnviz.network import Network, empty, opening, trace
from nnviz.registry import Spec

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


def test_the_opening_network_runs() -> None:
    assert trace(opening()).diagnostic is None

"""The time of activation functions: each is measured in turn, the least time counts, and it can be ended."""

from __future__ import annotations

import pytest

from nnviz import nn
from nnviz.registry import Spec
from nnviz.run import activation_times as module
from nnviz.run.activation_times import activation_times

SPECS = {name: nn.layers.check(Spec(name)) for name in ("ReLU", "Tanh", "Softmax")}


def test_every_function_is_measured_in_turn() -> None:
    found = list(activation_times(SPECS, numbers=1000, rounds=3))
    assert [(one.done, one.total) for one in found] == [(at, 9) for at in range(1, 10)]
    assert [list(one.seconds) for one in found[:3]] == [["ReLU"], ["ReLU", "Tanh"], ["ReLU", "Tanh", "Softmax"]]
    assert all(seconds > 0 for seconds in found[-1].seconds.values())


def test_the_least_time_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 5.0, 10.0, 12.0, 20.0, 23.0])
    monkeypatch.setattr(module, "perf_counter", lambda: next(clock))
    found = [one.seconds for one in activation_times({"ReLU": SPECS["ReLU"]}, numbers=10, rounds=3)]
    assert found == [{"ReLU": 5.0}, {"ReLU": 2.0}, {"ReLU": 2.0}]


def test_it_ends_as_soon_as_it_is_not_wanted() -> None:
    wanted = iter([True, True, False])
    assert len(list(activation_times(SPECS, lambda: next(wanted), numbers=1000))) == 2

"""An update rule does what is written of it: evaluated, and against the optimizer."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from nnviz import nn, optim
from nnviz.autograd import Tensor
from nnviz.optim.written import assign, computed, constants

SETTINGS: dict[str, dict[str, list[Any]]] = {
    "SGD": {"momentum": [0, 0.9], "dampening": [0, 0.3], "nesterov": [False, True]},
    "Adam": {"amsgrad": [False, True], "betas": [(0.9, 0.999), (0.5, 0.7)], "decoupled_weight_decay": [False, True]},
    "AdamW": {"amsgrad": [False, True]},
    "RMSprop": {"momentum": [0, 0.9], "centered": [False, True], "alpha": [0.99, 0.5]},
    "Adagrad": {"lr_decay": [0, 0.5], "initial_accumulator_value": [0, 0.2]},
    "Adadelta": {"rho": [0.9, 0.4]},
}
COMMON: dict[str, list[Any]] = {"lr": [0.05], "weight_decay": [0, 0.2], "maximize": [False, True]}


def combinations(name: str) -> list[dict[str, Any]]:
    choices = COMMON | SETTINGS[name]
    found = [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]
    return [one for one in found if not (one.get("nesterov") and (one["dampening"] or not one["momentum"]))]


def test_every_optimizer_is_here() -> None:
    assert SETTINGS.keys() == {one.name for one in optim.optimizers}


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("name", SETTINGS)
def test_what_is_written_is_what_the_optimizer_does(name: str, sparse: bool) -> None:
    drawn = np.random.default_rng(4)
    for settings in combinations(name):
        parameter = nn.Parameter(drawn.normal(size=7))
        optimizer = getattr(optim, name)([parameter], **settings)
        group, kept = optimizer.param_groups[0], optimizer.state[parameter]
        if sparse:
            group["l1"] = 0.03
        for _ in range(4):
            gradient = drawn.normal(size=7)
            parameter.grad = Tensor(gradient)
            names = optimizer.names(group)
            number = optimizer.count(kept, names) + 1
            known = {letter: kept[state].array.copy() for state, letter in optimizer.letters.items() if state in kept}
            known = {letter: np.zeros(7) for letter in optimizer.letters.values()} | known
            before = parameter.array.copy()
            optimizer.step()
            assert set(names) <= optimizer.letters.keys()
            for at in range(7):
                values = {letter: float(array[at]) for letter, array in known.items()}
                values |= {"w": float(before[at]), "g": float(gradient[at]), **constants(group, number)}
                lines = computed(optimizer.rule(group, number), values)
                assert lines[-1].assignment.name == "w"
                last = {line.assignment.name: line.value for line in lines}
                assert last["w"] == pytest.approx(parameter.array[at], rel=1e-12, abs=1e-14), settings
                for state in names:
                    letter = optimizer.letters[state]
                    assert last[letter] == pytest.approx(kept[state].array[at], rel=1e-12, abs=1e-14), (settings, state)


def test_settings_that_change_nothing_are_not_written() -> None:
    plain = optim.SGD([nn.Parameter(np.ones(1))])
    assert list(map(str, plain.rule(plain.param_groups[0], 1))) == ["w ← w − lr · g"]
    adam = optim.AdamW([nn.Parameter(np.ones(1))], weight_decay=0)
    assert "decay" not in " ".join(map(str, adam.rule(adam.param_groups[0], 1)))


def test_numbers_stand_in_place_of_names_and_each_line_uses_those_above() -> None:
    found = computed(
        assign("g ← g + weight_decay · w", "w ← w − lr · g"), {"w": -2.0, "g": 1.0, "lr": 0.5, "weight_decay": 0.1}
    )
    assert [line.numbers for line in found] == ["1 + 0.1 · (−2)", "(−2) − 0.5 · 0.8"]
    assert [line.value for line in found] == pytest.approx([0.8, -2.4])

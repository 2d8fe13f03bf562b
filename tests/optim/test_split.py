"""Why a parameter moved: the parts of a change against steps that PyTorch's optimizers took."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnviz import nn, optim
from nnviz.autograd import Tensor
from nnviz.errors import NotSupportedError
from nnviz.optim.split import split
from nnviz.registry import Spec

VALUES = json.loads((Path(__file__).parents[1] / "values" / "optim_split.json").read_text())
NAMES = [f"{case['name']} {case['settings']}" for case in VALUES]


def group_of(case: dict[str, Any]) -> tuple[type[optim.Optimizer], dict[str, Any]]:
    kind = getattr(optim, case["name"])
    return kind, kind([Tensor(np.zeros(1))], **case["settings"]).param_groups[0]


@pytest.mark.parametrize("case", VALUES, ids=NAMES)
def test_the_parts_add_up_to_the_step_that_pytorch_took(case: dict[str, Any]) -> None:
    kind, group = group_of(case)
    for step in case["steps"]:
        kept = {name: np.array(value) for name, value in step["kept"].items()}
        found = split(kind, np.array(step["w"]), np.array(step["g"]), kept, group, step["step"])
        assert np.abs(found.change - (np.array(step["after"]) - np.array(step["w"]))).max() <= 1e-12


@pytest.mark.parametrize("case", VALUES, ids=NAMES)
def test_each_part_is_what_is_lost_without_it(case: dict[str, Any]) -> None:
    """A part is named rightly: without decay in the settings, without state, without gradient it is 0."""
    kind, group = group_of(case)
    step = case["steps"][-1]
    kept = {name: np.array(value) for name, value in step["kept"].items()}
    w, g = np.array(step["w"]), np.array(step["g"])
    found = split(kind, w, g, kept, group, step["step"])
    assert np.array_equal(found.gradient, found.scale * g)
    assert bool(found.decay.any()) == bool(group["weight_decay"]) == bool(found.formulas[2])
    assert bool(found.momentum.any()) == bool(found.name) == bool(found.formulas[1])
    assert not split(kind, w, 0 * g, kept, group, step["step"]).gradient.any()
    assert np.allclose(split(kind, 0 * w, g, kept, group, step["step"]).decay, 0)


def test_a_decoupled_decay_is_rate_times_decay_times_weight() -> None:
    group = optim.AdamW([Tensor(np.zeros(1))], lr=0.1, weight_decay=0.5).param_groups[0]
    found = split(optim.AdamW, np.array([2.0]), np.array([1.0]), {}, group, 1)
    assert found.decay.tolist() == [-0.1]
    # The first step of Adam is as long as the learning rate.
    assert np.allclose(found.gradient, -0.1)


def test_an_l1_penalty_is_of_the_parameter_before_the_decay() -> None:
    """As in PyTorch with the penalty in the loss, also where the decay turns the sign of the parameter."""
    parameter = nn.Parameter(np.array([2.0, -0.5]))
    optimizer = optim.AdamW([parameter], lr=3.0, weight_decay=0.5)
    group = optimizer.param_groups[0]
    group["l1"] = 0.05
    before, gradient = parameter.array.copy(), np.array([1e-3, 1e-3])
    parameter.grad = Tensor(gradient)
    optimizer.step()
    assert np.sign(before * (1 - 3.0 * 0.5)).tolist() == [-1, 1]
    assert np.allclose(parameter.array, [2.0 * -0.5 - 3.0, -0.5 * -0.5 + 3.0], atol=1e-5)
    found = split(optim.AdamW, before, gradient, {}, group, 1)
    assert np.abs(found.change - (parameter.array - before)).max() <= 1e-12


@pytest.mark.parametrize("decay", [0.0, 0.2])
@pytest.mark.parametrize("name", [entry.name for entry in optim.optimizers])
def test_with_an_l1_penalty_the_parts_add_up_too(name: str, decay: float) -> None:
    drawn, kind = np.random.default_rng(2), getattr(optim, name)
    parameter = nn.Parameter(drawn.normal(size=9))
    optimizer = kind([parameter], lr=0.05, weight_decay=decay)
    group, kept = optimizer.param_groups[0], optimizer.state[parameter]
    group["l1"] = 0.03
    for step in range(1, 4):
        gradient, before = drawn.normal(size=9), parameter.array.copy()
        state = {one: np.array(kept[one].array) for one in optimizer.letters if one in kept}
        parameter.grad = Tensor(gradient)
        optimizer.step()
        found = split(kind, before, gradient, state, group, step)
        assert np.abs(found.change - (parameter.array - before)).max() <= 1e-12
        assert "l1·sign(w)" in found.formulas[2]
        assert ("λ·w" in found.formulas[2]) == bool(decay)


@pytest.mark.parametrize("name", [entry.name for entry in optim.optimizers])
def test_every_optimizer_of_the_catalogue_can_be_asked(name: str) -> None:
    optimizer = optim.optimizers.build(Spec.of(name), params=[Tensor(np.zeros(2))])
    found = split(type(optimizer), np.ones(2), np.ones(2), {}, optimizer.param_groups[0], 1)
    assert (found.change < 0).all()


def test_an_optimizer_that_is_not_known_is_refused_by_name() -> None:
    class Mine(optim.SGD):
        pass

    with pytest.raises(NotSupportedError, match=r"Mine .* not known"):
        split(Mine, np.zeros(1), np.zeros(1), {}, Mine([Tensor(np.zeros(1))]).param_groups[0], 1)

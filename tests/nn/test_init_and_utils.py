"""Initializers and helpers of training loops: what they draw, what they change in place, and what they leave alone."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

import nnviz
from nnviz import nn
from nnviz.autograd import abstract
from nnviz.errors import MissingNameError, ShapeError


@pytest.mark.parametrize(("mean", "std", "a", "b"), [(0, 1, -2, 2), (0.5, 0.2, 0, 1), (1, 3, -1, 1), (0, 1, -0.1, 5)])
def test_truncated_numbers_have_the_moments_of_their_distribution(mean: float, std: float, a: float, b: float) -> None:
    drawn = nn.init.trunc_normal_(nnviz.zeros(200, 500), mean, std, a, b, np.random.default_rng(0)).array
    assert drawn.min() >= a
    assert drawn.max() <= b
    normal, low, high = NormalDist(), (a - mean) / std, (b - mean) / std
    share = normal.cdf(high) - normal.cdf(low)
    center = (normal.pdf(low) - normal.pdf(high)) / share
    spread = 1 + (low * normal.pdf(low) - high * normal.pdf(high)) / share - center**2
    assert drawn.mean() == pytest.approx(mean + std * center, abs=0.01 * std)
    assert drawn.std() == pytest.approx(std * math.sqrt(spread), rel=0.01)


def test_a_mean_far_outside_is_warned_of() -> None:
    with pytest.warns(UserWarning, match=r"mean is more than 2 std from \[a, b\]"):
        drawn = nn.init.trunc_normal_(nnviz.zeros(10), 5.0, 1.0)
    assert drawn.array.max() <= 2


def test_weights_are_drawn_by_kind_of_layer() -> None:
    def weights_init(module: nn.Module) -> None:
        classname = module.__class__.__name__
        if classname.find("Conv") != -1:
            nn.init.normal_(module.weight.data, 0.0, 0.02)  # type: ignore[attr-defined]
        elif classname.find("BatchNorm") != -1:
            nn.init.normal_(module.weight.data, 1.0, 0.02)  # type: ignore[attr-defined]
            nn.init.constant_(module.bias.data, 0)  # type: ignore[attr-defined]
        elif classname.find("Linear") != -1:
            module.weight.data.fill_(0.5)  # type: ignore[attr-defined]

    nnviz.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(8, 32, 3), nn.Sequential(nn.BatchNorm2d(320)), nn.Linear(2, 2))
    assert model.apply(weights_init) is model
    assert model[0].weight.array.std() == pytest.approx(0.02, rel=0.05)
    assert model[1][0].weight.array.mean() == pytest.approx(1.0, abs=0.005)
    assert model[1][0].bias.tolist() == [0.0] * 320
    assert model[2].weight.tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert all(p.requires_grad and p.is_leaf for p in model.parameters())


def test_what_is_drawn_follows_the_seed_of_the_moment() -> None:
    weight = nn.Parameter(nnviz.zeros(4, 4))
    drawn = []
    for seed in (1, 2, 1):
        nnviz.manual_seed(seed)
        drawn.append(
            [
                fill(weight).tolist()
                for fill in (nn.init.normal_, nn.init.kaiming_uniform_, nn.init.orthogonal_, nn.init.trunc_normal_)
            ]
        )
    assert drawn[0] == drawn[2] != drawn[1]


@pytest.mark.parametrize(
    "fill", [nn.init.zeros_, nn.init.normal_, nn.init.xavier_uniform_, nn.init.eye_, nn.init.orthogonal_]
)
def test_a_bias_that_is_not_there_is_told_of(fill) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(MissingNameError, match="bias=False has no bias"):
        fill(nn.Linear(2, 1, bias=False).bias)


def test_nothing_is_drawn_on_shapes_alone() -> None:
    with abstract():
        weight = nn.Linear(10**6, 10**6).weight
        for fill in (nn.init.eye_, nn.init.trunc_normal_, nn.init.kaiming_normal_, nn.init.orthogonal_):
            assert fill(weight) is weight


def test_gradients_are_clipped_where_they_are() -> None:
    layer = nn.Linear(2, 1)
    layer(nnviz.ones(1, 2) * 3).sum().backward()
    grad, array = layer.weight.grad, layer.weight.grad.array  # type: ignore[union-attr]
    total = nn.utils.clip_grad_norm_(
        layer.parameters(), max_norm=1.0, norm_type=2, error_if_nonfinite=False, foreach=True
    )
    assert total.item() == pytest.approx(math.sqrt(19))
    assert layer.weight.grad is grad
    assert grad.array is array  # type: ignore[union-attr]
    assert nn.utils.clip_grad_norm_(layer.parameters(), 1.0).item() == pytest.approx(1.0, rel=1e-6)
    assert nn.utils.clip_grad_value_(layer.parameters(), 0.1) is None
    np.testing.assert_allclose(array, np.full((1, 2), 0.1), rtol=1e-6)


def test_a_vector_and_parameters_go_round() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    vector = nn.utils.parameters_to_vector(model.parameters())
    (vector * vector).sum().backward()
    for parameter in model.parameters():
        assert parameter.grad is not None
        np.testing.assert_allclose(parameter.grad.array, 2 * parameter.array, rtol=1e-6)
    before = vector.detach().clone()
    nn.utils.vector_to_parameters(before * 2, model.parameters())
    np.testing.assert_allclose(nn.utils.parameters_to_vector(model.parameters()).detach().array, 2 * before.array)
    nn.utils.vector_to_parameters(before, model.parameters())
    with nnviz.no_grad():
        before[0] = 7.0
    assert model[0].weight.tolist()[0][0] == 7.0
    assert all(p.requires_grad and p.is_leaf for p in model.parameters())


@pytest.mark.parametrize("count", [0, 10, 12])
def test_a_vector_of_another_length_changes_nothing(count: int) -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    before = [p.tolist() for p in model.parameters()]
    with pytest.raises(ShapeError, match="these parameters have 11 numbers together"):
        nn.utils.vector_to_parameters(nnviz.zeros(count), model.parameters())
    assert [p.tolist() for p in model.parameters()] == before

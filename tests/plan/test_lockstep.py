"""Models in lock step: each takes the steps it takes alone, and what cannot be trained together is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnviz
from nnviz import nn, optim
from nnviz.autograd import Tensor
from nnviz.errors import GraphError
from nnviz.plan import CompiledStep, compile_step
from nnviz.plan.lockstep import CompiledSteps

WIDTH, CLASSES = 4, 3

ROWS: tuple[Callable[[], nn.Module], ...] = (
    partial(nn.Linear, WIDTH, WIDTH), partial(nn.Linear, WIDTH, WIDTH, bias=False), nn.Tanh, nn.ReLU, nn.Sigmoid,
    partial(nn.LeakyReLU, 0.2), nn.GELU, nn.SiLU, partial(nn.ELU, 0.7), nn.Softplus, partial(nn.Softmax, 1), nn.PReLU,
    partial(nn.LayerNorm, WIDTH), partial(nn.BatchNorm1d, WIDTH), partial(nn.Dropout, 0.3), nn.Identity,
)  # fmt: skip
IMAGES: tuple[Callable[[], nn.Module], ...] = (
    partial(nn.Conv2d, 1, 1, 3, padding=1), partial(nn.BatchNorm2d, 1), nn.ReLU, partial(nn.MaxPool2d, 3, 1, 1),
    partial(nn.AvgPool2d, 3, 1, 1), nn.Tanh, partial(nn.Dropout2d, 0.4),
)  # fmt: skip
LOSSES: dict[str, tuple[Callable[[], nn.Module], bool]] = {
    "cross-entropy": (nn.CrossEntropyLoss, True),
    "summed": (partial(nn.CrossEntropyLoss, reduction="sum"), True),
    "smoothed": (partial(nn.CrossEntropyLoss, label_smoothing=0.1), True),
    "squares": (nn.MSELoss, False),
    "distance": (nn.L1Loss, False),
    "Huber": (nn.HuberLoss, False),
}
OPTIMIZERS: dict[str, Callable[[object, float], optim.Optimizer]] = {
    "SGD": lambda p, lr: optim.SGD(p, lr=lr),
    "momentum": lambda p, lr: optim.SGD(p, lr=lr, momentum=0.9, nesterov=True, weight_decay=0.01),
    "Adam": lambda p, lr: optim.Adam(p, lr=lr),
    "AdamW": lambda p, lr: optim.AdamW(p, lr=lr, weight_decay=0.1),
    "RMSprop": lambda p, lr: optim.RMSprop(p, lr=lr, momentum=0.5),
    "Adagrad": lambda p, lr: optim.Adagrad(p, lr=lr),
    "Adadelta": lambda p, lr: optim.Adadelta(p, lr=10 * lr),
}  # fmt: skip


def model(makers: list[Callable[[], nn.Module]], images: bool, seed: int) -> nn.Module:
    """The layers between a first and a last one, with the numbers of a seed."""
    nnviz.manual_seed(seed)
    head = [nn.Flatten(), nn.Linear(16, CLASSES)] if images else [nn.Linear(WIDTH, CLASSES)]
    layers = [make() for make in makers]
    for layer in layers:
        if isinstance(layer, nn.Random):
            layer.generator = np.random.default_rng(seed)
    return nn.Sequential(*layers, *head).double()


def alone(models: list[nn.Module], losses: list[nn.Module], optimizers: list[optim.Optimizer]) -> list[CompiledStep]:
    return [compile_step(*parts) for parts in zip(models, losses, optimizers, strict=True)]


def differ(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.max(np.abs(one - other) / np.maximum(np.abs(other), 1)))


@settings(max_examples=40, deadline=None)
@given(
    st.booleans(), st.data(), st.integers(2, 5), st.sampled_from(sorted(LOSSES)), st.sampled_from(sorted(OPTIMIZERS)),
    st.booleans(),
)  # fmt: skip
@pytest.mark.long
def test_each_is_its_own_run(
    images: bool, data: st.DataObject, count: int, loss: str, optimizer: str, mixed: bool
) -> None:
    makers = data.draw(st.lists(st.sampled_from(IMAGES if images else ROWS), max_size=5))
    make_loss, labels = LOSSES[loss]
    drawn = np.random.default_rng(count)
    x = [drawn.normal(size=(count, size, 1, 4, 4) if images else (count, size, WIDTH)) for size in (6, 6, 6, 3, 6)]
    y = [drawn.integers(0, CLASSES, a.shape[:2]) if labels else drawn.normal(size=(*a.shape[:2], CLASSES)) for a in x]

    def parts() -> tuple[list[nn.Module], list[nn.Module], list[optim.Optimizer]]:
        models = [model(makers, images, seed) for seed in range(count)]
        rules = [OPTIMIZERS["SGD" if mixed and at % 2 else optimizer] for at in range(count)]
        rates = [0.01 * (1 + at // 2) for at in range(count)]
        made = [rule(one.parameters(), lr) for rule, one, lr in zip(rules, models, rates, strict=True)]
        return models, [make_loss() for _ in models], made

    together, single = parts(), parts()
    steps, ones = CompiledSteps(*together), alone(*single)
    for batch, targets in zip(x, y, strict=True):
        losses = steps(batch, targets)
        expected = [one(*pair) for one, pair in zip(ones, zip(batch, targets, strict=True), strict=True)]
        assert differ(losses, np.array(expected)) < 1e-12
    steps.hand_back()
    for mine, its in zip(together[0], single[0], strict=True):
        for (name, a), b in zip(mine.state_dict().items(), its.state_dict().values(), strict=True):
            assert differ(a.array, b.array) < 1e-12, name
    for mine, its in zip(together[2], single[2], strict=True):
        pairs = zip(mine.params, its.params, strict=True)
        for kept, other in ((mine.state[a], its.state[b]) for a, b in pairs if b in its.state):
            assert kept.keys() == other.keys()
            assert all(differ(kept[name].array, other[name].array) < 1e-12 for name in kept)


def test_calls_are_made_once_for_all() -> None:
    models = [model([partial(nn.Linear, WIDTH, WIDTH), nn.Tanh], False, seed) for seed in range(8)]
    made = [optim.Adam(one.parameters(), lr=0.01 * (at + 1)) for at, one in enumerate(models)]
    steps = CompiledSteps(models, [nn.CrossEntropyLoss() for _ in models], made)
    program = steps.program(((5, WIDTH), np.dtype(float)), ((5,), np.dtype(np.int64)))
    assert program.stacked > 0.98
    # Eight one after the other would make eight times as many.
    assert len(program.before) + len(program.after) < 1.5 * sum(len(calls) for _, calls in program.programs[0].parts)


def test_one_that_diverges_leaves_the_others_alone() -> None:
    drawn = np.random.default_rng(0)
    x, y = drawn.normal(size=(3, 6, WIDTH)), drawn.normal(size=(3, 6, CLASSES))

    def parts() -> tuple[list[nn.Module], list[nn.Module], list[optim.Optimizer]]:
        models = [model([partial(nn.Linear, WIDTH, WIDTH)], False, seed) for seed in range(3)]
        made = [optim.SGD(one.parameters(), lr=lr) for one, lr in zip(models, (0.01, 1e9, 0.02), strict=True)]
        return models, [nn.MSELoss() for _ in models], made

    together, single = parts(), parts()
    steps, ones = CompiledSteps(*together), alone(*single)
    for _ in range(30):
        losses = steps(x, y)
        expected = [one(x[at], y[at]) for at, one in enumerate(ones)]
    assert not np.isfinite(losses[1])
    assert differ(losses[[0, 2]], np.array(expected)[[0, 2]]) < 1e-12


class Stepping(optim.SGD):
    """An optimizer that updates in a way of its own."""

    def step(self, closure: Callable[[], float | Tensor] | None = None) -> float | Tensor | None:
        return super().step(closure)


def linear(n: int, m: int = 2) -> nn.Module:
    return nn.Sequential(nn.Linear(n, m))


def sgd(one: nn.Module) -> optim.Optimizer:
    return optim.SGD(one.parameters(), lr=0.1)


@pytest.mark.parametrize(
    ("models", "make", "words"),
    [
        ([linear(3), linear(4)], sgd, "different shapes"),
        ([nn.Sequential(nn.Tanh()), nn.Sequential(nn.Tanh())], lambda _: optim.SGD([Tensor(np.ones(1))]), "no param"),
        ([linear(3), linear(3)], lambda one: Stepping(one.parameters(), lr=0.1), "a step of its own"),
        ([linear(3), linear(3)], lambda one: optim.SGD([*one.parameters()][:1], lr=0.1), "not update all"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_together_is_refused(
    models: list[nn.Module], make: Callable[[nn.Module], optim.Optimizer], words: str
) -> None:
    with pytest.raises(GraphError, match=words) as raised:
        CompiledSteps(models, [nn.MSELoss() for _ in models], [make(one) for one in models])
    assert "one by one" in raised.value.hint


ACTIVATIONS: tuple[Callable[[], nn.Module], ...] = (
    nn.Sigmoid, nn.Tanh, nn.ReLU, partial(nn.LeakyReLU, 0.2), partial(nn.LeakyReLU, 0.01), nn.ELU, nn.GELU, nn.SiLU, nn.Softplus,
)  # fmt: skip


def test_other_activations_are_trained_together() -> None:
    drawn = np.random.default_rng(0)
    count = 2 * len(ACTIVATIONS)
    x, y = drawn.normal(size=(count, 6, WIDTH)), drawn.integers(0, CLASSES, (count, 6))

    def parts() -> tuple[list[nn.Module], list[nn.Module], list[optim.Optimizer]]:
        kinds = [act for act in ACTIVATIONS for _ in range(2)]
        hidden = partial(nn.Linear, WIDTH, WIDTH)
        models = [model([hidden, act, hidden, act], False, seed) for seed, act in enumerate(kinds)]
        return models, [nn.CrossEntropyLoss() for _ in models], [optim.Adam(one.parameters(), lr=0.1) for one in models]

    together, single = parts(), parts()
    steps, ones = CompiledSteps(*together), alone(*single)
    for _ in range(20):
        losses = steps(x, y)
        expected = [one(x[at], y[at]) for at, one in enumerate(ones)]
    assert differ(losses, np.array(expected)) < 1e-12
    # All but the activations are computed at once.
    program = steps.program(((6, WIDTH), x.dtype), ((6,), y.dtype))
    linear = [part for part in program.programs[0].parts if part[0].name == "linear"]
    assert len(linear) == 6
    assert program.stacked > 0.75


def test_other_operations_are_refused() -> None:
    models = [nn.Sequential(nn.Linear(3, 3), act) for act in (nn.Softmax(1), nn.ReLU())]
    steps = CompiledSteps(models, [nn.MSELoss() for _ in models], [sgd(one) for one in models])
    with pytest.raises(GraphError, match="same operations"):
        steps(np.ones((2, 4, 3), np.float32), np.ones((2, 4, 3), np.float32))


@pytest.mark.parametrize("name", ["Adam", "momentum", "Adagrad"])
def test_one_that_has_taken_steps_is_refused(name: str) -> None:
    models = [linear(3), linear(3)]
    made = [OPTIMIZERS[name](one.parameters(), 0.1) for one in models]
    compile_step(models[0], nn.MSELoss(), made[0])(np.ones((4, 3), np.float32), np.ones((4, 2), np.float32))
    with pytest.raises(GraphError, match="taken steps already"):
        CompiledSteps(models, [nn.MSELoss() for _ in models], made)

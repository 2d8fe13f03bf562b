"""The plan and the tape do the same: over random stacks of the whole registry, every loss and every optimizer."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnviz
from nnviz import nn, optim
from nnviz.autograd import Tensor
from nnviz.autograd.operation import Shape
from nnviz.errors import NnvizError
from nnviz.network import Stack
from nnviz.plan import CompiledStep
from nnviz.registry import Spec
from tests.examples import examples

PRECISION = {np.float64: 1e-12, np.float32: 1e-6}


def with_seeds(model: nn.Module) -> nn.Module:
    """Every dropout throws coins of its own, so that two copies throw the same."""
    for number, module in enumerate(model.modules()):
        if isinstance(module, nn.Dropout):
            module.generator = np.random.default_rng(number)
    return model


def both(model: nn.Module, loss: nn.Module, make, x: np.ndarray, y: np.ndarray, steps: int, tolerance: float) -> None:  # type: ignore[no-untyped-def]
    """Train two copies, one on the tape and one planned, and compare every loss and every number at the end."""
    one, other = with_seeds(copy.deepcopy(model)), with_seeds(copy.deepcopy(model))
    mine, theirs = make(one), make(other)
    step = nnviz.compile_step(other, loss, theirs)
    for _ in range(steps):
        mine.zero_grad()
        tape = loss(one(Tensor(x)), Tensor(y))
        tape.backward()
        mine.step()
        planned = step(x, y)
        if not math.isfinite(tape.item()):
            assert not math.isfinite(planned)
            return
        assert planned == pytest.approx(tape.item(), rel=tolerance, abs=tolerance)
    for (name, wanted), found in zip(one.state_dict().items(), other.state_dict().values(), strict=True):
        np.testing.assert_allclose(found.array, wanted.array, rtol=tolerance, atol=tolerance, err_msg=name)
    for parameter, twin in zip(one.parameters(), other.parameters(), strict=True):
        assert (parameter.grad is None) == (twin.grad is None)
        if parameter.grad is not None and twin.grad is not None:
            np.testing.assert_allclose(twin.grad.array, parameter.grad.array, rtol=tolerance, atol=tolerance)


ACTIVATIONS = [entry.name for entry in nn.layers if entry.category == "activation"]
FLAT = [*ACTIVATIONS, "Linear", "LayerNorm", "BatchNorm1d", "Dropout", "Identity", "Flatten"]
IMAGES = [*ACTIVATIONS, "Conv2d", "MaxPool2d", "AvgPool2d", "BatchNorm2d", "Dropout", "LayerNorm"]


def built(draw: st.DrawFn, name: str, shape: Shape) -> nn.Module:
    """A layer of that name that takes `shape`."""
    entry = nn.layers[name]
    arguments = dict(entry.factory.fitted(shape))  # type: ignore[union-attr]
    if name == "Linear":
        arguments |= {"out_features": draw(st.integers(1, 5)), "bias": draw(st.booleans())}
    if name == "Conv2d":
        arguments |= {
            "out_channels": draw(st.integers(1, 3)), "kernel_size": draw(st.integers(1, 3)), "padding": draw(st.integers(0, 2)),
            "stride": draw(st.integers(1, 2)), "bias": draw(st.booleans()),
        }  # fmt: skip
    if name in ("MaxPool2d", "AvgPool2d"):
        arguments |= {
            "kernel_size": 2,
            "stride": draw(st.sampled_from([None, 1, 2])),
            "padding": draw(st.integers(0, 1)),
        }
    if name in ("Softmax", "LogSoftmax"):
        arguments |= {"dim": 1}
    if "Norm" in name:
        # With the usual 1e-5 nearly equal numbers have their rounding multiplied by 300 in every such layer.
        arguments |= {"eps": 0.1}
    if name == "Dropout":
        arguments |= {"p": draw(st.sampled_from([0.0, 0.3, 1.0]))}
    return nn.layers.build(Spec.of(name, **arguments), generator=np.random.default_rng(draw(st.integers(0, 99))))


def append(draw: st.DrawFn, layers: list[nn.Module], names: list[str], shape: Shape) -> Shape:
    """A layer more, where it fits."""
    layer = built(draw, draw(st.sampled_from(names)), shape)
    try:
        with nnviz.autograd.abstract():
            shape = layer(Tensor(nnviz.autograd.without_data(shape))).shape
    except NnvizError:
        return shape
    layers.append(layer)
    return shape


@st.composite
def stacks(draw: st.DrawFn) -> tuple[nn.Sequential, Shape]:
    """A random stack, images first, that ends in three numbers for every sample; and the shape it takes."""
    layers: list[nn.Module] = []
    batch = draw(st.integers(2, 5))
    given_shape = shape = (batch, draw(st.integers(1, 2)), draw(st.integers(3, 6)), draw(st.integers(3, 6)))
    for _ in range(draw(st.integers(0, 4))):
        shape = append(draw, layers, IMAGES, shape)
    layers.append(nn.Flatten())
    shape = (batch, math.prod(shape[1:]))
    for _ in range(draw(st.integers(0, 4))):
        shape = append(draw, layers, FLAT, shape)
    layers.append(nn.Linear(shape[1], 3, generator=np.random.default_rng(1)))
    return nn.Sequential(*layers), given_shape


@given(stacks(), st.sampled_from([np.float64, np.float32]), st.booleans())
@examples(30, 150)
@pytest.mark.long
def test_random_stacks(case: tuple[nn.Sequential, Shape], dtype: type, training: bool) -> None:
    model, shape = case
    drawn = np.random.default_rng(5)
    x, y = drawn.normal(size=shape).astype(dtype), drawn.integers(0, 3, shape[0])
    model = model.double() if dtype is np.float64 else model
    both(
        model.train(training),
        nn.CrossEntropyLoss(),
        lambda m: optim.SGD(m.parameters(), lr=0.001, momentum=0.5),
        x, y, 100, PRECISION[dtype],
    )  # fmt: skip


def targets(loss: nn.Loss, shape: Shape) -> np.ndarray:
    drawn = np.random.default_rng(8)
    if loss.target == "classes":
        return drawn.integers(0, shape[1], shape[0])
    values = drawn.random(shape)
    return np.where(values > 0.5, 1.0, -1.0) if loss.target == "signs" else values


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("entry", list(nn.losses), ids=lambda entry: entry.name)
def test_every_loss(entry, reduction: str) -> None:  # type: ignore[no-untyped-def]
    loss = nn.losses.build(Spec.of(entry.name, reduction=reduction))
    last = {"BCELoss": nn.Sigmoid(), "NLLLoss": nn.LogSoftmax(dim=1)}.get(entry.name, nn.Identity())
    model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3), last).double()
    x = np.random.default_rng(2).normal(size=(5, 4))
    both(model, loss, lambda m: optim.SGD(m.parameters(), lr=0.05), x, targets(loss, (5, 3)), 100, 1e-12)


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss(label_smoothing=0.2), nn.CrossEntropyLoss()])
@pytest.mark.parametrize("target", ["classes", "shares", "pixels"])
def test_cross_entropy_in_all_its_forms(loss: nn.Module, target: str) -> None:
    drawn = np.random.default_rng(3)
    if target == "pixels":
        model: nn.Module = nn.Sequential(nn.Conv2d(1, 3, 2)).double()
        x, y = drawn.normal(size=(2, 1, 3, 3)), drawn.integers(0, 3, (2, 2, 2))
    else:
        model = nn.Sequential(nn.Linear(4, 3)).double()
        x, y = drawn.normal(size=(5, 4)), drawn.integers(0, 3, 5)
    if target == "shares":
        y = drawn.dirichlet(np.ones(3), 5)
    both(model, loss, lambda m: optim.SGD(m.parameters(), lr=0.05), x, y, 50, 1e-12)


OPTIMIZERS = [
    Spec.of(entry.name, **extra)
    for entry in optim.optimizers
    for extra in ({}, {"weight_decay": 0.1}, {"momentum": 0.9} if entry.name in ("SGD", "RMSprop") else {"eps": 1e-3} if entry.name != "SGD" else {})
]  # fmt: skip


@pytest.mark.parametrize("spec", [*OPTIMIZERS, Spec.of("SGD", momentum=0.9, nesterov=True, weight_decay=0.1)], ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_optimizer(spec: Spec, dtype: type) -> None:
    model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))
    model = model.double() if dtype is np.float64 else model
    drawn = np.random.default_rng(2)
    x, y = drawn.normal(size=(5, 4)).astype(dtype), drawn.integers(0, 3, 5)

    # A step of RMSprop is as long for a gradient of nothing but rounding as for any other: it must be a short one here.
    rate = 1e-4 if spec.name == "RMSprop" else 1e-3

    def make(m: nn.Module) -> optim.Optimizer:
        return optim.optimizers.build(spec.replace(lr=rate), params=list(m.parameters()))

    both(model, nn.CrossEntropyLoss(), make, x, y, 100, PRECISION[dtype])


class Shared(nn.Module):
    """One weight used twice, a skip, and a parameter that nothing reads."""

    def __init__(self) -> None:
        self.first = nn.Linear(4, 4)
        self.idle = nn.Linear(2, 2)
        self.scale = nn.Parameter(np.array([0.5]))
        self.last = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Through `first` twice, and past it."""
        once = self.first(x).tanh()
        return self.last(self.first(once).tanh() + once * self.scale + x - once.mean())


def _assigned(h: Tensor) -> Tensor:
    h = h * 1.0
    h[:, 1:3] = h[:, 0:2] * 2
    h[0] = 0
    h += h.sigmoid()
    return h


def _aside(h: Tensor) -> Tensor:
    with nnviz.no_grad():
        return h * 3


def _largest(h: Tensor) -> Tensor:
    values, places = h.max(1, keepdim=True)
    return h - values + places * 0.1


FORWARDS: dict[str, Callable[[Tensor], Tensor]] = {
    "changed in place": _assigned,
    "masks": lambda h: nnviz.where((h > 0) & ~(h > 1), h, h * 0.1) * (h.argmax(1) > 1).unsqueeze(1),
    "largest": _largest,
    "detached": lambda h: h + h.detach() * h,
    "without a gradient": lambda h: h + _aside(h) * h,
    "parts": lambda h: nnviz.cat([h[:, :2].sigmoid(), h[:, 2:].tanh()], 1) + h[::2].sum(0) + h[:, [3, 2, 1, 0]],
    "stacked": lambda h: nnviz.stack([h, h * 2], 0).sum(0) + h[:, :1].expand(5, 4),
    "turned": lambda h: (h.reshape(5, 2, 2).permute(1, 0, 2) @ h[:4].reshape(2, 2, 4)).sum(0).sigmoid() + h.T.relu().T,
    "a product with itself turned": lambda h: (h[:4].T.relu() @ h[:4]).mean() + h.square() - h.tanh() - h,
    "standardised by hand": lambda h: (h - h.mean(0)) / (h.var(0) + 1).sqrt() + h / (h * h + 1) + 1 / (h * h + 2),
    "bent again and again": lambda h: h.sigmoid().sigmoid().tanh().tanh().relu() + h.sigmoid(),
    "constants": lambda h: (h + nnviz.arange(4)) * nnviz.ones(4) - nnviz.logsumexp(h, 1, keepdim=True),
}


class Around(nn.Module):
    """A function between two linear layers."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        self.first, self.last, self.function = nn.Linear(4, 4), nn.Linear(4, 3), function

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.function(self.first(x)))


@pytest.mark.parametrize("name", FORWARDS)
def test_whatever_a_forward_does(name: str) -> None:
    drawn = np.random.default_rng(2)
    x, y = drawn.normal(size=(5, 4)), drawn.integers(0, 3, 5)
    both(Around(FORWARDS[name]).double(), nn.CrossEntropyLoss(), lambda m: optim.SGD(m.parameters(), lr=0.01, momentum=0.5), x, y, 100, 1e-12)  # fmt: skip


def test_joins() -> None:
    model = Stack(
        nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 6), nn.Add(row=2), nn.GELU(), nn.Concat(row=1), nn.Linear(12, 3)
    ).double()
    drawn = np.random.default_rng(2)
    x, y = drawn.normal(size=(5, 4)), drawn.integers(0, 3, 5)
    both(model, nn.CrossEntropyLoss(), lambda m: optim.SGD(m.parameters(), lr=0.01, momentum=0.5), x, y, 100, 1e-12)


def test_embedding() -> None:
    model = nn.Sequential(nn.Embedding(7, 4), nn.Flatten(), nn.Linear(12, 3)).double()
    drawn = np.random.default_rng(2)
    x, y = drawn.integers(0, 7, (5, 3)), drawn.integers(0, 3, 5)
    both(model, nn.CrossEntropyLoss(), lambda m: optim.SGD(m.parameters(), lr=0.1, momentum=0.5), x, y, 100, 1e-12)


def test_every_layer_of_the_registry_is_in_a_test_of_this_file() -> None:
    assert {entry.name for entry in nn.layers} == {*FLAT, *IMAGES, "Add", "Concat", "Embedding"}


def test_shared_parameters_skips_and_idle_parameters() -> None:
    drawn = np.random.default_rng(2)
    x, y = drawn.normal(size=(5, 4)), drawn.integers(0, 3, 5)
    both(Shared().double(), nn.CrossEntropyLoss(), lambda m: optim.SGD(m.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1), x, y, 100, 1e-12)  # fmt: skip


def test_a_second_run_is_the_first_bit_for_bit() -> None:
    def run() -> tuple[list[float], list[np.ndarray]]:
        generator = np.random.default_rng(0)
        model = nn.Sequential(nn.Linear(4, 8, generator=generator), nn.Dropout(0.2, generator=generator), nn.GELU(), nn.Linear(8, 3, generator=generator))  # fmt: skip
        step = nnviz.compile_step(model, nn.CrossEntropyLoss(), optim.Adam(model.parameters()))
        drawn = np.random.default_rng(1)
        losses = [float(step(drawn.normal(size=(6, 4)).astype(np.float32), drawn.integers(0, 3, 6))) for _ in range(50)]
        return losses, [p.array.copy() for p in model.parameters()]

    first, second = run(), run()
    assert first[0] == second[0]
    for one, other in zip(first[1], second[1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_training_steps_are_exported() -> None:
    assert isinstance(
        nnviz.compile_step(nn.Linear(1, 1), nn.MSELoss(), optim.SGD(nn.Linear(1, 1).parameters())), CompiledStep
    )

"""New layers are of the default type, as in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import nnviz
from nnviz import nn
from nnviz.errors import DtypeError

LAYERS: list[Callable[[], nn.Module]] = [
    lambda: nn.Linear(2, 3), lambda: nn.Conv1d(1, 2, 3), lambda: nn.Conv2d(1, 2, 3), lambda: nn.Embedding(3, 2),
    lambda: nn.BatchNorm1d(3), lambda: nn.BatchNorm2d(3), lambda: nn.LayerNorm(3), lambda: nn.PReLU(),
]  # fmt: skip


@pytest.fixture(autouse=True)
def back_to_float32() -> Iterator[None]:
    yield
    nnviz.set_default_dtype(nnviz.float32)


@pytest.mark.parametrize("make", LAYERS)
def test_layers_follow_the_default_type(make: Callable[[], nn.Module]) -> None:
    for kind, other in [(nnviz.float64, nnviz.float32), (nnviz.float32, nnviz.float64)]:
        nnviz.set_default_dtype(kind)
        layer = make()
        numbers = [*layer.parameters(), *(one for one in layer.buffers() if one.is_floating_point())]
        assert numbers
        assert all(one.dtype == kind for one in numbers)
        assert nn.Linear(2, 2, dtype=other).weight.dtype == other


def test_a_lesson_in_float64_runs() -> None:
    nnviz.set_default_dtype(nnviz.float64)
    x = nnviz.linspace(-1, 1, 8).unsqueeze(1)
    model = nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1))
    loss = nn.MSELoss()(model(x), x**2)
    loss.backward()
    assert loss.dtype == nnviz.float64
    assert all(p.grad is not None and p.grad.dtype == nnviz.float64 for p in model.parameters())


def test_no_layer_is_of_half_numbers() -> None:
    nnviz.set_default_dtype(nnviz.float16)
    with pytest.raises(DtypeError, match=r"are float32 or float64, not float16(.|\n)*set_default_dtype"):
        nn.Linear(2, 2)

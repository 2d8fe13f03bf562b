"""Layers and losses that people's code uses: the plan does what the tape does, or refuses by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import nnviz
import nnviz.nn.functional as F
from nnviz import nn, optim
from nnviz.autograd import Tensor, tensor
from nnviz.errors import PositionError
from tests.plan.test_agreement import both

DRAWN = np.random.default_rng(4)
IMAGES = DRAWN.normal(size=(5, 2, 6, 6))
SEQUENCES = DRAWN.normal(size=(5, 2, 9))
ROWS = DRAWN.normal(size=(5, 4))
LABELS = DRAWN.integers(0, 3, 5)


def train(model: nn.Module, loss: nn.Module, x: np.ndarray, y: np.ndarray, steps: int = 20) -> None:
    both(model.double(), loss, lambda m: optim.SGD(m.parameters(), lr=0.02, momentum=0.5), x, y, steps, 1e-11)


class Through(nn.Module):
    """Some layers, then their numbers flat, then three scores."""

    def __init__(self, x: np.ndarray, *layers: Callable[[Tensor], Tensor]) -> None:
        self.first = nn.Conv2d(2, 2, 1) if x.ndim == 4 else nn.Conv1d(2, 2, 1) if x.ndim == 3 else nn.Linear(4, 4)
        self.inner = nn.Sequential(*[layer for layer in layers if isinstance(layer, nn.Module)])
        self.functions = layers
        self.double()
        out = self.run(Tensor(x))
        self.last = nn.Linear(out.shape[1], 3)

    def run(self, x: Tensor) -> Tensor:
        x = self.first(x)
        for layer in self.functions:
            x = layer(x)
        return x.flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.run(x))


LAYERS: dict[str, tuple[np.ndarray, Callable[[Tensor], Tensor]]] = {
    "groups": (IMAGES, nn.Conv2d(2, 4, 3, groups=2)),
    "depthwise and wide apart": (IMAGES, nn.Conv2d(2, 2, (2, 3), (1, 2), (2, 1), (2, 1), 2, False)),
    "dilation": (IMAGES, nn.Conv2d(2, 3, 3, 1, 2, 2)),
    "same": (IMAGES, nn.Conv2d(2, 3, (2, 4), padding="same")),
    "valid": (IMAGES, nn.Conv2d(2, 3, 2, padding="valid")),
    "reflected": (IMAGES, nn.Conv2d(2, 3, 3, padding=1, padding_mode="reflect")),
    "circular and same": (IMAGES, nn.Conv2d(2, 3, 4, padding="same", padding_mode="circular")),
    "conv1d": (SEQUENCES, nn.Conv1d(2, 4, 3, 2, 1, 2, 2)),
    "max_pool1d": (SEQUENCES, nn.MaxPool1d(2, ceil_mode=True)),
    "avg_pool1d": (SEQUENCES, nn.AvgPool1d(3, 2, 1, count_include_pad=False)),
    "adaptive 1d": (SEQUENCES, nn.AdaptiveAvgPool1d(4)),
    "a pool wide apart": (IMAGES, nn.MaxPool2d(2, 1, 1, 2)),
    "a pool beyond the end": (IMAGES, nn.MaxPool2d(4, 3, ceil_mode=True)),
    "a divisor": (IMAGES, nn.AvgPool2d(3, 2, 1, divisor_override=4)),
    "only what is there": (IMAGES, nn.AvgPool2d(3, 2, 1, count_include_pad=False)),
    "adaptive to 1": (IMAGES, nn.AdaptiveAvgPool2d(1)),
    "adaptive, dividing": (IMAGES, nn.AdaptiveAvgPool2d((3, 2))),
    "adaptive, not dividing": (IMAGES, nn.AdaptiveAvgPool2d((4, 5))),
    "unflatten": (ROWS, nn.Unflatten(1, (2, 2))),
    "relu6": (ROWS, nn.ReLU6()),
    "celu": (ROWS, nn.CELU(0.5)),
    "log_sigmoid": (ROWS, nn.LogSigmoid()),
    "hardswish": (ROWS, nn.Hardswish()),
    "hardsigmoid": (ROWS, nn.Hardsigmoid()),
    "softmin": (ROWS, nn.Softmin(1)),
    "softmax2d": (IMAGES, nn.Softmax2d()),
    "dropout2d": (IMAGES, nn.Dropout2d(0.4, generator=np.random.default_rng(3))),
    "in place": (ROWS, nn.ReLU(inplace=True)),
    "in place and read again": (ROWS, lambda h: F.leaky_relu(h, 0.2, inplace=True) + h * h),
    "in place, smooth": (ROWS, nn.SiLU(True)),
    "padded": (IMAGES, lambda h: F.pad(h, (1, 2, -1, 0), value=0.5)),
    "continued": (SEQUENCES, lambda h: F.pad(h, (2, 3), "circular")),
    "normalized": (ROWS, lambda h: F.normalize(h, dim=1) + F.normalize(h, 1.0, 0)),
    "cosine": (ROWS, lambda h: F.cosine_similarity(h, h * h + 1, 1).unsqueeze(1) + h),
    "distance": (ROWS, lambda h: F.pairwise_distance(h, h * 0.5 + 1, keepdim=True) * h),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str) -> None:
    x, layer = LAYERS[name]
    train(Through(x, layer), nn.CrossEntropyLoss(), x, LABELS)


WEIGHT = np.array([0.5, 2.0, 1.5])
SKIPPING = np.array([0, 2, 1, 2, 0])

LOSSES: dict[str, tuple[nn.Module, np.ndarray]] = {
    "weighted classes": (nn.CrossEntropyLoss(tensor(WEIGHT)), LABELS),
    "a label to skip": (nn.CrossEntropyLoss(ignore_index=2), SKIPPING),
    "both, smoothed": (nn.CrossEntropyLoss(tensor(WEIGHT), ignore_index=2, label_smoothing=0.2), SKIPPING),
    "a label below 0": (nn.CrossEntropyLoss(ignore_index=-1), SKIPPING - 1),
    "weighted and summed": (nn.CrossEntropyLoss(tensor(WEIGHT), reduction="sum"), LABELS),
    "shares, weighted": (nn.CrossEntropyLoss(tensor(WEIGHT), label_smoothing=0.1), DRAWN.dirichlet(np.ones(3), 5)),
    "likelihood, weighted": (nn.NLLLoss(tensor(WEIGHT), ignore_index=1), LABELS),
    "yes or no, weighted": (nn.BCEWithLogitsLoss(tensor(WEIGHT), pos_weight=tensor(WEIGHT * 2)), DRAWN.random((5, 3))),
    "smooth distance": (nn.SmoothL1Loss(beta=0.5), DRAWN.normal(size=(5, 3))),
    "divergence": (nn.KLDivLoss(reduction="batchmean"), DRAWN.dirichlet(np.ones(3), 5)),
    "divergence of logarithms": (
        nn.KLDivLoss(reduction="sum", log_target=True),
        np.log(DRAWN.dirichlet(np.ones(3), 5)),
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name: str) -> None:
    loss, target = LOSSES[name]
    train(Through(ROWS, nn.Tanh()), loss, ROWS, target)


def test_labels_are_read_at_every_step() -> None:
    model = nn.Sequential(nn.Linear(4, 3)).double()
    step = nnviz.compile_step(model, nn.CrossEntropyLoss(ignore_index=0), optim.SGD(model.parameters(), lr=0.0))
    for labels in (SKIPPING, SKIPPING[::-1].copy(), np.array([0, 0, 1, 0, 0])):
        wanted = nn.CrossEntropyLoss(ignore_index=0)(model(Tensor(ROWS)), Tensor(labels)).item()
        assert step(ROWS, labels) == pytest.approx(wanted, rel=1e-12)


def test_a_label_to_skip_that_was_not_named_is_refused_by_a_plan() -> None:
    model = nn.Sequential(nn.Linear(4, 3)).double()
    step = nnviz.compile_step(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.0))
    step(ROWS, LABELS)
    with pytest.raises(PositionError, match="Target -100 is out of bounds"):
        step(ROWS, np.array([0, 1, -100, 2, 1]))


def test_classes_as_rows_of_ones_are_followed_and_checked() -> None:
    model = nn.Sequential(nn.Linear(4, 3)).double()

    def loss(out: Tensor, labels: Tensor) -> Tensor:
        return F.mse_loss(out, F.one_hot(labels, 3) * 1.0)

    step = nnviz.compile_step(model, loss, optim.SGD(model.parameters(), lr=0.0))
    for labels in (LABELS, LABELS[::-1].copy()):
        assert step(ROWS, labels) == pytest.approx(loss(model(Tensor(ROWS)), Tensor(labels)).item(), rel=1e-12)
    with pytest.raises(PositionError, match="Class values must be smaller than num_classes"):
        step(ROWS, LABELS + 3)
    wild = nnviz.compile_step(
        model, lambda o, y: F.mse_loss(o, F.one_hot(y) * 1.0), optim.SGD(model.parameters(), lr=0.0)
    )
    with pytest.raises(NotImplementedError, match="one_hot without num_classes depends on the numbers"):
        wild(ROWS, LABELS)


@pytest.mark.parametrize("pool", [nn.MaxPool2d(2, padding=1), nn.AvgPool2d(3, 2, 1)])
def test_pools_of_whole_numbers(pool: nn.Module) -> None:
    whole = (np.arange(72).reshape(1, 2, 6, 6) * 7) % 31 - 15
    found = nnviz.compile_forward(pool)(whole)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found.array, pool(Tensor(whole)).array)


def test_in_place_on_what_a_plan_is_given_is_refused_by_name() -> None:
    with pytest.raises(NotImplementedError, match="inplace=True would modify the input of the plan"):
        nnviz.compile_forward(nn.Sequential(nn.ReLU(inplace=True), nn.Linear(4, 1)).double())(ROWS)

"""Networks that are ready to train, each with a line on what to look for."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nnviz import nn, optim
from nnviz.data import datasets, schema_of
from nnviz.network.description import Network, Settings
from nnviz.registry import Spec


def slug(name: str) -> str:
    """The name of a preset as one types it: digits-dense."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("'", ""))


MANY = 5_000
"""From so many samples on, larger batches are used."""


LESSON_ACTIVATIONS = (Spec("Sigmoid"), Spec("Tanh"), Spec("ReLU"), Spec.of("LeakyReLU", negative_slope=0.2))
"""The activations of the lesson, which gives the last one this slope."""


@dataclass(frozen=True)
class Preset:
    """A network to begin with.

    Attributes:
        name: what it is called.
        look: what to look for in it.
        make: makes it.
    """

    name: str
    look: str
    make: Callable[[], Network]


def opening() -> Network:
    """What the program opens on: two spirals, and a network that is just large enough to separate them."""
    return Network(_dense((2, 16, 16, 2), "Tanh"), _settings("spiral"))


def empty() -> Network:
    """The lesson's data and no layer yet."""
    return Network((), _settings("lesson", batch=4))


def lesson() -> Network:
    """x → Linear(10, 5) → Sigmoid → Linear(5, 8) → Softmax, as the lesson has it."""
    layers = (_linear(10, 5), _plain("Sigmoid"), _linear(5, 8), _plain("Softmax"))
    return Network(layers, _settings("lesson", batch=4))


def playground() -> Network:
    """TensorFlow Playground's default: a circle in a ring, 4 and 2 units, Tanh, plain descent at 0.03."""
    settings = _settings("circle", optimizer=Spec.of("SGD", lr=0.03))
    return Network(_dense((2, 4, 2, 2), "Tanh"), settings)


def digits_mlp() -> Network:
    """Handwritten digits, flattened."""
    return Network((_plain("Flatten"), *_dense((64, 64, 10), "ReLU")), _settings("digits", batch=32))


def digits_cnn() -> Network:
    """Handwritten digits as images."""
    layers = (
        nn.layers.check(Spec.of("Conv2d", in_channels=1, out_channels=8, kernel_size=3, padding=1)),
        _plain("ReLU"),
        _plain("MaxPool2d"),
        nn.layers.check(Spec.of("Conv2d", in_channels=8, out_channels=16, kernel_size=3, padding=1)),
        _plain("ReLU"),
        _plain("MaxPool2d"),
        _plain("Flatten"),
        _linear(64, 10),
    )
    return Network(layers, _settings("digits", batch=32))


def residual() -> Network:
    """A deep network whose blocks add what went into them."""
    layers: list[Spec] = [_linear(2, 16), _plain("Tanh")]
    for _ in range(3):
        entry = len(layers)
        layers += [_linear(16, 16), _plain("Tanh"), nn.layers.check(Spec.of("Add", row=entry))]
    return Network((*layers, _linear(16, 2)), _settings("spiral"))


def twelve_sigmoids() -> Network:
    """So deep that hardly any gradient reaches the first layers."""
    return Network(_dense((2, *[8] * 12, 2), "Sigmoid"), _settings("circle", optimizer=Spec.of("SGD", lr=0.5)))


def broken() -> Network:
    """Three sizes that do not fit, one after the other."""
    layers = (_linear(3, 16), _plain("ReLU"), _linear(12, 8), _plain("ReLU"), _linear(10, 1))
    return Network(layers, _settings("circle"))


def linear_only() -> Network:
    """Three Linear layers and no activation."""
    return Network((_linear(2, 16), _linear(16, 16), _linear(16, 2)), _settings("circle"))


def on_data(data: Spec) -> Network:
    """A small network that fits a data set, to begin with.

    Raises:
        NnvizError: there is no such data set, or its file cannot be read.
    """
    data = datasets.check(data)
    schema = schema_of(data)
    images = len(schema.sample_shape) > 1
    hidden, activation = ((64,), "ReLU") if images else ((16, 16), "Tanh")
    layers = _dense((math.prod(schema.sample_shape), *hidden, schema.outputs), activation)
    settings = Settings(
        data=data,
        batch=10 if schema.train < MANY else 100,
        loss=nn.usual.loss_for(schema.task),
        optimizer=optim.optimizers.check(Spec.of("Adam", lr=0.01)),
    )
    return Network((nn.usual.flatten(), *layers) if images else layers, settings)


def for_function(data: Spec) -> Network:
    """Linear, bend, linear, bend, linear: a small network that fits a function of one variable, to begin with."""
    settings = Settings(
        data=datasets.check(data),
        batch=10,
        loss=nn.usual.loss_for("regression"),
        optimizer=optim.optimizers.check(Spec.of("Adam", lr=0.01)),
    )
    return Network(_dense((1, 16, 16, 1), "ReLU"), settings)


PRESETS: Sequence[Preset] = (
    Preset("Spirals", "the boundary curls around the arms as it learns", opening),
    Preset("The lesson's model", "sizes before and after each matrix; softmax twice, and what that costs", lesson),
    Preset("Playground's default", "four units are enough for a ring; watch the boundary close", playground),
    Preset("Digits, dense", "64 numbers in, 10 classes out: most digits are read within seconds", digits_mlp),
    Preset(
        "Digits, convolutions",
        "the same digits with less than half of the weights; one kernel slides over all places",
        digits_cnn,
    ),
    Preset("Residual", "Add joins an earlier row: skip edges in the graph, two parts in each gradient", residual),
    Preset(
        "Twelve Sigmoids",
        "each multiplies the gradient by 0.25 at most: on the activation page it vanishes on its way back",
        twelve_sigmoids,
    ),
    Preset("Broken", "errors in a chain: each says where its numbers come from; all can be fixed at once", broken),
    Preset(
        "Linear only", "however deep, it is as good as a single layer, and a straight line is all it draws", linear_only
    ),
    Preset("Empty", "the lesson's data, (4, 10), and no layer yet: build its model", empty),
)
"""All presets, in the order in which they are offered."""


def _plain(name: str) -> Spec:
    return nn.layers.check(Spec(name))


def _dense(widths: Sequence[int], activation: str) -> tuple[Spec, ...]:
    """Linear layers of these widths, with an activation between any two."""
    stack: list[Spec] = []
    for n, m in itertools.pairwise(widths):
        stack += [_linear(n, m), _plain(activation)]
    return tuple(stack[:-1])


def _linear(n: int, m: int) -> Spec:
    return nn.layers.check(Spec.of("Linear", in_features=n, out_features=m))


def _settings(data: str, batch: int = 10, optimizer: Spec | None = None) -> Settings:
    return Settings(
        data=datasets.check(Spec(data)),
        batch=batch,
        loss=nn.losses.check(Spec("CrossEntropyLoss")),
        optimizer=optim.optimizers.check(optimizer or Spec.of("Adam", lr=0.01)),
    )

"""Networks that are ready to train."""

from __future__ import annotations

import itertools

from nnviz import nn, optim
from nnviz.catalogue import Spec
from nnviz.data import datasets
from nnviz.network.description import Network, Settings


def opening() -> Network:
    """What the program opens on: two spirals, and a network that is just large enough to part them."""
    widths = (2, 16, 16)
    stack: list[Spec] = []
    for n, m in itertools.pairwise(widths):
        stack += [_linear(n, m), Spec("Tanh")]
    return Network((*stack, _linear(widths[-1], 2)), _settings(datasets.check(Spec("spiral"))))


def empty() -> Network:
    """The lesson's data and no layer yet."""
    return Network((), _settings(datasets.check(Spec("lesson")), batch=4))


def _linear(n: int, m: int) -> Spec:
    return nn.layers.check(Spec.of("Linear", in_features=n, out_features=m))


def _settings(data: Spec, batch: int = 10) -> Settings:
    return Settings(
        data=data,
        batch=batch,
        loss=nn.losses.check(Spec("CrossEntropyLoss")),
        optimizer=optim.optimizers.check(Spec.of("Adam", lr=0.01)),
    )

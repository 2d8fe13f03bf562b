"""The layers and losses to reach for first, by what they are for: hints and fixes name none themselves."""

from __future__ import annotations

from typing import Literal

from nnviz.catalogue import Spec
from nnviz.nn.activations import Sigmoid, Tanh
from nnviz.nn.linear import Flatten, Linear
from nnviz.nn.losses import losses
from nnviz.nn.module import Module, layers


def plain(layer: type[Module]) -> Spec:
    """A layer with its default arguments."""
    return layers.check(Spec(layer.__name__))


def linear(in_features: int, out_features: int, bias: bool = True) -> Spec:
    """What makes any count of numbers of any other."""
    return layers.check(Spec.of(Linear.__name__, in_features=in_features, out_features=out_features, bias=bias))


def flatten() -> Spec:
    """What makes rows of features of images."""
    return plain(Flatten)


def activation() -> Spec:
    """What to put between two linear layers."""
    return plain(Tanh)


def probability() -> Spec:
    """What makes a probability of a single number."""
    return plain(Sigmoid)


def loss_for(task: Literal["classification", "regression"]) -> Spec:
    """The loss for a task: the first of those that are listed for it."""
    return losses.check(Spec(next(entry.name for entry in losses if entry.category == task)))

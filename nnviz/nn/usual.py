"""The default layers and losses by purpose, so that lint and fixes name none themselves."""

from __future__ import annotations

from typing import Literal

from nnviz.nn.activations import LeakyReLU, Sigmoid, Tanh
from nnviz.nn.linear import Flatten, Linear
from nnviz.nn.losses import losses
from nnviz.nn.module import Module, layers
from nnviz.registry import Spec


def plain(layer: type[Module]) -> Spec:
    """A layer with its default arguments."""
    return layers.check(Spec(layer.__name__))


def linear(in_features: int, out_features: int, bias: bool = True) -> Spec:
    """A layer from one number of features to another."""
    return layers.check(Spec.of(Linear.__name__, in_features=in_features, out_features=out_features, bias=bias))


def flatten() -> Spec:
    """A layer from images to rows of features."""
    return plain(Flatten)


def activation() -> Spec:
    """A layer between two linear layers."""
    return plain(Tanh)


def leaky() -> Spec:
    """An activation that is nowhere flat, so that no unit dies and a gradient passes."""
    return plain(LeakyReLU)


def probability() -> Spec:
    """A layer from a single number to a probability."""
    return plain(Sigmoid)


def loss_for(task: Literal["classification", "regression"]) -> Spec:
    """The default loss of a task: the first of those listed for it."""
    return losses.check(Spec(next(entry.name for entry in losses if entry.category == task)))

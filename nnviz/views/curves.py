"""Activation functions as curves: f from the layer itself, f′ from our own backward."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnviz import nn
from nnviz.autograd import Tensor
from nnviz.autograd.operation import Array
from nnviz.network import Network
from nnviz.registry import Spec

REACH = 6.0
"""Curves are drawn for z from −REACH to REACH."""

POINTS = 241
"""Odd, so that z = 0 is among them."""


@dataclass(frozen=True)
class ActivationCurve:
    """One activation, ready to be drawn.

    Attributes:
        label: the layer as one writes it.
        z: where it was taken.
        f, slope: f(z) and f′(z).
        formula, derivative, outputs, remark: the words beside the curve.
        slope_at_zero: f′(0).
        mean, std: of the outputs when z is spread as the standard normal distribution.
    """

    label: str
    z: NDArray[np.float64]
    f: NDArray[np.float64]
    slope: NDArray[np.float64]
    formula: str
    derivative: str
    outputs: str
    remark: str
    slope_at_zero: float
    mean: float
    std: float


@lru_cache(maxsize=64)
def activation_curve(spec: Spec) -> ActivationCurve | None:
    """The curve of an activation layer; None for any other or unknown layer.

    One that works on a whole row is shown by the first of three outputs, while its z moves and the other two are 0.

    Raises:
        NnvizError: its arguments do not go together.
    """
    factory = _factory(spec)
    if factory is None:
        return None
    arguments = dict(spec.arguments)
    layer = nn.layers.build(Spec.of(spec.name, **factory.drawn(arguments))).double()
    z = np.linspace(-REACH, REACH, POINTS)
    density = np.exp(-z * z / 2)
    density /= density.sum()
    # At the bounds of its arguments an activation may go beyond all numbers; the plot and the words can show that.
    with np.errstate(all="ignore"):
        f, slope = _both(layer, z, factory.elementwise)
        mean = float((f * density).sum())
        std = float(np.sqrt(((f - mean) ** 2 * density).sum()))
    return ActivationCurve(
        label=nn.layers.label(spec),
        z=z,
        f=f,
        slope=slope,
        formula=factory.formula,
        derivative=factory.derivative,
        outputs=str(factory.facts(arguments).outputs),
        remark=factory.look_for(arguments),
        slope_at_zero=float(slope[POINTS // 2]),
        mean=mean,
        std=std,
    )


def _factory(spec: Spec) -> type[nn.Activation] | None:
    """What makes an activation; None where the layer is none."""
    factory = nn.layer_class(spec)
    return factory if factory is not None and issubclass(factory, nn.Activation) else None


def _both(layer: nn.Module, z: NDArray[np.float64], elementwise: bool) -> tuple[Array, Array]:
    x = Tensor(z.copy() if elementwise else np.stack([z, np.zeros_like(z), np.zeros_like(z)], axis=1), True)
    out = layer(x)
    seed = np.ones_like(out.array)
    if not elementwise:
        seed[:, 1:] = 0
    out.backward(Tensor(seed))
    slope = np.zeros_like(x.array) if x.grad is None else x.grad.array
    return (out.array, slope) if elementwise else (out.array[:, 0], slope[:, 0])


def nearest_activation(network: Network, position: int) -> int | None:
    """The activation to show for a selected row: its own, else the next below, else the next above."""
    found = activations(network)
    place = bisect_left(found, position)
    return found[place] if place < len(found) else found[-1] if found else None


@lru_cache(maxsize=8)
def activations(network: Network) -> tuple[int, ...]:
    """The positions of the activations."""
    return tuple(i for i, spec in enumerate(network.layers) if _factory(spec) is not None)

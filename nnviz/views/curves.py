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

FAR, NODES = 12.0, 12
"""How far the standard normal distribution is integrated (2e-33 lies beyond), and the nodes of each half unit."""


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
    factory = activation_class(spec)
    if factory is None:
        return None
    arguments = dict(spec.arguments)
    z = np.linspace(-REACH, REACH, POINTS)
    f, slope = evaluated(spec, z)
    mean, std = moments(spec)
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


def activation_class(spec: Spec) -> type[nn.Activation] | None:
    """The class of an activation; None where the layer is none."""
    factory = nn.layer_class(spec)
    return factory if factory is not None and issubclass(factory, nn.Activation) else None


def evaluated(spec: Spec, z: NDArray[np.float64]) -> tuple[Array, Array]:
    """f and f′ of an activation at each of `z`, f′ by its own backward: where it has a kink, what the code sets.

    Args:
        spec: an activation; one that works on a row is shown by the first of three outputs, and the other z are 0.
        z: (n,).

    Raises:
        NnvizError: its arguments do not go together.
    """
    layer, elementwise = _built(spec)
    x = Tensor(z.copy() if elementwise else np.stack([z, np.zeros_like(z), np.zeros_like(z)], axis=1), True)
    # At the bounds of its arguments an activation may go beyond all numbers; the plot and the words can show that.
    with np.errstate(all="ignore"):
        out = layer(x)
        seed = np.ones_like(out.array)
        if not elementwise:
            seed[:, 1:] = 0
        out.backward(Tensor(seed))
    slope = np.zeros_like(x.array) if x.grad is None else x.grad.array
    return (out.array, slope) if elementwise else (out.array[:, 0], slope[:, 0])


@lru_cache(maxsize=64)
def _built(spec: Spec) -> tuple[nn.Module, bool]:
    """The layer in float64 as it is drawn, and whether it works on single numbers."""
    factory = activation_class(spec)
    assert factory is not None  # noqa: S101 (asked of an activation)
    layer = nn.layers.build(Spec.of(spec.name, **factory.drawn(dict(spec.arguments)))).double()
    return layer, factory.elementwise


@lru_cache(maxsize=64)
def moments(spec: Spec) -> tuple[float, float]:
    """Mean and std of f(z) for standard normal z, by Gauss-Legendre quadrature between the kinks."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    factory = activation_class(spec)
    curve = factory.curve(dict(spec.arguments)) if factory is not None else None
    kinks = [kink for kink in (curve.kinks if curve else ()) if abs(kink) < FAR]
    edges = np.unique(np.array([*np.arange(-FAR, FAR + 0.5, 0.5), *kinks]))
    half = (edges[1:] - edges[:-1])[:, None] / 2
    z = (edges[:-1, None] + half + half * nodes).ravel()
    density = (half * weights).ravel() * np.exp(-z * z / 2)
    density /= density.sum()
    f = evaluated(spec, z)[0]
    with np.errstate(all="ignore"):
        mean = float((f * density).sum())
        return mean, float(np.sqrt(((f - mean) ** 2 * density).sum()))


def nearest_activation(network: Network, position: int) -> int | None:
    """The activation to show for a selected row: its own, else the next below, else the next above."""
    found = activations(network)
    place = bisect_left(found, position)
    return found[place] if place < len(found) else found[-1] if found else None


@lru_cache(maxsize=8)
def activations(network: Network) -> tuple[int, ...]:
    """The positions of the activations."""
    return tuple(i for i, spec in enumerate(network.layers) if activation_class(spec) is not None)

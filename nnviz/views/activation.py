"""The activation panel: f and f′ of the selected activation, with formula and range in words."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz import nn
from nnviz.errors import NnvizError
from nnviz.lab import Lab
from nnviz.views.curves import REACH, ActivationCurve, activation_curve, nearest_activation
from nnviz.views.series import Frame, Series

FRAME = Frame("", "z", x_range=(-REACH, REACH))

NONE = (
    "No activation in this stack: consecutive linear layers equal a single one. "
    "{add} adds a layer: put an activation between them."
)


@dataclass(frozen=True, eq=False)
class ActivationView:
    """What the panel shows.

    Attributes:
        title: which layer it is; empty where there is none.
        curve: the curve; None where there is none.
        words: what to say where there is no curve.
        series: f and f′.
    """

    title: str
    curve: ActivationCurve | None
    words: str = ""
    series: tuple[Series, ...] = ()


def view(lab: Lab) -> ActivationView:
    """The selected activation; the nearest one when another layer is selected."""
    network = lab.network
    at = nearest_activation(network, lab.row - 1)
    if at is None:
        return ActivationView("", None, NONE)
    title = f"layer {at + 1}, {nn.layers.label(network.layers[at])}"
    try:
        curve = activation_curve(network.layers[at])
    except NnvizError as error:
        return ActivationView(title, None, f"✗ {error.message}: {error.hint}")
    assert curve is not None  # noqa: S101 (it is an activation)
    return ActivationView(
        title, curve, series=(Series("f", curve.z, curve.f), Series("f′", curve.z, curve.slope, "dots"))
    )

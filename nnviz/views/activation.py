"""The activation panel: f and f′ of the selected activation, with formula and range in words."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz import nn
from nnviz.engine import Moment
from nnviz.errors import NnvizError
from nnviz.lab import Lab
from nnviz.network import trace
from nnviz.run import Observation, Query, Refused
from nnviz.run.queries import LayerSeen, LayersSeen, LayerStatistics
from nnviz.views.curves import REACH, ActivationCurve, activation_curve, activations, nearest_activation
from nnviz.views.flow import Passed, passed
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
        seen: the numbers of this layer; None before the first moment.
        passed: all activations, from input to loss; none before the first moment.
        refused: why there are no numbers.
    """

    title: str
    curve: ActivationCurve | None
    words: str = ""
    series: tuple[Series, ...] = ()
    seen: LayerSeen | None = None
    passed: tuple[Passed, ...] = ()
    refused: str = ""


def queries(lab: Lab) -> frozenset[Query[Observation]]:
    """What the page asks of the run: nothing where there is no activation."""
    return frozenset({LayerStatistics()} if activations(lab.network) else ())


def view(lab: Lab, moment: Moment | None = None) -> ActivationView:
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
    # Of a stack that cannot run there are no numbers: the newest are those of the stack before.
    runs = trace(network).diagnostic is None
    found = moment.observations.get(LayerStatistics()) if moment is not None and runs else None
    known = found if isinstance(found, LayersSeen) and network.ids[at] in (one.layer for one in found.layers) else None
    return ActivationView(
        title,
        curve,
        series=(Series("f", curve.z, curve.f), Series("f′", curve.z, curve.slope, "dots", color=2)),
        seen=next(one for one in known.layers if one.layer == network.ids[at]) if known else None,
        passed=passed(network, activations(network), known, at) if known else (),
        refused=f"no numbers: {found.message}" if isinstance(found, Refused) else "",
    )

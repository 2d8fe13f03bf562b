"""What an activation's class says of its curve holds of its numbers: range, kinks, and how it bends."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnviz import nn
from nnviz.autograd import Tensor, no_grad
from nnviz.nn.facts import Curvature, Curve
from nnviz.registry import Value

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]

CASES: list[tuple[type[nn.Activation], dict[str, Value], Curvature, tuple[float, ...]]] = [
    (nn.Sigmoid, {}, "neither", ()),
    (nn.Tanh, {}, "neither", ()),
    (nn.ReLU, {}, "convex", (0,)),
    (nn.LeakyReLU, {}, "convex", (0,)),
    (nn.LeakyReLU, {"negative_slope": 0.2}, "convex", (0,)),
    (nn.LeakyReLU, {"negative_slope": 1.0}, "straight", ()),
    (nn.LeakyReLU, {"negative_slope": 3.0}, "concave", (0,)),
    (nn.LeakyReLU, {"negative_slope": -1.0}, "convex", (0,)),
    (nn.PReLU, {}, "convex", (0,)),
    (nn.PReLU, {"init": 2.0}, "concave", (0,)),
    (nn.ELU, {}, "convex", ()),
    (nn.ELU, {"alpha": 0.5}, "convex", (0,)),
    (nn.ELU, {"alpha": 0.0}, "convex", (0,)),
    (nn.ELU, {"alpha": 2.0}, "neither", (0,)),
    (nn.ELU, {"alpha": -1.0}, "neither", (0,)),
    (nn.SELU, {}, "neither", (0,)),
    (nn.CELU, {}, "convex", ()),
    (nn.CELU, {"alpha": 3.0}, "convex", ()),
    (nn.CELU, {"alpha": -3.0}, "concave", ()),
    (nn.GELU, {}, "neither", ()),
    (nn.GELU, {"approximate": "tanh"}, "neither", ()),
    (nn.SiLU, {}, "neither", ()),
    (nn.Mish, {}, "neither", ()),
    (nn.Softplus, {}, "convex", ()),
    (nn.Softplus, {"beta": 5.0}, "convex", ()),
    (nn.Softplus, {"threshold": 2.0}, "neither", (2,)),
    (nn.Softplus, {"beta": 4.0, "threshold": -2.0}, "neither", (-0.5,)),
    (nn.Softsign, {}, "neither", ()),
    (nn.Hardtanh, {}, "neither", (-1, 1)),
    (nn.Hardtanh, {"min_val": 0.5, "max_val": 2.0}, "neither", (0.5, 2)),
    (nn.ReLU6, {}, "neither", (0, 6)),
    (nn.LogSigmoid, {}, "concave", ()),
    (nn.Hardsigmoid, {}, "neither", (-3, 3)),
    (nn.Hardswish, {}, "neither", (-3, 3)),
    (nn.Softmax, {"dim": 1}, "neither", ()),
    (nn.Softmin, {"dim": 1}, "neither", ()),
    (nn.LogSoftmax, {"dim": 1}, "concave", ()),
]
IDS = [f"{kind.__name__}{arguments or ''}" for kind, arguments, _, _ in CASES]


def f(kind: type[nn.Activation], arguments: dict[str, Value], z: Floats) -> Floats:
    """The function at each of `z`; of a row of three its first, while the others are 0."""
    layer = kind(**arguments).double()
    with no_grad():
        if kind.elementwise:
            return layer(Tensor(z)).array
        return layer(Tensor(np.stack([z, 0 * z, 0 * z], axis=1))).array[:, 0]


def test_every_activation_that_is_a_curve_says_how_it_bends() -> None:
    known = {one for one in vars(nn).values() if isinstance(one, type) and issubclass(one, nn.Activation)}
    stated = {one for one in known if one.curve({}) is not None}
    # The channels of a picture are no row of numbers; it is Softmax along another dimension.
    assert stated - {kind for kind, _, _, _ in CASES} == {nn.Softmax2d}
    assert known - stated == {nn.Activation}


@pytest.mark.parametrize(("kind", "arguments", "curvature", "kinks"), CASES, ids=IDS)
def test_it_says_what_is_expected(
    kind: type[nn.Activation], arguments: dict[str, Value], curvature: Curvature, kinks: tuple[float, ...]
) -> None:
    assert kind.curve(arguments) == Curve(curvature, kinks)


@pytest.mark.parametrize(("kind", "arguments", "curvature", "kinks"), CASES, ids=IDS)
def test_the_slope_jumps_at_the_kinks_and_nowhere_else(
    kind: type[nn.Activation], arguments: dict[str, Value], curvature: Curvature, kinks: tuple[float, ...]
) -> None:
    h = 1e-5

    def jump(z: Floats) -> Floats:
        """What the difference quotients of both sides differ by."""
        return np.abs(f(kind, arguments, z + h) - 2 * f(kind, arguments, z) + f(kind, arguments, z - h)) / h

    if kinks:
        assert jump(np.array(kinks, np.float64)).min() > 0.05
    z = np.linspace(-10, 25, 35 * 64 + 1)
    elsewhere = z[np.all(np.abs(z[:, None] - np.array([*kinks, math.inf])) > 2 * h, axis=1)]
    # A curve that bends smoothly has quotients that differ by h times f″, which is 10 at most here.
    assert jump(elsewhere).max() < 1e-3


@pytest.mark.parametrize(("kind", "arguments", "curvature", "kinks"), CASES, ids=IDS)
def test_chords_lie_where_it_says(
    kind: type[nn.Activation], arguments: dict[str, Value], curvature: Curvature, kinks: tuple[float, ...]
) -> None:
    random = np.random.default_rng(0)
    low, high = np.sort(random.uniform(-8, 8, (2, 20_000)), axis=0)
    share = random.uniform(0, 1, low.shape)
    chord = (1 - share) * f(kind, arguments, low) + share * f(kind, arguments, high)
    above = f(kind, arguments, (1 - share) * low + share * high) - chord
    assert (bool(above.max() < 1e-9), bool(above.min() > -1e-9)) == {
        "convex": (True, False),
        "concave": (False, True),
        "straight": (True, True),
        "neither": (False, False),
    }[curvature]


@pytest.mark.parametrize(("kind", "arguments", "curvature", "kinks"), CASES, ids=IDS)
def test_the_outputs_lie_in_the_range_and_come_near_its_bounds(
    kind: type[nn.Activation], arguments: dict[str, Value], curvature: Curvature, kinks: tuple[float, ...]
) -> None:
    outputs = kind.facts(arguments).outputs
    values = f(kind, arguments, np.concatenate([np.linspace(-300, 300, 20_001), np.linspace(-3, 3, 6001)]))
    assert values.min() >= outputs.low - 1e-12
    assert values.max() <= outputs.high + 1e-12
    # An infinite bound is none that is reached: then the outputs go far.
    assert values.min() < (outputs.low + 0.01 if math.isfinite(outputs.low) else -2)
    assert values.max() > (outputs.high - 0.01 if math.isfinite(outputs.high) else 10)


@pytest.mark.parametrize(("kind", "arguments", "at", "slope"), [
    (nn.ReLU, {}, 0, 0), (nn.LeakyReLU, {"negative_slope": 0.2}, 0, 0.2), (nn.PReLU, {}, 0, 0.25),
    (nn.ELU, {"alpha": 0.5}, 0, 0.5), (nn.Hardtanh, {}, 1, 0), (nn.Hardtanh, {}, -1, 0), (nn.ReLU6, {}, 6, 0),
])  # fmt: skip
def test_the_slope_that_is_set_at_a_kink(
    kind: type[nn.Activation], arguments: dict[str, Value], at: float, slope: float
) -> None:
    """The subgradients that PyTorch sets, too."""
    z = Tensor(np.array([at], np.float64), requires_grad=True)
    kind(**arguments).double()(z).sum().backward()
    assert z.grad is not None
    assert z.grad.array[0] == pytest.approx(slope, abs=1e-6)

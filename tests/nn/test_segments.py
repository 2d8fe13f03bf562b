"""The straight lines that an activation says it is made of are what it computes."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from nnviz import nn
from nnviz.autograd import Tensor

KINDS = [
    kind for kind in vars(nn).values()
    if inspect.isclass(kind) and issubclass(kind, nn.Activation) and kind is not nn.Activation
]  # fmt: skip
STRAIGHT = {
    "ReLU": {}, "LeakyReLU": {"negative_slope": 0.2}, "PReLU": {"init": -0.5}, "Hardtanh": {"min_val": -2.0, "max_val": 0.5}, "ReLU6": {},
    "Hardsigmoid": {},
}  # fmt: skip
Z = np.linspace(-8, 8, 1601)


def made(kind: type[nn.Activation]) -> nn.Activation:
    return kind(**STRAIGHT.get(kind.__name__, {})).double()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_activation_is_made_of_its_segments(kind: type[nn.Activation]) -> None:
    layer = made(kind)
    segments = layer.segments()
    assert (segments is not None) == (kind.__name__ in STRAIGHT)
    if segments is None:
        # It is curved somewhere: the middle of three points does not lie on the line through the others.
        x = Z[:, None] if kind.elementwise else np.stack([Z, 0 * Z], axis=1)
        f = layer(Tensor(x[:, :, None, None] if kind is nn.Softmax2d else x)).array.reshape(len(Z), -1)[:, 0]
        bends = np.abs(f[2:] - 2 * f[1:-1] + f[:-2]) > 1e-9
        assert bends.sum() > 50
        return
    starts = [start for start, _, _ in segments]
    assert starts[0] == -np.inf
    assert starts == sorted(starts)
    at = np.searchsorted(starts[1:], Z, "right")
    slopes, intercepts = (np.array([float(np.ravel(one[part])[0]) for one in segments]) for part in (1, 2))
    np.testing.assert_allclose(layer(Tensor(Z[:, None])).array[:, 0], slopes[at] * Z + intercepts[at], atol=1e-12)
    # They meet where one starts, so that a network of them is continuous.
    for number, start in enumerate(starts[1:], 1):
        assert slopes[number - 1] * start + intercepts[number - 1] == pytest.approx(
            slopes[number] * start + intercepts[number]
        )


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.__name__ in STRAIGHT], ids=lambda kind: kind.__name__)
def test_its_segments_meet_at_the_kinks_of_its_curve(kind: type[nn.Activation]) -> None:
    segments, curve = made(kind).segments(), kind.curve(STRAIGHT[kind.__name__])
    assert segments is not None
    assert curve is not None
    assert list(curve.kinks) == [start for start, _, _ in segments[1:]]

"""The table of activation functions: moments against quadrature and closed forms, flat places, chords, order."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from nnviz import nn
from nnviz.autograd import Tensor
from nnviz.registry import Spec
from nnviz.views.activation_columns import COLUMNS, brief_columns
from nnviz.views.activation_facts import activation_facts, all_activations, chord_of
from nnviz.views.activation_words import Known, facts_in_words
from nnviz.views.curves import evaluated, moments

PHI = [0.5 * math.erfc(-z / math.sqrt(2)) for z in (-2, -1, 1)]
"""Φ(−2), Φ(−1), Φ(1)."""

MEAN = 1 / math.sqrt(2 * math.pi)
"""E max(z, 0)."""


def spec(name: str, **arguments: float) -> Spec:
    return nn.layers.check(Spec.of(name, **arguments))


def elu(alpha: float) -> tuple[float, float]:
    """E f and E f² of ELU, by completing the square in e^z φ(z) and e^2z φ(z)."""
    mean = MEAN + alpha * (math.exp(0.5) * PHI[1] - 0.5)
    return mean, 0.5 + alpha**2 * (math.exp(2) * PHI[0] - 2 * math.exp(0.5) * PHI[1] + 0.5)


LAMBDA, ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717

CLOSED: dict[str, tuple[Spec, float, float]] = {
    "ReLU": (spec("ReLU"), MEAN, 0.5),
    "LeakyReLU": (spec("LeakyReLU", negative_slope=0.2), 0.8 * MEAN, (1 + 0.2**2) / 2),
    "PReLU": (spec("PReLU"), 0.75 * MEAN, (1 + 0.25**2) / 2),
    "ELU": (spec("ELU"), *elu(1)),
    "ELU 0.3": (spec("ELU", alpha=0.3), *elu(0.3)),
    "SELU": (spec("SELU"), LAMBDA * elu(ALPHA)[0], LAMBDA**2 * elu(ALPHA)[1]),
    "Hardtanh": (spec("Hardtanh"), 0.0, 2 * PHI[2] - 1 - 2 * MEAN * math.exp(-0.5) + 2 * (1 - PHI[2])),
}
"""E f and E f² for standard normal z."""

SMOOTH: dict[str, Callable[[np.ndarray[tuple[int], np.dtype[np.float64]]], object]] = {
    "Sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "Tanh": np.tanh,
    "GELU": lambda z: z * np.array([0.5 * math.erfc(-one / math.sqrt(2)) for one in z.tolist()]),
    "SiLU": lambda z: z / (1 + np.exp(-z)),
    "Mish": lambda z: z * np.tanh(np.log1p(np.exp(z))),
    "Softplus": lambda z: np.log1p(np.exp(z)),
    "Softmax": lambda z: np.exp(z) / (np.exp(z) + 2),
    "LogSoftmax": lambda z: z - np.log(np.exp(z) + 2),
}


@pytest.mark.parametrize("name", CLOSED)
def test_moments_by_closed_forms(name: str) -> None:
    activation, mean, square = CLOSED[name]
    found = moments(activation)
    assert found[0] == pytest.approx(mean, abs=1e-12)
    assert found[1] == pytest.approx(math.sqrt(square - mean**2), abs=1e-12)


@pytest.mark.parametrize("name", SMOOTH)
def test_moments_by_gauss_hermite(name: str) -> None:
    z, weights = np.polynomial.hermite_e.hermegauss(120)
    weights = weights / weights.sum()
    f = np.asarray(SMOOTH[name](z), np.float64)
    mean = float((weights * f).sum())
    found = moments(spec(name))
    assert found[0] == pytest.approx(mean, abs=1e-6)
    assert found[1] == pytest.approx(math.sqrt(float((weights * (f - mean) ** 2).sum())), abs=1e-6)


def test_moments_of_softsign_by_simpsons_rule() -> None:
    z = np.linspace(0, 12, 120_001)
    weights = np.ones_like(z)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    weights *= np.exp(-z * z / 2)
    square = float((weights * (z / (1 + z)) ** 2).sum() / weights.sum())
    assert moments(spec("Softsign")) == pytest.approx((0, math.sqrt(square)), abs=1e-9)


def test_every_activation_of_the_registry_is_in_the_table_and_its_moments_are_tested() -> None:
    listed = [entry.name for entry in nn.layers if entry.category == "activation"]
    assert list(all_activations()) == listed
    assert set(listed) == {*SMOOTH, "Softsign", *(name.partition(" ")[0] for name in CLOSED)}


LOGIT = math.log((1 - math.sqrt(0.96)) / (1 + math.sqrt(0.96)))
"""Where σ(z) · (1 − σ(z)) is 0.01, on the left."""

FLAT: dict[str, list[tuple[float, float]]] = {
    "Sigmoid": [(-math.inf, LOGIT), (-LOGIT, math.inf)],
    "Tanh": [(-math.inf, -math.atanh(math.sqrt(0.99))), (math.atanh(math.sqrt(0.99)), math.inf)],
    "ReLU": [(-math.inf, 0)],
    "LeakyReLU": [],
    "PReLU": [],
    "ELU": [(-math.inf, math.log(0.01))],
    "SELU": [(-math.inf, math.log(0.01 / LAMBDA / ALPHA))],
    "Softplus": [(-math.inf, math.log(0.01 / 0.99))],
    "Softsign": [(-math.inf, -9), (9, math.inf)],
    "Hardtanh": [(-math.inf, -1), (1, math.inf)],
    "LogSoftmax": [(math.log(198), math.inf)],
}


@pytest.mark.parametrize("name", FLAT)
def test_flat_places_by_closed_forms(name: str) -> None:
    found = activation_facts(spec(name)).flat
    assert len(found) == len(FLAT[name])
    assert np.array(found) == pytest.approx(np.array(FLAT[name]), abs=1e-8)


@pytest.mark.parametrize("name", ["GELU", "SiLU", "Mish", "Softmax"])
def test_flat_places_end_where_the_slope_is_the_bound(name: str) -> None:
    """Of those with no closed form: f′ is ±0.01 at each end, below it inside and above it outside."""
    flat = activation_facts(spec(name)).flat
    assert len(flat) == 2
    ends = np.array([end for interval in flat for end in interval if math.isfinite(end)])
    assert np.abs(evaluated(spec(name), ends)[1]) == pytest.approx(0.01, abs=1e-8)
    z = np.linspace(-30, 30, 6007)
    inside = np.any([(low < z) & (z < high) for low, high in flat], axis=0)
    np.testing.assert_array_equal(np.abs(evaluated(spec(name), z)[1]) < 0.01, inside)


def test_the_flat_share_is_what_a_normal_distribution_has_there() -> None:
    assert activation_facts(spec("ReLU")).flat_share == pytest.approx(0.5)
    assert activation_facts(spec("Hardtanh")).flat_share == pytest.approx(2 * PHI[1])
    assert activation_facts(spec("PReLU")).flat_share == 0


@pytest.mark.parametrize("reach", [0.5, 6.0, 50.0])
@pytest.mark.parametrize("name", all_activations())
def test_the_chord_shows_whether_it_is_convex(name: str, reach: float) -> None:
    activation = spec(name)
    chord, facts = chord_of(activation, reach), activation_facts(activation)
    ends = np.array([chord.low, chord.z, chord.high])
    f = evaluated(activation, ends)[0]
    assert (f[0], f[2]) == (chord.f_low, chord.f_high)
    share = (chord.z - chord.low) / (chord.high - chord.low)
    assert 0 < share < 1
    assert f[1] - ((1 - share) * f[0] + share * f[2]) == pytest.approx(chord.above, abs=1e-9)
    assert facts.curve is not None
    if facts.curve.curvature == "convex":
        assert (chord.low, chord.high) == (-reach, reach)
        assert chord.above < 0
    else:
        assert chord.above > 0


def test_a_chord_of_a_straight_line_lies_on_it() -> None:
    assert chord_of(spec("LeakyReLU", negative_slope=1), 6.0).above == 0


def test_the_chord_of_relu_is_the_mean_of_its_ends_above_the_kink() -> None:
    chord = chord_of(spec("ReLU"), 6.0)
    assert (chord.low, chord.high, chord.z, chord.above) == (-6, 6, 0, -3)


@pytest.mark.parametrize(("min_val", "max_val"), [(-1e6, 1e6), (1e5, 1e6), (-1e-6, 1e-6)])
def test_bounds_far_away_or_close_together_have_a_chord_and_flat_places(min_val: float, max_val: float) -> None:
    activation = spec("Hardtanh", min_val=min_val, max_val=max_val)
    assert activation_facts(activation).curve is not None
    assert math.isfinite(chord_of(activation, 6.0).above)
    assert all(low < high for low, high in activation_facts(activation).flat)


def known(name: str, z: float = 0.0, seconds: float = math.nan, **arguments: float) -> Known:
    activation = spec(name, **arguments)
    f, slope = evaluated(activation, np.array([z]))
    return Known(name, activation, z, float(f[0]), float(slope[0]), seconds, 0.002)


def test_relu_at_0_says_what_the_code_sets() -> None:
    chord = chord_of(spec("ReLU"), 6.0)
    assert facts_in_words(known("ReLU"), chord)[0] == "not differentiable at 0: the code sets f′ = 0 there"
    assert "not differentiable at 0" in facts_in_words(known("ReLU", 1), chord)[1]
    assert COLUMNS[2].cell(known("ReLU")) == "0.00000*"
    assert COLUMNS[2].cell(known("ReLU", 0.1)) == "1.00000 "
    words = facts_in_words(known("Hardtanh"), chord)
    assert "not differentiable at −1 and 1: the code sets f′ = 0 there" in words


def test_what_a_chord_shows_in_words() -> None:
    drawn = facts_in_words(known("ReLU"), chord_of(spec("ReLU"), 6.0), drawn=True)
    assert drawn[0] == "ReLU: convex: the chord from −6 to 6 is 3 above the curve at z = 0"
    assert drawn[1] == "so is each chord, or on it: a car whose wheel is always turned one way"
    words = facts_in_words(known("Sigmoid"), chord_of(spec("Sigmoid"), 6.0))
    assert any(line.startswith("not convex: the chord from −2 to 6 is 0.3224 below") for line in words)
    words = facts_in_words(known("LogSoftmax"), chord_of(spec("LogSoftmax"), 6.0))
    assert any(line.startswith("not convex but concave: the chord") for line in words)
    straight = spec("LeakyReLU", negative_slope=1)
    words = facts_in_words(known("LeakyReLU", negative_slope=1), chord_of(straight, 6.0))
    assert "straight, so convex and concave: the chord from −6 to 6 lies on the curve" in words


def test_times_are_multiples_of_relus() -> None:
    time = next(one for one in COLUMNS if one.head == "time")
    assert [time.cell(known("Tanh")), time.cell(known("Tanh", seconds=0.005))] == ["–", "2.5×"]
    words = facts_in_words(known("Tanh", seconds=0.005), chord_of(spec("Tanh"), 6.0))
    assert "a million numbers: 5.0 ms, 2.5 times as long as ReLU" in words


@pytest.mark.parametrize("width", [10, 30, 38, 44, 78, 120, 200])
@pytest.mark.parametrize("table", [False, True])
def test_columns_fit_and_that_of_the_order_is_among_them(width: int, table: bool) -> None:
    for sort in range(len(COLUMNS)):
        found = brief_columns(table, sort, table, width)
        assert found[0] is COLUMNS[0]
        assert COLUMNS[sort] in found
        needed = {0, sort} | ({6} if table else set())
        assert sum(one.width for one in found) <= max(width, sum(COLUMNS[at].width for at in needed))
    if width == 200:
        assert len(brief_columns(table, 0, False, width)) == len(COLUMNS) - 2 * table


def test_no_cell_is_wider_than_its_column() -> None:
    ones = [known(name, z, 0.0423) for name in all_activations() for z in (-20.0, -1.0, 0.0, 0.37)]
    for column in COLUMNS:
        # The name has the mark of those that are drawn before it.
        marked = 2 if column is COLUMNS[0] else 0
        assert max(len(column.cell(one)) for one in ones) + marked <= column.width, column.head


def test_an_activation_of_ones_own_is_in_the_table_and_one_that_cannot_be_drawn_is_not() -> None:
    @nn.layers.register("activation")
    class Squared(nn.Activation):
        """z²"""

        formula = "f(z) = z²"

        def forward(self, z: Tensor) -> Tensor:
            return z * z

    @nn.layers.register("activation")
    class OfPictures(nn.Activation):
        """Refuses all but pictures."""

        elementwise = False

        def forward(self, z: Tensor) -> Tensor:
            raise ZeroDivisionError(z.ndim)

    try:
        assert all_activations()[-1] == "Squared"
        # Nothing is said of it that its class does not say; what is computed is.
        words = facts_in_words(known("Squared"), chord_of(spec("Squared"), 6.0))
        assert "where it is differentiable is not stated" in words
        assert any(
            line.startswith("not said to be convex or not; the chord from −6 to 6 is 36 above") for line in words
        )
        assert activation_facts(spec("Squared")).flat[0] == pytest.approx((-0.005, 0.005), abs=1e-8)
        assert moments(spec("Squared")) == pytest.approx((1, math.sqrt(2)))
        assert [column.cell(known("Squared")) for column in COLUMNS if column.head in ("convex", "derivative")] == [
            "?"
        ] * 2
    finally:
        for name in ("Squared", "OfPictures"):
            del nn.layers._entries[name]

"""The straight pieces of a network, against its forward pass, and their kinks against a brute search."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz import nn
from nnviz.autograd import Tensor, no_grad
from nnviz.data import Standardizer
from nnviz.errors import TrainingError
from nnviz.files.opened import open_model
from nnviz.network import Network, Stack, build_model
from nnviz.registry import Spec
from nnviz.run import Run, Trainer
from nnviz.run.pieces import MOST, pieces_of
from nnviz.run.queries import OverRange
from nnviz.run.queries.over_range import points
from tests.examples import examples

PLAIN = Standardizer(np.zeros(1), np.ones(1))
SCALED = Standardizer(np.array([0.3]), np.array([1.7]))

BENT = [Spec("ReLU"), Spec.of("LeakyReLU", negative_slope=0.2), Spec("Hardtanh"), Spec.of("PReLU", init=-0.5)]
OTHERS = [Spec("Identity"), Spec.of("Dropout", p=0.5)]


def linear(n: int, m: int, bias: bool = True) -> Spec:
    return Spec.of("Linear", in_features=n, out_features=m, bias=bias)


def stack(*layers: Spec, seed: int = 1) -> Stack:
    """The model in float64, in evaluation mode, with weights drawn so widely that most units bend in the range."""
    settings = open_model("function 1-2-1").network.settings
    model = build_model(Network(tuple(nn.layers.check(layer) for layer in layers), settings)).double()
    generator = np.random.default_rng(seed)
    for name, parameter in model.named_parameters():
        if not name.endswith("weight") or parameter.array.size > 1:
            parameter.array[...] = np.float32(generator.uniform(-1, 1, parameter.shape))
    for layer in model:
        if isinstance(layer, nn.BatchNorm1d):
            layer.running_mean.array[...] = generator.uniform(-0.5, 0.5, layer.num_features)
            layer.running_var.array[...] = generator.uniform(0.5, 2, layer.num_features)
    model.eval()
    return model


def forward(model: Stack, x: np.ndarray, inputs: Standardizer = PLAIN, rows: int | None = None) -> np.ndarray:
    """What the layers give; of the first `rows` of them."""
    with no_grad():
        outputs = list(model.run(Tensor(((x - inputs.mean) / inputs.std)[:, None])))
    return outputs[-1 if rows is None else rows - 1].array.copy()


@st.composite
def stacks(draw: st.DrawFn) -> tuple[Spec, ...]:
    """Stacks of one input and one output, of all layers that are piecewise linear."""
    layers, width, wide = list[Spec](), 1, list[tuple[int, int]]()
    for _ in range(draw(st.integers(1, 3))):
        size = draw(st.integers(1, 5))
        layers += [linear(width, size, draw(st.booleans()))]
        if draw(st.booleans()):
            layers.append(Spec.of("BatchNorm1d", num_features=size))
        own = [Spec.of("PReLU", num_parameters=size)]
        layers.append(draw(st.sampled_from(BENT + own)))
        width = size
        same = [row for row, own in wide if own == width]
        if same and draw(st.booleans()):
            layers.append(Spec.of("Add", row=draw(st.sampled_from(same))))
        elif draw(st.booleans()):
            layers.append(Spec.of("Concat", row=0))
            width += 1
        wide.append((len(layers), width))
        if draw(st.booleans()):
            layers.append(draw(st.sampled_from(OTHERS)))
    return (*layers, linear(width, 1))


@examples(60, 3000)
@given(stacks(), st.integers(0, 10_000))
def test_pieces_are_what_the_network_gives(layers: tuple[Spec, ...], seed: int) -> None:
    model = stack(*layers, seed=seed)
    found = pieces_of(model, -3.0, 2.0, SCALED, Standardizer(np.array([2.0]), np.array([0.5])))
    x = np.linspace(-3, 2, 1001)
    expected = forward(model, x, SCALED)[:, 0] * 0.5 + 2
    np.testing.assert_allclose(found(x), expected, atol=1e-11)
    assert (np.diff(found.starts) > 0).all()
    assert found.starts[0] == -3
    assert ((found.kinks > -3) & (found.kinks < 2)).all()
    # It is continuous, and bends at each kink.
    left, right = (found.slopes[k : len(found.slopes) - 1 + k] * found.kinks for k in (0, 1))
    np.testing.assert_allclose(left + found.intercepts[:-1], right + found.intercepts[1:], atol=1e-10)
    assert (found.slopes[1:] != found.slopes[:-1]).all()


def places_by_search(model: Stack, low: float, high: float, thresholds: dict[int, tuple[float, ...]]) -> list[float]:
    """Where a unit's input crosses a threshold: by its sign at many points, then by halving 60 times."""
    x = np.linspace(low, high, 20_001)
    found = []
    for position, places in thresholds.items():
        before = forward(model, x, rows=position)
        for place in places:
            above = before > place
            for at, unit in zip(*np.nonzero(above[1:] != above[:-1]), strict=True):
                left, right = x[at], x[at + 1]
                for _ in range(60):
                    middle = (left + right) / 2
                    same = (forward(model, np.array([middle]), rows=position)[0, unit] > place) == above[at, unit]
                    left, right = (middle, right) if same else (left, middle)
                found.append(left)
    return sorted(found)


@pytest.mark.parametrize("seed", range(4))
def test_kinks_are_those_of_a_brute_search(seed: int) -> None:
    layers = (linear(1, 6), BENT[0], linear(6, 5), BENT[1], linear(5, 4), BENT[2], linear(4, 1))
    model = stack(*layers, seed=seed)
    found = pieces_of(model, -2.0, 2.0, PLAIN, None)
    searched = places_by_search(model, -2.0, 2.0, {1: (0.0,), 3: (0.0,), 5: (-1.0, 1.0)})
    assert len(searched) > 5
    # Where a later unit is flat, the bend of an earlier one is not seen.
    x = np.array(searched)
    step = 1e-6
    slopes = [(forward(model, x + side)[:, 0] - forward(model, x + side - step)[:, 0]) / step for side in (0.0, step)]
    bends = np.abs(slopes[1] - slopes[0])
    at = np.abs(found.kinks[:, None] - x).argmin(axis=1)
    np.testing.assert_allclose(found.kinks, x[at], atol=1e-9)
    assert (bends[at] > 1e-9).all()
    left_out = np.delete(bends, at)
    assert (left_out < 1e-6).all()


def test_kinks_of_one_hidden_layer_are_exactly_minus_b_over_w() -> None:
    model = stack(linear(1, 9), BENT[0], linear(9, 1), seed=3)
    weight, bias = model[0].weight.array[:, 0], model[0].bias.array
    expected = np.sort(-bias / weight)
    inside = expected[(expected > -4) & (expected < 4)]
    found = pieces_of(model, -4.0, 4.0, PLAIN, None)
    assert len(inside) > 5
    assert found.kinks.tolist() == inside.tolist()
    units = found.units[1:]
    assert (units[:, 0] == 1).all()
    assert (-bias / weight)[units[:, 1]].tolist() == found.kinks.tolist()


def test_a_tent_is_made_of_four_pieces() -> None:
    model = stack(linear(1, 3), BENT[0], linear(3, 1))
    model[0].weight.array[...], model[0].bias.array[...] = 1.0, [0.5, 0.0, -0.5]
    model[2].weight.array[...], model[2].bias.array[...] = [[1.0, -2.0, 1.0]], 0.0
    found = pieces_of(model, -1.0, 1.0, PLAIN, None)
    assert found.kinks.tolist() == [-0.5, 0.0, 0.5]
    assert found.slopes.tolist() == [0, 1, -1, 0]
    assert found(np.array([-3.0, 0.0, 0.25, 3.0])).tolist() == [0, 0.5, 0.25, 0]
    # Two units that bend at the same place, in opposite directions, are no kink.
    model[0].bias.array[...] = 0.25
    model[2].weight.array[...] = [[1.0, -1.0, 0.0]]
    assert pieces_of(model, -1.0, 1.0, PLAIN, None).kinks.tolist() == []


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ((linear(1, 2), Spec("Tanh"), linear(2, 1)), "layer 2, Tanh, is curved: there are no straight pieces"),
        ((linear(1, 2), Spec.of("LayerNorm", normalized_shape=2), linear(2, 1)), "layer 2, LayerNorm, is not piecewise linear"),
        ((linear(1, 2), Spec("ELU"), linear(2, 1)), "layer 2, ELU, is curved"),
        ((linear(1, 2),), "the network has 2 outputs, and a curve has one"),
    ],
)  # fmt: skip
def test_what_has_no_pieces_says_why(layers: tuple[Spec, ...], words: str) -> None:
    with pytest.raises(TrainingError, match=words):
        pieces_of(stack(*layers), -1.0, 1.0, PLAIN, None)


def test_a_network_that_is_no_number_has_no_pieces() -> None:
    model = stack(linear(1, 2), BENT[0], linear(2, 1))
    model[2].weight.array[0, 1] = np.nan
    with pytest.raises(TrainingError, match="weights are not finite"):
        pieces_of(model, -1.0, 1.0, PLAIN, None)


def test_a_saw_of_too_many_teeth_is_refused() -> None:
    """Each pair of units folds the range once more, so that the pieces double with each layer."""
    layers = [linear(1, 2), BENT[0]]
    for _ in range(13):
        layers += [linear(2, 2), BENT[0]]
    model = stack(*layers, linear(2, 1))
    for number, layer in enumerate(one for one in model if isinstance(one, nn.Linear)):
        # The tent 2 relu(z) − 4 relu(z − 1/2) of the tent before.
        layer.weight.array[...] = 1.0 if not number else np.array([[2.0, -4.0]])
        layer.bias.array[...] = [0.0, -0.5] if layer.out_features == 2 else 0.0
    few = Stack(*list(model)[:6], model[-1])
    assert len(pieces_of(few, 0.0, 1.0, PLAIN, None).starts) == 8
    with pytest.raises(TrainingError, match=f"more than {MOST:,} pieces"):
        pieces_of(model, 0.0, 1.0, PLAIN, None)


def test_the_query_gives_the_curve_and_its_pieces_as_it_trains() -> None:
    network = open_model('function 1-8-8-1 relu adam:0.01 "of:sin(x) + 0.3*x" low:-6 high:6 seed:3').network
    trainer = Trainer(Run(network))
    query = OverRange(-6.0, 6.0, 1.0)
    assert query.samples(trainer) == len(points(-6.0, 6.0, 1.0)) == 3 * 512 + 1
    before = query.observe(trainer)
    for _ in itertools.islice(trainer.steps(), 40):
        pass
    after = query.observe(trainer)
    assert (before.step, after.step, after.low, after.high) == (0, 40, -6, 6)
    assert after.pieces is not None
    assert before.pieces is not None
    assert after.x[0] == -18
    assert after.x[-1] == 18
    assert {-6.0, 6.0} <= set(after.x.tolist())
    np.testing.assert_allclose(after.pieces(after.x), after.y, atol=1e-4)
    np.testing.assert_array_equal(after.y, trainer.evaluator.predict(after.x[:, None])[:, 0])
    # The kinks have moved.
    assert before.pieces.kinks.tolist() != after.pieces.kinks.tolist()
    # Asking has changed nothing.
    assert len(after.sample_x) == 0
    own = OverRange().observe(trainer)
    data = trainer.data.dataset
    assert (own.low, own.high) == (data.inputs.min(), data.inputs.max())
    assert len(own.sample_x) == len(own.sample_y) == len(own.sample_fit) == 250
    np.testing.assert_allclose(own.sample_y, np.sin(own.sample_x) + 0.3 * own.sample_x, atol=1e-5)


@pytest.mark.parametrize(
    ("line", "words"),
    [("spiral 2-4-2 tanh", "not one value over one input"), ("plane 2-4-1 tanh", "not one value over one input")],
)
def test_other_data_have_no_curve(line: str, words: str) -> None:
    with pytest.raises(TrainingError, match=words):
        OverRange().observe(Trainer(Run(open_model(line).network)))


def test_a_smooth_network_has_a_curve_and_says_why_it_has_no_pieces() -> None:
    found = OverRange(-1.0, 1.0).observe(Trainer(Run(open_model("function 1-4-1 tanh").network)))
    assert found.pieces is None
    assert found.why == "layer 2, Tanh, is curved: there are no straight pieces"
    assert np.isfinite(found.y).all()

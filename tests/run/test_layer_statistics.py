"""What every layer gives and takes in, against numpy on the same arrays; and looking changes nothing."""

from __future__ import annotations

import itertools
import math
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnviz import nn, optim
from nnviz.autograd import Tensor, no_grad
from nnviz.errors import TrainingError
from nnviz.network import Network, opening, trace
from nnviz.registry import Spec
from nnviz.run import Run, Trainer
from nnviz.run.queries import BINS, LayerSeen, LayersSeen, LayerStatistics, Spread, spread_of
from nnviz.run.rehearsal import squares
from tests.examples import examples
from tests.run.drawn import OPTIMIZERS, STACKS, edited, layer, linear, settings, ways
from tests.run.same import same

Floats = NDArray[np.float64]

ACTIVATIONS = [
    Spec(entry.name)
    for entry in nn.layers
    if isinstance(entry.factory, type) and issubclass(entry.factory, nn.Activation) and entry.factory.elementwise
] + [
    Spec.of("LeakyReLU", negative_slope=0.3), Spec.of("LeakyReLU", negative_slope=0.0), Spec.of("ELU", alpha=0.5),
    Spec.of("PReLU", num_parameters=6, init=0.1), Spec.of("Softplus", beta=3.0, threshold=2.0),
    Spec.of("GELU", approximate="tanh"), Spec.of("Hardtanh", min_val=-0.2, max_val=0.4),
]  # fmt: skip

FEW = settings(Spec.of("circle", samples=14), "CrossEntropyLoss", 4)
IMAGE = (layer("Conv2d", in_channels=1, out_channels=2, kernel_size=3, stride=2), layer("ReLU"))
VALUES: dict[str, tuple[Spec, ...]] = {
    "Linear": (linear(2, 3), linear(3, 2)),
    "Flatten": (linear(2, 4), layer("Flatten"), linear(4, 2)),
    "Identity": (linear(2, 4), layer("Identity"), layer("Identity"), linear(4, 2)),
    "Dropout": (linear(2, 4), layer("Dropout", p=0.5), linear(4, 2)),
    "Softmax": (linear(2, 4), layer("Softmax", dim=1), linear(4, 2)),
    "LogSoftmax": (linear(2, 4), layer("LogSoftmax", dim=1), linear(4, 2)),
    "Add": (linear(2, 4), layer("Tanh"), layer("Add", row=1), linear(4, 2)),
    "Concat": (linear(2, 4), layer("Tanh"), layer("Concat", row=0), linear(6, 2)),
    "BatchNorm1d": (linear(2, 4), layer("BatchNorm1d", num_features=4), linear(4, 2)),
    "LayerNorm": (linear(2, 4), layer("LayerNorm", normalized_shape=4), linear(4, 2)),
}
IMAGES = ("Conv2d", "MaxPool2d", "AvgPool2d", "BatchNorm2d")


def network(*layers: Spec) -> Network:
    return Network(layers, FEW)


def after(found: Network, steps: int, planned: bool = True) -> Trainer:
    trainer = Trainer(Run(found, planned=planned))
    for _ in itertools.islice(trainer.steps(), steps):
        pass
    return trainer


def outputs(trainer: Trainer, at: int) -> Floats:
    """What layer number `at` gives for the samples, in float64; 0 is the input."""
    count = trainer.observe(LayerStatistics()).samples
    return trainer.evaluator.outputs(trainer.data.train_x[:count], at).astype(np.float64)


def check_spread(found: Spread, array: Floats) -> None:
    """`array` has no bad numbers, and is not all alike."""
    counts, edges = np.histogram(array.ravel(), BINS, (array.min(), array.max()))
    np.testing.assert_array_equal(found.counts, counts)
    assert (found.low, found.high, found.bad) == (edges[0], edges[-1], 0)
    assert found.mean == pytest.approx(array.mean(), abs=1e-12)
    assert found.std == pytest.approx(array.std(), rel=1e-12)


def state(trainer: Trainer) -> object:
    """All that a trainer is, as plain data."""
    trainer.next_batch()
    gradients = [None if p.grad is None else p.grad.array.copy() for p in trainer.model.parameters()]
    kept = None if trainer.optimizer is None else trainer.optimizer.state_dict()["param_groups"]
    modes = [module.training for module in trainer.model.modules()]
    return trainer.checkpoint(), gradients, kept, modes, trainer.planned, trainer.history.seen, trainer.epoch


# --- looking changes nothing


@pytest.mark.parametrize("stack", [*STACKS, "prelu"])
@given(way=ways(), chosen=st.sampled_from(OPTIMIZERS), planned=st.booleans())
@examples(quick=12, long=100)
@pytest.mark.long
def test_looking_changes_nothing(stack: str, way: list[tuple[int, object]], chosen: Spec, planned: bool) -> None:
    prelu = network(linear(2, 6), layer("PReLU", num_parameters=6), layer("Dropout", p=0.3), linear(6, 2))
    begun = STACKS.get(stack, prelu)
    begun = begun.configure(replace(begun.settings, optimizer=optim.optimizers.check(chosen)))
    for _, edit in way[:2]:
        other = edited(begun, edit)  # type: ignore[arg-type]
        if trace(other).diagnostic is None and trace(other).parameters:
            begun = other
    looking, plain = Trainer(Run(begun, planned=planned)), Trainer(Run(begun, planned=planned))
    for gap, edit in [(0, None), *way]:
        if edit is not None and edit.kind == "plan":  # type: ignore[attr-defined]
            looking.planned = plain.planned = not plain.planned
        taken = [[step.loss for step in itertools.islice(one.steps(), gap)] for one in (looking, plain)]
        assert taken[0] == taken[1]
        before = state(looking)
        first = looking.observe(LayerStatistics())
        assert same(state(looking), before)
        assert same(looking.observe(LayerStatistics()), first)
        assert same(looking.checkpoint(), plain.checkpoint())


@pytest.mark.parametrize("planned", [True, False])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_step_that_fails_is_taken_back_and_its_part_is_unknown(at: int, planned: bool) -> None:
    trainer = after(STACKS["norms"], 3 * at, planned)
    assert trainer.optimizer is not None
    before, move = state(trainer), trainer.optimizer.move
    whole = trainer.observe(LayerStatistics())
    calls = itertools.count()

    def failing(*arguments: object) -> None:
        move(*arguments)  # type: ignore[arg-type]
        if next(calls) == at:
            raise TrainingError("this one fails")

    trainer.optimizer.move = failing  # type: ignore[method-assign, assignment]
    found = trainer.observe(LayerStatistics())
    del trainer.optimizer.move  # type: ignore[method-assign]
    if next(calls) > at:
        assert all(math.isnan(one.gradient) and math.isnan(one.update) for one in found.layers)
        assert [one.signal for one in found.layers] == [one.signal for one in whole.layers]
    assert same(state(trainer), before)


# --- the numbers


@pytest.mark.parametrize("spec", ACTIVATIONS, ids=lambda spec: nn.layers.label(spec))
def test_what_an_activation_takes_in_and_its_slope(spec: Spec) -> None:
    trainer = after(network(linear(2, 6), nn.layers.check(spec), linear(6, 2)), 5)
    for path, parameter in trainer.model.named_parameters():
        if path == "0.weight":
            # Far enough out that each activation has its flat side; one unit is always below 0, one always above.
            parameter.overwrite(parameter.array * np.float32(6))
        if path == "0.bias":
            parameter.overwrite(np.array([-200, 200, 0, 1, -1, -3], np.float32))
    seen = trainer.observe(LayerStatistics()).layers[1]
    z = outputs(trainer, 1)
    assert seen.taken_in is not None
    check_spread(seen.taken_in, z)
    check_spread(seen.output, outputs(trainer, 2))
    slope = slope_of(trainer.model[1], z)
    # No number is so near to the bound that rounding could decide.
    near = np.abs(np.abs(slope) - 0.01) < 1e-6
    assert not near.any() or nn.layers.label(spec) == "LeakyReLU"
    assert seen.flat == pytest.approx(np.mean(~near & (np.abs(slope) < 0.01)), abs=1e-12)
    # Where f′ is too small for float32, it is 0.
    assert seen.dead == np.mean((np.abs(slope) < 1e-45).all(axis=0))


def slope_of(module: nn.Module, z: Floats) -> Floats:
    """f′ by central differences, in float64."""
    step, exact = 1e-4, deepcopy(module).double()
    with no_grad():
        up, down = (exact(Tensor(z + by)).array for by in (step, -step))
    return np.asarray((up - down) / (2 * step))


def test_dead_units_are_features_or_channels() -> None:
    trainer = after(network(linear(2, 4), layer("ReLU"), linear(4, 2)), 0)
    dict(trainer.model.named_parameters())["0.bias"].overwrite(np.array([-99, 99, -99, 0], np.float32))
    seen = trainer.observe(LayerStatistics()).layers[1]
    assert seen.dead == 0.5
    assert seen.flat >= 0.5
    images = after(STACKS["images"].change(1, layer("Identity")), 0)
    dict(images.model.named_parameters())["0.bias"].overwrite(np.array([-99, 99], np.float32))
    seen = images.observe(LayerStatistics()).layers[2]
    assert (seen.dead, seen.flat) == (0.5, 0.5)
    leaky = after(network(linear(2, 4), layer("LeakyReLU"), linear(4, 2)), 0).observe(LayerStatistics()).layers[1]
    assert (leaky.dead, leaky.flat) == (0, 0)


def test_every_layer_kind_is_covered() -> None:
    known = {spec.name for spec in ACTIVATIONS} | {*VALUES, *IMAGES}
    # No data set has the whole numbers that an Embedding takes.
    assert {entry.name for entry in nn.layers} == known | {"Embedding"}


def stack_of(kind: str) -> Network:
    """A small stack with this kind of layer in it."""
    if kind in VALUES:
        return network(*VALUES[kind])
    middle = {
        "Conv2d": (),
        "MaxPool2d": (layer("MaxPool2d", kernel_size=2),),
        "AvgPool2d": (layer("AvgPool2d", kernel_size=2),),
        "BatchNorm2d": (layer("BatchNorm2d", num_features=2),),
    }[kind]
    width = 18 if kind in ("Conv2d", "BatchNorm2d") else 2
    layers = (*IMAGE, *middle, layer("Flatten"), linear(width, 10))
    return Network(layers, settings(Spec("digits"), "CrossEntropyLoss", 4))


@pytest.mark.parametrize("kind", [*VALUES, *IMAGES])
def test_every_kind_of_layer_against_numpy(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Few samples, so that every gradient can be found by differences.
    monkeypatch.setattr("nnviz.run.queries.layer_statistics.SAMPLES", 5)
    trainer = after(stack_of(kind), 3)
    found = trainer.observe(LayerStatistics())
    assert found.samples == 5
    check_spread(found.taken_in, outputs(trainer, 0))
    for at, seen in enumerate(found.layers, 1):
        assert seen.layer == trainer.network.ids[at - 1]
        check_spread(seen.output, outputs(trainer, at))
        gradient = gradient_of(trainer, at)
        assert seen.signal == pytest.approx(np.sqrt(np.square(gradient).mean()), rel=1e-4)
        is_activation = trainer.network.layers[at - 1].name in ("ReLU", "Tanh")
        assert (seen.taken_in is None, math.isnan(seen.flat), math.isnan(seen.dead)) == (not is_activation,) * 3
    check_moves(trainer, found)


def gradient_of(trainer: Trainer, at: int) -> Floats:
    """∂L/∂(output of layer number `at`) by central differences, in float64."""
    model, loss = deepcopy(trainer.model).double().eval(), trainer.loss
    labels = Tensor(trainer.job.targets(trainer.data.train_y[:5]))

    def run(change: Floats | float) -> float:
        with no_grad():
            rows = {0: Tensor(trainer.data.train_x[:5].astype(np.float64))}
            for number, module in enumerate(model, 1):
                x = rows[number - 1]
                out = module(x, rows[module.row]) if isinstance(module, nn.Join) else module(x)
                rows[number] = out + Tensor(np.zeros(out.shape) + change) if number == at else out
            return loss(rows[len(rows) - 1], labels).item()

    shape = trainer.evaluator.outputs(trainer.data.train_x[:5], at).shape
    gradient = np.zeros(shape)
    for place in np.ndindex(*shape):
        change = np.zeros(shape)
        change[place] = 1e-6
        gradient[place] = (run(change) - run(-change)) / 2e-6
    return gradient


def check_moves(trainer: Trainer, found: LayersSeen) -> None:
    """The norms of the next step are those of the step that is then taken."""
    before = [[p.array.astype(np.float64) for p in module.parameters()] for module in trainer.model]
    next(trainer.steps())
    for module, old, seen in zip(trainer.model, before, found.layers, strict=True):
        if not old:
            assert all(map(math.isnan, (seen.gradient, seen.update, seen.weights)))
            continue
        gradients = [p.grad.array for p in module.parameters() if p.grad is not None]
        moved = [p.array - was for p, was in zip(module.parameters(), old, strict=True)]
        for one, arrays in ((seen.gradient, gradients), (seen.update, moved), (seen.weights, old)):
            assert one == pytest.approx(np.linalg.norm(np.concatenate([a.ravel() for a in arrays])), rel=1e-6)


@pytest.mark.parametrize("planned", [True, False])
@pytest.mark.parametrize("chosen", OPTIMIZERS, ids=str)
def test_the_next_step_is_the_one_that_is_then_taken(chosen: Spec, planned: bool) -> None:
    begun = STACKS["norms"]
    begun = begun.configure(replace(begun.settings, optimizer=optim.optimizers.check(chosen)))
    trainer = after(begun, 0, planned)
    for _ in range(9):
        check_moves(trainer, trainer.observe(LayerStatistics()))
    assert trainer.step == 9


def test_a_signal_that_vanishes_is_seen_to_vanish() -> None:
    deep = [spec for _ in range(12) for spec in (linear(8, 8), layer("Sigmoid"))]
    trainer = after(network(linear(2, 8), *deep, linear(8, 2)), 0)
    signals = [one.signal for one in trainer.observe(LayerStatistics()).layers]
    assert all(0 < one < other for one, other in itertools.pairwise(signals[:-1:2]))
    assert signals[0] < 1e-6 * signals[-1]


# --- what cannot be answered


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38])
@pytest.mark.parametrize("stack", ["norms", "images"])
def test_bad_numbers_are_counted(stack: str, bad: float) -> None:
    trainer = after(STACKS[stack], 2)
    for parameter in list(trainer.model.parameters())[:2]:
        parameter.overwrite(np.full(parameter.shape, bad, np.float32))
    found = trainer.observe(LayerStatistics())
    sizes = [outputs(trainer, at + 1).size for at in range(len(found.layers))]
    for seen, size in zip(found.layers, sizes, strict=True):
        assert seen.output.counts.sum() + seen.output.bad == size
        assert math.isnan(seen.output.mean) == (seen.output.bad == size)
    assert max(seen.output.bad for seen in found.layers) > 0


def test_a_stack_without_parameters_or_layers() -> None:
    trainer = after(network(layer("Identity")), 0)
    (seen,) = trainer.observe(LayerStatistics()).layers
    assert all(map(math.isnan, (seen.gradient, seen.update, seen.weights, seen.flat, seen.dead)))
    assert seen.signal > 0
    assert trainer.observe(LayerStatistics()).taken_in.counts.sum() == 2 * trainer.count


def test_a_loss_that_fails_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = after(STACKS["norms"], 2)
    whole = trainer.observe(LayerStatistics())

    def failing(*_: object) -> None:
        raise TrainingError("not this one")

    monkeypatch.setattr(trainer, "loss", failing)
    found = trainer.observe(LayerStatistics())
    assert all(math.isnan(seen.signal) for seen in found.layers)
    unknown = [replace_signal(seen) for seen in whole.layers]
    assert same(found.layers, tuple(unknown))


def replace_signal(seen: LayerSeen) -> LayerSeen:
    return replace(seen, signal=math.nan)


def test_the_samples_are_the_first_and_fewer_of_a_wide_network() -> None:
    query = LayerStatistics()
    trainer = after(opening(), 0)
    assert trainer.observe(query).samples == min(trainer.count, 256)
    assert query.samples(trainer) == 3 * (min(trainer.count, 256) + trainer.batch)
    wide = after(network(linear(2, 2**18), layer("ReLU"), linear(2**18, 2)), 0)
    found = wide.observe(query)
    assert found.samples == 4
    assert max(one.output.counts.sum() for one in found.layers) == 2**20
    digits = after(Network(STACKS["images"].layers, settings(Spec("digits"), "CrossEntropyLoss", 256)), 0)
    assert digits.observe(query).samples == 256


# --- counting


@given(
    numbers=st.lists(st.floats(width=32) | st.sampled_from([0.0, -0.0, 1e-45, 0.1, 0.2, 0.3, 1.0]), max_size=40),
    bins=st.integers(1, 40),
)
@examples(quick=300, long=5000)
def test_numbers_are_counted_as_numpy_counts(numbers: list[float], bins: int) -> None:
    array = np.array(numbers, np.float32)
    found = spread_of(array, bins)
    good = array[np.isfinite(array)].astype(np.float64)
    assert found.bad == array.size - good.size
    np.testing.assert_array_equal(found.counts, np.histogram(good, bins, (found.low, found.high))[0])
    assert found.counts.sum() == good.size
    if good.size:
        assert found.low <= good.min()
        assert good.max() <= found.high
        assert found.mean == pytest.approx(good.mean(), rel=1e-12)
        assert found.std == pytest.approx(good.std(), rel=1e-12)
    else:
        assert math.isnan(found.mean)
        assert math.isnan(found.std)


def test_squares_are_added_up_in_float64() -> None:
    huge = np.full(2**21 + 3, 1e20, np.float32)
    assert squares(huge) == pytest.approx(float(np.square(huge, dtype=np.float64).sum()), rel=1e-12)
    assert squares(huge, huge) == 0
    assert squares(np.zeros(0, np.float32)) == 0
    assert math.isnan(squares(np.array([np.nan], np.float32)))

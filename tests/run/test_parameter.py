"""One parameter, all gradients and the neurons, against numpy on the same arrays; and looking changes nothing."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from nnviz import optim
from nnviz.autograd import Tensor
from nnviz.errors import TrainingError
from nnviz.files.opened import open_model
from nnviz.network import PRESETS, Network, opening
from nnviz.optim.split import split
from nnviz.registry import Spec
from nnviz.run import Run, Trainer
from nnviz.run.norm_history import CAPACITY, NormHistory
from nnviz.run.queries import AllGradients, LayerParameter, Neurons
from nnviz.run.rehearsal import Norms

OPTIMIZERS = [
    Spec.of("SGD", lr=0.1, momentum=0.9, weight_decay=0.01), Spec.of("SGD", lr=0.1), Spec.of("Adam", lr=0.01),
    Spec.of("AdamW", lr=0.01), Spec.of("RMSprop", lr=0.01, momentum=0.5), Spec.of("Adagrad", lr=0.1),
    Spec.of("Adadelta", lr=1.0),
]  # fmt: skip


def taught(network: Network, steps: int = 3, planned: bool = True) -> Trainer:
    trainer = Trainer(Run(network, planned=planned))
    trainer.recorder.on = True
    for _ in itertools.islice(trainer.steps(), steps):
        pass
    return trainer


def with_optimizer(spec: Spec) -> Network:
    network = opening()
    return network.configure(replace(network.settings, optimizer=spec))


@pytest.mark.parametrize("planned", [True, False])
@pytest.mark.parametrize("spec", OPTIMIZERS, ids=str)
def test_the_parts_add_up_to_the_change_of_the_run(spec: Spec, planned: bool) -> None:
    trainer = taught(with_optimizer(spec), planned=planned)
    seen = trainer.observe(LayerParameter(trainer.network.ids[0]))
    assert seen.moved is not None
    assert seen.moved.gradient is not None
    assert (seen.step, seen.moved_in, seen.names, seen.path) == (3, 3, ("weight", "bias"), "0.weight")
    kind = type(trainer.optimizer)
    assert kind is not type(None)
    found = split(
        kind, seen.moved.before, seen.moved.gradient, seen.moved.kept, dict(seen.moved.group), seen.moved.count
    )  # type: ignore[arg-type]
    # The run is in float32: what is left is its rounding.
    assert np.abs(found.change - (seen.moved.after.astype(np.float64) - seen.moved.before)).max() < 1e-6
    assert np.array_equal(seen.values, seen.moved.after)


def test_recording_changes_nothing() -> None:
    recorded, plain = taught(opening(), 5), Trainer(Run(opening()))
    for _ in itertools.islice(plain.steps(), 5):
        pass
    ours, theirs = recorded.checkpoint(), plain.checkpoint()
    assert all(np.array_equal(array, theirs.parameters[path]) for path, array in ours.parameters.items())


def test_gradients_of_all_parameters_are_those_of_numpy() -> None:
    trainer = taught(opening())
    taken, found = trainer.recorder.taken, trainer.observe(AllGradients())
    assert taken is not None
    assert found.step == 3
    assert [one.shape for one in found.rows] == [p.shape for p in trainer.model.parameters()]
    for row, moved in zip(found.rows, taken.moved.values(), strict=True):
        assert moved.gradient is not None
        assert row.gradient == pytest.approx(np.linalg.norm(moved.gradient.astype(np.float64)))
        update = np.linalg.norm(moved.after.astype(np.float64) - moved.before)
        assert row.update == pytest.approx(update)
        assert row.ratio == pytest.approx(math.log10(update / np.linalg.norm(moved.before.astype(np.float64))))
        assert row.zeros == (moved.gradient == 0).mean()
        assert row.over_time[-1] == row.gradient
        assert len(row.over_time) == 3


def test_before_the_first_step_there_is_no_gradient() -> None:
    trainer = Trainer(Run(opening()))
    found, seen = trainer.observe(AllGradients()), trainer.observe(LayerParameter(trainer.network.ids[0]))
    assert found.step == 0
    assert all(math.isnan(row.gradient) and math.isnan(row.ratio) and math.isnan(row.zeros) for row in found.rows)
    assert seen.moved is None
    assert len(seen.steps) == 0


def test_a_layer_without_parameters_is_refused() -> None:
    trainer = Trainer(Run(opening()))
    with pytest.raises(TrainingError, match=r"Tanh.* has no parameters"):
        trainer.observe(LayerParameter(trainer.network.ids[1]))


def test_maps_are_what_the_layers_answer_at_each_point() -> None:
    trainer = taught(opening())
    found = trainer.observe(Neurons(trainer.network.ids[1]))
    assert (found.kind, found.maps.shape, found.count) == ("plane", (16, 24, 24), 16)
    x0, x1, y0, y1 = found.extent
    first, second = trainer.model[0], trainer.model[1]
    for row, column in ((0, 0), (0, 23), (23, 0), (7, 11)):
        point = np.array([[x0 + (x1 - x0) * column / 23, y1 + (y0 - y1) * row / 23]], np.float32)
        out = second(first(Tensor(trainer.data.inputs.apply(point)))).array[0]
        assert np.allclose(found.maps[:, row, column], out, atol=1e-5)


def test_channels_are_what_the_filters_make_of_the_image() -> None:
    network = next(made for made in (preset.make() for preset in PRESETS) if made.layers[0].name == "Conv2d")
    trainer = Trainer(Run(network))
    found = trainer.observe(Neurons(network.ids[0], sample=2))
    x = trainer.data.train_x[2:3]
    assert found.kind == "image"
    assert found.filters is not None
    assert found.image is not None
    assert np.array_equal(found.maps, trainer.model[0](Tensor(x)).array[0])
    assert np.array_equal(found.filters, trainer.model[0].weight.array)
    assert np.allclose(found.image, trainer.data.inputs.undo(x)[0])
    assert (found.sample, found.samples) == (2, len(trainer.data.train_x))
    last = trainer.observe(Neurons(network.ids[0], sample=10**9))
    assert last.sample == len(trainer.data.train_x) - 1


def test_hidden_numbers_are_no_image() -> None:
    """After the first dense layer, 64 numbers and 64 weights have the size of a digit, but are no picture of one."""
    network = open_model("digits 64-64-10 relu seed:1").network
    trainer = Trainer(Run(network))
    dense = [at for at, layer in enumerate(network.layers) if layer.name == "Linear"]
    first, last = (trainer.observe(Neurons(network.ids[at])) for at in (dense[0], dense[-1]))
    assert first.kind == "image"
    assert first.maps.shape == (64, 1, 1)
    assert last.kind == trainer.observe(Neurons(network.ids[dense[0] + 1])).kind == "spread"
    assert (last.filters, last.count, len(last.spreads)) == (None, 10, 10)


def test_a_step_that_another_recorded_is_adopted_with_its_norms() -> None:
    other, trainer = Trainer(Run(opening())), Trainer(Run(opening()))
    other.recorder.on = True
    for one in (other, trainer):
        steps = one.steps()
        next(steps)
        next(steps)
    query = LayerParameter(trainer.network.ids[0])
    assert 2 not in trainer.observe(query).steps
    trainer.recorder.adopt(other.recorder)
    seen = trainer.observe(query)
    assert (seen.moved_in, seen.steps[-1]) == (2, 2)
    assert seen.moved is not None
    assert seen.norms[-1, 2] == pytest.approx(float(np.linalg.norm(seen.moved.before)), rel=1e-6)


def test_an_edited_weight_is_part_of_the_run() -> None:
    """The run with the edit, taken from its start, is bit for bit the one that was edited on the way."""
    trainer = taught(opening(), 4)
    values = trainer.checkpoint().parameters["0.weight"].copy()
    values[1, 1] = 3.0
    run = trainer.run.changed(4, weights={"0.weight": values})
    edited = Trainer(run, trainer.checkpoint())
    assert edited.model[0].weight.array[1, 1] == 3.0
    again = Trainer(run)
    for _ in itertools.islice(again.steps(), 8):
        pass
    for _ in itertools.islice(edited.steps(), 4):
        pass
    ours, theirs = edited.checkpoint(), again.checkpoint()
    assert all(np.array_equal(array, theirs.parameters[path]) for path, array in ours.parameters.items())


def test_a_history_is_bounded_and_keeps_the_newest() -> None:
    history, key = NormHistory(), (7, "weight")
    for step in range(1, 3 * CAPACITY):
        history.add(step, {key: Norms(float(step), 0.0, 1.0)})
    steps, norms = history.of(key)
    assert len(steps) <= CAPACITY
    assert steps[-1] == 3 * CAPACITY - 1
    assert np.array_equal(norms[:, 0], steps)
    history.forget_from(10)
    assert history.of(key)[0].max() < 10
    assert history.of((8, "bias"))[1].shape == (0, 3)


def test_optimizers_of_the_catalogue_are_all_here() -> None:
    assert {entry.name for entry in optim.optimizers} == {spec.name for spec in OPTIMIZERS}

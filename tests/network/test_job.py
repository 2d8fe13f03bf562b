"""The job answers for its data without making them: a million rows are traced, linted, repaired and planned unseen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from nnviz import nn
from nnviz.autograd import Tensor, abstract
from nnviz.data import FILE, Dataset, Schema, data_set, datasets, schema
from nnviz.errors import DataError, RegistryError
from nnviz.network import (
    Network,
    fit_to_data,
    fix_all,
    fixes,
    job_of,
    lint,
    opening,
    plan_of,
    prediction,
    trace,
)
from nnviz.nn.init import filled
from nnviz.nn.module import Buffer
from nnviz.registry import Spec
from nnviz.run import Run, Trainer

MILLION = 1_000_000
LOSSES = [entry.name for entry in nn.losses]
SETS = [entry.name for entry in datasets if entry.name != FILE]

DECLARED = {
    "rows of one's own": Schema("rows of one's own", MILLION, (4,), "", "", tuple("abcd"), tuple("xyz")),
    "values of one's own": Schema("values of one's own", MILLION, (4,), "", "", tuple("abcd"), values=2),
    "images of one's own": Schema("images of one's own", MILLION, (1, 8, 8), "", "", classes=("no", "yes")),
}


class MadeError(Exception):
    """Somebody has asked for the numbers."""


@pytest.fixture
def unseen() -> Iterator[None]:
    """Data sets of a million samples that nobody may make; gone after the test."""
    for name, declared in DECLARED.items():

        def make() -> Dataset:
            raise MadeError

        data_set("own", lambda declared=declared: declared, name=name)(make)
    yield
    for name in DECLARED:
        del datasets._entries[name], schema._declarations[name]
    schema.declared.cache_clear()


def with_data(data: str, loss: str, *layers: Spec, batch: int = 32) -> Network:
    chosen = replace(opening().settings, data=datasets.check(Spec(data)), loss=Spec(loss), batch=batch)
    return Network(tuple(nn.layers.check(layer) for layer in layers), chosen)


def linear(n: int, m: int) -> Spec:
    return Spec.of("Linear", in_features=n, out_features=m)


STACKS: list[tuple[Spec, ...]] = [
    (),
    (linear(4, 3),),
    (linear(4, 8), linear(8, 2), Spec("Sigmoid")),
    (linear(5, 8), Spec("ReLU"), linear(7, 3), Spec("Softmax")),
    (Spec("Flatten"), linear(64, 16), Spec("Tanh"), linear(16, 1), Spec("Tanh")),
    (Spec.of("Conv2d", in_channels=2, out_channels=3, kernel_size=9), Spec("ReLU")),
    (linear(4, 8), Spec.of("BatchNorm1d", num_features=8), linear(8, 2), Spec("Hardtanh")),
    (Spec("Nothing of the kind"),),
]


@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize("loss", [*LOSSES, "Nothing of the kind"])
@pytest.mark.parametrize("data", DECLARED)
@pytest.mark.parametrize("batch", [32, 999, MILLION * 2])
def test_a_million_samples_are_traced_linted_repaired_and_planned_without_being_made(
    data: str, loss: str, batch: int
) -> None:
    planned = 0
    for layers in STACKS:
        chosen = replace(opening().settings, data=datasets.check(Spec(data)), loss=Spec(loss), batch=batch)
        network = Network(layers, chosen)
        found = trace(network)
        assert found.input == (min(batch, MILLION // 2), *DECLARED[data].sample_shape)
        prediction(network)
        lint(network)
        if loss not in LOSSES:
            continue
        fixes(network)
        for mended, _ in (fix_all(network), fit_to_data(network)):
            lint(mended)
            plan = plan_of(mended)
            planned += plan is not None
            assert (plan is None) == (trace(mended).diagnostic is not None or not trace(mended).parameters)
    assert planned or loss not in LOSSES
    with pytest.raises(MadeError):
        job_of(network).data()


def test_small_data_are_made_where_a_hint_needs_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    def stack(samples: int) -> Network:
        network = with_data("plane", "MSELoss", linear(2, 1), Spec("ReLU"))
        return network.configure(replace(network.settings, data=Spec.of("plane", samples=samples)))

    assert any("out of reach" in hint.message for hint in lint(stack(20_000)))
    monkeypatch.setattr("nnviz.network.job.prepare", lambda *_: pytest.fail("so many are not made for a hint"))
    assert not any("out of reach" in hint.message for hint in lint(stack(20_001)))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("data", SETS)
def test_targets_have_the_shape_and_type_that_was_said(data: str, loss: str) -> None:
    job = job_of(with_data(data, loss, batch=7))
    made = job.data()
    assert made.train_x[: job.batch].shape == job.input_shape(job.batch)
    for labels in (made.train_y[: job.batch], made.test_y[:1], made.train_y[:0]):
        targets = job.targets(labels)
        assert (targets.shape, targets.dtype) == (job.target_shape(len(labels)), job.target_dtype)
    assert trace(job.network).target == job.target_shape(job.batch)


@pytest.mark.parametrize("data", ["circle", "digits"])
@pytest.mark.parametrize(("loss", "wrong"), [("BCELoss", 0), ("HingeEmbeddingLoss", -1)])
def test_targets_of_classes_say_the_right_one(data: str, loss: str, wrong: int) -> None:
    job = job_of(with_data(data, loss))
    labels = job.data().train_y
    targets = job.targets(labels)
    assert job.outputs == targets.shape[1]
    assert set(np.unique(targets)) == {1, wrong}
    if job.outputs == 1:
        np.testing.assert_array_equal(targets[:, 0] == 1, labels == 1)
    else:
        np.testing.assert_array_equal(targets.argmax(axis=1), labels)
        assert ((targets == 1).sum(axis=1) == 1).all()


def test_a_batch_is_at_most_what_there_is_to_train_with() -> None:
    assert [job_of(with_data("spiral", "CrossEntropyLoss", batch=n)).batch for n in (1, 250, 251)] == [1, 250, 250]


def test_the_jobs_network_is_the_one_asked_for() -> None:
    """Networks are equal whatever the ids of their layers are; a job is made of one of them."""
    one = opening()
    other = one.insert(0, one.layers[0]).remove(1)
    assert one == other
    assert one.ids != other.ids
    assert job_of(one).network.ids == one.ids
    assert job_of(other).network.ids == other.ids
    assert job_of(one) is job_of(opening())
    assert job_of(one).data() is job_of(other).data()


def test_what_cannot_be_found_says_so() -> None:
    network = opening()
    with pytest.raises(RegistryError, match="no data set is called 'spirals'"):
        job_of(network.configure(replace(network.settings, data=Spec("spirals"))))
    job = job_of(network.configure(replace(network.settings, loss=Spec("CrossEntropy"))))
    for ask in (lambda: job.loss, lambda: job.outputs, lambda: job.target_dtype, lambda: job.targets(np.zeros(1, int))):
        with pytest.raises(RegistryError, match="no loss is called 'CrossEntropy'"):
            ask()


@pytest.mark.usefixtures("unseen")
def test_data_that_were_declared_otherwise_stop_the_training_that_was_traced() -> None:
    """One who says a million and makes three is found out before the first step."""

    def make() -> Dataset:
        return replace(DECLARED["rows of one's own"], samples=3).dataset(np.zeros((3, 4)), np.arange(3))

    data_set("own", lambda: DECLARED["rows of one's own"], name="rows of one's own")(make)
    network = with_data("rows of one's own", "CrossEntropyLoss", linear(4, 3))
    assert trace(network).diagnostic is None
    with pytest.raises(DataError, match="its schema declares samples = 1,000,000, but the data set has 3"):
        Trainer(Run(network))


def test_a_loss_has_its_numbers_whoever_asks_for_it_first() -> None:
    @nn.losses.register("classification")
    class Weighted(nn.CrossEntropyLoss):
        """With a number of its own."""

        def __init__(self) -> None:
            super().__init__()
            self.scale = Buffer(filled((1,), 3.0))

        def forward(self, out: Tensor, target: Tensor) -> Tensor:
            return super().forward(out, target) * self.scale.sum()

    try:
        job = job_of(with_data("circle", "Weighted", linear(2, 2)))
        with abstract():
            loss = job.loss
        assert loss.state_dict()["scale"].array.item() == 3
        assert trace(job.network).diagnostic is None
    finally:
        del nn.losses._entries["Weighted"]

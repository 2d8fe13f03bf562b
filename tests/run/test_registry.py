"""Everything there is to choose from trains: every layer, loss, optimizer and initializer, on data it is made for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz import nn, optim
from nnviz.data import datasets
from nnviz.network import Network, fit_to_data, job_of, opening, trace
from nnviz.nn.init import initializers
from nnviz.registry import Spec
from nnviz.run import Run, Trainer

DIGITS = replace(opening().settings, data=datasets.check(Spec("digits")), batch=50)


def layer(name: str, **arguments: object) -> Spec:
    return nn.layers.check(Spec.of(name, **arguments))  # type: ignore[arg-type]


def after(network: Network, steps: int) -> Trainer:
    trainer = Trainer(Run(network))
    generator = trainer.steps()
    for _ in range(steps):
        next(generator)
    return trainer


def test_a_convolutional_network_learns_the_digits() -> None:
    stack = (
        layer("Conv2d", in_channels=1, out_channels=8, kernel_size=3, padding=1), layer("BatchNorm2d", num_features=8), layer("ReLU"),
        layer("MaxPool2d"), layer("Conv2d", in_channels=8, out_channels=16, kernel_size=3, padding=1), layer("ReLU"), layer("AvgPool2d"),
        layer("Flatten"), layer("Linear", in_features=64, out_features=10),
    )  # fmt: skip
    assert after(Network(stack, DIGITS), 90).evaluate().test_accuracy > 0.93


def test_a_residual_network_with_layer_norm_learns_the_spiral() -> None:
    stack = (
        layer("Linear", in_features=2, out_features=16), layer("Tanh"), layer("Linear", in_features=16, out_features=16), layer("Tanh"),
        layer("Add", row=2), layer("LayerNorm", normalized_shape=16), layer("Linear", in_features=16, out_features=2),
    )  # fmt: skip
    assert after(Network(stack, opening().settings), 2500).evaluate().test_accuracy > 0.93


@pytest.mark.parametrize("entry", [e for e in nn.layers if e.category == "activation"], ids=lambda entry: entry.name)
def test_every_activation_learns(entry) -> None:  # type: ignore[no-untyped-def]
    bend = layer(entry.name)
    stack = (layer("Linear", in_features=2, out_features=8), bend, layer("Linear", in_features=8, out_features=2))
    circle = replace(opening().settings, data=datasets.check(Spec("circle")))
    trainer = Trainer(Run(Network(stack, circle)))
    before = trainer.evaluate().train_loss
    generator = trainer.steps()
    for _ in range(300):
        next(generator)
    assert trainer.evaluate().train_loss < 0.8 * before


@pytest.mark.parametrize("data", ["circle", "digits", "function"])
@pytest.mark.parametrize("entry", nn.losses, ids=lambda entry: entry.name)
def test_every_loss_trains_on_the_data_it_is_for(entry, data: str) -> None:  # type: ignore[no-untyped-def]
    regression = data == "function"
    settings = replace(
        opening().settings, data=datasets.check(Spec(data)), batch=50, loss=nn.losses.check(Spec(entry.name))
    )
    network = Network(
        (layer("Linear", in_features=2, out_features=8), layer("Tanh"), layer("Linear", in_features=8, out_features=2)),
        settings,
    )
    if regression != (entry.category == "regression"):
        fault = trace(network).diagnostic
        assert fault is not None
        assert fault.message
        return
    network, _ = fit_to_data(network)
    # What each of these takes: log-probabilities, distances. A repair for probabilities adds what makes them.
    last = {"NLLLoss": "LogSoftmax", "HingeEmbeddingLoss": "Softplus"}.get(entry.name)
    assert (network.layers[-1].name == "Sigmoid") == (entry.name == "BCELoss")
    network = network.insert(len(network.layers), layer(last)) if last else network
    assert trace(network).diagnostic is None
    trainer = after(network, 400 if data == "circle" else 1200)
    start, end = trainer.history.rows[0], trainer.evaluate()
    assert end.train_loss < 0.9 * start.train_loss
    if not regression:
        assert end.test_accuracy > (0.85 if data == "circle" else 0.7)
        said = trainer.evaluator.predict(trainer.data.inputs.undo(trainer.data.test_x))
        assert said.shape[1] == trainer.data.dataset.outputs
        assert ((said >= 0) & (said <= 1)).all()
        assert (said.argmax(axis=1) == trainer.data.test_y).mean() == pytest.approx(end.test_accuracy)


@pytest.mark.parametrize("reduction", ["sum", "none"])
def test_reductions(reduction: str) -> None:
    loss = nn.losses.check(Spec.of("CrossEntropyLoss", reduction=reduction))
    network = opening().configure(replace(opening().settings, loss=loss))
    fault = trace(network).diagnostic
    if reduction == "none":
        assert fault is not None
        assert fault.message == "grad can be implicitly created only for scalar outputs"
        return
    mean, sum_ = Trainer(Run(opening())).evaluate(), Trainer(Run(network)).evaluate()
    assert sum_.train_loss == pytest.approx(10 * mean.train_loss, rel=1e-5)


@pytest.mark.parametrize("entry", optim.optimizers, ids=lambda entry: entry.name)
def test_every_optimizer_learns_and_resumes_bit_for_bit(entry) -> None:  # type: ignore[no-untyped-def]
    extras = {a.name: 0.9 for a in entry.arguments if a.name == "momentum"}
    spec = optim.optimizers.check(Spec.of(entry.name, lr=0.003, **extras))
    settings = replace(opening().settings, data=datasets.check(Spec("circle")), optimizer=spec)
    network = opening().configure(settings)
    whole = after(network, 60)
    assert whole.evaluate().train_loss < whole.history.rows[0].train_loss
    half = after(network, 31)
    other = Trainer(Run(network))
    other.restore(half.checkpoint())
    generator = other.steps()
    for _ in range(29):
        next(generator)
    for name, tensor in whole.model.state_dict().items():
        np.testing.assert_array_equal(tensor.array, other.model.state_dict()[name].array)


def test_running_averages_and_dropout_resume_bit_for_bit() -> None:
    network = opening().insert(2, layer("BatchNorm1d", num_features=16)).insert(3, layer("Dropout", p=0.2))
    whole, half = after(network, 40), after(network, 17)
    other = Trainer(Run(network))
    other.restore(half.checkpoint())
    generator = other.steps()
    for _ in range(23):
        next(generator)
    state = whole.model.state_dict()
    assert state["2.num_batches_tracked"].item() == 40
    for name, tensor in state.items():
        np.testing.assert_array_equal(tensor.array, other.model.state_dict()[name].array)


@pytest.mark.parametrize("entry", initializers, ids=lambda entry: entry.name)
def test_every_initializer_starts_a_network(entry) -> None:  # type: ignore[no-untyped-def]
    network = opening().configure(replace(opening().settings, initialization=initializers.check(Spec(entry.name))))
    one, other = Trainer(Run(network)), Trainer(Run(network))
    for name, tensor in one.model.state_dict().items():
        assert np.isfinite(tensor.array).all()
        np.testing.assert_array_equal(tensor.array, other.model.state_dict()[name].array)


def test_labels_as_losses_want_them() -> None:
    labels = np.array([0, 1, 1])

    def targets(loss: str, classes: int) -> np.ndarray:
        settings = replace(opening().settings, data=Spec.of("lesson", classes=classes), loss=Spec(loss))
        return job_of(opening().configure(settings)).targets(labels)

    assert targets("CrossEntropyLoss", 2) is labels
    assert targets("BCELoss", 2).tolist() == [[0], [1], [1]]
    assert targets("HingeEmbeddingLoss", 2).tolist() == [[-1], [1], [1]]
    assert targets("BCEWithLogitsLoss", 3).tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 0]]

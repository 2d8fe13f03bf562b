"""Exported numpy lines give, bit for bit, what a planned step of the trainer gives."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnviz import nn
from nnviz.errors import DataError, NotSupportedError, TrainingError
from nnviz.files.numpy_script import numpy_script
from nnviz.files.opened import Opened, open_model
from nnviz.files.python_source import Source
from nnviz.network import PRESETS, Network, trace
from nnviz.optim import optimizers
from nnviz.registry import Spec
from nnviz.run import Run, Trainer
from tests.values.make_exports import random_network, trained

RUNNABLE = [preset for preset in PRESETS if preset.name not in ("Broken", "Empty")]


def step_of(text: str) -> tuple[float, dict[str, Any], dict[str, Any]]:
    """What the `step()` of a script gives."""
    space: dict[str, Any] = {"__name__": "exported"}
    exec(compile(text, "exported.py", "exec"), space)  # noqa: S102
    loss, gradients, state = space["step"]()
    return loss, gradients, state


def check(opened: Opened) -> None:
    """The script equals the trainer's next step: same names, types, shapes and bits."""
    loss, gradients, state = step_of(numpy_script(opened))
    trainer = Trainer(opened.run, opened.checkpoint)
    assert next(trainer.steps()).loss == loss
    expected = {name: p.grad.array for name, p in trainer.model.named_parameters() if p.grad is not None}
    assert expected
    after = {name: tensor.array for name, tensor in trainer.model.state_dict().items()}
    for ours, theirs in ((expected, gradients), (after, state)):
        assert ours.keys() == theirs.keys()
        for name, array in ours.items():
            assert (array.dtype, array.shape) == (theirs[name].dtype, theirs[name].shape), name
            assert array.tobytes() == theirs[name].tobytes(), name


@pytest.mark.parametrize("preset", RUNNABLE, ids=lambda preset: preset.name)
def test_every_preset(preset: Any) -> None:
    check(trained(preset.make()))


@pytest.mark.parametrize("seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(8, 20))])
def test_random_networks(seed: int) -> None:
    check(Opened(random_network(seed)))


def test_all_layers_that_a_network_can_hold_are_among_them() -> None:
    networks = [random_network(seed) for seed in range(20)]
    used = {spec.name for network in networks for spec in network.layers}
    used |= {spec.name for preset in RUNNABLE for spec in preset.make().layers}
    # No data set has the whole numbers that an Embedding takes.
    assert used | {"AvgPool2d", *ON_VECTORS} == {entry.name for entry in nn.layers} - {"Embedding"}


ON_VECTORS = {
    "PReLU": {}, "SiLU": {}, "LogSoftmax": {}, "LeakyReLU": {}, "BatchNorm1d": {"num_features": 6}, "Dropout": {"p": 0.4},
    "GELU": {},
}  # fmt: skip
"""Layers that get a test of their own, with their arguments."""


def spirals(*layers: Spec) -> Network:
    """Such layers between two Linear, on the spirals."""
    base = open_model("spiral 2-2").network
    network = Network((), base.settings)
    for at, spec in enumerate((nn.usual.linear(2, 6), *layers, nn.usual.linear(6, 2))):
        network = network.insert(at, nn.layers.check(spec))
    return network


@pytest.mark.parametrize("name", ON_VECTORS)
def test_layers_on_vectors(name: str) -> None:
    check(Opened(spirals(Spec.of(name, **ON_VECTORS[name]))))


def test_average_pooling() -> None:
    base = next(preset for preset in PRESETS if preset.name == "Digits, convolutions").make()
    layers = tuple(nn.layers.check(Spec("AvgPool2d")) if spec.name == "MaxPool2d" else spec for spec in base.layers)
    network = Network(layers, base.settings)
    assert trace(network).diagnostic is None
    check(Opened(network))


def test_parameters_that_are_updated_in_parts() -> None:
    """Those of a large network do not fit into the cache at once."""
    check(Opened(open_model("digits 64-400-400-10 relu").network))


def test_parameters_that_no_gradient_reaches() -> None:
    """They are left out of the update, so that it takes several runs."""
    network = spirals(nn.usual.linear(6, 6), Spec("Tanh"))
    network = network.insert(3, nn.layers.check(Spec.of("Hardtanh", min_val=0.0, max_val=1e-6)))
    check(Opened(network))


@pytest.mark.parametrize("name", [entry.name for entry in optimizers])
def test_every_optimizer(name: str) -> None:
    network = spirals(Spec("Tanh"))
    network = network.configure(replace(network.settings, optimizer=optimizers.check(Spec.of(name, lr=0.01))))
    check(trained(network))


@pytest.mark.parametrize("name", [entry.name for entry in optimizers])
@pytest.mark.parametrize("steps", [1, 30])
def test_the_step_after_a_checkpoint(name: str, steps: int) -> None:
    """With what the optimizer keeps, the states of the generators, the running averages, and the batch that is next."""
    network = spirals(Spec.of("Dropout", p=0.3), Spec.of("BatchNorm1d", num_features=6))
    network = network.configure(replace(network.settings, optimizer=optimizers.check(Spec.of(name, lr=0.01))))
    trainer = Trainer(Run(network))
    for _ in itertools.islice(trainer.steps(), steps):
        pass
    opened = Opened(network, checkpoint=trainer.checkpoint())
    assert f"Training step {steps + 1} of" in numpy_script(opened)
    check(opened)


@pytest.mark.parametrize("arguments", [{"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}, {"maximize": True}])
def test_settings_of_an_optimizer(arguments: dict[str, Any]) -> None:
    network = spirals(Spec("Tanh"))
    spec = optimizers.check(Spec.of("SGD", lr=0.01, **arguments))
    check(Opened(network.configure(replace(network.settings, optimizer=spec))))


@pytest.mark.parametrize(
    ("line", "loss"),
    [
        ("spiral 2-6-1 tanh", "BCEWithLogitsLoss"), ("spiral 2-6-1 sigmoid", "HingeEmbeddingLoss"),
        ("plane 2-6-1 tanh", "MSELoss"), ("plane 2-6-1 tanh", "L1Loss"), ("plane 2-6-1 tanh", "HuberLoss"),
    ],
)  # fmt: skip
def test_losses(line: str, loss: str) -> None:
    network = open_model(line).network
    check(Opened(network.configure(replace(network.settings, loss=nn.losses.check(Spec(loss))))))


@pytest.mark.parametrize(("last", "loss"), [("LogSoftmax", "NLLLoss"), ("Sigmoid", "BCELoss")])
def test_losses_of_probabilities(last: str, loss: str) -> None:
    network = open_model(f"spiral 2-6-{2 if loss == 'NLLLoss' else 1} tanh").network
    network = network.insert(len(network.layers), nn.layers.check(Spec(last)))
    check(Opened(network.configure(replace(network.settings, loss=nn.losses.check(Spec(loss))))))


def test_a_script_runs_as_it_is_with_numpy_alone(tmp_path: Path) -> None:
    path = tmp_path / "step.py"
    path.write_text(numpy_script(Opened(spirals(Spec("GELU"), Spec.of("Dropout", p=0.2)))))
    code = f"""
import runpy, sys
runpy.run_path({str(path)!r}, run_name="__main__")
sys.exit(any(name.split(".")[0] == "nnviz" for name in sys.modules))
"""
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    lines = found.stdout.splitlines()
    assert lines[0].startswith("loss 0.")
    assert lines[1].startswith("0.weight")


def test_the_same_network_gives_the_same_script() -> None:
    network = random_network(1)
    assert numpy_script(Opened(network)) == numpy_script(Opened(network))


def test_what_cannot_run_is_told() -> None:
    presets = {preset.name: preset.make() for preset in PRESETS}
    with pytest.raises(DataError, match="mat1 and mat2 shapes cannot be multiplied"):
        numpy_script(Opened(presets["Broken"]))
    with pytest.raises(TrainingError, match="nothing to train"):
        numpy_script(Opened(Network((nn.layers.check(Spec("Tanh")),), presets["Playground's default"].settings)))


def test_what_cannot_be_written_is_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from nnviz.autograd import ops

    def strange(z: Any, *, slope: float) -> Any:
        return ops.relu.forward(z) + np.minimum(z, 0) * slope

    monkeypatch.setattr(ops.leaky_relu.__class__, "__setattr__", object.__setattr__)
    monkeypatch.setattr(ops.leaky_relu, "forward", strange)
    with pytest.raises(NotSupportedError, match=r"layer 2, LeakyReLU: nnviz\.autograd\.ops cannot be written"):
        numpy_script(Opened(spirals(Spec("LeakyReLU"))))


def test_values_are_written_so_that_they_can_be_read_back() -> None:
    source = Source(lambda array: "array", lambda value: None)
    values = [
        1,
        1.5,
        True,
        None,
        "a'b",
        (1,),
        (),
        [2, (3, 4)],
        {"a": -0.5},
        slice(1, None, 2),
        np.float32(0.1),
        np.dtype("f4"),
    ]
    for value in values:
        found = eval(source.expression(value), {"np": np})  # noqa: S307
        assert found == value
        assert type(found) is type(value)
    assert np.isnan(eval(source.expression(float("nan")), {}))  # noqa: S307
    assert source.expression(np.add.reduce) == "np.add.reduce"
    with pytest.raises(NotSupportedError, match="object cannot be written"):
        source.expression(object())


def test_a_name_that_means_two_things_is_refused() -> None:
    source = Source(lambda array: "array", lambda value: None)

    def outer(values: list[Any]) -> list[Any]:
        return [np + 1 for np in values] + [_twice(one) for one in values]

    assert source.expression(outer) == "outer"

    def confusing(values: list[Any]) -> Any:
        return [sorted(_twice) for _twice in values], _twice(values)

    with pytest.raises(NotSupportedError, match="confusing cannot be written"):
        source.expression(confusing)


def _twice(value: Any) -> Any:
    return 2 * value

"""Exported ONNX models give in onnxruntime what nnviz gives in evaluation mode."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from nnviz import Tensor, nn, no_grad
from nnviz.data import schema_of
from nnviz.errors import ArgumentError, DataError, NotSupportedError
from nnviz.files.onnx_model import LAYERS, onnx_model
from nnviz.files.opened import Opened, open_model
from nnviz.network import PRESETS, Network, trace
from nnviz.registry import Spec
from tests.values.make_exports import random_network, trained

RUNNABLE = [preset for preset in PRESETS if preset.name not in ("Broken", "Empty")]


def check(opened: Opened) -> None:
    """The same outputs, to 1e-5, for batches of several sizes."""
    onnx = pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    data = onnx_model(opened)
    assert onnx_model(opened) == data
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    session = runtime.InferenceSession(data, providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_inputs()] == ["input"]
    assert [one.name for one in session.get_outputs()] == ["output"]
    sample = schema_of(opened.network.settings.data).sample_shape
    assert session.get_inputs()[0].shape == ["batch", *sample]
    model = opened.module().eval()
    # Without running averages, a batch of one has no variance.
    alone = all(getattr(layer, "track_running_stats", True) for layer in model)
    for count in (1 if alone else 2, 3, 17):
        x = np.random.default_rng(count).standard_normal((count, *sample)).astype(np.float32)
        with no_grad():
            ours = model(Tensor(x)).array
        (theirs,) = session.run(["output"], {"input": x})
        np.testing.assert_allclose(theirs, ours, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("preset", RUNNABLE, ids=lambda preset: preset.name)
def test_every_preset(preset: Any) -> None:
    check(trained(preset.make()))


@pytest.mark.parametrize("seed", range(20))
def test_random_networks(seed: int) -> None:
    check(trained(random_network(seed)))


def spirals(*layers: Spec) -> Opened:
    """Such layers between two Linear, on the spirals, after a few steps."""
    network = Network((), open_model("spiral 2-2").network.settings)
    for at, spec in enumerate((nn.usual.linear(2, 6), *layers, nn.usual.linear(6, 2))):
        network = network.insert(at, nn.layers.check(spec))
    assert trace(network).diagnostic is None
    return trained(network)


@pytest.mark.parametrize(
    "spec",
    [
        *(Spec(entry.name) for entry in nn.layers if entry.category == "activation"),
        Spec("Identity"), Spec("Dropout"), Spec("Flatten"), Spec.of("Add", row=1), Spec.of("PReLU", num_parameters=6),
        Spec.of("GELU", approximate="tanh"), Spec.of("Softplus", beta=2.0, threshold=0.5), Spec.of("Hardtanh", min_val=-0.2),
        Spec.of("Softmax", dim=0), Spec.of("LogSoftmax", dim=-1), Spec.of("LayerNorm", normalized_shape=6),
        Spec.of("LayerNorm", normalized_shape=6, elementwise_affine=False),
        Spec.of("LayerNorm", normalized_shape=6, bias=False), Spec.of("BatchNorm1d", num_features=6),
        Spec.of("BatchNorm1d", num_features=6, affine=False),
        Spec.of("BatchNorm1d", num_features=6, track_running_stats=False), Spec.of("Linear", in_features=6, out_features=6, bias=False),
    ],
    ids=str,
)  # fmt: skip
def test_layers_on_vectors(spec: Spec) -> None:
    check(spirals(spec))


@pytest.mark.parametrize(
    "spec",
    [
        Spec.of("AvgPool2d", kernel_size=3, stride=2, padding=1), Spec.of("MaxPool2d", kernel_size=3, stride=2, padding=1),
        Spec.of("Conv2d", in_channels=1, out_channels=2, stride=2, padding=2, bias=False),
        Spec.of("BatchNorm2d", num_features=1), Spec.of("PReLU", num_parameters=1), Spec("Softmax"),
        Spec.of("Linear", in_features=8, out_features=4), Spec.of("Linear", in_features=8, out_features=4, bias=False),
        Spec.of("LayerNorm", normalized_shape=8), Spec.of("Flatten", start_dim=2), Spec.of("Flatten", start_dim=1, end_dim=2),
        Spec.of("Concat", row=0, dim=2),
    ],
    ids=str,
)  # fmt: skip
def test_layers_on_images(spec: Spec) -> None:
    base = open_model("digits 64-10").network
    network = Network((nn.layers.check(spec), nn.layers.check(nn.usual.flatten())), base.settings)
    output = trace(network).rows[-1].output
    assert output is not None
    check(trained(network.insert(2, nn.usual.linear(output[1], 10))))


def test_every_layer_is_written_or_refused_by_name() -> None:
    assert {entry.factory for entry in nn.layers} - LAYERS.keys() == {nn.Add, nn.Concat, nn.Embedding}


def test_what_has_no_counterpart_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnx")
    monkeypatch.delitem(LAYERS, nn.Mish)
    with pytest.raises(NotSupportedError, match="layer 2, Mish, cannot be written in ONNX"):
        onnx_model(spirals(Spec("Mish")))


def test_a_network_with_an_error_is_not_exported() -> None:
    pytest.importorskip("onnx")
    broken = next(preset for preset in PRESETS if preset.name == "Broken").make()
    with pytest.raises(DataError, match="mat1 and mat2 shapes cannot be multiplied"):
        onnx_model(Opened(broken))


def test_without_the_package_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ArgumentError, match="needs the package onnx") as caught:
        onnx_model(open_model("spiral 2-2"))
    assert caught.value.hint == "pip install 'nnviz-tui[onnx]'"

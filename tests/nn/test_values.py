"""Every layer, loss, optimizer, schedule and initializer against PyTorch's numbers (tests/values/make_layers.py)."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnviz import nn, optim
from nnviz.autograd import Tensor, tensor
from nnviz.optim.lr_scheduler import schedules

VALUES: dict[str, Any] = json.loads((Path(__file__).parents[1] / "values" / "layers.json").read_text())
PRECISION = [pytest.param(np.float64, 1e-10, id="float64"), pytest.param(np.float32, 1e-5, id="float32")]


def cases(kind: str) -> pytest.MarkDecorator:
    found = VALUES[kind]
    return pytest.mark.parametrize("case", found, ids=[f"{case['name']}-{i}" for i, case in enumerate(found)])


def plain(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in arguments.items()}


def close(found: np.ndarray, wanted: Any, tolerance: float) -> None:
    np.testing.assert_allclose(found, np.asarray(wanted), rtol=tolerance, atol=tolerance)


@cases("layers")
@pytest.mark.parametrize(("dtype", "tolerance"), PRECISION)
def test_layer(case: dict[str, Any], dtype: type, tolerance: float) -> None:
    layer = getattr(nn, case["name"])(**plain(case["arguments"]))
    layer = layer.double() if dtype is np.float64 else layer
    assert list(layer.state_dict()) == list(case["start"])
    layer.load_state_dict({key: np.asarray(value) for key, value in case["start"].items()})
    x = Tensor(np.array(case["x"], dtype), requires_grad=True)
    # One operation at least, so that an Identity has a gradient as well.
    out = layer(x * 1.0)
    assert out.dtype == dtype
    close(out.array, case["out"], tolerance)
    out.backward(Tensor(np.array(case["seed"], dtype)))
    assert x.grad is not None
    # Sums of a few dozen products of size 1 round to some 1e-6 of their largest in float32.
    close(x.grad.array, case["x_grad"], 4 * tolerance)
    for key, parameter in layer.named_parameters():
        assert parameter.grad is not None
        close(parameter.grad.array, case["grads"][key], 4 * tolerance)
    for key, kept in layer.state_dict().items():
        close(kept.array, case["end"][key], tolerance)
    close(layer.eval()(x).array, case["eval"], tolerance)


def test_every_layer_that_pytorch_has_is_compared() -> None:
    compared = {case["name"] for case in VALUES["layers"]}
    # Dropout is random, Embedding takes whole numbers, and the joins are ours: they have tests of their own.
    assert {entry.name for entry in nn.layers} - compared == {"Dropout", "Embedding", "Add", "Concat"}
    assert {entry.name for entry in nn.losses} == {case["name"] for case in VALUES["losses"]}


@cases("losses")
@pytest.mark.parametrize(("dtype", "tolerance"), PRECISION)
def test_loss(case: dict[str, Any], dtype: type, tolerance: float) -> None:
    x = Tensor(np.array(case["x"], dtype), requires_grad=True)
    target = Tensor(np.array(case["target"], np.int64 if case["whole"] else dtype))
    loss = getattr(nn, case["name"])(**case["arguments"])(x, target)
    assert loss.dtype == dtype
    close(loss.array, case["loss"], tolerance)
    loss.sum().backward()
    assert x.grad is not None
    wanted = np.asarray(case["x_grad"])
    np.testing.assert_allclose(x.grad.array, wanted, rtol=tolerance, atol=tolerance)


@cases("optimizers")
def test_fifty_steps(case: dict[str, Any]) -> None:
    model = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 2)).double()
    model.load_state_dict({key: np.asarray(value) for key, value in case["start"].items()})
    optimizer = getattr(optim, case["name"])(model.parameters(), **plain(case["arguments"]))
    x, y = Tensor(np.array(case["x"])), Tensor(np.array(case["y"]))
    losses = []
    for _ in range(50):
        optimizer.zero_grad()
        loss = nn.MSELoss()(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    np.testing.assert_allclose(losses, case["losses"], rtol=1e-10)
    for key, value in model.state_dict().items():
        close(value.array, case["end"][key], 1e-10)


@cases("schedules")
def test_schedule(case: dict[str, Any]) -> None:
    optimizer = optim.SGD([nn.Parameter(np.zeros(1, np.float32))], lr=0.3)
    schedule = schedules[case["name"]].factory(optimizer, **case["arguments"])
    rates = [optimizer.lr]
    watched = [1.0, 0.9, 0.95, 0.9, 0.9, 0.91, 0.9, 0.5, 0.5, 0.5, 0.49, 0.6, 0.7, 0.7, 0.7, 0.7, 0.2, 0.2, 0.2, 0.2]
    for number in watched:
        schedule.step(*([number] if case["name"] == "ReduceLROnPlateau" else []))
        rates.append(optimizer.lr)
        assert schedule.get_last_lr() == [optimizer.lr]
    np.testing.assert_allclose(rates, case["rates"], rtol=1e-12)


def alike(array: np.ndarray, wanted: dict[str, float]) -> None:
    """Both are samples of one distribution: mean and spread differ by 5 standard errors at most."""
    # The error of a mean is std / √n, that of a std at most std / √(2n); the difference of two has √2 times that.
    error = math.sqrt(2 / array.size)
    assert abs(array.mean() - wanted["mean"]) <= 5 * error * wanted["std"]
    assert array.std() == pytest.approx(wanted["std"], rel=5 * error / math.sqrt(2))
    # The ends of a uniform distribution are sharp; those of a normal one are not, and lie at 3 to 6 of its std.
    span = 0.05 if wanted["high"] - wanted["mean"] < 2 * wanted["std"] else 0.4
    assert array.max() == pytest.approx(wanted["high"], rel=span)
    assert array.min() == pytest.approx(wanted["low"], rel=span)


@cases("initializers")
def test_initializer(case: dict[str, Any]) -> None:
    weight = Tensor(np.full((300, 400), 9, np.float32))
    getattr(nn.init, case["name"])(weight, **case["arguments"], generator=np.random.default_rng(0))
    alike(weight.array, case)


@cases("statistics")
def test_default_initialization(case: dict[str, Any]) -> None:
    layer = getattr(nn, case["name"])(**case["arguments"], generator=np.random.default_rng(0))
    for key, parameter in layer.named_parameters():
        alike(parameter.array, case["of"][key])


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 2, 2, 1)])
def test_orthogonal_is_orthogonal(shape: tuple[int, ...]) -> None:
    w = nn.init.orthogonal_(Tensor(np.zeros(shape)), gain=3.0, generator=np.random.default_rng(1)).array
    flat = w.reshape(shape[0], -1)
    product = flat @ flat.T if flat.shape[0] <= flat.shape[1] else flat.T @ flat
    np.testing.assert_allclose(product, 9 * np.eye(len(product)), atol=1e-12)


@pytest.mark.parametrize("norm", ["1.0", "2.0", "inf"])
def test_clipping_gradients(norm: str) -> None:
    wanted = VALUES["clip_grad_norm"][norm]
    p, q = nn.Parameter(np.zeros(3)), nn.Parameter(np.zeros((2, 2)))
    p.grad, q.grad = tensor(np.array([3.0, -4.0, 1.0])), tensor(np.array([[1.0, 2.0], [-6.0, 0.5]]))
    total = nn.utils.clip_grad_norm_([p, q], 2.0, float(norm))
    assert total.item() == pytest.approx(wanted["total"], rel=1e-12)
    close(p.grad.array, wanted["p"], 1e-12)
    close(q.grad.array, wanted["q"], 1e-12)

"""Outputs, losses, gradients and trajectories against numbers that PyTorch computed (tests/values/make_values.py)."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnviz import nn, optim
from nnviz.autograd import Tensor

CASES: dict[str, Any] = json.loads((Path(__file__).parents[1] / "values" / "pytorch.json").read_text())["cases"]
PRECISION = [pytest.param(np.float64, 1e-10, id="float64"), pytest.param(np.float32, 1e-5, id="float32")]


def build(case: dict[str, Any], dtype: type) -> tuple[nn.Sequential, nn.Module, Tensor, Tensor]:
    layers: list[nn.Module] = []
    widths = case["widths"]
    for i, (n, m) in enumerate(pairwise(widths)):
        layers.append(nn.Linear(n, m))
        if i < len(widths) - 2:
            layers.append(nn.LeakyReLU(0.2) if case["activation"] == "LeakyReLU" else getattr(nn, case["activation"])())
    model = nn.Sequential(*layers, *([nn.Softmax()] if case["softmax"] else []))
    for name, parameter in model.named_parameters():
        parameter.array = np.array(case["start"][name], dtype)
    y = np.array(case["y"])
    target = Tensor(y if y.dtype.kind == "i" else y.astype(dtype))
    return model, getattr(nn, case["loss_name"])(), Tensor(np.array(case["x"], dtype)), target


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISION)
@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients(name: str, dtype: type, tolerance: float) -> None:
    case = CASES[name]
    model, loss_fn, x, y = build(case, dtype)
    out = model(x)
    loss = loss_fn(out, y)
    loss.backward()
    assert out.dtype == loss.dtype == dtype
    np.testing.assert_allclose(out.array, case["out"], rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(loss.array, case["loss"], rtol=tolerance)
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None
        assert parameter.grad.dtype == dtype
        np.testing.assert_allclose(parameter.grad.array, case["gradients"][key], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("run", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("name", CASES)
def test_fifty_steps(name: str, run: str) -> None:
    case = CASES[name]
    wanted = case["trajectories"][run]
    model, loss_fn, x, y = build(case, np.float64)
    optimizer = getattr(optim, wanted["optimizer"])(model.parameters(), **wanted["arguments"])
    losses = []
    for _ in range(50):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    np.testing.assert_allclose(losses, wanted["losses"], rtol=1e-10)
    for key, parameter in model.named_parameters():
        np.testing.assert_allclose(parameter.array, wanted["end"][key], rtol=1e-10, atol=1e-10)

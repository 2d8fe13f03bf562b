"""Calls of layers, losses and functions beside PyTorch's own answers: numbers, gradients, types, exceptions, order.

What PyTorch says was stored by tests/values/make_calls.py; the calls are run as they stand there.
"""

from __future__ import annotations

import builtins
import inspect
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nnviz
import nnviz.nn.functional as F
from nnviz import nn
from nnviz.autograd import Tensor
from nnviz.errors import NnvizError
from tests.values.inputs import given

STORED: dict[str, Any] = json.loads((Path(__file__).parents[1] / "values" / "calls.json").read_text())
TOLERANCE = {"float64": 1e-11, "float32": 2e-6, "int64": 0.0}


def cases(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", STORED[kind], ids=[case["call"] for case in STORED[kind]])


def names() -> dict[str, Any]:
    return given(lambda array, wants: Tensor(array.copy(), requires_grad=wants))


def run(call: str, found: dict[str, Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return eval(call, {"torch": nnviz, "nn": nn, "F": F} | found)  # noqa: S307 (the calls that are stored beside this file)


@cases("values")
def test_numbers_types_and_gradients(case: dict[str, Any]) -> None:
    found = names()
    out = run(case["call"], found)
    if "plain" in case:
        assert (list(out) if isinstance(out, tuple) else out) == case["plain"]
        return
    assert out.dtype.name == case["type"]
    assert list(out.shape) == case["shape"]
    # Where float32 comes in, its digits are all there are.
    tolerance = TOLERANCE["float32" if "32" in case["call"] else case["type"]]
    np.testing.assert_allclose(out.array.ravel(), case["out"], rtol=tolerance, atol=tolerance)
    if "grads" not in case:
        return
    out.backward(Tensor(np.cos(np.arange(out.array.size)).reshape(out.shape).astype(out.dtype)))
    reached = {name: t.grad for name, t in found.items() if t.requires_grad and t.grad is not None}
    assert set(reached) == set(case["grads"])
    for name, gradient in reached.items():
        loose = max(tolerance, TOLERANCE[gradient.dtype.name]) * 4
        np.testing.assert_allclose(gradient.array.ravel(), case["grads"][name], rtol=loose, atol=loose, err_msg=name)


@cases("refusals")
def test_refused_by_the_same_built_in(case: dict[str, Any]) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 (which one is asked below)
        run(case["call"], names())
    kind = getattr(builtins, case["raises"])
    assert isinstance(caught.value, kind), f"{type(caught.value).__mro__} {caught.value}"
    if isinstance(caught.value, NnvizError):
        assert caught.value.message


@pytest.mark.parametrize("name", STORED["signatures"])
def test_arguments_stand_in_pytorchs_order(name: str) -> None:
    home, short = name.split(".")
    ours = inspect.signature(getattr(nn if home == "nn" else F, short)).parameters.values()
    positional = [p.name for p in ours if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    theirs = [one for one, by_position in STORED["signatures"][name] if by_position]
    assert positional == theirs[: len(positional)]
    assert len(positional) >= 1 or not theirs

"""Functions of tensors against PyTorch: values, types, shapes, gradients, and what is refused."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nnviz
from nnviz.autograd import Tensor
from nnviz.errors import NnvizError
from tests.values.function_cases import CASES, ERRORS, Inputs

STORED: dict[str, Any] = json.loads((Path(__file__).parents[1] / "values" / "functions.json").read_text())


def compare(found: Any, wanted: Any) -> None:
    """A result beside PyTorch's, part by part."""
    if isinstance(found, Tensor):
        assert found.dtype.name == wanted["dtype"]
        assert list(found.shape) == wanted["shape"]
        exact = 1e-13 if wanted["dtype"] == "float64" else 2e-7
        values = np.array(wanted["values"], found.dtype)
        np.testing.assert_allclose(found.array, values.reshape(found.shape), rtol=exact, atol=1e-15)
    elif isinstance(found, tuple | list):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            compare(one, other)
    else:
        assert found == wanted


def weights(count: int) -> Tensor:
    """What the elements of a result are multiplied by before they are summed."""
    return 0.5 + nnviz.arange(count, dtype=nnviz.float64) / 7


def gradients(found: Any, inputs: Inputs) -> dict[str, Any]:
    """The gradients of all inputs that one number made of all results has."""
    parts = [part for part in (found if isinstance(found, tuple | list) else [found]) if isinstance(part, Tensor)]
    moving = [part for part in parts if part.requires_grad]
    if moving:
        sums = [(part.double() * weights(part.numel()).reshape(part.shape)).sum() for part in moving]
        nnviz.stack(sums).sum().backward()
    return {name: it.grad.array for name, it in inputs.tensors.items() if it.grad is not None}


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients_are_pytorchs(name: str) -> None:
    inputs, stored = Inputs(nnviz), STORED["cases"][name]
    found = CASES[name](nnviz, inputs)
    compare(found, stored["result"])
    got = gradients(found, inputs)
    assert got.keys() == stored["gradients"].keys()
    for letter, gradient in got.items():
        np.testing.assert_allclose(
            gradient,
            np.array(stored["gradients"][letter]).reshape(gradient.shape),
            rtol=1e-6 if "float32" in str(stored) else 1e-12,
            atol=1e-13,
        )


@pytest.mark.parametrize("name", ERRORS)
def test_what_pytorch_refuses_is_refused_with_its_built_in(name: str) -> None:
    kind = getattr(builtins, STORED["errors"][name]["kind"])
    with pytest.raises(NnvizError) as caught:
        ERRORS[name](nnviz, Inputs(nnviz))
    assert isinstance(caught.value, kind), f"{type(caught.value).__mro__[2]}: {caught.value}"
    assert caught.value.message

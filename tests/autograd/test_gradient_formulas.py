"""The gradient's formula of every operation: written for each input, and true where it is a formula that can be read."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nnviz.autograd import operations
from nnviz.autograd.expression import evaluate
from nnviz.autograd.formula import _GREEK
from nnviz.autograd.operation import Array, Operation, unbroadcast
from nnviz.autograd.ops.activation import SELU_ALPHA, SELU_SCALE, sigmoid_of
from nnviz.autograd.ops.gaussian import gelu_of, gelu_slope
from nnviz.autograd.ops.reduce import axes_of, opened
from nnviz.autograd.sample_inputs import Sample
from nnviz.errors import ArgumentError
from nnviz.views.element import letter_of

IN_WORDS = {
    "einsum", "einsum_one", "nll", "linear", "conv2d", "max_pool2d", "avg_pool2d", "permute", "reshape", "expand", "cat",
    "stack", "embedding", "to", "index", "take", "put", "copy_slices", "max", "min", "pad", "gather", "index_select",
    "scatter", "clip_at", "flip", "roll", "repeat", "tril", "triu", "diagonal", "diagonal_matrix", "prod", "cumsum",
    "cumprod", "amax", "amin", "scatter_add",
}  # fmt: skip
"""Operations with a gradient that is said in words: which elements go where."""


def normal(z: Array) -> Array:
    """The distribution function Φ, by what GELU is made of it: z · Φ(z)."""
    safe = np.where(z == 0, 1, z)
    return np.where(z == 0, 0.5, gelu_of(safe) / safe)


def values_of(operation: Operation, sample: Sample, g: Array, out: Array) -> dict[str, Any]:
    """What the names in a formula stand for at a sample."""
    given, first = dict(sample.attributes), sample.arrays[0]
    found: dict[str, Any] = {letter_of(operation, n): array for n, array in enumerate(sample.arrays)}
    found |= {_GREEK.get(name, name): value for name, value in given.items()}
    found |= {"upstream": g, "out": out, "σ": sigmoid_of, "floor": np.floor, "trunc": np.trunc, "Φ": normal}
    found["φ"] = lambda z: np.where(
        z == 0, 1 / math.sqrt(2 * math.pi), (gelu_slope(z) - normal(z)) / np.where(z == 0, 1, z)
    )
    found["Σ"] = np.sum
    if "keepdim" in given:
        axes = axes_of(given["dim"], first.ndim)
        found["upstream"], found["out"] = (opened(a, first.shape, given["dim"], given["keepdim"]) for a in (g, out))
        found |= {"n": math.prod(first.shape[axis] for axis in axes), "mean": first.mean(axis=axes, keepdims=True)}
    elif "dim" in given and first.ndim:
        found["Σ"] = lambda a: a.sum(axis=given["dim"], keepdims=True)
    if operation.name == "normalize":
        found |= {
            "mean": lambda a: a.mean(axis=given["dims"], keepdims=True),
            "variance": first.var(axis=given["dims"], keepdims=True),
            "ε": given["eps"],
        }
    if operation.name == "clamp":
        found |= {name: sign * np.inf for name, sign in (("low", -1), ("high", 1)) if given[name] is None}
    if operation.name == "selu":
        found |= {"λ": SELU_SCALE, "α": SELU_ALPHA}
    if operation.name == "prelu":
        weight = sample.arrays[1]
        found["a"] = weight.reshape((1, -1) + (1,) * (first.ndim - 2)) if first.ndim > 1 else weight
        summed = tuple(i for i in range(first.ndim) if i != 1) if weight.size > 1 else None
        found["Σ"] = lambda a: a.sum(axis=summed).reshape(weight.shape)
    if operation.name == "dropout":
        found |= {"mask": given["mask"].kept > 0, "p": given["mask"].p}
    if operation.name == "cross_entropy":
        found |= {
            "n": len(first),
            "softmax": lambda z: operations["softmax"].forward(z, dim=1),
            "one_hot": lambda y: np.eye(first.shape[1])[y],
        }
    return found


def usable(operation: Operation, sample: Sample, out: Array) -> bool:
    """Whether the formula is meant for such a sample: without elements, or where it has a kink, others hold."""
    if any(array.size == 0 for array in sample.arrays) or np.abs(sample.arrays[0]).max(initial=0) > 50:
        return False
    if operation.name == "linear":
        return out.ndim == 2
    if operation.name == "matmul":
        return all(array.ndim > 1 for array in sample.arrays)
    if operation.name == "transpose":
        ndim = out.ndim
        return ndim > 1 and {sample.attributes["dim0"] % ndim, sample.attributes["dim1"] % ndim} == {ndim - 2, ndim - 1}
    if operation.name == "dropout":
        return sample.attributes["mask"].p < 1
    if operation.name == "norm":
        return 0 < sample.attributes["p"] < math.inf and bool(np.all(sample.arrays[0]) and np.all(out))
    if operation.name in ("var", "std"):
        values = values_of(operation, sample, out, out)
        return values["n"] > sample.attributes["correction"] and bool(np.all(out))
    return True


@pytest.mark.parametrize("name", operations)
def test_the_gradient_of_every_input_is_written_and_is_what_the_rule_gives(name: str) -> None:
    operation = operations[name]
    drawn, compared, words = np.random.default_rng(8), 0, False
    for sample in operation.samples():
        out = np.asarray(operation.forward(*sample.arrays, **sample.attributes))
        g = drawn.normal(size=out.shape)
        for slot, rule in enumerate(operation.rules(len(sample.arrays))):
            formula = operation.gradient_formula(slot)
            assert bool(formula) == (rule is not None), (slot, formula)
            if rule is None or not usable(operation, sample, out):
                continue
            shape = sample.arrays[slot].shape
            try:
                found = evaluate(formula, values_of(operation, sample, g, out))
            except ArgumentError:
                words = True
                continue
            given = unbroadcast(rule(g, out, *sample.arrays, **sample.attributes), shape)
            found = np.broadcast_to(found, np.broadcast_shapes(np.shape(found), shape))
            np.testing.assert_allclose(unbroadcast(found, shape), given, rtol=1e-9, atol=1e-12, err_msg=formula)
            compared += 1
    assert words == (name in IN_WORDS)
    assert compared >= 10 or words


def test_a_gradient_that_is_written_wrong_is_found() -> None:
    """The comparison can fail: of two that look alike, one is right."""
    z, g = np.array([0.3, -1.2]), np.array([1.0, 2.0])
    out = np.tanh(z)
    right = operations["tanh"].rules(1)[0](g, out, z)  # type: ignore[misc]
    assert np.allclose(evaluate(operations["tanh"].gradient_formula(0), {"upstream": g, "out": out}), right)
    assert not np.allclose(evaluate("upstream · (1 − out)²", {"upstream": g, "out": out}), right)

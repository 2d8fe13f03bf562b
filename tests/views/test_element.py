"""What an element is made of, and where its gradient comes from: every operation at every one of its samples."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from nnviz.autograd import Operation, operations
from nnviz.autograd.operation import Shape
from nnviz.autograd.ops.dropout import Mask
from nnviz.autograd.sample_inputs import Sample
from nnviz.views.element import Application, chain_of, made_of, reads


def applied(operation: Operation, sample: Sample) -> Application:
    with np.errstate(all="ignore"):
        arrays = tuple(np.array(array) for array in sample.arrays)
        out = operation.forward(*arrays, **sample.attributes)
    return Application(operation, arrays, np.asarray(out), sample.attributes)


def ordinary(operation: Operation) -> list[Sample]:
    """Samples without extreme numbers, at which a sum of products keeps its digits."""
    return [s for s in operation.samples() if all(not a.size or np.abs(a).max() < 50 for a in s.arrays)]


def some(shape: Shape, seed: int) -> list[Shape]:
    places = list(np.ndindex(shape))
    if len(places) <= 4:
        return places
    return [places[i] for i in np.random.default_rng(seed).choice(len(places), 4, replace=False)]


@pytest.mark.parametrize("operation", operations.values(), ids=lambda operation: operation.name)
def test_the_products_of_the_chain_rule_sum_to_the_gradient(operation: Operation) -> None:
    checked = 0
    for seed, sample in enumerate(ordinary(operation)):
        one = applied(operation, sample)
        g = np.random.default_rng(seed).normal(size=one.out.shape)
        for position, array in enumerate(one.inputs):
            gradient = one.gradient(position, g)
            if gradient is None:
                continue
            for index in some(array.shape, seed):
                chain = chain_of(one, position, index, g)
                terms = chain.terms(chain.count)
                total = sum(term.product for term in terms)
                assert len(terms) == chain.count == len(chain.places)
                assert total == pytest.approx(float(gradient[index]), rel=1e-9, abs=1e-9), (position, index, sample)
                checked += 1
    assert checked > 20


@pytest.mark.parametrize("operation", operations.values(), ids=lambda operation: operation.name)
def test_an_element_is_made_of_what_it_says_it_reads_and_of_nothing_else(operation: Operation) -> None:
    checked = 0
    for seed, sample in enumerate(ordinary(operation)):
        one = applied(operation, sample)
        if operation.name == "dropout":
            continue
        for index in some(one.out.shape, seed):
            read = reads(one, index)
            moved = [np.array(array * 0.99) if array.dtype.kind == "f" else array for array in one.inputs]
            for array, kept, places in zip(moved, one.inputs, read, strict=True):
                for place in places if array.dtype.kind == "f" else ():
                    array[place] = kept[place]
            with np.errstate(all="ignore"):
                again = operation.forward(*moved, **sample.attributes)
            assert again[index] == pytest.approx(one.out[index], rel=1e-12, abs=1e-12), (index, sample)
            checked += 1
    assert checked > 20 or operation.name == "dropout"


PYTHON = [("·", "*"), ("−", "-"), ("√", "sqrt"), ("²", "**2"), ("e^", "E**"), ("^", "**"), ("ln", "log")]
"""What turns a written formula into one that Python works out."""


def worked_out(text: str) -> float | None:
    """The value of a written formula; None where it holds words, or leaves numbers out."""
    for sign, word in PYTHON:
        text = text.replace(sign, word)
    text = re.sub(r"\|([^|]+)\|", r"abs(\1)", text)
    text = re.sub(r"\b(log|sin|cos|sqrt) ?(\(?-?[\d.e+-]+\)?)", r"\1(\2)", text)
    if "…" in text or re.search(r"\b(for|where|no|by|mean|or|i)\b|ᵢ|Φ|λ", text):
        return None
    names = {"E": math.e, "log": math.log, "sin": math.sin, "cos": math.cos, "sqrt": math.sqrt, "tanh": math.tanh}
    return float(
        eval(  # noqa: S307 (a formula of our own)
            text,
            {"__builtins__": {}},
            names | {"abs": abs, "max": lambda *a: max(a), "min": lambda *a: min(a), "π": math.pi},
        )
    )


WORDS = {"where", "clamp", "leaky_relu", "hardtanh", "prelu", "elu", "selu", "gelu", "huber", "hinge", "dropout",
         "linear", "cross_entropy", "index", "reshape", "transpose", "permute", "expand", "cat", "stack", "embedding",
         "gelu_tanh", "std", "var", "to", "exp2", "log2", "log10", "tan", "asin", "acos", "atan", "sinh",
         "cosh", "floor", "ceil", "trunc", "sign", "round", "clip_at", "floor_divide", "trunc_divide", "remainder", "fmod", "gather",
         "index_select", "scatter", "scatter_add", "flip", "roll", "repeat", "tril", "triu", "diagonal", "diagonal_matrix",
         "einsum", "einsum_one", "norm", "take", "put", "copy_slices", "overwrite"}  # fmt: skip
"""Written in words, or without numbers of their own."""


@pytest.mark.parametrize("operation", operations.values(), ids=lambda operation: operation.name)
def test_what_is_written_gives_what_was_computed(operation: Operation) -> None:
    worked = 0
    for seed, sample in enumerate(ordinary(operation)):
        one = applied(operation, sample)
        for index in some(one.out.shape, seed):
            text = made_of(one, index)
            assert text
            value = worked_out(text) if operation.name not in WORDS else None
            if value is not None:
                # Four digits are written of each number.
                scale = max([1.0, *(float(np.abs(a).max()) for a in one.inputs if a.size)])
                assert value == pytest.approx(float(one.out[index]), rel=2e-2, abs=2e-2 * scale), text
                worked += 1
    assert worked > 20 or operation.name in WORDS


def test_dropout_says_how_the_coin_fell() -> None:
    operation, a = operations["dropout"], np.arange(1.0, 101.0)
    mask = Mask(0.75, np.random.default_rng(3))
    one = Application(operation, (a,), operation.forward(a, mask=mask), {"mask": mask})
    for at in range(100):
        assert made_of(one, (at,)) == (f"{at + 1} · 1 / (1 − 0.75), kept" if one.out[at] else f"{at + 1} · 0, dropped")
    assert 0 < np.count_nonzero(one.out) < 100


def test_of_very_many_results_all_are_counted() -> None:
    operation = operations["add"]
    x, bias = np.zeros((64, 8, 16, 16)), np.zeros((8, 1, 1))
    one = Application(operation, (x, bias), x + bias, {})
    chain = chain_of(one, 1, (3, 0, 0), np.ones(x.shape))
    assert chain.count == 64 * 16 * 16
    assert [term.product for term in chain.terms(5)] == [1.0] * 5

"""Stacking: many calls as one where numpy can compute them at once, and one after the other where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from nnviz.autograd import ops
from nnviz.autograd.kernel import Call, ones
from nnviz.plan.forward import result_into
from nnviz.plan.stacking import Stack, stack_calls, whole_of

COUNT = 3
DRAWN = np.random.default_rng(0)


def parts(*shape: int) -> list[np.ndarray]:
    """An array of each model, all parts of one."""
    whole = DRAWN.normal(size=(COUNT, *shape))
    return [whole[at, ...] for at in range(COUNT)]


def places(*shape: int) -> list[np.ndarray]:
    whole = DRAWN.integers(0, 6, (COUNT, *shape))
    return [whole[at, ...] for at in range(COUNT)]


A, B, OUT, ROW, COLUMN, ONE = parts(2, 3), parts(2, 3), parts(2, 3), parts(3), parts(2, 1), parts()
LEFT, RIGHT, PRODUCT = parts(2, 4), parts(4, 3), parts(2, 3)
AT, TAKEN, VECTOR, TURNED = places(5), parts(5), parts(3), parts(3, 2)

CASES: dict[str, tuple[Callable[[int], Call], list[np.ndarray]]] = {
    "a sum": (lambda n: partial(np.add, A[n], B[n], OUT[n]), OUT),
    "a row for all samples": (lambda n: partial(np.add, A[n], ROW[n], OUT[n]), OUT),
    "a number for all": (lambda n: partial(np.multiply, A[n], ONE[n], OUT[n]), OUT),
    "a number of all models": (lambda n: partial(np.maximum, A[n], np.float64(0.1), out=OUT[n]), OUT),
    "a constant": (lambda n: partial(np.subtract, ones((2, 3), A[n].dtype), A[n], OUT[n]), OUT),
    "in place": (lambda n: partial(np.exp, OUT[n], OUT[n]), OUT),
    "transposed": (lambda n: partial(np.add, A[n].T, B[n].T, OUT[n].T), OUT),
    "a copy": (lambda n: partial(np.copyto, OUT[n], ROW[n]), OUT),
    "filled": (lambda n: partial(OUT[n].fill, 2.5), OUT),
    "a product": (lambda n: partial(LEFT[n].dot, RIGHT[n], PRODUCT[n]), PRODUCT),
    "a product of transposed": (lambda n: partial(RIGHT[n].T.dot, LEFT[n].T, TURNED[n]), TURNED),
    "a vector of all and a matrix": (lambda n: partial(ones(2, A[n].dtype).dot, A[n], VECTOR[n]), VECTOR),
    "matmul": (lambda n: partial(np.matmul, LEFT[n], RIGHT[n], PRODUCT[n]), PRODUCT),
    "sums of rows": (lambda n: partial(np.add.reduce, A[n], 1, None, COLUMN[n], True), COLUMN),
    "sums from behind": (lambda n: partial(np.add.reduce, A[n], -2, None, VECTOR[n]), VECTOR),
    "the sum of all": (lambda n: partial(np.add.reduce, A[n], axis=None, out=ONE[n]), ONE),
    "taken": (lambda n: partial(A[n].take, AT[n], None, TAKEN[n], "clip"), TAKEN),
    "an operation without a kernel": (
        lambda n: partial(result_into, OUT[n], ops.leaky_relu.forward, [A[n]], {"slope": 0.2}), OUT,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_one_call_does_what_all_of_them_do(name: str) -> None:
    make, written = CASES[name]
    before = [array.copy() for array in written]
    for number in range(COUNT):
        make(number)()
    expected = [array.copy() for array in written]
    for array, numbers in zip(written, before, strict=True):
        array[...] = numbers
    calls = stack_calls([make(number) for number in range(COUNT)], ops.leaky_relu)
    # Places in the flat whole are found by a call of its own.
    assert len(calls) == (2 if name == "taken" else 1)
    for call in calls:
        call()
    for array, wanted in zip(written, expected, strict=True):
        assert np.allclose(array, wanted, rtol=1e-15)


ALONE: dict[str, Callable[[int], Call]] = {
    "arrays of their own": lambda n: partial(np.add, np.ones(3) * n, ROW[n], VECTOR[n]),
    "another number each": lambda n: partial(np.multiply, A[n], float(n), OUT[n]),
    "one array that all write to": lambda n: partial(np.add, ROW[n], ROW[n], VECTOR[0]),
    "a vector each and a matrix": lambda n: partial(ROW[n].dot, A[n].T, parts(2)[n]),
    "a function that is not known": lambda n: partial(sorted, [n]),
    "no partial": lambda n: lambda: OUT[n].fill(n),
    "another setting each": lambda n: partial(
        result_into, OUT[n], ops.leaky_relu.forward, [A[n]], {"slope": 0.1 * (n + 1)}
    ),
    "shapes that broadcast": lambda n: partial(result_into, OUT[n], ops.add.forward, [A[n], ROW[n]], {}),
}


@pytest.mark.parametrize("name", ALONE)
def test_other_calls_are_made_one_after_the_other(name: str) -> None:
    calls = [ALONE[name](number) for number in range(COUNT)]
    assert stack_calls(calls, ops.add) == calls


def test_arrays_at_equal_distances_are_not_taken_for_parts_of_one() -> None:
    """Their memory may be freed one by one."""
    whole = np.zeros((COUNT, 4))
    other = np.frombuffer(whole.data, whole.dtype).reshape(whole.shape)
    mixed = [whole[0], other[1], whole[2]]
    assert whole_of(mixed) is None
    assert whole_of([whole[at] for at in range(COUNT)]) is not None
    assert whole_of([whole[at] for at in (0, 2, 1)]) is None
    assert Stack([whole[0]] * COUNT).shared

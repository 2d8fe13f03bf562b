"""Which types go together: PyTorch's answers, and what cannot be asked of truth values and whole numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import nnviz
from nnviz.autograd import Tensor
from nnviz.errors import (
    DtypeError,
    NnvizError,
    NotSupportedError,
    OperandError,
    OperationError,
    ShapeError,
)

CASES: dict[str, str] = json.loads((Path(__file__).parents[1] / "values" / "types.json").read_text())["cases"]
OPERATIONS: dict[str, Callable[..., Tensor]] = {
    "cat": lambda a, b: nnviz.cat([a.reshape(-1), b.reshape(-1)]),
    "where": lambda a, b: nnviz.where(nnviz.tensor([True]), a, b),
}


def side(name: str) -> Tensor | float:
    if "/" not in name:
        return {"True": True, "2": 2, "2.5": 2.5}[name]
    dtype, ndim = name.split("/")
    return Tensor(np.ones((1,) * int(ndim), dtype))


@pytest.mark.parametrize("operation", sorted({case.split()[0] for case in CASES}))
def test_types_meet_as_in_pytorch(operation: str) -> None:
    found = {}
    for case in (case for case in CASES if case.startswith(operation + " ")):
        _, left, right = case.split()
        call = OPERATIONS.get(operation, getattr(Tensor, operation, None))
        assert call is not None
        try:
            found[case] = call(side(left), side(right)).dtype.name
        except NnvizError:
            found[case] = "refused"
    assert found == {case: answer for case, answer in CASES.items() if case.startswith(operation + " ")}


def test_masks() -> None:
    a = nnviz.tensor([-1.0, 0.5, 2.0])
    assert ((a > 0) & (a < 1)).tolist() == [False, True, False]
    assert ((a < 0) | (a > 1)).tolist() == [True, False, True]
    assert ((a < 1) ^ (a > 0)).tolist() == [True, False, True]
    assert (~(a > 0)).tolist() == [True, False, False]
    assert (a > 0).sum().item() == 2
    assert (nnviz.tensor([6]) & 3).tolist() == [2]


REFUSED: list[tuple[Callable[[], object], type[NnvizError], str]] = [
    (lambda: nnviz.ones(2) & nnviz.ones(2), NotSupportedError, "&, |, ^ and ~ are for truth values and whole numbers, got Float"),
    (lambda: -nnviz.tensor([True]), DtypeError, "Subtraction and negation, the `-` operator, with a bool tensor are not supported."),
    (lambda: nnviz.tensor([2]) ** -1, OperationError, "Integers to negative integer powers are not allowed."),
    (lambda: nnviz.tensor([2]).var(), DtypeError, "std and var only support floating point and complex dtypes. Got: Long"),
    (lambda: nnviz.where(nnviz.tensor([1]), 1.0, 2.0), DtypeError, "where expected condition to be a boolean tensor, but got a tensor with dtype Long"),
    (lambda: nnviz.tensor([1]).mul_(1.5), DtypeError, "result type Float can't be cast to the desired output type Long"),
    (lambda: nnviz.ones(2, 3).T.view(6), ShapeError, "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead."),
    (lambda: nnviz.ones(2, 2).argmax((0, 1)), OperandError, "argmax(): argument 'dim' must be int, not tuple"),
    (lambda: nnviz.tensor("a"), OperandError, "new(): invalid data type 'str'"),
    (lambda: nnviz.tensor(None), OperationError, "Could not infer dtype of NoneType"),
    (lambda: nnviz.zeros(2.5), OperandError, "zeros(): argument 'size' must be tuple of ints, not float"),
    (lambda: nnviz.arange(1, 5, 0), OperationError, "step must be nonzero"),
    (lambda: nnviz.arange(5, 1), OperationError, "upper bound and lower bound inconsistent with step sign"),
    (lambda: nnviz.eye(-1), OperationError, "n must be greater or equal to 0, got -1"),
    (lambda: nnviz.from_numpy([1.0]), OperandError, "expected np.ndarray (got list)"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "words"), REFUSED)
def test_what_a_type_cannot_do(call: Callable[[], object], kind: type[NnvizError], words: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.message == words


def test_the_type_of_what_is_given() -> None:
    assert nnviz.tensor([np.float64(2.0)]).dtype == nnviz.float64
    assert nnviz.tensor([2.0]).dtype == nnviz.float32
    assert nnviz.tensor([np.ones(2)]).dtype == nnviz.float64
    assert nnviz.tensor([1, 2]).clamp(max=1.5).tolist() == [1.0, 1.5]
    assert nnviz.tensor([1, 2]).clamp(max=1.5).dtype == nnviz.float32
    assert nnviz.where(nnviz.tensor([True]), 1, 0).dtype == nnviz.int64
    assert nnviz.tensor([True, False]).square().tolist() == [1, 0]


def test_more_than_two_dimensions() -> None:
    a = nnviz.zeros(2, 3, 4)
    assert a.T.shape == (4, 3, 2)
    assert nnviz.zeros(1, 3, 1).squeeze((0, 2)).shape == (3,)
    assert nnviz.zeros(1, 3, 1).squeeze((0, 1)).shape == (3, 1)
    assert a.argmax(keepdim=True).shape == (1, 1, 1)

"""Operations at the edges: extreme values, kinks, and what they say of shapes that do not fit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from nnviz import nn
from nnviz.autograd import Tensor, operations, ops
from nnviz.autograd.formula import substituted
from nnviz.errors import OperandError, ShapeError


def test_extreme_values_stay_finite() -> None:
    far = np.array([-1e4, 1e4])
    assert ops.sigmoid(Tensor(far)).array.tolist() == [0.0, 1.0]
    assert ops.softmax(Tensor(far), dim=0).array.tolist() == [0.0, 1.0]
    assert ops.log_softmax(Tensor(far), dim=0).array.tolist() == [-2e4, 0.0]
    assert ops.logsumexp(Tensor(far), dim=0, keepdim=False).item() == 1e4
    assert ops.softplus(Tensor(far), beta=1.0, threshold=20.0).tolist() == [0.0, 1e4]
    for logit, target, loss in ((1e4, 1.0, 0.0), (1e4, 0.0, 1e4), (-1e4, 1.0, 1e4), (-1e4, 0.0, 0.0)):
        z = Tensor(np.array([logit]), requires_grad=True)
        out = ops.bce_with_logits(z, Tensor(np.array([target])))
        assert out.item() == loss
        out.backward()
        assert z.grad is not None
        assert np.isfinite(z.grad.array).all()
        p = Tensor(ops.sigmoid(z).array.copy(), requires_grad=True)
        out = ops.bce(p, Tensor(np.array([target])))
        assert out.item() in (0.0, 100.0)
        out.backward()
        assert p.grad is not None
        assert np.isfinite(p.grad.array).all()


def test_numpy_values_at_the_edges_without_a_warning() -> None:
    zero = Tensor(np.array([0.0]))
    assert ops.log(zero).array[0] == -np.inf
    assert ops.div(Tensor(np.array([1.0])), zero).array[0] == np.inf
    assert np.isnan(ops.div(zero, zero).array[0])
    assert ops.exp(Tensor(np.array([1e4]))).array[0] == np.inf


HUGE = np.array([3e38, -3e38, 0.0, np.inf, np.nan], np.float32)


@pytest.mark.parametrize(
    "call",
    [
        lambda a: a + a, lambda a: a - (-a), lambda a: a * a, lambda a: a / a, lambda a: a**2.0, lambda a: a**-1.0,
        lambda a: a.square(), lambda a: a.exp(), lambda a: a.log(), lambda a: a.sqrt(), lambda a: a.sum() * a,
        lambda a: a @ a, lambda a: a.var(), lambda a: a.std(), lambda a: a.softmax(0), lambda a: a.log_softmax(0),
        lambda a: a.logsumexp(0), lambda a: a.sigmoid(), lambda a: a.tanh(), lambda a: a.mean() - a,
        nn.GELU(), nn.SELU(), nn.Mish(), nn.SiLU(), nn.Softplus(), nn.LayerNorm(5),
    ],
)  # fmt: skip
def test_overflow_is_a_value_and_never_a_warning(call: Callable[[Tensor], Tensor]) -> None:
    # A warning of numpy's would be an error here.
    a = Tensor(HUGE.copy(), requires_grad=True)
    call(a).sum().backward()
    assert a.grad is not None
    assert a.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("name", "attributes", "slope"),
    [
        ("relu", {}, 0.0), ("leaky_relu", {"slope": 0.2}, 0.2), ("abs", {}, 0.0), ("elu", {"alpha": 0.5}, 0.5),
        ("clamp", {"low": 0.0, "high": None}, 1.0), ("clamp", {"low": None, "high": 0.0}, 1.0), ("softsign", {}, 1.0),
        ("hardtanh", {"low": 0.0, "high": 1.0}, 0.0), ("hardtanh", {"low": -1.0, "high": 0.0}, 0.0),
    ],
)  # fmt: skip
def test_subgradient_at_the_kink(name: str, attributes: dict[str, float | None], slope: float) -> None:
    z = Tensor(np.array([0.0]), requires_grad=True)
    operations[name](z, **attributes).backward()
    assert z.grad is not None
    assert z.grad.array.tolist() == [slope]


def test_ties_share_over_the_whole_and_go_to_the_first_along_a_dimension() -> None:
    a = Tensor(np.array([[1.0, 3.0, 3.0], [3.0, 0.0, 3.0]]), requires_grad=True)
    ops.max(a, dim=None, keepdim=False).backward()
    assert a.grad is not None
    assert a.grad.tolist() == [[0, 0.25, 0.25], [0.25, 0, 0.25]]
    a.grad = None
    ops.max(a, dim=1, keepdim=False).sum().backward()
    assert a.grad is not None
    assert a.grad.tolist() == [[0, 1, 0], [1, 0, 0]]
    low = Tensor(np.full((1, 2, 2), -np.inf), requires_grad=True)
    ops.max_pool2d(low, kernel=(2, 2), stride=(2, 2), padding=(1, 1)).sum().backward()
    assert low.grad is not None
    assert low.grad.tolist() == [[[1, 1], [1, 1]]]
    image = Tensor(np.zeros((1, 1, 2, 2)), requires_grad=True)
    ops.max_pool2d(image, kernel=(2, 2), stride=(2, 2), padding=(0, 0)).backward()
    assert image.grad is not None
    assert image.grad.tolist() == [[[[1, 0], [0, 0]]]]


def test_powers_and_roots_at_zero() -> None:
    zero = Tensor(np.array([0.0]), requires_grad=True)
    assert ops.pow(zero, Tensor(np.array([0.0]))).tolist() == [1.0]
    assert ops.pow(zero, Tensor(np.array([-1.0]))).tolist() == [np.inf]
    ops.pow(zero, Tensor(np.array([0.0]))).backward()
    assert zero.grad is not None
    assert zero.grad.tolist() == [0.0]
    assert ops.sqrt(zero).tolist() == [0.0]
    same = Tensor(np.ones(3), requires_grad=True)
    ops.std(same, dim=None, keepdim=False, correction=1).backward()
    assert same.grad is not None
    assert same.grad.tolist() == [0, 0, 0]


MESSAGES: list[tuple[Callable[[], object], str]] = [
    (lambda: ops.matmul(_of(4, 10), _of(8, 5)), "mat1 and mat2 shapes cannot be multiplied (4x10 and 8x5)"),
    (lambda: ops.matmul(_of(2, 3, 10), _of(8, 5)), "mat1 and mat2 shapes cannot be multiplied (6x10 and 8x5)"),
    (lambda: ops.add(_of(2, 3), _of(2, 4)), "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1"),
    (lambda: ops.reshape(_of(2, 3), shape=(4, 2)), "shape '[4, 2]' is invalid for input of size 6"),
    (lambda: ops.nll(_of(4, 3), Tensor(np.zeros(5, int))), "Expected input batch_size (4) to match target batch_size (5)."),
]  # fmt: skip


def _of(*shape: int) -> Tensor:
    return Tensor(np.zeros(shape))


@pytest.mark.parametrize(("call", "words"), MESSAGES)
def test_messages_are_pytorchs(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ShapeError) as caught:
        call()
    assert caught.value.message == words


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: operations["relu"](3.0), r"relu\(\): argument \(position 1\) must be Tensor, not float"),
        (lambda: operations["add"](np.ones(2), Tensor(np.ones(2))), r"add\(\): argument \(position 1\) must be Tensor, not numpy.ndarray"),
        (lambda: operations["add"](Tensor(np.ones(2)), 2), r"add\(\): argument \(position 2\) must be Tensor, not int"),
        (lambda: operations["transpose"](None, dim0=0, dim1=1), r"transpose\(\): argument \(position 1\) must be Tensor, not NoneType"),
        (lambda: operations["cat"](dim=0), r"cat\(\) needs a tensor"),
    ],
)  # fmt: skip
def test_what_is_no_tensor_cannot_run_an_operation(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(OperandError, match=words):
        call()


@pytest.mark.parametrize(
    ("name", "attributes", "words"),
    [("leaky_relu", {"slope": 0.01}, "(−0.5) for (−0.5) > 0, else 0.01 · (−0.5)"), ("hardtanh", {"low": -1.0, "high": 1.0}, "min(max(−0.5, −1), 1)"), ("relu", {}, "max(0, −0.5)"), ("sigmoid", {}, "1 / (1 + e^(−(−0.5)))")],
)  # fmt: skip
def test_a_formula_with_its_numbers(name: str, attributes: dict[str, float], words: str) -> None:
    operation = operations[name]
    assert substituted(operation.formula, operation.letters, [-0.5], attributes) == words

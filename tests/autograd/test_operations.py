"""Every operation of the table: gradients against finite differences, the shape rule against the forward."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnviz.autograd import Tensor, abstract, gradcheck, operations, ops, without_data
from nnviz.autograd.operation import Operation
from nnviz.errors import GraphError, ShapeError

Case = tuple[list[np.ndarray], dict[str, object]]


def draw(*shape: int, low: float = -2.0, high: float = 2.0) -> np.ndarray:
    """Numbers that keep away from 0, where relu and its like have a kink that differences cannot see."""
    values = np.random.default_rng(abs(hash(shape)) % 2**32).uniform(0.1, 1.0, shape)
    signs = np.where(np.arange(values.size).reshape(shape) % 2, 1.0, -1.0)
    return np.asarray(np.clip(values * signs * max(abs(low), high), low, high))


SHAPES = [(), (1,), (3,), (2, 3), (1, 3), (2, 1, 2), (0,), (1, 0, 3)]
PAIRS = [
    ((), ()), ((1,), ()), ((3,), (3,)), ((2, 1), (2,)), ((2, 3), (3,)), ((1, 3, 2), (3, 2)), ((3, 1, 2), (1, 3, 2)),
    ((2, 3), (2, 3)), ((0, 1, 2), (0, 3, 2)),
]  # fmt: skip


def elementwise(low: float = -2.0, **attributes: object) -> list[Case]:
    return [([draw(*shape, low=low)], attributes) for shape in SHAPES]


def pairwise(low: float = -2.0) -> list[Case]:
    return [([draw(*a), draw(*b, low=low) + (3.0 if low > 0 else 0.0)], {}) for a, b in PAIRS]


def along() -> list[Case]:
    return [([draw(*shape)], {"dim": dim}) for shape in [(3,), (2, 3), (2, 3, 2)] for dim in (0, -1)]


CASES: dict[str, list[Case]] = {
    "add": pairwise(),
    "sub": pairwise(),
    "mul": pairwise(),
    "div": pairwise(low=0.5),
    "neg": elementwise(),
    "square": elementwise(),
    "exp": elementwise(),
    "log": elementwise(low=0.5),
    "sigmoid": elementwise(),
    "tanh": elementwise(),
    "relu": elementwise(),
    "leaky_relu": elementwise(slope=0.2),
    "matmul": [
        ([draw(*a), draw(*b)], {})
        for a, b in [
            ((2, 3), (3, 4)), ((1, 1), (1, 1)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((2, 2, 3), (3, 2)),
            ((2, 1, 2, 3), (3, 3, 1)), ((0, 3), (3, 2)), ((2, 0), (0, 3)),
        ]
    ],
    "transpose": [([draw(2, 3)], {"dim0": 0, "dim1": 1}), ([draw(2, 3, 4)], {"dim0": -1, "dim1": 0})],
    "reshape": [([draw(2, 6)], {"shape": (3, 4)}), ([draw(2, 3, 2)], {"shape": (2, -1)}), ([draw()], {"shape": (1, 1)})],
    "sum": elementwise(),
    "mean": [case for case in elementwise() if case[0][0].size],
    "softmax": along(),
    "log_softmax": along(),
    "nll": [([draw(4, 3), np.array([0, 2, 1, 1])], {}), ([draw(1, 1), np.array([0])], {}), ([draw(0, 3), np.array([], int)], {})],
}  # fmt: skip

ALL = [
    pytest.param(operations[name], case, id=f"{name}-{i}")
    for name, cases in CASES.items()
    for i, case in enumerate(cases)
]


def test_every_operation_has_cases() -> None:
    assert set(CASES) == set(operations)


@pytest.mark.parametrize(("operation", "case"), ALL)
def test_gradient(operation: Operation, case: Case) -> None:
    arrays, attributes = case
    assert gradcheck(lambda *inputs: operation(*inputs, **attributes), arrays)


@pytest.mark.parametrize(("operation", "case"), ALL)
def test_shape_rule_is_what_forward_gives(operation: Operation, case: Case) -> None:
    arrays, attributes = case
    result = operation(*[Tensor(array) for array in arrays], **attributes)
    assert operation.shape(*[array.shape for array in arrays], **attributes) == result.shape


@pytest.mark.parametrize(("operation", "case"), ALL)
def test_float32_stays_float32_and_inputs_stay_as_they_are(operation: Operation, case: Case) -> None:
    arrays = [a.astype(np.float32) if a.dtype == np.float64 else a for a in case[0]]
    before = [a.copy() for a in arrays]
    tensors = [Tensor(a, requires_grad=a.dtype == np.float32) for a in arrays]
    out = operation(*tensors, **case[1])
    assert out.dtype == np.float32
    out.backward(Tensor(np.ones_like(out.array)))
    for tensor, array in zip(tensors, before, strict=True):
        np.testing.assert_array_equal(tensor.array, array)
        if tensor.requires_grad:
            assert tensor.grad is not None
            assert tensor.grad.dtype == np.float32
            assert tensor.grad.shape == array.shape


@pytest.mark.parametrize(("operation", "case"), ALL)
def test_abstract_run_takes_no_memory_and_gives_the_same_shape(operation: Operation, case: Case) -> None:
    with abstract() as tape:
        out = operation(*[Tensor(without_data(a.shape, a.dtype)) for a in case[0]], **case[1])
    assert [node.operation for node in tape] == [operation]
    assert out.array.strides == (0,) * out.ndim
    assert out.shape == operation(*[Tensor(a) for a in case[0]], **case[1]).shape


@given(
    hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3),
    st.sampled_from(["add", "sub", "mul", "div"]),
)
@settings(deadline=None)
def test_broadcasting_gradients(shapes: hnp.BroadcastableShapes, name: str) -> None:
    a, b = (draw(*shape) for shape in shapes.input_shapes)
    assert gradcheck(operations[name], [a, b + 3.0])


@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))
@settings(deadline=None)
def test_product_of_any_size(batch: int, n: int, k: int, m: int) -> None:
    assert gradcheck(ops.matmul, [draw(batch, n, k), draw(k, m)])


@pytest.mark.parametrize("view", ["transposed", "reversed", "strided", "expanded"])
def test_inputs_that_are_views(view: str) -> None:
    base = draw(4, 4)
    seen = {
        "transposed": base.T, "reversed": base[::-1, ::-1], "strided": base[::2, ::2], "expanded": np.broadcast_to(base[:1], (4, 4))
    }[view]  # fmt: skip
    for name in ("exp", "sigmoid", "sum", "square"):
        assert gradcheck(operations[name], [seen])
    assert gradcheck(ops.matmul, [seen, seen.T])


def test_extreme_values_stay_finite() -> None:
    far = np.array([-1e4, 1e4])
    assert ops.sigmoid(Tensor(far)).array.tolist() == [0.0, 1.0]
    assert ops.softmax(Tensor(far), dim=0).array.tolist() == [0.0, 1.0]
    assert ops.log_softmax(Tensor(far), dim=0).array.tolist() == [-2e4, 0.0]


def test_numpy_values_at_the_edges_without_a_warning() -> None:
    zero = Tensor(np.array([0.0]))
    assert ops.log(zero).array[0] == -np.inf
    assert ops.div(Tensor(np.array([1.0])), zero).array[0] == np.inf
    assert np.isnan(ops.div(zero, zero).array[0])
    assert ops.exp(Tensor(np.array([1e4]))).array[0] == np.inf


@pytest.mark.parametrize(("name", "slope"), [("relu", 0.0), ("leaky_relu", 0.2)])
def test_subgradient_at_the_kink(name: str, slope: float) -> None:
    z = Tensor(np.array([0.0]), requires_grad=True)
    operations[name](z, **({"slope": slope} if slope else {})).backward()
    assert z.grad is not None
    assert z.grad.array.tolist() == [slope]


def test_the_check_catches_a_wrong_rule() -> None:
    wrong = Operation("wrong", np.square, (lambda g, out, a: g * a,), lambda shape: shape, "")
    with pytest.raises(GraphError, match=r"the gradient of input 0 is wrong: d out\[\d\]"):
        gradcheck(wrong, [draw(3)])


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

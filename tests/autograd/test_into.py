"""`out=` writes where it is told to, as PyTorch does, or refuses; and what stands beside it at the graph's ends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import nnviz
from nnviz.autograd import grad, names
from nnviz.autograd.functional import jacobian, vjp
from nnviz.autograd.into import CREATED, FOLLOWED, PRODUCTS
from nnviz.errors import DtypeError, GraphError, MissingNameError, OperandError, ShapeError

PAIRS = {
    "add", "div", "eq", "fmod", "ge", "gt", "le", "logical_and", "logical_or", "logical_xor", "lt", "maximum",
    "minimum", "mul", "ne", "pow", "remainder", "sub",
}  # fmt: skip


def arguments(name: str) -> tuple[object, ...]:
    """Two by two matrices of numbers between 0 and 1, as many as it takes; or vectors."""
    a, b = nnviz.tensor([[0.25, 0.5], [0.75, 0.9]]), nnviz.tensor([[0.5, 0.5], [0.1, 0.2]])
    if name in PAIRS or name in ("mm", "matmul"):
        return (a, b)
    if name in ("dot", "inner", "outer"):
        return (a[0], b[0])
    if name in ("bmm", "baddbmm"):
        return (a[None],) * (2 + (name == "baddbmm"))
    if name in ("mv", "addmv"):
        return (a[0], a, b[0]) if name == "addmv" else (a, b[0])
    return {"addmm": (a, a, b), "cat": ([a, b],), "stack": ([a, b],), "clamp": (a, 0.3, 0.8)}.get(name, (a,))


@pytest.mark.parametrize("name", sorted(FOLLOWED))
def test_what_would_be_returned_is_written(name: str) -> None:
    function, given = getattr(nnviz, name), arguments(name)
    wanted = function(*given)
    room = nnviz.full((2, *wanted.shape), 7.0)
    out = room[1]
    target = out if wanted.dtype.kind == "f" else nnviz.zeros(wanted.shape, dtype=wanted.dtype)
    assert function(*given, out=target) is target
    np.testing.assert_array_equal(target.array, wanted.array)
    if target is out:
        np.testing.assert_array_equal(room.array[1], wanted.array)
        assert (room.array[0] == 7).all()
    np.testing.assert_array_equal(function(*given, out=None).array, wanted.array)
    with pytest.raises(ShapeError, match="out is not resized"):
        function(*given, out=nnviz.zeros(5, 1, 5, dtype=wanted.dtype))
    with pytest.raises(OperandError, match="'out' must be Tensor, not list"):
        function(*given, out=[0.0])
    if wanted.dtype.kind == "f":
        with pytest.raises(DtypeError, match="result type Float can't be cast to the desired output type Long"):
            function(*given, out=nnviz.zeros(wanted.shape, dtype=nnviz.int64))


def test_products_write_to_their_own_type_only() -> None:
    a, wide = nnviz.ones(2, 2), nnviz.zeros(2, 2, dtype=nnviz.float64)
    assert nnviz.add(a, a, out=wide).tolist() == [[2.0, 2.0], [2.0, 2.0]]
    for name in sorted(PRODUCTS):
        given = arguments(name)
        with pytest.raises(DtypeError, match="can't be cast"):
            getattr(nnviz, name)(*given, out=getattr(nnviz, name)(*given).double())


def test_nothing_is_differentiated_through_it() -> None:
    w, a, out = nnviz.ones(2, requires_grad=True), nnviz.ones(2), nnviz.zeros(2)
    for given, target in [((w, a), out), ((a, w), out), ((a, a), w), ((a, a), w * 2)]:
        before = target.tolist()
        with pytest.raises(GraphError, match=r"add\(\): functions with out=... arguments don't support automatic"):
            nnviz.add(*given, out=target)
        assert target.tolist() == before
    with pytest.raises(GraphError, match="automatic differentiation"):
        nnviz.stack([a, w], out=nnviz.zeros(2, 2))
    with nnviz.no_grad():
        assert nnviz.add(w, a, out=out).tolist() == [2.0, 2.0]


def test_what_a_graph_has_saved_is_seen_to_change() -> None:
    w, a = nnviz.ones(2, requires_grad=True), nnviz.ones(2)
    loss = (w * a).sum()
    nnviz.add(a, a, out=a)
    with pytest.raises(GraphError, match="modified by an inplace operation"):
        loss.backward()


@pytest.mark.parametrize("name", CREATED)
def test_what_is_made_from_nothing_takes_the_type_of_out(name: str) -> None:
    given = {"arange": (3,), "full": ((3,), 2.0), "linspace": (0, 1, 3)}.get(name, (3,))
    function = getattr(names, name)
    for kind in (nnviz.float32, nnviz.float64):
        out = nnviz.full((3,), 9.0, dtype=kind)
        nnviz.manual_seed(1)
        assert function(*given, out=out) is out
        nnviz.manual_seed(1)
        np.testing.assert_array_equal(out.array, function(*given, dtype=kind, out=None).array)
    with pytest.raises(DtypeError, match=r"dtype Float does not match dtype of out parameter \(Double\)"):
        function(*given, dtype=nnviz.float32, out=nnviz.zeros(3, dtype=nnviz.float64))
    if name.startswith("rand"):
        with pytest.raises(DtypeError, match="not implemented for 'Long'"):
            function(*given, out=nnviz.zeros(3, dtype=nnviz.int64))


def test_the_first_unused_input_is_named() -> None:
    a, b = nnviz.ones(3, requires_grad=True), nnviz.ones(3, requires_grad=True)
    with pytest.raises(GraphError, match="Tensor at index 1 appears to not have been used"):
        grad((a * 2).sum(), [a, b])


def test_a_jacobian_agrees_with_differences() -> None:
    x = nnviz.tensor([[0.3, -0.7], [1.1, 0.4]], dtype=nnviz.float64)

    def f(x: nnviz.Tensor) -> nnviz.Tensor:
        return nnviz.stack([x.sin().sum(1), x.prod(1), x[:, 0].exp()])

    found = jacobian(f, x)
    assert found.shape == (3, 2, 2, 2)
    for i in np.ndindex(2, 2):
        step = nnviz.zeros(2, 2, dtype=nnviz.float64)
        step[i] = 1e-6
        np.testing.assert_allclose(found.array[:, :, *i], (f(x + step) - f(x - step)).array / 2e-6, atol=1e-9)
    v = nnviz.arange(6, dtype=nnviz.float64).reshape(3, 2)
    np.testing.assert_allclose(vjp(f, x, v)[1].array, np.tensordot(v.array, found.array, 2), atol=1e-12)


def test_what_is_refused_of_whole_derivatives() -> None:
    x = nnviz.ones(2)
    with pytest.raises(GraphError, match="double backward is not supported"):
        jacobian(lambda x: x, x, create_graph=True)
    with pytest.raises(GraphError, match="forward-mode"):
        jacobian(lambda x: x, x, strategy="forward-mode")
    with pytest.raises(GraphError, match="independent of the inputs"):
        vjp(lambda _: nnviz.ones(2), x, x, strict=True)
    with pytest.raises(GraphError, match="at index 1 appears to not have been used"):
        jacobian(lambda x, _: x, (x, x), strict=True)
    with pytest.raises(OperandError, match="inputs of jacobian must be a Tensor or a tuple of Tensors, not list"):
        jacobian(lambda x: x, [x])  # type: ignore[arg-type]
    with pytest.raises(OperandError, match="outputs of vjp must be a Tensor or a tuple of Tensors, not float"):
        vjp(lambda _: 1.0, x)
    with pytest.raises(ShapeError, match=r"should be \[2\] but got \[3\]"):
        vjp(lambda x: x, x, nnviz.ones(3))
    with pytest.raises(ShapeError, match="should be 1 but got 2"):
        vjp(lambda x: x, x, (x, x))
    with pytest.raises(MissingNameError, match="second derivatives are not supported"):
        _ = nnviz.autograd.functional.hessian  # type: ignore[attr-defined]


def test_next_functions_end_at_leaves_and_at_a_freed_graph() -> None:
    w, x = nnviz.ones(2, requires_grad=True), nnviz.ones(2)
    node = (w * x).grad_fn
    assert node is not None
    (end, place), other = node.next_functions
    assert (repr(end), place, other) == ("<AccumulateGrad>", 0, (None, 0))
    assert len({one for one, _ in (*node.next_functions, *(w + 1).grad_fn.next_functions)}) == 2
    y = w * x
    y.sum().backward()
    with pytest.raises(GraphError, match=r"backward\(\) has freed this graph"):
        _ = y.grad_fn.next_functions


room = nnviz.zeros(3)


@pytest.mark.parametrize(
    "forward",
    [
        lambda x: nnviz.add(x, 1, out=nnviz.empty(3)) * 2,
        lambda x: x * nnviz.ones(3, out=nnviz.empty(3)) + nnviz.mul(x, x, out=nnviz.empty(3)),
        lambda x: nnviz.stack([x, nnviz.exp(x, out=nnviz.empty(3))]),
    ],
)
def test_a_plan_follows_what_is_written_into_memory_of_its_own(forward: Callable[[nnviz.Tensor], nnviz.Tensor]) -> None:
    predict = nnviz.compile_forward(forward)
    for numbers in ([1.0, 2.0, 3.0], [-1.0, 0.5, 0.0]):
        x = nnviz.tensor(numbers)
        np.testing.assert_allclose(predict(x).array, forward(x).array, rtol=1e-6)


def test_a_plan_refuses_what_is_written_into_memory_that_was_there() -> None:
    with pytest.raises(GraphError, match="in place, which existed before"):
        nnviz.compile_forward(lambda x: nnviz.add(x, 1, out=room))(nnviz.ones(3))


def test_a_plan_draws_anew_into_memory() -> None:
    predict = nnviz.compile_forward(lambda x: x + nnviz.rand(3, out=nnviz.empty(3)))
    one, other = predict(nnviz.zeros(3)), predict(nnviz.zeros(3))
    assert not np.array_equal(one.array, other.array)
    assert (one.array >= 0).all()
    assert (other.array < 1).all()

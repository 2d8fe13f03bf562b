"""Operations of one's own, gradients of chosen tensors, hooks, and the modes in which operations are recorded."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nnviz
from nnviz.autograd import (
    Function,
    Tensor,
    backward,
    enable_grad,
    grad,
    gradcheck,
    inference_mode,
    is_grad_enabled,
    no_grad,
    set_grad_enabled,
    tensor,
)
from nnviz.errors import GraphError, NnvizError, OperandError


class Cube(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, factor: float) -> Tensor:
        ctx.save_for_backward(x)
        ctx.factor = factor
        return x * x * x * factor

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Any:
        (x,) = ctx.saved_tensors
        return g * 3 * x * x * ctx.factor, None


class Both(Function):
    """Two results."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Any:
        ctx.save_for_backward(a, b)
        return a * b, a.sum()

    @staticmethod
    def backward(ctx: Any, g: Tensor, h: Tensor) -> Any:
        a, b = ctx.saved_tensors
        return g * b + h, g * a


class Exponential(Function):
    """The form in which forward takes no context."""

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return x.exp()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.save_for_backward(output)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        return g * ctx.saved_tensors[0]


class Largest(Function):
    """A result with a gradient and one without."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Any:
        place = x.argmax()
        ctx.place, ctx.shape = int(place), x.shape
        ctx.mark_non_differentiable(place)
        return x.max() * 1.0, place

    @staticmethod
    def backward(ctx: Any, g: Tensor, _: Any) -> Tensor:
        found = nnviz.zeros(*ctx.shape, dtype=np.float64)
        found[ctx.place] = g
        return found


def test_gradients_of_functions_are_those_of_their_backward() -> None:
    point = np.array([[0.5, -1.0], [2.0, 0.3]])
    assert gradcheck(lambda x: Cube.apply(x, 2.0), point)
    assert gradcheck(lambda a, b: (lambda found: found[0].sum() * found[1])(Both.apply(a, b)), [point, point + 1])
    assert gradcheck(lambda a, b: Both.apply(a, b)[0], [point, point + 1])
    assert gradcheck(Exponential.apply, point)
    assert gradcheck(lambda x: Largest.apply(x)[0], np.array([1.0, 3.0, 2.0]))


def test_a_function_without_a_gradient_records_nothing() -> None:
    assert Cube.apply(tensor([2.0]), 1.0).is_leaf
    with no_grad():
        assert Cube.apply(tensor([2.0], requires_grad=True), 1.0).is_leaf


def test_what_a_function_saved_may_not_change() -> None:
    x = tensor([2.0], requires_grad=True)
    y = x * 1
    out = Cube.apply(y, 1.0)
    y.add_(1)
    with pytest.raises(GraphError, match="modified by an inplace operation"):
        out.backward()


class Wrong(Function):
    answer: Any = None

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Any:
        return Wrong.answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((nnviz.ones(2), None, nnviz.ones(2)), r"incorrect number of gradients \(expected 1, got 3\)"),
        (nnviz.ones(3), r"invalid gradient at index 0 - got \[3\] but expected shape compatible with \[2\]"),
        (5, r"expected Variable or None \(got int\)"),
    ],
)
def test_a_wrong_backward_is_told(answer: Any, words: str) -> None:
    Wrong.answer = answer
    with pytest.raises(NnvizError, match=words):
        Wrong.apply(nnviz.ones(2, requires_grad=True)).sum().backward()


def test_gradients_of_chosen_tensors_touch_no_other() -> None:
    x, w = tensor([1.0, 2.0], requires_grad=True), tensor([3.0, 4.0], requires_grad=True)
    h = x * w
    loss = (h * h).sum()
    by_h, by_x = grad(loss, [h, x], retain_graph=True)
    assert (by_h.tolist(), by_x.tolist()) == ([6.0, 16.0], [18.0, 64.0])  # type: ignore[union-attr]
    assert x.grad is None
    loss.backward(inputs=[w])
    assert w.grad is not None
    assert w.grad.tolist() == [6.0, 32.0]
    assert x.grad is None


def test_gradients_that_cannot_be_given_are_refused() -> None:
    x = tensor([1.0, 2.0], requires_grad=True)
    other = tensor([1.0], requires_grad=True)
    for call, words in (
        (lambda: grad((x * 2).sum(), other), "appears to not have been used in the graph"),
        (lambda: grad((x * 2).sum(), tensor([1.0])), "does not require grad"),
        (lambda: grad(x * 2, x), "only for scalar outputs"),
        (lambda: grad((x * 2).sum(), x, create_graph=True), "double backward is not supported"),
    ):
        with pytest.raises(GraphError, match=words):
            call()
    assert grad((x * 2).sum(), [x, other], allow_unused=True)[1] is None
    (filled,) = grad((x * 2).sum(), [other], materialize_grads=True)
    assert filled is not None
    assert filled.tolist() == [0.0]


def test_several_roots_go_backward_together() -> None:
    x = tensor([1.0, 2.0], requires_grad=True)
    h = x * 3
    backward([h.sum(), h * h], [None, tensor([1.0, 1.0])])
    assert x.grad is not None
    assert x.grad.tolist() == [3 + 18.0, 3 + 36.0]


def test_hooks_see_gradients_and_may_change_them() -> None:
    x = tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    seen: list[Any] = []
    y.retain_grad()
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.register_hook(lambda g: g * 10)
    last = x.register_hook(lambda g: g + 1)
    (y * y).sum().backward()
    assert seen == [[4.0, 8.0]]
    assert y.retains_grad
    # Kept last of all, as the hooks left it.
    assert y.grad.tolist() == [40.0, 80.0]  # type: ignore[union-attr]
    assert x.grad.tolist() == [81.0, 161.0]  # type: ignore[union-attr]
    last.remove()
    x.grad = None
    (x * 3).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]  # type: ignore[union-attr]


def test_a_hook_of_a_leaf_sees_the_sum_of_all_parts() -> None:
    x = tensor([1.0], requires_grad=True)
    seen: list[Any] = []
    x.register_hook(lambda g: seen.append(g.tolist()))
    (x * 2 + x * 3).sum().backward()
    assert seen == [[5.0]]


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (0, TypeError, "assigned grad expected to be a Tensor or None but got grad of type int"),
        (nnviz.ones(2), RuntimeError, r"attempting to assign a gradient of size '\[2\]' to a tensor of size '\[3\]'"),
        (nnviz.ones(3, dtype=np.float64), RuntimeError, "attempting to assign a gradient with dtype 'Double'"),
    ],
)
def test_what_is_no_gradient_is_refused(value: Any, kind: type[Exception], words: str) -> None:
    w = nnviz.ones(3, requires_grad=True)
    with pytest.raises(kind, match=words):
        w.grad = value
    assert w.grad is None


def _set_flag(t: Tensor, value: bool = True) -> None:
    t.requires_grad = value


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: tensor([1, 2]).requires_grad_(), "only Tensors of floating point and complex dtype can require gradients"),
        (lambda: _set_flag(tensor([1, 2])), "only Tensors of floating point"),
        (lambda: _set_flag(nnviz.ones(2, requires_grad=True) * 2, False), "you can only change requires_grad flags of leaf"),
        (lambda: tensor([1]).register_hook(print), "cannot register a hook on a tensor that doesn't require gradient"),
        (lambda: tensor([1.0]).retain_grad(), "can't retain_grad on Tensor that has requires_grad=False"),
        (lambda: copy.deepcopy(nnviz.ones(2, requires_grad=True) * 2), "Only Tensors created explicitly by the user"),
        (lambda: tensor([1.0, 2.0]).item(), "a Tensor with 2 elements cannot be converted to Scalar"),
        (lambda: bool(tensor([True, False])), "Boolean value of Tensor with more than one value is ambiguous"),
    ],
)  # fmt: skip
def test_flags_and_single_numbers_are_refused_with_runtime_errors(call: Callable[[], object], words: str) -> None:
    with pytest.raises(RuntimeError, match=words):
        call()


def test_a_copy_of_a_leaf_is_a_leaf() -> None:
    w = nnviz.ones(2, requires_grad=True)
    (w * 3).sum().backward()
    twin = copy.deepcopy(w)
    twin.data.add_(1)
    assert (w.tolist(), twin.tolist()) == ([1.0, 1.0], [2.0, 2.0])
    assert twin.grad is not None
    assert twin.grad.tolist() == [3.0, 3.0]


def test_modes_are_contexts_decorators_and_switches() -> None:
    x = nnviz.ones(1, requires_grad=True)

    @no_grad()
    def predicted() -> Tensor:
        return x * 2

    @no_grad
    def bare() -> Tensor:
        with enable_grad():
            return x * 2

    assert not predicted().requires_grad
    assert bare().requires_grad
    with inference_mode():
        assert not is_grad_enabled()
        with set_grad_enabled(True):
            assert is_grad_enabled()
        assert not (x * 2).requires_grad
    assert is_grad_enabled()
    set_grad_enabled(False)
    try:
        assert not (x * 2).requires_grad
    finally:
        set_grad_enabled(True)
    with no_grad(), pytest.raises(OperandError, match="takes a function"):
        no_grad(5)


def test_older_constructors_take_sizes_or_numbers() -> None:
    assert (Tensor(2, 3).shape, Tensor(2, 3).dtype) == ((2, 3), np.float32)
    assert (Tensor([1, 2]).tolist(), Tensor([1, 2]).dtype) == ([1.0, 2.0], np.float32)
    assert Tensor().shape == (0,)
    with pytest.raises(OperandError, match="invalid data type 'str'"):
        Tensor("ab")


def test_hooks_and_kept_gradients_follow_a_change_through_a_view() -> None:
    def start() -> tuple[Tensor, Tensor]:
        x = tensor([1.0, 2.0], requires_grad=True)
        return x, x * 1

    # The numbers are PyTorch's.
    x, y = start()
    part = y[:1]
    part.register_hook(lambda g: g * 2)
    part.mul_(3)
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 1.0]  # type: ignore[union-attr]
    x, y = start()
    y.retain_grad()
    y[:1].mul_(3)
    y.sum().backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([3.0, 1.0], [1.0, 1.0])  # type: ignore[union-attr]
    x, y = start()
    part = y[:1]
    part.retain_grad()
    y.mul_(3)
    part.sum().backward()
    assert (x.grad.tolist(), part.grad.tolist()) == ([3.0, 0.0], [1.0])  # type: ignore[union-attr]
    x, y = start()
    y.register_hook(lambda g: g * 2)
    y[:1].mul_(3)
    y.sum().backward()
    assert x.grad.tolist() == [6.0, 2.0]  # type: ignore[union-attr]

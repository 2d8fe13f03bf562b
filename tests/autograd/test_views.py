"""Views stay one with what they look at, with and without a graph; copies share with nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import nnviz
from nnviz.autograd import Tensor, from_numpy, no_grad, tensor
from nnviz.errors import GraphError, OperationError, PositionError

ROWS = [[1.0, 2.0], [3.0, 4.0]]


def computed() -> tuple[Tensor, Tensor]:
    x = tensor(ROWS, requires_grad=True)
    return x, x * 2


def _row(y: Tensor) -> None:
    y[0][1] = 55.0


def _slice(y: Tensor) -> None:
    part = y[0:1]
    part += 5


def _turned(y: Tensor) -> None:
    y.T[0] = tensor([7.0, 8.0])


WRITES: list[tuple[Callable[[Tensor], object], list[list[float]], list[list[float]]]] = [
    (_row, [[2, 55], [6, 8]], [[2, 0], [2, 2]]),
    (_slice, [[7, 9], [6, 8]], [[2, 2], [2, 2]]),
    (lambda y: y[1:3].mul_(3), [[2, 4], [18, 24]], [[2, 2], [6, 6]]),
    (lambda y: y.view(2, 2)[0].zero_(), [[0, 0], [6, 8]], [[0, 0], [2, 2]]),
    (_turned, [[7, 4], [8, 8]], [[0, 2], [0, 2]]),
    (lambda y: y.unsqueeze(0).copy_(nnviz.ones(1, 2, 2)), [[1, 1], [1, 1]], [[0, 0], [0, 0]]),
    (lambda y: y.detach()[0].fill_(9), [[9, 9], [6, 8]], [[2, 2], [2, 2]]),
    (lambda y: y.expand(3, 2, 2).fill_(4), [[4, 4], [4, 4]], [[0, 0], [0, 0]]),
    (lambda y: y.reshape(4)[1:3].sub_(1), [[2, 3], [5, 8]], [[2, 2], [2, 2]]),
    (lambda y: y.T.reshape(4).zero_(), [[2, 4], [6, 8]], [[2, 2], [2, 2]]),
    (lambda y: y[[0, 1]].zero_(), [[2, 4], [6, 8]], [[2, 2], [2, 2]]),
    (lambda y: y[y > 2].zero_(), [[2, 4], [6, 8]], [[2, 2], [2, 2]]),
    (lambda y: y.clone()[0].zero_(), [[2, 4], [6, 8]], [[2, 2], [2, 2]]),
]


@pytest.mark.parametrize(("write", "numbers", "gradient"), WRITES)
def test_a_change_through_a_view(
    write: Callable[[Tensor], object], numbers: list[list[float]], gradient: list[list[float]]
) -> None:
    x, y = computed()
    write(y)
    assert y.tolist() == numbers
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == gradient


def test_a_view_follows_what_it_looks_at() -> None:
    x, y = computed()
    row, cell = y[0], y[0][1]
    y.mul_(3)
    assert (row.tolist(), cell.item()) == ([6.0, 12.0], 12.0)
    (row.sum() + cell).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[6.0, 12.0], [0.0, 0.0]]


def test_a_view_of_a_constant_gets_a_history_when_that_does() -> None:
    held = nnviz.zeros(3)
    part = held[:2]
    w = nnviz.ones(3, requires_grad=True)
    held.add_(w)
    assert part.requires_grad
    assert not part.is_leaf
    (part * 3).sum().backward()
    assert w.grad is not None
    assert w.grad.tolist() == [3.0, 3.0, 0.0]


def test_single_numbers_are_tensors_like_all_others() -> None:
    x = nnviz.zeros(3)
    x[0].fill_(5)
    x[1] += 2
    for number in x:
        number.add_(1)
    assert x.tolist() == [6.0, 3.0, 1.0]
    w = tensor(1.0, requires_grad=True)
    (w * 2).backward()
    assert w.grad is not None
    w.grad.zero_()
    assert w.grad.item() == 0.0


def test_a_copy_shares_with_nothing() -> None:
    w = tensor([1.0, 2.0, 3.0], requires_grad=True)
    a = tensor([1.0, 2.0, 3.0])
    picked = a[[0, 2]]
    loss = (w * a).sum()
    picked.add_(1)
    loss.backward()
    assert w.grad is not None
    assert w.grad.tolist() == [1.0, 2.0, 3.0]
    assert a.tolist() == [1.0, 2.0, 3.0]


def test_what_a_graph_saved_may_not_change_by_any_way() -> None:
    for change in (lambda y: y[0].zero_(), lambda y: y.detach().zero_(), lambda y: y.T.add_(1)):
        _, y = computed()
        loss = (y * y).sum()
        change(y)
        with pytest.raises(GraphError, match="modified by an inplace operation"):
            loss.backward()


def test_a_result_that_backward_reads_is_kept() -> None:
    x, y = computed()
    e = y.exp()
    e[0] = 1.0
    e.sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.array, [[0, 0], [2 * np.exp(6), 2 * np.exp(8)]], rtol=1e-6)


def test_leaves_and_their_views_are_changed_under_no_grad_alone() -> None:
    w = nnviz.ones(3, requires_grad=True)
    with pytest.raises(GraphError, match="a view of a leaf Variable that requires grad"):
        w[0] = 1
    with no_grad():
        w[0].fill_(7)
        w[1:] = 0
    assert w.tolist() == [7.0, 0.0, 0.0]
    _, y = computed()
    with no_grad():
        part = y[0:1]
    with pytest.raises(GraphError, match="created in no_grad mode"):
        part.mul_(2)


def test_one_number_in_many_places_is_not_written_to() -> None:
    with pytest.raises(
        OperationError, match="more than one element of the written-to tensor refers to a single memory"
    ):
        nnviz.ones(1, 3).expand(2, 3).add_(1)


def test_tensors_on_one_array_know_of_each_other() -> None:
    array = np.arange(3.0)
    whole, part = from_numpy(array), from_numpy(array[1:])
    w = tensor(np.ones(3), requires_grad=True)
    loss = (w * whole).sum()
    part.add_(1)
    with pytest.raises(GraphError, match="modified by an inplace operation"):
        loss.backward()
    fixed = np.ones(3)
    fixed.flags.writeable = False
    with pytest.raises(OperationError, match="read-only"):
        from_numpy(fixed).add_(1)
    assert fixed.tolist() == [1.0, 1.0, 1.0]


def test_a_borrowed_array_can_be_written_to_again() -> None:
    array = np.frombuffer(bytearray(24))
    w = tensor(np.ones(3), requires_grad=True)
    loss = (w * from_numpy(array)).sum()
    array[0] = 5
    loss.backward()
    array[0] = 6
    # The numbers as they were when they were used.
    assert w.grad is not None
    assert w.grad.tolist() == [0.0, 0.0, 0.0]


def test_data_that_was_assigned_shares_its_memory() -> None:
    w, v = nnviz.ones(2, requires_grad=True), nnviz.zeros(2)
    w.data = v
    loss = (w * w).sum()
    v.add_(1)
    with pytest.raises(GraphError, match="modified by an inplace operation"):
        loss.backward()


SHAPES = [
    (lambda x: x[0, :, tensor([0, 1])], (3, 2)),
    (lambda x: x[:, 0, tensor([0, 1])], (2, 2)),
    (lambda x: x[tensor(0), :, tensor([0, 1])], (3, 2)),
    (lambda x: x[tensor([0]), :, tensor([0, 1])], (2, 3)),
    (lambda x: x[True], (1, 2, 3, 4)),
    (lambda x: x[None, False], (1, 0, 2, 3, 4)),
    (lambda x: x[:, tensor([True, False, True]), None], (2, 2, 1, 4)),
    (lambda x: x[tensor([True, False]), :, [0]], (1, 3)),
    (lambda x: x[..., [[0, 1], [2, 3]]], (2, 3, 2, 2)),
    (lambda x: x[[0, 1], [0, 1]], (2, 4)),
    (lambda x: x[[[0, 1], [0, 1]]], (2, 2, 3, 4)),
    (lambda x: x[:, []], (2, 0, 4)),
    (lambda x: x[np.int64(1), ..., -1], (3,)),
    (lambda x: x[: tensor(1)], (1, 3, 4)),
]


@pytest.mark.parametrize(("index", "shape"), SHAPES)
def test_the_shape_of_an_index(index: Callable[[Tensor], Tensor], shape: tuple[int, ...]) -> None:
    assert index(nnviz.zeros(2, 3, 4)).shape == shape


REFUSED = [
    (lambda x: x[5], "index 5 is out of bounds for dimension 0 with size 3"),
    (lambda x: x[0, 0], "too many indices for tensor of dimension 1"),
    (lambda x: x[1.5], r"only integers, slices .* are valid indices \(got float\)"),
    (lambda x: x[tensor([1.0])], "tensors used as indices must be long, int, byte or bool tensors"),
    (lambda x: x[tensor([True, False])], r"The shape of the mask \[2\] at index 0 does not match"),
    (lambda x: x[[0, 5]], "index 5 is out of bounds for dimension 0 with size 3"),
    (lambda x: x.sum()[0], "invalid index of a 0-dim tensor"),
    (lambda x: x[..., ...], "single ellipsis"),
]


@pytest.mark.parametrize(("index", "words"), REFUSED)
def test_what_is_no_index(index: Callable[[Tensor], Tensor], words: str) -> None:
    with pytest.raises(PositionError, match=words):
        index(nnviz.zeros(3))


def test_assignment_takes_what_broadcasts() -> None:
    x = nnviz.zeros(8, 27)
    x[0] = nnviz.ones(1, 27)
    x[[1, 2]] = nnviz.ones(1, 1, 27)
    x[3, 0] = nnviz.ones(1, 1)
    assert x.sum().item() == 27 * 3 + 1
    y = nnviz.zeros(3)
    y[tensor([True, False, True])] = tensor([1.0, 2.0])
    y[y > 5] = tensor([])
    assert y.tolist() == [1.0, 0.0, 2.0]
    for value in (nnviz.ones(3), nnviz.ones(2).double()):
        with pytest.raises(RuntimeError, match=r"shape mismatch|dtypes match"):
            y[[0, 1]] = value
    with pytest.raises(TypeError, match=r"can't assign a list to a torch\.FloatTensor"):
        y[:] = [1, 2, 3]


def test_what_is_another_mistake_than_a_place() -> None:
    x = nnviz.zeros(3)
    with pytest.raises(TypeError, match="invalid data type 'str'"):
        x["a"]
    with pytest.raises(ValueError, match="slice step cannot be zero"):
        x[::0]
    with pytest.raises(TypeError, match="must be tuple of ints, not int"):
        nnviz.randint(0, 5)
    with pytest.raises(TypeError, match="missing 1 required positional"):
        x.repeat()

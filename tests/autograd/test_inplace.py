"""What is changed in place: noticed by graphs that saved it, refused where it would lose a gradient."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.autograd import Tensor, from_numpy, gradcheck, no_grad, tensor
from nnviz.autograd.create import arange, zeros
from nnviz.errors import GraphError, PositionError, ShapeError

MODIFIED = "one of the variables needed for gradient computation has been modified by an inplace operation"


def test_a_saved_leaf_changed_in_place_is_refused() -> None:
    w, x = tensor([1.0, 2.0], requires_grad=True), tensor([3.0, 4.0])
    out = (w * x).sum()
    x.add_(1)
    with pytest.raises(GraphError, match=MODIFIED) as caught:
        out.backward()
    assert caught.value.message.endswith("[torch.FloatTensor [2]] is at version 1; expected version 0 instead.")
    assert w.grad is None


@pytest.mark.parametrize(("before", "after", "words"), [(2, 3, "version 2"), (1, 64, "version 1 or earlier"), (1, 70, "version 7 or earlier")])  # fmt: skip
def test_the_version_that_was_saved_is_named(before: int, after: int, words: str) -> None:
    w, x = tensor([1.0, 2.0], requires_grad=True), tensor([3.0, 4.0])
    for _ in range(before):
        x.add_(1)
    out = (w * x).sum()
    for _ in range(after):
        x.add_(1)
    with pytest.raises(GraphError, match=f"is at version {before + after}; expected {words} instead"):
        out.backward()


def test_a_change_through_a_view_is_noticed() -> None:
    w, x = tensor([[1.0, 2.0]], requires_grad=True), tensor([[3.0, 4.0]])
    out = (w * x).sum()
    x.T.mul_(2)
    assert x.tolist() == [[6.0, 8.0]]
    with pytest.raises(GraphError, match=MODIFIED):
        out.backward()


def test_what_was_not_saved_may_change() -> None:
    w, x = tensor([1.0, 2.0], requires_grad=True), tensor([3.0, 4.0])
    out = (w + x).sum()
    x.zero_()
    out.backward()
    assert w.grad is not None
    assert w.grad.tolist() == [1.0, 1.0]


def test_a_parameter_that_moved_refuses_the_old_graph() -> None:
    w = tensor([1.0, 2.0], requires_grad=True)
    out = (w * w).sum()
    with no_grad():
        w.sub_(0.1)
    with pytest.raises(GraphError, match=MODIFIED):
        out.backward()


def test_saved_memory_cannot_be_written_to_until_the_graph_is_gone() -> None:
    array = np.array([3.0, 4.0], np.float32)
    w = tensor([1.0, 2.0], requires_grad=True)
    x = from_numpy(array)
    first, second = (w * x).sum(), (w * x).sum()
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 9
    first.backward()
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 9
    second.backward()
    array[0] = 9
    third = (w * x).sum()
    del third
    array[0] = 10
    assert x.tolist() == [10.0, 4.0]


def test_results_cannot_be_written_to() -> None:
    out = tensor([1.0], requires_grad=True) * 2
    with pytest.raises(ValueError, match="read-only"):
        out.detach().numpy()[0] = 5


def test_a_leaf_that_requires_a_gradient_is_not_changed_in_place() -> None:
    leaf = tensor([1.0], requires_grad=True)
    with pytest.raises(GraphError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        leaf += 1
    with no_grad():
        leaf += 1
    assert leaf.tolist() == [2.0]
    assert leaf.requires_grad


def chain(a: Tensor) -> Tensor:
    out = a * 1.0
    out += 2.0
    out.mul_(a)
    out[0] = a[1] * 3.0
    out.div_(2.0)
    out -= a
    return out.clamp_(-5, 5)


def test_gradients_of_changes_in_place() -> None:
    assert gradcheck(chain, [np.array([0.4, -0.3, 1.2])])


def test_assignment_to_a_part() -> None:
    x = zeros(2, 3)
    x[1, ::2] = tensor([5.0, 7.0])
    x[0] = 1
    assert x.tolist() == [[1, 1, 1], [5, 0, 7]]
    x[x > 4] = -1
    assert x.tolist() == [[1, 1, 1], [-1, 0, -1]]
    assert gradcheck(lambda a, b: _assigned(a, b), [np.ones((2, 3)), np.array([0.5, 2.0])])
    with pytest.raises(PositionError, match="index 5 is out of bounds for dimension 0 with size 2"):
        x[5] = 0


def _assigned(a: Tensor, b: Tensor) -> Tensor:
    out = a * 2.0
    out[:, 1] = b
    return out * out


def test_a_result_of_another_shape_does_not_fit() -> None:
    with pytest.raises(ShapeError, match=r"output with shape \[3\] doesn't match the broadcast shape \[2, 3\]"):
        zeros(3).add_(zeros(2, 3))


def test_filling_and_copying() -> None:
    x = zeros(2, 2)
    assert x.fill_(3).tolist() == [[3, 3], [3, 3]]
    assert x.copy_(arange(2)).tolist() == [[0, 1], [0, 1]]
    assert x.zero_().tolist() == [[0, 0], [0, 0]]
    assert x.version == 3


def test_a_change_in_place_goes_on_from_what_was_read_before() -> None:
    x = tensor([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]], dtype=np.float64, requires_grad=True)
    h = x * 1.0
    bent = h.sigmoid()
    h += bent
    h[:, 1:] = h[:, :2] * 2
    h.sum().backward()
    # By hand: h is (h0, 2 h0, 2 h1) with h = x + σ(x), so the sum is 3 h0 + 2 h1.
    share = bent.detach().numpy()
    slope = 1 + share * (1 - share)
    np.testing.assert_allclose(x.grad.numpy(), slope * [3, 2, 0], rtol=1e-14)  # type: ignore[union-attr]


def test_what_was_given_and_is_changed_later_gets_no_gradient_before() -> None:
    given = tensor([1.0, 2.0])
    weight = tensor([3.0, 4.0], requires_grad=True)
    first = given + weight
    given += weight
    (first.sum() + given.sum()).backward()
    assert weight.grad.tolist() == [2.0, 2.0]  # type: ignore[union-attr]


def test_in_place_methods_take_the_arguments_of_their_functions() -> None:
    x = tensor([1.0, 5.0, -5.0])
    assert x.clone().add_(2, alpha=3).tolist() == x.add(2, alpha=3).tolist() == [7, 11, 1]
    assert x.clone().sub_(x, alpha=2).tolist() == [-1, -5, 5]
    assert x.clone().div_(2, rounding_mode="floor").tolist() == [0, 2, -3]
    assert x.clone().round_(decimals=-1).tolist() == x.round(decimals=-1).tolist()
    assert Tensor.sub_.__name__ == "sub_"

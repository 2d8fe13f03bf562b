"""The tape, the topological order, and backward."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.autograd import Tensor, gradcheck, no_grad, nodes_below, ops, tensor, topological_order
from nnviz.autograd.functions import cat, stack
from nnviz.errors import GraphError


@st.composite
def graphs(draw: st.DrawFn) -> dict[int, list[int]]:
    """Directed acyclic graphs: node to the nodes it waits for, under shuffled names, with repeated edges."""
    count = draw(st.integers(1, 30))
    names = draw(st.permutations(range(count)))
    return {
        names[i]: [names[j] for j in draw(st.lists(st.integers(0, i - 1), max_size=4))] if i else []
        for i in range(count)
    }


@given(graphs())
def test_order_is_valid_and_complete(graph: dict[int, list[int]]) -> None:
    order = topological_order(graph, lambda node: graph[node], lambda node: node)
    assert sorted(order) == sorted(graph)
    place = {node: i for i, node in enumerate(order)}
    assert all(place[source] < place[node] for node, sources in graph.items() for source in sources)


@given(graphs())
def test_order_holds_only_what_the_roots_need(graph: dict[int, list[int]]) -> None:
    root = max(graph)
    needed, stack = {root}, [root]
    while stack:
        for source in graph[stack.pop()]:
            if source not in needed:
                needed.add(source)
                stack.append(source)
    assert set(topological_order([root], lambda node: graph[node], lambda node: node)) == needed


def test_a_cycle_is_refused() -> None:
    graph = {0: [1], 1: [2], 2: [0], 3: [0]}
    with pytest.raises(GraphError, match="3 of its 4 nodes wait for each other"):
        topological_order([3], lambda node: graph[node], lambda node: node)


def test_numbers_settle_what_the_graph_leaves_open() -> None:
    graph: dict[int, list[int]] = {5: [3, 1, 4], 3: [], 1: [], 4: []}
    assert topological_order([5], lambda node: graph[node], lambda node: node) == [1, 3, 4, 5]
    assert topological_order([4, 1, 3], lambda node: graph[node], lambda node: node) == [1, 3, 4]


@pytest.mark.parametrize(
    "function",
    [
        lambda a: a + a,
        lambda a: a * a,
        # Diamonds whose shared node is an interior one.
        lambda a: (lambda b: b * ops.exp(b) + b)(ops.tanh(a)),
        lambda a: (lambda b: (lambda c: c * b + c)(ops.sigmoid(b) * b))(a * 2.0),
    ],
)
def test_a_tensor_used_twice(function) -> None:  # type: ignore[no-untyped-def]
    assert gradcheck(function, [np.array([[0.3, -0.7], [1.1, 0.2]])])


def test_gradients_add_up_over_calls_and_share_no_memory() -> None:
    a, b = (tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    for _ in range(2):
        (a + b).sum().backward()
    assert a.grad is not None
    assert b.grad is not None
    assert a.grad.array.tolist() == [2.0, 2.0]
    a.grad.array[...] = 7
    assert b.grad.array.tolist() == [2.0, 2.0]


def test_upstream_gradient_is_not_shared_with_the_leaf() -> None:
    a = tensor([1.0, 2.0], requires_grad=True)
    upstream = tensor([1.0, 1.0])
    (a + 0.0).backward(upstream)
    assert a.grad is not None
    a.grad.array[...] = 9
    assert upstream.array.tolist() == [1.0, 1.0]


def test_second_backward_needs_retain_graph() -> None:
    a = tensor([2.0], requires_grad=True)
    out = (a * a).sum()
    out.backward(retain_graph=True)
    out.backward()
    assert a.grad is not None
    assert a.grad.item() == 8.0
    with pytest.raises(GraphError, match="Trying to backward through the graph a second time"):
        out.backward()


def test_backward_before_forward_is_answered_in_words() -> None:
    with pytest.raises(GraphError, match="does not require grad and does not have a grad_fn") as caught:
        tensor([1.0]).backward()
    assert "forward first" in caught.value.hint


def test_backward_on_many_numbers_wants_a_gradient() -> None:
    a = tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(GraphError, match="grad can be implicitly created only for scalar outputs"):
        (a * a).backward()
    with pytest.raises(GraphError, match="Mismatch in shape"):
        (a * a).backward(tensor([1.0]))


def test_nothing_is_recorded_under_no_grad() -> None:
    a = tensor([1.0], requires_grad=True)
    with no_grad():
        out = a * a
    assert out.is_leaf
    assert not out.requires_grad
    with pytest.raises(GraphError, match="does not require grad and does not have a grad_fn"):
        out.backward()
    assert not (a * a).is_leaf


LENGTHS = [20_000, pytest.param(1_000_000, marks=pytest.mark.long)]
"""Twenty times deeper than Python may recurse; and what a long training loop without `backward` may reach."""
DEPTHS = [10_000, pytest.param(100_000, marks=pytest.mark.long)]


@pytest.mark.parametrize("length", LENGTHS)
def test_a_chain_of_operations_is_walked_and_freed_without_recursion(length: int) -> None:
    a = tensor([1.0], requires_grad=True)
    out = a
    for _ in range(length):
        out = out + 1.0
    assert out.node is not None
    assert len(nodes_below(out.node)) == length
    out.backward()
    assert a.grad is not None
    assert a.grad.item() == 1.0
    del out


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_long_chain_without_backward_is_freed_without_recursion(depth: int) -> None:
    out = tensor([1.0], requires_grad=True)
    for _ in range(depth):
        out = out * 1.0
    del out


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_deep_graph_of_skips(depth: int) -> None:
    a = tensor([1.0], requires_grad=True)
    one, other = a, a
    for _ in range(depth):
        one, other = one * 0.5 + other * 0.5, one
    assert one.node is not None
    assert len(nodes_below(one.node)) == 3 * depth
    one.backward()
    # Each is the mean of the two before it, so the derivative is 1 all along.
    assert a.grad is not None
    assert a.grad.item() == pytest.approx(1.0)


def test_the_order_of_a_tape_is_the_order_it_happened_in() -> None:
    a = tensor([[1.0, 2.0]], requires_grad=True)
    b = ops.tanh(a)
    c = ops.exp(b)
    out = (b * c).sum()
    assert out.node is not None
    assert [node.operation.name for node in nodes_below(out.node)] == ["tanh", "exp", "mul", "sum"]


def test_repr_deep_in_a_graph_is_short() -> None:
    a = tensor([1.0], requires_grad=True)
    assert repr(a) == "tensor([1.], requires_grad=True)"
    assert repr(a * 2.0) == "tensor([2.], grad_fn=<MulBackward>)"
    assert repr(Tensor(np.array([1.5]))) == "tensor([1.5], dtype=float64)"


MOVES = [
    lambda a, b: a.T + b,
    lambda a, b: a + b.T,
    lambda a, b: a.reshape(-1).reshape(2, 2) - b,
    lambda a, b: b[:, [1, 0]] + a[0],
    lambda a, b: a @ b.T,
    lambda a, b: a.expand(2, 2).T,
    lambda a, b: b.T.T,
    lambda a, b: a.clone() + a,
    lambda a, b: stack([a, b]).sum(0),
    lambda a, b: cat([a, b])[1:3].T,
]


@given(
    st.lists(st.tuples(st.integers(0, len(MOVES) - 1), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8)
)
@settings(deadline=None)
def test_no_gradient_shares_memory_whatever_the_way_it_came(steps: list[tuple[int, int, int]]) -> None:
    leaves = [Tensor(np.arange(4.0).reshape(2, 2) + i, requires_grad=True) for i in range(2)]
    made = list(leaves)
    for move, i, j in steps:
        made.append(MOVES[move](made[i % len(made)], made[j % len(made)]))
    upstream = Tensor(np.array([[1.0, 2.0], [3.0, 4.0]]))
    made[-1].backward(upstream, retain_graph=True)
    found = [leaf.grad.array for leaf in leaves if leaf.grad is not None]
    held = [upstream.array, *(tensor.array for tensor in made)]
    for i, gradient in enumerate(found):
        assert not any(np.shares_memory(gradient, other) for other in [*held, *found[:i]])
    first = [gradient.copy() for gradient in found]
    for gradient, leaf in zip(found, [leaf for leaf in leaves if leaf.grad is not None], strict=True):
        gradient[...], leaf.grad = 99, None
    made[-1].backward(upstream)
    again = [leaf.grad.array for leaf in leaves if leaf.grad is not None]
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)

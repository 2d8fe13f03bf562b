"""The battery: every entry of the table of operations at all its samples. A new operation is in it by being defined."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnviz.autograd import Tensor, abstract, define, gradcheck, operations, ops, without_data
from nnviz.autograd.operation import OUT, Operation
from nnviz.autograd.ops.elementwise import broadcast, same
from nnviz.autograd.sample_inputs import SHAPES, Sample
from nnviz.errors import ArgumentError, GraphError


def only(wanted: Callable[[Operation], bool]) -> pytest.MarkDecorator:
    """A test for every operation that is wanted, by name."""
    chosen = {name: operation for name, operation in operations.items() if wanted(operation)}
    return pytest.mark.parametrize("operation", chosen.values(), ids=list(chosen))


ALL = only(lambda _: True)
ELEMENTWISE = only(lambda it: it.shape in (broadcast, same) and it.name not in ("normalize", "to"))
KEEPING_THE_TYPE = only(lambda it: it.name != "to")

# The forward of what adds many numbers up rounds more than a single function does.
LOOSER = {"conv2d": 1e-6, "normalize": 1e-6, "matmul": 1e-6}
"""rtol of the differences where it is not 1e-7: sums of products at values up to 1e3, where each difference rounds."""


def check_gradients(operation: Operation) -> int:
    """Differences at every sample, and the complex step where the operation is analytic; how many samples it were."""
    samples = operation.samples()
    for sample in samples:
        apply = applied(operation, sample)
        assert gradcheck(apply, sample.arrays, rtol=LOOSER.get(operation.name, 1e-7))
        if operation.analytic:
            assert gradcheck(apply, sample.arrays, eps=1e-30, rtol=1e-12, atol=1e-14, complex_step=True)
    return len(samples)


def applied(operation: Operation, sample: Sample) -> Callable[..., Tensor]:
    return lambda *inputs: operation(*inputs, **sample.attributes)


def moving(array: np.ndarray) -> bool:
    return array.dtype.kind == "f"


def recorded(operation: Operation, sample: Sample, dtype: type = np.float64) -> tuple[Tensor, list[Tensor]]:
    arrays = [a.astype(dtype) if moving(a) else a for a in sample.arrays]
    inputs = [Tensor(a, requires_grad=moving(a)) for a in arrays]
    return operation(*inputs, **sample.attributes), inputs


@ALL
def test_gradients_at_forty_samples_and_more(operation: Operation) -> None:
    assert check_gradients(operation) >= 40


@ELEMENTWISE
def test_elementwise_operations_meet_every_kind_of_array(operation: Operation) -> None:
    arrays = [array for sample in operation.samples() for array in sample.arrays]
    assert {(), (0,), (1,)} <= {array.shape for array in arrays}
    assert any(0 in array.strides and array.size > 1 for array in arrays), "expanded"
    assert any(min(array.strides, default=0) < 0 for array in arrays), "reversed"
    assert any(not array.flags.c_contiguous and not array.flags.f_contiguous for array in arrays), "strided"


@ALL
def test_shape_rule_is_what_forward_gives(operation: Operation) -> None:
    for sample in operation.samples():
        result = operation(*[Tensor(array) for array in sample.arrays], **sample.attributes)
        assert operation.shape(*[array.shape for array in sample.arrays], **sample.attributes) == result.shape
        with abstract() as tape:
            out = operation(*[Tensor(without_data(a.shape, a.dtype)) for a in sample.arrays], **sample.attributes)
        assert [node.operation for node in tape] == [operation]
        assert out.array.strides == (0,) * out.ndim
        assert out.shape == result.shape


@KEEPING_THE_TYPE
def test_types_are_kept_inputs_unchanged_and_memory_not_shared(operation: Operation) -> None:
    for sample in operation.samples():
        out, inputs = recorded(operation, sample, np.float32)
        before = [tensor.array.copy() for tensor in inputs]
        assert out.dtype == np.float32
        seed = np.ones_like(out.array)
        out.backward(Tensor(seed))
        grads = [tensor.grad.array for tensor in inputs if tensor.grad is not None]
        for tensor, array in zip(inputs, before, strict=True):
            np.testing.assert_array_equal(tensor.array, array)
            if tensor.requires_grad and tensor.grad is not None:
                assert tensor.grad.dtype == np.float32
                assert tensor.grad.shape == array.shape
        held = [seed, *(tensor.array for tensor in inputs)]
        for i, gradient in enumerate(grads):
            assert not any(np.shares_memory(gradient, other) for other in [*held, *grads[:i]])


@ALL
def test_only_views_look_at_the_memory_of_what_went_in(operation: Operation) -> None:
    for sample in operation.samples():
        inputs = [Tensor(np.array(array)) for array in sample.arrays]
        out = operation(*inputs, **sample.attributes)
        shares = any(np.shares_memory(out.array, tensor.array) for tensor in inputs)
        # A view is known to be one, so that a change of the one is a change of the other.
        assert shares == (out.root is not out and out.array.size > 0)
        assert operation.view or not shares


@ALL
def test_backward_reads_only_what_the_entry_keeps(operation: Operation) -> None:
    for sample in operation.samples()[:20]:
        out, inputs = recorded(operation, sample)
        assert out.node is not None
        want = gradients(operation, sample, out.array, [tensor.array for tensor in inputs])
        spoiled = [
            tensor.array if i in operation.saved or not moving(tensor.array) else np.full(tensor.shape, np.nan)
            for i, tensor in enumerate(inputs)
        ]
        result = out.array if OUT in operation.saved else np.full(out.shape, np.nan)
        for a, b in zip(want, gradients(operation, sample, result, spoiled), strict=True):
            np.testing.assert_array_equal(a, b)


def gradients(operation: Operation, sample: Sample, out: np.ndarray, arrays: list[np.ndarray]) -> list[np.ndarray]:
    seed = np.linspace(0.5, 1.5, out.size).reshape(out.shape)
    rules = operation.rules(len(arrays))
    return [rule(seed, out, *arrays, **sample.attributes) for rule in rules if rule is not None]


@given(
    hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3),
    st.sampled_from(["add", "sub", "mul", "div", "pow"]),
)
@settings(deadline=None)
def test_broadcasting_of_any_pair(shapes: hnp.BroadcastableShapes, name: str) -> None:
    drawn = np.random.default_rng(1)
    assert gradcheck(operations[name], [drawn.uniform(0.5, 2, shape) for shape in shapes.input_shapes])


@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))
@settings(deadline=None)
def test_products_of_any_size(batch: int, n: int, k: int, m: int) -> None:
    drawn = np.random.default_rng(1)
    assert gradcheck(ops.matmul, [drawn.normal(size=(batch, n, k)), drawn.normal(size=(k, m))])


SMOOTH = ["exp", "sigmoid", "tanh", "silu", "gelu", "gelu_tanh", "mish", "softsign", "sin", "cos", "square", "neg"]


@given(
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3), elements=st.floats(-5, 5)),
    st.sampled_from(SMOOTH),
)
@settings(deadline=None)
def test_smooth_functions_anywhere(z: np.ndarray, name: str) -> None:
    # Where f″ is not small beside f′ a difference is off by more: softsign bends sharply at 0.
    assert gradcheck(operations[name], [z], rtol=1e-6, atol=2e-5 if name == "softsign" else 1e-8)


@pytest.fixture
def scratch() -> Iterator[None]:
    """Operations defined in a test go away with it."""
    before = dict(operations)
    yield
    operations.clear()
    operations.update(before)


@pytest.mark.usefixtures("scratch")
def test_an_operation_defined_in_a_few_lines_is_in_the_battery() -> None:
    define("cube", forward=lambda a: a**3, vjps=(lambda g, out, a: 3 * g * a * a,), shape=lambda s: s, formula="a³")
    assert check_gradients(operations["cube"]) >= 40
    assert {array.shape for sample in operations["cube"].samples() for array in sample.arrays} == set(SHAPES)
    with pytest.raises(ValueError, match="an operation is already called 'cube'"):
        define("cube", forward=np.square, vjps=(), shape=lambda s: s, formula="")


@pytest.mark.usefixtures("scratch")
@pytest.mark.parametrize("wrong", [lambda g, out, a: g * a * a, lambda g, out, a: 3 * g * a * a * (1 + 1e-6)])
def test_the_check_catches_a_wrong_rule(wrong: Callable[..., np.ndarray]) -> None:
    cube = define("cube", forward=lambda a: a**3, vjps=(wrong,), shape=lambda s: s, formula="a³")
    with pytest.raises(GraphError, match=r"the gradient of input 0 is wrong: d out\[\d\]"):
        check_gradients(cube)


def test_the_check_takes_tensors_and_refuses_what_it_cannot_check() -> None:
    assert gradcheck(ops.tanh, Tensor(np.ones(2), requires_grad=True))
    assert gradcheck(ops.mul, [Tensor(np.ones(2)), np.ones(2)])
    with pytest.raises(ArgumentError, match="expected float64, got float32 for input 1"):
        gradcheck(ops.mul, [np.ones(2), np.ones(2, np.float32)])
    with pytest.raises(ArgumentError, match="expects at least one input tensor to require gradient"):
        gradcheck(ops.mul, [np.ones(2, int), np.ones(2, int)])


@pytest.mark.usefixtures("scratch")
def test_a_gradient_that_is_not_a_number_is_wrong() -> None:
    nan = define("nan", forward=np.exp, vjps=(lambda g, out, a: g * np.nan,), shape=lambda s: s, formula="eᵃ")
    with pytest.raises(GraphError, match=r"is nan from backward and 1\.0\d* from differences"):
        gradcheck(nan, [np.zeros(1)])


@pytest.mark.usefixtures("scratch")
def test_the_complex_step_catches_what_differences_cannot_see() -> None:
    cube = define(
        "cube", forward=lambda a: a**3, vjps=(lambda g, out, a: 3 * g * a * a * (1 + 1e-10),), shape=lambda s: s, formula=""
    )  # fmt: skip
    at = [np.array([0.7, -1.3])]
    assert gradcheck(cube, at)
    with pytest.raises(GraphError, match="the gradient of input 0 is wrong"):
        gradcheck(cube, at, eps=1e-30, rtol=1e-12, atol=1e-14, complex_step=True)

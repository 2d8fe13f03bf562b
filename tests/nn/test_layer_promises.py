"""What layers promise beyond their numbers: seeds, changes in place, types, what they refuse and in which words."""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable

import numpy as np
import pytest

import nnviz
import nnviz.nn.functional as F
from nnviz import nn
from nnviz.autograd import Tensor, tensor
from nnviz.errors import DtypeError, GraphError, NnvizError, NotSupportedError, OperandError, OperationError
from nnviz.registry import arguments_of

ROWS = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


@pytest.mark.parametrize("make", [nn.Dropout, nn.Dropout2d])
def test_a_seed_reaches_a_dropout_that_was_built_before(make: type[nn.Dropout]) -> None:
    layer = make(0.5)
    x = Tensor(np.ones((8, 8, 2, 2), np.float32))
    nnviz.manual_seed(3)
    first = layer(x).array.copy()
    assert (layer(x).array != first).any()
    nnviz.manual_seed(3)
    np.testing.assert_array_equal(layer(x).array, first)
    nnviz.manual_seed(3)
    np.testing.assert_array_equal(copy.deepcopy(layer)(x).array, first)


def test_a_generator_that_was_passed_is_kept() -> None:
    one, other = (nn.Dropout(0.5, generator=np.random.default_rng(5)) for _ in range(2))
    x = Tensor(np.ones((8, 8), np.float32))
    nnviz.manual_seed(0)
    first = one(x).array
    nnviz.manual_seed(1)
    np.testing.assert_array_equal(other(x).array, first)
    state = np.random.default_rng(7)
    one.generator = state
    assert one.generator is state


def test_dropout2d_drops_whole_channels() -> None:
    x = Tensor(np.ones((50, 20, 3, 2), np.float32), requires_grad=True)
    out = nn.Dropout2d(0.3, generator=np.random.default_rng(0))(x)
    by_channel = out.array.reshape(1000, 6)
    assert (by_channel == by_channel[:, :1]).all()
    kept = by_channel[:, 0] > 0
    assert abs(kept.mean() - 0.7) < 5 * math.sqrt(0.21 / 1000)
    np.testing.assert_allclose(by_channel[kept], 1 / 0.7, rtol=1e-6)
    out.sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.array, out.array)


IN_PLACE: dict[str, Callable[..., nn.Module]] = {
    name: getattr(nn, name)
    for name in (
        "ReLU",
        "LeakyReLU",
        "ELU",
        "SELU",
        "CELU",
        "SiLU",
        "Mish",
        "Hardtanh",
        "ReLU6",
        "Hardswish",
        "Hardsigmoid",
    )
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_changes_the_input_and_gives_it_back(name: str) -> None:
    make = IN_PLACE[name]
    wanted = make()(Tensor(ROWS)).array
    x = Tensor(ROWS.copy())
    memory = x.array
    assert make(inplace=True)(x) is x
    np.testing.assert_array_equal(memory, wanted)
    leaf = Tensor(ROWS.copy(), requires_grad=True)
    with pytest.raises(GraphError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        make(inplace=True)(leaf)
    h = leaf * 1.0
    make(inplace=True)(h).sum().backward()
    other = Tensor(ROWS.copy(), requires_grad=True)
    make()(other * 1.0).sum().backward()
    assert leaf.grad is not None
    assert other.grad is not None
    np.testing.assert_array_equal(leaf.grad.array, other.grad.array)


def test_in_place_after_something_that_needs_its_numbers_is_refused() -> None:
    x = Tensor(ROWS.copy(), requires_grad=True)
    h = x * 1.0
    square = h * h
    nn.ReLU(inplace=True)(h)
    with pytest.raises(GraphError, match="modified by an inplace operation"):
        square.sum().backward()


def test_dropout_in_place() -> None:
    x = Tensor(np.ones((9, 9), np.float32))
    out = nn.Dropout(0.5, inplace=True, generator=np.random.default_rng(0))(x)
    assert out is x
    assert set(np.unique(x.array)) == {0.0, 2.0}


FOREIGN = np.dtype(np.float32).newbyteorder()


@pytest.mark.parametrize(
    "call",
    [
        lambda x: nn.Linear(4, 1)(x),
        lambda x: nn.PReLU()(x),
        lambda x: nn.Conv1d(6, 1, 2)(x),
        lambda x: nn.LayerNorm(4)(x),
        lambda x: nn.BatchNorm1d(4)(x),
    ],
)
def test_a_foreign_byte_order_is_named(call: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises(DtypeError) as caught:
        call(Tensor(ROWS.astype(FOREIGN)))
    assert "-endian byte order" in str(caught.value)
    assert "newbyteorder" in caught.value.hint


SIZES: list[tuple[Callable[[], object], str]] = [
    (lambda: nn.Linear("5", 2), "in_features must be a whole number, but got '5' of type str"),  # type: ignore[arg-type]
    (lambda: nn.Linear(5, 2.0), "out_features must be a whole number, but got 2.0 of type float"),  # type: ignore[arg-type]
    (lambda: nn.Conv2d(None, 1, 3), "in_channels must be a whole number, but got None of type NoneType"),  # type: ignore[arg-type]
    (lambda: nn.Conv2d(1, 1, 3.0), "conv2d(): argument 'kernel_size' must be tuple of ints, not float"),  # type: ignore[arg-type]
    (lambda: nn.Embedding(3, "x"), "embedding_dim must be a whole number, but got 'x' of type str"),  # type: ignore[arg-type]
    (lambda: nn.LayerNorm((3, 2.5)), "normalized_shape must be a whole number, but got 2.5 of type float"),  # type: ignore[arg-type]
    (lambda: nn.BatchNorm2d([3]), "num_features must be a whole number, but got [3] of type list"),  # type: ignore[arg-type]
    (lambda: nn.PReLU("a"), "num_parameters must be a whole number, but got 'a' of type str"),  # type: ignore[arg-type]
    (lambda: nn.Unflatten(1, "ab"), "unflattened_size must be a tuple of ints, but found type str"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "words"), SIZES, ids=[words for _, words in SIZES])
def test_sizes_of_the_wrong_type_name_the_argument(call: Callable[[], object], words: str) -> None:
    with pytest.raises(OperandError) as caught:
        call()
    assert caught.value.message == words
    assert caught.value.hint


UNSUPPORTED: list[tuple[Callable[[], object], str]] = [
    (lambda: nn.MaxPool2d(2, return_indices=True)(Tensor(np.zeros((1, 4, 4)))), "return_indices"),
    (lambda: nn.AvgPool2d(2, ceil_mode=True)(Tensor(np.zeros((1, 4, 4)))), "ceil_mode"),
    (lambda: nn.Embedding(3, 2, max_norm=1.0), "max_norm"),
    (lambda: nn.Embedding(3, 2, scale_grad_by_freq=True), "scale_grad_by_freq"),
    (lambda: nn.Embedding(3, 2, sparse=True), "sparse"),
    (lambda: F.embedding(tensor([1]), tensor([[1.0]]), norm_type=1.0), "norm_type"),
    (lambda: F.normalize(Tensor(ROWS), math.inf), "order inf"),
]


@pytest.mark.parametrize(("call", "name"), UNSUPPORTED, ids=[name for _, name in UNSUPPORTED])
def test_what_is_not_there_is_refused_by_name(call: Callable[[], object], name: str) -> None:
    with pytest.raises(NotSupportedError, match=name):
        call()


def test_the_old_words_for_a_reduction() -> None:
    x, y = Tensor(ROWS), Tensor(ROWS * 0)
    with pytest.warns(UserWarning, match="please use reduction='sum' instead"):
        assert nn.MSELoss(size_average=False)(x, y).item() == pytest.approx(float((ROWS**2).sum()))
    with pytest.warns(UserWarning, match="please use reduction='none' instead"):
        assert F.l1_loss(x, y, reduce=False).shape == ROWS.shape
    with pytest.warns(UserWarning, match="'batchmean' divides only by the batch size"):
        F.kl_div(x, Tensor(np.abs(ROWS)))


def test_groups_share_nothing() -> None:
    layer = nn.Conv2d(4, 6, 3, groups=2, generator=np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(2, 4, 5, 5)).astype(np.float32)
    before = layer(Tensor(x)).array
    x[:, 2:] += 1
    after = layer(Tensor(x)).array
    np.testing.assert_array_equal(before[:, :3], after[:, :3])
    assert (before[:, 3:] != after[:, 3:]).any()
    assert np.abs(layer.weight.array).max() <= 1 / math.sqrt(2 * 9)


def test_a_padding_row_starts_at_0_and_stays() -> None:
    layer = nn.Embedding(5, 3, padding_idx=2)
    assert layer.weight.tolist()[2] == [0, 0, 0]
    layer(tensor([2, 2, 1])).sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.tolist() == [[0, 0, 0], [1, 1, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_weights_of_classes_belong_to_the_state_of_a_loss() -> None:
    loss = nn.CrossEntropyLoss(weight=tensor([1.0, 2.0])).double()
    assert list(loss.state_dict()) == ["weight"]
    assert loss(Tensor(np.zeros((2, 2))), tensor([0, 1])).dtype == np.float64
    assert not list(loss.parameters())


@pytest.mark.parametrize("entry", [*nn.layers, *nn.losses], ids=lambda entry: entry.name)
def test_what_is_for_code_alone_is_no_field_of_a_form(entry) -> None:  # type: ignore[no-untyped-def]
    offered = {argument.name for argument in arguments_of(entry.factory)}
    assert not offered & {
        "inplace", "groups", "dilation", "padding_mode", "ignore_index", "size_average", "reduce", "weight", "padding_idx",
        "ceil_mode", "return_indices", "count_include_pad", "divisor_override", "generator",
    }  # fmt: skip
    assert entry.name != "Conv2d" or offered >= {"kernel_size", "stride", "padding", "bias"}


PUBLIC = [getattr(nn, name) for name in nn.__all__ if inspect.isclass(getattr(nn, name))]


@pytest.mark.parametrize(
    "layer", [kind for kind in PUBLIC if issubclass(kind, nn.Module)], ids=lambda kind: kind.__name__
)
def test_a_generator_is_never_taken_by_position(layer: type[nn.Module]) -> None:
    found = inspect.signature(layer).parameters.get("generator")
    assert found is None or found.kind is inspect.Parameter.KEYWORD_ONLY or layer.__name__ == "Convolution"


def test_errors_can_be_caught_as_the_built_in_and_as_a_fault_of_shapes() -> None:
    with pytest.raises(ValueError, match="expected 4D input") as caught:
        nn.BatchNorm2d(3)(Tensor(ROWS))
    assert isinstance(caught.value, RuntimeError)
    assert isinstance(caught.value, NnvizError)
    with pytest.raises(OperationError, match="stride should not be zero"):
        F.max_pool2d(Tensor(np.zeros((1, 4, 4))), 2, 0)


WITH_TYPES: list[Callable[..., nn.Module]] = [
    lambda **o: nn.Linear(2, 3, **o),
    lambda **o: nn.Conv2d(2, 3, 3, **o),
    lambda **o: nn.Conv1d(2, 3, 3, **o),
    lambda **o: nn.Embedding(4, 2, **o),
    lambda **o: nn.BatchNorm1d(3, **o),
    lambda **o: nn.LayerNorm(3, **o),
    lambda **o: nn.PReLU(**o),
]


@pytest.mark.parametrize("make", WITH_TYPES)
def test_a_type_and_a_device_can_be_asked_for(make: Callable[..., nn.Module]) -> None:
    assert {p.dtype.name for p in make().parameters()} == {"float32"}
    assert {p.dtype.name for p in make(dtype=nnviz.float64, device="cpu").parameters()} == {"float64"}
    with pytest.raises(NotSupportedError, match="there is no device 'cuda:0'"):
        make(device="cuda:0")
    with pytest.raises(DtypeError, match="float32 or float64, not int64"):
        make(dtype=nnviz.int64)


def test_softmax_in_another_type() -> None:
    assert F.softmax(tensor([1, 2]), 0, dtype=nnviz.float64).dtype == np.float64
    assert F.log_softmax(Tensor(ROWS), 1, dtype=nnviz.float64).dtype == np.float64


def test_an_identity_stands_in_the_place_of_any_layer() -> None:
    x = Tensor(ROWS)
    assert nn.Identity(54, unused_argument1=0.1)(x) is x
    assert repr(nn.Identity(54)) == "Identity()"


def test_gradients_that_were_broadcast_over_many_rows_keep_their_digits() -> None:
    drawn = np.random.default_rng(0).normal(1, 1, (200_000, 4)).astype(np.float32)
    bias = Tensor(np.zeros(4, np.float32), requires_grad=True)
    (Tensor(drawn) * (bias + 1)).sum().backward()
    assert bias.grad is not None
    np.testing.assert_allclose(bias.grad.array, drawn.astype(np.float64).sum(0), rtol=1e-7)


MORE: dict[str, tuple[object, ...]] = {
    "max_pool1d": (2,), "max_pool2d": (2,), "avg_pool1d": (2,), "avg_pool2d": (2,), "adaptive_avg_pool1d": (1,),
    "adaptive_avg_pool2d": (1,), "pad": ((1, 1),), "layer_norm": ((2,),),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in F.__all__ if name != "Reduction"])
@pytest.mark.parametrize(
    "wrong", [[1.0, 2.0], np.ones((2, 2), np.float32), 3.0, None], ids=["list", "array", "number", "none"]
)
def test_what_is_no_tensor_is_a_type_error(name: str, wrong: object) -> None:
    function = getattr(F, name)
    required = [p for p in inspect.signature(function).parameters.values() if p.default is inspect.Parameter.empty]
    whole = Tensor(np.ones((2, 2), np.float32))
    beside = MORE.get(name, ())
    tensors = len(required) - len(beside)
    for at in range(tensors):
        given = [whole] * tensors
        given[at] = wrong  # type: ignore[call-overload]
        with pytest.raises(TypeError) as caught:
            function(*given, *beside)
        assert "Tensor" in str(caught.value)


@pytest.mark.parametrize("weight", [[1.0, 2.0], np.ones(2), 3.0])
def test_weights_of_classes_are_tensors(weight: object) -> None:
    with pytest.raises(OperandError, match="to buffer 'weight'"):
        nn.CrossEntropyLoss(weight)  # type: ignore[arg-type]
    with pytest.raises(OperandError, match="to buffer 'pos_weight'"):
        nn.BCEWithLogitsLoss(pos_weight=weight)  # type: ignore[arg-type]

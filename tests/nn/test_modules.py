"""Modules: names, modes, repr, initialization."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnviz import nn
from nnviz.autograd import Tensor, abstract, tensor
from nnviz.errors import OperationError, PositionError, ShapeError
from nnviz.nn.init import initializers


def lesson() -> nn.Sequential:
    return nn.Sequential(nn.Linear(10, 5), nn.Sigmoid(), nn.Linear(5, 8), nn.Softmax())


def test_repr_is_pytorchs() -> None:
    assert repr(lesson()) == (
        "Sequential(\n"
        "  (0): Linear(in_features=10, out_features=5, bias=True)\n"
        "  (1): Sigmoid()\n"
        "  (2): Linear(in_features=5, out_features=8, bias=True)\n"
        "  (3): Softmax(dim=None)\n"
        ")"
    )


def test_a_module_of_ones_own_shows_its_children() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.first = nn.Linear(2, 1)
            self.rest = nn.Sequential(nn.ReLU())

    assert repr(Net()) == (
        "Net(\n"
        "  (first): Linear(in_features=2, out_features=1, bias=True)\n"
        "  (rest): Sequential(\n"
        "    (0): ReLU()\n"
        "  )\n"
        ")"
    )
    assert repr(nn.Sequential()) == "Sequential()"


def test_a_part_of_a_sequential_is_one() -> None:
    model = lesson()
    part = model[1:3]
    assert isinstance(part, nn.Sequential)
    assert part[0] is model[1]
    assert part[-1] is model[2]


def test_an_empty_batch_leaves_running_averages_alone() -> None:
    layer = nn.BatchNorm1d(2)
    assert layer(Tensor(np.zeros((0, 2), np.float32))).shape == (0, 2)
    assert layer.running_mean.tolist() == [0, 0]
    assert layer.running_var.tolist() == [1, 1]


def test_parameters_have_pytorchs_names_and_shapes() -> None:
    assert {name: p.shape for name, p in lesson().named_parameters()} == {
        "0.weight": (5, 10), "0.bias": (5,), "2.weight": (8, 5), "2.bias": (8,),
    }  # fmt: skip


def test_every_module_is_visited_once_in_order() -> None:
    model = nn.Sequential(nn.Sequential(nn.Linear(1, 1), nn.ReLU()), nn.Linear(1, 1))
    assert [type(m).__name__ for m in model.modules()] == ["Sequential", "Sequential", "Linear", "ReLU", "Linear"]
    assert [name for name, _ in model.named_parameters()] == ["0.0.weight", "0.0.bias", "1.weight", "1.bias"]


def test_state_goes_round() -> None:
    one, other = lesson(), lesson()
    other.load_state_dict(one.state_dict())
    x = Tensor(np.ones((4, 10), np.float32))
    np.testing.assert_array_equal(one(x).array, other(x).array)


def test_state_that_does_not_fit_changes_nothing() -> None:
    model = lesson()
    before = {name: tensor.array.copy() for name, tensor in model.state_dict().items()}
    missing = {k: v + 1 for k, v in before.items() if k != "0.bias"}
    with pytest.raises(OperationError, match=r'Missing key\(s\) in state_dict: "0.bias"'):
        model.load_state_dict(missing)
    wrong = {k: v + 1 for k, v in before.items()} | {"2.bias": np.zeros(3)}
    with pytest.raises(
        ShapeError,
        match=r"size mismatch for 2.bias: copying a param with shape torch.Size\(\[3\]\) from checkpoint, the shape in current model is torch.Size\(\[8\]\).",
    ):
        model.load_state_dict(wrong)
    with pytest.raises(OperationError, match="Unexpected key"):
        model.load_state_dict(before | {"9.weight": np.zeros(1)})
    for key, held in model.state_dict().items():
        np.testing.assert_array_equal(held.array, before[key])


def test_a_mismatch_names_the_layer() -> None:
    model = nn.Sequential(nn.Linear(10, 5), nn.Linear(4, 2))
    with pytest.raises(ShapeError) as caught:
        model(Tensor(np.zeros((4, 10), np.float32)))
    assert str(caught.value).startswith(
        "layer 1 Linear(in_features=4, out_features=2, bias=True): "
        "mat1 and mat2 shapes cannot be multiplied (4x5 and 4x2)"
    )


def test_softmax_without_dim_chooses_as_pytorch_does() -> None:
    z = np.random.default_rng(0).standard_normal((2, 3, 4))
    for array, dim in ((z[0, 0], 0), (z[0], 1), (z, 0)):
        np.testing.assert_allclose(nn.Softmax()(Tensor(array)).array.sum(axis=dim), 1)


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_dropout_keeps_the_mean_and_is_off_in_evaluation(p: float) -> None:
    layer = nn.Dropout(p, generator=np.random.default_rng(0))
    x = Tensor(np.ones((500, 200), np.float32))
    out = layer(x).array
    assert abs((out == 0).mean() - p) < 0.01
    assert abs(out.mean() - (p < 1)) < 0.01
    assert layer.eval()(x) is x


def test_default_initialization_is_pytorchs() -> None:
    layer = nn.Linear(400, 300, generator=np.random.default_rng(0))
    for array in (layer.weight.array, layer.bias.array):  # type: ignore[union-attr]
        assert np.abs(array).max() <= 1 / 20
        assert abs(array.std() * math.sqrt(3) * 20 - 1) < 0.06
    np.testing.assert_array_equal(
        layer.weight.array, nn.Linear(400, 300, generator=np.random.default_rng(0)).weight.array
    )


@pytest.mark.parametrize(
    ("name", "std"),
    [("xavier_uniform", math.sqrt(2 / 700)), ("kaiming_uniform", math.sqrt(2 / 400)), ("normal", 1.0), ("zeros", 0.0)],
)
def test_initializers_have_their_spread(name: str, std: float) -> None:
    weight = Tensor(np.full((300, 400), 9, np.float32))
    initializers[name].factory(weight, **({} if name == "zeros" else {"generator": np.random.default_rng(0)}))
    assert weight.array.std() == pytest.approx(std, rel=0.01)
    assert abs(weight.array.mean()) <= 0.02 * std


def test_nothing_is_allocated_inside_abstract() -> None:
    with abstract():
        layer = nn.Linear(10**6, 10**6)
    assert layer.weight.shape == (10**6, 10**6)
    assert layer.weight.array.strides == (0, 0)


@pytest.mark.parametrize("entry", list(nn.layers), ids=lambda entry: entry.name)
def test_a_constructor_only_stores_its_arguments(entry) -> None:  # type: ignore[no-untyped-def]
    values = {a.name: 3 if a.required else a.default for a in entry.arguments}
    layer = entry.factory(**values)
    for name, value in values.items():
        kept = getattr(layer, name)
        # As in PyTorch, bias=True becomes the bias itself, and a pool's missing stride its window's size.
        assert isinstance(kept, nn.Parameter) or kept == (
            layer.kernel_size if value is None and name == "stride" else value
        )
    # One line of the picker at 80 columns.
    assert 0 < len(entry.summary) <= 51


def test_cross_entropy_of_known_numbers() -> None:
    logits = tensor([[0.0, math.log(3.0)]])
    assert nn.CrossEntropyLoss()(logits, tensor([1])).item() == pytest.approx(-math.log(0.75))
    with pytest.raises(PositionError, match="Target 2 is out of bounds"):
        nn.CrossEntropyLoss()(logits, tensor([2]))

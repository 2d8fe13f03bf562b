"""What is saved comes back as it was."""

from __future__ import annotations

import io
import math
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import nnviz
from nnviz import nn, optim
from nnviz.autograd import Tensor
from nnviz.errors import OperandError
from tests.examples import examples

DTYPES = ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]

ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, min_side=0, max_side=3))
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=5),
    ARRAYS,
    ARRAYS.map(Tensor),
)
KEYS = st.one_of(
    st.text(st.characters(), max_size=4),
    st.integers(),
    st.booleans(),
    st.none(),
    st.tuples(st.integers(), st.text(max_size=2)),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
        st.dictionaries(KEYS, inner, max_size=4).map(OrderedDict),
    ),
    max_leaves=12,
)


def again(obj: object) -> Any:
    """`obj` saved and loaded."""
    file = io.BytesIO()
    nnviz.save(obj, file)
    file.seek(0)
    return nnviz.load(file)


def same(a: object, b: object) -> bool:
    """Whether two trees are alike in types, numbers and order; NaN is like NaN."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Tensor):
        return a.requires_grad == b.requires_grad and same(a.array, b.array)
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return same(list(a), list(b)) and same(list(a.values()), list(b.values()))
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return repr(a) == repr(b)


@examples(30, 100)
@given(TREES)
def test_trees_come_back_and_give_the_same_bytes_again(tree: Any) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    nnviz.save(tree, first)
    first.seek(0)
    loaded = nnviz.load(first)
    assert same(loaded, tree)
    nnviz.save(loaded, second)
    assert first.getvalue() == second.getvalue()


def test_nan_and_infinities_are_kept() -> None:
    tree = {"loss": math.nan, "best": -math.inf, "weights": nnviz.tensor([math.nan, math.inf, -0.0])}
    assert same(again(tree), tree)


def test_strided_and_foreign_arrays_come_back_as_numbers() -> None:
    array = np.arange(12.0).reshape(3, 4)
    for each in (array.T, array[::2, ::-1], np.broadcast_to(array[:1], (3, 4)), array.astype(">f8")):
        loaded = again(Tensor(each))
        assert loaded.tolist() == each.tolist()
        assert loaded.dtype == np.float64
        loaded.zero_()  # It can be written to.


@pytest.mark.parametrize("keys", [("a.b", "a"), ("__metadata__", "tensor"), ("", "."), ("\ud800", "?")])
def test_names_that_collide(keys: tuple[str, str]) -> None:
    one, other = keys
    tree = {one: nnviz.tensor(1.0), other: {"b": nnviz.tensor(2.0), one: nnviz.tensor(3.0)}, (1, 2): nnviz.tensor(4.0)}
    assert same(again(tree), tree)


def test_a_state_dict_is_a_plain_file_of_its_names() -> None:
    from safetensors.numpy import load

    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    file = io.BytesIO()
    nnviz.save(model.state_dict(), file)
    found = load(file.getvalue())
    assert sorted(found) == sorted(model.state_dict())
    np.testing.assert_array_equal(found["0.weight"], model[0].weight.array)


def test_training_goes_on_where_it_was(tmp_path: Path) -> None:
    x = nnviz.tensor([[0.5, -1.0], [1.0, 2.0], [0.0, 1.0]])

    def steps(model: nn.Module, optimizer: Any, count: int) -> list[float]:
        losses = []
        for _ in range(count):
            optimizer.zero_grad()
            loss = (model(x) - 1).square().mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    history = steps(model, optimizer, 3)
    path = tmp_path / "checkpoint.pt"
    nnviz.save(
        {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "history": history,
            "rng": nnviz.get_rng_state(),
        },
        path,
    )
    unbroken = steps(model, optimizer, 3)

    other = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    checkpoint = nnviz.load(path, map_location="cpu", weights_only=True)
    other.load_state_dict(checkpoint["model"])
    nnviz.set_rng_state(checkpoint["rng"])
    assert checkpoint["history"] == history
    assert list(checkpoint["model"]) == list(model.state_dict())
    assert unbroken[0] == steps(other, optim.SGD(other.parameters(), lr=0.1), 1)[0]


def test_parameters_stay_parameters() -> None:
    layer = nn.Linear(2, 1)
    layer.bias.requires_grad = False
    weight, bias = again(list(layer.parameters()))
    assert type(weight) is type(bias) is nn.Parameter
    assert (weight.requires_grad, bias.requires_grad) == (True, False)
    assert again(nnviz.ones(2, requires_grad=True)).requires_grad


class Strange:
    def state_dict(self) -> dict[str, int]:
        return {}


HOLDS_ITSELF: list[Any] = []
HOLDS_ITSELF.append(HOLDS_ITSELF)


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        (nn.Linear(1, 1), "save model.state_dict()"),
        ({"a": [nn.ReLU()]}, "the value at a → 0 is a module (ReLU)"),
        (Strange(), "save its state_dict()"),
        (nn.Linear, "is code (Linear)"),
        (len, "is code (len)"),
        ({1, 2}, "convert it to a list"),
        (b"bytes", "is of type bytes"),
        (1j, "is of type complex"),
        (Path(), "is of type"),
        (np.array(["a"]), "has dtype <U1"),
        (np.array([None]), "has dtype object"),
        (np.ones(1, complex), "has dtype complex128"),
        ({b"a": 1}, "has a key of type bytes"),
        ({math.nan: 1}, "has a key of type float"),
        ({"n": 10**5000}, "a number cannot be written"),
        (HOLDS_ITSELF, "contains itself"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused_by_name(obj: object, words: str) -> None:
    file = io.BytesIO()
    with pytest.raises(OperandError) as raised:
        nnviz.save(obj, file)
    assert words in str(raised.value)
    assert raised.value.hint
    assert not file.getvalue()


def test_the_library_is_loaded_when_a_file_is() -> None:
    code = "import sys, nnviz; nnviz.save; nnviz.load; sys.exit('safetensors' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

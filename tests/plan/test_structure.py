"""Layers that come, go or change between two steps: the plan does what the tape does, or says why it cannot."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import pytest

import nnviz
from nnviz import nn, optim
from nnviz.autograd import Tensor
from nnviz.errors import GraphError
from nnviz.nn.registration import changes

drawn = np.random.default_rng(7)
X, Y = drawn.normal(size=(6, 4)), drawn.normal(size=(6, 4))


def square(seed: int) -> nn.Module:
    return nn.Linear(4, 4, generator=np.random.default_rng(seed)).double()


def learned(*values: float) -> nn.Parameter:
    return nn.Parameter(np.array(values))


class Net(nn.Module):
    """A module of one's own that holds one of each container."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(square(0), nn.Tanh(), square(1))
        self.several = nn.ModuleList([square(2), nn.Sigmoid()])
        self.named = nn.ModuleDict({"first": square(3)})
        self.scales = nn.ParameterList([learned(1.0), learned(0.5)])
        self.shifts = nn.ParameterDict({"a": learned(0.1)})
        self.register_buffer("offset", Tensor(np.array([0.3, 0.2, 0.1, 0.0])))

    def forward(self, x: Tensor) -> Tensor:
        x = self.body(x) + self.offset
        for layer in self.several:
            x = layer(x)
        for layer in self.named.values():
            x = layer(x)
        for scale in self.scales:
            x = x * scale
        for shift in self.shifts.values():
            x = x + shift
        return x


class New:
    """What takes part in a change, built before: building a layer sets attributes, which a plan would notice by itself."""

    def __init__(self) -> None:
        self.layer = square(9)
        self.tanh, self.relu, self.sigmoid = nn.Tanh(), nn.ReLU(), nn.Sigmoid()
        self.body = nn.Sequential(square(8))
        self.bias, self.scale = learned(1.0, 2.0, 3.0, 4.0), learned(3.0)
        self.buffer = Tensor(np.ones(4))


def replace_parameter(of: Net, new: New) -> None:
    of.body[0].bias = new.bias


def drop_bias(of: Net, _: New) -> None:
    of.body[2].bias = None


def delete_bias(of: Net, _: New) -> None:
    del of.body[2].bias
    of.body[2].bias = None


def new_body(of: Net, new: New) -> None:
    of.body = new.body


def delete_body(of: Net, new: New) -> None:
    del of.body
    of.body = new.tanh


CHANGES: dict[str, Callable[[Net, New], object]] = {
    "append": lambda of, new: of.body.append(new.relu),
    "append of layers": lambda of, new: of.body.append(new.layer),
    "extend": lambda of, new: of.body.extend([new.layer, new.tanh]),
    "insert": lambda of, new: of.body.insert(1, new.layer),
    "set": lambda of, new: of.body.__setitem__(1, new.relu),
    "set from behind": lambda of, new: of.body.__setitem__(-1, new.layer),
    "delete": lambda of, new: of.body.__delitem__(1),
    "delete a slice": lambda of, new: of.body.__delitem__(slice(1, None)),
    "pop": lambda of, new: of.body.pop(2),
    "another body": new_body,
    "no body": delete_body,
    "list append": lambda of, new: of.several.append(new.layer),
    "list set": lambda of, new: of.several.__setitem__(1, new.tanh),
    "list pop": lambda of, new: of.several.pop(1),
    "dict set": lambda of, new: of.named.__setitem__("second", new.tanh),
    "dict replace": lambda of, new: of.named.__setitem__("first", new.layer),
    "dict pop": lambda of, new: of.named.pop("first"),
    "dict clear": lambda of, new: of.named.clear(),
    "parameter list append": lambda of, new: of.scales.append(new.scale),
    "parameter list set": lambda of, new: of.scales.__setitem__(0, new.scale),
    "parameter dict set": lambda of, new: of.shifts.__setitem__("b", new.scale),
    "parameter dict pop": lambda of, new: of.shifts.pop("a"),
    "a parameter replaced": replace_parameter,
    "a bias dropped": drop_bias,
    "a bias deleted": delete_bias,
    "a buffer replaced": lambda of, new: setattr(of, "offset", new.buffer),
    "a buffer registered anew": lambda of, new: of.register_buffer("offset", new.buffer),
    "a buffer changed": lambda of, new: of.offset.mul_(2.0),
    "frozen": lambda of, new: of.body.requires_grad_(False),
    "one frozen": lambda of, new: of.body[0].weight.requires_grad_(False),
    "frozen and freed": lambda of, new: (of.body.requires_grad_(False), of.body.requires_grad_()),
    "add_module": lambda of, new: of.body.add_module("3", new.tanh),
    "by name": lambda of, new: setattr(of.body, "1", new.sigmoid),
    "another vector": lambda of, new: nn.utils.vector_to_parameters(
        Tensor(np.linspace(-1, 1, sum(p.numel() for p in of.body.parameters()))), of.body.parameters()
    ),
    "drawn anew": lambda of, new: of.apply(
        lambda m: nn.init.constant_(m.weight, 0.1) if isinstance(m, nn.Linear) else None
    ),
    "loaded": lambda of, new: of.load_state_dict({key: value.array * 0.5 for key, value in of.state_dict().items()}),
    "zeroed": lambda of, new: of.zero_grad(set_to_none=False),
}


NUMBERS = [
    CHANGES[name] for name in ("a buffer changed", "one frozen", "another vector", "drawn anew", "loaded", "zeroed")
]
"""Changes of numbers and flags, which a plan notices by other means."""

MSE = nn.MSELoss()


def on_tape(model: nn.Module, optimizer: optim.Optimizer) -> float:
    optimizer.zero_grad()
    loss = MSE(model(Tensor(X)), Tensor(Y))
    loss.backward()
    optimizer.step()
    return float(loss.item())


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_structure_is_followed(change: Callable[[Net, New], object]) -> None:
    one, new = Net(), (New(), New())
    other = copy.deepcopy(one)
    mine, theirs = (optim.SGD(of.parameters(), lr=0.1, momentum=0.9) for of in (one, other))
    step = nnviz.compile_step(other, MSE, theirs)
    predict = nnviz.compile_forward(other)
    for turn in range(6):
        edits = changes.edits
        if turn == 3:
            change(one, new[0])
            change(other, new[1])
            assert changes.edits > edits or change in NUMBERS
        assert step(X, Y) == pytest.approx(on_tape(one, mine), rel=1e-11)
        np.testing.assert_allclose(predict(X).array, one(Tensor(X)).array, rtol=1e-10, atol=1e-13)
        # A step by itself is no change, or every plan would be made anew.
        assert changes.edits == edits or turn == 3
    assert list(one.state_dict()) == list(other.state_dict())
    for (name, wanted), found in zip(one.state_dict().items(), other.state_dict().values(), strict=True):
        np.testing.assert_allclose(found.array, wanted.array, rtol=1e-10, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("where", ["", "body", "body.1", "named.first"])
@pytest.mark.parametrize("before", [False, True])
def test_a_hook_is_not_frozen_into_a_plan(where: str, before: bool) -> None:
    model = Net()
    step = nnviz.compile_step(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.0))
    predict = nnviz.compile_forward(model)
    wanted, shown = step(X, Y), predict(X).tolist()
    hooked = model.get_submodule(where)
    handle = (hooked.register_forward_pre_hook if before else hooked.register_forward_hook)(lambda *_: None)
    for planned in (lambda: step(X, Y), lambda: predict(X)):
        with pytest.raises(GraphError, match=f"{type(hooked).__name__} has a forward hook, and a plan runs no Python"):
            planned()
    handle.remove()
    assert step(X, Y) == wanted
    assert predict(X).tolist() == shown


def test_a_hook_of_a_loss_is_not_frozen_either() -> None:
    loss, model = nn.MSELoss(), Net()
    loss.register_forward_hook(lambda module, inputs, output: output * 2)
    with pytest.raises(GraphError, match="MSELoss has a forward hook"):
        nnviz.compile_step(model, loss, optim.SGD(model.parameters(), lr=0.1))(X, Y)


def test_a_keyword_of_forward_can_be_planned() -> None:
    class Scaled(nn.Module):
        def forward(self, x: Tensor, scale: float = 1.0) -> Tensor:
            return x * scale

    scaled = Scaled()
    assert nnviz.compile_forward(lambda x: scaled(x, scale=2.0))(np.ones(2)).tolist() == [2.0, 2.0]

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


def replace_parameter(of: Net) -> None:
    of.body[0].bias = learned(1.0, 2.0, 3.0, 4.0)


def drop_bias(of: Net) -> None:
    of.body[2].bias = None


def new_body(of: Net) -> None:
    of.body = nn.Sequential(square(9))


CHANGES: dict[str, Callable[[Net], object]] = {
    "append": lambda of: of.body.append(nn.ReLU()),
    "append of layers": lambda of: of.body.append(square(9)),
    "extend": lambda of: of.body.extend([square(9), nn.Tanh()]),
    "insert": lambda of: of.body.insert(1, square(9)),
    "set": lambda of: of.body.__setitem__(1, nn.ReLU()),
    "set from behind": lambda of: of.body.__setitem__(-1, square(9)),
    "delete": lambda of: of.body.__delitem__(1),
    "delete a slice": lambda of: of.body.__delitem__(slice(1, None)),
    "pop": lambda of: of.body.pop(2),
    "another body": new_body,
    "list append": lambda of: of.several.append(square(9)),
    "list set": lambda of: of.several.__setitem__(1, nn.Tanh()),
    "list pop": lambda of: of.several.pop(1),
    "dict set": lambda of: of.named.__setitem__("second", nn.Tanh()),
    "dict replace": lambda of: of.named.__setitem__("first", square(9)),
    "dict pop": lambda of: of.named.pop("first"),
    "dict clear": lambda of: of.named.clear(),
    "parameter list append": lambda of: of.scales.append(learned(2.0)),
    "parameter list set": lambda of: of.scales.__setitem__(0, learned(3.0)),
    "parameter dict set": lambda of: of.shifts.__setitem__("b", learned(2.0)),
    "parameter dict pop": lambda of: of.shifts.pop("a"),
    "a parameter replaced": replace_parameter,
    "a bias dropped": drop_bias,
    "a buffer replaced": lambda of: setattr(of, "offset", Tensor(np.ones(4))),
    "a buffer registered anew": lambda of: of.register_buffer("offset", Tensor(np.ones(4) * 2)),
    "a buffer changed": lambda of: of.offset.mul_(2.0),
    "frozen": lambda of: of.body.requires_grad_(False),
    "one frozen": lambda of: of.body[0].weight.requires_grad_(False),
    "frozen and freed": lambda of: (of.body.requires_grad_(False), of.body.requires_grad_()),
    "add_module": lambda of: of.body.add_module("3", nn.Tanh()),
    "by name": lambda of: setattr(of.body, "1", nn.Sigmoid()),
    "another vector": lambda of: nn.utils.vector_to_parameters(
        Tensor(np.linspace(-1, 1, sum(p.numel() for p in of.body.parameters()))), of.body.parameters()
    ),
    "drawn anew": lambda of: of.apply(lambda m: nn.init.constant_(m.weight, 0.1) if isinstance(m, nn.Linear) else None),
    "loaded": lambda of: of.load_state_dict({key: value.array * 0.5 for key, value in of.state_dict().items()}),
    "zeroed": lambda of: of.zero_grad(set_to_none=False),
}


def on_tape(model: nn.Module, optimizer: optim.Optimizer) -> float:
    optimizer.zero_grad()
    loss = nn.MSELoss()(model(Tensor(X)), Tensor(Y))
    loss.backward()
    optimizer.step()
    return float(loss.item())


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_structure_is_followed(change: Callable[[Net], object]) -> None:
    one = Net()
    other = copy.deepcopy(one)
    mine, theirs = (optim.SGD(of.parameters(), lr=0.1, momentum=0.9) for of in (one, other))
    step = nnviz.compile_step(other, nn.MSELoss(), theirs)
    predict = nnviz.compile_forward(other)
    for turn in range(6):
        if turn == 3:
            change(one)
            change(other)
        assert step(X, Y) == pytest.approx(on_tape(one, mine), rel=1e-11)
        np.testing.assert_allclose(predict(X).array, one(Tensor(X)).array, rtol=1e-10, atol=1e-13)
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

"""What a module holds: nothing learned is lost, whatever is set, deleted or registered."""

from __future__ import annotations

import copy
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnviz
from nnviz import nn, optim
from nnviz.autograd.device import Device
from nnviz.errors import GraphError, KeyNameError, MissingNameError, NnvizError, NotSupportedError, OperandError

NAMES = ("a", "b", "weight", "forward", "children", "training_rate")
VALUES = {
    "parameter": lambda: nn.Parameter(nnviz.zeros(1)),
    "tensor": lambda: nnviz.zeros(1),
    "buffer": lambda: nn.Buffer(nnviz.zeros(1)),
    "transient": lambda: nn.Buffer(nnviz.zeros(1), persistent=False),
    "module": lambda: nn.Linear(1, 1),
    "container": lambda: nn.Sequential(nn.Linear(1, 1)),
    "none": lambda: None,
    "number": lambda: 3,
}
ACTIONS = {
    "set": lambda m, name, value: setattr(m, name, value),
    "delete": lambda m, name, _: delattr(m, name),
    "register_parameter": lambda m, name, value: m.register_parameter(name, value),
    "register_buffer": lambda m, name, value: m.register_buffer(name, value),
    "register_transient": lambda m, name, value: m.register_buffer(name, value, persistent=False),
    "add_module": lambda m, name, value: m.add_module(name, value),
}
Step = st.tuples(st.sampled_from(sorted(ACTIONS)), st.sampled_from(NAMES), st.sampled_from(sorted(VALUES)))


@settings(deadline=None, max_examples=150)
@given(st.lists(Step, max_size=12))
def test_what_is_an_attribute_is_found_by_every_walk(steps: list[tuple[str, str, str]]) -> None:
    module = nn.Module()
    for action, name, value in steps:
        before = dict(vars(module))
        try:
            ACTIONS[action](module, name, VALUES[value]())
        except (NnvizError, AttributeError):
            assert {key: one for key, one in vars(module).items() if key in NAMES} == {
                key: one for key, one in before.items() if key in NAMES
            }
    held = {name: value for name, value in vars(module).items() if name in NAMES}
    own = {name: value for name, value in held.items() if isinstance(value, nn.Parameter)}
    assert dict(module.named_parameters(recurse=False)) == {
        name: value for name, value in own.items() if name not in module._buffers
    }
    below = {name: value for name, value in held.items() if isinstance(value, nn.Module)}
    assert dict(module.named_modules()).keys() >= below.keys()
    paths = {f"{name}.{path}" for name, child in below.items() for path, _ in child.named_parameters()}
    assert {path for path, _ in module.named_parameters() if "." in path} == paths
    assert set(module.state_dict()) <= {path for path, _ in (*module.named_parameters(), *module.named_buffers())}
    twin = copy.deepcopy(module)
    assert [name for name, _ in twin.named_parameters()] == [name for name, _ in module.named_parameters()]
    assert list(twin.state_dict()) == list(module.state_dict())


def test_super_init_may_be_there_or_not() -> None:
    class Without(nn.Module):
        def __init__(self) -> None:
            self.fc = nn.Linear(2, 1)

    class With(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(2, 1)

    class Late(nn.Module):
        def __init__(self) -> None:
            self.fc = nn.Linear(2, 1)
            super().__init__()

    for kind in (Without, With, Late):
        module = kind()
        assert list(module.state_dict()) == ["fc.weight", "fc.bias"]
        with pytest.raises(OperandError, match=r"cannot assign 'torch.FloatTensor' as parameter 'weight'"):
            module.fc.weight = nnviz.zeros(1, 2)


def test_a_module_over_a_parameter_is_refused_by_the_name_of_its_class() -> None:
    with pytest.raises(OperandError, match=r"cannot assign 'nnviz.nn.linear.Linear' as parameter 'weight'"):
        nn.Linear(2, 1).weight = nn.Linear(2, 1)


@pytest.mark.parametrize("name", ["children", "parameters", "type", "half", "apply", "state_dict", "to", "_modules"])
def test_a_module_cannot_hide_what_every_module_has(name: str) -> None:
    with pytest.raises(KeyNameError, match=f"attribute '{name}' already exists"):
        setattr(nn.Module(), name, nn.ReLU())


def test_the_registries_are_read_only() -> None:
    model = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1))
    assert list(model._modules) == ["0", "1"]
    assert list(model[0]._parameters) == ["weight", "bias"]
    assert list(model[1]._buffers) == ["running_mean", "running_var", "num_batches_tracked"]
    for registry in (model._modules, model._parameters, model._buffers):
        with pytest.raises(TypeError):
            registry["x"] = nn.ReLU()  # type: ignore[index]


def test_a_module_that_holds_itself_has_no_end_of_paths() -> None:
    module = nn.Module()
    module.me = module
    assert [m is module for m in module.modules()] == [True]
    with pytest.raises(GraphError, match="a Module contains itself, at me"):
        module.state_dict()


def test_names_far_below_are_reached_without_recursion() -> None:
    model = inner = nn.Sequential()
    for _ in range(3000):
        inner.append(nn.Sequential())
        inner = inner[0]
    inner.append(nn.Linear(1, 1))
    assert len(list(model.modules())) == 3002
    assert [len(path) for path in model.state_dict()] == [len("0." * 3001 + "weight"), len("0." * 3001 + "bias")]


def test_a_part_that_grows_loses_no_layer() -> None:
    # Its layers are called 1 and 2, and the new one would be called 2 as well.
    part = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))[1:]
    part.append(nn.Tanh())
    assert [type(layer).__name__ for layer in part] == ["ReLU", "Linear", "Tanh"]
    named = nn.Sequential(OrderedDict(a=nn.ReLU(), b=nn.Tanh())).insert(1, nn.Sigmoid())
    assert [type(layer).__name__ for layer in named] == ["ReLU", "Sigmoid", "Tanh"]


def test_a_part_of_a_subclass_holds_the_layers_it_was_asked_for() -> None:
    class Block(nn.Sequential):
        def __init__(self, width: int) -> None:
            super().__init__(nn.Linear(width, 3), nn.ReLU(), nn.Linear(3, width))

    block = Block(2)
    part = block[1:]
    assert [type(layer) for layer in part] == [nn.ReLU, nn.Linear]
    assert part[1] is block[2]


def test_a_shallow_copy_registers_for_itself() -> None:
    layer = nn.Linear(2, 1)
    same = copy.copy(layer)
    same.extra = nn.Parameter(nnviz.zeros(1))
    del same.bias
    assert same.weight is layer.weight
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]
    assert [name for name, _ in same.named_parameters()] == ["weight", "extra"]


def test_ten_thousand_layers_are_held_at_once() -> None:
    model = nn.ModuleList(nn.ReLU() for _ in range(10_000))
    assert len(model.extend(nn.Sequential(*[nn.Tanh()] * 10_000))) == 20_000
    assert isinstance(model[-1], nn.Tanh)


@pytest.mark.parametrize(
    "change",
    [lambda m: m.insert(0, 3), lambda m: m.append(3), lambda m: m.insert(9, nn.ReLU()), lambda m: m.extend([nn.ReLU(), 3]), lambda m: m.__setitem__(0, 3)],
)  # fmt: skip
def test_a_change_that_is_refused_changes_nothing(change) -> None:  # type: ignore[no-untyped-def]
    model = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
    held = list(model)
    with pytest.raises(NnvizError):
        change(model)
    assert list(model) == held


@pytest.mark.parametrize(
    ("given", "hint"),
    [(nn.ReLU, r"ReLU\(\)"), ([nn.ReLU()], r"Sequential\(\*layers\)"), ({"a": nn.ReLU()}, "OrderedDict"), (nnviz.relu, "forward"), (3, "Linear")],
)  # fmt: skip
def test_what_is_no_layer_is_told_how_to_become_one(given: object, hint: str) -> None:
    with pytest.raises(OperandError, match=hint):
        nn.Sequential(given)  # type: ignore[arg-type]


def test_a_parameter_made_of_a_result_learns() -> None:
    start = nnviz.tensor([1.0, 2.0], requires_grad=True)
    made = start * 2
    for data in (made, made.detach(), np.array([2.0, 4.0], np.float32), nnviz.tensor([2.0, 4.0])):
        weight = nn.Parameter(data)
        optimizer = optim.SGD([weight], lr=0.5)
        (weight * weight).sum().backward()
        optimizer.step()
        assert weight.tolist() == [0.0, 0.0]
    assert made.tolist() == [2.0, 4.0]
    made.sum().backward()
    assert start.grad is not None
    assert start.grad.tolist() == [2.0, 2.0]


def test_a_parameter_shares_the_memory_of_a_plain_tensor_and_knows_when_it_changes() -> None:
    plain = nnviz.ones(3)
    weight = nn.Parameter(plain)
    loss = (weight * weight).sum()
    plain.add_(1.0)
    assert weight.tolist() == [2.0, 2.0, 2.0]
    with pytest.raises(GraphError, match="modified by an inplace operation"):
        loss.backward()


@pytest.mark.parametrize("kind", [nn.Parameter, nn.Buffer])
@pytest.mark.parametrize("data", [[1.0], 1.0, "1", (1.0, 2.0), np.float32(1)])
def test_a_parameter_is_made_of_a_tensor(kind: type, data: object) -> None:
    with pytest.raises(MissingNameError, match=f"{kind.__name__}.*must be Tensor, not {type(data).__name__}"):
        kind(data)


def test_a_train_of_ones_own_is_heard_below() -> None:
    class Frozen(nn.Module):
        def __init__(self) -> None:
            self.norm = nn.BatchNorm1d(1)

        def train(self, mode: bool = True) -> Frozen:
            super().train(mode)
            self.norm.eval()
            return self

    model = nn.Sequential(Frozen(), nn.BatchNorm1d(1))
    assert [m.training for m in model.train().modules()] == [True, True, False, True]


def test_a_forward_of_ones_own_fails_in_its_own_words() -> None:
    class Wrong(nn.Module):
        def forward(self, x: nnviz.Tensor, times: int) -> nnviz.Tensor:
            return x.nope * times  # type: ignore[attr-defined, no-any-return]

    with pytest.raises(AttributeError, match="'Tensor' object has no attribute 'nope'"):
        nn.Sequential(Wrong())[0](nnviz.ones(1), 3)


def test_a_misspelt_forward_is_found() -> None:
    class Net(nn.Module):
        def foward(self, x: nnviz.Tensor) -> nnviz.Tensor:
            return x

    with pytest.raises(NotSupportedError, match="its method foward should be called forward"):
        Net()(nnviz.ones(1))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: m.to(device="mps"), "the device 'mps' does not exist here"),
        (lambda m: m.bfloat16(), "bfloat16 is not supported"), (lambda m: m.register_full_backward_hook(print), "backward hooks of modules"),
        (lambda m: m.register_backward_hook(print), "backward hooks of modules"),
        (lambda m: m.register_forward_hook(print, always_call=True), "always_call=True is not supported"),
        (lambda m: m.load_state_dict(m.state_dict(), assign=True), "assign=True is not supported"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused_by_name(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotSupportedError, match=words) as caught:
        call(nn.Linear(1, 1))
    assert caught.value.hint


@pytest.mark.parametrize(
    "call",
    [lambda m: m.cuda(0), lambda m: m.to(0), lambda m: m.to(device="cuda"), lambda m: m.to("cuda", nnviz.float64)],
)
def test_there_is_no_graphics_card(call) -> None:  # type: ignore[no-untyped-def]
    layer = nn.Linear(1, 1)
    with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
        call(layer)
    assert layer.weight.dtype == np.float32


def test_a_device_that_nobody_has_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"Expected one of cpu, cuda, .* device type at start of device string: gpu"):
        nn.Linear(1, 1).to("gpu")
    assert nn.Linear(1, 1).to(Device("cpu"), nnviz.float64).weight.dtype == np.float64


def test_gradients_keep_the_type_of_their_parameter() -> None:
    layer = nn.Linear(2, 1)
    layer(nnviz.ones(1, 2)).sum().backward()
    kept = layer.weight.grad
    assert layer.float().weight.grad is kept
    assert layer.double().weight.grad is not None
    assert layer.weight.grad is not None
    assert layer.weight.grad.dtype == np.float64
    assert layer.weight.grad.tolist() == [[1.0, 1.0]]

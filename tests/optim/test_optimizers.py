"""What an optimizer is beside its rule: groups, settings, state, what it refuses, and the same under a plan."""

from __future__ import annotations

import copy
import inspect
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nnviz
from nnviz import nn, optim
from nnviz.autograd import Tensor
from nnviz.errors import ArgumentError, MissingKeyError, NnvizError, NotSupportedError, ShapeError
from nnviz.optim import lr_scheduler

VALUES: dict[str, Any] = json.loads((Path(__file__).parents[1] / "values" / "optim.json").read_text())
NAMES = sorted(VALUES["reprs"])
MOVING = {"SGD": {"momentum": 0.9}, "RMSprop": {"momentum": 0.9, "centered": True}, "Adam": {"amsgrad": True}}


def weight(*values: float) -> nn.Parameter:
    return nn.Parameter(np.array(values or (1.0, -2.0)))


def quadratic(*params: nn.Parameter) -> Tensor:
    return sum(((p**2).sum() for p in params[1:]), (params[0] ** 2).sum())


def step(optimizer: optim.Optimizer, *params: nn.Parameter) -> None:
    optimizer.zero_grad()
    quadratic(*params).backward()
    optimizer.step()


def planned(optimizer: optim.Optimizer, *params: nn.Parameter) -> Callable[[], Any]:
    one = np.ones(1)
    compiled = nnviz.compile_step(lambda x: quadratic(*params) * x.sum(), lambda out, _: out, optimizer)
    return lambda: compiled(one, one)


# Steps are counted for each parameter.


@pytest.mark.parametrize("plan", [False, True], ids=["tape", "plan"])
@pytest.mark.parametrize("name", ["Adam", "AdamW", "Adagrad"])
def test_a_parameter_that_comes_late_takes_its_own_first_step(name: str, plan: bool) -> None:
    arguments = {"lr": 0.1} | ({"lr_decay": 0.5} if name == "Adagrad" else {"weight_decay": 0})
    a, b = weight(1.0), weight(1.0)
    optimizer = getattr(optim, name)([a, b], **arguments)
    for number in range(11):
        b.requires_grad_(number == 10)
        (planned(optimizer, a, b) if plan else lambda: step(optimizer, a, b))()
    assert b.item() == pytest.approx(0.9, abs=1e-7)
    assert [optimizer.state[p]["step"].item() for p in (a, b)] == [11, 1]


def test_steps_are_counted_past_what_float32_can_count() -> None:
    w = weight(1.0)
    optimizer = optim.Adam([w])
    step(optimizer, w)
    optimizer.state[w]["step"].fill_(2.0**24)
    step(optimizer, w)
    assert optimizer.state[w]["step"].item() == 2**24 + 1


# Arguments.


@pytest.mark.parametrize("name", sorted(VALUES["signatures"]))
def test_positions_mean_what_they_mean_in_pytorch(name: str) -> None:
    theirs = VALUES["signatures"][name]
    mine = inspect.signature(getattr(optim if name in NAMES else lr_scheduler, name)).parameters.values()
    positional = [p.name for p in mine if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert positional == theirs["positional"][: len(positional)]
    assert {p.name for p in mine} == {*theirs["positional"], *theirs["keyword"]}


def test_the_fourth_argument_of_sgd_is_dampening() -> None:
    assert optim.SGD([weight()], 0.1, 0.9, 0.5).param_groups[0]["dampening"] == 0.5


@pytest.mark.parametrize("name", NAMES)
def test_it_looks_as_in_pytorch(name: str) -> None:
    optimizer = getattr(optim, name)([weight()])
    assert repr(optimizer) == VALUES["reprs"][name]
    assert set(optimizer.state_dict()["param_groups"][0]) == set(VALUES["keys"][name])
    assert set(optimizer.defaults) == set(VALUES["keys"][name]) - {"params"}


@pytest.mark.parametrize("name", NAMES)
def test_what_a_form_asks_for_has_bounds_and_help(name: str) -> None:
    for argument in optim.optimizers[name].arguments:
        assert argument.help
        assert argument.kind is bool or argument.kind is float


def test_ways_to_compute_the_same_are_taken_and_have_no_effect() -> None:
    w = weight()
    optimizer = optim.Adam([w], foreach=True, fused=False, capturable=True)
    step(optimizer, w)
    assert optimizer.param_groups[0]["foreach"] is True
    with pytest.raises(NotSupportedError, match="differentiable=True is not supported"):
        optim.SGD([w], differentiable=True)


# What is refused, in PyTorch's words and as PyTorch's built-in.

REFUSED: list[tuple[Callable[[nn.Parameter], object], type[Exception], str]] = [
    (lambda w: optim.SGD([w * 0.01]), ValueError, "can't optimize a non-leaf Tensor"),
    (lambda w: optim.Adam([w, w.reshape(2, 1)]), ValueError, "can't optimize a non-leaf Tensor"),
    (lambda w: optim.SGD([{"params": [w[0]]}]), ValueError, "can't optimize a non-leaf Tensor"),
    (lambda w: optim.SGD([w]).add_param_group({"params": w + 1}), ValueError, "can't optimize a non-leaf Tensor"),
    (lambda _: optim.SGD([nnviz.tensor([1, 2])]), ValueError, "can't optimize a Tensor of int64"),
    (lambda _: optim.SGD([nnviz.tensor([True])]), ValueError, "can't optimize a Tensor of bool"),
    (lambda _: optim.SGD([]), ValueError, "optimizer got an empty parameter list"),
    (lambda _: optim.SGD(iter(())), ValueError, "optimizer got an empty parameter list"),
    (lambda _: optim.SGD("weights"), TypeError, "optimizer can only optimize Tensors, but one of the params is str"),
    (lambda w: optim.SGD({"params": [w]}), TypeError, "optimizer can only optimize Tensors, but one of the params is str"),
    (lambda _: optim.SGD(5), TypeError, "'int' object is not iterable"),
    (lambda _: optim.SGD(None), TypeError, "'NoneType' object is not iterable"),
    (lambda _: optim.SGD(nn.Linear(2, 1)), TypeError, "'Linear' object is not iterable"),
    (lambda w: optim.SGD([w, np.ones(2)]), TypeError, "optimizer can only optimize Tensors, but one of the params is ndarray"),
    (lambda w: optim.SGD([w, {"params": [w]}]), TypeError, "optimizer can only optimize Tensors, but one of the params is dict"),
    (lambda w: optim.SGD([{"params": [w]}, w]), TypeError, "param_group must be a dict, but got"),
    (lambda w: optim.SGD([w]).add_param_group([w]), TypeError, "param_group must be a dict, but got <class 'list'>"),
    (lambda w: optim.SGD(w), TypeError, "params argument given to the optimizer should be an iterable of Tensors or dicts"),
    (lambda w: optim.SGD([{"params": {w}}]), TypeError, "optimizer parameters need to be organized in ordered collections"),
    (lambda _: optim.SGD([{"lr": 0.1}]), KeyError, "'params'"),
    (lambda w: optim.SGD([{"params": [w]}, {"params": [w]}]), ValueError, "some parameters appear in more than one parameter group"),
    (lambda w: optim.SGD([("a", w), weight()]), ValueError, "all optimizer params should be with/without names."),
    (lambda w: optim.SGD([{"params": [("a", w)]}, {"params": [weight()]}]), ValueError, "cannot add param group without names"),
    (lambda w: optim.SGD([w], lr=-1), ValueError, "Invalid learning rate: -1"),
    (lambda w: optim.SGD([w], lr="0.1"), TypeError, "lr must be a number, but got str"),
    (lambda w: optim.SGD([w], lr=None), TypeError, "lr must be a number, but got NoneType"),
    (lambda w: optim.SGD([w], lr=nnviz.tensor([0.1, 0.2])), ValueError, "Tensor lr must be 1-element"),
    (lambda w: optim.SGD([w], momentum=0.9, dampening=0.1, nesterov=True), ValueError, "Nesterov momentum requires a momentum and zero dampening"),
    (lambda w: optim.Adam([w], betas=(0.9, 1.0)), ValueError, "Invalid beta parameter at index 1: 1.0"),
    (lambda w: optim.AdamW([w], weight_decay=-1), ValueError, "Invalid weight_decay value: -1"),
    (lambda w: optim.RMSprop([w], alpha=-1), ValueError, "Invalid alpha value: -1"),
    (lambda w: optim.Adagrad([w], initial_accumulator_value=-1), ValueError, "Invalid initial_accumulator_value value: -1"),
    (lambda w: optim.Adadelta([w], rho=1.5), ValueError, "Invalid rho value: 1.5"),
    (lambda w: optim.SGD([w]).load_state_dict({}), KeyError, "'param_groups'"),
    (lambda w: optim.SGD([w]).load_state_dict(optim.SGD([w, weight()]).state_dict()), ValueError, "doesn't match the size of optimizer's group"),
    (lambda w: optim.SGD([w]).load_state_dict(optim.SGD([{"params": w}, {"params": []}]).state_dict()), ValueError, "a different number of parameter groups"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "words"), REFUSED)
def test_what_is_refused(call: Callable[[nn.Parameter], object], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        call(weight())
    assert isinstance(caught.value, NnvizError)
    assert words in caught.value.message


def test_a_frozen_parameter_and_an_empty_group_are_taken() -> None:
    frozen = nn.Parameter(np.ones(2), requires_grad=False)
    optimizer = optim.Adam([{"params": []}, {"params": [frozen]}])
    optimizer.step()
    assert frozen.tolist() == [1, 1]


@pytest.mark.parametrize("plan", [False, True], ids=["tape", "plan"])
def test_a_repeated_parameter_is_warned_of_and_moves_twice(plan: bool) -> None:
    a, b = weight(1.0), weight(1.0)
    with pytest.warns(UserWarning, match="duplicate parameters"):
        optimizer = optim.SGD([a, a, b], lr=0.1)
    (planned(optimizer, a, b) if plan else lambda: step(optimizer, a, b))()
    assert (a.item(), b.item()) == (pytest.approx(0.6), pytest.approx(0.8))


# Groups and settings.


def test_groups_have_settings_of_their_own_and_those_are_read_at_every_step() -> None:
    a, b = weight(1.0), weight(1.0)
    given = {"params": b, "lr": 0.2, "name": "head"}
    optimizer = optim.SGD([{"params": [a]}, given], lr=0.1, momentum=0.5)
    assert optimizer.param_groups[1] is given
    assert [group["momentum"] for group in optimizer.param_groups] == [0.5, 0.5]
    step(optimizer, a, b)
    assert (a.item(), b.item()) == (pytest.approx(0.8), pytest.approx(0.6))
    optimizer.param_groups[0]["lr"] = 0.0
    optimizer.param_groups[1]["momentum"] = 0.0
    step(optimizer, a, b)
    assert (a.item(), b.item()) == (pytest.approx(0.8), pytest.approx(0.36))
    assert optimizer.lr == 0.0
    optimizer.lr = 0.3
    assert [group["lr"] for group in optimizer.param_groups] == [0.3, 0.3]
    with pytest.raises(AttributeError, match="'SGD' object has no attribute 'rate'"):
        _ = optimizer.rate


def test_named_parameters_are_taken_and_shown() -> None:
    model = nn.Linear(2, 1)
    optimizer = optim.SGD(model.named_parameters(), lr=0.1)
    assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]
    assert "    param_names: ['weight', 'bias']\n" in repr(optimizer)
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]
    (model.weight.sum() + model.bias.sum()).backward()
    before = model.bias.item()
    optimizer.step()
    assert model.bias.item() == pytest.approx(before - 0.1)


@pytest.mark.parametrize("rate", [nnviz.tensor(0.1), np.float64(0.1), np.float32(0.1), nnviz.tensor([0.1])], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_a_rate_can_be_any_number(name: str, rate: Any) -> None:
    a, b = weight(1.0), weight(1.0)
    one, other = getattr(optim, name)([a], lr=rate), getattr(optim, name)([b], lr=float(rate))
    step(one, a)
    step(other, b)
    assert a.item() == b.item()


def test_zero_grad_forgets_or_fills_with_zero() -> None:
    w = weight()
    optimizer = optim.SGD([w])
    quadratic(w).backward()
    kept = w.grad
    optimizer.zero_grad(set_to_none=False)
    assert w.grad is kept
    assert w.grad.tolist() == [0, 0]
    optimizer.zero_grad()
    assert w.grad is None


def test_a_closure_is_called_and_its_loss_is_given() -> None:
    w = weight(2.0)
    optimizer = optim.SGD([w], lr=0.25)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = quadratic(w)
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 4.0
    assert w.item() == 1.0
    assert optimizer.step() is None


# State.


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("plan", [False, True], ids=["tape", "plan"])
def test_a_loaded_state_goes_on_bit_for_bit(name: str, plan: bool) -> None:
    a, b = weight(1.0, 2.0), weight(-1.0)
    groups: list[dict[str, Any]] = [{"params": [a]}, {"params": [b], "lr": 0.03}]
    optimizer = getattr(optim, name)(groups, lr=0.1, **MOVING.get(name, {}))
    for number in range(7):
        b.requires_grad_(number > 2)
        step(optimizer, a, b)
    state = optimizer.state_dict()
    c, d = copy.deepcopy(a), copy.deepcopy(b)
    other = getattr(optim, name)([{"params": [c]}, {"params": [d]}])
    other.load_state_dict(state)
    for moved, of in ((optimizer, (a, b)), (other, (c, d))):
        run = planned(moved, *of) if plan else lambda moved=moved, of=of: step(moved, *of)
        for _ in range(5):
            run()
    np.testing.assert_array_equal(a.array, c.array)
    np.testing.assert_array_equal(b.array, d.array)
    for p, twin in ((a, c), (b, d)):
        for key, value in optimizer.state[p].items():
            np.testing.assert_array_equal(other.state[twin][key].array, value.array)
    # What was saved did not change with what went on.
    third = getattr(optim, name)([{"params": [c]}, {"params": [d]}])
    third.load_state_dict(state)
    if "step" in third.state[c]:
        assert [third.state[p]["step"].item() for p in (c, d)] == [7, 4]


def test_an_optimizer_that_never_moved_loads_its_own_state() -> None:
    w = weight()
    optim.Adam([w]).load_state_dict(optim.Adam([w]).state_dict())
    optimizer = optim.SGD([w], momentum=0.9)
    step(optimizer, w)
    assert list(optimizer.state[w]) == ["momentum_buffer"]
    optimizer.load_state_dict(optim.SGD([w], momentum=0.9).state_dict())
    assert optimizer.state == {}


def test_without_momentum_nothing_is_kept() -> None:
    w = weight()
    optimizer = optim.SGD([w])
    step(optimizer, w)
    planned(optimizer, w)()
    assert optimizer.state_dict()["state"] == {}


def test_state_of_another_shape_or_parameter_is_refused_and_nothing_changes() -> None:
    w, other = weight(1.0, 2.0, 3.0), weight()
    saving, optimizer = optim.Adam([w]), optim.Adam([other], lr=0.5)
    step(saving, w)
    with pytest.raises(ShapeError, match=r"loaded state dict has exp_avg of shape \[3\], the parameter is \[2\]"):
        optimizer.load_state_dict(saving.state_dict())
    with pytest.raises(ArgumentError, match="loaded state dict has state for parameter '0'"):
        optimizer.load_state_dict(saving.state_dict() | {"state": {"0": {}}})
    with pytest.raises(MissingKeyError, match="loaded state dict has no 'state'"):
        optimizer.load_state_dict({"param_groups": saving.state_dict()["param_groups"]})
    assert (optimizer.lr, optimizer.state) == (0.5, {})


@pytest.mark.parametrize("plan", [False, True], ids=["tape", "plan"])
@pytest.mark.parametrize(
    "edit",
    [
        lambda optimizer, w: optimizer.state[w]["exp_avg"].fill_(0.0),
        lambda optimizer, w: optimizer.state[w]["step"].fill_(1.0),
        lambda optimizer, w: optimizer.state[w].update(exp_avg=Tensor(np.full(2, 3.0))),
        lambda optimizer, w: optimizer.state[w].update({"step": 2}),
        lambda optimizer, w: optimizer.state.clear(),
        lambda optimizer, w: optimizer.state.pop(w),
        lambda optimizer, w: optimizer.state[w].clear(),
        lambda optimizer, w: setattr(optimizer, "state", defaultdict(dict)),
        lambda optimizer, w: setattr(optimizer.state[w]["exp_avg_sq"], "data", Tensor(np.ones(2))),
        lambda optimizer, w: optimizer.param_groups[0].update(amsgrad=True),
        lambda optimizer, w: optimizer.param_groups[0].update(betas=(0.5, 0.5)),
        lambda optimizer, w: optimizer.load_state_dict(optim.Adam([w], lr=0.3).state_dict()),
        lambda optimizer, w: optimizer.zero_grad(),
    ],
)  # fmt: skip
def test_what_is_edited_between_steps_is_followed(
    edit: Callable[[optim.Optimizer, nn.Parameter], object], plan: bool
) -> None:
    """Beside an optimizer that is made anew with the edited state, which knows nothing of what was before."""
    w = weight()
    optimizer = optim.Adam([w], lr=0.1)
    run = planned(optimizer, w) if plan else lambda: step(optimizer, w)
    for _ in range(4):
        run()
    edit(optimizer, w)
    twin = copy.deepcopy(w)
    other = optim.Adam([twin])
    other.load_state_dict(optimizer.state_dict())
    for _ in range(3):
        run()
        step(other, twin)
    np.testing.assert_array_equal(w.array, twin.array)
    assert optimizer.state[w]["step"].item() == other.state[twin]["step"].item()


def test_a_copy_of_model_and_optimizer_goes_its_own_way() -> None:
    w = weight()
    optimizer = optim.Adam([w], lr=0.1)
    step(optimizer, w)
    twin, other = copy.deepcopy((w, optimizer))
    step(other, twin)
    step(optimizer, w)
    np.testing.assert_array_equal(w.array, twin.array)
    assert other.params[0] is twin


# Under a plan.


class Signs(optim.Optimizer):
    """A rule of one's own, as one writes it for PyTorch."""

    def __init__(self, params: Any, lr: float) -> None:
        super().__init__(params, {"lr": lr})

    def step(self, closure: Any = None) -> Any:  # noqa: ARG002
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    state = self.state[p]
                    state["step"] = state.get("step", 0) + 1
                    p.data = p.data - group["lr"] * Tensor(np.sign(p.grad.array)) / state["step"]


@pytest.mark.parametrize("plan", [False, True], ids=["tape", "plan"])
def test_a_rule_of_ones_own(plan: bool) -> None:
    a, b = weight(1.0), weight(-1.0, 3.0)
    optimizer = Signs([a, b], lr=0.1)
    run = planned(optimizer, a, b) if plan else lambda: step(optimizer, a, b)
    for _ in range(3):
        run()
    moved = 0.1 * (1 + 1 / 2 + 1 / 3)
    np.testing.assert_allclose([*a.array, *b.array], [1 - moved, -1 + moved, 3 - moved])
    assert optimizer.state[a] == {"step": 3}


@pytest.mark.parametrize("shared", [False, True], ids=["apart", "overlapping"])
@pytest.mark.parametrize("plan", [False, True], ids=["tape", "plan"])
def test_two_optimizers_over_one_model(plan: bool, shared: bool) -> None:
    def made() -> tuple[list[nn.Parameter], list[optim.Optimizer]]:
        params = [weight(1.0, 2.0), weight(-1.0), weight(0.5)]
        cut = 1 if shared else 2
        return params, [optim.Adam(params[:2], lr=0.1), optim.SGD(params[cut:], lr=0.05, momentum=0.9)]

    params, optimizers = made()
    runs = [planned(one, *params) if plan else lambda one=one: step(one, *params) for one in optimizers]
    twins, others = made()
    for number in range(8):
        runs[number % 2]()
        # By hand, with the gradients of all cleared, since the other optimizer holds some.
        for p in twins:
            p.grad = None
        quadratic(*twins).backward()
        others[number % 2].step()
    for p, twin in zip(params, twins, strict=True):
        np.testing.assert_allclose(p.array, twin.array, rtol=1e-13)


def test_a_group_added_after_the_plan_was_made_moves_too() -> None:
    a, b = weight(1.0), weight(1.0)
    optimizer = optim.Adam([a], lr=0.1)
    run = planned(optimizer, a, b)
    run()
    optimizer.add_param_group({"params": [b], "lr": 0.2})
    run()
    assert b.item() == pytest.approx(0.8)
    replaced = weight(1.0)
    optimizer.param_groups[1]["params"][0] = replaced
    run()
    assert b.item() == pytest.approx(0.8)
    assert replaced.tolist() == [1.0]


def test_neighbors_of_one_group_move_together_again_after_the_first_step() -> None:
    """A late parameter of SGD differs from its neighbors at its first step alone."""
    params = [weight(1.0), weight(2.0), weight(3.0)]
    optimizer = optim.SGD(params, lr=0.1, momentum=0.9, dampening=0.5)
    compiled = nnviz.compile_step(lambda x: quadratic(*params) * x.sum(), lambda out, _: out, optimizer)
    one = np.ones(1)
    counts = []
    for number in range(6):
        params[1].requires_grad_(number > 1)
        compiled(one, one)
        counts.append(len(compiled._flat._runs))
    assert counts == [2, 2, 3, 1, 1, 1]


def test_batches_of_other_sizes_leave_the_grouping_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    w, twin = weight(), weight()
    compiled = nnviz.compile_step(lambda x: quadratic(w) * x.mean(), lambda out, _: out, optim.Adam([w], lr=0.1))
    beside = optim.Adam([twin], lr=0.1)
    compiled(np.ones(2), np.ones(2))
    cuts = []
    monkeypatch.setattr(compiled._flat, "_regroup", cuts.append)
    for size in (3, 2, 3, 3, 2):
        compiled(np.ones(size), np.ones(size))
    assert cuts == []
    for _ in range(6):
        step(beside, twin)
    np.testing.assert_allclose(w.array, twin.array, rtol=1e-14)


def test_a_frozen_parameter_with_a_gradient_left_moves_as_in_pytorch() -> None:
    w, v = weight(1.0), weight(1.0)
    optimizer = optim.SGD([w], lr=0.1)
    quadratic(w).backward()
    w.requires_grad_(False)
    kept = (v * w).sum()
    optimizer.step()
    assert w.item() == pytest.approx(0.8)
    with pytest.raises(NnvizError, match="modified by an inplace operation"):
        kept.backward()


def test_numbers_of_another_type_take_what_is_kept_along() -> None:
    w, v = nn.Parameter(np.ones(2, np.float32)), nn.Parameter(np.ones(2, np.float32))
    optimizer, other = optim.Adam([w], lr=0.1), optim.Adam([v], lr=0.1)
    step(optimizer, w)
    step(other, v)
    for p in (w, v):
        p.data = Tensor(p.array.astype(np.float64))
    step(optimizer, w)
    planned(other, v)()
    assert optimizer.state[w]["exp_avg"].dtype == np.float64
    np.testing.assert_allclose(w.array, v.array, rtol=1e-14)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("adam", "did you mean Adam?"), ("LBFGS", "use Adam instead"), ("AdaGrad", "did you mean Adagrad?")],
)
def test_a_name_that_is_not_there_says_what_is(name: str, hint: str) -> None:
    with pytest.raises(AttributeError, match=f"module 'nnviz.optim' has no attribute '{name}'") as caught:
        getattr(optim, name)
    assert isinstance(caught.value, NnvizError)
    assert caught.value.hint == hint


def test_a_schedule_that_is_not_there_says_what_is() -> None:
    with pytest.raises(AttributeError, match=r"module 'nnviz.optim.lr_scheduler' has no attribute 'stepLR'") as caught:
        _ = lr_scheduler.stepLR
    assert "did you mean StepLR?" in str(caught.value)

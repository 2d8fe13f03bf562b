"""Whatever is changed between two steps, the plan does what the tape does: with a new plan or with the old, never stale."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import pytest

import nnviz
from nnviz import nn, optim
from nnviz.autograd import Tensor
from nnviz.errors import GraphError, NnvizError, ShapeError
from nnviz.optim import lr_scheduler

Pair = tuple[nn.Sequential, optim.Optimizer]
Change = Callable[[nn.Sequential, optim.Optimizer], object]


def model() -> nn.Sequential:
    drawn = np.random.default_rng(0)
    return nn.Sequential(
        nn.Linear(4, 6, generator=drawn), nn.BatchNorm1d(6), nn.Tanh(),
        nn.Dropout(0.3, generator=np.random.default_rng(1)), nn.Linear(6, 3, generator=drawn),
    ).double()  # fmt: skip


def sgd(of: nn.Module) -> optim.Optimizer:
    return optim.SGD(of.parameters(), lr=0.1, momentum=0.9)


def numbers(count: int = 5, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    drawn = np.random.default_rng(seed)
    return drawn.normal(size=(count, 4)), drawn.integers(0, 3, count)


# Built once: building a module is a change, after which every plan is made anew.
LOSS = nn.CrossEntropyLoss()


def on_tape(one: nn.Module, optimizer: optim.Optimizer, x: np.ndarray, y: np.ndarray) -> float:
    optimizer.zero_grad()
    loss = LOSS(one(Tensor(x)), Tensor(y))
    loss.backward()
    optimizer.step()
    return loss.item()


def same(one: nn.Module, other: nn.Module) -> None:
    for (name, wanted), found in zip(one.state_dict().items(), other.state_dict().values(), strict=True):
        np.testing.assert_allclose(found.array, wanted.array, rtol=1e-11, atol=1e-12, err_msg=name)
    for parameter, twin in zip(one.parameters(), other.parameters(), strict=True):
        assert (parameter.grad is None) == (twin.grad is None)
        if parameter.grad is not None and twin.grad is not None:
            np.testing.assert_allclose(twin.grad.array, parameter.grad.array, rtol=1e-11, atol=1e-12)


def set_rate(_: nn.Sequential, optimizer: optim.Optimizer) -> None:
    optimizer.lr = 0.5


def set_momentum(_: nn.Sequential, optimizer: optim.Optimizer) -> None:
    assert isinstance(optimizer, optim.SGD)
    optimizer.momentum = 0.0


def decay(_: nn.Sequential, optimizer: optim.Optimizer) -> None:
    optimizer.weight_decay = 0.2


def one_gradient_gone(of: nn.Sequential, _: optim.Optimizer) -> None:
    next(of[4].named_parameters())[1].grad = None


def edit_in_place(of: nn.Sequential, _: optim.Optimizer) -> None:
    with nnviz.no_grad():
        of[0].weight.mul_(0.5)


def edit_by_numpy(of: nn.Sequential, _: optim.Optimizer) -> None:
    of[0].weight.array[0] = 7.0


def other_data(of: nn.Sequential, _: optim.Optimizer) -> None:
    of[4].weight.data = Tensor(np.linspace(-1, 1, 18).reshape(3, 6))


def turned_data(of: nn.Sequential, _: optim.Optimizer) -> None:
    of[4].weight.data = Tensor(np.linspace(-1, 1, 18).reshape(6, 3).T)


def load(of: nn.Sequential, _: optim.Optimizer) -> None:
    of.load_state_dict({name: value.array * 0.9 for name, value in of.state_dict().items()})


def load_optimizer(_: nn.Sequential, optimizer: optim.Optimizer) -> None:
    whole = optimizer.state_dict()
    halves = {number: {name: value * 0.5 for name, value in kept.items()} for number, kept in whole["state"].items()}
    optimizer.load_state_dict(whole | {"state": halves})


def freeze(of: nn.Sequential, _: optim.Optimizer) -> None:
    for parameter in of[0].parameters():
        parameter.requires_grad_(False)


def freeze_all_but_last(of: nn.Sequential, _: optim.Optimizer) -> None:
    for layer in (of[0], of[1]):
        for parameter in layer.parameters():
            parameter.requires_grad = False


def other_dropout(of: nn.Sequential, _: optim.Optimizer) -> None:
    of[3].p = 0.6


def other_generator(of: nn.Sequential, _: optim.Optimizer) -> None:
    of[3].generator = np.random.default_rng(9)


def rewound_generator(of: nn.Sequential, _: optim.Optimizer) -> None:
    of[3].generator.bit_generator.state = np.random.default_rng(5).bit_generator.state


def other_activation(of: nn.Sequential, _: optim.Optimizer) -> None:
    setattr(of, "2", nn.ReLU())


def other_momentum(of: nn.Sequential, _: optim.Optimizer) -> None:
    of[1].momentum = 0.7


def reset_running_mean(of: nn.Sequential, _: optim.Optimizer) -> None:
    of[1].running_mean.data = Tensor(np.ones(6))


CHANGES: list[Change] = [
    set_rate, set_momentum, decay, one_gradient_gone, edit_in_place, edit_by_numpy, other_data, turned_data, load,
    load_optimizer, freeze, freeze_all_but_last, other_dropout, other_generator, rewound_generator, other_activation,
    other_momentum, reset_running_mean, lambda of, _: of.eval(), lambda _, optimizer: optimizer.zero_grad(),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_between_steps_is_followed(change: Change) -> None:
    one = model()
    other = copy.deepcopy(one)
    mine, theirs = sgd(one), sgd(other)
    step = nnviz.compile_step(other, nn.CrossEntropyLoss(), theirs)
    x, y = numbers()
    for _ in range(3):
        assert step(x, y) == pytest.approx(on_tape(one, mine, x, y), rel=1e-11)
    change(one, mine)
    change(other, theirs)
    for _ in range(3):
        assert step(x, y) == pytest.approx(on_tape(one, mine, x, y), rel=1e-11)
    same(one, other)


def test_modes_and_batches_of_other_sizes_take_turns() -> None:
    one = model()
    other = copy.deepcopy(one)
    mine, theirs = sgd(one), sgd(other)
    step = nnviz.compile_step(other, nn.CrossEntropyLoss(), theirs)
    for number in range(12):
        x, y = numbers((5, 3, 7)[number % 3], number)
        for of in (one, other):
            of.train(number % 2 == 0)
        assert step(x, y) == pytest.approx(on_tape(one, mine, x, y), rel=1e-11)
    same(one, other)


def test_plan_and_tape_can_take_turns_on_one_model() -> None:
    one = model()
    other = copy.deepcopy(one)
    mine, theirs = sgd(one), sgd(other)
    step = nnviz.compile_step(other, nn.CrossEntropyLoss(), theirs)
    x, y = numbers()
    for number in range(10):
        wanted = on_tape(one, mine, x, y)
        found = on_tape(other, theirs, x, y) if number % 3 == 1 else step(x, y)
        assert found == pytest.approx(wanted, rel=1e-11)
    same(one, other)


def test_two_plans_of_one_model_follow_each_other() -> None:
    one = model()
    other = copy.deepcopy(one)
    mine, theirs = sgd(one), sgd(other)
    steps = [nnviz.compile_step(other, nn.CrossEntropyLoss(), theirs) for _ in range(2)]
    predict = nnviz.compile_forward(other)
    x, y = numbers()
    for number in range(8):
        assert steps[number % 2](x, y) == pytest.approx(on_tape(one, mine, x, y), rel=1e-11)
        for of in (one, other):
            of.eval()
        np.testing.assert_allclose(predict(x).array, one(Tensor(x)).array, rtol=1e-11)
        for of in (one, other):
            of.train()
    same(one, other)


@pytest.mark.parametrize(
    "schedule",
    [
        lambda optimizer: lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5),
        lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, T_max=5),
        lambda optimizer: lr_scheduler.ExponentialLR(optimizer, gamma=0.8),
        lambda optimizer: lr_scheduler.LinearLR(optimizer, total_iters=4),
    ],
)
def test_schedules_move_the_rate_of_a_plan(
    schedule: Callable[[optim.Optimizer], optim.lr_scheduler.LRScheduler],
) -> None:
    one = model()
    other = copy.deepcopy(one)
    mine, theirs = sgd(one), sgd(other)
    step = nnviz.compile_step(other, nn.CrossEntropyLoss(), theirs)
    schedules = schedule(mine), schedule(theirs)
    x, y = numbers()
    for _ in range(8):
        assert step(x, y) == pytest.approx(on_tape(one, mine, x, y), rel=1e-11)
        for each in schedules:
            each.step()
    same(one, other)


def test_another_type_of_numbers_is_another_plan() -> None:
    linear = nn.Sequential(nn.Linear(4, 3))
    step = nnviz.compile_step(linear, nn.CrossEntropyLoss(), optim.SGD(linear.parameters(), lr=0.0))
    x, y = numbers()
    single = step(x.astype(np.float32), y)
    linear.double()
    double = step(x, y)
    assert single == pytest.approx(double, rel=1e-6)
    assert single != double


def test_parameters_gradients_and_state_lie_in_one_array() -> None:
    one = model()
    optimizer = sgd(one)
    nnviz.compile_step(one, nn.CrossEntropyLoss(), optimizer)(*numbers())
    parameters = list(one.parameters())
    for arrays in (
        [p.array for p in parameters],
        [p.grad.array for p in parameters if p.grad is not None],
        [optimizer.state[p]["momentum_buffer"].array for p in parameters],
    ):
        assert len(arrays) == len(parameters)
        roots = {id(array.base) for array in arrays}
        assert len(roots) == 1
        assert arrays[0].base.size == sum(p.numel() for p in parameters)


@pytest.mark.parametrize("label", [-1, 3, 2**40])
def test_a_label_out_of_range_is_refused_and_nothing_moves(label: int) -> None:
    one = model()
    step = nnviz.compile_step(one, nn.CrossEntropyLoss(), sgd(one))
    x, y = numbers()
    step(x, y)
    before = [p.array.copy() for p in one.parameters()]
    y[2] = label
    with pytest.raises(NnvizError, match=f"Target {label} is out of bounds."):
        step(x, y)
    for wanted, parameter in zip(before, one.parameters(), strict=True):
        np.testing.assert_array_equal(parameter.array, wanted)
    y[2] = 0
    assert np.isfinite(step(x, y))


def test_shapes_that_do_not_fit_are_told_in_the_tapes_words() -> None:
    step = nnviz.compile_step(model(), nn.CrossEntropyLoss(), sgd(model()))
    with pytest.raises(ShapeError, match=r"mat1 and mat2 shapes cannot be multiplied \(5x7 and 4x6\)"):
        step(np.zeros((5, 7)), np.zeros(5, int))


@pytest.mark.parametrize(
    "forward",
    [
        lambda x: x * 2 if x.sum().item() > 0 else x,
        lambda x: x * 2 if bool((x > 0).sum() > 3) else x,
        lambda x: x * float(x.mean()),
        lambda x: x + Tensor(x.numpy() * 2),
    ],
)
def test_what_depends_on_the_numbers_cannot_be_planned(forward: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises(GraphError, match="numbers"):
        nnviz.compile_forward(forward)(np.ones((2, 2)))


def test_functions_can_be_planned_too() -> None:
    weight = nn.Parameter(np.array([[2.0, -1.0]]))
    step = nnviz.compile_step(
        lambda x: x @ weight.T, lambda out, y: ((out - y) ** 2).mean(), optim.SGD([weight], lr=0.1)
    )
    x, y = np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0], [0.0]])
    assert step(x, y) == pytest.approx(1.0)
    np.testing.assert_allclose(weight.array, [[2.1, -0.7]])
    np.testing.assert_allclose(weight.grad.numpy(), [[-1.0, -3.0]])  # type: ignore[union-attr]


def test_prediction_gives_a_tensor_of_its_own_without_history() -> None:
    one = model().eval()
    predict = nnviz.compile_forward(one)
    x, _ = numbers()
    first = predict(x)
    kept = first.array.copy()
    predict(x * 2)
    np.testing.assert_array_equal(first.array, kept)
    assert (first.grad_fn, first.requires_grad) == (None, False)

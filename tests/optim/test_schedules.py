"""Schedules beside PyTorch's numbers (tests/values/make_optim.py): alone, in pairs, resumed, in sequences and chains."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nnviz
from nnviz import nn, optim
from nnviz.errors import ArgumentError, MissingKeyError, NnvizError, OperandError
from nnviz.optim import lr_scheduler
from tests.optim.programs import SCHEDULES, move_on, schedule

VALUES: dict[str, Any] = json.loads((Path(__file__).parents[1] / "values" / "optim.json").read_text())


def two_groups() -> optim.SGD:
    return optim.SGD([{"params": [nn.Parameter(np.zeros(1))], "lr": rate} for rate in (0.5, 0.05)], lr=1.0)


def rates_of(optimizer: optim.Optimizer) -> list[float]:
    return [group["lr"] for group in optimizer.param_groups]


def close(found: object, wanted: object) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-15)


def label(case: dict[str, Any]) -> str:
    return "+".join(name for name, _ in case["specs"])


@pytest.mark.parametrize("case", VALUES["schedules"], ids=label)
def test_schedules_multiply_as_in_pytorch(case: dict[str, Any]) -> None:
    optimizer = two_groups()
    schedules = [schedule(lr_scheduler, *spec, optimizer) for spec in case["specs"]]
    rates = [rates_of(optimizer)]
    for epoch in range(len(case["rates"]) - 1):
        for one in schedules:
            move_on(one, epoch)
        rates.append(rates_of(optimizer))
        assert schedules[-1].get_last_lr() == rates[-1]
    close(rates, case["rates"])


@pytest.mark.parametrize("case", [case for case in VALUES["schedules"] if case["resumed"]], ids=label)
def test_a_later_start_goes_on_as_in_pytorch(case: dict[str, Any]) -> None:
    optimizer = two_groups()
    schedules = [schedule(lr_scheduler, *spec, optimizer) for spec in case["specs"]]
    for epoch in range(5):
        for one in schedules:
            move_on(one, epoch)
    other = two_groups()
    other.load_state_dict(optimizer.state_dict())
    later = [schedule(lr_scheduler, *spec, other, last_epoch=5) for spec in case["specs"]]
    rates = [rates_of(other)]
    for epoch in range(6, 6 + len(case["resumed"]) - 1):
        for one in later:
            move_on(one, epoch)
        rates.append(rates_of(other))
    close(rates, case["resumed"])


@pytest.mark.parametrize("spec", SCHEDULES, ids=lambda spec: spec[0])
def test_a_saved_schedule_goes_on(spec: tuple[str, dict[str, Any]]) -> None:
    optimizer, other = two_groups(), two_groups()
    one, twin = (schedule(lr_scheduler, *spec, of) for of in (optimizer, other))
    for epoch in range(5):
        move_on(one, epoch)
    saved = one.state_dict()
    assert set(VALUES["schedule_keys"][spec[0]]) - set(saved) <= {"_get_lr_called_within_step", "mode_worse"}
    twin.load_state_dict(saved)
    other.load_state_dict(optimizer.state_dict())
    for epoch in range(5, 12):
        move_on(one, epoch)
        move_on(twin, epoch)
        assert rates_of(other) == rates_of(optimizer)
        assert twin.get_last_lr() == one.get_last_lr()


def test_what_was_saved_stays_as_it_was() -> None:
    one = lr_scheduler.StepLR(two_groups(), 1)
    saved = one.state_dict()
    one.step()
    assert (saved["last_epoch"], saved["_last_lr"]) == (0, [0.5, 0.05])


def parts(optimizer: optim.Optimizer) -> list[lr_scheduler.LRScheduler]:
    return [schedule(lr_scheduler, *SCHEDULES[number], optimizer) for number in (2, 5, 7, 8)]


@pytest.mark.parametrize("kind", ["sequence", "chain"])
def test_sequences_and_chains(kind: str) -> None:
    optimizer, other = two_groups(), two_groups()

    def made(of: optim.Optimizer) -> lr_scheduler.LRScheduler:
        if kind == "sequence":
            return lr_scheduler.SequentialLR(of, parts(of), [3, 6, 9])
        return lr_scheduler.ChainedScheduler(parts(of)[:3])

    one, twin = made(optimizer), made(other)
    rates = [rates_of(optimizer)]
    for epoch in range(len(VALUES["composed"][kind]) - 1):
        if epoch == 7:
            twin.load_state_dict(one.state_dict())
            other.load_state_dict(optimizer.state_dict())
        one.step()
        if epoch >= 7:
            twin.step()
            assert rates_of(other) == rates_of(optimizer)
        rates.append(rates_of(optimizer))
        assert one.get_last_lr() == rates[-1]
    close(rates, VALUES["composed"][kind])


@pytest.mark.parametrize("case", VALUES["cycles"], ids=lambda case: case["optimizer"])
def test_a_cycle_moves_the_momentum_too(case: dict[str, Any]) -> None:
    groups = [{"params": [nn.Parameter(np.zeros(1))]} for _ in range(2)]
    optimizer = getattr(optim, case["optimizer"])(groups, lr=0.1)
    one = lr_scheduler.OneCycleLR(optimizer, **case["arguments"])
    key = "betas" if case["optimizer"] == "Adam" else "momentum"
    for number, (rates, momentum) in enumerate(case["seen"]):
        if number:
            one.step()
        close(rates_of(optimizer), rates)
        close(optimizer.param_groups[0][key], momentum)
    one.step()
    with pytest.raises(ArgumentError, match=r"Tried to step 13 times. The specified number of total steps is 12"):
        one.step()


def test_linear_and_exponential_together() -> None:
    optimizer = optim.SGD([nn.Parameter(np.zeros(1))], lr=1.0)
    both = [lr_scheduler.LinearLR(optimizer, 0.25, total_iters=4), lr_scheduler.ExponentialLR(optimizer, 0.9)]
    rates = [optimizer.lr]
    for _ in range(4):
        for one in both:
            one.step()
        rates.append(optimizer.lr)
    np.testing.assert_allclose(rates, [0.25, 0.39375, 0.50625, 0.592313, 0.6561], rtol=1e-6)


def test_a_rate_that_is_a_tensor_stays_the_same_tensor() -> None:
    rate = nnviz.tensor(1.0)
    optimizer = optim.SGD([nn.Parameter(np.ones(1))], lr=rate)
    one = lr_scheduler.ExponentialLR(optimizer, 0.5)
    one.step()
    assert optimizer.param_groups[0]["lr"] is rate
    assert rate.item() == 0.5
    assert one.get_last_lr() == [0.5]


def test_a_schedule_of_ones_own() -> None:
    class Halving(lr_scheduler._LRScheduler):
        def get_lr(self) -> list[float]:
            return [base * 0.5**self.last_epoch for base in self.base_lrs]

    optimizer = two_groups()
    one = Halving(optimizer)
    one.step()
    assert rates_of(optimizer) == [0.25, 0.025]


def test_an_epoch_by_number_is_advised_against_and_right() -> None:
    optimizer = two_groups()
    one = lr_scheduler.StepLR(optimizer, 2, 0.5)
    with pytest.warns(UserWarning, match="epoch parameter"):
        one.step(5)
    assert rates_of(optimizer) == [0.125, 0.0125]


REFUSED: list[tuple[Callable[[], object], type[NnvizError], str]] = [
    (lambda: lr_scheduler.StepLR([1], 3), OperandError, "list is not an Optimizer"),
    (lambda: lr_scheduler.ReduceLROnPlateau(nn.Linear(1, 1)), OperandError, "Linear is not an Optimizer"),
    (lambda: lr_scheduler.StepLR(two_groups(), 3, last_epoch=4), MissingKeyError, "param 'initial_lr' is not specified in param_groups[0]"),
    (lambda: lr_scheduler.LambdaLR(two_groups(), [lambda epoch: 1.0]), ArgumentError, "Expected 2 lr_lambdas, but got 1"),
    (lambda: lr_scheduler.MultiplicativeLR(two_groups(), 0.5), OperandError, "lr_lambda should be a function, but got float"),
    (lambda: lr_scheduler.ConstantLR(two_groups(), 2.0), ArgumentError, "Constant multiplicative factor expected to be between 0 and 1."),
    (lambda: lr_scheduler.LinearLR(two_groups(), 0.0), ArgumentError, "Starting multiplicative factor expected to be greater than 0"),
    (lambda: lr_scheduler.LinearLR(two_groups(), end_factor=2.0), ArgumentError, "Ending multiplicative factor expected to be between 0 and 1."),
    (lambda: lr_scheduler.CosineAnnealingWarmRestarts(two_groups(), 0), ArgumentError, "Expected positive integer T_0, but got 0"),
    (lambda: lr_scheduler.CosineAnnealingWarmRestarts(two_groups(), 2, 0), ArgumentError, "Expected integer T_mult >= 1, but got 0"),
    (lambda: lr_scheduler.ReduceLROnPlateau(two_groups(), "most"), ArgumentError, "mode most is unknown!"),
    (lambda: lr_scheduler.ReduceLROnPlateau(two_groups(), threshold_mode="x"), ArgumentError, "threshold mode x is unknown!"),
    (lambda: lr_scheduler.ReduceLROnPlateau(two_groups(), min_lr=[0.1]), ArgumentError, "expected 2 min_lrs, got 1"),
    (lambda: lr_scheduler.OneCycleLR(two_groups(), 0.1), ArgumentError, "You must define either total_steps OR (epochs AND steps_per_epoch)"),
    (lambda: lr_scheduler.OneCycleLR(two_groups(), 0.1, -3), ArgumentError, "Expected positive integer total_steps, but got -3"),
    (lambda: lr_scheduler.OneCycleLR(optim.Adagrad([nn.Parameter(np.zeros(1))]), 0.1, 3), ArgumentError, "optimizer must support momentum or beta1"),
    (lambda: lr_scheduler.SequentialLR(two_groups(), [], []), ArgumentError, "SequentialLR expects at least one scheduler"),
    (lambda: lr_scheduler.SequentialLR(two_groups(), parts(two_groups()), [1, 2, 3]), ArgumentError, "expects all schedulers to belong to the same optimizer"),
    (lambda: lr_scheduler.ChainedScheduler([lr_scheduler.ReduceLROnPlateau(two_groups())]), ArgumentError, "does not support `ReduceLROnPlateau`"),
    (lambda: lr_scheduler.SequentialLR(of := two_groups(), parts(of), [1]), ArgumentError, "Sequential Schedulers expects number of schedulers"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "words"), REFUSED)
def test_what_is_refused(call: Callable[[], object], kind: type[NnvizError], words: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert words in caught.value.message


def test_a_schedule_with_a_value_per_group_refuses_groups_added_later() -> None:
    optimizer = two_groups()
    follows, cannot = lr_scheduler.ExponentialLR(optimizer, 0.5), lr_scheduler.LambdaLR(optimizer, lambda _: 1.0)
    optimizer.add_param_group({"params": [nn.Parameter(np.zeros(1))], "lr": 4.0})
    follows.step()
    assert rates_of(optimizer) == [0.25, 0.025, 2.0]
    with pytest.raises(ArgumentError, match="the optimizer has 3 groups, but LambdaLR was created with 2"):
        cannot.step()

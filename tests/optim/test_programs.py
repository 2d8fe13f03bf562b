"""Optimizers beside PyTorch's numbers (tests/values/make_optim.py): whole programs, on the tape and by the plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnviz
from nnviz import nn, optim
from nnviz.autograd import Tensor
from nnviz.optim.lr_scheduler import schedules
from tests.examples import examples
from tests.optim.programs import CHOICES, SCHEDULES, SIZES, Life, loss_of, random_program, starts

VALUES: dict[str, Any] = json.loads((Path(__file__).parents[1] / "values" / "optim.json").read_text())


def parameters() -> list[nn.Parameter]:
    return [nn.Parameter(np.array(values).reshape(shape)) for values, shape in zip(starts(), SIZES, strict=True)]


def flat(params: list[nn.Parameter]) -> np.ndarray:
    return np.concatenate([p.array.ravel() for p in params])


def lives(program: dict[str, Any], planned: bool | list[bool]) -> tuple[Life, list[np.ndarray]]:
    """The program's life, and the parameters after every step; `planned` says for all steps, or for each."""
    life = Life(program, parameters(), optim)
    seen = []
    step = None
    for event in program["events"]:
        if event[0] != "step":
            life.happen(event)
            if event[0] == "reload":
                step = None
            continue
        life.freeze(event[1])
        x = np.full((1,), event[2])
        if not (planned if isinstance(planned, bool) else planned[len(seen)]):
            life.on_tape(Tensor(x))
        else:
            step = step or nnviz.compile_step(lambda x: loss_of(life.params, x), lambda out, _: out, life.optimizer)
            step(x, x)
        seen.append(flat(life.params))
    return life, seen


def test_every_optimizer_and_schedule_is_compared() -> None:
    assert {entry.name for entry in optim.optimizers} == CHOICES.keys()
    assert {entry.name for entry in schedules} <= {name for name, _ in SCHEDULES}


def each_way() -> list[Any]:
    """Every program on the tape and by the plan; in the quick suite they alternate."""
    ways = [(number, planned) for number in range(len(VALUES["programs"])) for planned in (False, True)]
    return [
        pytest.param(*way, id=f"{way[0]}-{'plan' if way[1] else 'tape'}", marks=[pytest.mark.long] * (sum(way) % 2))
        for way in ways
    ]


@pytest.mark.parametrize(("number", "planned"), each_way())
def test_programs_go_as_in_pytorch(number: int, planned: bool) -> None:
    wanted = VALUES["programs"][number]
    life, seen = lives(wanted["program"], planned)
    for found, numbers in zip(seen[3::4], wanted["seen"], strict=True):
        np.testing.assert_allclose(found, numbers, rtol=1e-9, atol=1e-11)
    state = life.optimizer.state_dict()
    np.testing.assert_allclose([group["lr"] for group in state["param_groups"]], wanted["rates"], rtol=1e-12)
    assert state["state"].keys() == {int(position) for position in wanted["kept"]}
    for position, kept in wanted["kept"].items():
        mine = state["state"][int(position)]
        # Adadelta's count is kept in PyTorch too; SGD has none.
        assert mine.keys() == kept.keys()
        for name, value in kept.items():
            np.testing.assert_allclose(mine[name].array, value, rtol=1e-9, atol=1e-11, err_msg=name)


@given(st.integers(1000, 10**6))
@examples(10, 60)
@pytest.mark.long
def test_a_plan_goes_as_the_tape_does(seed: int) -> None:
    program = random_program(seed)
    tape, wanted = lives(program, planned=False)
    plan, found = lives(program, planned=True)
    for one, other in zip(wanted, found, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-10, atol=1e-12)
    for p, twin in zip(tape.params, plan.params, strict=True):
        assert (p.grad is None) == (twin.grad is None)
        kept, other_kept = tape.optimizer.state.get(p, {}), plan.optimizer.state.get(twin, {})
        assert kept.keys() == other_kept.keys()
        for name, value in kept.items():
            np.testing.assert_allclose(other_kept[name].array, value.array, rtol=1e-10, atol=1e-12)


@given(st.integers(1000, 10**6), st.lists(st.booleans(), min_size=16, max_size=16))
@examples(6, 30)
def test_plan_and_tape_can_alternate(seed: int, turns: list[bool]) -> None:
    program = random_program(seed)
    _, wanted = lives(program, planned=False)
    _, seen = lives(program, planned=turns)
    np.testing.assert_allclose(seen, wanted, rtol=1e-10, atol=1e-12)

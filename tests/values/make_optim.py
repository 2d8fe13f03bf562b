"""Writes optim.json: optimizers and schedules as PyTorch moves them, in float64. Run by hand where PyTorch is installed:

    python tests/values/make_optim.py

The programs themselves are those of tests/optim/programs.py.
"""

from __future__ import annotations

import copy
import inspect
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import optim
from torch.optim import lr_scheduler

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.optim.programs import CHOICES, SCHEDULES, SIZES, Life, move_on, random_program, schedule, starts

EPOCHS = 13


def parameters() -> list[torch.Tensor]:
    shapes = zip(starts(), SIZES, strict=True)
    return [torch.tensor(values, dtype=torch.float64).reshape(shape).requires_grad_() for values, shape in shapes]


def run(program: dict[str, Any]) -> dict[str, Any]:
    life = Life(program, parameters(), optim)
    seen = []
    for event in program["events"]:
        if event[0] == "step":
            life.freeze(event[1])
            life.on_tape(torch.full((1,), event[2], dtype=torch.float64))
            seen.append([number for p in life.params for number in p.detach().flatten().tolist()])
        else:
            life.happen(event)
    state = life.optimizer.state_dict()
    return {
        "program": program, "seen": seen[3::4], "rates": [group["lr"] for group in state["param_groups"]],
        "kept": {number: {name: value.tolist() for name, value in kept.items()} for number, kept in state["state"].items()},
    }  # fmt: skip


def fixed(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Every way to call an optimizer once, with a parameter that is absent at first."""
    absent, whole = [0, 1, 2, 4, 5], [0, 1, 2, 3, 4, 5]
    events = [["step", absent if step < 5 else whole, 1.0 + step % 3 / 10] for step in range(12)]
    return {"optimizer": name, "arguments": arguments, "groups": [{"params": whole}], "events": events}


def two_groups(rates: tuple[float, float]) -> optim.Optimizer:
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate} for rate in rates]
    return optim.SGD(groups, lr=1.0)


def rates_of(optimizer: optim.Optimizer) -> list[float]:
    return [group["lr"] for group in optimizer.param_groups]


def together(*specs: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """Schedules at once: the rates from epoch to epoch, and from epoch 5 on after a start there."""
    optimizer = two_groups((0.5, 0.05))
    schedules = [schedule(lr_scheduler, *spec, optimizer) for spec in specs]
    rates, states = [rates_of(optimizer)], []
    for epoch in range(EPOCHS):
        if epoch == 5:
            states = copy.deepcopy([optimizer.state_dict(), *(one.state_dict() for one in schedules)])
        for one in schedules:
            move_on(one, epoch)
        rates.append(rates_of(optimizer))
    resumed = []
    if not any(name == "ReduceLROnPlateau" for name, _ in specs):
        optimizer = two_groups((0.5, 0.05))
        optimizer.load_state_dict(states[0])
        schedules = [schedule(lr_scheduler, *spec, optimizer, last_epoch=5) for spec in specs]
        resumed = [rates_of(optimizer)]
        for epoch in range(6, EPOCHS):
            for one in schedules:
                move_on(one, epoch)
            resumed.append(rates_of(optimizer))
    return {"specs": specs, "rates": rates, "resumed": resumed}


def composed() -> dict[str, Any]:
    found = {}
    for kind in ("sequence", "chain"):
        optimizer = two_groups((0.5, 0.05))
        parts = [
            schedule(lr_scheduler, *spec, optimizer)
            for spec in (SCHEDULES[2], SCHEDULES[5], SCHEDULES[7], SCHEDULES[8])
        ]
        whole = (
            lr_scheduler.SequentialLR(optimizer, parts, [3, 6, 9])
            if kind == "sequence"
            else lr_scheduler.ChainedScheduler(parts[:3])
        )
        rates = [rates_of(optimizer)]
        for _ in range(EPOCHS):
            whole.step()
            rates.append(rates_of(optimizer))
        found[kind] = rates
    return found


def cycles() -> list[dict[str, Any]]:
    found = []
    for name, arguments in (
        ("SGD", {"max_lr": 0.5, "total_steps": 12}),
        (
            "Adam",
            {"max_lr": [0.5, 0.1], "epochs": 3, "steps_per_epoch": 4, "anneal_strategy": "linear", "pct_start": 0.4},
        ),
        ("SGD", {"max_lr": 0.5, "total_steps": 12, "three_phase": True, "base_momentum": 0.7, "max_momentum": 0.9}),
    ):
        groups = [{"params": [torch.zeros(1, requires_grad=True)]} for _ in range(2)]
        optimizer = getattr(optim, name)(groups, lr=0.1)
        one = lr_scheduler.OneCycleLR(optimizer, **arguments)
        key = "betas" if name == "Adam" else "momentum"
        seen = [[rates_of(optimizer), optimizer.param_groups[0][key]]]
        for _ in range(11):
            one.step()
            seen.append([rates_of(optimizer), optimizer.param_groups[0][key]])
        found.append({"optimizer": name, "arguments": arguments, "seen": seen})
    return found


def signature(of: Any) -> dict[str, list[str]]:
    listed = list(inspect.signature(of).parameters.values())
    return {
        "positional": [p.name for p in listed if p.kind is p.POSITIONAL_OR_KEYWORD],
        "keyword": [p.name for p in listed if p.kind is p.KEYWORD_ONLY],
    }


def schedule_keys() -> dict[str, list[str]]:
    return {
        name: sorted(schedule(lr_scheduler, name, arguments, two_groups((0.5, 0.05))).state_dict())
        for name, arguments in SCHEDULES
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    values = {
        "torch": torch.__version__,
        "programs": [run(fixed(name, arguments)) for name in CHOICES for arguments in CHOICES[name]]
        + [run(random_program(seed)) for seed in range(60)],
        "schedules": [together(spec) for spec in SCHEDULES] + [together(a, b) for a in SCHEDULES for b in SCHEDULES],
        "composed": composed(),
        "cycles": cycles(),
        "schedule_keys": schedule_keys(),
        "signatures": {
            name: signature(getattr(room, name))
            for room, names in (
                (optim, CHOICES),
                (lr_scheduler, [*dict(SCHEDULES), "SequentialLR", "ChainedScheduler"]),
            )
            for name in names
        },
        "reprs": {name: repr(getattr(optim, name)([torch.zeros(1, requires_grad=True)])) for name in CHOICES},
        "keys": {
            name: list(getattr(optim, name)([torch.zeros(1)]).state_dict()["param_groups"][0]) for name in CHOICES
        },
    }
    # Twelve digits are more than any comparison here asks for.
    text = json.dumps(values, default=str)
    Path(__file__).with_name("optim.json").write_text(
        json.dumps(json.loads(text, parse_float=lambda number: float(f"{float(number):.13g}")))
    )

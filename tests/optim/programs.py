"""Programs of an optimizer's life as plain lists, run by PyTorch (tests/values/make_optim.py) and by nnviz alike.

A program says which optimizer, which parameters are in which group, and what happens: steps with some parameters
frozen, settings that change, groups that are added, schedules that begin and move on, state saved and loaded.
"""

from __future__ import annotations

import math
import random
from typing import Any

SIZES = [(3,), (2, 2), (1,), (), (4,), (2, 3)]
"""The shapes of the parameters of a program."""

CHOICES: dict[str, list[dict[str, Any]]] = {
    "SGD": [
        {"lr": 0.1}, {"lr": 0.05, "momentum": 0.9}, {"lr": 0.05, "momentum": 0.9, "dampening": 0.5},
        {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1}, {"lr": 0.02, "momentum": 0.5, "maximize": True},
    ],
    "Adam": [
        {"lr": 0.1}, {"lr": 0.1, "amsgrad": True, "weight_decay": 0.2}, {"lr": 0.05, "betas": [0.5, 0.8], "eps": 1e-3},
        {"lr": 0.05, "maximize": True}, {"lr": 0.05, "decoupled_weight_decay": True, "weight_decay": 0.3},
    ],
    "AdamW": [{"lr": 0.1}, {"lr": 0.1, "weight_decay": 0.5, "amsgrad": True}, {"lr": 0.1, "maximize": True}],
    "RMSprop": [
        {"lr": 0.02}, {"lr": 0.02, "momentum": 0.7, "weight_decay": 0.1}, {"lr": 0.02, "centered": True, "alpha": 0.9},
        {"lr": 0.01, "centered": True, "momentum": 0.5, "maximize": True},
    ],
    "Adagrad": [
        {"lr": 0.2}, {"lr": 0.2, "lr_decay": 0.3, "weight_decay": 0.1}, {"lr": 0.2, "initial_accumulator_value": 0.5},
        {"lr": 0.1, "maximize": True},
    ],
    "Adadelta": [{"lr": 1.0}, {"lr": 0.5, "rho": 0.7, "eps": 1e-3, "weight_decay": 0.1}, {"maximize": True}],
}  # fmt: skip

OVERRIDES: dict[str, list[dict[str, Any]]] = {
    "SGD": [{"lr": 0.3}, {"momentum": 0.6, "weight_decay": 0.2}, {"momentum": 0.0, "nesterov": False}],
    "Adam": [{"lr": 0.02}, {"betas": [0.7, 0.9]}, {"weight_decay": 0.4}],
    "AdamW": [{"lr": 0.02}, {"weight_decay": 0.0}],
    "RMSprop": [{"lr": 0.1}, {"alpha": 0.5, "eps": 1e-4}],
    "Adagrad": [{"lr": 0.5}, {"lr_decay": 0.7}],
    "Adadelta": [{"rho": 0.5}, {"lr": 2.0}],
}

SCHEDULES: list[tuple[str, dict[str, Any]]] = [
    ("StepLR", {"step_size": 3, "gamma": 0.5}), ("MultiStepLR", {"milestones": [2, 5, 5, 9], "gamma": 0.3}),
    ("ConstantLR", {"factor": 0.25, "total_iters": 4}), ("LinearLR", {"start_factor": 0.25, "total_iters": 4}),
    ("LinearLR", {"start_factor": 1.0, "end_factor": 0.1, "total_iters": 6}), ("ExponentialLR", {"gamma": 0.9}),
    ("PolynomialLR", {"total_iters": 7, "power": 2.0}), ("CosineAnnealingLR", {"T_max": 4, "eta_min": 0.01}),
    ("CosineAnnealingWarmRestarts", {"T_0": 3, "T_mult": 2, "eta_min": 0.001}), ("CosineAnnealingWarmRestarts", {"T_0": 4}),
    ("LambdaLR", {}), ("MultiplicativeLR", {}), ("ReduceLROnPlateau", {"patience": 1, "factor": 0.5, "cooldown": 1}),
    ("ReduceLROnPlateau", {"mode": "max", "threshold_mode": "abs", "threshold": 0.2, "patience": 0, "min_lr": 0.01}),
    ("OneCycleLR", {"max_lr": 0.6, "total_steps": 16, "cycle_momentum": False}),
]  # fmt: skip

WATCHED = [1.0, 0.9, 0.9, 0.95, 0.91, 0.7, 0.71, 0.72, 0.6, 0.6, 0.6, 0.6, 0.5, 0.4]
"""What a schedule that goes by a measured number is given, epoch by epoch."""

FUNCTIONS = {"LambdaLR": lambda epoch: 1 / (1 + epoch), "MultiplicativeLR": lambda epoch: 0.8 + 0.02 * epoch}


def schedule(lr_scheduler: Any, name: str, arguments: dict[str, Any], optimizer: Any, **more: Any) -> Any:
    """A schedule by its name; functions cannot be written down, and are the same for both."""
    functions = {"lr_lambda": FUNCTIONS[name]} if name in FUNCTIONS else {}
    return getattr(lr_scheduler, name)(optimizer, **arguments, **functions, **more)


def move_on(one: Any, epoch: int) -> None:
    """The next epoch."""
    one.step(*([WATCHED[epoch % len(WATCHED)]] if type(one).__name__ == "ReduceLROnPlateau" else []))


def plain(arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments as they were before they became JSON."""
    return {name: tuple(value) if name == "betas" else value for name, value in arguments.items()}


def random_program(seed: int) -> dict[str, Any]:
    """A program of its own for every seed."""
    drawn = random.Random(seed)  # noqa: S311 (nothing secret)
    name = drawn.choice(sorted(CHOICES))
    numbers = list(range(len(SIZES)))
    late = [numbers.pop()] if drawn.random() < 0.4 else []
    cut = drawn.randint(1, len(numbers))
    groups = [
        {"params": numbers[:cut]},
        *([{"params": numbers[cut:], **drawn.choice(OVERRIDES[name])}] if numbers[cut:] else []),
    ]
    events: list[Any] = []
    here = len(groups)
    present = list(numbers)
    for position in range(16):
        if drawn.random() < 0.35:
            present = sorted(drawn.sample(numbers, drawn.randint(1, len(numbers))))
        events.append(["step", present, round(drawn.uniform(0.5, 1.5), 3)])
        chance = drawn.random()
        if chance < 0.15:
            change = drawn.choice(
                [("lr", 0.03), ("weight_decay", 0.15), *([("momentum", 0.4)] if name == "SGD" else [])]
            )
            events.append(["set", drawn.randrange(here), *change])
        elif chance < 0.25:
            events.append(["reload"])
        elif late and 1 < position < 6 and chance < 0.7:
            numbers.append(late[0])
            events.append(["add", {"params": late, **drawn.choice(OVERRIDES[name])}])
            present = list(numbers)
            late, here = [], here + 1
        if position == 6:
            events += [["schedule", *one] for one in drawn.sample(SCHEDULES[:10], drawn.randint(0, 2))]
        if position > 5 and drawn.random() < 0.5:
            events.append(["epoch"])
    return {"optimizer": name, "arguments": drawn.choice(CHOICES[name]), "groups": groups, "events": events}


def starts() -> list[list[float]]:
    """The numbers of every parameter at the start, flat."""
    return [[math.sin(7.0 * number + k) for k in range(math.prod(shape))] for number, shape in enumerate(SIZES)]


def loss_of(params: list[Any], x: Any) -> Any:
    """A loss that every parameter is in, and gently curved: on a steep one, rounding would grow from step to step."""
    total = 0.0
    for number, p in enumerate(params):
        total = total + ((p - 0.3 * number) ** 2 * x.mean() + (p * (0.3 + 0.1 * number)).sin()).sum()
    return total


class Life:
    """One program under way.

    Args:
        program: what happens.
        params: the parameters, by their number.
        optim: the library's room of optimizers.
    """

    def __init__(self, program: dict[str, Any], params: list[Any], optim: Any) -> None:
        self.program = program
        self.params = params
        self.optim = optim
        self.groups = [self._group(group) for group in program["groups"]]
        self.optimizer = self._made(self.groups)
        self.schedules: list[Any] = []
        self.epoch = 0

    def _group(self, group: dict[str, Any]) -> dict[str, Any]:
        return plain(group) | {"params": [self.params[number] for number in group["params"]]}

    def _made(self, groups: list[dict[str, Any]]) -> Any:
        return getattr(self.optim, self.program["optimizer"])(groups, **plain(self.program["arguments"]))

    def happen(self, event: list[Any]) -> None:
        """All that is not a step."""
        kind, *details = event
        if kind == "set":
            self.optimizer.param_groups[details[0]][details[1]] = details[2]
        elif kind == "add":
            self.groups.append(self._group(details[0]))
            self.optimizer.add_param_group(self.groups[-1])
        elif kind == "reload" and not self.schedules:
            other = self._made([{"params": group["params"]} for group in self.groups])
            other.load_state_dict(self.optimizer.state_dict())
            self.optimizer = other
        elif kind == "schedule":
            self.schedules.append(schedule(self.optim.lr_scheduler, *details, self.optimizer))
        elif kind == "epoch":
            for one in self.schedules:
                move_on(one, self.epoch)
            self.epoch += 1

    def freeze(self, present: list[int]) -> None:
        """Only these want a gradient."""
        for number, p in enumerate(self.params):
            p.requires_grad_(number in present)

    def on_tape(self, x: Any) -> None:
        """A step as it is written by hand."""
        self.optimizer.zero_grad()
        loss_of(self.params, x).backward()
        self.optimizer.step()

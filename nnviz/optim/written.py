"""Update rules as they are written: one element's assignments, in order, so that a screen can show them with numbers.

Each optimizer writes its own rule beside the code that computes it. The tests evaluate what is written against that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nnviz.autograd.expression import evaluate, with_numbers

_LETTERS = {"alpha": "α", "rho": "ρ"}


@dataclass(frozen=True)
class Assignment:
    """One assignment of an update rule.

    Attributes:
        name: what is assigned: `w` is the parameter, `g` its gradient; the others are an optimizer's letters, or values
            in between.
        formula: its new value; see `nnviz.autograd.expression`.
    """

    name: str
    formula: str

    def __str__(self) -> str:
        return f"{self.name} ← {self.formula}"


Rule = tuple[Assignment, ...]


@dataclass(frozen=True)
class Computed:
    """An assignment with its numbers.

    Attributes:
        assignment: which.
        numbers: its formula with numbers in place of names.
        value: what it gives.
    """

    assignment: Assignment
    numbers: str
    value: float


def assign(*lines: str) -> Rule:
    """Assignments from lines such as `w ← w − lr · g`."""
    return tuple(Assignment(*line.split(" ← ")) for line in lines)


def constants(group: Mapping[str, Any], step: float) -> dict[str, float]:
    """The settings of a group by what rules call them, and `t`, the number of the step, from 1."""
    found = {_LETTERS.get(name, name): value for name, value in group.items() if _is_number(value)}
    found["lr"] = float(group["lr"])
    for name, beta in zip(("β₁", "β₂"), group.get("betas", ()), strict=False):
        found[name] = float(beta)
    return {**found, "t": step}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def of_gradient(group: Mapping[str, Any], decayed: bool = True) -> Rule:
    """What happens to the gradient first: its sign with `maximize`, L2 unless `decayed` is False, and L1."""
    lines = ["g ← −g"] if group["maximize"] else []
    if decayed and group["weight_decay"]:
        lines.append("g ← g + weight_decay · w")
    if group.get("l1"):
        lines.append("g ← g + l1 · sign(w)")
    return assign(*lines)


def computed(rule: Rule, values: Mapping[str, float]) -> list[Computed]:
    """Every assignment of a rule with its numbers, in order.

    Args:
        rule: the rule.
        values: the constants, and `w`, `g` and the state of one element, before the step.
    """
    known, found = dict(values), []
    for line in rule:
        value = float(evaluate(line.formula, known))
        found.append(Computed(line, with_numbers(line.formula, known), value))
        known[line.name] = value
    return found

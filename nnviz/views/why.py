"""Why a weight moved: its last change as the sum of gradient, momentum and decay, in words and numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnviz import optim
from nnviz.autograd.formula import rounded
from nnviz.autograd.operation import Array, Shape
from nnviz.errors import NotSupportedError
from nnviz.optim.split import Split, split
from nnviz.run.queries import ParameterSeen
from nnviz.run.taken_step import Moved


def split_of(seen: ParameterSeen, index: Shape) -> Split:
    """The change of one weight, in parts.

    Raises:
        NotSupportedError: the optimizer's rule is not known.
    """
    moved = seen.moved
    assert moved is not None  # noqa: S101 (asked only where a step was recorded)
    assert moved.gradient is not None  # noqa: S101 (asked only where there is a gradient)
    kind = optim.optimizers[seen.optimizer].factory
    assert isinstance(kind, type)  # noqa: S101 (optimizers are classes)
    kept = {name: array[index] for name, array in moved.kept.items()}
    return split(kind, moved.before[index], moved.gradient[index], kept, dict(moved.group), moved.count)


def sentence(index: Shape, seen: ParameterSeen) -> str:
    """How far a weight moved, and by what."""
    moved = seen.moved
    if moved is None or moved.gradient is None or not moved.before.size:
        return "it did not move"
    change = f"moved by {_signed(_change(moved, index), 4)} in step {seen.moved_in:,}"
    try:
        found = split_of(seen, index)
    except NotSupportedError:
        return change
    # Not "gradient −1e−06": a share of the move is no gradient, and has the opposite sign.
    names = ("gradient", found.name, "decay")
    parts = [
        f"{_signed(float(value), 3)} by {name}"
        for name, value, formula in zip(
            names, (found.gradient, found.momentum, found.decay), found.formulas, strict=True
        )
        if formula
    ]
    return f"{change}: {', '.join(parts)}"


def lines(name: str, index: Shape, seen: ParameterSeen) -> list[str]:
    """The whole sum, line by line."""
    moved = seen.moved
    if moved is None or moved.gradient is None:
        return [f"{name} did not move: the loss does not depend on it, so it has no gradient."]
    head = f"{name} in step {seen.moved_in:,}, by {seen.optimizer}"
    return [head, "", *_sum(index, seen, moved, moved.gradient)]


def _sum(index: Shape, seen: ParameterSeen, moved: Moved, gradient: Array) -> Iterator[str]:
    before, after = float(moved.before[index]), float(moved.after[index])
    yield _line("w before", before)
    try:
        found = split_of(seen, index)
    except NotSupportedError as error:
        yield f"{error.message}; {error.hint}."
        yield _line("w after", after)
        return
    reasons = ("", "what is left of the steps before", "")
    missing = ("", "this optimizer keeps none" if not found.name else "", "weight_decay is 0")
    for part, value, formula, reason, none in zip(
        ("gradient", found.name or "momentum", "decay"),
        (found.gradient, found.momentum, found.decay), found.formulas, reasons, missing, strict=True,
    ):  # fmt: skip
        told = "   ".join(words for words in (formula, reason) if words) if formula else none
        yield _line(part, float(value), told, sign=True)
    total = float(found.change)
    yield _line("their sum", total, "the change by the rule", sign=True)
    yield _line("rounding", after - before - total, f"w is kept as {moved.before.dtype}", sign=True)
    yield _line("w after", after, f"{rounded(before, 6)} {_signed(after - before, 6)}")
    yield ""
    yield f"g = {float(gradient[index]):.9g}, which goes in times {float(found.scale):.9g}".replace("-", "−")
    yield from _settings(moved, index)


def _settings(moved: Moved, index: Shape) -> Iterator[str]:
    """The settings and the state that stand in the formulas."""
    names = {"lr": "lr", "momentum": "μ", "weight_decay": "λ", "betas": "β₁, β₂", "eps": "ε", "alpha": "α", "rho": "ρ",
             "dampening": "dampening", "lr_decay": "lr_decay"}  # fmt: skip
    told = [f"{sign} = {moved.group[name]}" for name, sign in names.items() if moved.group.get(name)]
    yield ", ".join([*told, f"t = {moved.count:g}"])
    signs = {"momentum_buffer": "v or u", "exp_avg": "m", "exp_avg_sq": "v", "square_avg": "v", "sum": "s",
             "acc_delta": "u", "max_exp_avg_sq": "largest v", "grad_avg": "m"}  # fmt: skip
    for name, array in moved.kept.items():
        yield f"{signs.get(name, name)} before: {float(array[index]):.9g} ({name})"
    if not moved.kept and moved.count == 1:
        yield "Nothing was kept before the first step."


def _change(moved: Moved, index: Shape) -> float:
    return float(np.float64(moved.after[index]) - np.float64(moved.before[index]))


def _line(name: str, value: float, told: str = "", *, sign: bool = False) -> str:
    number = "0" if not value else f"{value:+.9g}" if sign else f"{value:.9g}"
    return f"{name:13} {number.replace('-', '−'):>17}   {told}".rstrip()


def _signed(value: float, digits: int) -> str:
    return f"{value:+.{digits}g}".replace("-", "−") if value else "0"

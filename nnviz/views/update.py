"""What there is to see where the optimizer updates a parameter: its arrays, and its rule with numbers in it."""

from __future__ import annotations

from collections.abc import Iterator

from nnviz.autograd.expression import names
from nnviz.autograd.formula import short
from nnviz.autograd.operation import Array, Shape
from nnviz.optim.written import constants
from nnviz.run import Update
from nnviz.views.element import place_text


def arrays(update: Update) -> Iterator[tuple[str, Array]]:
    """Parameter, gradient and state before the step, and last the parameter after it, each with its title."""
    yield "w", update.before
    yield "g = ∂L/∂w", update.gradient
    for name, array in update.kept.items():
        yield f"{update.letters[name]} = {name}", array
    yield "w after", update.after


def number(update: Update, index: Shape) -> str:
    """The chosen element before and after, and how far it moved."""
    before, after = float(update.before[index]), float(update.after[index])
    moved = short(after - before)
    return f"w{place_text(index)} = {short(after)}, was {short(before)} ({'+' if after > before else ''}{moved})"


def lines(update: Update, index: Shape | None) -> list[str]:
    """The assignment that gives w, and all with the numbers of the chosen element; the other assignments come last.

    A narrow screen cuts off what comes last.
    """
    if not update.rule:
        return [f"{_titled(update)}: {_unwritten(update)}"]
    *before, own = map(str, update.rule)
    rule, rest = f"{_titled(update)}: {own}", [f"by {';  '.join(before)}"] if before else []
    if index is None:
        return [rule, *rest]
    *others, last = [f"{name} ← {numbers} = {value}" for name, _, numbers, value in _computed(update, index)]
    return [rule, f"{last}, where" if others else last, *others, *rest]


def unfolded(update: Update, owner: str, index: Shape) -> list[str]:
    """All that goes into the chosen element's update, one line each."""
    settings = constants(update.settings, update.step)
    used = {name for line in update.rule for name in names(line.formula)} - {"t"}
    since = "where it begins" if update.fresh else "from the steps before"
    found = [
        f"w = {owner}{place_text(index)}, updated by {_titled(update)}",
        f"w = {short(float(update.before[index]))}, g = ∂L/∂w = {short(float(update.gradient[index]))}",
        *(
            f"{update.letters[name]} = {name} = {short(float(array[index]))}, {since}"
            for name, array in update.kept.items()
        ),
    ]
    if update.counted:
        found.append(f"t = {update.step:,.0f}, the steps of this parameter with this one")
    if used & settings.keys():
        found.append(", ".join(f"{name} = {short(value)}" for name, value in settings.items() if name in used))
    for name, formula, numbers, value in _computed(update, index):
        found += [f"{name} ← {formula}", f"  = {numbers}", f"  = {value}"]
    if not update.rule:
        found.append(_unwritten(update))
    return [*found, number(update, index)]


def _computed(update: Update, index: Shape) -> Iterator[tuple[str, str, str, str]]:
    """Name, formula, formula with numbers, and value of each assignment; the last is what the optimizer itself has."""
    rule = update.at(index)
    for at, line in enumerate(rule, 1):
        value = float(update.after[index]) if at == len(rule) else line.value
        yield line.assignment.name, line.assignment.formula, line.numbers, short(value)


def _titled(update: Update) -> str:
    """The optimizer, and which step of the parameter it is where that matters."""
    if update.counted:
        return f"{update.optimizer}, t = {update.step:,.0f}"
    return f"{update.optimizer}, its first step" if update.step == 1 else update.optimizer


def _unwritten(update: Update) -> str:
    return f"the rule of {update.optimizer} is not written element by element; what it did stands beside it"

"""Formulas with numbers: how an element of a result is computed, written out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T", bound=Callable[..., Any])
Written = Callable[..., str]
"""`written(own, *numbers, **attributes)`: the right-hand side, from the numbers of each input that the element depends
on; `own` is the number of the first input at the element's own index, if there is one."""

FEW = 6
"""The number of terms that are written out; the others are only counted."""

_GREEK = {"alpha": "α", "beta": "β", "delta": "δ", "slope": "a", "low": "low", "high": "high", "margin": "margin"}
_RAISED = {"ᶻ": "z", "ᵃ": "a", "ᵇ": "b"}
_ALONE = re.compile(r"(?<=\()\((−[^()]*)\)(?=[,)])|(?<=, )\((−[^()]*)\)(?=[,)])")
"""A negative number that is an argument of a function and needs no parentheses of its own."""
_LETTER = re.compile(r"(?<![a-zA-Zα-ωΦ])([a-zαβδ]|low|high|margin)(?![a-zA-Zα-ω(])")


def short(value: float) -> str:
    """A number with at most four significant digits, and a typographic minus sign."""
    return rounded(value, 4)


def rounded(value: float, digits: int) -> str:
    """A number with at most this many significant digits, and a typographic minus sign."""
    number = float(value)
    text = f"{number:.{digits}g}" if number else "0"
    return text.replace("-", "−")


def factor(value: float) -> str:
    """A number as a factor or term: in parentheses if negative."""
    text = short(value)
    return f"({text})" if text.startswith("−") else text


def joined(numbers: Sequence[float], sign: str) -> str:
    """The numbers joined by an operator; only the first few if there are many."""
    return _cut([factor(number) for number in numbers], sign)


def products(ones: Sequence[float], others: Sequence[float]) -> str:
    """A sum of products; only the first few if there are many."""
    return _cut([f"{factor(a)} · {factor(b)}" for a, b in zip(ones, others, strict=True)], " + ")


def powers(numbers: Sequence[float]) -> str:
    """A sum of powers of e."""
    return _cut([f"e^{factor(number)}" for number in numbers], " + ")


def _cut(parts: list[str], sign: str) -> str:
    if len(parts) > FEW:
        parts = [*parts[: FEW - 1], f"… {len(parts) - FEW + 1:,} more"]
    return sign.join(parts) or "0"


def substituted(formula: str, letters: str, numbers: Sequence[float], attributes: Mapping[str, Any]) -> str:
    """`formula` with its letters replaced by numbers, one for each input, and by the attributes.

    Superscript letters become powers: e⁻ᶻ is written e^(−0.5).
    """
    values = {letter: factor(number) for letter, number in zip(letters, numbers, strict=True)}
    values |= {
        _GREEK[name]: "±∞" if value is None else factor(value) for name, value in attributes.items() if name in _GREEK
    }
    text = re.sub("⁻([ᶻᵃᵇ])", lambda found: f"^(−{values[_RAISED[found[1]]]})", formula)
    text = re.sub("[ᶻᵃᵇ]", lambda found: f"^{values[_RAISED[found[0]]]}", text)
    return _ALONE.sub(
        lambda found: found[1] or found[2], _LETTER.sub(lambda found: values.get(found[1], found[1]), text)
    )


def documented(formula: str) -> Callable[[T], T]:
    """Decorator: replaces `{formula}` in a docstring, so that a formula is written only once."""

    def fill(described: T) -> T:
        if described.__doc__:
            described.__doc__ = described.__doc__.replace("{formula}", formula)
        return described

    return fill

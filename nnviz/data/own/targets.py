"""From targets to class indices or values: the task is inferred, or as asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz.data.own.source import AUTO, Source, shown
from nnviz.errors import DataError

FEW = 20
"""Whole numbers with at most so many different values are taken for classes, if each comes twice on average."""

MOST_CLASSES = 1_000


@dataclass(frozen=True, eq=False)
class Targets:
    """Targets as a data set has them.

    Args:
        values: class indices, int64 (N,), or values, float32 (N, values).
        classes: the names of the classes; empty for a regression.
        made: what was made of the column, in words.
        why: why these are classes or values, in words.
    """

    values: NDArray[np.int64] | NDArray[np.float32]
    classes: tuple[str, ...]
    made: str
    why: str = ""


ASKED = "as asked for"
"""Why, if the task was not inferred."""


def of_texts(codes: NDArray[np.int32], texts: dict[str, int], source: Source, name: str) -> Targets:
    """The targets in a column of texts, as classes in alphabetical order.

    Raises:
        DataError: a regression was asked for, or there is only one class.
    """
    if source.task == "regression":
        some = shown(next(iter(texts), ""), 30)
        raise DataError(
            f"{source.name}: a regression needs numbers, but column '{name}' has texts, such as '{some}'",
            "choose another column with --target, or leave out --task regression",
        )
    used, names = in_order(codes, texts)
    why = ASKED if source.task == "classification" else "it has texts"
    return _classes(used, [shown(text, 40) for text in names], source, name, why)


def in_order(codes: NDArray[np.int32], texts: dict[str, int]) -> tuple[NDArray[np.int64], list[str]]:
    """Codes by the alphabetical order of those texts that are used, and these texts."""
    names = list(texts)
    used = sorted((names[code], code) for code in np.unique(codes).tolist())
    order = np.zeros(len(names), np.int64)
    for number, (_, code) in enumerate(used):
        order[code] = number
    return order[codes], [text for text, _ in used]


def of_numbers(values: NDArray[np.generic], source: Source, name: str) -> Targets:
    """The targets in a column of numbers (N,), as classes if they are few whole numbers, else as values.

    Raises:
        DataError: there are too many values for classes, only one class, or only one value.
    """
    classification, why = source.task == "classification", ASKED
    distinct = np.unique(values) if source.task != "regression" else values[:0]
    if source.task == AUTO:
        whole = values.dtype.kind in "iub" or bool((np.trunc(distinct.astype(np.float64)) == distinct).all())
        classification = whole and len(distinct) <= min(FEW, len(values) // 2)
        why = f"it has {len(distinct):,} different {'whole ' if whole else ''}numbers"
    if not classification:
        return of_values(values.astype(np.float32)[:, None], source, name, why)
    if len(distinct) > MOST_CLASSES:
        raise DataError(
            f"{source.name}: '{name}' has {len(distinct):,} different values, more than {MOST_CLASSES:,} classes",
            "leave out --task classification",
        )
    indices = np.searchsorted(distinct, values).astype(np.int64)
    return _classes(indices, [_written(value) for value in distinct.tolist()], source, name, why)


def of_values(values: NDArray[np.float32], source: Source, name: str, why: str = "") -> Targets:
    """The targets of a regression (N, values).

    Raises:
        DataError: all are the same.
    """
    if len(values) > 1 and (values == values[0]).all():
        raise DataError(
            f"{source.name}: '{name}' is {_written(float(values[0].ravel()[0]))} for every sample: "
            "there is nothing to learn",
            "choose another target",
        )
    count = values.shape[1]
    why = why or f"it has {count} values for each sample"
    return Targets(values, (), "target, a value" if count == 1 else f"target, {count} values", why)


def _classes(indices: NDArray[np.int64], names: list[str], source: Source, name: str, why: str) -> Targets:
    if len(names) < 2:
        only = f": '{names[0]}'" if names else ""
        raise DataError(
            f"{source.name}: expected two or more classes in '{name}', got one{only}", "choose another target"
        )
    if len(names) > max(10, len(indices) // 2):
        raise DataError(
            f"{source.name}: '{name}' has {len(names)} different values for {len(indices)} samples: "
            "hardly any class comes twice",
            "choose another target, or --task regression if it is a number",
        )
    return Targets(indices, tuple(names), f"target, {len(names)} classes", why)


def _written(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**63 else f"{value:.9g}"

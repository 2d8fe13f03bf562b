"""Where data of one's own come from, and what is made of them: plain values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnviz.data.schema import Schema

AUTO = "auto"
"""The task is inferred from the targets, and the header found out from the rows."""


@dataclass(frozen=True)
class Source:
    """A file of data, and how it is to be read. It is picklable, and compares by value.

    Args:
        path: the path of the file.
        target: the column to predict: its name, or its number from 1; empty for the last one.
        task: "classification", "regression", or "auto", which infers it from the target.
        drop_missing: leave out the rows in which a cell is empty, instead of refusing the file.
        ignore: the names of columns to leave out, separated by commas.
        header: whether the first row of a table has the names of the columns: "yes", "no", or "auto", which finds out.
        standardize: map inputs, and the values of a regression, to mean 0 and standard deviation 1.
        test_share: the share of the samples that are held out for testing; None for what the file names, or a fifth.
    """

    path: str
    target: str = ""
    task: str = AUTO
    drop_missing: bool = False
    ignore: str = ""
    header: str = AUTO
    standardize: bool = True
    test_share: float | None = None

    @property
    def name(self) -> str:
        """The name of the file, as messages have it."""
        return shown(Path(self.path).name or self.path)


@dataclass(frozen=True)
class Column:
    """What is made of a column of a file, or of an array.

    Args:
        name: its name, fit for the screen.
        kind: "number", "text" or "image".
        made: what is made of it, such as "input", "3 inputs, one for each text", "target, 3 classes".
        inputs: how many inputs it becomes; 0 for the target, and for what is left out.
        texts: those that become an input each, in the order of these.
    """

    name: str
    kind: str
    made: str
    inputs: int = 0
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Loaded:
    """The content of a file. The arrays are read-only.

    Args:
        schema: the description of the data.
        inputs: one sample per row, float32.
        targets: class indices, int64, or values, float32.
        columns: what was made of each column.
        notes: what else was decided, such as that rows were dropped.
        content: the fingerprint of all this, see `content_of`.
        why: why the task is what it is, in words.

    Shape:
        - inputs: (N, *sample_shape)
        - targets: classification (N,), regression (N, values)
    """

    schema: Schema
    inputs: NDArray[np.float32]
    targets: NDArray[np.int64] | NDArray[np.float32]
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()
    content: str = ""
    why: str = ""

    def __post_init__(self) -> None:
        self.inputs.setflags(write=False)
        self.targets.setflags(write=False)

    @property
    def summary(self) -> str:
        """One line: samples, inputs, task."""
        schema = self.schema
        shape = schema.sample_shape
        inputs = f"{shape[0]} input{'s' * (shape[0] != 1)}" if len(shape) == 1 else "x".join(map(str, shape))
        target = next((column.name for column in self.columns if column.made.startswith("target")), "")
        task = f"{schema.task} of {target}" if target else schema.task
        classes = f", {len(schema.classes)} classes" if schema.classes else ""
        return f"{schema.name}: {schema.samples:,} samples, {inputs}, {task}{classes}"

    @property
    def split(self) -> str:
        """One line: how many samples are for training and for testing, and whether they are standardized."""
        schema = self.schema
        which = "the last of the file" if schema.test_last else f"share {schema.test_share:g}"
        scaled = "standardized by the training data" if schema.standardize else "not standardized"
        return f"{schema.train:,} samples for training, {schema.test:,} for testing ({which}); {scaled}"


def joined(names: Iterable[str]) -> str:
    """Names as one line of CSV, as `Source.ignore` has them, since they may contain commas."""
    return ",".join('"' + name.replace('"', '""') + '"' if re.search('[",]', name) else name for name in names)


def shown(name: str, limit: int = 60) -> str:
    """A name from a file without anything that a terminal or a program text would act on, and not too long."""
    cut = name[: limit + 1]
    safe = "".join(c if c.isprintable() and c != "\\" else "\N{REPLACEMENT CHARACTER}" for c in cut).replace('"', "'")
    return safe if len(safe) <= limit else f"{safe[: limit - 1]}…"

"""`nnviz predict`: a trained network on the rows of a CSV file."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnviz.autograd.operation import Array
from nnviz.cli.show import columns as aligned
from nnviz.data import source_of
from nnviz.data.own import Column, load, read_rows
from nnviz.errors import DataError, NotSupportedError
from nnviz.files.opened import Opened
from nnviz.files.units import units_of
from nnviz.network import Network, job_of
from nnviz.run import Trainer

MOST_CLASSES = 8
"""Most classes whose probabilities are all in the table."""


@dataclass(frozen=True, eq=False)
class Predicted:
    """The predictions for the rows of a file.

    Args:
        names: the classes, or the values of a regression.
        numbers: their probabilities, or the values in their own units.
        classes: whether these are probabilities.

    Shape:
        numbers: (rows, names)
    """

    names: tuple[str, ...]
    numbers: Array
    classes: bool

    @property
    def chosen(self) -> list[str]:
        """The most probable class of each row."""
        return [self.names[at] for at in self.numbers.argmax(axis=1)]


def predicted(opened: Opened, path: str) -> Predicted:
    """The predictions of a trained network.

    Args:
        opened: the network, with its weights.
        path: a CSV file that has the columns which are its inputs.

    Raises:
        DataError: it has no trained weights; or the file does not have what the network needs.
        NotSupportedError: its inputs are no columns.
        FileError: the file cannot be read.
    """
    if not opened.weights:
        raise DataError("there are no trained weights to predict with", "train with -o DIR, and pass that folder")
    units = units_of(opened)
    rows = read_rows(path, _columns(opened.network))
    numbers = Trainer(opened.run).evaluator.predict(rows)
    wrong = np.flatnonzero(~np.isfinite(numbers).all(axis=1))
    if wrong.size:
        raise DataError(
            f"the network gives NaN or infinity for row {int(wrong[0]) + 1:,}", "are its weights, and that row, finite?"
        )
    names = units.classes or units.targets
    counts = Counter(names)
    named = (f"{name} ({at})" if counts[name] > 1 else name for at, name in enumerate(names, 1))
    return Predicted(tuple(named), numbers, bool(units.classes))


def _columns(network: Network) -> list[Column]:
    """The columns that are inputs."""
    source = source_of(network.settings.data)
    found = [] if source is None else [column for column in load(source).columns if column.inputs]
    schema = job_of(network).schema
    found = found or [Column(name, "number", "an input", 1) for name in schema.features]
    if not found:
        shape = "x".join(map(str, schema.sample_shape))
        raise NotSupportedError(
            f"the inputs are images of {shape}, not columns of a table", "use nnviz.load(MODEL) in Python"
        )
    return found


def text(found: Predicted) -> str:
    """The predictions as a table: of each row its class with probabilities, or its values."""
    if found.classes:
        few = len(found.names) <= MOST_CLASSES
        head: Sequence[str] = ("row", "class", *(found.names if few else ("probability",)))
        shown = found.numbers if few else found.numbers.max(axis=1, keepdims=True)
        parts = [(name, *(f"{p:.4f}" for p in row)) for name, row in zip(found.chosen, shown, strict=True)]
    else:
        head = ("row", *found.names)
        parts = [tuple(f"{value:.6g}" for value in row) for row in found.numbers]
    table = [head, *((str(number), *part) for number, part in enumerate(parts, 1))]
    return "\n".join(aligned(table, right=(0, *range(2 if found.classes else 1, len(head)))))


def as_csv(found: Predicted) -> str:
    """The predictions as CSV: row, class and the probability of each class; or row and values."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("row", *(("class",) if found.classes else ()), *found.names))
    chosen = found.chosen if found.classes else []
    for number, row in enumerate(_plain(found.numbers), 1):
        writer.writerow((number, *chosen[number - 1 : number], *row))
    return out.getvalue()


def as_json(found: Predicted) -> str:
    """The predictions as a JSON list of one object a row."""
    made: list[dict[str, object]] = []
    chosen = found.chosen if found.classes else []
    for number, row in enumerate(_plain(found.numbers), 1):
        values = dict(zip(found.names, row, strict=True))
        made.append(
            {"row": number, "class": chosen[number - 1], "probabilities": values}
            if found.classes
            else {"row": number, "values": values}
        )
    return json.dumps(made)


def _plain(numbers: Array) -> list[list[float]]:
    """Numbers of float32 as the shortest decimals that are the same in float32."""
    return [[float(str(number)) for number in row] for row in numbers.astype(np.float32)]

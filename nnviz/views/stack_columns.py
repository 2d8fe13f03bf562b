"""How the columns of the stack share its width: what falls away first as it gets narrower."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from textwrap import wrap

from nnviz.views.layer_rows import LayerRow

SPARK = (3, 16)
"""Fewest and most columns of a histogram."""

BESIDE = 6
"""Columns that a histogram has before there is room for a bar beside it."""

BAR = (6, 10)
"""Fewest and most columns of a bar; the fewest have room for a word."""

NARROWEST = 8
"""Columns of a name that are left where there is no room for anything."""

SIZES, SHAPE, PARAMETERS = "in→out", "output", "param"
"""Heads of the columns, which are as wide at least."""


@dataclass(frozen=True)
class Columns:
    """The widths of the columns, 0 of one that is left out. Between two there is a blank.

    Attributes:
        number, name, sizes, shape, parameters, spark, bar, arguments: how wide each is.
        sizes_below: whether the sizes are in the second line of a row, since there is no room for them in the first.
        room: columns of the lines below the first, from the names on.
    """

    number: int
    name: int
    sizes: int
    shape: int
    parameters: int
    spark: int
    bar: int
    arguments: int
    sizes_below: bool
    room: int

    @property
    def width(self) -> int:
        """All columns together."""
        own = (self.number, self.name, self.sizes, self.arguments, self.shape, self.parameters, self.spark, self.bar)
        return sum(width + 1 for width in own if width) - 1


@lru_cache(maxsize=64)
def columns_of(rows: tuple[LayerRow, ...], marks: int, width: int) -> Columns:
    """The columns of these rows in `width` cells.

    As it gets narrower, first the arguments leave the line for one of their own, then the bars fall away, then the
    histograms; then the sizes join the arguments, and what room they leave is a histogram's again; last, names are cut.

    Args:
        rows: the rows.
        marks: most marks before a number.
        width: how many cells there are.
    """
    number = max(len(str(len(rows) - 2)) + marks, 2)
    layers = [row for row in rows if row.role == "layer"]
    name = max((len(row.name) for row in layers), default=len("layer"))
    sizes = max((len(row.sizes) for row in layers), default=0)
    sizes = max(sizes, len(SIZES)) if sizes else 0
    shape = max(_longest(row.shape for row in rows), len(SHAPE))
    parameters = max(_longest(row.parameters for row in rows), len(PARAMETERS))
    arguments = _longest(", ".join(row.arguments) for row in layers)
    left = width - (number + 1 + max(name, len("layer")) + 1 + shape + 1 + parameters)
    below = bool(sizes) and left < sizes + 1
    if sizes and not below:
        left -= sizes + 1
    if left < 0:
        name = max(name + left, NARROWEST)
    spark, left = _take(left, SPARK[0])
    more = BESIDE - SPARK[0]
    bar, left = _take(left - more, BAR[0]) if spark else (0, left - more)
    left += more
    beside, left = _take(left, arguments) if bar and arguments and not below else (0, left)
    for_spark = min(max(left, 0), SPARK[1] - SPARK[0]) if spark else 0
    for_bar = min(max(left - for_spark, 0), BAR[1] - BAR[0]) if bar else 0
    return Columns(
        number,
        max(name, len("layer")),
        0 if below else sizes,
        shape,
        parameters,
        spark + for_spark,
        bar + for_bar,
        beside,
        below,
        max(width - number - 1, NARROWEST),
    )


def _longest(texts: Iterable[str]) -> int:
    return max((len(text) for text in texts), default=0)


def _take(left: int, wanted: int) -> tuple[int, int]:
    """What a column gets of what is left, with the blank before it; and what is left then."""
    return (wanted, left - wanted - 1) if left > wanted else (0, left)


def lines_below(row: LayerRow, columns: Columns) -> tuple[str, ...]:
    """The lines below the first of a row: what has no room in that.

    They are broken between two arguments; within one only where it is longer than a line.
    """
    pieces = [] if columns.arguments and row.role == "layer" else list(row.arguments)
    if row.role == "loss":
        if not beside_name(row, columns):
            pieces = [row.sizes, *pieces]
    elif columns.sizes_below and "→" in row.sizes:
        pieces = [row.sizes, *pieces]
    lines: list[str] = []
    for piece in pieces:
        if lines and len(lines[-1]) + 2 + len(piece) <= columns.room - 1:
            lines[-1] += f", {piece}"
        else:
            lines += wrap(piece, columns.room)
    return tuple(lines)


def beside_name(row: LayerRow, columns: Columns) -> bool:
    """Whether what the loss takes has room beside its name, with two blanks between them."""
    return len(row.name) + 1 + len(row.sizes) <= columns.room

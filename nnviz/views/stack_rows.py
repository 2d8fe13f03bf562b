"""The rows of the stack as cells: of a network alone, or with what its layers do in a moment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from nnviz.network import Network, trace
from nnviz.views.layer_rows import LayerRow, layer_rows
from nnviz.views.spark import spark
from nnviz.views.stack_columns import PARAMETERS, SHAPE, SIZES, Columns, beside_name, columns_of, lines_below
from nnviz.views.units import bytes_text

if TYPE_CHECKING:
    # The first picture has none of these, and to import them would make the program open later.
    from nnviz.run.queries import LayerSeen, LayersSeen
    from nnviz.views.troubles import Trouble

REINITIALIZED = "✱"
"""Stands before the number of a layer whose weights had to be drawn anew."""

FAULTY, WRONG = "✗", "!"
"""Stand before the number of a layer that cannot run, and of one that runs and has a trouble."""

DECADES = 6
"""Powers of ten from the empty bar to the full one, which is the largest gradient of the network."""

EIGHTHS = "▏▎▍▌▋▊▉█"

Kind = Literal["", "given", "muted", "error", "warning"]


class Cell(NamedTuple):
    """A text that fills `width` columns; it is padded on its left where it stands on the right."""

    text: str
    width: int
    kind: Kind = ""
    right: bool = False


@dataclass(frozen=True)
class Note:
    """A line below the rows.

    Attributes:
        text: the words.
        kind: how it is colored.
        head: words before it that stand out.
        key: the id of a command whose key is shown in place of a head.
        hint: what to do, with the ids of commands in braces.
    """

    text: str
    kind: Literal["error", "plain", "fix", "hint"]
    head: str = ""
    key: str = ""
    hint: str = ""


SHOWN = ("rows", "reinitialized", "input", "seen", "troubles")
"""What the rows of a `StackView` are made of."""


@dataclass(frozen=True, eq=False)
class StackView:
    """What the stack shows.

    Attributes:
        rows: the input, a row a layer, and the loss.
        cursor: the selected row.
        total: all parameters together.
        notes: what is wrong, or worth a note.
        reinitialized: the positions of the layers whose weights had to be drawn anew.
        input, seen: the newest statistics of the network's input, and of each layer by its position.
        troubles: what is wrong with a layer that runs, by its position.
    """

    rows: tuple[LayerRow, ...]
    cursor: int
    total: str
    notes: tuple[Note, ...]
    reinitialized: frozenset[int] = frozenset()
    input: LayersSeen | None = None
    seen: Mapping[int, LayerSeen] = field(default_factory=dict)
    troubles: Mapping[int, Trouble] = field(default_factory=dict)

    def columns(self, width: int) -> Columns:
        """The columns in `width` cells."""
        both = self.reinitialized & self.troubles.keys()
        return columns_of(self.rows, 2 if both else 1, width)

    def shows_the_same(self, other: StackView) -> bool:
        """Whether the rows of another view read as these, whatever the cursor is on."""
        pairs = ((getattr(self, one), getattr(other, one)) for one in SHOWN)
        return all(mine is its or mine == its for mine, its in pairs)

    def heads(self, columns: Columns) -> tuple[Cell, ...]:
        """The heads of the columns."""
        bar = "gradient" if columns.bar >= len("gradient") else "∇ log"
        spread = "spread" if columns.spark >= len("spread") else ""
        return _present(
            Cell("", columns.number), Cell("layer", columns.name), Cell(SIZES, columns.sizes, right=True),
            Cell("", columns.arguments), Cell(SHAPE, columns.shape), Cell(PARAMETERS, columns.parameters, right=True),
            Cell(spread, columns.spark), Cell(bar, columns.bar),
        )  # fmt: skip

    def lines(self, at: int, columns: Columns) -> tuple[tuple[Cell, ...], ...]:
        """The lines of the row `at`."""
        row = self.rows[at]
        kind: Kind = "error" if row.faulty else "given" if row.role != "layer" else ""
        below = [
            _present(Cell("", columns.number), Cell(line, columns.room, "error" if row.faulty else "muted"))
            for line in lines_below(row, columns)
        ]
        return (self._first(at, row, kind, columns), *below)

    def _first(self, at: int, row: LayerRow, kind: Kind, columns: Columns) -> tuple[Cell, ...]:
        number = Cell(self._number(at, row), columns.number, kind, right=True)
        if row.role == "loss":
            return _present(
                number, Cell(f"{row.name} {row.sizes}" if beside_name(row, columns) else row.name, columns.room, kind)
            )
        if row.role == "input":
            names = columns.name + sum(width + 1 for width in (columns.sizes, columns.arguments) if width)
            left = [Cell(row.name, names, kind)]
        else:
            left = [
                Cell(row.name, columns.name, kind), Cell(row.sizes, columns.sizes, kind, right=True),
                Cell(", ".join(row.arguments), columns.arguments, "error" if row.faulty else "muted"),
            ]  # fmt: skip
        return _present(
            number, *left, Cell(row.shape, columns.shape, kind),
            Cell(row.parameters, columns.parameters, kind, right=True),
            Cell(self._spark(at, columns.spark), columns.spark, "muted"), self._bar(at - 1, columns.bar),
        )  # fmt: skip

    def _number(self, at: int, row: LayerRow) -> str:
        if row.role == "input":
            return "in"
        marks = FAULTY if row.faulty else ""
        if row.role == "loss":
            return marks
        marks = marks or (WRONG if at - 1 in self.troubles else "")
        return f"{marks}{REINITIALIZED if at - 1 in self.reinitialized and not row.faulty else ''}{at}"

    def _spark(self, at: int, width: int) -> str:
        if at == 0:
            return spark(self.input.taken_in.counts, width) if self.input and width else ""
        one = self.seen.get(at - 1)
        return spark(one.output.counts, width) if one is not None and width else ""

    def _bar(self, position: int, width: int) -> Cell:
        """The gradient's norm on a logarithmic axis; or the trouble, in a word."""
        trouble, one = self.troubles.get(position), self.seen.get(position)
        if trouble is not None:
            return Cell(f"{WRONG} {trouble.kind}", width, "warning")
        if one is None or not one.gradient > 0 or not math.isfinite(one.gradient):
            return Cell("", width)
        largest = max(other.gradient for other in self.seen.values() if math.isfinite(other.gradient))
        return Cell(bar(1 + math.log10(one.gradient / largest) / DECADES, width), width, "muted")


def bar(share: float, width: int) -> str:
    """A bar over this share of `width` cells, in eighths of a cell, of which there is one at least."""
    eighths = min(max(round(share * width * 8), 1), width * 8)
    return "█" * (eighths // 8) + (EIGHTHS[eighths % 8 - 1] if eighths % 8 else "")


def _present(*cells: Cell) -> tuple[Cell, ...]:
    return tuple(cell for cell in cells if cell.width)


def network_view(network: Network, cursor: int) -> StackView:
    """The rows of a network that nothing else is known of, with the cursor on one of them."""
    return StackView(layer_rows(network), cursor, total(network), ())


def total(network: Network) -> str:
    """All parameters together, and their bytes."""
    found = trace(network)
    return f"{found.parameters:,} parameters, {bytes_text(found.bytes)}"

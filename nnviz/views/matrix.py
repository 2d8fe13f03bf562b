"""An array as a small picture: numbers where they fit, else fields of shade, one or several elements each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.operation import Array, Shape
from nnviz.autograd.written import short
from nnviz.views.stop import Matrix

WIDTH = 6
"""Columns of a number."""

NUMBER, SHADE = WIDTH + 1, 2
"""Columns that an element takes as a number, and as a field of shade."""

GAP = 2
"""Columns between two pictures."""

NARROWEST = 13
"""Columns below which no picture is squeezed."""

SHADES = " ░▒▓█"
"""From nothing to the largest magnitude."""

TITLE = 24
"""Columns of a title for which room is made."""

AROUND = 4
"""Lines of a picture that are not its body: title, lowest and highest, mean, and where the rest is."""


@dataclass(frozen=True, eq=False)
class Picture:
    """One matrix laid out.

    Attributes:
        matrix: what is drawn.
        width: columns.
        lead: the leading indices, where there are more than two dimensions.
        body: (rows, columns) of what is drawn; each the mean of the elements it stands for.
        rows, columns: where each drawn row and column begins in the array, and the end.
        numbers: whether elements stand as numbers.
    """

    matrix: Matrix
    width: int
    lead: Shape
    body: NDArray[np.float64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    numbers: bool

    def place(self, row: int, column: int) -> Shape:
        """The first element that a drawn field stands for."""
        at = (int(self.rows[row]), int(self.columns[column]))
        ndim = self.matrix.array.ndim
        return (*self.lead, *at)[-ndim:] if ndim else ()

    def field(self, index: Shape) -> tuple[int, int] | None:
        """Where an element is drawn; None where it lies in another slice."""
        *lead, row, column = (0, 0, *index)[-max(len(index), 2) :]
        if tuple(lead) != self.lead:
            return None
        return (
            int(np.searchsorted(self.rows, row, "right")) - 1,
            int(np.searchsorted(self.columns, column, "right")) - 1,
        )


def lay_out(matrices: Sequence[Matrix], width: int, height: int) -> list[Picture]:
    """The pictures side by side in `width` columns and `height` lines; where not all fit, the first are left out."""
    shown = list(matrices)
    while len(shown) > 1 and len(shown) * (NARROWEST + GAP) - GAP > width:
        # The gradients and the result stand last, and matter most.
        shown.pop(0)
    slices = [_slice(matrix) for matrix in shown]
    lines = max(height - AROUND, 1)
    numbers = [sheet.shape[0] <= lines for _, sheet in slices]

    def wishes() -> list[int]:
        cells = [NUMBER if as_number else SHADE for as_number in numbers]
        titles = [min(len(facts(matrix)[0]), TITLE) for matrix in shown]
        return [max(s.shape[1] * c, t, NARROWEST) for (_, s), c, t in zip(slices, cells, titles, strict=True)]

    room = width - GAP * (len(shown) - 1)
    while sum(wishes()) > room and any(numbers):
        # What one can choose in keeps its numbers longest.
        widest = max((not shown[i].open, w, i) for i, w in enumerate(wishes()) if numbers[i])[-1]
        numbers[widest] = False
    taken = _squeezed(wishes(), room)
    return [
        _picture(matrix, lead, sheet, as_number, own, lines)
        for matrix, (lead, sheet), as_number, own in zip(shown, slices, numbers, taken, strict=True)
    ]


def _squeezed(wishes: list[int], room: int) -> list[int]:
    """Widths that fit: the narrow ones as they wish, the others share what is left."""
    taken, left = [0] * len(wishes), max(room, len(wishes))
    for n, i in enumerate(sorted(range(len(wishes)), key=lambda i: wishes[i])):
        taken[i] = min(wishes[i], left // (len(wishes) - n))
        left -= taken[i]
    return taken


def _slice(matrix: Matrix) -> tuple[Shape, Array]:
    """The two-dimensional slice that holds the chosen element, or the first marked one."""
    array = matrix.array
    if array.ndim <= 2:
        return (), array.reshape(1, -1) if array.ndim < 2 else array
    if 0 in array.shape:
        return (0,) * (array.ndim - 2), np.zeros((0, 0))
    at = matrix.chosen or min(matrix.marked, default=(0,) * array.ndim)
    lead = at[: array.ndim - 2]
    return lead, array[lead]


def _picture(matrix: Matrix, lead: Shape, sheet: Array, numbers: bool, width: int, lines: int) -> Picture:
    rows = _starts(sheet.shape[0], lines)
    columns = _starts(sheet.shape[1], max(width // (NUMBER if numbers else SHADE), 1))
    if 0 in sheet.shape:
        return Picture(matrix, width, lead, np.zeros((0, 0)), rows, columns, numbers)
    with np.errstate(all="ignore"):
        body = np.add.reduceat(np.add.reduceat(sheet.astype(np.float64), rows, 0), columns, 1)
        heights = np.diff([*rows, sheet.shape[0]])
        widths = np.diff([*columns, sheet.shape[1]])
        body = body / (heights[:, None] * widths[None, :])
    return Picture(matrix, width, lead, body, rows, columns, numbers)


def _starts(count: int, most: int) -> NDArray[np.int64]:
    """Where each of at most `most` equal parts of `count` begins."""
    parts = max(min(count, most), 1)
    return np.asarray(np.arange(parts) * count // parts, dtype=np.int64)


def number(value: float) -> str:
    """A number in six columns."""
    if not np.isfinite(value):
        return f"{'NaN' if np.isnan(value) else '∞' if value > 0 else '−∞':>6}"
    size = abs(value)
    if value == 0:
        return f"{'0':>6}"
    if size < 0.0005 or size >= 99_999.5:
        mantissa, _, power = f"{value:.0e}".partition("e")
        text = f"{mantissa}e{int(power)}"
        # Only what is as good as nothing takes more than there is room for.
        text = text if len(text) <= WIDTH else "≈0"
    else:
        places = 3 if size < 10 else 2 if size < 100 else 1 if size < 1000 else 0
        text = f"{value:.{places}f}"
    return f"{text.replace('-', '−'):>{WIDTH}}"


def magnitude(array: Array) -> float:
    """The largest finite magnitude; 0 where there is none."""
    finite = np.abs(array[np.isfinite(array)]) if array.size else array
    return float(finite.max()) if finite.size else 0.0


def field_text(value: float, largest: float) -> str:
    """Two characters that show sign and size without any colour."""
    if not np.isfinite(value):
        return "!!"
    share = min(abs(value) / largest, 1.0) if largest else 0.0
    shade = SHADES[min(int(np.ceil(share * (len(SHADES) - 1) - 0.25)), len(SHADES) - 1)]
    sign = " " if share < 0.05 else "+" if value > 0 else "−"
    return sign + shade


def facts(matrix: Matrix) -> tuple[str, str, str]:
    """The title with the shape, and lowest, highest and mean in words."""
    array = matrix.array
    shape = f"({', '.join(map(str, array.shape))}{',' if array.ndim == 1 else ''})"
    if not array.size:
        return f"{matrix.title} {shape}", "empty", ""
    with np.errstate(all="ignore"):
        low, high, mean = float(array.min()), float(array.max()), float(array.mean())
    return f"{matrix.title} {shape}", f"min {short(low)} max {short(high)}", f"mean {short(mean)}"

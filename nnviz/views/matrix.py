"""An array as a small picture: numbers where they fit, else fields of shade, one or several elements each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.formula import rounded
from nnviz.autograd.operation import Array, Shape
from nnviz.network import shape_text
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

FIELDS = [*(sign + shade for sign in " +−" for shade in SHADES), "!!"]
"""What stands in a field: its sign and its shade; of what is not finite two marks."""

TITLE = 24
"""Columns of a title for which room is made."""

SMALL = 0.0095
"""Numbers below this take more than three places."""

AROUND = 4
"""Lines of a picture that are not its body: the title, and in the narrowest one each for lowest, highest and mean."""


class Box(NamedTuple):
    """Where a picture stands: its first column and line, and how many columns it has."""

    left: int
    top: int
    width: int


@dataclass(frozen=True, eq=False)
class Picture:
    """One matrix laid out.

    Attributes:
        matrix: what is drawn.
        box: where.
        lead: the leading indices, where there are more than two dimensions.
        body: (rows, columns) of what is drawn; each the mean of the elements it stands for.
        rows, columns: where each drawn row and column begins in the array, and the end.
        numbers: whether elements stand as numbers.
        whole: the rows and columns of the slice that is drawn.
        scrolled: whether only a part of the slice is drawn, element by element, around what is chosen.
    """

    matrix: Matrix
    box: Box
    lead: Shape
    body: NDArray[np.float64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    numbers: bool
    whole: tuple[int, int]
    scrolled: bool = False

    @property
    def condensed(self) -> bool:
        """Whether some fields stand for several elements."""
        return self.body.shape != self.whole and not self.scrolled

    @property
    def part(self) -> str:
        """Which rows and columns are drawn, where that is a part; counted from 0, as an index is."""
        names = ("rows", "columns") if self.matrix.array.ndim > 1 else ("", "elements")
        ends = zip(names, (self.rows, self.columns), self.whole, strict=True)
        return ", ".join(f"{n} {at[0]}–{at[-1]} of {count}" for n, at, count in ends if len(at) < count)

    def place(self, row: int, column: int) -> Shape:
        """The first element that a drawn field stands for."""
        at = (int(self.rows[row]), int(self.columns[column]))
        ndim = self.matrix.array.ndim
        return (*self.lead, *at)[-ndim:] if ndim else ()

    def field(self, index: Shape) -> tuple[int, int] | None:
        """Where an element is drawn; None where it lies in another slice, or beyond the part that is drawn."""
        *lead, row, column = (0, 0, *index)[-max(len(index), 2) :]
        if tuple(lead) != self.lead or not self._holds(row, column):
            return None
        return (
            int(np.searchsorted(self.rows, row, "right")) - 1,
            int(np.searchsorted(self.columns, column, "right")) - 1,
        )

    def _holds(self, row: int, column: int) -> bool:
        """Whether an element is drawn, where a part is."""
        if not self.scrolled or 0 in self.body.shape:
            return True
        return bool(self.rows[0] <= row <= self.rows[-1] and self.columns[0] <= column <= self.columns[-1])


def lay_out(matrices: Sequence[Matrix], width: int, height: int, scrolls: bool = False) -> list[Picture]:
    """The pictures in `width` columns and `height` lines.

    With all their numbers, in as few rows of pictures as hold them, if that is high enough. Else side by side, some
    without numbers; and where not even so all fit, those of fewest dimensions are left out. Where one `scrolls` in
    them, side by side with numbers all the same: as many as fit around the chosen element.
    """
    return _shelved(matrices, width, height) or _beside(matrices, width, height, scrolls)


def _shelved(matrices: Sequence[Matrix], width: int, height: int) -> list[Picture]:
    """Every element as a number, on shelves below each other; empty where they do not fit."""
    sheets = [_slice(matrix) for matrix in matrices]
    shelves: list[list[int]] = [[]]
    wishes = [_wish(matrix, slice_, NUMBER) for matrix, slice_ in zip(matrices, sheets, strict=True)]
    for i, wish in enumerate(wishes):
        if shelves[-1] and sum(wishes[k] + GAP for k in shelves[-1]) + wish > width:
            shelves.append([])
        shelves[-1].append(i)
    heights = [max(sheets[i][1].shape[0] for i in shelf) + AROUND for shelf in shelves]
    if max(wishes) > width or sum(heights) + len(shelves) - 1 > height:
        return []
    pictures, top = [], 0
    for shelf, tall in zip(shelves, heights, strict=True):
        pictures += _placed(
            [matrices[i] for i in shelf],
            [sheets[i] for i in shelf],
            [wishes[i] for i in shelf],
            [True] * len(shelf),
            Size(width, tall, top),
        )
        top += tall + 1
    return pictures


def _beside(matrices: Sequence[Matrix], width: int, height: int, scrolls: bool) -> list[Picture]:
    """Side by side, numbers where they fit, or a part of them."""
    shown = list(matrices)
    while len(shown) > 1 and len(shown) * (NARROWEST + GAP) - GAP > width:
        # The gradients and the result stand last, and matter most; a bias tells less than what it is added to.
        shown.pop(min(range(len(shown) - 1), key=lambda i: (shown[i].open, shown[i].array.ndim)))
    sheets = [_slice(matrix) for matrix in shown]
    numbers = [scrolls or sheet.shape[0] <= max(height - AROUND, 1) for _, sheet in sheets]

    def wishes() -> list[int]:
        cells = [NUMBER if as_number else SHADE for as_number in numbers]
        return [_wish(*each) for each in zip(shown, sheets, cells, strict=True)]

    room = width - GAP * (len(shown) - 1)
    while not scrolls and sum(wishes()) > room and any(numbers):
        # What one can choose in keeps its numbers longest.
        widest = max((not shown[i].open, w, i) for i, w in enumerate(wishes()) if numbers[i])[-1]
        numbers[widest] = False
    return _placed(shown, sheets, _squeezed(wishes(), room), numbers, Size(width, height), scrolls)


class Size(NamedTuple):
    """A room for pictures: its columns and lines, and the line it begins at."""

    width: int
    height: int
    top: int = 0


def _placed(
    matrices: Sequence[Matrix],
    sheets: Sequence[tuple[Shape, Array]],
    widths: Sequence[int],
    numbers: Sequence[bool],
    size: Size,
    scrolls: bool = False,
) -> list[Picture]:
    """One row of pictures; what is left of its width goes to the titles.

    What has the same shape is drawn on the same grid, so that one can compare field by field.
    """
    spare = size.width - sum(widths) - GAP * (len(widths) - 1)
    boxes: list[Box] = []
    columns: dict[tuple[Shape, bool], int] = {}
    left = 0
    for matrix, (lead, sheet), wish, as_number in zip(matrices, sheets, widths, numbers, strict=True):
        more = max(min(len(headed(matrix, lead)) - wish, spare), 0)
        spare -= more
        boxes.append(Box(left, size.top, wish + more))
        most = max((wish + more) // (NUMBER if as_number else SHADE), 1)
        columns[sheet.shape, as_number] = min(most, columns.get((sheet.shape, as_number), most))
        left += wish + more + GAP
    draw = _part if scrolls else _picture
    return [
        draw(matrix, lead, sheet, as_number, box, (size.height, columns[sheet.shape, as_number]))
        for matrix, (lead, sheet), as_number, box in zip(matrices, sheets, numbers, boxes, strict=True)
    ]


def _wish(matrix: Matrix, slice_: tuple[Shape, Array], cell: int) -> int:
    """The columns that a picture would like to have."""
    lead, sheet = slice_
    return max(int(sheet.shape[1]) * cell, min(len(headed(matrix, lead)), TITLE), NARROWEST)


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


def _picture(matrix: Matrix, lead: Shape, sheet: Array, numbers: bool, box: Box, most: tuple[int, int]) -> Picture:
    height, width = most
    lines = max(height - AROUND, 1)
    if sheet.shape[0] > lines or sheet.shape[1] > width:
        # One more line says how many elements a field stands for.
        lines = max(height - AROUND - 1, 1)
    rows, columns = _starts(sheet.shape[0], lines), _starts(sheet.shape[1], width)
    if 0 in sheet.shape:
        return Picture(matrix, box, lead, np.zeros((0, 0)), rows, columns, numbers, (0, 0))
    with np.errstate(all="ignore"):
        body = np.add.reduceat(np.add.reduceat(sheet.astype(np.float64), rows, 0), columns, 1)
        heights = np.diff([*rows, sheet.shape[0]])
        widths = np.diff([*columns, sheet.shape[1]])
        body = body / (heights[:, None] * widths[None, :])
    return Picture(matrix, box, lead, body, rows, columns, numbers, (sheet.shape[0], sheet.shape[1]))


def _part(matrix: Matrix, lead: Shape, sheet: Array, numbers: bool, box: Box, most: tuple[int, int]) -> Picture:
    """The part around the chosen element, element by element; all of it where there is room."""
    height, width = most
    # One more line says which part it is; where there are few lines, that and the facts have to go.
    lines = max(height - AROUND - 1, min(height - 1, sheet.shape[0], 3), 1)
    row, column = (0, 0, *(matrix.chosen or ()))[-2:]
    rows, columns = _around(row, sheet.shape[0], lines), _around(column, sheet.shape[1], width)
    body = sheet.astype(np.float64)[np.ix_(rows, columns)]
    return Picture(matrix, box, lead, body, rows, columns, numbers, (sheet.shape[0], sheet.shape[1]), scrolled=True)


def _around(at: int, count: int, most: int) -> NDArray[np.int64]:
    """At most `most` neighbours of `count`, with `at` in the middle where that can be."""
    shown = min(count, most)
    first = min(max(at - shown // 2, 0), count - shown)
    return np.arange(first, first + shown, dtype=np.int64)


def _starts(count: int, most: int) -> NDArray[np.int64]:
    """Where each of at most `most` equal parts of `count` begins."""
    parts = max(min(count, most), 1)
    return np.asarray(np.arange(parts) * count // parts, dtype=np.int64)


def number(value: float, width: int = WIDTH) -> str:
    """A number in six columns, or as many as there are; at least five."""
    if not np.isfinite(value):
        text = "NaN" if np.isnan(value) else "∞" if value > 0 else "−∞"
    elif value == 0:
        text = "0"
    else:
        fixed = [f"{value:.{places}f}" for places in (3, 2, 1, 0)]
        if abs(value) < SMALL:
            # Three places would leave one digit or none.
            fixed = [f"{value:.4f}".replace("0.", ".", 1)] if abs(value) >= SMALL / 10 else []
        text = next((text for text in fixed if len(text) <= width), "")
        if not text or not float(text):
            mantissa, _, power = f"{value:.0e}".partition("e")
            text = f"{mantissa}e{int(power)}"
            # Only the tiniest and the hugest take more than there is room for.
            text = text if len(text) <= width else "≈0" if abs(value) < 1 else "≫0" if value > 0 else "≪0"
    return f"{text.replace('-', '−'):>{width}}"


def magnitude(array: Array) -> float:
    """The largest finite magnitude; 0 where there is none."""
    finite = np.abs(array[np.isfinite(array)]) if array.size else array
    return float(finite.max()) if finite.size else 0.0


def field_texts(values: NDArray[np.float64], largest: float) -> list[list[str]]:
    """Two characters for each of (rows, columns) values, that show sign and size without any colour."""
    with np.errstate(all="ignore"):
        share = np.minimum(np.abs(values) / largest, 1.0) if largest else np.zeros_like(values)
        shade = np.ceil(share * (len(SHADES) - 1) - 0.25)
    sign = np.where(share < 0.05, 0, np.where(values > 0, 1, 2))
    finite = np.isfinite(values)
    code = np.where(finite, sign * len(SHADES) + np.where(finite, shade, 0), len(FIELDS) - 1).astype(np.intp)
    return [[FIELDS[i] for i in row] for row in code.tolist()]


def headed(matrix: Matrix, lead: Shape = (), width: int | None = None) -> str:
    """The title with the shape, and which slice is drawn; where that is too wide, without whose the values are."""
    slice_ = f" [{', '.join(map(str, lead))}]" if lead else ""
    title = titled(matrix) + slice_
    if width is None or len(title) <= width:
        return title
    return f"{matrix.title.partition(' ')[0]}{title[len(matrix.title) :]}"


def titled(matrix: Matrix) -> str:
    """The title with the shape."""
    return f"{matrix.title} {shape_text(matrix.array.shape)}"


def facts(array: Array, width: int) -> list[str]:
    """Lowest, highest and mean in words, in as few lines of that width as hold them whole."""
    if not array.size:
        return ["empty"]
    with np.errstate(all="ignore"):
        ends = {"min": float(array.min()), "max": float(array.max()), "mean": float(array.mean(dtype=np.float64))}
    words = [_within(name, value, width) for name, value in ends.items()]
    for lines in ([" ".join(words)], [" ".join(words[:2]), words[2]]):
        if all(len(line) <= width for line in lines):
            return lines
    return words


def _within(name: str, value: float, width: int) -> str:
    """A fact with as many digits as there is room for: rounded, never cut."""
    texts = (f"{name} {rounded(value, digits)}" for digits in (4, 3, 2, 1))
    return next((text for text in texts if len(text) <= width), f"{name} {rounded(value, 1)}")

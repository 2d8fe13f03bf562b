"""An array as a small picture: a field for each element, with its number where there is room, else a shade.

What does not fit is a window around the chosen element; nothing is ever averaged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
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

FACTS = 3
"""Most lines of lowest, highest and mean."""

WIDEST = 100
"""Columns that hold lowest, highest and mean on one line."""

ROOMY = 6
"""Lines of a shelf from which on there is a blank one between two."""

FEW = 5
"""Of so many pictures every way to break them into shelves is tried; of more, those with shelves of equal length."""

BETTER = 1.1
"""How many times as much must be seen on more shelves, to use them."""


class Box(NamedTuple):
    """Where a picture stands: its first column and line, and how many columns and lines it has."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class Picture:
    """One matrix laid out.

    Attributes:
        matrix: what is drawn.
        box: where.
        lead: the leading indices, where there are more than two dimensions.
        body: (rows, columns) of what is drawn: element [rows[r], columns[c]] of the slice stands at [r, c].
        rows, columns: the rows and columns of the slice that are drawn.
        numbers: whether elements stand as numbers.
        whole: the rows and columns of the slice.
        head: the title, and which part is drawn, where that fits beside it.
        below: the lines under the body.
    """

    matrix: Matrix
    box: Box
    lead: Shape
    body: NDArray[np.float64]
    rows: range
    columns: range
    numbers: bool
    whole: tuple[int, int]
    head: str
    below: tuple[str, ...]

    def place(self, row: int, column: int) -> Shape:
        """The element in a drawn field."""
        at = (self.rows[row], self.columns[column])
        ndim = self.matrix.array.ndim
        return (*self.lead, *at)[-ndim:] if ndim else ()

    def field(self, index: Shape) -> tuple[int, int] | None:
        """Where an element is drawn; None where it lies in another slice, or beyond the part that is drawn."""
        *lead, row, column = (0, 0, *index)[-max(len(index), 2) :]
        if tuple(lead) != self.lead or row not in self.rows or column not in self.columns:
            return None
        return row - self.rows.start, column - self.columns.start


@dataclass(frozen=True, eq=False)
class _Sheet:
    """The two-dimensional slice of a matrix that is drawn: the one with the chosen element, or the first marked one.

    Attributes:
        rows, columns: from the first to the last row and column of what is to be in view.
    """

    matrix: Matrix
    lead: Shape
    sheet: Array
    rows: tuple[int, int]
    columns: tuple[int, int]

    def facts(self, width: int) -> list[str]:
        """Lowest, highest and mean of the whole array."""
        return _facts_in(self._ends, width)

    @cached_property
    def _ends(self) -> Mapping[str, float]:
        return _ends(self.matrix.array)

    @cached_property
    def facts_width(self) -> int:
        """The columns that lowest, highest and mean take on one line."""
        return len(self.facts(WIDEST)[0])

    @cached_property
    def title_width(self) -> int:
        """The columns of the title."""
        return len(headed(self.matrix, self.lead))

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Its rows and columns."""
        return int(self.sheet.shape[0]), int(self.sheet.shape[1])

    def wish(self, cell: int) -> int:
        """The columns that its picture would like to have."""
        return max(self.shape[1] * cell, min(self.title_width, TITLE), NARROWEST)


class _Grid(NamedTuple):
    """How many rows and columns are drawn, as fields of so many characters."""

    rows: int
    columns: int
    cell: int


def lay_out(matrices: Sequence[Matrix], width: int, height: int, readable: bool = False) -> list[Picture]:
    """The pictures in `width` columns and `height` lines, side by side or below each other.

    Whole, with numbers in as many as there is room for; otherwise as windows around what is chosen and marked, in the
    arrangement that shows most. Where not even so all fit, those of fewest dimensions are left out. Where they are to
    be `readable`, they have numbers all the same.
    """
    sheets = [_sheet(matrix) for matrix in matrices]
    return _whole(sheets, width, height, readable) or _windows(sheets, width, height, readable)


def _whole(sheets: list[_Sheet], width: int, height: int, readable: bool) -> list[Picture]:
    """Every element, on shelves below each other, with lowest, highest and mean; empty where that has no room."""
    for cells in [[NUMBER] * len(sheets)] if readable else _cells(sheets):
        wishes = [sheet.wish(cell) for sheet, cell in zip(sheets, cells, strict=True)]
        shelves = _filled(wishes, width)
        least = sum(max(sheets[i].shape[0] for i in shelf) + 3 for shelf in shelves) - 1
        if max(wishes) > width or least > height:
            continue
        widths = _spread(sheets, wishes, shelves, width)
        lines = [1 + sheet.shape[0] + len(sheet.facts(widths[i])) for i, sheet in enumerate(sheets)]
        heights = [max(lines[i] for i in shelf) for shelf in shelves]
        if sum(heights) + len(shelves) - 1 <= height:
            grids = [_Grid(*sheet.shape, cell) for sheet, cell in zip(sheets, cells, strict=True)]
            return _placed(sheets, grids, widths, shelves, heights)
    return []


def _cells(sheets: list[_Sheet]) -> list[list[int]]:
    """Which have numbers: as many as can, what one can choose in before others. The same shape is drawn alike."""
    shapes = list(dict.fromkeys(sheet.shape for sheet in sheets))
    ways = [set(some) for n in range(len(shapes) + 1) for some in combinations(shapes, n)]
    if len(shapes) > FEW:
        ways = [set(), set(shapes)]
    opened = {sheet.shape for sheet in sheets if sheet.matrix.open}
    ways.sort(key=lambda way: (len(way & opened), len(way)), reverse=True)
    return [[NUMBER if sheet.shape in way else SHADE for sheet in sheets] for way in ways]


def _filled(wishes: Sequence[int], width: int) -> list[list[int]]:
    """As few shelves as hold pictures of these widths, in order."""
    shelves: list[list[int]] = [[]]
    for i, wish in enumerate(wishes):
        if shelves[-1] and sum(wishes[k] + GAP for k in shelves[-1]) + wish > width:
            shelves.append([])
        shelves[-1].append(i)
    return shelves


def _windows(sheets: list[_Sheet], width: int, height: int, readable: bool) -> list[Picture]:
    """A part of each, in the arrangement that shows most."""
    cell = NUMBER if readable else SHADE
    shown = list(sheets)
    while len(shown) > 1 and next(_arrangements(len(shown), width, height), None) is None:
        # The gradients and the result stand last, and matter most; a bias tells less than what it is added to.
        shown.pop(min(range(len(shown) - 1), key=lambda i: (shown[i].matrix.open, shown[i].matrix.array.ndim)))
    plans = (
        _planned(shown, cell, shelves, width, height)
        for shelves in (_arrangements(len(shown), width, height) if len(shown) > 1 else [[[0]]])
    )
    best = next(plans)
    for plan in plans:
        if plan.seen > best.seen * BETTER:
            best = plan
    return _placed(shown, best.grids, best.widths, best.shelves, best.heights, best.gap)


def _arrangements(count: int, width: int, height: int) -> Iterator[list[list[int]]]:
    """The ways to put pictures on shelves in order, on which each has a title, a line, and NARROWEST columns."""
    most = (width + GAP) // (NARROWEST + GAP)
    for shelves in range(1, min(count, max(height // 2, 1)) + 1):
        even = [tuple(count * k // shelves for k in range(1, shelves))]
        # The first shelf is filled first.
        ways = reversed([*combinations(range(1, count), shelves - 1)]) if count <= FEW else even
        for breaks in ways:
            ends = (0, *breaks, count)
            found = [list(range(a, b)) for a, b in pairwise(ends)]
            if max(map(len, found)) <= most:
                yield found


class _Plan(NamedTuple):
    """How pictures are to stand.

    Attributes:
        seen: the share of the elements that is seen, all shares multiplied.
        gap: the lines between two shelves.
    """

    seen: float
    grids: list[_Grid]
    widths: list[int]
    shelves: list[list[int]]
    heights: list[int]
    gap: int


def _planned(sheets: list[_Sheet], cell: int, shelves: list[list[int]], width: int, height: int) -> _Plan:
    """As much of each as these shelves have room for."""
    widths = [0] * len(sheets)
    for shelf in shelves:
        own = _squeezed([sheets[i].wish(cell) for i in shelf], width - GAP * (len(shelf) - 1))
        for i, squeezed in zip(shelf, own, strict=True):
            widths[i] = squeezed
    widths = _spread(sheets, widths, shelves, width)
    gap = 1 if height >= ROOMY * len(shelves) else 0
    room = height - gap * (len(shelves) - 1)
    # The title, and a line for what part it is, where that has no room beside it.
    wishes = [max(sheets[i].shape[0] for i in shelf) + 2 for shelf in shelves]
    heights = _squeezed(wishes, room)
    spare = max(room - sum(heights), 0)
    for n, tall in enumerate(heights):
        more = min(spare, FACTS)
        heights[n], spare = tall + more, spare - more
    grids = [_Grid(0, 0, cell)] * len(sheets)
    for shelf, tall in zip(shelves, heights, strict=True):
        for i in shelf:
            grids[i] = _fitting(sheets[i], cell, widths[i], tall)
    # What has the same shape is drawn on the same grid, so that one can compare field by field.
    alike: dict[tuple[int, int], list[int]] = {}
    for i, sheet in enumerate(sheets):
        alike.setdefault(sheet.shape, []).append(i)
    seen = 1.0
    for shape, same in alike.items():
        rows, columns = min(grids[i].rows for i in same), min(grids[i].columns for i in same)
        # With numbers, where no less is seen that way.
        one = _Grid(rows, columns, NUMBER if all(columns * NUMBER <= widths[i] for i in same) else cell)
        for i in same:
            grids[i] = one
            seen *= rows * columns / max(shape[0] * shape[1], 1)
    return _Plan(seen, grids, widths, shelves, heights, gap)


def _fitting(sheet: _Sheet, cell: int, width: int, height: int) -> _Grid:
    """The largest grid in a box, with a line for the title, and lines that say which part is drawn where it is one."""
    rows, columns = sheet.shape
    lines, across = min(rows, max(height - 1, 1)), min(columns, max(width // cell, 1))
    # The line that says which columns are drawn can make it one of which not all rows are.
    for _ in range(2 if (lines, across) != (rows, columns) else 0):
        # No part is written longer than one at the end.
        part = _part(sheet, range(rows - lines, rows), range(columns - across, columns), width)
        lines = min(rows, max(height - 1 - (0 if _beside(sheet, part, width) else len(part)), 1))
    return _Grid(lines, across, cell)


def _spread(sheets: list[_Sheet], widths: Sequence[int], shelves: list[list[int]], width: int) -> list[int]:
    """The widths, and what is left on each shelf for titles, and for lowest, highest and mean on one line."""
    found = list(widths)
    for shelf in shelves:
        spare = max(width - sum(widths[i] for i in shelf) - GAP * (len(shelf) - 1), 0)
        for i in shelf if spare else ():
            more = max(min(sheets[i].title_width - found[i], spare), 0)
            found[i], spare = found[i] + more, spare - more
        for i in shelf if spare else ():
            more = max(min(sheets[i].facts_width - found[i], spare), 0)
            found[i], spare = found[i] + more, spare - more
    return found


def _placed(
    sheets: list[_Sheet],
    grids: list[_Grid],
    widths: list[int],
    shelves: list[list[int]],
    heights: list[int],
    gap: int = 1,
) -> list[Picture]:
    """The pictures on their shelves, with so many lines between these."""
    pictures, top = [], 0
    for shelf, tall in zip(shelves, heights, strict=True):
        left = 0
        for i in shelf:
            pictures.append(_picture(sheets[i], grids[i], Box(left, top, widths[i], tall)))
            left += widths[i] + GAP
        top += tall + gap
    return pictures


def _picture(sheet: _Sheet, grid: _Grid, box: Box) -> Picture:
    rows = _around(sheet.rows, sheet.shape[0], grid.rows)
    columns = _around(sheet.columns, sheet.shape[1], grid.columns)
    body = sheet.sheet[rows.start : rows.stop, columns.start : columns.stop].astype(np.float64)
    head, part = headed(sheet.matrix, sheet.lead, box.width), _part(sheet, rows, columns, box.width)
    if _beside(sheet, part, box.width):
        head, part = f"{head} · {part[0]}", []
    left = max(box.height - 1 - len(rows), 0)
    told = sheet.facts(box.width)
    below = [*part[:left], *(told if len(part) + len(told) <= left else ())]
    numbers = grid.cell == NUMBER
    return Picture(sheet.matrix, box, sheet.lead, body, rows, columns, numbers, sheet.shape, head, tuple(below))


def _part(sheet: _Sheet, rows: range, columns: range, width: int) -> list[str]:
    """Which rows and columns are drawn, where that is a part; counted from 0, as an index is."""
    names = (("rows", "rows"), ("columns", "cols")) if sheet.matrix.array.ndim > 1 else (("", ""), ("elements", ""))
    cut = [
        (name, brief, f"{at[0]}–{at[-1]}" if len(at) > 1 else f"{at[0]}", count)
        for (name, brief), at, count in zip(names, (rows, columns), sheet.shape, strict=True)
        if len(at) < count
    ]
    line = ", ".join(f"{name} {at} of {count}" for name, _, at, count in cut)
    if len(line) <= width:
        return [line] if line else []
    texts = [(f"{n} {at} of {count}", f"{b} {at}/{count}".lstrip(), f"{b} {at}", at) for n, b, at, count in cut]
    return [next((text for text in each if len(text) <= width), each[-1][:width]) for each in texts]


def _beside(sheet: _Sheet, part: Sequence[str], width: int) -> bool:
    """Whether what says which part is drawn fits beside the title."""
    return len(part) == 1 and sheet.title_width + 3 + len(part[0]) <= width


def _squeezed(wishes: Sequence[int], room: int) -> list[int]:
    """Sizes that fit: the small ones as they wish, the others share what is left."""
    taken, left = [0] * len(wishes), max(room, len(wishes))
    for n, i in enumerate(sorted(range(len(wishes)), key=lambda i: wishes[i])):
        taken[i] = min(wishes[i], left // (len(wishes) - n))
        left -= taken[i]
    return taken


def _sheet(matrix: Matrix) -> _Sheet:
    array = matrix.array
    if array.size == 0:
        return _Sheet(matrix, (0,) * max(array.ndim - 2, 0), np.zeros((0, 0)), (0, 0), (0, 0))
    places = sorted(matrix.marked) if matrix.chosen is None else [matrix.chosen]
    at = (*(0, 0), *(places[0] if places else (0,) * array.ndim))
    lead = at[2 : array.ndim]
    sheet = array[lead] if array.ndim > 2 else array.reshape(1, -1) if array.ndim < 2 else array
    own = [(0, 0, *place)[-2:] for place in places if place[: len(lead)] == lead] or [(0, 0)]
    rows, columns = zip(*own, strict=True)
    return _Sheet(matrix, lead, sheet, (min(rows), max(rows)), (min(columns), max(columns)))


def _around(focus: tuple[int, int], count: int, shown: int) -> range:
    """`shown` neighbors of `count`, with the focus in the middle where that can be; where it is longer, its begin."""
    low, high = focus
    first = low - max(shown - (high + 1 - low), 0) // 2
    first = min(max(first, 0), count - shown)
    return range(first, first + shown)


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
    """Two characters for each of (rows, columns) values, that show sign and size without any color."""
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
    name = matrix.name or matrix.title.partition(" ")[0]
    brief = f"{name}{title[len(matrix.title) :]}"
    # Where not even the shape has room, the name is not cut for it.
    texts = (title, brief, f"{name}{slice_}" if lead else matrix.title)
    return next((text for text in texts if width is None or len(text) <= width), name)


def titled(matrix: Matrix) -> str:
    """The title with the shape."""
    return f"{matrix.title} {shape_text(matrix.array.shape)}"


def facts(array: Array, width: int) -> list[str]:
    """Lowest, highest and mean in words, in as few lines of that width as hold them whole."""
    return _facts_in(_ends(array), width)


def _ends(array: Array) -> dict[str, float]:
    """Lowest, highest and mean; nothing of nothing."""
    if not array.size:
        return {}
    with np.errstate(all="ignore"):
        return {"min": float(array.min()), "max": float(array.max()), "mean": float(array.mean(dtype=np.float64))}


def _facts_in(ends: Mapping[str, float], width: int) -> list[str]:
    if not ends:
        return ["empty"]
    words = [_within(name, value, width) for name, value in ends.items()]
    for lines in ([" ".join(words)], [" ".join(words[:2]), words[2]]):
        if all(len(line) <= width for line in lines):
            return lines
    return words


def _within(name: str, value: float, width: int) -> str:
    """A fact with as many digits as there is room for: rounded, never cut."""
    texts = (f"{name} {rounded(value, digits)}" for digits in (4, 3, 2, 1))
    return next((text for text in texts if len(text) <= width), f"{name} {rounded(value, 1)}")

"""A graph of tensor operations drawn in box characters, from top to bottom, as plain data.

How to read it: lines only ever lead down. A line may fork on its way to several nodes, and lines may join on their
way into one node, but edges that share neither end never touch; ┼ is two lines that cross. So whoever follows a
line upward, from the node it enters, arrives at that node's inputs and nowhere else. The tests prove it that way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Literal

from nnviz.errors import ArgumentError
from nnviz.views.graph_layout import Layout, lay_out
from nnviz.views.text_grid import display_width

NodeKind = Literal["input", "parameter", "operation", "loss"]

_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
_VERTICAL, _HORIZONTAL = _UP | _DOWN, _LEFT | _RIGHT
_CHARACTERS = {
    _VERTICAL: "│",
    _HORIZONTAL: "─",
    _DOWN | _RIGHT: "╭",
    _DOWN | _LEFT: "╮",
    _UP | _RIGHT: "╰",
    _UP | _LEFT: "╯",
    _VERTICAL | _RIGHT: "├",
    _VERTICAL | _LEFT: "┤",
    _HORIZONTAL | _DOWN: "┬",
    _HORIZONTAL | _UP: "┴",
    _VERTICAL | _HORIZONTAL: "┼",
}
_TOP, _BOTTOM = -1, -2  # where a vertical line starts or ends when it is not at a run


@dataclass(frozen=True, slots=True)
class PictureNode:
    """A node to draw.

    Args:
        label: one line of clean text, not empty; wide characters are welcome.
        inputs: indices of earlier nodes; the same one may stand twice (a + a), and is then drawn twice.
        kind: what the node is; the main chain of the picture follows the data, not the parameters.
        layer: the layer that made it, for the caller to style by; the picture does not depend on it.
    """

    label: str
    inputs: tuple[int, ...]
    kind: NodeKind
    layer: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the label of node number `node` stands, in rows and terminal columns from the top left corner."""

    node: int
    row: int
    column: int
    width: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn graph: its lines without trailing spaces, its width in columns, and a place for every node in order."""

    lines: tuple[str, ...]
    width: int
    places: tuple[Place, ...]


def draw_graph(nodes: Sequence[PictureNode], width: int) -> Picture:
    """Draw a graph from top to bottom.

    Args:
        nodes: the graph in topological order, the last node being the one everything leads to.
        width: columns to fit into; a graph that cannot be made to fit is drawn wider.

    Raises:
        ArgumentError: a label is empty, or an input is not an earlier node.
    """
    if not nodes:
        return Picture((), 0, ())
    _check(nodes)
    layout = lay_out(
        [node.inputs for node in nodes],
        [display_width(node.label) for node in nodes],
        [node.kind == "input" for node in nodes],
        width,
    )
    return _paint(nodes, layout)


def _check(nodes: Sequence[PictureNode]) -> None:
    for index, node in enumerate(nodes):
        if not display_width(node.label):
            raise ArgumentError(f"node {index} has an empty label", "give every node a label that can be seen")
        for source in node.inputs:
            if not 0 <= source < index:
                raise ArgumentError(
                    f"input {source} of node {index} is not an earlier node", "list the nodes in topological order"
                )


def _paint(nodes: Sequence[PictureNode], layout: Layout) -> Picture:
    """Turn a layout into lines: a row of labels for every rank, and the connectors below it."""
    items, ports = layout.items, layout.ports
    rows: list[dict[int, str]] = []
    places: list[Place] = []
    for rank in layout.ranks:
        labels: dict[int, str] = {}
        for index in rank:
            node, column = items[index].node, ports[index] - items[index].before
            if node is None:
                labels[column] = _CHARACTERS[_VERTICAL]
            else:
                labels[column] = nodes[node].label
                places.append(Place(node, len(rows), column, items[index].before + items[index].after + 1))
        rows.append(labels)
        edges = [(ports[upper], ports[lower]) for upper in rank for lower in items[upper].below]
        if edges:
            rows.extend(_route(edges))
    first = min(min(row) for row in rows)
    lines = [_line(row, first) for row in rows]
    placed = sorted((Place(p.node, p.row, p.column - first, p.width) for p in places), key=lambda p: p.node)
    return Picture(tuple(lines), max(display_width(line) for line in lines), tuple(placed))


def _line(row: dict[int, str], first: int) -> str:
    parts: list[str] = []
    at = first
    for column, text in sorted(row.items()):
        parts.append(" " * (column - at) + text)
        at = column + display_width(text)
    return "".join(parts)


@dataclass(slots=True)
class _Run:
    """A horizontal line: the fork of one source (one column leads up) or the joint of one target (one leads down).

    No column inside a run leads both up and down: there it would be a ┼, which is kept for crossings.
    """

    columns: list[int]
    row: int = 0

    @property
    def span(self) -> tuple[int, int]:
        return min(self.columns), max(self.columns)


@dataclass(slots=True)
class _Wiring:
    """The runs between two ranks, and the vertical lines between them: (start, end) run numbers by column."""

    runs: list[_Run]
    lines: dict[int, list[tuple[int, int]]]
    edges: list[tuple[int, int]]  # for every edge, the runs at the ends of its own vertical line


def _route(edges: list[tuple[int, int]]) -> list[dict[int, str]]:
    """Connector rows for edges given as (column above, column below).

    Each edge comes down in its source's column, turns in the source's fork into a column of its own, and turns in the
    target's joint into the target's column; mostly one of the two turns is not needed.
    """
    if all(upper == lower for upper, lower in edges) and len(set(edges)) == len(edges):
        return [{upper: _CHARACTERS[_VERTICAL] for upper, _ in edges}]
    columns = _own_columns(edges)
    ends = {end for edge in edges for end in edge}
    fresh: set[int] = set()
    while True:
        wiring = _wire(edges, columns)
        stuck = _assign_rows(wiring)
        if not stuck:
            return _draw(wiring)
        # Two lines each want to turn above the other: give one of their edges a column nobody else needs.
        in_doubt = [e for e in range(len(edges)) if e not in fresh and not stuck.isdisjoint(wiring.edges[e])]
        edge = min(in_doubt, key=lambda e: (edges[e][0] == edges[e][1], -abs(edges[e][0] - edges[e][1])))
        columns[edge] = _free_column(*edges[edge], {*ends, *columns})
        fresh.add(edge)


def _own_columns(edges: list[tuple[int, int]]) -> list[int]:
    """The column of each edge's own vertical line: its source's or its target's if possible, so that it turns once."""
    out, into = Counter(upper for upper, _ in edges), Counter(lower for _, lower in edges)
    columns = {e: u if out[u] == 1 else v for e, (u, v) in enumerate(edges) if out[u] == 1 or into[v] == 1}
    # The others both fork and join: alone in their column, or a fork and a joint would become one. Straight ones first.
    tangled = sorted(set(range(len(edges))).difference(columns), key=lambda e: (edges[e][0] != edges[e][1], e))
    taken = set(columns.values())
    ends = {*out, *into}
    for edge in tangled:
        upper, lower = edges[edge]
        straight = next((column for column in (lower, upper) if column not in taken), None)
        columns[edge] = _free_column(upper, lower, taken | ends) if straight is None else straight
        taken.add(columns[edge])
    return [columns[edge] for edge in range(len(edges))]


def _free_column(upper: int, lower: int, used: set[int]) -> int:
    """A column that no end of an edge and no other edge uses, near the edge's source and toward its target."""
    toward = 1 if lower >= upper else -1
    return next(c for step in count(2) for c in (upper + toward * step, upper - toward * step) if c not in used)


def _wire(edges: list[tuple[int, int]], columns: list[int]) -> _Wiring:
    """Make every source's fork and every target's joint, and note the vertical lines between them from top to bottom.

    In one column the lines are, in this order: from a source to its fork, the edges' own, from a joint to its target.
    """
    wiring = _Wiring([], defaultdict(list), [])
    forks: dict[int, list[int]] = defaultdict(list)
    joints: dict[int, list[int]] = defaultdict(list)
    for (upper, lower), column in zip(edges, columns, strict=True):
        forks[upper].append(column)
        joints[lower].append(column)
    fork_runs = {upper: _runs_of(wiring.runs, upper, own) for upper, own in forks.items()}
    joint_runs = {lower: _runs_of(wiring.runs, lower, own) for lower, own in joints.items()}
    for upper, runs in fork_runs.items():
        wiring.lines[upper].extend(pairwise([_TOP, *runs]))
    own_lines: list[tuple[int, int, int]] = []
    for (upper, lower), column in zip(edges, columns, strict=True):
        start = next((r for r in reversed(fork_runs[upper]) if column in wiring.runs[r].columns), _TOP)
        end = next((r for r in joint_runs[lower] if column in wiring.runs[r].columns), _BOTTOM)
        wiring.edges.append((start, end))
        own_lines.append((0 if start == _TOP else 2 if end == _BOTTOM else 1, column, len(wiring.edges) - 1))
    for _, column, edge in sorted(own_lines):
        wiring.lines[column].append(wiring.edges[edge])
    for lower, runs in joint_runs.items():
        wiring.lines[lower].extend(pairwise([*runs, _BOTTOM]))
    return wiring


def _runs_of(runs: list[_Run], port: int, own: list[int]) -> list[int]:
    """Add the runs between a port and its edges' own columns: none if straight, two if it needs ┤ above ├."""
    if own == [port]:
        return []
    halves = [own]
    if port in own and min(own) < port < max(own):
        halves = [[c for c in own if c < port], [c for c in own if c > port]]
    runs.extend(_Run([port, *half]) for half in halves)
    return list(range(len(runs) - len(halves), len(runs)))


def _assign_rows(wiring: _Wiring) -> set[int]:
    """Give every run the first row below all it must stay below, where it touches no other run.

    Returns:
        The runs that could not be placed, because they wait for one another.
    """
    below: list[set[int]] = [set() for _ in wiring.runs]
    for lines in wiring.lines.values():
        ends = [end for line in lines for end in line]
        for first, second in pairwise(ends):
            if first != second and first >= 0 and second >= 0:
                below[first].add(second)
    waiting = Counter(run for runs in below for run in runs)
    ready = sorted((r for r in range(len(below)) if not waiting[r]), key=lambda r: wiring.runs[r].span)
    filled: list[list[tuple[int, int]]] = []
    for number in ready:
        run = wiring.runs[number]
        low, high = run.span
        while run.row < len(filled) and any(low <= end + 1 and start <= high + 1 for start, end in filled[run.row]):
            run.row += 1
        filled.extend([] for _ in range(run.row + 1 - len(filled)))
        filled[run.row].append((low, high))
        for lower in below[number]:
            wiring.runs[lower].row = max(wiring.runs[lower].row, run.row + 1)
            waiting[lower] -= 1
            if not waiting[lower]:
                ready.append(lower)
    return set(range(len(below))).difference(ready)


def _draw(wiring: _Wiring) -> list[dict[int, str]]:
    height = 1 + max(run.row for run in wiring.runs)
    cells: list[dict[int, int]] = [defaultdict(int) for _ in range(height)]
    for run in wiring.runs:
        low, high = run.span
        for column in range(low, high):
            cells[run.row][column] |= _RIGHT
            cells[run.row][column + 1] |= _LEFT
    for column, lines in wiring.lines.items():
        for start, end in lines:
            top = _TOP if start == _TOP else wiring.runs[start].row
            bottom = height if end == _BOTTOM else wiring.runs[end].row
            for row in range(top, bottom):
                if row >= 0:
                    cells[row][column] |= _DOWN
                if row + 1 < height:
                    cells[row + 1][column] |= _UP
    return [{column: _CHARACTERS[sides] for column, sides in row.items()} for row in cells]

"""The graph picture: beautiful where it is fixed, and proven from its characters alone where it is random."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from nnviz.errors import ArgumentError
from nnviz.views.graph_picture import Picture, PictureNode, draw_graph
from nnviz.views.text_grid import display_width
from tests.examples import examples

UP, DOWN, LEFT, RIGHT = (-1, 0), (1, 0), (0, -1), (0, 1)
OPEN = {
    "│": {UP, DOWN},
    "─": {LEFT, RIGHT},
    "╭": {DOWN, RIGHT},
    "╮": {DOWN, LEFT},
    "╰": {UP, RIGHT},
    "╯": {UP, LEFT},
    "├": {UP, DOWN, RIGHT},
    "┤": {UP, DOWN, LEFT},
    "┬": {DOWN, LEFT, RIGHT},
    "┴": {UP, LEFT, RIGHT},
    "┼": {UP, DOWN, LEFT, RIGHT},
}


def opposite(side: tuple[int, int]) -> tuple[int, int]:
    return -side[0], -side[1]


class Tracer:
    """Follows lines over a grid of terminal cells, knowing nothing of how they were drawn."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.cells: dict[tuple[int, int], str] = {}
        for row, line in enumerate(picture.lines):
            column = 0
            for character in line:
                self.cells[row, column] = character
                column += cell_len(character)
        self.owner = {(p.row, p.column + i): p.node for p in picture.places for i in range(p.width)}

    def sides(self, cell: tuple[int, int]) -> set[tuple[int, int]]:
        return set() if cell in self.owner else OPEN.get(self.cells.get(cell, " "), set())

    def reached(self, starts: list[tuple[int, int]], way: tuple[int, int]) -> set[int]:
        """Labels met when walking `way` (UP or DOWN) or sideways, never back, and straight through every ┼."""
        found: set[int] = set()
        todo = [(cell, way) for cell in starts]
        seen = set(todo)
        while todo:
            cell, heading = todo.pop()
            if cell in self.owner:
                assert heading == way, "a line runs into the side of a label"
                found.add(self.owner[cell])
                continue
            if opposite(heading) not in self.sides(cell):
                continue
            turns = {heading} if self.cells[cell] == "┼" else self.sides(cell) - {opposite(way), opposite(heading)}
            for turn in turns:
                step = ((cell[0] + turn[0], cell[1] + turn[1]), turn)
                if step not in seen:
                    seen.add(step)
                    todo.append(step)
        return found

    def neighbors(self, node: int, way: tuple[int, int]) -> set[int]:
        place = self.picture.places[node]
        beyond = [(place.row + way[0], place.column + i) for i in range(place.width)]
        return self.reached([cell for cell in beyond if cell not in self.owner], way)

    def assert_no_loose_ends(self) -> None:
        for cell in self.cells:
            for side in self.sides(cell):
                next_cell = (cell[0] + side[0], cell[1] + side[1])
                if next_cell in self.owner:
                    assert side in {UP, DOWN}
                else:
                    assert opposite(side) in self.sides(next_cell), f"loose end at {cell}"

    def assert_owned(self) -> None:
        """Every vertical line belongs to one source or to one target, so edges that share neither never touch."""
        for cell, character in self.cells.items():
            if character == "│":
                sources, targets = self.reached([cell], UP), self.reached([cell], DOWN)
                assert sources
                assert targets
                assert len(sources) == 1 or len(targets) == 1


def slice_columns(line: str, column: int, width: int) -> str:
    """The part of a line that stands in the given terminal columns."""
    at, part = 0, ""
    for character in line:
        if column <= at < column + width:
            part += character
        at += cell_len(character)
    return part


def check(nodes: list[PictureNode], width: int) -> None:
    picture = draw_graph(nodes, width)
    tracer = Tracer(picture)
    assert picture.width == max(cell_len(line) for line in picture.lines)
    assert [place.node for place in picture.places] == list(range(len(nodes)))
    assert len(tracer.owner) == sum(place.width for place in picture.places), "labels overlap"
    consumers: list[set[int]] = [set() for _ in nodes]
    for index, (node, place) in enumerate(zip(nodes, picture.places, strict=True)):
        assert slice_columns(picture.lines[place.row], place.column, place.width) == node.label
        for source in node.inputs:
            consumers[source].add(index)
            assert picture.places[source].row < place.row
    tracer.assert_no_loose_ends()
    tracer.assert_owned()
    for index, node in enumerate(nodes):
        assert tracer.neighbors(index, UP) == set(node.inputs)
        assert tracer.neighbors(index, DOWN) == consumers[index]


@st.composite
def graphs(draw: st.DrawFn) -> list[PictureNode]:
    nodes: list[PictureNode] = []
    reach = draw(st.integers(1, 16))
    for index in range(draw(st.integers(1, 16))):
        earlier = st.integers(max(0, index - reach), index - 1)
        inputs = tuple(draw(st.lists(earlier, max_size=4))) if index else ()
        label = draw(st.text("ab(,1 加", max_size=9)).strip() + str(index)
        kind = "operation" if inputs else draw(st.sampled_from(["input", "parameter"]))
        nodes.append(PictureNode(label, inputs, kind))  # type: ignore[arg-type]
    return nodes


@examples(100, 400)
@given(graphs(), st.integers(1, 120))
def test_lines_lead_to_exactly_the_inputs(nodes: list[PictureNode], width: int) -> None:
    check(nodes, width)


@examples(50, 200)
@given(st.lists(st.sets(st.integers(0, 5), min_size=1), min_size=1, max_size=6))
def test_two_ranks_joined_in_any_way(joins: list[set[int]]) -> None:
    nodes = [PictureNode("ab"[: 1 + i % 2], (), "input") for i in range(6)]
    check([*nodes, *(PictureNode(f"op {i}", tuple(join), "operation") for i, join in enumerate(joins))], 80)


def graph(text: str) -> list[PictureNode]:
    """Nodes from lines such as `W (5, 10) | | parameter` and `matmul | 0 2`."""
    nodes = []
    for line in text.strip().splitlines():
        label, inputs, kind = [part.strip() for part in (line + "||").split("|")][:3]
        nodes.append(PictureNode(label, tuple(map(int, inputs.split())), kind or "operation"))  # type: ignore[arg-type]
    return nodes


MODEL = graph("""
    x (4, 10) | | input
    weight (5, 10) | | parameter
    bias (5,) | | parameter
    1 transpose (10, 5) | 1
    2 matmul (4, 5) | 0 3
    3 add (4, 5) | 4 2
    4 sigmoid (4, 5) | 5
    weight (8, 5) | | parameter
    bias (8,) | | parameter
    5 transpose (5, 8) | 7
    6 matmul (4, 8) | 6 9
    7 add (4, 8) | 10 8
    8 softmax (4, 8) | 11
    9 log_softmax (4, 8) | 12
    y (4,) | | input
    10 pick (4,) | 13 14
    11 mean () | 15
    12 neg () | 16 | loss
""")
RESIDUAL = graph("""
    x (4, 8) | | input
    W1 (8, 8) | | parameter
    1 matmul (4, 8) | 0 1
    2 relu (4, 8) | 2
    W2 (8, 8) | | parameter
    3 matmul (4, 8) | 3 4
    4 add (4, 8) | 5 0
    W3 (8, 8) | | parameter
    5 matmul (4, 8) | 6 7
    6 add (4, 8) | 8 6
    7 mean () | 9 | loss
""")
DIAMOND = graph("""
    a (3,) | | input
    1 exp (3,) | 0
    2 tanh (3,) | 0
    3 mul (3,) | 1 2
""")
TWICE = graph("""
    a (3,) | | input
    1 add (3,) | 0 0
    2 sum () | 1 | loss
""")
RECURRENT = graph("""
    h (4,) | | input
    W (4, 4) | | parameter
    1 matmul (4,) | 0 1
    2 tanh (4,) | 2
    3 matmul (4,) | 3 1
    4 tanh (4,) | 4
    5 matmul (4,) | 5 1
""")
TANGLE = graph("""
    a | | input
    b | | input
    c | 0 1
    d | 0 1
    e | 2 3 0
""")
PICTURES = [
    (
        "model",
        MODEL,
        """
                  x (4, 10)        weight (5, 10)
                      │                   │
                      │          1 transpose (10, 5)
                      ├───────────────────╯
               2 matmul (4, 5)        bias (5,)
                      ├───────────────────╯
                3 add (4, 5)        weight (8, 5)
                      │                   │
              4 sigmoid (4, 5)   5 transpose (5, 8)
                      ├───────────────────╯
               6 matmul (4, 8)        bias (8,)
                      ├───────────────────╯
                7 add (4, 8)
                      │
              8 softmax (4, 8)
                      │
            9 log_softmax (4, 8)       y (4,)
                      ├───────────────────╯
                10 pick (4,)
                      │
                 11 mean ()
                      │
                  12 neg ()
        """,
    ),
    (
        "residual",
        RESIDUAL,
        """
                  x (4, 8)      W1 (8, 8)
            ╭─────────┤             │
            │         ├─────────────╯
            │  1 matmul (4, 8)
            │         │
            │   2 relu (4, 8)   W2 (8, 8)
            │         ├─────────────╯
            │  3 matmul (4, 8)
            ╰─────────┤
                4 add (4, 8)    W3 (8, 8)
            ╭─────────┤             │
            │         ├─────────────╯
            │  5 matmul (4, 8)
            ╰─────────┤
                6 add (4, 8)
                      │
                  7 mean ()
        """,
    ),
    (
        "diamond",
        DIAMOND,
        """
              a (3,)
                 ├────────────╮
            1 exp (3,)   2 tanh (3,)
                 ├────────────╯
            3 mul (3,)
        """,
    ),
    (
        "twice",
        TWICE,
        """
              a (3,)
                 ├─╮
                 ├─╯
            1 add (3,)
                 │
             2 sum ()
        """,
    ),
    (
        "recurrent",
        RECURRENT,
        """
               h (4,)   W (4, 4)
                  │       ╭─┤
                  ├───────╯ │
            1 matmul (4,)   │
                  │         │
             2 tanh (4,)    │
                  │       ╭─┤
                  ├───────╯ │
            3 matmul (4,)   │
                  │         │
             4 tanh (4,)    │
                  ├─────────╯
            5 matmul (4,)
        """,
    ),
    (
        "tangle",
        TANGLE,
        """
               a   b
            ╭──┤   ├─╮
            │  ├─╮ │ │
            │  ├─┼─┼─╯
            │  │ ╰─┤
            │  c   d
            ╰──┤   │
               ├───╯
               e
        """,
    ),
]


@pytest.mark.parametrize(("nodes", "expected"), [p[1:] for p in PICTURES], ids=[p[0] for p in PICTURES])
def test_fixed_pictures(nodes: list[PictureNode], expected: str) -> None:
    check(nodes, 80)
    assert "\n".join(draw_graph(nodes, 80).lines) == dedent(expected).strip("\n")


def test_gaps_narrow_to_fit_and_a_graph_too_wide_keeps_its_natural_width() -> None:
    wide = draw_graph(MODEL, 80).width
    narrow = draw_graph(MODEL, wide - 1).width
    assert narrow < wide
    assert draw_graph(MODEL, narrow).width == narrow
    assert draw_graph(MODEL, 10).width < 45
    check(MODEL, 10)


def test_the_main_chain_keeps_one_column() -> None:
    picture = draw_graph(MODEL, 80)
    chain = [picture.places[i] for i in (0, 4, 5, 6, 10, 11, 12, 13, 15, 16, 17)]
    assert len({place.column + place.width // 2 for place in chain}) == 1


def test_thirty_layers_fit_into_eighty_columns() -> None:
    nodes = [PictureNode("x (4, 10)", (), "input")]
    for _ in range(30):
        last = len(nodes) - 1
        nodes += [
            PictureNode("weight (10, 10)", (), "parameter"),
            PictureNode(f"{last} transpose (10, 10)", (last + 1,), "operation"),
            PictureNode(f"{last} matmul (4, 10)", (last, last + 2), "operation"),
        ]
    assert draw_graph(nodes, 80).width <= 80
    check(nodes, 80)


def test_a_long_chain_needs_no_recursion() -> None:
    nodes = [PictureNode(str(i), (i - 1,) if i else (), "operation") for i in range(10_000)]
    assert len(draw_graph(nodes, 80).lines) == 19_999


def test_no_graph_is_an_empty_picture() -> None:
    assert draw_graph([], 80) == Picture((), 0, ())


@pytest.mark.parametrize("source", [-1, 0, 1])
def test_an_input_must_be_an_earlier_node(source: int) -> None:
    with pytest.raises(ArgumentError, match=f"input {source} of node 0 is not an earlier node"):
        draw_graph([PictureNode("a", (source,), "operation")], 80)


def test_an_empty_label_is_refused() -> None:
    with pytest.raises(ArgumentError, match="node 0 has an empty label"):
        draw_graph([PictureNode("", (), "input")], 80)


@pytest.mark.parametrize(("text", "columns"), [("add (4,)", 8), ("加", 2), ("e\u0301", 1), ("x₁·σ", 4), ("\u200b", 0)])
def test_display_width(text: str, columns: int) -> None:
    assert display_width(text) == columns

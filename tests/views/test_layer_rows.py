"""Every layer of the registry has a row whose arguments that matter are written whole, however narrow it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz import nn
from nnviz.network import Network, opening
from nnviz.network.presets import digits_cnn
from nnviz.registry import Spec, Value
from nnviz.views.layer_rows import ALWAYS, SHORTER, LayerRow, layer_rows
from nnviz.views.stack_columns import NARROWEST, Columns, columns_of, lines_below
from nnviz.views.stack_rows import network_view
from tests.examples import examples

VALUES: dict[type, st.SearchStrategy[Value]] = {
    int: st.integers(1, 4096), bool: st.booleans(), float: st.sampled_from([0.01, 0.25, 0.5, 1e-5, 0.123456]),
    str: st.just("tanh"),
}  # fmt: skip


def given_arguments(name: str) -> st.SearchStrategy[Spec]:
    """A layer with some arguments of their kind; whether it can run does not matter to a row."""
    known = nn.layers[name].arguments
    needed = {one.name: VALUES[one.kind] for one in known if one.required}
    more = {one.name: VALUES[one.kind] for one in known if not one.required}
    chosen = st.fixed_dictionaries(needed, optional=more)
    return chosen.map(lambda arguments: Spec.of(name, **arguments))


specs = st.sampled_from([entry.name for entry in nn.layers]).flatmap(given_arguments)


def network_of(*layers: Spec) -> Network:
    return Network(layers, opening().settings)


def row_of(layer: Spec, base: Network | None = None) -> LayerRow:
    return layer_rows(Network((layer,), (base or opening()).settings))[1]


@examples(100, 2000)
@given(st.lists(specs, min_size=1, max_size=6), st.integers(8, 120))
def test_every_argument_is_written_whole_at_any_width(layers: list[Spec], width: int) -> None:
    view = network_view(network_of(*layers), 0)
    columns = view.columns(width)
    assert columns.width <= width or columns.name == NARROWEST or columns.name == len("layer")
    for at, row in enumerate(view.rows):
        lines = view.lines(at, columns)
        # What is longer than its column is cut as it is drawn: nothing but names may be.
        texts = [cell.text for line in lines for cell in line if len(cell.text) <= cell.width]
        for written in row.arguments if row.role == "input" else (*row.arguments, row.sizes):
            assert joined([written]) in joined(texts) or written == row.sizes == _same(row, columns), (written, texts)
        assert all(len(line) <= columns.room for line in lines_below(row, columns))


def joined(texts: Sequence[str]) -> str:
    """Without blanks: only what is longer than a whole line is broken at them."""
    return "".join("".join(texts).split())


def _same(row: LayerRow, columns: Columns) -> str | None:
    """Sizes that stay as they are need no line of their own: the column of the shapes has them."""
    return row.sizes if columns.sizes_below and row.role == "layer" and "→" not in row.sizes else None


@pytest.mark.parametrize("name", [entry.name for entry in nn.layers])
@examples(10, 200)
@given(st.data())
def test_what_the_row_of_each_kind_says(name: str, data: st.DataObject) -> None:
    spec = data.draw(given_arguments(name))
    row = row_of(spec)
    assert row.name == name
    said = dict(spec.arguments)
    for argument in nn.layers[name].arguments:
        value = said.get(argument.name, None if argument.required else argument.default)
        short = SHORTER.get(argument.name, argument.name)
        found = [one for one in row.arguments if one.split(" ")[0] == short or one == f"no {argument.name}"]
        if argument.name in ALWAYS and value is not None:
            wanted = f"{value:g}".replace("-", "−") if isinstance(value, float) else str(value)
            assert found == [f"{short} {wanted}"]
        elif not argument.required and value == argument.default:
            assert found == []
        elif not argument.name.startswith(("in_", "out_")) and not found:
            # What fits by itself is seen in the sizes.
            assert argument.required


@pytest.mark.parametrize(
    ("layer", "sizes", "arguments"),
    [
        (Spec.of("Conv2d", in_channels=1, out_channels=8, kernel_size=3), "1 → 8", ("kernel 3",)),
        (Spec.of("Conv2d", in_channels=1, out_channels=8, kernel_size=5, stride=2, padding=1, bias=False), "1 → 8",
         ("kernel 5", "stride 2", "padding 1", "no bias")),
        (Spec.of("MaxPool2d"), "8×8 → 4×4", ("kernel 2",)),
        (Spec.of("MaxPool2d", kernel_size=3, stride=1), "8×8 → 6×6", ("kernel 3", "stride 1")),
        (Spec.of("LeakyReLU"), "1", ("slope 0.01",)),
        (Spec.of("Dropout"), "1", ("p 0.5",)),
        (Spec.of("Add", row=0), "1", ("row 0",)),
        (Spec.of("Hardtanh", min_val=-2.0), "1", ("min_val −2",)),
    ],
)  # fmt: skip
def test_sizes_and_arguments(layer: Spec, sizes: str, arguments: tuple[str, ...]) -> None:
    row = row_of(nn.layers.check(layer), digits_cnn())
    assert row.arguments == arguments
    assert row.sizes.split(" → ")[-1] == sizes.split(" → ")[-1]


def test_the_loss_says_what_it_takes() -> None:
    loss = layer_rows(opening())[-1]
    assert (loss.role, loss.name, loss.sizes) == ("loss", "CrossEntropyLoss", "(10, 2) and (10,) → ()")
    smoothed = replace(opening().settings, loss=Spec.of("CrossEntropyLoss", label_smoothing=0.1))
    assert layer_rows(Network(opening().layers, smoothed))[-1].arguments == ("label_smoothing 0.1",)


@pytest.mark.parametrize("width", range(8, 121))
def test_the_loss_is_whole_at_any_width(width: int) -> None:
    rows = layer_rows(opening())
    view, columns = network_view(opening(), 0), columns_of(rows, 1, width)
    cells = [cell for line in view.lines(len(rows) - 1, columns) for cell in line]
    assert cells[1].text.startswith("CrossEntropyLoss")
    assert joined([cell.text for cell in cells]).endswith(joined(["(10, 2) and (10,) → ()"]))


@pytest.mark.parametrize("width", range(22, 60))
def test_a_loss_with_arguments_says_once_what_it_takes(width: int) -> None:
    """Also where its sizes and an argument share the second line."""
    settings = replace(opening().settings, loss=Spec.of("HingeEmbeddingLoss", margin=0.5))
    view = network_view(Network(opening().layers, settings), 0)
    cells = [cell for line in view.lines(len(view.rows) - 1, view.columns(width)) for cell in line]
    said = joined([cell.text for cell in cells])
    assert said.count("→") == said.count("margin0.5") == 1
    assert all(len(cell.text) <= cell.width for cell in cells)

"""The stack: one row a layer, the input above, the loss below, totals and faults at the foot."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import DataTable, Static

from nnviz import nn
from nnviz.autograd.operation import Shape
from nnviz.network import Network, Repair, Trace
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.table import TextTable

HEADS = ("   ", "layer", " output", " params")


class StackTable(TextTable, inherit_bindings=False):
    """The rows. Row 0 is the input, the last row the loss."""

    # A table's own but for Enter, which edits: it belongs to the screen's command.
    BINDINGS = [
        Binding("j,down", "cursor_down", "Down", show=False),
        Binding("k,up", "cursor_up", "Up", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
        Binding("home,ctrl+home", "scroll_top", "First", show=False),
        Binding("end,ctrl+end", "scroll_bottom", "Last", show=False),
    ]
    HELP = "The stack: arrow keys or j and k move; a adds a layer below, e edits, d deletes, K and J move it."


class StackPanel(Vertical):
    """The stack with its totals, and under it the fault with its repair, or a note."""

    class Selected(Message):
        """The cursor stands on another row: 0 is the input, then the layers, then the loss."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    ALLOW_MAXIMIZE = True
    BORDER_TITLE = "1 Stack"
    _shown: tuple[Network, Trace, list[Repair]] | None = None

    def compose(self) -> ComposeResult:
        """Table, totals, and what there is to say."""
        yield StackTable(cursor_type="row", zebra_stripes=False, cell_padding=0, id="stack-table")
        yield Static(id="stack-total")
        yield Static(id="stack-note")

    def on_resize(self) -> None:
        """Names are cut to the room there is."""
        self.call_after_refresh(self._refit)

    def _refit(self) -> None:
        if self._shown is not None:
            self.show(*self._shown, self.table.cursor_row)

    @property
    def table(self) -> StackTable:
        """The rows."""
        return self.query_one(StackTable)

    def show(self, network: Network, trace: Trace, offers: list[Repair], row: int) -> None:
        """Draw `network`, with the cursor on `row`."""
        self._shown = (network, trace, offers)
        rows = _rows(network, trace)
        with self.prevent(DataTable.RowHighlighted):
            self.table.fill(HEADS, rows, elastic=HEADS.index("layer"))
            self.table.move_cursor(row=min(row, len(rows) - 1), animate=False)
        self.query_one("#stack-total", Static).update(_totals(trace))
        self._say(trace, offers)

    def _say(self, trace: Trace, offers: list[Repair]) -> None:
        note = self.query_one("#stack-note", Static)
        fault, at = trace.fault, trace.faulty
        note.set_class(fault is None, "-remark")
        if fault is not None and at is not None:
            where = "the loss" if at == len(trace.rows) else f"layer {at + 1}"
            message = clean(fault.message, 400)
            parts = [Content.from_markup("[$text-error][b]✗ $where:[/b] $message[/]", where=where, message=message)]
            if fault.explanation:
                parts.append(content(fault.explanation, 400))
            if offers:
                repair = clean(offers[0].text)
                parts.append(Content.from_markup("[$text-success][b]f[/b] repairs it: $repair[/]", repair=repair))
            note.update(Content("\n").join(parts))
        else:
            note.update(content("\n".join(trace.notes), 800, lines=True))
        note.display = fault is not None or bool(trace.notes)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Tell the screen which row the other panels shall speak of."""
        event.stop()
        self.post_message(self.Selected(event.cursor_row))


def _rows(network: Network, trace: Trace) -> list[tuple[Text, ...]]:
    """The cells: text only, so that nothing in a name is taken for markup."""
    data = network.settings.data.name
    rows = [_cells("in", data, trace.input, None, dim=True)]
    for row in trace.rows:
        name = nn.layers.label(row.spec) if row.spec.name in nn.layers else row.spec.name
        mark = "✗" if row.fault else ""
        rows.append(_cells(f"{mark}{row.position + 1}", name, row.output, row.parameters, fault=bool(row.fault)))
    loss = network.settings.loss.name
    rows.append(
        _cells("✗" if trace.loss_fault else "", loss, None if trace.fault else (), None, True, bool(trace.loss_fault))
    )
    return rows


def _cells(
    number: str, name: str, shape: Shape | None, parameters: int | None, dim: bool = False, fault: bool = False
) -> tuple[Text, ...]:
    style = "bold red" if fault else "italic" if dim else ""
    shown = "?" if shape is None else shape_text(shape)
    count = f"{parameters:,}" if parameters else ""
    return (
        Text(f"{number:>2} ", style),
        Text(clean(name, 40), style),
        Text(f" {shown}", style),
        Text(f" {count:>6}", style, justify="right"),
    )


def shape_text(shape: Shape) -> str:
    """A shape as Python writes it; a single number has the shape ()."""
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"


def _totals(trace: Trace) -> Content:
    return Content(f"{trace.parameters:,} parameters, {bytes_text(trace.bytes)}")


def bytes_text(count: int) -> str:
    """A number of bytes with a unit: 816 B, 3.2 kB, 1.5 MB."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"

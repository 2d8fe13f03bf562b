"""The stack: one row a layer, the input above, the loss below, totals and faults at the foot."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from nnviz import nn
from nnviz.autograd.operation import Shape
from nnviz.network import Hint, Network, Repair, Trace, hints
from nnviz.tui.commands import COMMANDS
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.panel import Panel
from nnviz.tui.widgets.table import Rows, TextTable
from nnviz.tui.widgets.words import Words

if TYPE_CHECKING:
    from nnviz.tui.app import NnvizApp

HEADS = ("   ", "layer", " output", " params")


class StackTable(TextTable):
    """The rows. Row 0 is the input, the last row the loss."""


class StackPanel(Panel, Vertical):
    """The stack with its totals, and under it the fault with its repair, or a note."""

    class Selected(Message):
        """The cursor stands on another row: 0 is the input, then the layers, then the loss."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    BORDER_TITLE = "1 Stack"
    HELP = """\
The network, one row a layer: what goes in stands above, the loss below. Look at the sizes before and after each
layer: the last number of one is what the next must take.

{select} or ↑ ↓ choose a row; {add} adds a layer below it, {edit} edits it, {delete} deletes it, {move_up} and
{move_down} move it, {undo} undoes.

A row with ✗ cannot run: the words below say which sizes do not fit and where each comes from. {repair} takes
the first repair, {repairs} shows all of them. ✱ marks weights that had to be initialised anew after an edit;
all others keep what they learned.

{collapse} shows the single layer that Linear layers with nothing between them equal."""
    _shown: tuple[Network, Trace, list[Repair], tuple[int, ...]] | None = None

    def compose(self) -> ComposeResult:
        """Table, totals, and what there is to say."""
        yield StackTable(id="stack-table")
        yield Words(id="stack-total")
        yield Words(id="stack-note")

    def on_resize(self) -> None:
        """Names are cut to the room there is."""
        self.call_after_refresh(self._refit)

    def _refit(self) -> None:
        if self._shown is not None:
            self.show(*self._shown[:3], self.table.cursor_row, self._shown[3])

    @property
    def table(self) -> StackTable:
        """The rows."""
        return self.query_one(StackTable)

    def show(self, network: Network, trace: Trace, offers: list[Repair], row: int, fresh: tuple[int, ...] = ()) -> None:
        """Draw `network`, with the cursor on `row`; the layers at the `fresh` positions were initialised anew."""
        self._shown = (network, trace, offers, fresh)
        rows = _rows(network, trace, frozenset(fresh))
        self.table.fill(HEADS, rows, elastic=HEADS.index("layer"))
        self.table.move_cursor(row)
        self.query_one("#stack-total", Words).say(_totals(trace))
        self._say(network, trace, offers, bool(fresh))

    def _say(self, network: Network, trace: Trace, offers: list[Repair], fresh: bool) -> None:
        note = self.query_one("#stack-note", Words)
        fault, at = trace.fault, trace.faulty
        keys = cast("NnvizApp", self.app).first_keys
        note.set_class(fault is None, "-remark")
        if fault is not None and at is not None:
            where = "the loss" if at == len(trace.rows) else f"layer {at + 1}"
            message = clean(fault.message, 400)
            parts = [Content.from_markup("[$text-error][b]✗ $where:[/b] $message[/]", where=where, message=message)]
            if fault.explanation:
                parts.append(content(fault.explanation, 400))
            if offers:
                repair = clean(offers[0].text)
                parts.append(
                    Content.from_markup(
                        "[$text-success][b]$key[/b] repairs it: $repair[/]", key=keys["repair"], repair=repair
                    )
                )
                all_of_them = "[$text-success][b]$key[/b] shows all repairs, or takes all it needs[/]"
                parts.append(Content.from_markup(all_of_them, key=keys["repairs"]))
        else:
            parts = [_remark(hint, keys) for hint in hints(network)[:MOST_HINTS]]
        if fresh:
            parts.append(Content(f"{NEW} initialised anew; the others keep what they learned"))
        note.say(Content("\n").join(parts))
        note.display = bool(parts)

    def on_text_table_highlighted(self, event: TextTable.Highlighted) -> None:
        """Tell the screen which row the other panels shall speak of."""
        event.stop()
        self.post_message(self.Selected(event.row))


MOST_HINTS = 3
"""Hints that are shown at a time."""

NEW = "✱"
"""Stands before the number of a layer whose weights had to be initialised anew."""


def _remark(hint: Hint, keys: dict[str, str]) -> Content:
    """A hint with its fix, and with the key that leads on."""
    parts = [content(hint.text, 400)]
    if hint.command:
        command = next(command for command in COMMANDS if command.id == hint.command)
        parts.append(Content.from_markup("[b]$key[/b]: $about", key=keys[command.id], about=command.about))
    if hint.fix is not None:
        parts.append(Content.from_markup("[b]$key[/b] mends it: $text", key=keys["repair"], text=clean(hint.fix.text)))
    return Content("\n").join(parts)


def _rows(network: Network, trace: Trace, fresh: frozenset[int]) -> Rows:
    """The cells: text only, so that nothing in a name is taken for markup."""

    def make(at: int) -> tuple[Text, ...]:
        if at == 0:
            return _cells("in", network.settings.data.name, trace.input, None, dim=True)
        if at > len(trace.rows):
            wrong, shape = bool(trace.loss_fault), None if trace.fault else ()
            return _cells("✗" if wrong else "", network.settings.loss.name, shape, None, True, wrong)
        row = trace.rows[at - 1]
        name = nn.layers.label(row.spec)
        mark = "✗" if row.fault else NEW if row.position in fresh else ""
        return _cells(f"{mark}{row.position + 1}", name, row.output, row.parameters, fault=bool(row.fault))

    return Rows(len(trace.rows) + 2, make)


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

"""The stack: one row a layer, the input above, the loss below, totals and faults at the foot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.visual import Visual

from nnviz import nn
from nnviz.autograd.operation import Shape
from nnviz.network import Hint, Network, Repair, Trace, hints
from nnviz.tui.commands import COMMANDS
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.guarded import drawing
from nnviz.tui.widgets.panel import Panel
from nnviz.tui.widgets.table import Rows, TextTable

if TYPE_CHECKING:
    pass

HEADS = ("   ", "layer", " output", " params")


class StackTable(TextTable):
    """The rows: row 0 is the input, the last row the loss. Below them the totals, and what is wrong or worth a note.

    All in one: widgets of their own below the rows would have to move with every layer that comes or goes, and for that
    Textual lays the whole screen out anew.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"stack--total"}
    DEFAULT_CSS = "StackTable > .stack--total { color: $text-muted; }"
    _total = ""
    _note = Content()

    def say(self, total: str, note: Content) -> None:
        """What shall stand below the rows that are filled in next."""
        self._total, self._note = total, note

    @property
    def words(self) -> Content:
        """What stands below the rows."""
        total = Content.styled(self._total, self.get_visual_style("stack--total"))
        return Content("\n\n").join([total, self._note]) if self._note else total

    def below(self, width: int) -> list[Strip]:
        """The words, wrapped."""
        style = self.visual_style
        return Visual.to_strips(self, self.words, width, None, style, apply_selection=False, pad=True)[:MOST_LINES]


class StackPanel(Panel, Vertical):
    """The stack in its frame."""

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

    def compose(self) -> ComposeResult:
        """The rows."""
        yield StackTable(id="stack-table")

    @property
    def table(self) -> StackTable:
        """The rows."""
        return self.query_one(StackTable)

    @drawing(whole=True)
    def show(self, network: Network, trace: Trace, offers: list[Repair], row: int, fresh: tuple[int, ...] = ()) -> None:
        """Draw `network`, with the cursor on `row`; the layers at the `fresh` positions were initialised anew."""
        table = self.table
        table.say(_totals(trace), self._note(network, trace, offers, bool(fresh)))
        table.fill(HEADS, _rows(network, trace, frozenset(fresh)), elastic=HEADS.index("layer"))
        table.move_cursor(row)

    def _note(self, network: Network, trace: Trace, offers: list[Repair], fresh: bool) -> Content:
        """What is wrong and what repairs it, or what else there is to say."""
        fault, at = trace.fault, trace.faulty
        if fault is not None and at is not None:
            where = "the loss" if at == len(trace.rows) else f"layer {at + 1}"
            message = clean(fault.message, 400)
            parts = [Content.from_markup("[$text-error][b]✗ $where:[/b] $message[/]", where=where, message=message)]
            if fault.explanation:
                parts.append(content(fault.explanation, 400))
            if offers:
                does, remains = clean(offers[0].text), offers[0].remains
                words = f"{does}; then {clean(remains)}" if remains else does
                fix = "[$text-success][b]$key[/b] repairs this fault: $repair[/]"
                parts.append(Content.from_markup(fix, key=self.keys["repair"], repair=words))
                all_of_them = "[$text-success][b]$key[/b] shows or takes all repairs[/]"
                parts.append(Content.from_markup(all_of_them, key=self.keys["repairs"]))
        else:
            parts = [_remark(hint, self.keys).stylize_before("$text-warning") for hint in hints(network)[:MOST_HINTS]]
        if fresh:
            words = f"{NEW} initialised anew; the others keep what they learned"
            parts.append(Content.styled(words, "" if fault else "$text-warning"))
        return Content("\n").join(parts)

    def on_text_table_highlighted(self, event: TextTable.Highlighted) -> None:
        """Tell the screen which row the other panels shall speak of."""
        event.stop()
        self.post_message(self.Selected(event.row))


MOST_LINES = 14
"""Lines below the rows that are shown."""

MOST_HINTS = 3
"""Hints that are shown at a time."""

NEW = "✱"
"""Stands before the number of a layer whose weights had to be initialised anew."""


def _remark(hint: Hint, keys: Mapping[str, str]) -> Content:
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


def _totals(trace: Trace) -> str:
    return f"{trace.parameters:,} parameters, {bytes_text(trace.bytes)}"


def bytes_text(count: int) -> str:
    """A number of bytes with a unit: 816 B, 3.2 kB, 1.5 MB."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"

"""The single layer that consecutive Linear layers are equal to, with its numbers."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.events import Resize
from textual.widgets import Static

from nnviz import nn
from nnviz.autograd.formula import rounded
from nnviz.run.merge import Merge
from nnviz.tui.dialogs.dialog import Dialog, DialogBox, DialogKeys
from nnviz.tui.text import content
from nnviz.tui.widgets.matrices import Matrices, Paragraph
from nnviz.views.stop import Matrix

WIDTH = 90
"""Columns of the box."""

WRITTEN = 4
"""Matrices of a product that are written in full; of more, some are left out."""


class MergeScreen(Dialog[bool]):
    """Shows the merged layer; its result is True if it is to replace the layers.

    Args:
        found: the layers and the merged layer.
    """

    BINDINGS = [("enter", "accept", "Replace"), ("c,q", "cancel", "Close")]

    def __init__(self, found: Merge) -> None:
        super().__init__()
        self._found = found
        self._chosen = (0, 0)
        self._target = 0

    def compose(self) -> ComposeResult:
        """Compose the formula, W and b, and the keys."""
        with DialogBox(classes="merge") as box:
            box.border_title = "Linear after Linear is one Linear"
            yield Static(content(merge_words(self._found), 900, lines=True), id="merge-words")
            yield MergedMatrices(readable=True, id="matrices")
            yield DialogKeys("arrows element", ("enter replace them", "accept"), ("esc keep them", "cancel"))

    def on_mount(self) -> None:
        """Show the matrices."""
        self._show()
        self._fit()
        self.query_one(Matrices).focus()

    def on_resize(self, _event: Resize) -> None:
        """Make the box as high as what it shows, if the terminal is."""
        self._fit()

    def _fit(self) -> None:
        """The words have at most half of the room; what the matrices do not need is left out."""
        width, room = self.inner_width(WIDTH), self.room(WIDTH)
        words = self.query_one("#merge-words")
        lines = min(len(content(merge_words(self._found), 900, lines=True).wrap(width)), max(room // 2, 1))
        words.styles.height = lines
        matrices = self.query_one(Matrices)
        matrices.styles.height = matrices.needed(width, max(room - lines, 1))

    def _show(self) -> None:
        found = self._found
        weight = Matrix("W", found.weight, self._chosen if self._target == 0 else None, open=True)
        bias = Matrix("b", found.bias, self._chosen[:1] if self._target else None, open=True)
        name, array = ("b", found.bias) if self._target else ("W", found.weight)
        index = self._chosen[: array.ndim]
        here = f"{name}[{', '.join(map(str, index))}] = {rounded(float(array[index]), 6)}"
        self.query_one(Matrices).show([weight, bias], [Paragraph(here, 1, 1)])

    def on_matrices_chosen(self, event: Matrices.Chosen) -> None:
        """Choose another number."""
        index = event.index
        self._target, self._chosen = event.target, (index[0], index[1] if len(index) > 1 else 0)
        self._show()

    def action_accept(self) -> None:
        """Close with True."""
        self.dismiss(True)


class MergedMatrices(Matrices):
    """W and b. Enter belongs to the dialog."""

    def action_unfold(self) -> None:
        """Accept the dialog: an element of the merged layer has no computation to unfold."""
        if isinstance(self.screen, MergeScreen):
            self.screen.action_accept()


def merge_words(found: Merge) -> str:
    """A text on what is equal to what, with the measured difference."""
    count = found.end - found.first
    names = f"Layers {found.first + 1} and {found.end}" if count == 2 else f"Layers {found.first + 1} to {found.end}"
    linear = len(found.biased)
    product = _product(linear, 1)
    sums = [f"{_product(linear, n + 1)} b{_low(n)}".lstrip() for n, biased in enumerate(found.biased, 1) if biased]
    # Of many, the first and the last two.
    bias = " + ".join(sums if len(sums) <= WRITTEN else [sums[0], "…", *sums[-2:]]) or "0"
    label = nn.layers.label(found.layer)
    return (
        f"{names} have no activation between them:\n"
        f"  W₂ (W₁ x + b₁) + b₂ = (W₂ W₁) x + (W₂ b₁ + b₂)\n"
        f"so together they equal {label}, with\n  W = {product}\n  b = {bias}\n"
        f"Over {found.samples:,} training samples their outputs differ by {found.difference:.1e} of the largest.\n"
        "However many there are, they can do no more than this one. An activation between them changes that."
    )


def _product(last: int, first: int) -> str:
    """W of one number times all before it down to another; of many the first two and the last."""
    factors = [f"W{_low(n)}" for n in range(last, first - 1, -1)]
    return " ".join(factors if len(factors) <= WRITTEN else [*factors[:2], "…", factors[-1]])


def _low(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))

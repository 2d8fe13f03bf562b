"""The footer: one line with the keys used most where one is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from nnviz.tui.widgets.label import EdgeLine

GAP = "  "
"""Between two keys."""


@dataclass(frozen=True)
class Key:
    """A key as the footer shows it.

    Attributes:
        shown: the key.
        label: what it does.
        action: what a click on it runs.
    """

    shown: str
    label: str
    action: str

    @property
    def width(self) -> int:
        """Its cells."""
        return cell_len(f"{self.shown} {self.label}")


def fit(keys: Iterable[Key], last: Sequence[Key], width: int) -> list[Key]:
    """The keys that have room on a line, and after them `last`: a key without room is left out, those after it stay."""
    room, shown = width - sum(key.width + len(GAP) for key in last), []
    for key in keys:
        if key.width + len(GAP) <= room:
            room -= key.width + len(GAP)
            shown.append(key)
    return [*shown, *last]


class KeyBar(EdgeLine):
    """A line of keys that can be clicked. Textual's footer is a widget for each key, laid out anew at each focus."""

    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        link-style: none;
        link-color: $footer-description-foreground;
        link-style-hover: none;
        link-color-hover: $footer-description-foreground;
        link-background-hover: $block-hover-background;
    }
    """

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._keys: tuple[tuple[Key, ...], tuple[Key, ...]] | None = None
        self._fitted = 0

    def show(self, keys: Iterable[Key], last: Sequence[Key]) -> None:
        """Show the keys that have room, and the last ones in any case."""
        wanted, width = (tuple(keys), tuple(last)), self.size.width or self.app.size.width - 2
        if (wanted, width) == (self._keys, self._fitted):
            return
        self._keys, self._fitted = wanted, width
        shown = fit(*wanted, width)
        self.update(Content(GAP).join(map(_painted, shown)), layout=False)

    def on_resize(self) -> None:
        """Fit into the new width."""
        if self._keys is not None:
            self.show(*self._keys)


def _painted(key: Key) -> Content:
    words = Content.from_markup("[bold $footer-key-foreground]$key[/]$label", key=f"{key.shown} ", label=key.label)
    return words.stylize(f"@click={key.action}")

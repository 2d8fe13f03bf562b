"""A line of text to type, for every form and filter."""

from __future__ import annotations

from typing import Any

from rich.highlighter import Highlighter
from rich.text import Text
from textual.widgets import Input

from nnviz.tui.text import clean


class Cleaned(Highlighter):
    """Shows stand-ins for what a terminal would act on, such as ESC in the name of a file, or in what was pasted."""

    def highlight(self, text: Text) -> None:
        """Replace the characters of `text`, each by another one."""
        text.plain = clean(text.plain, len(text.plain))


class TextInput(Input):
    """An Input whose value reaches the terminal cleaned; the value itself stays as it is.

    Args:
        value: the initial text.
        options: those of `Input`.
    """

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(value, highlighter=Cleaned(), **options)

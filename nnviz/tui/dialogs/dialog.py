"""What all dialogs share: a box in the middle, a title, Escape to leave it as it was."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import ClassVar, TypeVar

from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.color import Color
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize, ScreenResume
from textual.geometry import Region, Size
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen
from textual.widgets import Static

from nnviz.tui.dialogs.fitting import FittingScreen
from nnviz.tui.patches import PartFirst

Result = TypeVar("Result")


class Dialog(ModalScreen[Result | None], FittingScreen[Result | None], PartFirst[Result | None]):
    """A modal box. A subclass composes a `DialogBox`; Escape closes it with None.

    It opens soon: the box is painted first and the screen below is dimmed after the next refresh, the styles of what
    was just composed are not put together twice, and nothing is laid out again for a size it has already.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "cancel", "Cancel")]

    def __init__(self) -> None:
        super().__init__()
        self._fitted: Size | None = None

    def render(self) -> RenderableType:
        """The screen below, dimmed."""
        below = super().render()
        return Dimmed(below.screen, below.color) if isinstance(below, BackgroundScreen) else below

    def part(self) -> Iterable[Region]:
        """The box is painted first."""
        return (box.region for box in self.query(DialogBox))

    def on_screen_resume(self, event: ScreenResume) -> None:
        """What was just composed has its styles."""
        event.refresh_styles = False
        self._fitted = self.app.size

    def on_resize(self, event: Resize) -> None:
        """Nothing is laid out again for a size it has already."""
        size = self.app.size
        if event.size == size:
            if self._fitted == size:
                event.prevent_default()
            self._fitted = size

    def action_cancel(self) -> None:
        """Close, and change nothing."""
        self.dismiss(None)


class Dimmed(BackgroundScreen):
    """A screen seen through a colour.

    Textual mixes the colours of each piece of each line; a screen has thousands of pieces, but few styles.
    """

    @classmethod
    def process_segments(cls, segments: Iterable[Segment], color: Color) -> Iterable[Segment]:
        """The pieces of the screen below, dimmed."""
        return (Segment(text, style if control else dimmed(style, color), control) for text, style, control in segments)


@lru_cache(4096)
def dimmed(style: Style | None, over: Color) -> Style:
    """A style seen through a colour; nothing in it can be clicked."""
    if style is None:
        return Style()
    style = style.clear_meta_and_links()
    if not over.a:
        return style
    color, back = (c and (Color.from_rich_color(c) + over).rich_color for c in (style.color, style.bgcolor))
    return style + Style.from_color(color, back)


class DialogBox(Vertical):
    """The box."""


class DialogKeys(Static):
    """What the keys do; where that can be done at once, a click on the words does it, too.

    Args:
        words: what stands there, with the action of the screen where there is one.
    """

    def __init__(self, *words: str | tuple[str, str]) -> None:
        pairs = ((each, "") if isinstance(each, str) else each for each in words)
        parts = (Content(text).stylize(f"@click=screen.{action}" if action else "") for text, action in pairs)
        super().__init__(Content("    ").join(parts), classes="dialog-keys")

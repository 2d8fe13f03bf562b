"""What all dialogs share: a box in the middle, a title, Escape to leave it as it was."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.color import Color
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize, ScreenResume
from textual.geometry import Region, Size
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Static

from nnviz.tui.screens.fitting import FittingScreen

Result = TypeVar("Result")


class Dialog(ModalScreen[Result | None], FittingScreen[Result | None]):
    """A modal box. A subclass composes a `DialogBox`; Escape closes it with None.

    It opens soon: the box is painted first and the screen below is dimmed a look later, the styles of what was
    just composed are not put together twice, and nothing is laid out again for a size it has already.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "cancel", "Cancel")]

    def __init__(self) -> None:
        super().__init__()
        self._dims = False
        self._below: list[Strip] = []
        self._fitted: Size | None = None

    def _on_screen_resume(self, event: ScreenResume) -> None:
        event.refresh_styles = False
        self._fitted = self.app.size

    async def _on_resize(self, event: Resize) -> None:
        self._below = []
        size = self.app.size
        if event.size == size:
            if self._fitted == size:
                event.prevent_default()
            self._fitted = size

    def _compositor_refresh(self) -> None:
        if not self._dims and self.is_current:
            # A box has a border, and so more rows than the smallest terminal; what lies beyond it cannot be painted.
            terminal = self._compositor.size.region
            boxes = (box.region.intersection(terminal) for box in self.query(DialogBox))
            self._compositor._dirty_regions = {region for region in boxes if region}
            super()._compositor_refresh()
            self._dims = True
            self.refresh()
        else:
            super()._compositor_refresh()

    def below_changed(self) -> None:
        """Dim what lies below anew when it is painted next."""
        self._below = []

    def render_lines(self, crop: Region) -> list[Strip]:
        """The screen below, dimmed."""
        if not self._dims:
            return [Strip.blank(crop.width)] * crop.height
        width, height = self._compositor.size
        # Another size may have come without a resize: with that of a dialog above this one, which was closed since.
        if len(self._below) < height or self._below[0].cell_length != width:
            self._below = self._dimmed()
        lines = [line.crop_extend(crop.x, crop.right, None) for line in self._below[crop.y : crop.bottom]]
        return lines + [Strip.blank(crop.width)] * (crop.height - len(lines))

    def _dimmed(self) -> list[Strip]:
        # Textual mixes the colours of each piece of each line; a screen has thousands of pieces, but few styles.
        stack = self.app.screen_stack
        below = stack[stack.index(self) - 1]
        lines = below._compositor.render_strips()
        # Where the terminal has just grown, the screen below is laid out only after this one.
        missing = self._compositor.size.height - len(lines)
        return [self._over(line) for line in (*lines, *[Strip([])] * missing)]

    def _over(self, line: Strip) -> Strip:
        """A line of the screen below, as wide as this one, dimmed."""
        over = self.styles.background
        strip = Strip([Segment(text, dimmed(style, over)) for text, style, _ in line], line.cell_length)
        for each in self.get_line_filters():
            strip = strip.apply_filter(each, over)
        return strip.adjust_cell_length(self._compositor.size.width, dimmed(None, over))

    def action_cancel(self) -> None:
        """Close, and change nothing."""
        self.dismiss(None)


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

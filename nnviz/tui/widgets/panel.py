"""What all panels share: a title, and a frame that lights up when the focus is within."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, cast

from textual.content import Content
from textual.geometry import Region
from textual.style import Style
from textual.theme import Theme

from nnviz.tui.widgets.guarded import Page
from nnviz.tui.widgets.sparing import Sparing

if TYPE_CHECKING:
    from nnviz.tui.app import NnvizApp


class Panel(Page, Sparing):
    """A panel of the main screen; it can fill the screen. What cannot be drawn in it is told in it."""

    ALLOW_MAXIMIZE = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {"panel--lit"}
    _lit = False
    _title = ""

    def on_mount(self) -> None:
        """The frame has the colours of the theme."""
        self.app.theme_changed_signal.subscribe(self, self._on_theme)

    def _on_theme(self, _theme: Theme) -> None:
        self._draw_frame()
        self.recolour()

    def recolour(self) -> None:
        """Draw anew what holds colours of the theme before."""

    @property
    def keys(self) -> Mapping[str, str]:
        """The first key of every command, by its id."""
        return cast("NnvizApp", self.app).first_keys

    def entitle(self, title: str) -> None:
        """Have this title."""
        if title != self._title:
            self._title = title
            self._draw_frame()

    def light(self, lit: bool) -> None:
        """Light the frame up, or put it out.

        The pseudo-class `:focus-within` would do it, and have Textual paint all that is within, as would a class with
        another colour for the title.
        """
        if lit is not self._lit:
            self._lit = lit
            self._draw_frame()

    def _draw_frame(self) -> None:
        title = Content(self._title or self.BORDER_TITLE or "")
        look = self.get_component_styles("panel--lit")
        with self.sparing():
            self.styles.border = look.border if self._lit else None
            self.border_title = title.stylize(Style.from_styles(look)) if self._lit else title
        self.call_after_refresh(self._draw_sides)

    def turned(self) -> tuple[Region, ...]:
        """The top of the frame: the other sides touch every line of the screen, so they follow a look later."""
        return (Region(0, 0, self.outer_size.width, 1).translate(-self.content_offset),)

    def _draw_sides(self) -> None:
        width, height = self.outer_size
        sides = (Region(0, height - 1, width, 1), Region(0, 0, 1, height), Region(width - 1, 0, 1, height))
        self.refresh(*(side.translate(-self.content_offset) for side in sides))

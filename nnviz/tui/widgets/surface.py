"""The colour that pictures fade into."""

from __future__ import annotations

from textual.app import App
from textual.color import Color

from nnviz.views.heat import Colour

DARK, LIGHT = (30, 30, 30), (240, 240, 240)
"""Where the terminal's own palette is used, which nobody can ask for its colours."""


def surface(app: App[object]) -> Colour:
    """The theme's surface."""
    colour = Color.parse(app.theme_variables.get("surface", "#1e1e1e"))
    return colour.rgb if colour.ansi is None else (DARK if app.current_theme.dark else LIGHT)

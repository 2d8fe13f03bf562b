"""The background color that pictures fade into."""

from __future__ import annotations

from textual.app import App
from textual.color import Color

from nnviz.views.contrast import Rgb

DARK, LIGHT = (30, 30, 30), (240, 240, 240)
"""Stand-ins for themes that use the terminal's own palette, whose colors are unknown."""


def surface_color(app: App[object]) -> Rgb:
    """The surface color of the theme."""
    color = Color.parse(app.theme_variables.get("surface", "#1e1e1e"))
    return color.rgb if color.ansi is None else (DARK if app.current_theme.dark else LIGHT)

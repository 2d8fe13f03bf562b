"""The panels: every module here holds one, and nothing else has to name it."""

from __future__ import annotations

from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules

from nnviz.lab import Command
from nnviz.lab.command import VIEW
from nnviz.lab.view import panel
from nnviz.tui.widgets.panel import Panel


@cache
def panels() -> tuple[type[Panel], ...]:
    """The classes of all panels, by their number."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    own = (one for module in modules for one in vars(module).values() if isinstance(one, type))
    found = {one for one in own if issubclass(one, Panel) and one.__module__.startswith(__name__)}
    return tuple(sorted(found, key=lambda one: one.NUMBER))


@cache
def panel_commands() -> tuple[Command, ...]:
    """A command for each panel that goes there; the footer shows the first."""
    shown = [one.NUMBER for one in panels()]
    return tuple(
        Command(
            f"panel_{one.NUMBER}",
            str(one.NUMBER),
            "Go" if shown[0] == one.NUMBER else "",
            f"panel {one.NUMBER}: {one.ABOUT}",
            VIEW,
            f"{shown[0]}-{shown[-1]}" if shown[0] == one.NUMBER else str(one.NUMBER),
            partial(panel, number=one.NUMBER),
        )
        for one in panels()
    )

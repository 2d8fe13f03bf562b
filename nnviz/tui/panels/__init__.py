"""The panels: every module of this folder defines one, and no other file names it."""

from __future__ import annotations

from functools import cache, partial
from importlib import import_module
from importlib.abc import InspectLoader
from importlib.util import find_spec
from pkgutil import iter_modules

from nnviz.lab import Command
from nnviz.lab.command import VIEW
from nnviz.lab.view import panel
from nnviz.tui.widgets.panel import Panel


@cache
def panels() -> tuple[type[Panel], ...]:
    """The classes of all panels, by their number."""
    every = (one for found in iter_modules(__path__) for one in _panels_in(found.name))
    return tuple(sorted(every, key=lambda one: one.NUMBER))


def _panels_in(module: str) -> list[type[Panel]]:
    """The classes of the panels that a module of this folder defines."""
    name = f"{__name__}.{module}"
    own = (one for one in vars(import_module(name)).values() if isinstance(one, type))
    return [one for one in own if issubclass(one, Panel) and one.__module__ == name]


@cache
def first_panel() -> type[Panel]:
    """The class of the panel with place 0. Where its module declares that, no other panel is imported for it."""
    for found in iter_modules(__path__):
        spec = find_spec(f"{__name__}.{found.name}")
        loader = spec and spec.loader
        source = loader.get_source(f"{__name__}.{found.name}") if isinstance(loader, InspectLoader) else None
        if source and "\n    PLACE = 0\n" in source:
            return next(one for one in _panels_in(found.name) if one.PLACE == 0)
    return next(one for one in panels() if one.PLACE == 0)


@cache
def panel_commands() -> tuple[Command, ...]:
    """For each panel the command that goes there; the footer shows the first."""
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

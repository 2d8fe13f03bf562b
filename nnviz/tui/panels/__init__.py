"""The panels: every module of this folder defines one, and no other file names it."""

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
    every = (one for found in iter_modules(__path__) for one in _panels_in(found.name))
    return tuple(sorted(every, key=lambda one: one.NUMBER))


def _panels_in(module: str) -> list[type[Panel]]:
    """The classes of the panels that a module of this folder defines."""
    name = f"{__name__}.{module}"
    own = (one for one in vars(import_module(name)).values() if isinstance(one, type))
    return [one for one in own if issubclass(one, Panel) and one.__module__ == name]


@cache
def panel_commands() -> tuple[Command, ...]:
    """For each panel the command that goes there."""
    return tuple(
        Command(
            f"panel_{one.NUMBER}",
            str(one.NUMBER),
            one.NAME,
            f"page {one.NUMBER}: {one.ABOUT}",
            VIEW,
            partial(panel, number=one.NUMBER),
        )
        for one in panels()
    )

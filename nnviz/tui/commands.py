"""All commands, including those of the panels."""

from __future__ import annotations

from functools import cache

from nnviz.lab import COMMANDS, Command
from nnviz.lab.command import WALK
from nnviz.tui.panels import panel_commands


@cache
def all_commands() -> tuple[Command, ...]:
    """The commands in the order of the footer: those that go to a panel come before those of the walk."""
    at = next(i for i, command in enumerate(COMMANDS) if command.group == WALK)
    return (*COMMANDS[:at], *panel_commands(), *COMMANDS[at:])

"""The keys of the commands, as declared or as configured by the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from textual.binding import Binding

from nnviz.lab import COMMANDS, Command

WRITTEN = {
    "question_mark": "?",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "full_stop": ".",
    "comma": ",",
    "minus": "-",
    "plus": "+",
    "equals_sign": "=",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "esc",
}
"""How keys are displayed, where not by their name."""


@dataclass(frozen=True)
class Keys:
    """The keys of all commands.

    Attributes:
        own: the user's keys, by the id of the command.
        commands: the commands.
    """

    own: Mapping[str, str] = field(default_factory=dict)
    commands: Sequence[Command] = COMMANDS

    def of(self, command: Command) -> str:
        """The keys of a command as they are displayed."""
        keys = self.own.get(command.id, command.keys).split(",")
        return " ".join(WRITTEN.get(key.strip(), key.strip()) for key in keys)

    @cached_property
    def first(self) -> Mapping[str, str]:
        """The first key of every command, by its id."""
        return {command.id: self.of(command).split()[0] for command in self.commands}


def binding(command: Command) -> Binding:
    """The binding of a command, for the screen or for the panel where it works."""
    return Binding(
        command.keys,
        f"screen.command('{command.id}')",
        command.label,
        show=False,
        tooltip=command.about,
        id=command.id,
    )

"""The user's own keys and theme, from `config.toml` in the platform's folder for configuration.

[keys] maps the id of a command to its keys, with commas between; `theme` names a theme.
"""

from __future__ import annotations

import stat
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_config_path

from nnviz.tui.text import clean

if TYPE_CHECKING:
    from nnviz.lab import Command

LARGEST = 1_000_000
"""Bytes beyond which a file is taken for something else."""

TOLD = 4
"""Troubles that are named one by one."""

TAKEN = {
    **dict.fromkeys(("j", "k", "up", "down", "ctrl+home", "ctrl+end"), "moves in lists"),
    **dict.fromkeys(("ctrl+pageup", "ctrl+pagedown"), "moves in lists"),
    **dict.fromkeys(("left", "right"), "moves in matrices"),
    **dict.fromkeys(("tab", "shift+tab"), "goes to the next panel or field"),
    "ctrl+c": "copies",
    "ctrl+p": "opens the palette",
    "ctrl+q": "quits",
    "ctrl+z": "suspends",
}
"""Keys that have a meaning of their own, which no command can take over."""


@dataclass(frozen=True)
class Config:
    """What was read, and what was wrong with it, in words."""

    keys: dict[str, str] = field(default_factory=dict)
    theme: str = ""
    troubles: tuple[str, ...] = ()


def config_path() -> Path | None:
    """Where the configuration is read from; None for a user who has no home."""
    try:
        path = user_config_path("nnviz", appauthor=False) / "config.toml"
    except RuntimeError:
        return None
    # What is not absolute would be looked for in whatever folder the program is started in.
    return path if path.is_absolute() else None


def read_config(themes: Container[str]) -> Config:
    """The configuration; a file that is not there is an empty one, and what is wrong is named and left out."""
    path = config_path()
    try:
        written = _read(path) if path else None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        return Config(troubles=(f"{clean(path)} was not read: {clean(why)}",))
    if not written:
        return Config()
    # Imported when there is something to read, so that the program opens sooner.
    import tomllib

    try:
        document = tomllib.loads(written)
    # A number of thousands of digits and brackets in brackets by the thousand are other errors than a wrong sign.
    except (ValueError, RecursionError) as error:
        return Config(troubles=(f"{clean(path)} was not read: {clean(error)}",))
    keys, troubles = _keys(document.pop("keys", {}))
    theme = document.pop("theme", "")
    if not isinstance(theme, str) or (theme and theme not in themes):
        troubles.append(f"config.toml: no theme is called {clean(theme, 40)}")
        theme = ""
    troubles += [f"config.toml: {clean(name, 40)} means nothing here" for name in document]
    if len(troubles) > TOLD:
        troubles[TOLD:] = [f"config.toml: {len(troubles) - TOLD} more things are wrong"]
    return Config(keys, theme, tuple(troubles))


def _read(path: Path) -> str | None:
    """The text of the file, None where there is none; ValueError where it is none that could be meant."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    # A pipe or a device would be waited for, or never end.
    if not stat.S_ISREG(mode):
        raise ValueError("it is no file")
    with path.open("rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise ValueError("it is larger than a configuration can be")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is no text in UTF-8 (byte {error.start})") from None


def _keys(table: object) -> tuple[dict[str, str], list[str]]:
    """The keys of the commands that have others than usual, and what is wrong with what is written, in words."""
    if not isinstance(table, dict):
        return {}, ['config.toml: keys must be a table: a line [keys], and under it lines such as undo = "z"']
    if not table:
        return {}, []
    # Imported when there is something to read, so that the program opens sooner.
    from nnviz.tui.commands import all_commands
    from nnviz.tui.keys import key_named

    commands = all_commands()
    known = {command.id for command in commands}
    keys: dict[str, str] = {}
    troubles = []
    for name, value in table.items():
        if name not in known:
            troubles.append(f"config.toml: no command is called {clean(name, 40)}")
        elif not isinstance(value, str) or not value:
            troubles.append(f'config.toml: keys.{name} must be keys as text, for example "z"')
        else:
            # A comma that stands alone is no separator.
            parts = [","] if value.strip() == "," else [part.strip(" ") or part for part in value.split(",")]
            wrong = [why for part in parts if (why := _wrong(name, part))]
            if wrong:
                troubles.append(f"config.toml: keys.{name}: {wrong[0]}")
            else:
                keys[name] = ",".join(str(key_named(part)) for part in parts)
    return keys, troubles + _collisions(commands, keys)


def _wrong(name: str, written: str) -> str:
    """Why a command cannot have this key; empty where it can."""
    from nnviz.tui.keys import key_named, suggestion

    key = key_named(written)
    if key is None or written == ",":
        meant = suggestion(written)
        advice = f'write "{meant}"' if meant else 'keys are written "z", "Z", "f5", "ctrl+d", "space", "comma"'
        return f'no terminal sends a key called "{clean(written, 20)}": {advice}'
    if key in TAKEN and (name, key) != ("palette", "ctrl+p"):
        return f"the key {key} {TAKEN[key]}: choose another"
    return ""


def _collisions(commands: Sequence[Command], keys: dict[str, str]) -> list[str]:
    """Take back keys until none has two meanings; what was taken back, in words."""
    from nnviz.lab import clashes

    found = []
    while clash := clashes(commands, keys):
        key, one, other = clash[0]
        # Of two that the user gave the same key, the first has it; of one that has it as usual, that one.
        loser = max((name for name in (one, other) if name in keys), key=list(keys).index)
        del keys[loser]
        usual = next(command.keys for command in commands if command.id == loser)
        found.append(f"config.toml: the key {clean(key, 20)} means {one} and {other}; {loser} keeps {usual}")
    return found

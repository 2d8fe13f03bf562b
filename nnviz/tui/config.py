"""The user's keys and theme, from `config.toml` in the platform's configuration folder.

[keys] maps the id of a command to its keys, separated by commas; `theme` names a theme.
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
"""The size of the largest file that is read, in bytes."""

SHOWN = 4
"""The number of problems that are shown one by one."""

RESERVED = {
    **dict.fromkeys(("j", "k", "up", "down", "ctrl+home", "ctrl+end"), "moves in lists"),
    **dict.fromkeys(("ctrl+pageup", "ctrl+pagedown"), "moves in lists"),
    **dict.fromkeys(("left", "right"), "moves in matrices"),
    **dict.fromkeys(("tab", "shift+tab"), "goes to the next panel or field"),
    "ctrl+c": "copies",
    "ctrl+p": "opens the palette",
    "ctrl+q": "quits",
    "ctrl+z": "suspends",
}
"""Keys with a fixed meaning, which cannot be assigned to a command."""


@dataclass(frozen=True)
class Config:
    """The configuration, and a message for each problem found in the file."""

    keys: dict[str, str] = field(default_factory=dict)
    theme: str = ""
    troubles: tuple[str, ...] = ()


def config_path() -> Path | None:
    """The path of the configuration file; None if the user has no home directory."""
    try:
        path = user_config_path("nnviz", appauthor=False) / "config.toml"
    except RuntimeError:
        return None
    # A relative path would depend on the current directory.
    return path if path.is_absolute() else None


def read_config(themes: Container[str]) -> Config:
    """Read the configuration; a missing file is an empty one, and invalid entries are reported and left out."""
    path = config_path()
    try:
        written = _read(path) if path else None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        return Config(troubles=(f"{clean(path)} was not read: {clean(why)}",))
    if not written:
        return Config()
    # Imported only if needed, so that the program starts faster.
    import tomllib

    try:
        document = tomllib.loads(written)
    # Thousands of nested brackets raise RecursionError, numbers of thousands of digits ValueError.
    except (ValueError, RecursionError) as error:
        return Config(troubles=(f"{clean(path)} was not read: {clean(error)}",))
    keys, troubles = _keys(document.pop("keys", {}))
    theme = document.pop("theme", "")
    if not isinstance(theme, str) or (theme and theme not in themes):
        troubles.append(f"config.toml: unknown theme {clean(theme, 40)}")
        theme = ""
    troubles += [f"config.toml: unknown entry {clean(name, 40)}" for name in document]
    if len(troubles) > SHOWN:
        troubles[SHOWN:] = [f"config.toml: {len(troubles) - SHOWN} more problems"]
    return Config(keys, theme, tuple(troubles))


def _read(path: Path) -> str | None:
    """The text of the file; None if it does not exist.

    Raises:
        ValueError: it is not a text file, or too large.
        OSError: it cannot be read.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    # Reading a pipe or a device may block, or never end.
    if not stat.S_ISREG(mode):
        raise ValueError("it is not a regular file")
    with path.open("rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST:,} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 text (byte {error.start})") from None


def _keys(table: object) -> tuple[dict[str, str], list[str]]:
    """The keys of the commands that the file assigns keys to, and a message for each problem."""
    if not isinstance(table, dict):
        return {}, ['config.toml: keys must be a table: a line [keys], and under it lines such as undo = "z"']
    if not table:
        return {}, []
    # Imported only if needed, so that the program starts faster.
    from nnviz.tui.commands import all_commands
    from nnviz.tui.keys import key_named

    commands = all_commands()
    known = {command.id for command in commands}
    keys: dict[str, str] = {}
    troubles = []
    for name, value in table.items():
        if name not in known:
            troubles.append(f"config.toml: unknown command {clean(name, 40)}")
        elif not isinstance(value, str) or not value:
            troubles.append(f'config.toml: keys.{name} must be keys as text, for example "z"')
        else:
            # A single comma is a key, which `_wrong` reports.
            parts = [","] if value.strip() == "," else [part.strip(" ") or part for part in value.split(",")]
            wrong = [why for part in parts if (why := _wrong(name, part))]
            if wrong:
                troubles.append(f"config.toml: keys.{name}: {wrong[0]}")
            else:
                keys[name] = ",".join(str(key_named(part)) for part in parts)
    return keys, troubles + _collisions(commands, keys)


def _wrong(name: str, written: str) -> str:
    """Why a command cannot have this key; empty if it can."""
    from nnviz.tui.keys import key_named, suggestion

    key = key_named(written)
    if key is None or written == ",":
        meant = suggestion(written)
        advice = f'write "{meant}"' if meant else 'keys are written "z", "Z", "f5", "ctrl+d", "space", "comma"'
        return f'unknown key "{clean(written, 20)}": {advice}'
    if key in RESERVED and (name, key) != ("palette", "ctrl+p"):
        return f"the key {key} {RESERVED[key]}: choose another"
    return ""


def _collisions(commands: Sequence[Command], keys: dict[str, str]) -> list[str]:
    """Unassign keys until none belongs to two commands; a message for each that was unassigned."""
    from nnviz.lab import clashes

    found = []
    while clash := clashes(commands, keys):
        key, one, other = clash[0]
        # The default key of a command takes precedence; of two that the file gives the same key, the first.
        loser = max((name for name in (one, other) if name in keys), key=list(keys).index)
        del keys[loser]
        usual = next(command.keys for command in commands if command.id == loser)
        found.append(f"config.toml: the key {clean(key, 20)} is assigned to {one} and {other}; {loser} keeps {usual}")
    return found

"""The user's own keys and theme, from `config.toml` in the platform's folder for configuration.

[keys] maps the id of a command to its keys, with commas between; `theme` names a theme.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_config_path

from nnviz.tui.commands import COMMANDS
from nnviz.tui.text import clean


@dataclass(frozen=True)
class Config:
    """What was read, and what was wrong with it, in words."""

    keys: dict[str, str] = field(default_factory=dict)
    theme: str = ""
    troubles: tuple[str, ...] = ()


def config_path() -> Path:
    """Where the configuration is read from."""
    return user_config_path("nnviz", appauthor=False) / "config.toml"


def read_config(themes: Container[str]) -> Config:
    """The configuration; a file that is not there is an empty one, and what is wrong is named and left out."""
    path = config_path()
    try:
        written = path.read_text("utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        return Config(troubles=(f"{clean(path)} was not read: {clean(error)}",))
    # Imported when there is something to read, so that the program opens sooner.
    import tomllib

    try:
        document = tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        return Config(troubles=(f"{clean(path)} was not read: {clean(error)}",))
    keys, troubles = {}, []
    known = {command.id for command in COMMANDS}
    table = document.pop("keys", {})
    if not isinstance(table, dict):
        troubles.append('config.toml: keys must be a table: a line [keys], and under it lines such as undo = "z"')
        table = {}
    for name, value in table.items():
        if name not in known:
            troubles.append(f"config.toml: no command is called {clean(name, 40)}")
        elif not isinstance(value, str) or not value:
            troubles.append(f'config.toml: keys.{clean(name, 40)} must be keys as text, for example "z"')
        else:
            keys[name] = value
    troubles += _collisions(keys)
    theme = document.pop("theme", "")
    if not isinstance(theme, str) or (theme and theme not in themes):
        troubles.append(f"config.toml: no theme is called {clean(theme, 40)}")
        theme = ""
    troubles += [f"config.toml: {clean(name, 40)} means nothing here" for name in document]
    return Config(keys, theme, tuple(troubles))


def _collisions(keys: dict[str, str]) -> list[str]:
    """Keys that two commands have, in words."""
    owners: dict[str, str] = {}
    found = []
    for command in COMMANDS:
        for key in keys.get(command.id, command.keys).split(","):
            other = owners.setdefault(key.strip(), command.id)
            if other != command.id:
                found.append(f"config.toml: the key {clean(key, 20)} means {other} and {command.id}; one will not work")
    return found

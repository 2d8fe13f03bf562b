"""The user's own keys and theme, from `config.toml` in the platform's folder for configuration.

[keys] maps the id of a command to its keys, with commas between; `theme` names a theme.
"""

from __future__ import annotations

import tomllib
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
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Config(troubles=(f"{clean(path)} was not read: {clean(error)}",))
    keys, troubles = {}, []
    known = {command.id for command in COMMANDS}
    table = document.pop("keys", {})
    for name, value in table.items() if isinstance(table, dict) else ():
        if name in known and isinstance(value, str) and value:
            keys[name] = value
        else:
            troubles.append(f"config.toml: keys.{clean(name, 40)} is not the id of a command with its keys as text")
    theme = document.pop("theme", "")
    if not isinstance(theme, str) or (theme and theme not in themes):
        troubles.append(f"config.toml: no theme is called {clean(theme, 40)}")
        theme = ""
    troubles += [f"config.toml: {clean(name, 40)} means nothing here" for name in document]
    return Config(keys, theme, tuple(troubles))

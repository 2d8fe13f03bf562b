"""The README's key table is what the commands say."""

from __future__ import annotations

import re
from pathlib import Path

from nnviz.lab.command import GROUPS
from nnviz.tui.commands import all_commands
from nnviz.tui.keymap import WRITTEN

README = Path(__file__).parents[1] / "README.md"
NAMES = {"enter": "Enter", "delete": "Delete"}
"""Keys that the README writes as the keyboard does."""


def written(keys: str) -> str:
    return ", ".join(f"`{NAMES.get(key, WRITTEN.get(key, key))}`" for key in keys.split(","))


def test_the_key_table_lists_every_command_with_its_keys_and_no_other() -> None:
    section = README.read_text("utf-8").partition("\n## Keys\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \| (.+?) \|$", section, re.MULTILINE)
    ordered = sorted(all_commands(), key=lambda command: GROUPS.index(command.group))
    expected = [(written(command.keys), command.about) for command in ordered]
    assert rows == expected

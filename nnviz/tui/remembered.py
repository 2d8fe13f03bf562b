"""What was chosen by a key and holds at the next start: the theme and the pace.

It has a file of its own beside `config.toml`, because that is written by hand, with comments.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from nnviz.tui.config import config_path

LARGEST = 10_000
"""Bytes beyond which a file is taken for something else."""


def remembered(name: str) -> str:
    """What was chosen last; empty if nothing was, or if the file cannot be read."""
    value = _read().get(name)
    return value if isinstance(value, str) else ""


def remember(name: str, value: str) -> None:
    """Keep a choice. Where it cannot be written, it holds until the program ends."""
    path = _path()
    if path is None:
        return
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Replaced as a whole: two programs may choose at once.
        number, written = mkstemp(dir=path.parent, prefix="remembered-")
        try:
            os.close(number)
            Path(written).write_text(json.dumps({**_read(), name: value}, indent=1), "utf-8")
            Path(written).replace(path)
        except OSError:
            Path(written).unlink(missing_ok=True)


def _path() -> Path | None:
    config = config_path()
    return config.with_name("remembered.json") if config else None


def _read() -> dict[str, object]:
    path = _path()
    if path is None:
        return {}
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            return {}
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}

"""What went wrong, in a sentence for the screen and in full in a file."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from platformdirs import user_log_path

from nnviz import __version__
from nnviz.errors import NnvizError
from nnviz.tui.text import clean

KEPT = 20
"""Reports that are kept; the oldest go."""

_written: dict[str, Path] = {}
"""The report of each error of this program; the same error again is not written again."""


def in_words(error: BaseException) -> str:
    """What an error says, cleaned for the screen, on one line."""
    if isinstance(error, NnvizError):
        return clean(f"{error.message} ({error.hint})" if error.hint else error.message, 300)
    return clean(f"{type(error).__name__}: {error}".removesuffix(": "), 300)


def write_report(error: BaseException) -> Path | None:
    """Write the full report of `error` into the platform's folder for logs; None where that cannot be done."""
    trace = "".join(traceback.format_exception(error))
    if trace in _written:
        return _written[trace]
    header = f"nnviz {__version__}, Python {sys.version}, {platform.platform()}\n\n"
    # Without a home and a name in passwd there is no folder; a folder may be read-only, and a disk full.
    with suppress(OSError, RuntimeError, KeyError):
        folder = user_log_path("nnviz", appauthor=False)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in sorted(folder.glob("error-*.txt"))[: -KEPT + 1]:
            old.unlink(missing_ok=True)
        path = folder / f"error-{datetime.now():%Y%m%d-%H%M%S-%f}-{os.getpid()}.txt"
        path.write_text(header + trace, "utf-8", errors="backslashreplace")
        _written[trace] = path
        return path
    return None


def where_to_report(path: Path | None) -> str:
    """What the user can do with a report."""
    if path is None:
        return "Please report it where nnviz came from."
    return f"Please report it where nnviz came from, with {clean(path, 400)}."

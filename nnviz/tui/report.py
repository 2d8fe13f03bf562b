"""Error reports: one line for the screen, and a file with the traceback."""

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
"""The number of report files that are kept; older ones are deleted."""

_written: dict[str, Path] = {}
"""The report of each traceback, so that a repeated error is written only once."""


def in_words(error: BaseException) -> str:
    """The message of an error on one line, without control characters."""
    if isinstance(error, NnvizError):
        return clean(f"{error.message} ({error.hint})" if error.hint else error.message, 300)
    return clean(f"{type(error).__name__}: {error}".removesuffix(": "), 300)


def write_report(error: BaseException) -> Path | None:
    """Write the traceback of `error` to a file in the platform's log folder; None if that is not possible."""
    trace = "".join(traceback.format_exception(error))
    if trace in _written:
        return _written[trace]
    header = f"nnviz {__version__}, Python {sys.version}, {platform.platform()}\n\n"
    # The user may have no home directory, the folder may be read-only, or the disk full.
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
    """A sentence that asks the user to report the error."""
    if path is None:
        return "Please report it where nnviz came from."
    return f"Please report it where nnviz came from, with {clean(path, 400)}."

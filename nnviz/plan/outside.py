"""The user's code: the line an error came from, and calls that a plan could not repeat (time, files, the system)."""

from __future__ import annotations

import io
import linecache
import os
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nnviz.autograd.modes import refused

_OUTSIDE = {"time": "the clock", "datetime": "the clock", "posix": "the system", "nt": "the system"} | dict.fromkeys(
    ("io", "_io"), "a file"
)
"""Modules whose functions depend on the outside world, and what they read."""


_OPENING = (open, io.FileIO, os.open)
_NAMING = (globals, locals, eval, exec)
_ENVIRONMENT = type(os.environ).__getitem__.__code__


@contextmanager
def nothing_from_outside() -> Iterator[None]:
    """Context in which the user's code may not read the time, a file or the system.

    Raises:
        GraphError: it did.
    """

    def watch(frame: types.FrameType, event: str, function: Any) -> None:
        if event == "call" and frame.f_code is _ENVIRONMENT:
            raise refused(
                "the computation reads the environment by os.environ, which a plan would do only once",
                "read it outside, into an attribute or an argument",
            )
        if event == "c_call" and function in _OPENING and not frame.f_code.co_filename.startswith("<frozen"):
            raise refused(
                "the computation reads a file, which a plan would do only once",
                "read it outside, into an attribute or an argument",
            )
        if event == "c_call" and function in _NAMING and not _in_library(frame.f_code.co_filename):
            raise refused(
                f"the computation looks up names by {function.__name__}(), which could differ at every step",
                "use the names directly",
            )
        if event == "c_call" and not _in_library(frame.f_code.co_filename):
            owner = getattr(function, "__module__", None) or getattr(function.__self__, "__module__", None)
            if owner in _OUTSIDE:
                raise refused(
                    f"the computation reads {_OUTSIDE[owner]} by {function.__name__}(), a plan would do that only once",
                    "give what it reads as an input, or train on the tape",
                )

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(before)


def _in_library(file: str) -> bool:
    return file.startswith((_HOME, sys.prefix, sys.base_prefix, "<frozen"))


_HOME = str(Path(__file__).parents[1])


def line_within(error: BaseException) -> str:
    """The line of the user's code that an error came from."""
    found = ""
    step = error.__traceback__
    while step is not None:
        if not _in_library(step.tb_frame.f_code.co_filename):
            found = line(step.tb_frame.f_code.co_filename, step.tb_lineno)
        step = step.tb_next
    return found


def line(file: str, number: int) -> str:
    """A line of code, formatted for a message."""
    # Reading the source file here is not part of the computation.
    before = sys.getprofile()
    sys.setprofile(None)
    try:
        text = linecache.getline(file, number).strip()
    finally:
        sys.setprofile(before)
    return f" (line {number} of {Path(file).name}{': ' + text if text else ''})"

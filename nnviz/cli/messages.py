"""Messages on standard error: one line each, which a narrow terminal shows broken between words."""

from __future__ import annotations

import locale
import os
import sys
import textwrap
from contextlib import suppress

from nnviz.text import clean

LONGEST = 4_000
"""Characters of a message."""

STANDARD_ERROR = 2
"""The number of standard error."""


def message(words: str, descriptor: int = STANDARD_ERROR) -> str:
    """A message as it is printed, with its end of line.

    Nothing in it is acted on by a terminal. If it goes to a terminal, it is broken between words to the width of that.

    Args:
        words: the message.
        descriptor: where it goes.
    """
    line = f"nnviz: {clean(' '.join(words.split()), LONGEST)}"
    with suppress(OSError):
        if os.isatty(descriptor):
            # The last column stays free: some terminals would begin a new line there.
            width = os.get_terminal_size(descriptor).columns - 1
            if width >= 20:
                line = textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
    return f"{line}\n"


def tell(words: str) -> None:
    """Print a message on standard error, or on standard output if that is closed and a terminal.

    Characters that the encoding of the stream does not have are written as escapes.
    """
    for number, stream in ((STANDARD_ERROR, sys.stderr), (1, sys.stdout)):
        encoding = getattr(stream, "encoding", None) or locale.getpreferredencoding(False)
        # Not through Python's streams, which are None if closed, and may raise another error at exit.
        with suppress(OSError):
            if number == STANDARD_ERROR or os.isatty(number):
                os.write(number, message(words, number).encode(encoding, "backslashreplace"))
                break

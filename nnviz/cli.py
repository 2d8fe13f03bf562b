"""The command line. What is not needed for the first picture is imported later, or not at all."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn

REFUSED = 2
"""Exit code where there is no terminal to draw in, or an argument that means nothing."""

DUMB = ("dumb", "unknown")
"""Kinds of terminal that only append."""

COLOUR_SYSTEMS = ("auto", "standard", "256", "truecolor")
"""What TEXTUAL_COLOR_SYSTEM may say."""


def main() -> None:
    """Open the program; with arguments, obey them."""
    # Until there is something to put in order, an interrupt ends the program and needs no traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if len(sys.argv) > 1:
        _obey()
    else:
        run()


def _obey() -> None:
    """Read the arguments."""
    import click

    from nnviz import __version__

    @click.command(context_settings={"help_option_names": ["-h", "--help"]})
    @click.version_option(__version__, prog_name="nnviz")
    def command() -> None:
        """See a neural network think.

        Opens on a ready network and data set: space trains it, ? shows all keys, q quits.
        """
        run()

    try:
        command.main(prog_name="nnviz", standalone_mode=False)
    except click.ClickException as error:
        _refuse(f"{error.format_message()} Try nnviz --help.")
    except OSError as error:
        # What was not written would be tried once more at the end, with a traceback.
        sys.stdout = None
        _refuse(f"the answer could not be written: {error.strerror}", 1)


def run() -> None:
    """Open the program, and leave with its exit code."""
    # Another program that shows this one, such as textual-serve, names the driver that talks to it through pipes.
    hosted = bool(os.environ.get("TEXTUAL_DRIVER"))
    if hosted:
        _need_streams()
    else:
        os.environ.pop("TEXTUAL_DRIVER", None)
        _need_terminal()
        # The terminal's own size is the one that counts, and it changes.
        for name in ("COLUMNS", "LINES"):
            os.environ.pop(name, None)
    _fill_closed_streams()
    # Textual ends at the name of a colour system that there is not.
    if os.environ.get("TEXTUAL_COLOR_SYSTEM") not in COLOUR_SYSTEMS:
        os.environ.pop("TEXTUAL_COLOR_SYSTEM", None)
    # Nothing of what is imported is garbage; looking for some takes a tenth of the start. On again once it is painted.
    gc.disable()
    # How often Textual looks whether there is something to draw: a key that just missed a look waits for the next one.
    os.environ.setdefault("TEXTUAL_FPS", "240")
    # Milliseconds after which Escape is a key of its own, and not the beginning of what another key sends.
    os.environ.setdefault("ESCDELAY", "25")
    # What was drawn is written to the terminal by another thread, which would wait this long for the next drawing.
    sys.setswitchinterval(0.0005)
    from nnviz.errors import NnvizError
    from nnviz.tui.app import NnvizApp
    from nnviz.tui.ending import Ending, end_with_host

    try:
        app = NnvizApp()
    except NnvizError as error:
        _refuse(f"{error.message}: {error.hint}")
    Ending(app)
    if hosted:
        end_with_host()
    app.run()
    sys.exit(app.return_code or 0)


def _need_terminal() -> None:
    """Leave in words where nothing can be drawn. Standard error may lead anywhere."""
    if not (os.isatty(0) and os.isatty(1)):
        _refuse("needs a terminal to draw in: run it in one, with neither input nor output redirected")
    kind = os.environ.get("TERM", "")
    if kind in DUMB:
        _refuse(f"needs a terminal that can place text anywhere, and TERM says that this one is {kind!r}")


def _need_streams() -> None:
    """Leave in words where a stream is closed through which another program would show this one."""
    for number in (0, 1):
        try:
            os.fstat(number)
        except OSError:
            _refuse("TEXTUAL_DRIVER is set, but standard input or output is closed: unset it")


def _fill_closed_streams() -> None:
    """Open what is closed of the standard streams; the next file to be opened would take the place otherwise."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 (it stays open)


def _refuse(words: str, code: int = REFUSED) -> NoReturn:
    """Say in one line why nothing opens, on standard error or, where that is closed, in the terminal; and leave."""
    shown = "".join(character if character.isprintable() else "?" for character in words)
    line = f"nnviz: {shown}\n".encode("ascii", "backslashreplace")
    for number in (2, 1):
        # Not through Python's streams, which are absent where one is closed, and complain again at the end.
        with suppress(OSError):
            if number == 2 or os.isatty(number):
                os.write(number, line)
                break
    sys.exit(code)

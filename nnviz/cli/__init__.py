"""The command line. To start quickly, modules that the first screen does not need are imported later."""

from __future__ import annotations

import gc
import os
import signal
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from nnviz.cli.own import DataChoice
    from nnviz.files.opened import Opened
    from nnviz.tui.app import NnvizApp

REFUSED = 2
"""The exit code if there is no usable terminal, or the usage is wrong."""

FAULT = 1
"""The exit code if there is a fault in what was asked for, such as a model file."""

DUMB = ("dumb", "unknown")
"""Values of TERM for terminals that cannot position the cursor."""

COLOR_SYSTEMS = ("auto", "standard", "256", "truecolor")
"""The valid values of TEXTUAL_COLOR_SYSTEM."""


COMPLETE = "_NNVIZ_COMPLETE"
"""The variable by which a shell asks click for the completions of a word."""


def main() -> None:
    """The entry point: parse the arguments if there are any, else start the program."""
    # Before the terminal is in use, an interrupt ends the program without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # A shell that completes a word calls the program with this variable and without arguments.
    if len(sys.argv) > 1 or COMPLETE in os.environ:
        _obey()
    else:
        run()


def _obey() -> None:
    """Parse the arguments and act on them."""
    import click

    from nnviz.cli.commands import command
    from nnviz.errors import NnvizError

    if isinstance(sys.stdout, TextIOWrapper):
        # Names and texts of a user may have characters that the encoding has not.
        sys.stdout.reconfigure(errors="backslashreplace")
    # click sets no exit code of its own here: errors are told in one line.
    try:
        code = command.main(prog_name="nnviz", complete_var=COMPLETE, standalone_mode=False, obj=run)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        words = error.format_message().rstrip()
        asked = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx is not None else "nnviz"
        _refuse(f"{words}{'' if words.endswith(('.', '?')) else '.'} Try {asked} --help.")
    except NnvizError as error:
        _refuse(f"{error.message.removesuffix('.')}: {error.hint}" if error.hint else error.message, FAULT)
    except BrokenPipeError:
        # The reader, such as head, has enough.
        sys.stdout = None
        sys.exit(FAULT)
    except OSError as error:
        # Python would try to flush the remaining output again at exit, and print a traceback.
        sys.stdout = None
        what = "the output could not be written" if error.filename is None else str(error.filename)
        _refuse(f"{what}: {error.strerror}", FAULT)
    except Exception as error:
        # What was not foreseen is told in one line as well; its traceback is in a file.
        from nnviz.tui.report import in_words, where_to_report, write_report

        _refuse(f"ended by an error: {in_words(error)}. {where_to_report(write_report(error))}", FAULT)
    sys.exit(code if isinstance(code, int) else 0)


def run(model: str | None = None, data: DataChoice | None = None, resume: bool = False) -> None:
    """Start the program, and exit with its exit code.

    Args:
        model: a model file, a folder or a line.
        data: the data to use instead of the model's; without a model, those of a small network.

    Raises:
        NnvizError: the model or the session cannot be opened.
    """
    opened = _opened(model, data, resume)
    # A program that hosts this one, such as textual-serve, sets the driver that communicates with it through pipes.
    hosted = bool(os.environ.get("TEXTUAL_DRIVER"))
    if hosted:
        _need_streams()
    else:
        _need_terminal()
    _fill_closed_streams()
    _set_up(hosted)
    from nnviz.errors import NnvizError
    from nnviz.tui.app import NnvizApp
    from nnviz.tui.ending import Ending, end_with_host

    try:
        app = NnvizApp() if opened is None else _opened_app(opened)
    except NnvizError as error:
        _refuse(f"{error.message}: {error.hint}")
    Ending(app, app.keep_session)
    if hosted:
        end_with_host(app.keep_session)
    app.run()
    _keep_session(app)
    sys.exit(app.return_code or 0)


def _opened(model: str | None, data: DataChoice | None, resume: bool) -> Opened | None:
    """What the program opens with; None for the opening network."""
    if resume:
        from nnviz.cli.own import progress_shown
        from nnviz.tui.session import read_session

        with progress_shown():
            return read_session()
    if model is None and (data is None or not data.given):
        return None
    from nnviz.cli.own import DataChoice
    from nnviz.files.saved import with_state

    return with_state((data or DataChoice()).open(model))


def _set_up(hosted: bool) -> None:
    """Set what Textual and the interpreter read, before Textual is imported."""
    if not hosted:
        # An empty driver is none. Of the size of the terminal, which can change, these would be preferred.
        for name in ("TEXTUAL_DRIVER", "COLUMNS", "LINES"):
            os.environ.pop(name, None)
    # Textual fails if the color system is unknown.
    if os.environ.get("TEXTUAL_COLOR_SYSTEM") not in COLOR_SYSTEMS:
        os.environ.pop("TEXTUAL_COLOR_SYSTEM", None)
    # Garbage collection during the imports finds nothing, and takes a tenth of the start-up time. It is enabled again
    # after the first screen is drawn.
    gc.disable()
    # The rate at which Textual checks for updates: a key press waits for the next check before its result is drawn.
    os.environ.setdefault("TEXTUAL_FPS", "240")
    # The time in milliseconds after which Escape counts as a key press, and not as the start of an escape sequence.
    os.environ.setdefault("ESCDELAY", "25")
    # The thread that writes to the terminal can wait this long, in seconds, for the thread that draws.
    sys.setswitchinterval(0.0005)


def _keep_session(app: NnvizApp) -> None:
    """Keep the session of a program that has ended, and tell how to go on with it."""
    from nnviz.cli.messages import STANDARD_ERROR, tell

    try:
        if app.keep_session() and not app.return_code and os.isatty(STANDARD_ERROR):
            tell("the session is kept: nnviz --resume goes on with it")
    except Exception as error:
        # The program has ended well all the same.
        from nnviz.tui.report import in_words

        tell(f"the session was not kept: {in_words(error)}")


def _opened_app(opened: Opened) -> NnvizApp:
    """The program on an opened model."""
    from nnviz.cli.screen import OpenedApp

    return OpenedApp(opened)


def _need_terminal() -> None:
    """Exit with a message if the program cannot run in this terminal. Standard error may be redirected."""
    if not (os.isatty(0) and os.isatty(1)):
        _refuse("needs a terminal: run it in one, with neither input nor output redirected")
    kind = os.environ.get("TERM", "")
    if kind in DUMB:
        _refuse(f"needs a terminal with cursor positioning, but TERM is {kind!r}: set TERM, or use another terminal")


def _need_streams() -> None:
    """Exit with a message if standard input or output, which the hosting program needs, is closed."""
    for number in (0, 1):
        try:
            os.fstat(number)
        except OSError:
            _refuse("TEXTUAL_DRIVER is set, but standard input or output is closed: unset it")


def _fill_closed_streams() -> None:
    """Open closed standard streams on the null device; otherwise the next opened file would get their descriptor."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 (it stays open)


def _refuse(words: str, code: int = REFUSED) -> NoReturn:
    """Print one line, and exit."""
    from nnviz.cli.messages import tell

    tell(words)
    sys.exit(code)

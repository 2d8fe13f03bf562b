"""The command line. What is not needed for the first picture is imported later, or not at all."""

from __future__ import annotations

import gc
import os
import sys

NO_TERMINAL = 2
"""Exit code where there is no terminal to draw in."""


def main() -> None:
    """Open the program; with arguments, obey them."""
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

    command(prog_name="nnviz")


def run() -> None:
    """Open the program, and leave with its exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write(
            "nnviz: needs a terminal to draw in: run it in one, with neither input nor output redirected\n"
        )
        sys.exit(NO_TERMINAL)
    # Nothing of what is imported is garbage; looking for some takes a tenth of the start. On again once it is painted.
    gc.disable()
    # How often Textual looks whether there is something to draw: a key that just missed a look waits for the next one.
    os.environ.setdefault("TEXTUAL_FPS", "240")
    # Milliseconds after which Escape is a key of its own, and not the beginning of what another key sends.
    os.environ.setdefault("ESCDELAY", "25")
    # What was drawn is written to the terminal by another thread, which would wait this long for the next drawing.
    sys.setswitchinterval(0.0005)
    from nnviz.tui.app import NnvizApp

    app = NnvizApp()
    app.run()
    sys.exit(app.return_code or 0)

"""The command line. What it needs beyond click is imported only once it is known to be needed."""

from __future__ import annotations

import os
import sys

import click

from nnviz import __version__

NO_TERMINAL = 2
"""Exit code where there is no terminal to draw in."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nnviz")
def main() -> None:
    """See a neural network think.

    Opens on a ready network and data set: space trains it, ? shows all keys, q quits.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        click.echo(
            "nnviz: needs a terminal to draw in: run it in one, with neither input nor output redirected", err=True
        )
        sys.exit(NO_TERMINAL)
    # How often Textual looks whether there is something to draw: a key that just missed a look waits for the next one.
    os.environ.setdefault("TEXTUAL_FPS", "240")
    # What was drawn is written to the terminal by another thread, which would wait this long for the next drawing.
    sys.setswitchinterval(0.0005)
    from nnviz.tui.app import NnvizApp

    app = NnvizApp()
    app.run()
    sys.exit(app.return_code or 0)

"""Completion of words in a shell: files, and the columns of a file that was named before."""

from __future__ import annotations

import re
from contextlib import suppress

import click
from click.shell_completion import CompletionItem

SAFE = re.compile(r"[\w.%+=@/-]+")
"""What a shell takes as one word as it is."""


def files(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files and folders, which the shell completes itself."""
    return [CompletionItem(incomplete, type="file")]


def column_names(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The columns of the CSV file that was named before; one whose name is no plain word is its number from 1."""
    from nnviz.errors import NnvizError

    # An option without its value, which is the one to complete, ends the parsing: arguments are left over.
    path = ctx.params.get("own") or ctx.params.get("model") or ctx.params.get("what") or next(iter(ctx.args), None)
    names: list[str] = []
    if isinstance(path, str):
        # What cannot be read has no columns to offer.
        with suppress(NnvizError):
            names = _columns_of(path)
    found = []
    for number, name in enumerate(names, 1):
        if name.lower().startswith(incomplete.lower()):
            found.append(CompletionItem(name) if SAFE.fullmatch(name) else CompletionItem(str(number), help=name))
    return found


def _columns_of(path: str) -> list[str]:
    """The names of the columns of a CSV file, or of that in a line."""
    from nnviz.data.own.reading import Watch, opened, stamp
    from nnviz.data.own.source import Source
    from nnviz.data.own.table import read_cells, unique
    from nnviz.files.line import words_of

    words = words_of(path)
    path = words[0] if len(words) > 1 else path
    name = Source(path).name
    with opened(path, name, Watch(stamp(path)[-1])) as content:
        first = next(read_cells(content), None)
    return [] if first is None else unique([cell.strip() for cell in first[0]])

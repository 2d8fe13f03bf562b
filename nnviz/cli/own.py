"""The options of the command line for data of one's own, and what is said about such data."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from nnviz.cli.completion import column_names, files
from nnviz.cli.messages import message

if TYPE_CHECKING:
    from nnviz.files.opened import Opened
    from nnviz.network import Network
    from nnviz.registry import Spec, Value

NEEDED = (
    "--target, --task and the other options on data, except --test-share, need --data FILE, or a model on such a file."
)

PATIENCE = 1.0
"""Seconds of reading before progress is shown."""


@dataclass(frozen=True)
class DataChoice:
    """What the options say about data.

    Args:
        path: the file; None if none is named.
        arguments: how to read it: those arguments of the data set `file` that are given.
    """

    path: str | None = None
    arguments: tuple[tuple[str, Value], ...] = ()

    @property
    def given(self) -> bool:
        """Whether any option is given."""
        return self.path is not None or bool(self.arguments)

    def spec(self, path: str) -> Spec:
        """The data set."""
        from nnviz.data import datasets, file_spec

        return datasets.check(file_spec(path, **dict(self.arguments)))

    def spec_needed(self) -> Spec:
        """The data set of the file that is named.

        Raises:
            UsageError: none is.
        """
        if self.path is None:
            raise click.UsageError(NEEDED)
        return self.spec(self.path)

    def open(self, model: str | None, weights: bool = True) -> Opened:
        """The model, on these data if they are given; without a model, a small network on them.

        Without a file, the options are about that which the model is trained on; the test share is about any data.

        Raises:
            UsageError: there are options, but no file that they are about.
            NnvizError: the model cannot be opened, or the data cannot be read.
        """
        from nnviz.data import datasets, is_data_file, source_of
        from nnviz.files.opened import Opened, open_model
        from nnviz.network import on_data

        with progress_shown():
            path = self.path
            if path is None and model is not None and self.arguments and is_data_file(model):
                path, model = model, None
            if path is None:
                if model is None:
                    raise click.UsageError(NEEDED)
                opened = open_model(model, weights=weights, reading=dict(self.arguments))
                data = opened.network.settings.data
                if self.arguments and source_of(data) is None:
                    # Data that nnviz ships or makes can be split otherwise, and not be read otherwise.
                    if {name for name, _ in self.arguments} != {"test_share"}:
                        raise click.UsageError(NEEDED)
                    data = datasets.check(data.replace(**dict(self.arguments)))
                return told(on(opened, data) if self.arguments else opened)
            spec = self.spec(path)
            if model is None:
                return told(Opened(on_data(spec)))
            return told(on(open_model(model, weights=weights), spec))


OPTIONS = (
    click.option(
        "--data",
        "own",
        metavar="FILE",
        shell_complete=files,
        help="Use this CSV, NPZ or IDX file, or folder, as data.",
    ),
    click.option(
        "--target",
        metavar="COLUMN",
        shell_complete=column_names,
        help="The column to predict; default the last.",
    ),
    click.option(
        "--task",
        type=click.Choice(["auto", "classification", "regression"]),
        default="auto",
        help="What the target is; default: inferred from it.",
    ),
    click.option("--drop-missing", is_flag=True, help="Leave out rows with an empty cell."),
    click.option(
        "--ignore",
        metavar="COLUMN",
        shell_complete=column_names,
        multiple=True,
        help="Leave out this column; may be repeated.",
    ),
    click.option("--header/--no-header", default=None, help="Whether the first row has the names; default: found out."),
    click.option(
        "--standardize/--no-standardize",
        default=None,
        help="Map inputs, and values to predict, to mean 0 and standard deviation 1; default: so.",
    ),
    click.option(
        "--test-share",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        metavar="SHARE",
        help="The share of test data, also of those that nnviz ships; default: their own.",
    ),
)
"""The options on data, in the order of the help."""


def data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: adds the options, which the command gets as one value, `data`."""

    @wraps(command)
    def wrapped(*args: Any, **options: Any) -> Any:
        return command(*args, data=_choice(options), **options)

    for option in reversed(OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _choice(options: dict[str, Any]) -> DataChoice:
    """What the options on data say, which are taken out of all options; those that are not given are left out."""
    from nnviz.data.own import joined

    task, header = options.pop("task"), options.pop("header")
    given = {
        "target": options.pop("target") or None,
        "task": None if task == "auto" else task,
        "drop_missing": options.pop("drop_missing") or None,
        "ignore": joined(options.pop("ignore")) or None,
        "header": None if header is None else "yes" if header else "no",
        "standardize": options.pop("standardize"),
        "test_share": options.pop("test_share"),
    }
    return DataChoice(options.pop("own"), tuple((name, value) for name, value in given.items() if value is not None))


def on(opened: Opened, data: Spec) -> Opened:
    """An opened model with other data; its sizes and its loss are made to fit.

    Raises:
        DataError: its saved weights do not fit any more.
    """
    from nnviz.errors import DataError
    from nnviz.files.plain import weight_shapes
    from nnviz.network import fit_to_data

    network = opened.network.configure(replace(opened.network.settings, data=data))
    network, done = fit_to_data(network)
    if opened.weights and weight_shapes(network) != weight_shapes(opened.network):
        raise DataError(
            f"the saved weights do not fit the data: {'; '.join(done)}", "pass the model file alone, or a line"
        )
    if done:
        say(f"fitted to the data: {'; '.join(done)}")
    return replace(opened, network=network)


def told(opened: Opened) -> Opened:
    """The opened model; what was made of its data is said on standard error."""
    for line in about(opened.network):
        say(line)
    return opened


def about(network: Network) -> list[str]:
    """What was made of data of one's own: a summary, the split, and the notes; empty for registered data."""
    from nnviz.data import source_of

    source = source_of(network.settings.data)
    if source is None:
        return []
    from nnviz.data.own import load

    found = load(source)
    return [found.summary, f"{found.split}.", *found.notes]


def say(words: str) -> None:
    """A line on standard error, without characters that a terminal would act on."""
    click.echo(message(words), err=True, nl=False)


@contextmanager
def progress_shown() -> Iterator[None]:
    """While data are read for long, a line on the terminal says how far that is."""
    from nnviz.data.own import watched

    started, drawn = time.monotonic(), 0.0

    def progress(done: int, total: int) -> None:
        nonlocal drawn
        now = time.monotonic()
        if now - started > PATIENCE and now - drawn > 0.1:
            drawn = now
            click.echo(f"\r\x1b[Kreading the data: {done / max(total, 1):.0%}", nl=False, err=True)

    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    try:
        with watched(progress):
            yield
    finally:
        if drawn:
            click.echo("\r\x1b[K", nl=False, err=True)

"""A file of data that is looked at before it is used: what is read of it, and what is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from nnviz import nn
from nnviz.data import datasets, file_spec
from nnviz.data.own import Head, Loaded, Source, head, joined, load
from nnviz.errors import CancelledError, NnvizError
from nnviz.lab.effects import Fit
from nnviz.network import Network, fit_to_data, on_data, trace
from nnviz.registry import Spec

FITS: tuple[Fit, ...] = ("adapt", "keep", "new")

TASKS, HEADERS = ("auto", "classification", "regression"), ("auto", "yes", "no")

STEP, DEFAULT_SHARE = 0.05, 0.2
"""How far a key changes the share of test data, and where from before it is known."""


@dataclass(frozen=True)
class Choices:
    """How a file is to be read, as far as it was chosen. Every choice gives a new value.

    Attributes:
        source: the file, and how to read it.
        ignored: the words by which the columns are named that are left out.
        fit: what becomes of the stack.
    """

    source: Source
    ignored: tuple[str, ...] = ()
    fit: Fit = "adapt"

    def target(self, column: str) -> Choices:
        """With this column as the target."""
        ignored = tuple(name for name in self.ignored if name != column)
        return replace(self, source=replace(self.source, target=column, ignore=joined(ignored)), ignored=ignored)

    def ignore(self, column: str) -> Choices:
        """Without this column, or with it again."""
        others = tuple(name for name in self.ignored if name != column)
        ignored = others if column in self.ignored else (*others, column)
        return replace(self, source=replace(self.source, ignore=joined(ignored)), ignored=ignored)

    def task(self) -> Choices:
        """With the next task: inferred, classification, regression."""
        return self._with(task=_next(TASKS, self.source.task))

    def missing(self) -> Choices:
        """With the rows left out that have a missing cell, or these refused again."""
        return self._with(drop_missing=not self.source.drop_missing)

    def header(self) -> Choices:
        """With a header that is found out, there, or not there; columns are named otherwise then."""
        header = _next(HEADERS, self.source.header)
        return replace(self._with(header=header, target="", ignore=""), ignored=())

    def standardize(self) -> Choices:
        """Standardized, or as the numbers are."""
        return self._with(standardize=not self.source.standardize)

    def share(self, by: int, loaded: Loaded | None) -> Choices:
        """With a larger or smaller share of test data."""
        share = self.source.test_share
        if share is None:
            share = DEFAULT_SHARE if loaded is None else loaded.schema.test_share
        share = round(round(share / STEP + by) * STEP, 2)
        return self._with(test_share=share) if 0 < share < 1 else self

    def stack(self) -> Choices:
        """With the stack adapted, left as it is, or a new one."""
        return replace(self, fit=FITS[(FITS.index(self.fit) + 1) % len(FITS)])

    def _with(self, **changes: object) -> Choices:
        return replace(self, source=replace(self.source, **changes))  # type: ignore[arg-type]


def _next(words: tuple[str, ...], word: str) -> str:
    return words[(words.index(word) + 1) % len(words)]


@dataclass(frozen=True, eq=False)
class Found:
    """What reading a file has given.

    Attributes:
        head: the first rows; None before they are read, and of what is no table.
        loaded: the content; None before it is read, and if it cannot be used as it was chosen.
        data: the data set.
        stacks: what becomes of the stack, for each choice, in words.
        error: why it cannot be used.
    """

    head: Head | None = None
    loaded: Loaded | None = None
    data: Spec | None = None
    stacks: tuple[tuple[Fit, str], ...] = ()
    error: NnvizError | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        if self.loaded is not None:
            return tuple(column.name for column in self.loaded.columns)
        return self.head.names if self.head is not None else ()

    def word(self, at: int) -> str:
        """The word by which a column is named; empty if it cannot be chosen."""
        known = self.names
        if self.head is None or not 0 <= at < len(known):
            return ""
        return known[at] if known.count(known[at]) == 1 else str(at + 1)


def look_into(source: Source, network: Network, begun: Callable[[Found], None]) -> Found:
    """Read a file. This takes as long as the file is.

    Args:
        source: the file.
        network: the network that is to be trained on it.
        begun: called with the first rows once these are read.

    Raises:
        CancelledError: it was cancelled.
    """
    first = Found()
    try:
        first = Found(head(source))
        begun(first)
        data = datasets.check(file_spec(**asdict(source)))
        loaded = load(source)
    except CancelledError:
        raise
    except NnvizError as error:
        return replace(first, error=error)
    return replace(
        first, loaded=loaded, data=data, stacks=tuple((fit, stack_words(network, data, fit)) for fit in FITS)
    )


def stack_words(network: Network, data: Spec, fit: Fit) -> str:
    """What becomes of a stack on other data, in words."""
    if fit == "new":
        layers = [nn.layers.label(spec) for spec in on_data(data).layers]
        return f"a new one: {', '.join(layers)}"
    network, done = network.configure(replace(network.settings, data=data)), list[str]()
    if fit == "adapt":
        network, done = fit_to_data(network)
    error = trace(network).diagnostic
    found = f"adapted: {'; '.join(done)}" if done else "stays as it is"
    if error is not None:
        return f"{found}, with an error: {error.message}"
    return found if done else f"{found}, since it fits"

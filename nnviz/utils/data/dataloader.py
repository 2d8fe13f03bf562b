"""DataLoader: iterates over a data set in batches."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

import numpy as np

from nnviz.arguments import Explained, numbers
from nnviz.autograd.random import source
from nnviz.errors import ArgumentError, NnvizError, OperandError
from nnviz.utils.data.collate import default_collate, default_convert
from nnviz.utils.data.dataset import Dataset, IterableDataset, batch_of, length_of, samples_of
from nnviz.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler

T_co = TypeVar("T_co", covariant=True)

FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")
"""The attributes that cannot be set after the loader is created."""


def get_worker_info() -> None:
    """None, as in PyTorch's main process: a loader has no worker processes."""


class DataLoader(Explained, Generic[T_co]):
    """Iterates over a data set in batches; each iteration is one epoch.

    Samples are loaded in the calling process whatever `num_workers` is, which is fastest for arrays in memory.

    Args:
        dataset: a data set with `__getitem__` and `__len__`, or an IterableDataset.
        batch_size: the number of samples per batch; None yields single samples.
        shuffle: whether to draw a new random order for each epoch.
        sampler: an iterable of the indices of the samples, in order; excludes `shuffle`.
        batch_sampler: an iterable of lists of indices; excludes `batch_size`, `shuffle`, `sampler` and `drop_last`.
        num_workers: accepted for compatibility, without effect. The same holds for `pin_memory`, `timeout`,
            `worker_init_fn`, `multiprocessing_context`, `prefetch_factor`, `persistent_workers`, `pin_memory_device`
            and `in_order`.
        collate_fn: a function from a list of samples to a batch; default `default_collate`.
        drop_last: whether to drop the last batch if it is smaller.
        generator: the random number generator for the order; see `RandomSampler`.

    Raises:
        ArgumentError: arguments exclude each other or are out of bounds.
        OperandError: an argument has the wrong type.
    """

    def __init__(
        self,
        dataset: Dataset[T_co],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[list[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: object = None,
        generator: np.random.Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers)
        _check(isinstance(dataset, IterableDataset), batch_size, shuffle, sampler, batch_sampler, drop_last)
        _check_types(sampler, batch_sampler, collate_fn, generator)
        self.dataset = dataset
        self.num_workers = num_workers
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.prefetch_factor = prefetch_factor
        self.persistent_workers = persistent_workers
        self.in_order = in_order
        self.generator = generator
        self.drop_last = drop_last
        sampler = _order(dataset, bool(shuffle), generator) if sampler is None else sampler
        if batch_sampler is not None:
            batch_size = None
        elif batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.sampler = sampler
        self.batch_size = batch_size
        self.batch_sampler = batch_sampler
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)
        self._made = True

    def __setattr__(self, name: str, value: object) -> None:
        if name in FIXED and hasattr(self, "_made"):
            raise ArgumentError(
                f"{name} attribute should not be set after {type(self).__name__} is initialized", "create a new one"
            )
        super().__setattr__(name, value)

    def __len__(self) -> int:
        if not isinstance(self.dataset, IterableDataset):
            return length_of(self.sampler if self.batch_sampler is None else self.batch_sampler)
        total = length_of(self.dataset)
        if self.batch_size is None:
            return total
        return total // self.batch_size if self.drop_last else -(-total // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        return Batches(self)


class Batches(Iterator[Any]):
    """One iteration over a loader."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        self._loader = loader
        self._indices = iter(loader.sampler if loader.batch_sampler is None else loader.batch_sampler)
        self._stream = iter(loader.dataset) if isinstance(loader.dataset, IterableDataset) else None

    def __len__(self) -> int:
        return len(self._loader)

    def __next__(self) -> Any:
        loader = self._loader
        wanted: Any = next(self._indices)
        if self._stream is not None:
            return loader.collate_fn(self._next_of(self._stream))
        if loader.batch_sampler is None:
            return loader.collate_fn(loader.dataset[wanted])
        if loader.collate_fn is default_collate:
            batch = batch_of(loader.dataset, wanted)
            if batch is not None:
                return batch
        return loader.collate_fn(samples_of(loader.dataset, wanted))

    def _next_of(self, stream: Iterator[Any]) -> Any:
        """The next sample of an IterableDataset, or the list of samples of the next batch."""
        size = self._loader.batch_size
        if size is None:
            return next(stream)
        samples = list(itertools.islice(stream, size))
        if not samples or (self._loader.drop_last and len(samples) < size):
            raise StopIteration
        return samples


def _order(dataset: Dataset[Any], shuffle: bool, generator: np.random.Generator | None) -> Iterable[Any]:
    """The default sampler. An IterableDataset has its own order, so that its indices are not used."""
    if isinstance(dataset, IterableDataset):
        return itertools.repeat(None)
    if shuffle:
        return RandomSampler(dataset, generator=generator)  # type: ignore[arg-type]
    return SequentialSampler(dataset)  # type: ignore[arg-type]


def _check_workers(num_workers: int, timeout: float, prefetch_factor: int | None, persistent_workers: bool) -> None:
    """Check the arguments for worker processes as PyTorch does, although they have no effect."""
    numbers("DataLoader", num_workers=num_workers, timeout=timeout)
    if num_workers < 0:
        raise ArgumentError(
            "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.",
            "omit the argument",
        )
    if timeout < 0:
        raise ArgumentError("timeout option should be non-negative", "omit the argument")
    if num_workers == 0 and prefetch_factor is not None:
        raise ArgumentError(
            "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 to enable "
            "multiprocessing, otherwise set prefetch_factor to None.",
            "omit the argument",
        )
    if prefetch_factor is not None and prefetch_factor < 0:
        raise ArgumentError("prefetch_factor option should be non-negative", "omit the argument")
    if persistent_workers and num_workers == 0:
        raise ArgumentError("persistent_workers option needs num_workers > 0", "omit the argument")


def _check_types(sampler: object, batch_sampler: object, collate_fn: object, generator: object) -> None:
    """Check that the samplers are iterable, `collate_fn` is callable and `generator` is a Generator, if given."""
    for name, value in (("sampler", sampler), ("batch_sampler", batch_sampler)):
        if value is not None and not isinstance(value, Iterable):
            raise OperandError(
                f"'{type(value).__name__}' object is not iterable", f"{name} must yield the indices of samples"
            )
    if collate_fn is not None and not callable(collate_fn):
        raise OperandError(
            f"'{type(collate_fn).__name__}' object is not callable",
            "collate_fn must be a function from a list of samples to a batch",
        )
    if generator is not None:
        source(generator)  # type: ignore[arg-type]


def _check(
    streamed: bool, batch_size: int | None, shuffle: object, sampler: object, batch_sampler: object, drop_last: bool
) -> None:
    """Check that no arguments exclude each other."""
    trouble: NnvizError | None = None
    if streamed:
        given = {"shuffle": shuffle or None, "sampler": sampler, "batch_sampler": batch_sampler}
        for name, value in given.items():
            if value is not None:
                words = f"expected unspecified {name} option, but got {name}={value}"
                trouble = ArgumentError(
                    f"DataLoader with IterableDataset: {words}", "omit it: the data set defines its own order"
                )
                break
    elif sampler is not None and shuffle:
        trouble = ArgumentError("sampler option is mutually exclusive with shuffle", "pass only one of them")
    elif batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
        trouble = ArgumentError(
            "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last",
            "omit them: the batch sampler defines the batches",
        )
    if trouble is None and batch_sampler is None and batch_size is None and drop_last:
        trouble = ArgumentError(
            "batch_size=None option disables auto-batching and is mutually exclusive with drop_last",
            "omit drop_last",
        )
    if trouble is not None:
        raise trouble

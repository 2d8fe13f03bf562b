"""Prepares a data set for training: builds it from its name, splits and standardizes it, all from one seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.data.dataset import Dataset, Inputs, Targets
from nnviz.data.registry import datasets
from nnviz.data.schema import schema_of
from nnviz.data.split import Rows, Standardizer, split_rows
from nnviz.registry import Spec
from nnviz.seeds import stream

LIVE = ("noise", "test_share")
"""The arguments of data sets that can change while a network trains: what it has learned is still about these data."""


def goes_on_with(old: Spec, new: Spec) -> bool:
    """Whether what was learned of the data `old` holds of `new` as well: they differ in arguments of `LIVE` at most."""
    one, other = ({name: value for name, value in spec.arguments if name not in LIVE} for spec in (old, new))
    return old.name == new.name and one == other


@dataclass(frozen=True, eq=False)
class Prepared:
    """A data set split into training and test data, and standardized if its schema says so. The arrays are read-only.

    Args:
        dataset: the whole data set in its original units.
        train_x: the standardized training inputs.
        train_y: the class indices, or the standardized values, of the training samples.
        test_x: the standardized test inputs.
        test_y: the class indices, or the standardized values, of the test samples.
        inputs: maps inputs from their original units to those of `train_x`; fitted to the training data only.
        targets: the same for the values of a regression, so that a mean squared error of 1 is the variance of the
            training values; None for a classification.

    Shape:
        - train_x, test_x: (N, *sample_shape)
        - train_y, test_y: (N,) for a classification, (N, outputs) for a regression
    """

    dataset: Dataset
    train_x: Inputs
    train_y: Targets
    test_x: Inputs
    test_y: Targets
    inputs: Standardizer
    targets: Standardizer | None

    def __post_init__(self) -> None:
        for array in (self.train_x, self.train_y, self.test_x, self.test_y):
            array.setflags(write=False)

    @property
    def nbytes(self) -> int:
        """The bytes of training and test data."""
        return sum(array.nbytes for array in (self.train_x, self.train_y, self.test_x, self.test_y))


def prepare(spec: Spec, seed: int, test_share: float | None = None) -> Prepared:
    """Build a data set, split it and standardize it. The same arguments give the same bytes.

    Args:
        spec: the name of the data set, with its arguments.
        seed: seeds the data and the split, with independent streams.
        test_share: the share of the samples to hold out for testing; default the data set's `test_share`.

    Raises:
        RegistryError: there is no data set of that name.
        ArgumentError: the data set does not accept these arguments.
        DataError: the training or the test data would be empty, the data set does not match its schema, or a file
            has changed since its spec was checked.
    """
    dataset = datasets.build(spec, generator=stream(seed, "data"))
    schema_of(spec).check(dataset)
    share = dataset.test_share if test_share is None else test_share
    train, test = split_rows(dataset, share, stream(seed, "split"))
    inputs, train_x, test_x = _scaled(dataset.inputs, train, test, dataset.standardize)
    if dataset.task == "classification":
        return Prepared(dataset, train_x, dataset.targets[train], test_x, dataset.targets[test], inputs, None)
    given = dataset.targets.astype(np.float32, copy=False)
    values, train_y, test_y = _scaled(given, train, test, dataset.standardize)
    return Prepared(dataset, train_x, train_y, test_x, test_y, inputs, values)


def _scaled(whole: Inputs, train: Rows, test: Rows, standardize: bool) -> tuple[Standardizer, Inputs, Inputs]:
    """The samples of both sides, standardized in place: of large data there is one copy, not three."""
    train_part, test_part = whole[train], whole[test]
    fitted = Standardizer.fit(train_part) if standardize else Standardizer.identity(train_part)
    return fitted, fitted.apply(train_part, out=train_part), fitted.apply(test_part, out=test_part)

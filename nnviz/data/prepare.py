"""From a data set's name to arrays a network can be trained with, the same ones for the same seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.data.dataset import Dataset, Inputs, Targets
from nnviz.data.registry import datasets
from nnviz.data.schema import schema_of
from nnviz.data.split import Standardiser, split
from nnviz.registry import Spec
from nnviz.seeds import stream


@dataclass(frozen=True, eq=False)
class Prepared:
    """A data set split and standardised, ready to train with. The arrays are read-only.

    Args:
        dataset: the whole set in its own units.
        train_x: standardised inputs to train with.
        train_y: their class numbers, or their standardised values.
        test_x: standardised inputs held back.
        test_y: their class numbers, or their standardised values.
        inputs: from a sample's own units to those of `train_x`, fitted on the training side only.
        targets: the same for the values of a regression, so that a mean squared error is a share of their variance;
            None for a classification.

    Shape:
        - train_x, test_x: (N, *sample_shape)
        - train_y, test_y: (N,) for a classification, (N, outputs) for a regression
    """

    dataset: Dataset
    train_x: Inputs
    train_y: Targets
    test_x: Inputs
    test_y: Targets
    inputs: Standardiser
    targets: Standardiser | None

    def __post_init__(self) -> None:
        for array in (self.train_x, self.train_y, self.test_x, self.test_y):
            array.setflags(write=False)


def prepare(spec: Spec, seed: int, test_share: float | None = None) -> Prepared:
    """Build the set `spec` names, split it and standardise it. Same arguments, same bytes.

    Args:
        spec: the data set with its arguments.
        seed: where the numbers of the set and the order of the split come from, each from a stream of its own.
        test_share: the share of samples held back; None is the data set's own.

    Raises:
        RegistryError: no data set is called that.
        ArgumentError: it does not take these arguments.
        DataError: one side of the split would be empty, or the set is not what its schema says.
    """
    dataset = datasets.build(spec, generator=stream(seed, "data"))
    schema_of(spec).check(dataset)
    share = dataset.test_share if test_share is None else test_share
    train, test = split(dataset, share, stream(seed, "split"))
    inputs = Standardiser.fit(train.inputs)
    train_x, test_x = inputs.apply(train.inputs), inputs.apply(test.inputs)
    if dataset.task == "classification":
        return Prepared(dataset, train_x, train.targets, test_x, test.targets, inputs, None)
    train_y, test_y = (side.targets.astype(np.float32, copy=False) for side in (train, test))
    values = Standardiser.fit(train_y)
    return Prepared(dataset, train_x, values.apply(train_y), test_x, values.apply(test_y), inputs, values)

"""The data set of the course that nnviz originates from: random inputs with random labels."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from nnviz.data.dataset import Dataset
from nnviz.data.schema import Schema, data_set
from nnviz.data.split import HeldOut
from nnviz.registry import Bounds


def _schema(features: int, classes: int, samples: int, test_share: float) -> Schema:
    return Schema(
        "lesson",
        samples,
        (features,),
        source="random numbers, as in the course",
        lesson="The labels are random, so nothing generalizes: the network can only memorize, so that the training "
        "loss falls while the test loss rises in the end.",
        features=tuple(f"x{column}" for column in range(1, features + 1)),
        classes=tuple(str(number) for number in range(classes)),
        test_share=test_share,
    )


@data_set("lesson", _schema)
def lesson(
    generator: np.random.Generator,
    features: Annotated[int, Bounds(1, 1_000), "number of features per sample"] = 10,
    classes: Annotated[int, Bounds(2, 1_000), "number of classes"] = 8,
    samples: Annotated[int, Bounds(2, 10_000), "number of samples"] = 80,
    test_share: HeldOut = 0.5,
) -> Dataset:
    """The course's random batch

    Inputs ~ U(0, 1); labels uniform over 0 to `classes` − 1, independent of the inputs.

    Shape:
        inputs (samples, features), targets (samples,).
    """
    inputs = generator.random((samples, features), dtype=np.float32)
    return _schema(features, classes, samples, test_share).dataset(
        inputs, generator.integers(classes, size=samples, dtype=np.int64)
    )

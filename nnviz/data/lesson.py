"""The batch of the course nnviz grew out of: random numbers with random labels."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from nnviz.data.dataset import Dataset
from nnviz.data.schema import Schema, data_set
from nnviz.registry import Bounds


def _schema(features: int, classes: int, samples: int) -> Schema:
    return Schema(
        "lesson",
        samples,
        (features,),
        source="random numbers, as in the course",
        lesson="The labels are random, so there is nothing to generalise: the training loss can fall as far as the "
        "network can memorise, while the test loss only rises in the end.",
        features=tuple(f"x{column}" for column in range(1, features + 1)),
        classes=tuple(str(number) for number in range(classes)),
    )


@data_set("lesson", _schema)
def lesson(
    generator: np.random.Generator,
    features: Annotated[int, Bounds(1, 1_000), "how many numbers a sample has"] = 10,
    classes: Annotated[int, Bounds(2, 1_000), "how many classes the labels are drawn from"] = 8,
    samples: Annotated[int, Bounds(2, 10_000), "how many samples"] = 80,
) -> Dataset:
    """The course's random batch

    Inputs U(0, 1), labels drawn evenly from 0 to `classes` − 1 without a look at the inputs.

    Shape:
        inputs (samples, features), targets (samples,).
    """
    inputs = generator.random((samples, features), dtype=np.float32)
    return _schema(features, classes, samples).dataset(
        inputs, generator.integers(classes, size=samples, dtype=np.int64)
    )

"""From arrays to what a file of data holds, with its schema."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nnviz.data.own.content import content_of
from nnviz.data.own.source import Column, Loaded, Source
from nnviz.data.own.targets import Targets
from nnviz.data.schema import Schema
from nnviz.errors import DataError

TEST_SHARE = 0.2
"""Samples of one's own are limited, so most of them are used for training."""

LESSON = "Your own data: where the loss on test data parts from that on training data, the network begins to memorize."


def loaded(
    source: Source,
    inputs: NDArray[np.float32],
    targets: Targets,
    features: tuple[str, ...],
    columns: tuple[Column, ...],
    notes: tuple[str, ...] = (),
    held_out: int = 0,
) -> Loaded:
    """The content of a file.

    Args:
        source: the file.
        inputs: one sample per row.
        targets: one per sample.
        features: the names of the inputs; empty for images.
        columns: what was made of what.
        notes: what else was decided.
        held_out: how many samples at the end are the test data; 0 holds out a random fifth.

    Raises:
        DataError: there are too few samples to hold some out.
    """
    count = len(inputs)
    if count < 3:
        raise DataError(
            f"{source.name}: expected 3 or more samples, so that some can be held out for testing, got {count}",
            "add rows",
        )
    schema = Schema(
        source.name,
        count,
        inputs.shape[1:],
        f"the file {source.name}",
        LESSON,
        features,
        targets.classes,
        1 if targets.classes else targets.values.shape[1],
        held_out / count if held_out else TEST_SHARE,
        bool(held_out),
    )
    content = content_of(schema, inputs, targets.values)
    return Loaded(schema, inputs, targets.values, columns, notes, content, targets.why)


def as_chosen(found: Loaded, source: Source) -> Loaded:
    """The content of a file with the split and the scaling that were chosen; its arrays are shared.

    Raises:
        DataError: the test share leaves no training or no test samples.
    """
    schema, notes = replace(found.schema, standardize=source.standardize), found.notes
    if source.test_share is not None:
        if schema.test_last:
            notes = ("The file names its test data, but a share of all samples was asked for.",)
        schema = replace(schema, test_share=source.test_share, test_last=False)
    return replace(found, schema=schema, notes=notes)

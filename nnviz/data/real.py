"""Real data sets included in the package. The source and license of each file are in a text file next to it."""

from __future__ import annotations

import csv
from importlib import resources

import numpy as np

from nnviz.data.dataset import Dataset
from nnviz.data.schema import Schema, data_set
from nnviz.data.split import HeldOut

REAL_TEST_SHARE = 0.2
"""Real samples are limited, so most of them are used for training."""


def _digits(test_share: float) -> Schema:
    return Schema(
        "digits",
        1797,
        (1, 8, 8),
        source="Optical Recognition of Handwritten Digits, Alpaydin & Kaynak 1998, UCI Machine Learning Repository, "
        "CC BY 4.0",
        lesson="Ten classes from 64 pixels: see which digits are confused with each other, and which strokes "
        "distinguish them.",
        classes=tuple("0123456789"),
        test_share=test_share,
    )


@data_set("real", _digits)
def digits(test_share: HeldOut = REAL_TEST_SHARE) -> Dataset:
    """1,797 handwritten digits of 8x8 pixels

    The test set of UCI's Optical Recognition of Handwritten Digits (Alpaydin & Kaynak 1998), with the same values in
    the same order as scikit-learn's `load_digits`. Each pixel, from 0 to 1, is the share of ink in a 4x4 block of the
    scanned bitmap.

    Shape:
        inputs (1797, 1, 8, 8), targets (1797,).
    """
    file = resources.files("nnviz.data").joinpath("optdigits.npz")
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
        images, labels = archive["images"], archive["labels"]
    return _digits(test_share).dataset(images[:, None].astype(np.float32) / np.float32(16), labels)


FLOWERS = ("setosa", "versicolor", "virginica")


def _iris(test_share: float) -> Schema:
    return Schema(
        "iris",
        150,
        (4,),
        source="The use of multiple measurements in taxonomic problems, Fisher 1936, measured by E. Anderson, public "
        "domain",
        lesson="One species is apart from the others and learned at once; the other two overlap, and a few flowers "
        "stay on the wrong side.",
        features=("sepal length", "sepal width", "petal length", "petal width"),
        classes=FLOWERS,
        test_share=test_share,
    )


@data_set("real", _iris)
def iris(test_share: HeldOut = REAL_TEST_SHARE) -> Dataset:
    """150 iris flowers of three species, by four lengths

    The table of Fisher (1936), with the same values in the same order as scikit-learn's `load_iris`: sepal length and
    width, petal length and width, in centimeters.

    Shape:
        inputs (150, 4), targets (150,).
    """
    text = resources.files("nnviz.data").joinpath("iris.csv").read_text(encoding="utf-8")
    _, *rows = csv.reader(text.splitlines())
    inputs = np.array([[float(cell) for cell in row[:4]] for row in rows], np.float32)
    return _iris(test_share).dataset(inputs, np.array([FLOWERS.index(row[4]) for row in rows]))

"""Data: toy sets and bundled real sets by name, their split into training and test, and batches."""

from nnviz.data import toys, functions, lesson, real  # isort: skip  # registers the sets, in the order they are offered
from nnviz.data.catalogue import datasets
from nnviz.data.dataset import Dataset
from nnviz.data.prepare import Prepared, batches, prepare
from nnviz.data.split import Standardiser, split

__all__ = [
    "Dataset", "Prepared", "Standardiser", "batches", "datasets", "functions", "lesson", "prepare", "real", "split",
    "toys",
]  # fmt: skip

"""Data sets by name, both generated and bundled; their split into training and test data."""

from nnviz.data import toys, functions, lesson, real  # isort: skip  # registers the data sets, in the order in which forms list them
from nnviz.data.dataset import Dataset
from nnviz.data.prepare import Prepared, prepare
from nnviz.data.registry import datasets
from nnviz.data.schema import Schema, data_set, schema_of
from nnviz.data.split import Standardizer, sides, split

__all__ = [
    "Dataset", "Prepared", "Schema", "Standardizer", "data_set", "datasets", "functions", "lesson",
    "prepare", "real", "schema_of", "sides", "split", "toys",
]  # fmt: skip

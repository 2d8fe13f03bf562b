"""Data sets by name, both generated and bundled; their split into training and test data."""

from nnviz.data import toys, functions, lesson, real, file  # isort: skip  # registers the data sets, in the order in which forms list them
from nnviz.data.dataset import Dataset
from nnviz.data.file import CONTENT, FILE, file_spec, is_data_file, source_of
from nnviz.data.prepare import Prepared, goes_on_with, prepare
from nnviz.data.registry import datasets
from nnviz.data.schema import Schema, data_set, schema_of
from nnviz.data.split import Standardizer, sides, split

__all__ = [
    "CONTENT", "FILE", "Dataset", "Prepared", "Schema", "Standardizer", "data_set", "datasets", "file", "file_spec",
    "functions", "goes_on_with", "is_data_file", "lesson", "prepare", "real", "schema_of", "sides", "source_of",
    "split", "toys",
]  # fmt: skip

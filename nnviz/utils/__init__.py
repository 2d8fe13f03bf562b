"""Utilities: `nnviz.utils.data`, data sets and data loaders."""

from nnviz.names import missing_name
from nnviz.utils import data

__all__ = ["data"]


def __getattr__(name: str) -> object:
    raise missing_name("module 'nnviz.utils'", name, __all__)

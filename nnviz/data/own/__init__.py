"""Data of one's own: CSV, NPZ and IDX files as data sets. Nothing in a file is executed."""

from nnviz.data.own.load import is_data_file, load, watched
from nnviz.data.own.source import Column, Loaded, Source

__all__ = ["Column", "Loaded", "Source", "is_data_file", "load", "watched"]

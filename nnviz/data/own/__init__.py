"""Data of one's own as data sets: CSV, NPZ and IDX files, and folders of images. Nothing in a file is executed."""

from nnviz.data.own.load import load, watched
from nnviz.data.own.rows import read_rows
from nnviz.data.own.source import Column, Loaded, Source

__all__ = ["Column", "Loaded", "Source", "load", "read_rows", "watched"]

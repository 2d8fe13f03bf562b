"""Data of one's own as data sets: CSV, NPZ and IDX files, and folders of images. Nothing in a file is executed."""

from nnviz.data.own.content import difference, refuse_changed
from nnviz.data.own.load import head, is_folder, load, watched
from nnviz.data.own.rows import read_rows
from nnviz.data.own.source import Column, Loaded, Source, joined
from nnviz.data.own.table import Head

__all__ = [
    "Column",
    "Head",
    "Loaded",
    "Source",
    "difference",
    "head",
    "is_folder",
    "joined",
    "load",
    "read_rows",
    "refuse_changed",
    "watched",
]

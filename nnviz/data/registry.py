"""The table every data set registers in: a set is one function, and its signature is its form."""

from __future__ import annotations

from nnviz.data.dataset import Dataset
from nnviz.registry import Registry

datasets: Registry[Dataset] = Registry("data set")
"""Every data set by name. Those that draw random numbers are handed a `generator` by the program."""

"""The registry of data sets. A data set is one function, whose signature defines its form in the program."""

from __future__ import annotations

from nnviz.data.dataset import Dataset
from nnviz.registry import Registry

datasets: Registry[Dataset] = Registry("data set")
"""The data sets by name. Those that draw random numbers have a parameter `generator`, which `prepare` passes."""

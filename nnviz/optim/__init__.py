"""Optimizers and learning-rate schedules under PyTorch's names."""

from typing import Any

from nnviz.errors import MissingNameError
from nnviz.optim import lr_scheduler
from nnviz.optim.optimizer import Optimizer, nearest, optimizers
from nnviz.optim.rules import SGD, Adam, AdamW
from nnviz.optim.scaled import Adadelta, Adagrad, RMSprop

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler", "optimizers"]

INSTEAD = {"Adamax": "Adam", "NAdam": "Adam", "RAdam": "AdamW", "SparseAdam": "Adam", "LBFGS": "Adam", "ASGD": "SGD"}
"""For PyTorch's optimizers that are not here, one that comes near."""


def __getattr__(name: str) -> Any:
    hint = f"use {INSTEAD[name]} instead" if name in INSTEAD else nearest(name, __all__)
    raise MissingNameError(f"module 'nnviz.optim' has no attribute {name!r}", hint)

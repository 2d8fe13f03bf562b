"""Optimizers and learning-rate schedules under PyTorch's names."""

from typing import Any

from nnviz.names import missing_name
from nnviz.optim import lr_scheduler
from nnviz.optim.optimizer import Optimizer, optimizers
from nnviz.optim.rules import SGD, Adam, AdamW
from nnviz.optim.scaled import Adadelta, Adagrad, RMSprop

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler", "optimizers"]


def __getattr__(name: str) -> Any:
    raise missing_name("module 'nnviz.optim'", name, __all__)

"""Optimizers and learning-rate schedules under PyTorch's names."""

from nnviz.names import missing_name
from nnviz.optim import lr_scheduler
from nnviz.optim.optimizer import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop, optimizers

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler", "optimizers"]


def __getattr__(name: str) -> object:
    raise missing_name("module 'nnviz.optim'", name, __all__)

"""Optimizers and learning-rate schedules under PyTorch's names."""

from nnviz.optim import lr_scheduler
from nnviz.optim.optimizer import Optimizer, optimizers
from nnviz.optim.rules import SGD, Adadelta, Adagrad, Adam, AdamW, RMSprop

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler", "optimizers"]

"""Optimizers and learning-rate schedules under PyTorch's names."""

from nnviz.optim import lr_scheduler
from nnviz.optim.optimizer import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop, optimizers

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler", "optimizers"]

"""Optimizers under PyTorch's names."""

from nnviz.optim.optimizer import SGD, Adam, Optimizer, optimizers

__all__ = ["SGD", "Adam", "Optimizer", "optimizers"]

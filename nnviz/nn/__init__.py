"""Layers, activations and losses under PyTorch's names."""

from nnviz.nn import init
from nnviz.nn.activations import Activation, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from nnviz.nn.linear import Dropout, Flatten, Linear
from nnviz.nn.losses import CrossEntropyLoss, Loss, MSELoss
from nnviz.nn.module import Module, Parameter, Sequential, layers, losses

__all__ = [
    "Activation", "CrossEntropyLoss", "Dropout", "Flatten", "LeakyReLU", "Linear", "Loss", "MSELoss", "Module",
    "Parameter", "ReLU", "Sequential", "Sigmoid", "Softmax", "Tanh", "init", "layers", "losses",
]  # fmt: skip

"""Layers, activations and losses under PyTorch's names."""

from nnviz.nn import functional, init, utils
from nnviz.nn.activations import (
    ELU,
    GELU,
    SELU,
    Activation,
    Hardtanh,
    LeakyReLU,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Softsign,
    Tanh,
)
from nnviz.nn.conv import AvgPool2d, Conv2d, MaxPool2d
from nnviz.nn.join import Add, Concat, Join
from nnviz.nn.linear import Dropout, Embedding, Flatten, Identity, Linear
from nnviz.nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HingeEmbeddingLoss,
    HuberLoss,
    L1Loss,
    Loss,
    MSELoss,
    NLLLoss,
    losses,
)
from nnviz.nn.module import Buffer, Module, Parameter, Sequential, layers
from nnviz.nn.norm import BatchNorm1d, BatchNorm2d, LayerNorm

__all__ = [
    "ELU", "GELU", "SELU", "Activation", "Add", "AvgPool2d", "BCELoss", "BCEWithLogitsLoss", "BatchNorm1d",
    "BatchNorm2d", "Buffer", "Concat", "Conv2d", "CrossEntropyLoss", "Dropout", "Embedding", "Flatten", "Hardtanh",
    "HingeEmbeddingLoss", "HuberLoss", "Identity", "Join", "L1Loss", "LayerNorm", "LeakyReLU", "Linear", "LogSoftmax",
    "Loss", "MSELoss", "MaxPool2d", "Mish", "Module", "NLLLoss", "PReLU", "Parameter", "ReLU", "Sequential", "SiLU",
    "Sigmoid", "Softmax", "Softplus", "Softsign", "Tanh", "functional", "init", "layers", "losses", "utils",
]  # fmt: skip

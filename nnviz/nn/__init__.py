"""Layers, activations and losses under PyTorch's names."""

from nnviz.nn import functional, init, utils
from nnviz.nn.activations import (
    ELU,
    GELU,
    SELU,
    Activation,
    Hardtanh,
    LeakyReLU,
    Mish,
    PReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Softsign,
    Tanh,
)
from nnviz.nn.along import LogSoftmax, Softmax
from nnviz.nn.conv import Conv1d, Conv2d
from nnviz.nn.downsampling import AdaptiveAvgPool1d, AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from nnviz.nn.join import Add, Concat, Join
from nnviz.nn.linear import Dropout, Dropout2d, Embedding, Flatten, Identity, Linear, Unflatten
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
from nnviz.nn.more_activations import CELU, Hardsigmoid, Hardswish, LogSigmoid, ReLU6, Softmax2d, Softmin
from nnviz.nn.more_losses import KLDivLoss, SmoothL1Loss
from nnviz.nn.norm import BatchNorm1d, BatchNorm2d, LayerNorm

__all__ = [
    "CELU", "ELU", "GELU", "SELU", "Activation", "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "Add", "AvgPool1d",
    "AvgPool2d", "BCELoss", "BCEWithLogitsLoss", "BatchNorm1d", "BatchNorm2d", "Buffer", "Concat", "Conv1d", "Conv2d",
    "CrossEntropyLoss", "Dropout", "Dropout2d", "Embedding", "Flatten", "Hardsigmoid", "Hardswish", "Hardtanh",
    "HingeEmbeddingLoss", "HuberLoss", "Identity", "Join", "KLDivLoss", "L1Loss", "LayerNorm", "LeakyReLU", "Linear",
    "LogSigmoid", "LogSoftmax", "Loss", "MSELoss", "MaxPool1d", "MaxPool2d", "Mish", "Module", "NLLLoss", "PReLU",
    "Parameter", "ReLU", "ReLU6", "Sequential", "SiLU", "Sigmoid", "SmoothL1Loss", "Softmax", "Softmax2d", "Softmin",
    "Softplus", "Softsign", "Tanh", "Unflatten", "functional", "init", "layers", "losses", "utils",
]  # fmt: skip

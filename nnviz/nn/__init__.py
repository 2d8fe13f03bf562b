"""Layers, activations and losses under PyTorch's names."""

from types import ModuleType
from typing import TYPE_CHECKING

from nnviz.names import missing_name
from nnviz.nn import functional, init, usual, utils
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
from nnviz.nn.containers import ModuleDict, ModuleList, Sequential
from nnviz.nn.conv import Conv1d, Conv2d
from nnviz.nn.downsampling import AdaptiveAvgPool1d, AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from nnviz.nn.facts import Facts, Range, Share
from nnviz.nn.join import Add, Concat, Join
from nnviz.nn.linear import Dropout, Dropout2d, Embedding, Flatten, Identity, Linear, Random, Unflatten
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
    loss_class,
    losses,
)
from nnviz.nn.module import Module, facts_of, layer_class, layers
from nnviz.nn.more_activations import CELU, Hardsigmoid, Hardswish, LogSigmoid, ReLU6, Softmax2d, Softmin
from nnviz.nn.more_losses import KLDivLoss, SmoothL1Loss
from nnviz.nn.norm import BatchNorm1d, BatchNorm2d, LayerNorm
from nnviz.nn.parameter import Buffer, Parameter
from nnviz.nn.parameters import ParameterDict, ParameterList

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "Add",
    "AvgPool1d",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "Buffer",
    "Concat",
    "Conv1d",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Dropout2d",
    "Embedding",
    "Facts",
    "Flatten",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "Identity",
    "Join",
    "KLDivLoss",
    "L1Loss",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "Loss",
    "MSELoss",
    "MaxPool1d",
    "MaxPool2d",
    "Mish",
    "Module",
    "ModuleDict",
    "ModuleList",
    "NLLLoss",
    "PReLU",
    "Parameter",
    "ParameterDict",
    "ParameterList",
    "Random",
    "Range",
    "ReLU",
    "ReLU6",
    "Sequential",
    "Share",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softsign",
    "Tanh",
    "Unflatten",
    "facts_of",
    "functional",
    "init",
    "layer_class",
    "layers",
    "loss_class",
    "losses",
    "usual",
    "utils",
]  # fmt: skip

# The modules are not names of the package: nn.linear is a typo for nn.Linear, and is reported as one.
for _name, _value in tuple(globals().items()):
    if isinstance(_value, ModuleType) and _name not in __all__:
        del globals()[_name]
del _name, _value

if not TYPE_CHECKING:  # which would accept every name
    _OTHERWISE = "write it yourself, from the operations on tensors"

    def __getattr__(name: str) -> object:
        raise missing_name("module 'nnviz.nn'", name, __all__, _OTHERWISE)

    def _no_such_function(name: str) -> object:
        raise missing_name("module 'nnviz.nn.functional'", name, functional.__all__, _OTHERWISE)

    functional.__getattr__ = _no_such_function

"""Layers, activations and losses under PyTorch's names."""

from types import ModuleType
from typing import TYPE_CHECKING

from nnviz.nn import functional, init, utils
from nnviz.nn.absent import no_such_part
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
from nnviz.nn.containers import ModuleDict, ModuleList, Sequential
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
from nnviz.nn.module import Module, layers
from nnviz.nn.norm import BatchNorm1d, BatchNorm2d, LayerNorm
from nnviz.nn.parameter import Buffer, Parameter
from nnviz.nn.parameters import ParameterDict, ParameterList

__all__ = [
    "ELU", "GELU", "SELU", "Activation", "Add", "AvgPool2d", "BCELoss", "BCEWithLogitsLoss", "BatchNorm1d",
    "BatchNorm2d", "Buffer", "Concat", "Conv2d", "CrossEntropyLoss", "Dropout", "Embedding", "Flatten", "Hardtanh",
    "HingeEmbeddingLoss", "HuberLoss", "Identity", "Join", "L1Loss", "LayerNorm", "LeakyReLU", "Linear", "LogSoftmax",
    "Loss", "MSELoss", "MaxPool2d", "Mish", "Module", "ModuleDict", "ModuleList", "NLLLoss", "PReLU", "Parameter",
    "ParameterDict", "ParameterList", "ReLU", "Sequential", "SiLU", "Sigmoid", "Softmax", "Softplus", "Softsign",
    "Tanh", "functional", "init", "layers", "losses", "utils",
]  # fmt: skip

# The files are no names of the package: nn.linear is a slip for nn.Linear, and is answered as one.
for _name, _value in tuple(globals().items()):
    if isinstance(_value, ModuleType) and _name not in __all__:
        del globals()[_name]
del _name, _value

if not TYPE_CHECKING:  # which would take every name to be there

    def _functions() -> list[str]:
        held = vars(functional)
        return held.get("__all__") or [one for one in held if one[0].islower() and callable(held[one])]

    def __getattr__(name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(f"module 'nnviz.nn' has no attribute '{name}'")
        raise no_such_part("nnviz.nn", name, __all__, "nn.functional", _functions())

    def _no_such_function(name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(f"module 'nnviz.nn.functional' has no attribute '{name}'")
        raise no_such_part("nnviz.nn.functional", name, _functions(), "nn", __all__)

    functional.__getattr__ = _no_such_function

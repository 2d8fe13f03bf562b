"""Names that are not there: the nearest one, or what to use instead."""

from __future__ import annotations

import importlib

import pytest

from nnviz import nn
from nnviz.errors import MissingNameError

SLIPS = {
    "linear": "Linear", "LINEAR": "Linear", "Lin": "Linear", "Linaer": "Linear", "conv2d": "Conv2d", "Conv2D": "Conv2d", "conv": "Conv2d",
    "Relu": "ReLU", "relu": "ReLU", "leaky_relu": "LeakyReLU", "Leaky_ReLU": "LeakyReLU", "Gelu": "GELU", "Swish": "SiLU",
    "dropout": "Dropout", "DropOut": "Dropout", "module": "Module", "parameter": "Parameter", "sequential": "Sequential",
    "Sequental": "Sequential", "MaxPooling2D": "MaxPool2d", "maxpool2d": "MaxPool2d", "BatchNorm": "BatchNorm2d", "norm": "LayerNorm",
    "Batchnorm1d": "BatchNorm1d", "Flaten": "Flatten", "Embeding": "Embedding", "Dense": "Linear", "MSE": "MSELoss", "mse_loss": "MSELoss",
    "CrossEntropy": "CrossEntropyLoss", "cross_entropy": "CrossEntropyLoss", "CrossEntropyloss": "CrossEntropyLoss", "L1": "L1Loss",
    "BCEWithLogits": "BCEWithLogitsLoss", "ModuleLst": "ModuleList", "softmax": "Softmax", "Functional": "functional", "Init": "init",
}  # fmt: skip


@pytest.mark.parametrize(("slip", "meant"), SLIPS.items())
def test_a_slip_is_told_the_name_that_was_meant(slip: str, meant: str) -> None:
    with pytest.raises(MissingNameError) as caught:
        getattr(nn, slip)
    assert str(caught.value) == f"module 'nnviz.nn' has no attribute '{slip}'\nhelp: did you mean {meant}?"
    assert hasattr(nn, meant)


INSTEAD = {
    "LSTM": "in a loop in forward", "lstm": "in a loop in forward", "GRUCell": "in a loop in forward", "RNN": "in a loop in forward",
    "LazyLinear": "in_features", "MultiheadAttention": "softmax", "TransformerEncoderLayer": "softmax", "DataParallel": "omit it",
    "modules": "nn directly", "tensor": "nnviz.tensor", "optim": "nnviz.optim", "no_grad": "nnviz.no_grad", "SGD": "nnviz.optim",
    "frobnicate": "write it yourself", "xyz": "write it yourself", "nll_losss": "did you mean NLLLoss?",
}  # fmt: skip


@pytest.mark.parametrize(("name", "words"), INSTEAD.items())
def test_what_is_absent_says_what_to_use(name: str, words: str) -> None:
    with pytest.raises(MissingNameError) as caught:
        getattr(nn, name)
    assert caught.value.message == f"module 'nnviz.nn' has no attribute '{name}'"
    assert words in caught.value.hint


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Flatten", "nn.Flatten"),
        ("exp", "nnviz.exp"),
        ("conv_transpose2d", "Linear"),
        ("lstm", "loop"),
        ("frobnicate", "yourself"),
    ],
)
def test_what_is_no_function_says_what_to_use(name: str, words: str) -> None:
    with pytest.raises(MissingNameError, match=f"module 'nnviz.nn.functional' has no attribute '{name}'") as caught:
        getattr(nn.functional, name)
    assert words in caught.value.hint


def test_the_lessons_own_slip() -> None:
    with pytest.raises(AttributeError, match="did you mean Linear"):
        nn.linear(5, 8)


@pytest.mark.parametrize(
    ("room", "slip", "meant"),
    [
        ("init", "xavier_uniform", "xavier_uniform_"), ("init", "normal", "normal_"), ("init", "kaiming_normal", "kaiming_normal_"),
        ("init", "constant", "constant_"), ("init", "xavier_unifrom_", "xavier_uniform_"), ("init", "orthogonal", "orthogonal_"),
        ("functional", "Relu", "relu"), ("functional", "crossentropy", "cross_entropy"),
        ("functional", "mse", "mse_loss"), ("functional", "MSELoss", "mse_loss"), ("functional", "maxpool2d", "max_pool2d"), ("functional", "bce", "binary_cross_entropy"),
        ("functional", "droput", "dropout"), ("functional", "Softmax", "softmax"), ("functional", "bce_with_logits", "binary_cross_entropy_with_logits"),
        ("utils", "clip_grad_norm", "clip_grad_norm_"), ("utils", "clip_gradient_norm_", "clip_grad_norm_"),
        ("utils", "clip_grad_value", "clip_grad_value_"), ("utils", "vector_to_params", "vector_to_parameters"),
    ],
)  # fmt: skip
def test_slips_in_the_other_rooms(room: str, slip: str, meant: str) -> None:
    with pytest.raises(MissingNameError, match=f"module 'nnviz.nn.{room}' has no attribute '{slip}'") as caught:
        getattr(getattr(nn, room), slip)
    assert caught.value.hint == f"did you mean {meant}?"


@pytest.mark.parametrize("name", nn.__all__)
def test_what_is_listed_is_there(name: str) -> None:
    assert getattr(nn, name) is not None


def test_files_are_imported_under_their_names_all_the_same() -> None:
    assert importlib.import_module("nnviz.nn.linear").Linear is nn.Linear
    from nnviz.nn import module
    from nnviz.nn.parameter import Parameter

    assert module.Module is nn.Module
    assert Parameter is nn.Parameter

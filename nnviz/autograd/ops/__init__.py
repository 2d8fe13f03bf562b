"""The table of operations; importing it enters every one into `operations`."""

from nnviz.autograd.ops.elementwise import add, div, exp, leaky_relu, log, mul, neg, relu, sigmoid, square, sub, tanh
from nnviz.autograd.ops.matrix import matmul, reshape, transpose
from nnviz.autograd.ops.reduce import log_softmax, mean, nll, softmax, sum

__all__ = [
    "add", "div", "exp", "leaky_relu", "log", "log_softmax", "matmul", "mean", "mul", "neg", "nll", "relu", "reshape",
    "sigmoid", "softmax", "square", "sub", "sum", "tanh", "transpose",
]  # fmt: skip

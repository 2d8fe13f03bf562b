"""The table of operations; importing it enters every one into `operations`."""

from nnviz.autograd.ops.bends import (
    elu,
    gelu,
    gelu_tanh,
    hardtanh,
    leaky_relu,
    log_sigmoid,
    mish,
    prelu,
    relu,
    selu,
    sigmoid,
    silu,
    softplus,
    softsign,
    tanh,
)
from nnviz.autograd.ops.drop import dropout
from nnviz.autograd.ops.elementwise import (
    abs,
    add,
    clamp,
    cos,
    div,
    exp,
    log,
    mul,
    neg,
    pow,
    sin,
    sqrt,
    square,
    sub,
    where,
)
from nnviz.autograd.ops.fused import cross_entropy, linear
from nnviz.autograd.ops.image import avg_pool2d, conv2d, max_pool2d
from nnviz.autograd.ops.losses import bce, bce_with_logits, hinge, huber, nll, one_hot, xlogx
from nnviz.autograd.ops.matrix import matmul
from nnviz.autograd.ops.moves import cat, clone, embedding, expand, index, permute, reshape, stack, to, transpose
from nnviz.autograd.ops.norm import standardise
from nnviz.autograd.ops.pad import pad
from nnviz.autograd.ops.reduce import log_softmax, logsumexp, max, mean, min, softmax, std, sum, var

__all__ = [
    "abs", "add", "avg_pool2d", "bce", "bce_with_logits", "cat", "clamp", "clone", "conv2d", "cos", "cross_entropy",
    "div", "dropout", "elu", "embedding", "exp", "expand", "gelu", "gelu_tanh", "hardtanh", "hinge", "huber", "index",
    "leaky_relu", "linear", "log", "log_sigmoid", "log_softmax", "logsumexp", "matmul", "max", "max_pool2d", "mean",
    "min", "mish", "mul", "neg", "nll", "one_hot", "pad", "permute", "pow", "prelu", "relu", "reshape", "selu",
    "sigmoid", "silu", "sin", "softmax", "softplus", "softsign", "sqrt", "square", "stack", "standardise", "std",
    "sub", "sum", "tanh", "to", "transpose", "var", "where", "xlogx",
]  # fmt: skip

"""The table of operations; importing it adds all of them to `operations`."""

from nnviz.autograd.ops.activation import (
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
from nnviz.autograd.ops.dropout import dropout
from nnviz.autograd.ops.einsum import einsum, einsum_one
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
from nnviz.autograd.ops.indexing import copy_slices, index, overwrite, put, take
from nnviz.autograd.ops.losses import bce, bce_with_logits, hinge, huber, nll, one_hot, xlogx
from nnviz.autograd.ops.matmul import matmul
from nnviz.autograd.ops.normalize import normalize
from nnviz.autograd.ops.pad import pad
from nnviz.autograd.ops.picking import gather, index_select, scatter, scatter_add
from nnviz.autograd.ops.pointwise import (
    acos,
    asin,
    atan,
    ceil,
    clip_at,
    cosh,
    exp2,
    expm1,
    floor,
    floor_divide,
    fmod,
    log1p,
    log2,
    log10,
    maximum,
    minimum,
    reciprocal,
    remainder,
    round,
    rsqrt,
    sign,
    sinh,
    tan,
    trunc,
    trunc_divide,
)
from nnviz.autograd.ops.rearrange import diagonal, diagonal_matrix, flip, repeat, roll, tril, triu
from nnviz.autograd.ops.reduce import log_softmax, logsumexp, max, mean, min, softmax, std, sum, var
from nnviz.autograd.ops.scan import amax, amin, cumprod, cumsum, norm, prod
from nnviz.autograd.ops.shape import cat, clone, embedding, expand, permute, reshape, stack, to, transpose

"""The methods of a tensor that do not concern its history: functions of the other modules, under the same names.

They have a class of their own, so that names such as `int` and `bool` keep their meaning in the class `Tensor`.
"""

from __future__ import annotations

import builtins
from typing import Any

from nnviz.autograd import arithmetic as a
from nnviz.autograd import comparison as c
from nnviz.autograd import convert, create, linalg, sampling
from nnviz.autograd import pointwise as p
from nnviz.autograd import reductions as r
from nnviz.autograd import selecting as s
from nnviz.autograd import shapes as sh


class Methods:
    """The functions that `Tensor` has as methods."""

    __slots__ = ()

    # Arithmetic.
    __floordiv__ = floor_divide = a.floor_divide
    __rfloordiv__ = a.rfloor_divide
    __mod__ = remainder = a.remainder
    __rmod__ = a.rremainder
    __divmod__ = __rdivmod__ = a.no_divmod
    __pos__ = positive = a.positive
    __abs__ = absolute = p.abs
    __round__ = p.rounded
    subtract, multiply, divide, true_divide, negative = a.sub, a.mul, a.div, a.div, a.neg
    fmod, lerp, addcmul, addcdiv = a.fmod, a.lerp, a.addcmul, a.addcdiv
    maximum, minimum = a.maximum, a.minimum
    clip, clamp_min, clamp_max = a.clamp, a.clamp_min, a.clamp_max
    exp2, expm1, log1p, log2, log10 = p.exp2, p.expm1, p.log1p, p.log2, p.log10
    rsqrt, reciprocal = p.rsqrt, p.reciprocal
    tan, asin, acos, atan, sinh, cosh = p.tan, p.asin, p.acos, p.atan, p.sinh, p.cosh
    arcsin, arccos, arctan = p.asin, p.acos, p.atan
    floor, ceil, trunc, fix, frac, round, sign = p.floor, p.ceil, p.trunc, p.trunc, p.frac, p.round, p.sign

    # Comparisons and masks.
    greater, greater_equal, less, less_equal, not_equal = c.gt, c.ge, c.lt, c.le, c.ne
    equal, allclose, isclose = c.equal, c.allclose, c.isclose
    isnan, isinf, isfinite = c.isnan, c.isinf, c.isfinite
    all, any, count_nonzero = c.all, c.any, c.count_nonzero
    logical_and, logical_or, logical_xor, logical_not = c.logical_and, c.logical_or, c.logical_xor, c.logical_not
    bitwise_and, bitwise_or, bitwise_xor, bitwise_not = c.mask_and, c.mask_or, c.mask_xor, c.mask_not

    # Reductions.
    prod, cumsum, cumprod, norm = r.prod, r.cumsum, r.cumprod, r.norm
    argmin, amax, amin, aminmax = r.argmin, r.amax, r.amin, r.aminmax
    nansum, nanmean = r.nansum, r.nanmean

    # Products.
    mm, bmm, mv, dot, outer, ger, inner, vdot = (
        linalg.mm, linalg.bmm, linalg.mv, linalg.dot, linalg.outer, linalg.outer, linalg.inner, linalg.dot,
    )  # fmt: skip
    addmm, addmv, baddbmm = linalg.addmm, linalg.addmv, linalg.baddbmm
    diag, diag_embed, diagonal, trace = linalg.diag, linalg.diag_embed, linalg.diagonal, linalg.trace
    tril, triu = linalg.tril, linalg.triu

    # Shapes.
    t, view_as, reshape_as, expand_as, broadcast_to = sh.t, sh.view_as, sh.reshape_as, sh.expand_as, sh.broadcast_to
    mT = property(sh.matrix_transposed)  # noqa: N815 (PyTorch's name)
    ravel, unflatten, movedim, moveaxis = sh.ravel, sh.unflatten, sh.movedim, sh.movedim
    swapaxes = swapdims = sh.transpose
    flip, fliplr, flipud, roll, repeat, tile = sh.flip, sh.fliplr, sh.flipud, sh.roll, sh.repeat, sh.tile
    narrow, select, unbind, split, chunk = sh.narrow, sh.select, sh.unbind, sh.split, sh.chunk
    contiguous, is_contiguous = sh.contiguous, sh.is_contiguous

    # Selection.
    gather, take, take_along_dim, index_select = s.gather, s.take, s.take_along_dim, s.index_select
    scatter, scatter_add = s.scatter, s.scatter_add
    where = s.chosen_where
    masked_fill, masked_select = s.masked_fill, s.masked_select
    sort, argsort, topk, kthvalue = s.sort, s.argsort, s.topk, s.kthvalue
    median, nanmedian, quantile = s.median, s.nanmedian, s.quantile
    nonzero, argwhere, unique, bincount, histc = s.nonzero, s.argwhere, s.unique, s.bincount, s.histc
    repeat_interleave = s.repeat_interleave

    # Dtypes and devices.
    half, short, char, byte = convert.half, convert.short, convert.char, convert.byte
    int, bool = convert.int_, convert.bool_
    type, type_as = convert.type_, convert.type_as
    cpu, cuda, device = convert.cpu, convert.cuda, property(convert.device_of)
    is_cuda = False
    is_floating_point = convert.is_floating_point
    element_size, stride = convert.element_size, convert.stride
    nelement = convert.numel
    itemsize, nbytes = property(convert.element_size), property(convert.bytes_of)

    # Conversion to a number and to text.
    __index__ = convert.as_index
    __complex__ = convert.no_complex
    __format__ = convert.formatted
    __contains__ = c.contains

    # New tensors like it.
    new_zeros, new_empty, new_ones, new_full = create.new_zeros, create.new_zeros, create.new_ones, create.new_full
    new_tensor = create.new_tensor
    bernoulli, multinomial = sampling.bernoulli, sampling.multinomial

    def ndimension(self: Any) -> builtins.int:
        """The number of dimensions."""
        return builtins.int(self.ndim)

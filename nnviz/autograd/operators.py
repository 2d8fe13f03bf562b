"""The operators of a tensor, the methods of the same names, and those that work in place."""

from __future__ import annotations

from typing import Any

from nnviz.autograd import functions, indexing, inplace, types
from nnviz.autograd.inplace import in_place


class Operators:
    """Arithmetic, comparison, square brackets, and the commonest functions as methods."""

    __slots__ = ()

    __add__ = __radd__ = add = functions.add
    __sub__ = sub = functions.sub
    __rsub__ = functions.rsub
    __mul__ = mul = functions.mul

    def __rmul__(self: Any, other: Any) -> Any:
        # Python repeats a list, a tuple or a string; it reads the number by __index__.
        return NotImplemented if isinstance(other, list | tuple | str | bytes) else functions.mul(self, other)

    __truediv__ = div = functions.div
    __rtruediv__ = functions.rdiv
    __pow__ = pow = functions.pow
    __rpow__ = functions.rpow
    __neg__ = neg = functions.neg
    __matmul__ = matmul = functions.matmul
    __and__ = __rand__ = functions.mask_and
    __or__ = __ror__ = functions.mask_or
    __xor__ = __rxor__ = functions.mask_xor
    __invert__ = functions.mask_not
    __getitem__ = indexing.getitem

    # As in PyTorch, == compares element by element, and a tensor is hashed by its identity.
    def __eq__(self: Any, other: Any) -> Any:
        return functions.eq(self, other) if types.comparable(other) else NotImplemented

    def __ne__(self: Any, other: Any) -> Any:
        return functions.ne(self, other) if types.comparable(other) else NotImplemented

    __hash__ = object.__hash__
    eq, ne = functions.eq, functions.ne
    __lt__ = lt = functions.lt
    __le__ = le = functions.le
    __gt__ = gt = functions.gt
    __ge__ = ge = functions.ge

    exp, log, sqrt, sin, cos = functions.exp, functions.log, functions.sqrt, functions.sin, functions.cos
    abs, square, clamp = functions.abs, functions.square, functions.clamp
    sigmoid, tanh, relu = functions.sigmoid, functions.tanh, functions.relu
    softmax, log_softmax, logsumexp = functions.softmax, functions.log_softmax, functions.logsumexp
    sum, mean, var, std = functions.sum, functions.mean, functions.var, functions.std
    max, min, argmax = functions.max, functions.min, functions.argmax
    reshape, view = functions.reshape, functions.view
    transpose, permute, expand, flatten = functions.transpose, functions.permute, functions.expand, functions.flatten
    squeeze, unsqueeze = functions.squeeze, functions.unsqueeze
    clone, to, double, float, long = functions.clone, functions.to, functions.double, functions.float_, functions.long


class InPlace:
    """In-place operations: methods that end in an underscore, and augmented assignment."""

    __slots__ = ()

    __setitem__ = inplace.setitem
    __iadd__ = add_ = in_place(functions.add)
    __isub__ = sub_ = in_place(functions.sub)
    __imul__ = mul_ = in_place(functions.mul)
    __itruediv__ = div_ = in_place(functions.div)
    __ipow__ = pow_ = in_place(functions.pow)
    __ifloordiv__ = floor_divide_ = in_place(functions.floor_divide)
    __imod__ = remainder_ = in_place(functions.remainder)
    __iand__ = in_place(functions.mask_and)
    __ior__ = in_place(functions.mask_or)
    __ixor__ = in_place(functions.mask_xor)
    fmod_, lerp_ = in_place(functions.fmod), in_place(functions.lerp)
    addcmul_, addcdiv_ = in_place(functions.addcmul), in_place(functions.addcdiv)
    clamp_ = in_place(functions.clamp)
    clamp_min_, clamp_max_ = in_place(functions.clamp_min), in_place(functions.clamp_max)
    scatter_, scatter_add_ = in_place(functions.scatter), in_place(functions.scatter_add)
    neg_, abs_, sign_ = in_place(functions.neg), in_place(functions.abs), in_place(functions.sign)
    exp_, expm1_ = in_place(functions.exp), in_place(functions.expm1)
    log_, log1p_ = in_place(functions.log), in_place(functions.log1p)
    sqrt_, rsqrt_, square_ = in_place(functions.sqrt), in_place(functions.rsqrt), in_place(functions.square)
    reciprocal_ = in_place(functions.reciprocal)
    sin_, cos_ = in_place(functions.sin), in_place(functions.cos)
    floor_, ceil_, trunc_ = in_place(functions.floor), in_place(functions.ceil), in_place(functions.trunc)
    round_ = in_place(functions.round)
    sigmoid_, tanh_, relu_ = in_place(functions.sigmoid), in_place(functions.tanh), in_place(functions.relu)
    fill_, zero_, copy_ = inplace.fill_, inplace.zero_, inplace.copy_
    masked_fill_ = in_place(functions.masked_fill)
    normal_, uniform_ = inplace.normal_, inplace.uniform_
    bernoulli_ = inplace.bernoulli_

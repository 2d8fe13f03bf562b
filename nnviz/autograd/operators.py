"""The operators of a tensor, the methods of the same names, and those that work in place."""

from __future__ import annotations

from typing import Any

from nnviz.autograd import functions, indexing, inplace, types


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
    __iadd__ = add_ = inplace.add_
    __isub__ = sub_ = inplace.sub_
    __imul__ = mul_ = inplace.mul_
    __itruediv__ = div_ = inplace.div_
    __ipow__ = pow_ = inplace.pow_
    __ifloordiv__ = floor_divide_ = inplace.floor_divide_
    __imod__ = remainder_ = inplace.remainder_
    fmod_, clamp_min_, clamp_max_ = inplace.fmod_, inplace.clamp_min_, inplace.clamp_max_
    addcmul_, addcdiv_, lerp_ = inplace.addcmul_, inplace.addcdiv_, inplace.lerp_
    scatter_, scatter_add_ = inplace.scatter_, inplace.scatter_add_
    floor_, ceil_, round_, trunc_, sign_ = (
        inplace.floor_, inplace.ceil_, inplace.round_, inplace.trunc_, inplace.sign_,
    )  # fmt: skip
    reciprocal_, rsqrt_, log1p_, expm1_ = inplace.reciprocal_, inplace.rsqrt_, inplace.log1p_, inplace.expm1_
    __iand__, __ior__, __ixor__ = inplace.and_, inplace.or_, inplace.xor_
    neg_, abs_, exp_, log_, sqrt_ = inplace.neg_, inplace.abs_, inplace.exp_, inplace.log_, inplace.sqrt_
    square_, sin_, cos_ = inplace.square_, inplace.sin_, inplace.cos_
    sigmoid_, tanh_, relu_ = inplace.sigmoid_, inplace.tanh_, inplace.relu_
    clamp_, fill_, zero_, copy_ = inplace.clamp_, inplace.fill_, inplace.zero_, inplace.copy_
    masked_fill_, normal_, uniform_ = inplace.masked_fill_, inplace.normal_, inplace.uniform_
    bernoulli_ = inplace.bernoulli_

"""Products of vectors and matrices, and parts of matrices, under PyTorch's names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nnviz.autograd.tensor as core
from nnviz.autograd import ops
from nnviz.autograd.arithmetic import add, mul
from nnviz.autograd.ops.einsum import parsed
from nnviz.autograd.shapes import reshape
from nnviz.autograd.types import only_tensors, type_name
from nnviz.errors import DtypeError, OperandError, OperationError

__all__ = [
    "addmm", "addmv", "baddbmm", "bmm", "diag", "diag_embed", "diagonal", "dot", "einsum", "ger", "inner", "matmul",
    "mm", "mv", "outer", "tensordot", "trace", "tril", "triu", "vdot",
]  # fmt: skip


def matmul(input: core.Tensor, other: core.Tensor) -> core.Tensor:
    """The matrix product; dimensions before the last two broadcast.

    Raises:
        ShapeError: the inner sizes differ.
        DtypeError: the dtypes differ.
        OperandError: one of them is not a tensor.
    """
    if not isinstance(other, core.Tensor) or not isinstance(input, core.Tensor):
        only_tensors("matmul", (input, other))
    if input.array.dtype is not other.array.dtype and input.dtype != other.dtype:
        raise DtypeError(
            f"mat1 and mat2 must have the same dtype, but got {type_name(input.dtype)} and {type_name(other.dtype)}",
            "call .float() or .double() on one of them, or on the model",
        )
    return ops.matmul(input, other)


def _of_sizes(name: str, given: Sequence[core.Tensor], *dims: int) -> None:
    """Check the numbers of dimensions of the arguments.

    Raises:
        OperationError: one of them differs.
    """
    only_tensors(name, given)
    for position, (tensor, ndim) in enumerate(zip(given, dims, strict=True), 1):
        if tensor.ndim != ndim:
            raise OperationError(
                f"{name}: argument {position} must be a {ndim}-D tensor, but it is {tensor.ndim}-D",
                "matmul() takes any number of dimensions",
            )


def mm(input: core.Tensor, mat2: core.Tensor) -> core.Tensor:
    """The product of two matrices."""
    _of_sizes("mm", (input, mat2), 2, 2)
    return matmul(input, mat2)


def bmm(input: core.Tensor, mat2: core.Tensor) -> core.Tensor:
    """The products of a batch of matrices with another batch of the same size."""
    _of_sizes("bmm", (input, mat2), 3, 3)
    if input.shape[0] != mat2.shape[0]:
        raise OperationError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{input.shape[0]}, {input.shape[2]}] but "
            f"got: [{mat2.shape[0]}, {mat2.shape[1]}].",
            "matmul() broadcasts",
        )
    return matmul(input, mat2)


def mv(input: core.Tensor, vec: core.Tensor) -> core.Tensor:
    """The product of a matrix and a vector."""
    _of_sizes("mv", (input, vec), 2, 1)
    return matmul(input, vec)


def dot(input: core.Tensor, tensor: core.Tensor) -> core.Tensor:
    """Σ aᵢ bᵢ of two vectors."""
    only_tensors("dot", (input, tensor))
    if input.ndim != 1 or tensor.ndim != 1:
        raise OperationError(
            f"1D tensors expected, but got {input.ndim}D and {tensor.ndim}D tensors", "flatten() makes a vector"
        )
    if input.shape != tensor.shape:
        raise OperationError(
            f"inconsistent tensor size, expected tensor [{input.shape[0]}] and src [{tensor.shape[0]}] to have the "
            f"same number of elements, but got {input.shape[0]} and {tensor.shape[0]} elements respectively"
        )
    return matmul(input, tensor)


def inner(input: core.Tensor, other: core.Tensor) -> core.Tensor:
    """Products summed over the last dimension of both tensors."""
    if not input.ndim or not other.ndim:
        return mul(input, other)
    return tensordot(input, other, ([-1], [-1]))


def outer(input: core.Tensor, vec2: core.Tensor) -> core.Tensor:
    """aᵢ bⱼ of two vectors."""
    _of_sizes("outer", (input, vec2), 1, 1)
    return mul(reshape(input, (-1, 1)), vec2)


def tensordot(a: core.Tensor, b: core.Tensor, dims: int | Sequence[Sequence[int]] = 2) -> core.Tensor:
    """Products summed over several dimensions of both.

    Args:
        a, b: the tensors.
        dims: the dimensions of a and those of b; or their number, for the last ones of a and the first ones of b.
    """
    if isinstance(dims, int):
        of_a, of_b = list(range(a.ndim - dims, a.ndim)), list(range(dims))
    else:
        of_a, of_b = [dim % a.ndim for dim in dims[0]], [dim % b.ndim for dim in dims[1]]
    letters = [chr(97 + i) for i in range(a.ndim)]
    others = [chr(65 + i) for i in range(b.ndim)]
    for i, j in zip(of_a, of_b, strict=True):
        others[j] = letters[i]
    left = [letter for i, letter in enumerate(letters) if i not in of_a]
    right = [letter for j, letter in enumerate(others) if j not in of_b]
    return einsum("".join(letters) + "," + "".join(others) + "->" + "".join(left + right), a, b)


def einsum(equation: str, *operands: Any) -> core.Tensor:
    """Products of elements whose letters agree, summed over the letters that the result does not have.

    Args:
        equation: "ij,jk->ik" is the matrix product, "ii->i" the diagonal, "...ij->...ji" transposes matrices.
        operands: a tensor for each term, or a list of them.

    Raises:
        OperationError: the equation does not fit the operands.
    """
    if not isinstance(equation, str):
        raise OperandError(f"einsum(): argument 'equation' must be str, not {type(equation).__name__}", '"ij,jk->ik"')
    given = operands[0] if len(operands) == 1 and isinstance(operands[0], list | tuple) else operands
    only_tensors("einsum", given)
    found = parsed(equation, *[tensor.shape for tensor in given])
    kinds = {tensor.dtype for tensor in given}
    if len(kinds) > 1:
        raise DtypeError(
            f"expected all operands to have the same dtype, but got {', '.join(sorted(map(type_name, kinds)))}",
            "call .float() or .double() on some of them",
        )
    tensors, terms = list(given), list(found.inputs)
    while len(tensors) > 2:
        # Two at a time, keeping the letters that occur in the other operands or in the result.
        behind = set(found.output).union(*terms[2:])
        kept = "".join(letter for letter in dict.fromkeys(terms[0] + terms[1]) if letter in behind)
        joined = ops.einsum(tensors[0], tensors[1], equation=f"{terms[0]},{terms[1]}->{kept}")
        tensors[:2], terms[:2] = [joined], [kept]
    operation = ops.einsum if len(tensors) == 2 else ops.einsum_one
    result: core.Tensor = operation(*tensors, equation=f"{','.join(terms)}->{found.output}")
    return result


def addmm(
    input: core.Tensor, mat1: core.Tensor, mat2: core.Tensor, *, beta: float = 1, alpha: float = 1
) -> core.Tensor:
    """beta · input + alpha · (mat1 @ mat2)."""
    return _plus(input, mm(mat1, mat2), beta, alpha)


def addmv(input: core.Tensor, mat: core.Tensor, vec: core.Tensor, *, beta: float = 1, alpha: float = 1) -> core.Tensor:
    """beta · input + alpha · (mat @ vec)."""
    return _plus(input, mv(mat, vec), beta, alpha)


def baddbmm(
    input: core.Tensor, batch1: core.Tensor, batch2: core.Tensor, *, beta: float = 1, alpha: float = 1
) -> core.Tensor:
    """beta · input + alpha · bmm(batch1, batch2)."""
    return _plus(input, bmm(batch1, batch2), beta, alpha)


def _plus(input: core.Tensor, product: core.Tensor, beta: float, alpha: float) -> core.Tensor:
    return add(input if beta == 1 else mul(input, beta), product if alpha == 1 else mul(product, alpha))


# --- parts of matrices


def tril(input: core.Tensor, diagonal: int = 0) -> core.Tensor:
    """The lower triangle: elements above a diagonal are 0. Diagonal 0 is the main one, positive ones are above it."""
    return ops.tril(input, diagonal=diagonal)


def triu(input: core.Tensor, diagonal: int = 0) -> core.Tensor:
    """The upper triangle: elements below a diagonal are 0."""
    return ops.triu(input, diagonal=diagonal)


def diagonal(input: core.Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> core.Tensor:
    """The diagonal of each matrix, as a view."""
    return ops.diagonal(input, offset=offset, dim1=dim1, dim2=dim2)


def diag(input: core.Tensor, diagonal: int = 0) -> core.Tensor:
    """A copy of a matrix's diagonal; or the matrix that has a vector on its diagonal."""
    if input.ndim == 1:
        return ops.diagonal_matrix(input, offset=diagonal)
    if input.ndim != 2:
        raise OperationError(f"diag(): Supports 1D or 2D tensors. Got {input.ndim}D", "diagonal() takes more")
    return ops.clone(ops.diagonal(input, offset=diagonal, dim1=0, dim2=1))


def diag_embed(input: core.Tensor, offset: int = 0) -> core.Tensor:
    """Matrices that have the last dimension on their diagonal."""
    if not input.ndim:
        raise OperationError("diag_embed(): expected a tensor with at least 1 dimension", "reshape(1) makes a vector")
    return ops.diagonal_matrix(input, offset=offset)


def trace(input: core.Tensor) -> core.Tensor:
    """The sum of a matrix's diagonal."""
    _of_sizes("trace", (input,), 2)
    return ops.sum(ops.diagonal(input, offset=0, dim1=0, dim2=1), dim=None, keepdim=False)


vdot, ger = dot, outer

"""numpy's argument names as aliases of PyTorch's: `axis` for `dim`, `keepdims` for `keepdim`; sizes in any form."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.autograd.operation import Shape
from nnviz.autograd.ops.reduce import Dim
from nnviz.errors import OperandError


def renamed(function: str, names: dict[str, Any], dim: Any = None, keepdim: bool = False) -> tuple[Any, bool]:
    """`dim` and `keepdim`, which may be given under numpy's names.

    Args:
        function: the name of the function, for messages.
        names: the keyword arguments that are not its parameters.
        dim: the value given under PyTorch's name.
        keepdim: the same.

    Raises:
        OperandError: a keyword is unknown.
    """
    for name, value in names.items():
        if name in ("axis", "dims") and dim is None:
            dim = value
        elif name == "keepdims":
            keepdim = value
        elif name == "out":
            raise OperandError(f"{function}(): out= is not supported", "take what it returns, or use copy_()")
        else:
            raise OperandError(
                f"{function}() got an unexpected keyword argument '{name}'", f"help({function}) lists what it takes"
            )
    return dim, keepdim


def dims_of(dim: Dim | list[int]) -> Dim:
    """Dimensions given as a sequence or as a single number."""
    if isinstance(dim, tuple | list):
        return tuple(dim)
    if dim is not None and not isinstance(dim, int | np.integer):
        raise OperandError(f"argument 'dim' must be int, not {type(dim).__name__}", "dimensions are counted from 0")
    return dim


def sizes_of(sizes: tuple[Any, ...], named: Any = None) -> Shape:
    """Sizes given as separate arguments, as one sequence, or as a keyword.

    Raises:
        OperandError: they are given as a tensor of several numbers.
    """
    if named is not None:
        sizes = (named,)
    if len(sizes) == 1 and getattr(sizes[0], "ndim", 0) > 0 and not isinstance(sizes[0], np.ndarray):
        raise OperandError(
            f"argument 'size' must be tuple of ints, not {type(sizes[0]).__name__}", "sizes.tolist() makes a list of it"
        )
    return tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], int | np.integer) else tuple(sizes)

"""The functions of tensors under PyTorch's names; most are also methods of the same name.

`Tensor` takes its methods from this module and from `methods`, so that `exp(x)` and `x.exp()` are the same function.
"""

from __future__ import annotations

from nnviz.autograd import (
    arithmetic,
    comparison,
    convert,
    linalg,
    pointwise,
    reductions,
    selecting,
    shapes,
)
from nnviz.autograd.arithmetic import *  # noqa: F403
from nnviz.autograd.arithmetic import rdiv as rdiv
from nnviz.autograd.arithmetic import rpow as rpow
from nnviz.autograd.comparison import *  # noqa: F403
from nnviz.autograd.comparison import mask_and as mask_and
from nnviz.autograd.comparison import mask_not as mask_not
from nnviz.autograd.comparison import mask_or as mask_or
from nnviz.autograd.comparison import mask_xor as mask_xor
from nnviz.autograd.convert import *  # noqa: F403
from nnviz.autograd.convert import double as double
from nnviz.autograd.convert import float_ as float_
from nnviz.autograd.convert import long as long
from nnviz.autograd.convert import to as to
from nnviz.autograd.linalg import *  # noqa: F403
from nnviz.autograd.pointwise import *  # noqa: F403
from nnviz.autograd.reductions import *  # noqa: F403
from nnviz.autograd.selecting import *  # noqa: F403
from nnviz.autograd.shapes import *  # noqa: F403
from nnviz.autograd.shapes import view as view

__all__ = [
    *arithmetic.__all__, *comparison.__all__, *convert.__all__, *linalg.__all__, *pointwise.__all__,
    *reductions.__all__, *selecting.__all__, *shapes.__all__,
]  # fmt: skip
"""The public functions."""

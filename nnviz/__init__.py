"""See a neural network think, in a terminal.

The public names are PyTorch's, a subset of them: `nnviz.tensor`, `nnviz.nn`, `nnviz.optim`. They are imported when they
are first asked for, so that the command line answers before numpy is loaded.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnviz import nn, optim
    from nnviz.autograd import Tensor, from_numpy, gradcheck, no_grad, tensor

__version__ = "0.1.0"

__all__ = ["Tensor", "__version__", "from_numpy", "gradcheck", "nn", "no_grad", "optim", "tensor"]


def __getattr__(name: str) -> Any:
    if name in ("nn", "optim"):
        return importlib.import_module(f"nnviz.{name}")
    if name in __all__:
        return getattr(importlib.import_module("nnviz.autograd"), name)
    raise AttributeError(f"module 'nnviz' has no attribute {name!r}")

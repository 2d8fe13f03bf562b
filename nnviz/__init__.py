"""See a neural network think, in a terminal.

The public names are PyTorch's, a subset of them: `nnviz.tensor`, `nnviz.nn`, `nnviz.optim`. They are imported when they
are first asked for, so that the command line answers before numpy is loaded.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnviz import nn as nn
    from nnviz import optim as optim
    from nnviz.autograd import Tensor as Tensor
    from nnviz.autograd import no_grad as no_grad
    from nnviz.autograd.names import *  # noqa: F403
    from nnviz.plan import compile_forward as compile_forward
    from nnviz.plan import compile_step as compile_step

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in ("nn", "optim", "autograd"):
        return importlib.import_module(f"nnviz.{name}")
    if name in (
        "Tensor", "enable_grad", "inference_mode", "is_grad_enabled", "is_inference_mode_enabled", "no_grad",
        "set_grad_enabled",
    ):  # fmt: skip
        return getattr(importlib.import_module("nnviz.autograd"), name)
    if name in ("compile_step", "compile_forward"):
        return getattr(importlib.import_module("nnviz.plan"), name)
    names = importlib.import_module("nnviz.autograd.names")
    if name in names.__all__:
        return getattr(names, name)
    raise AttributeError(f"module 'nnviz' has no attribute {name!r}")

"""The numpy core: tensors, operations, the topological order, backward, and the gradient check."""

# First, since the tensor takes its methods from modules that know it by name alone.
import nnviz.autograd.tensor  # noqa: F401  # isort: skip

from typing import Any

from nnviz.autograd import functional, functions, ops
from nnviz.autograd.backward import backward, grad, nodes_below
from nnviz.autograd.create import from_numpy, tensor
from nnviz.autograd.function import Function, Variable
from nnviz.autograd.gradcheck import gradcheck
from nnviz.autograd.hooks import RemovableHandle
from nnviz.autograd.modes import (
    abstract,
    enable_grad,
    inference_mode,
    is_abstract,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
    without_data,
)
from nnviz.autograd.node import Node
from nnviz.autograd.operation import Operation, define, operations
from nnviz.autograd.tensor import Tensor
from nnviz.autograd.toposort import topological_order
from nnviz.names import missing_name

__all__ = [
    "Function", "Node", "Operation", "RemovableHandle", "Tensor", "Variable", "abstract", "backward", "define",
    "enable_grad", "from_numpy", "functional", "functions", "grad", "gradcheck", "inference_mode", "is_abstract",
    "is_grad_enabled", "is_inference_mode_enabled", "no_grad", "nodes_below", "operations", "ops", "set_grad_enabled",
    "tensor", "topological_order", "without_data",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    raise missing_name(f"module {__name__!r}", name, __all__)

"""The numpy core: tensors, operations, the topological order, backward, and the gradient check."""

# First, since the tensor takes its methods from modules that know it by name alone.
import nnviz.autograd.tensor  # noqa: F401  # isort: skip

from nnviz.autograd import functions, ops
from nnviz.autograd.create import from_numpy, tensor
from nnviz.autograd.gradcheck import gradcheck
from nnviz.autograd.operation import Operation, define, operations
from nnviz.autograd.order import topological_order
from nnviz.autograd.reverse import backward, order_of
from nnviz.autograd.tensor import (
    Node,
    Tensor,
    abstract,
    is_abstract,
    no_grad,
    without_data,
)

__all__ = [
    "Node", "Operation", "Tensor", "abstract", "backward", "define", "from_numpy", "functions", "gradcheck",
    "is_abstract", "no_grad", "operations", "ops", "order_of", "tensor", "topological_order", "without_data",
]  # fmt: skip

"""The numpy core: tensors, operations, the topological order, backward, and the gradient check."""

from nnviz.autograd import ops
from nnviz.autograd.gradcheck import gradcheck
from nnviz.autograd.operation import Operation, define, operations
from nnviz.autograd.order import topological_order
from nnviz.autograd.tensor import (
    Node,
    Tensor,
    abstract,
    from_numpy,
    is_abstract,
    no_grad,
    order_of,
    tensor,
    without_data,
)

__all__ = [
    "Node", "Operation", "Tensor", "abstract", "define", "from_numpy", "gradcheck", "is_abstract", "no_grad",
    "operations", "ops", "order_of", "tensor", "topological_order", "without_data",
]  # fmt: skip

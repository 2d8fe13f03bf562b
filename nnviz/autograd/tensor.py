"""Tensor: an array, and the memory of how it was made.

Define-by-run: each operation on tensors that want a gradient appends a `Node` to the graph as it happens, and
`backward` walks that graph in reverse topological order. The same code runs on shapes alone inside `abstract()`:
then nothing is computed or allocated, and every operation is recorded with the shape its rule gives.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnviz.autograd.operation import Array, Operation, Shape, unbroadcast
from nnviz.autograd.order import topological_order
from nnviz.errors import GraphError

_numbers = itertools.count()


class Mode(NamedTuple):
    """How operations run: recorded for backward or not; `tape` is a list where they run on shapes alone."""

    record: bool
    tape: list[Node] | None = None


_RECORDING = Mode(record=True)
_mode: ContextVar[Mode] = ContextVar("mode", default=_RECORDING)


@contextmanager
def no_grad() -> Iterator[None]:
    """Inside, nothing is recorded: for prediction, where no backward follows."""
    token = _mode.set(Mode(record=False))
    try:
        yield
    finally:
        _mode.reset(token)


@contextmanager
def abstract() -> Iterator[list[Node]]:
    """Inside, operations run on shapes alone, without data; yields the tape of the nodes recorded so far."""
    tape: list[Node] = []
    token = _mode.set(Mode(record=True, tape=tape))
    try:
        yield tape
    finally:
        _mode.reset(token)


def is_abstract() -> bool:
    """Whether operations currently run on shapes alone."""
    return _mode.get().tape is not None


def without_data(shape: Shape, dtype: DTypeLike = np.float32) -> Array:
    """An array of that shape which takes no memory: a single zero, seen through strides of 0."""
    return np.broadcast_to(np.zeros((), dtype), shape)


class Node:
    """One operation as it happened: what went in, what came out. Lower `number`s happened earlier."""

    __slots__ = ("attributes", "freed", "inputs", "number", "operation", "result")

    def __init__(self, operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any], result: Array):
        self.operation = operation
        self.inputs = inputs
        self.attributes = attributes
        self.result = result
        self.number = next(_numbers)
        self.freed = False

    @property
    def waits_for(self) -> list[Node]:
        """The nodes whose results go in (with repetition)."""
        return [tensor.node for tensor in self.inputs if tensor.node is not None]

    def __repr__(self) -> str:
        return f"<{self.operation.name.title().replace('_', '')}Backward>"


class Tensor:
    """An n-dimensional array that knows how it was computed.

    Args:
        array: the numbers; shared, not copied.
        requires_grad: whether `backward` shall leave a gradient here.

    Attributes:
        grad: the gradient after `backward`, summed over all calls since it was last cleared.
        node: the operation that made this tensor; None for a leaf.
    """

    __slots__ = ("array", "grad", "node", "requires_grad")

    def __init__(self, array: Array, requires_grad: bool = False, node: Node | None = None) -> None:
        self.array = array
        self.requires_grad = requires_grad
        self.node = node
        self.grad: Tensor | None = None

    @property
    def shape(self) -> Shape:
        """The size along each dimension."""
        return self.array.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The numpy type of the elements."""
        return self.array.dtype

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self.array.ndim

    @property
    def is_leaf(self) -> bool:
        """Whether it was given, not computed."""
        return self.node is None

    @property
    def grad_fn(self) -> Node | None:
        """PyTorch's name for `node`."""
        return self.node

    @property
    def T(self) -> Tensor:  # noqa: N802 (PyTorch's name)
        """The matrix transposed."""
        return self.transpose(0, 1)

    def item(self) -> float:
        """The single number it holds."""
        return float(self.array.item())

    def numpy(self) -> Array:
        """Its array, shared."""
        return self.array

    def detach(self) -> Tensor:
        """The same numbers without their history."""
        return Tensor(self.array)

    def backward(self, gradient: Tensor | None = None, retain_graph: bool = False) -> None:
        """Leave d(self)/d(leaf) in `.grad` of every leaf that requires it; see `backward`."""
        backward(self, gradient, retain_graph)

    def __add__(self, other: Operand) -> Tensor:
        return ops.add(self, _operand(other, self))

    def __radd__(self, other: Operand) -> Tensor:
        return ops.add(_operand(other, self), self)

    def __sub__(self, other: Operand) -> Tensor:
        return ops.sub(self, _operand(other, self))

    def __rsub__(self, other: Operand) -> Tensor:
        return ops.sub(_operand(other, self), self)

    def __mul__(self, other: Operand) -> Tensor:
        return ops.mul(self, _operand(other, self))

    def __rmul__(self, other: Operand) -> Tensor:
        return ops.mul(_operand(other, self), self)

    def __truediv__(self, other: Operand) -> Tensor:
        return ops.div(self, _operand(other, self))

    def __rtruediv__(self, other: Operand) -> Tensor:
        return ops.div(_operand(other, self), self)

    def __neg__(self) -> Tensor:
        return ops.neg(self)

    def __matmul__(self, other: Tensor) -> Tensor:
        return ops.matmul(self, other)

    def transpose(self, dim0: int, dim1: int) -> Tensor:
        """Two dimensions exchanged."""
        return ops.transpose(self, dim0=dim0, dim1=dim1)

    def reshape(self, *shape: int) -> Tensor:
        """The same numbers in another shape; one size may be -1."""
        return ops.reshape(self, shape=shape)

    def sum(self) -> Tensor:
        """The sum of all elements."""
        return ops.sum(self)

    def mean(self) -> Tensor:
        """The mean of all elements."""
        return ops.mean(self)

    def exp(self) -> Tensor:
        """E to the power of each element."""
        return ops.exp(self)

    def log(self) -> Tensor:
        """The natural logarithm of each element."""
        return ops.log(self)

    def __repr__(self) -> str:
        numbers = np.array2string(self.array, precision=4, separator=", ", prefix="tensor(")
        kind = "" if self.dtype in (np.float32, np.int64) else f", dtype={self.dtype}"
        made = f", grad_fn={self.node}" if self.node else ", requires_grad=True" if self.requires_grad else ""
        return f"tensor({numbers}{kind}{made})"


Operand = Tensor | float | int


def _operand(value: Operand, like: Tensor) -> Tensor:
    return value if isinstance(value, Tensor) else Tensor(np.asarray(value, like.dtype))


def tensor(data: ArrayLike, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """A tensor with a copy of `data`; Python floats become float32, as in PyTorch."""
    array = np.array(data, dtype)
    if dtype is None and array.dtype == np.float64 and not isinstance(data, np.ndarray | np.generic):
        array = array.astype(np.float32)
    return Tensor(array, requires_grad)


def from_numpy(array: Array) -> Tensor:
    """A tensor that shares the memory of `array`."""
    return Tensor(array)


def apply(operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Tensor:
    """Run an operation under the current mode.

    Raises:
        ShapeError: the shapes do not fit, in PyTorch's words.
    """
    mode = _mode.get()
    if mode.tape is not None:
        shape = operation.shape(*[tensor.shape for tensor in inputs], **attributes)
        node = Node(operation, inputs, attributes, without_data(shape, inputs[0].dtype))
        mode.tape.append(node)
        return Tensor(node.result, True, node)
    try:
        result = operation.forward(*[tensor.array for tensor in inputs], **attributes)
    except (ValueError, IndexError):
        operation.shape(*[tensor.shape for tensor in inputs], **attributes)
        raise
    if not isinstance(result, np.ndarray):
        result = np.asarray(result)
    if mode.record:
        for source in inputs:
            if source.requires_grad:
                return Tensor(result, True, Node(operation, inputs, attributes, result))
    return Tensor(result)


def order_of(root: Node) -> list[Node]:
    """The nodes that `root` was computed from, and itself, in topological order."""
    return topological_order([root], _waits_for, _number)


def _waits_for(node: Node) -> list[Node]:
    return [tensor.node for tensor in node.inputs if tensor.node is not None]


def _number(node: Node) -> int:
    return node.number


def backward(root: Tensor, gradient: Tensor | None = None, retain_graph: bool = False) -> None:
    """Walk the graph below `root` in reverse topological order and add up the gradients of its leaves.

    Args:
        root: what is differentiated; a single number unless `gradient` is given.
        gradient: the upstream gradient, of `root`'s shape; 1 when left out.
        retain_graph: keep the graph for another backward; otherwise it is freed.

    Raises:
        GraphError: `root` has no graph, the graph was freed, or a gradient is needed and missing.
    """
    if root.node is None:
        raise GraphError(
            "element 0 of tensors does not require grad and does not have a grad_fn",
            "run forward first, on parameters that require a gradient: the loss needs the prediction",
        )
    if gradient is None and root.array.size != 1:
        raise GraphError("grad can be implicitly created only for scalar outputs", "reduce it with .sum() or .mean()")
    upstream = np.ones_like(root.array) if gradient is None else gradient.array
    if upstream.shape != root.shape:
        raise GraphError(
            f"Mismatch in shape: grad_output[0] has a shape of {list(upstream.shape)} "
            f"and output[0] has a shape of {list(root.shape)}."
        )
    order = order_of(root.node)
    if any(node.freed for node in order):
        raise GraphError(
            "Trying to backward through the graph a second time (or directly access saved tensors after they have "
            "already been freed).",
            "specify retain_graph=True in the first backward, or run forward again",
        )
    arriving: dict[Node, Array] = {root.node: upstream}
    for node in reversed(order):
        _send_back(node, arriving.pop(node), arriving)
        if not retain_graph:
            node.freed, node.inputs = True, ()


def _send_back(node: Node, g: Array, arriving: dict[Node, Array]) -> None:
    """One step of backward: through `node`, into what it waits for."""
    arrays = [tensor.array for tensor in node.inputs]
    for source, rule in zip(node.inputs, node.operation.gradients, strict=True):
        if rule is None or not source.requires_grad:
            continue
        part = rule(g, node.result, *arrays, **node.attributes)
        if part.shape != source.array.shape:
            part = unbroadcast(part, source.array.shape)
        if source.node is not None:
            before = arriving.get(source.node)
            # Never in place: a rule may hand the same array to several inputs.
            arriving[source.node] = part if before is None else before + part
        elif source.grad is None:
            source.grad = Tensor(np.array(part, source.dtype))
        else:
            source.grad = Tensor(source.grad.array + part)


from nnviz.autograd import ops  # noqa: E402  (the table of operations builds on Operation alone)

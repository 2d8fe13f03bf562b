"""Tensor: an array, and the memory of how it was made.

Define-by-run: each operation on tensors that want a gradient appends a `Node` to the graph as it happens, and
`backward` walks that graph in reverse topological order. The same code runs on shapes alone inside `abstract()`:
then nothing is computed or allocated, and every operation is recorded with the shape its rule gives.
"""

from __future__ import annotations

import builtins
import itertools
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from nnviz.autograd.operation import Array, Operation, Shape
from nnviz.errors import ArgumentError, GraphError, OperandError

# These three know this module by name alone, so the circle closes without harm.
from nnviz.autograd import functions, inplace, types  # isort: skip
from nnviz.autograd.methods import Methods  # isort: skip

Number = float
_numbers = itertools.count()


class Mode(NamedTuple):
    """How operations run: recorded for backward or not; `tape` is a list where they run on shapes alone."""

    record: bool
    tape: list[Node] | None = None


_RECORDING = Mode(record=True)


class Clock:
    """The moments of what happens to tensors, on the clock that numbers the nodes.

    Attributes:
        last_change: when any tensor was last changed in place; −1 for never.
    """

    last_change = -1


clock = Clock()

LAST_CHANGES = 64
"""How many moments of change a tensor remembers: enough to say, of a graph that lies back that far, how it was."""

_mode: ContextVar[Mode] = ContextVar("mode", default=_RECORDING)


@contextmanager
def no_grad() -> Iterator[None]:
    """Inside, nothing is recorded for backward: for prediction, where none follows.

    Inside `abstract()` the operations are still noted, for the order; but no gradient goes through them.
    """
    token = _mode.set(Mode(record=False, tape=_mode.get().tape))
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


def is_recording() -> bool:
    """Whether operations currently append to the graph."""
    return _mode.get().record


def is_abstract() -> bool:
    """Whether operations currently run on shapes alone."""
    return _mode.get().tape is not None


def needs_numbers(what: str) -> None:
    """Refuse what depends on the numbers where there are only shapes.

    Raises:
        GraphError: inside `abstract()`.
    """
    if _mode.get().tape is not None:
        raise GraphError(
            f"{what} depends on the numbers, and here are only shapes",
            "a plan and a shape trace follow operations alone: where(x > 0, a, b) chooses element by element",
        )


def without_data(shape: Shape, dtype: DTypeLike = np.float32) -> Array:
    """An array of that shape which takes no memory: a single zero, seen through strides of 0."""
    return np.broadcast_to(np.zeros((), dtype), shape)


class Lock:
    """Keeps an array from being written to as long as it lives: what a graph has saved must not change under it."""

    __slots__ = ("__weakref__", "_array")

    def __init__(self, array: Array) -> None:
        self._array = array
        array.flags.writeable = False

    def __del__(self) -> None:
        self._array.flags.writeable = True


class Node:
    """One operation as it happened: what went in, what came out. Lower `number`s happened earlier.

    `sources` says where each input came from when it went in, which a later change in place does not alter: the node
    that made it, the leaf itself where that wants a gradient, or nothing.
    """

    __slots__ = ("attributes", "freed", "inputs", "locks", "number", "operation", "result", "sources")

    def __init__(self, operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any], result: Array):
        self.operation = operation
        self.inputs = inputs
        self.sources = tuple([t.node if t.node is not None else t if t.requires_grad else None for t in inputs])
        self.attributes = attributes
        self.result = result
        self.number = next(_numbers)
        self.freed = False
        self.locks: list[Lock] | None = None

    @property
    def waits_for(self) -> list[Node]:
        """The nodes whose results go in (with repetition)."""
        return [source for source in self.sources if type(source) is Node]

    def free(self) -> None:
        """Let go of everything that was saved for backward."""
        self.freed, self.inputs, self.sources, self.locks = True, (), (), None

    def __repr__(self) -> str:
        return f"<{self.operation.name.title().replace('_', '')}Backward>"


class Tensor(Methods):
    """An n-dimensional array that knows how it was computed.

    What one does with it (arithmetic, reductions, other shapes) stands in `functions` and `inplace`.

    Args:
        array: the numbers; shared, not copied.
        requires_grad: whether `backward` shall leave a gradient here.

    Attributes:
        grad: the gradient after `backward`, summed over all calls since it was last cleared.
        node: the operation that made this tensor; None for a leaf.
    """

    __slots__ = ("__weakref__", "_base", "_changes", "_lock", "_version", "array", "grad", "node", "requires_grad")

    def __init__(self, array: Array, requires_grad: bool = False, node: Node | None = None) -> None:
        self.array = array
        self.requires_grad = requires_grad
        self.node = node
        self.grad: Tensor | None = None
        self._base: Tensor | None = None
        self._changes: deque[int] | None = None
        self._version = 0
        self._lock: weakref.ref[Lock] | None = None

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
        """With its dimensions in reverse order: the matrix transposed."""
        return self.transpose(0, 1) if self.array.ndim == 2 else self.permute(*reversed(range(self.array.ndim)))

    @property
    def data(self) -> Tensor:
        """PyTorch's older name for `detach()`; what is assigned takes the place of the numbers."""
        return self.detach()

    @data.setter
    def data(self, values: Tensor) -> None:
        if values.array is not self.array:
            self.array = values.array
            self.mark_changed()

    def dim(self) -> int:
        """The number of dimensions."""
        return self.array.ndim

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the size along `dim`."""
        return self.array.shape if dim is None else self.array.shape[dim]

    def numel(self) -> int:
        """How many elements there are."""
        return self.array.size

    def item(self) -> Any:
        """The single number it holds."""
        needs_numbers("item()")
        if self.array.size != 1:
            raise ArgumentError(
                f"a Tensor with {self.array.size} elements cannot be converted to Scalar",
                "reduce it with .sum() or .mean(), or take all with .tolist()",
            )
        return self.array.item()

    def tolist(self) -> Any:
        """The numbers as nested lists."""
        needs_numbers("tolist()")
        return self.array.tolist()

    def numpy(self) -> Array:
        """Its array, shared.

        Raises:
            GraphError: it requires a gradient, which a change of the array would not know of.
        """
        needs_numbers("numpy()")
        if self.requires_grad:
            raise GraphError(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
                "detach() gives the same numbers without their history",
            )
        return self.array

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        return np.array(self.numpy(), dtype, copy=copy)

    # Between an array and a tensor, the tensor does the arithmetic.
    __array_priority__ = 1000

    def detach(self) -> Tensor:
        """The same numbers without their history."""
        if is_abstract():
            with no_grad():
                return self.reshape(self.shape)
        same = Tensor(self.array)
        same._base = self.root
        return same

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set whether `backward` shall leave a gradient here, and return the tensor itself."""
        if self.node is not None and not requires_grad:
            raise GraphError(
                "you can only change requires_grad flags of leaf variables.", "detach() gives one without history"
            )
        self.requires_grad = requires_grad
        return self

    def backward(self, gradient: Tensor | None = None, retain_graph: bool = False, create_graph: bool = False) -> None:
        """Leave d(self)/d(leaf) in `.grad` of every leaf that requires it; see `nnviz.autograd.backward`."""
        reverse.backward(self, gradient, retain_graph, create_graph)

    @property
    def root(self) -> Tensor:
        """The tensor whose memory this one looks at; itself where it is no view."""
        return self if self._base is None else self._base

    def belongs_to(self, owner: Tensor) -> None:
        """Its memory is a part of the owner's from now on: a change of one is a change of both."""
        self._base = owner

    @property
    def changed_at(self) -> int:
        """When its memory was last changed in place, on the clock that numbers the nodes; −1 for never."""
        changes = self.root._changes
        return changes[-1] if changes else -1

    def mark_changed(self) -> None:
        """Note that its memory was changed in place, just now."""
        root = self.root
        moment = clock.last_change = next(_numbers)
        if root._changes is None:
            root._changes = deque(maxlen=LAST_CHANGES)
        root._changes.append(moment)
        root._version += 1

    @property
    def version(self) -> int:
        """How often its memory was changed in place."""
        return self.root._version

    def version_at(self, moment: int) -> int:
        """The version it had then; no less than that where it changed more than LAST_CHANGES times since."""
        return self.version - builtins.sum(change > moment for change in self.root._changes or ())

    def overwrite(self, values: Array) -> None:
        """Write `values` into its memory, also where a graph has locked it: backward through that graph is refused."""
        # The memory's owner first: a view can be written to only if what it looks at can.
        arrays = (self.root.array, self.array)
        before = [array.flags.writeable for array in arrays]
        for array in arrays:
            array.flags.writeable = True
        np.copyto(self.array, values)
        for array, writeable in zip(arrays, before, strict=True):
            array.flags.writeable = writeable
        self.mark_changed()

    def lock(self) -> Lock:
        """Keep its array from being written to as long as the result is held."""
        held = None if self._lock is None else self._lock()
        if held is None:
            held = Lock(self.array)
            self._lock = weakref.ref(held)
        return held

    def __len__(self) -> int:
        if not self.array.ndim:
            raise ArgumentError("len() of a 0-d tensor")
        return len(self.array)

    def __iter__(self) -> Iterator[Tensor]:
        if not self.array.ndim:
            raise ArgumentError("iteration over a 0-d tensor")
        return (functions.getitem(self, i) for i in range(len(self.array)))

    def __bool__(self) -> bool:
        needs_numbers("bool()")
        if self.array.size != 1:
            raise ArgumentError("Boolean value of Tensor with more than one value is ambiguous", "use .all() or .any()")
        return bool(self.array.item())

    def __float__(self) -> Number:
        return builtins.float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __repr__(self) -> str:
        numbers = np.array2string(self.array, precision=4, separator=", ", prefix="tensor(")
        kind = "" if self.dtype in (np.float32, np.int64, np.bool_) else f", dtype={self.dtype}"
        made = f", grad_fn={self.node}" if self.node else ", requires_grad=True" if self.requires_grad else ""
        return f"tensor({numbers}{kind}{made})"

    __add__ = __radd__ = add = functions.add
    __sub__ = sub = functions.sub
    __rsub__ = functions.rsub
    __mul__ = __rmul__ = mul = functions.mul
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
    __getitem__ = functions.getitem
    __setitem__ = inplace.setitem
    __iadd__ = add_ = inplace.add_
    __isub__ = sub_ = inplace.sub_
    __imul__ = mul_ = inplace.mul_
    __itruediv__ = div_ = inplace.div_
    clamp_, fill_, zero_, copy_ = inplace.clamp_, inplace.fill_, inplace.zero_, inplace.copy_

    # As in PyTorch, == compares element by element, and a tensor is hashed by its identity.
    def __eq__(self, other: Any) -> Any:
        return functions.eq(self, other) if types.comparable(other) else NotImplemented

    def __ne__(self, other: Any) -> Any:
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


def from_numpy(array: Array) -> Tensor:
    """A tensor that shares the memory of `array`.

    Raises:
        OperandError: it is no array.
    """
    if not isinstance(array, np.ndarray):
        raise OperandError(f"expected np.ndarray (got {type(array).__name__})", "tensor() takes numbers and lists")
    return Tensor(array)


# What numpy warns of (0 divided, log of 0, overflow) is a value here, inf or NaN, as in PyTorch.
quiet = np.errstate(all="ignore")


@quiet
def apply(operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Tensor:
    """Run an operation under the current mode.

    Raises:
        ShapeError: the shapes do not fit, in PyTorch's words.
        OperandError: an input is no tensor.
    """
    mode = _mode.get()
    if mode.tape is not None:
        shape = operation.shape(*[tensor.shape for tensor in inputs], **attributes)
        result = without_data(shape, _type_of(operation, inputs, attributes))
        if not mode.record:
            operation = replace(operation, gradients=_no_gradients)
        node = Node(operation, inputs, attributes, result)
        mode.tape.append(node)
        return Tensor(node.result, mode.record, node)
    try:
        result = operation.forward(*[tensor.array for tensor in inputs], **attributes)
    except (ValueError, IndexError, ArithmeticError):
        operation.shape(*[tensor.shape for tensor in inputs], **attributes)
        raise
    except AttributeError:
        types.only_tensors(operation.name, inputs)
        raise
    if not isinstance(result, np.ndarray):
        result = np.asarray(result)
    out = Tensor(result)
    if mode.record:
        for source in inputs:
            if source.requires_grad:
                _record(out, operation, inputs, attributes)
                break
    if operation.view:
        out._base = inputs[0].root
    return out


def _no_gradients(count: int) -> tuple[None, ...]:
    return (None,) * count


def _type_of(operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> DTypeLike:
    """The type of a result: as asked for, else that of the first input that is differentiated."""
    if "dtype" in attributes:
        return attributes["dtype"]  # type: ignore[no-any-return]
    rules = operation.rules(len(inputs))
    return next(tensor.dtype for tensor, rule in zip(inputs, rules, strict=True) if rule is not None)


def _record(out: Tensor, operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> None:
    """Append a node to the graph, and keep what it saved from being written to."""
    out.node = node = Node(operation, inputs, attributes, out.array)
    out.requires_grad = True
    out.array.flags.writeable = False
    for position in operation.keeps:
        if position >= 0:
            source = inputs[position]
            # Parameters stay open to their optimizer, which says when it changes them.
            if (
                source.node is None
                and not source.requires_grad
                and (source.array.flags.writeable or source._lock is not None)
            ):
                node.locks = [*(node.locks or ()), source.lock()]


# Below the class, whose methods they are made of or work on.
import nnviz.autograd.reverse as reverse  # noqa: E402

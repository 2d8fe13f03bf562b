"""Tensor: an array, and the record of how it was computed.

Define-by-run: each operation on tensors that require a gradient appends a `Node` to the graph as it runs, and
`backward` walks that graph in reverse topological order. The same code runs on shapes alone inside `abstract()`:
then nothing is computed or allocated, and every operation is recorded with the shape its rule gives.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from nnviz.autograd.modes import is_abstract, needs_numbers, no_grad, refused
from nnviz.autograd.node import Hook, Memory, Node
from nnviz.autograd.operation import Array, Shape
from nnviz.errors import ArgumentError, GraphError, OperandError, OperationError

# These import this module by name alone, so the circular import is harmless.
from nnviz.autograd import hooks, indexing, views  # isort: skip
from nnviz.autograd.ops.shape import dimension  # isort: skip
from nnviz.autograd.methods import Methods  # isort: skip
from nnviz.autograd.operators import InPlace, Operators  # isort: skip

Number = float
_ndarray = np.ndarray


class Tensor(Operators, InPlace, Methods):
    """An n-dimensional array that knows how it was computed.

    Its operations (arithmetic, reductions, shapes) are in `functions` and `inplace`; how views share memory and history
    with their base is in `views`.

    Args:
        array: the numbers, which are not copied; or sizes or a list of numbers, as in PyTorch's older constructor, for
            a tensor of float32.
        requires_grad: whether `backward` computes a gradient for it.
        node: the operation that made it.

    Attributes:
        array: the numbers. Computations on the array itself are not recorded.
    """

    __slots__ = (
        "__weakref__", "_base", "_grad", "_hooks", "_link", "_memory", "_node", "_requires_grad", "_seen", "array",
    )  # fmt: skip

    _apply: ClassVar[Callable[..., Any]]
    _apply_view: ClassVar[Callable[..., Any]]

    def __init__(self, array: Any = (), requires_grad: bool = False, node: Node | None = None, *sizes: int) -> None:
        if array.__class__ is not _ndarray and not isinstance(array, _ndarray):
            array, requires_grad, node = _given(array, requires_grad, node, sizes)
        self.array: Array = array
        self._requires_grad = requires_grad
        self._node = node
        self._grad: Tensor | None = None
        self._hooks: dict[int, Hook] | None = None
        # Of a view: its base, its link, and the version of the base's history that it knows.
        self._base: Tensor | None = None
        self._link: views.Link = None
        self._seen = 0
        self._memory: Memory | None = None

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
    def node(self) -> Node | None:
        """The operation that made it; None for a leaf."""
        views.refresh(self)
        return self._node

    @property
    def grad_fn(self) -> Node | None:
        """PyTorch's name for `node`."""
        return self.node

    @property
    def is_leaf(self) -> bool:
        """Whether it is a leaf: not the result of a recorded operation."""
        return self.node is None

    @property
    def requires_grad(self) -> bool:
        """Whether `backward` computes a gradient for it."""
        views.refresh(self)
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        if not isinstance(requires_grad, bool | np.bool_):
            raise OperationError("requires_grad must be a bool", f"True or False, not {type(requires_grad).__name__}")
        self.requires_grad_(requires_grad)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set whether `backward` computes a gradient for it, and return the tensor itself.

        Raises:
            OperandError: it is neither True nor False.
            OperationError: it is not a floating-point tensor.
            GraphError: it is not a leaf, so that gradients flow through it.
        """
        if self.node is not None:
            if not requires_grad:
                raise GraphError(
                    "you can only change requires_grad flags of leaf variables.", "detach() gives one without history"
                )
            return self
        if not isinstance(requires_grad, bool | np.bool_):
            raise OperandError(
                f"requires_grad_(): argument 'requires_grad' must be bool, not {type(requires_grad).__name__}",
                "True or False",
            )
        if requires_grad and self.array.dtype.kind not in "fc":
            raise OperationError(
                "only Tensors of floating point and complex dtype can require gradients",
                "call .float() first, or write 1.0 instead of 1",
            )
        if requires_grad and not self._requires_grad:
            # A leaf from now on: in-place changes of its former base do not affect its gradient.
            self._link = None
        self._requires_grad = bool(requires_grad)
        return self

    @property
    def grad(self) -> Tensor | None:
        """The accumulated gradient of all calls of `backward` since it was last cleared."""
        needs_numbers("the gradient of a tensor")
        return self._grad

    @grad.setter
    def grad(self, grad: Tensor | None) -> None:
        if grad is not None:
            hooks.check_grad(self, grad)
        self._grad = grad

    @property
    def T(self) -> Tensor:  # noqa: N802 (PyTorch's name)
        """The tensor with its dimensions in reverse order; the transposed matrix."""
        return self.transpose(0, 1) if self.array.ndim == 2 else self.permute(*reversed(range(self.array.ndim)))

    @property
    def data(self) -> Tensor:
        """PyTorch's older name for `detach()`; assigning to it replaces the numbers."""
        return self.detach()

    @data.setter
    def data(self, values: Tensor) -> None:
        if not isinstance(values, Tensor):
            kind = type(values).__name__
            raise OperandError(f"Variable data has to be a tensor, but got {kind}", "make one with tensor()")
        if values.array is not self.array:
            self.array = values.array
            self._link = None
            # It shares the other tensor's memory from now on.
            self._base = None if values.root is self else values.root
            self.mark_changed()

    def dim(self) -> int:
        """The number of dimensions."""
        return self.array.ndim

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the size along `dim`."""
        return self.array.shape if dim is None else self.array.shape[dimension(dim, self.array.ndim)]

    def numel(self) -> int:
        """The number of elements."""
        return self.array.size

    def item(self) -> Any:
        """The single number it holds."""
        needs_numbers("item()")
        if self.array.size != 1:
            raise OperationError(
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
            GraphError: it requires a gradient, and changes of the array would not be recorded.
        """
        needs_numbers("numpy()")
        if self.requires_grad:
            raise GraphError(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
                "detach() gives the same numbers without their history",
            )
        views.register(self)
        return self.array

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        return np.array(self.numpy(), dtype, copy=copy)

    # In an operation of an array and a tensor, the tensor's operator is used.
    __array_priority__ = 1000

    def detach(self) -> Tensor:
        """The same numbers without their history; the memory is shared."""
        if is_abstract():
            with no_grad():
                return self.reshape(self.shape)
        same = Tensor(self.array)
        same._base, same._seen = self.root, views.history_of(self.root)
        return same

    def detach_(self) -> Tensor:
        """Detach it from the graph, and return the tensor itself."""
        if is_abstract():
            raise refused("a plan cannot forget a history in place", "write x = x.detach()")
        if self._link is not None:
            raise GraphError("Can't detach views in-place. Use detach() instead.", "a view has the history of its base")
        self._node, self._requires_grad = None, False
        views.rewritten(self)
        return self

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Accumulate d(self)/d(leaf) in `.grad` of every leaf that requires it; see `nnviz.autograd.backward`."""
        _backward(self, gradient, retain_graph, create_graph, inputs)

    register_hook, retain_grad, retains_grad = hooks.register_hook, hooks.retain_grad, property(hooks.retains_grad)

    @property
    def root(self) -> Tensor:
        """The tensor whose memory it shares; the tensor itself if it is not a view."""
        return self if self._base is None else self._base

    def belongs_to(self, owner: Tensor) -> None:
        """Make its memory a part of the owner's: a change of one is a change of both."""
        self._base, self._link, self._seen = owner, None, views.history_of(owner)

    @property
    def memory(self) -> Memory:
        """The changes of its memory."""
        root = self.root
        if root._memory is None:
            root._memory = Memory()
        return root._memory

    @property
    def changed_at(self) -> int:
        """The moment of the last in-place change of its memory, on the clock that numbers the nodes; −1 if none."""
        memory = self.root._memory
        return memory.changes[-1] if memory is not None and memory.changes else -1

    def mark_changed(self) -> None:
        """Record an in-place change of its memory at this moment."""
        root = self if self._base is None else self._base
        memory = root._memory
        (root.memory if memory is None else memory).note_change()

    @property
    def version(self) -> int:
        """The number of in-place changes of its memory."""
        memory = self.root._memory
        return 0 if memory is None else memory.version

    def version_at(self, moment: int) -> int:
        """The version at that moment; an upper bound after more than LAST_CHANGES further changes."""
        return self.version - builtins.sum(change > moment for change in self.memory.changes)

    def overwrite(self, values: Array) -> None:
        """Write `values` to its memory, even if a graph has locked it; backward through that graph then fails.

        Raises:
            OperationError: the owner has made the memory read-only, or several elements share one place.
        """
        views.write(self, values)

    def __len__(self) -> int:
        if not self.array.ndim:
            raise OperandError("len() of a 0-d tensor", "it holds a single number: item() gives it")
        return len(self.array)

    def __iter__(self) -> Iterator[Tensor]:
        if not self.array.ndim:
            raise OperandError("iteration over a 0-d tensor", "it holds a single number: item() gives it")
        return (indexing.getitem(self, i) for i in range(len(self.array)))

    def __bool__(self) -> bool:
        needs_numbers("bool()")
        if self.array.size != 1:
            many = "more than one value" if self.array.size else "no values"
            raise OperationError(f"Boolean value of Tensor with {many} is ambiguous", "use .all() or .any()")
        return bool(self.array.item())

    def _single(self) -> Any:
        if self.array.size != 1 and not is_abstract():
            raise ArgumentError(
                "only one element tensors can be converted to Python scalars", "reduce it with .sum() or .mean()"
            )
        return self.item()

    def __float__(self) -> Number:
        return builtins.float(self._single())

    def __int__(self) -> int:
        return int(self._single())

    def __repr__(self) -> str:
        needs_numbers("the text of a tensor")
        numbers = np.array2string(self.array, precision=4, separator=", ", prefix="tensor(")
        kind = "" if self.dtype in (np.float32, np.int64, np.bool_) else f", dtype={self.dtype}"
        made = f", grad_fn={self.node}" if self.node else ", requires_grad=True" if self._requires_grad else ""
        return f"tensor({numbers}{kind}{made})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if self.node is not None:
            raise GraphError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the "
                "moment.",
                "copy detach(): a copy of the numbers has no history",
            )
        copied = Tensor.__new__(type(self))
        memo[id(self)] = copied
        Tensor.__init__(copied, self.array.copy(), self._requires_grad)
        copied._grad = None if self._grad is None else Tensor(self._grad.array.copy())
        return copied


def _given(data: Any, requires_grad: Any, node: Any, sizes: tuple[int, ...]) -> tuple[Array, bool, Node | None]:
    """The arguments of PyTorch's older constructor: sizes, or numbers that become float32."""
    whole = int | np.integer
    if isinstance(data, whole) and not isinstance(data, bool):
        more = [one for one in (requires_grad, node, *sizes) if isinstance(one, whole) and not isinstance(one, bool)]
        return np.zeros((data, *more), np.float32), False, None
    if isinstance(data, Tensor):
        return data.array, requires_grad, node
    if isinstance(data, np.generic):
        return np.asarray(data), requires_grad, node
    try:
        return np.array(data, np.float32), requires_grad, node
    except (TypeError, ValueError):
        kind = type(data).__name__
        raise OperandError(f"new(): invalid data type '{kind}'", "give sizes, or a list of numbers") from None


# Imported below the class that they need.
from nnviz.autograd.apply import apply as apply  # noqa: E402
from nnviz.autograd.apply import apply_view as apply_view  # noqa: E402
from nnviz.autograd.backward import backward as _backward  # noqa: E402

Tensor._apply, Tensor._apply_view = staticmethod(apply), staticmethod(apply_view)

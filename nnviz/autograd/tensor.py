"""Tensor: an array, and the memory of how it was made.

Define-by-run: each operation on tensors that want a gradient appends a `Node` to the graph as it happens, and
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

# These know this module by name alone, so the circle closes without harm.
from nnviz.autograd import hooks, indexing, views  # isort: skip
from nnviz.autograd.ops.shape import dimension  # isort: skip
from nnviz.autograd.methods import Methods  # isort: skip
from nnviz.autograd.operators import InPlace, Operators  # isort: skip

Number = float
_ndarray = np.ndarray


class Tensor(Operators, InPlace, Methods):
    """An n-dimensional array that knows how it was computed.

    What one does with it (arithmetic, reductions, other shapes) stands in `functions` and `inplace`; how views and what
    they look at stay one in `views`.

    Args:
        array: the numbers; shared, not copied. Sizes or a list of numbers, as PyTorch's older constructor takes them,
            make a tensor of float32.
        requires_grad: whether `backward` shall leave a gradient here.
        node: the operation that made it.

    Attributes:
        array: the numbers. What is computed from them by other means than tensors is not recorded.
    """

    __slots__ = (
        "__weakref__", "_base", "_grad", "_hooks", "_link", "_memory", "_node", "_requires_grad", "_seen", "array",
    )  # fmt: skip

    _apply: ClassVar[Callable[..., Any]]
    _look: ClassVar[Callable[..., Any]]

    def __init__(self, array: Any = (), requires_grad: bool = False, node: Node | None = None, *sizes: int) -> None:
        if array.__class__ is not _ndarray and not isinstance(array, _ndarray):
            array, requires_grad, node = _given(array, requires_grad, node, sizes)
        self.array: Array = array
        self._requires_grad = requires_grad
        self._node = node
        self._grad: Tensor | None = None
        self._hooks: dict[int, Hook] | None = None
        # Views: whose memory it looks at, how it came from there, and which history of it was seen last.
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
        """Whether it was given, not computed."""
        return self.node is None

    @property
    def requires_grad(self) -> bool:
        """Whether `backward` leaves a gradient here, or passes one on through it."""
        views.refresh(self)
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        if not isinstance(requires_grad, bool | np.bool_):
            raise OperationError("requires_grad must be a bool", f"True or False, not {type(requires_grad).__name__}")
        self.requires_grad_(requires_grad)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set whether `backward` shall leave a gradient here, and return the tensor itself.

        Raises:
            OperandError: it is neither True nor False.
            OperationError: it holds whole numbers or truth values, which have no gradient.
            GraphError: it was computed, so that it passes gradients on.
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
            # A leaf from now on: what happens to the tensor it was taken from has no part in its gradient.
            self._link = None
        self._requires_grad = bool(requires_grad)
        return self

    @property
    def grad(self) -> Tensor | None:
        """The gradient that `backward` left, summed over all calls since it was last cleared."""
        needs_numbers("the gradient of a tensor")
        return self._grad

    @grad.setter
    def grad(self, grad: Tensor | None) -> None:
        if grad is not None:
            hooks.check_grad(self, grad)
        self._grad = grad

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
        if not isinstance(values, Tensor):
            kind = type(values).__name__
            raise OperandError(f"Variable data has to be a tensor, but got {kind}", "make one with tensor()")
        if values.array is not self.array:
            self.array = values.array
            self._link = None
            # The memory is the other's from now on.
            self._base = None if values.root is self else values.root
            self.mark_changed()

    def dim(self) -> int:
        """The number of dimensions."""
        return self.array.ndim

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the size along `dim`."""
        return self.array.shape if dim is None else self.array.shape[dimension(dim, self.array.ndim)]

    def numel(self) -> int:
        """How many elements there are."""
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
            GraphError: it requires a gradient, which a change of the array would not know of.
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

    # Between an array and a tensor, the tensor does the arithmetic.
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
        """Forget its history, and return the tensor itself."""
        if is_abstract():
            raise refused("a plan cannot forget a history in place", "write x = x.detach()")
        if self._link is not None:
            raise GraphError(
                "Can't detach views in-place. Use detach() instead.", "a view has the history of what it looks at"
            )
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
        """Leave d(self)/d(leaf) in `.grad` of every leaf that requires it; see `nnviz.autograd.backward`."""
        _backward(self, gradient, retain_graph, create_graph, inputs)

    register_hook, retain_grad, retains_grad = hooks.register_hook, hooks.retain_grad, property(hooks.retains_grad)

    @property
    def root(self) -> Tensor:
        """The tensor whose memory this one looks at; itself where it is no view."""
        return self if self._base is None else self._base

    def belongs_to(self, owner: Tensor) -> None:
        """Its memory is a part of the owner's from now on: a change of one is a change of both."""
        self._base, self._link, self._seen = owner, None, views.history_of(owner)

    @property
    def memory(self) -> Memory:
        """What has happened to its memory."""
        root = self.root
        if root._memory is None:
            root._memory = Memory()
        return root._memory

    @property
    def changed_at(self) -> int:
        """When its memory was last changed in place, on the clock that numbers the nodes; −1 for never."""
        memory = self.root._memory
        return memory.changes[-1] if memory is not None and memory.changes else -1

    def mark_changed(self) -> None:
        """Note that its memory was changed in place, just now."""
        root = self if self._base is None else self._base
        memory = root._memory
        (root.memory if memory is None else memory).note_change()

    @property
    def version(self) -> int:
        """How often its memory was changed in place."""
        memory = self.root._memory
        return 0 if memory is None else memory.version

    def version_at(self, moment: int) -> int:
        """The version it had then; no less than that where it changed more than LAST_CHANGES times since."""
        return self.version - builtins.sum(change > moment for change in self.memory.changes)

    def overwrite(self, values: Array) -> None:
        """Write `values` into its memory, also where a graph has locked it: backward through that graph is refused.

        Raises:
            OperationError: the memory is read-only by its owner's wish, or holds several elements in one place.
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


def from_numpy(array: Array) -> Tensor:
    """A tensor that shares the memory of `array`.

    Raises:
        OperandError: it is no array, or holds no numbers.
    """
    if not isinstance(array, _ndarray):
        raise OperandError(f"expected np.ndarray (got {type(array).__name__})", "tensor() takes numbers and lists")
    if array.dtype.kind not in "buifc":
        raise OperandError(
            f"can't convert np.ndarray of type numpy.{array.dtype.name}_. The only supported types are: numbers and "
            "truth values.",
            "words have to become numbers first",
        )
    return views.sharing(array)


# Below the class, whose methods they are made of or work on.
from nnviz.autograd.apply import apply as apply  # noqa: E402
from nnviz.autograd.apply import look as look  # noqa: E402
from nnviz.autograd.backward import backward as _backward  # noqa: E402

Tensor._apply, Tensor._look = staticmethod(apply), staticmethod(look)

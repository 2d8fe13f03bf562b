"""Views: tensors that share the memory of another one, and its history through in-place changes.

A view records how it was made from another tensor, its link. The numbers are shared by numpy itself. The history is
not: an in-place change gives the tensor at the start of the links, the origin, a new node, and every view of it derives
its own node from its link when it is next used.
"""

from __future__ import annotations

import bisect
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

import nnviz.autograd.tensor as core
from nnviz.autograd import hooks
from nnviz.autograd.modes import Mode, Tape, current, refused
from nnviz.autograd.node import Node, clock, is_borrowed, owner_of
from nnviz.autograd.operation import Array, Operation
from nnviz.errors import OperationError

Link = tuple["core.Tensor", Operation, dict[str, Any], bool, bool] | None
"""How a view was made: source, operation, attributes, whether it was recorded for backward, and whether it certainly
shares memory, which a reshape on shapes alone is not."""

_given: dict[int, _Shared] = {}
"""Tensors that share memory with arrays of the caller, by the identity of the array that owns it."""


def link(
    view: core.Tensor, source: core.Tensor, operation: Operation, attributes: dict[str, Any], recorded: bool
) -> None:
    """Record the link of `view`, if it shares memory with its source."""
    array, seen = source.array, view.array
    base = seen.base
    if (base is array or (base is not None and base is array.base)) or np.may_share_memory(array, seen):
        view._base = root = source if source._base is None else source._base
        view._link = (source, operation, attributes, recorded, True)
        if root._memory is not None:
            view._seen = root._memory.history


def link_on_shapes(
    view: core.Tensor, source: core.Tensor, operation: Operation, attributes: dict[str, Any], recorded: bool
) -> None:
    """Record the link of `view`, in a run on shapes alone."""
    view._base = source.root
    view._link = (source, operation, attributes, recorded, operation.always_view or _only_ones_differ(view, source))
    view._seen = history_of(view._base)


def is_certain(view: core.Tensor) -> None:
    """Mark the result of `view()` as certain to share memory."""
    if view._link is not None:
        view._link = (*view._link[:4], True)


def _only_ones_differ(view: core.Tensor, source: core.Tensor) -> bool:
    """Whether the shapes differ only by sizes of 1, so that a reshape between them never copies."""
    return [n for n in view.shape if n != 1] == [n for n in source.shape if n != 1]


def history_of(root: core.Tensor) -> int:
    """How often the history of a tensor in the memory of `root` was rewritten."""
    return 0 if root._memory is None else root._memory.history


def rewritten(tensor: core.Tensor) -> None:
    """Record that the history of `tensor` was rewritten, so that its views are brought up to date."""
    tensor.memory.history += 1
    tensor._seen = tensor.memory.history
    clock.rewrites += 1


def refresh(view: core.Tensor) -> None:
    """Bring the history of a view up to date, after an in-place change of its memory."""
    root = view._base
    if root is None or root._memory is None:
        return
    history = root._memory.history
    stale = []
    one = view
    while one._base is not None and one._seen != history:
        stale.append(one)
        if one._link is None:
            break
        one = one._link[0]
    for one in reversed(stale):
        _find_again(one, history)


def _find_again(view: core.Tensor, history: int) -> None:
    """Derive the history of a view from its source, whose history is up to date."""
    view._seen = history
    if view._link is None:
        return
    source, operation, attributes, recorded, sure = view._link
    mode = current.get()
    if mode.tape is not None:
        if not sure:
            raise refused(
                f"{operation.name} may look at the memory that was changed in place or at a copy of it, which only the "
                "numbers tell, and here are only shapes",
                "use view() where it must be the same memory, clone() where it must not",
            )
    elif view.array.size and not np.may_share_memory(view.array, source.array):
        # Its source has other memory by now.
        view._link = None
        return
    elif not recorded:
        return
    token = current.set(Mode(recorded, mode.tape))
    try:
        again = operation(source, **attributes) if mode.tape is not None or source._requires_grad else None
    finally:
        current.reset(token)
    before = view._node
    view._node, view._requires_grad = (None, False) if again is None else (again._node, again._requires_grad)
    hooks.move_retained(before, view._node)


def origin(view: core.Tensor) -> tuple[core.Tensor, list[Link]]:
    """The tensor at the start of a view's links, and the links from there."""
    links: list[Link] = []
    while view._link is not None:
        links.append(view._link)
        view = view._link[0]
    links.reverse()
    return view, links


def positions(source: core.Tensor, links: list[Link]) -> Array:
    """The flat indices of the elements of `source` that a view of it shows."""
    found = np.arange(source.array.size).reshape(source.shape)
    for one in links:
        assert one is not None  # noqa: S101 (`origin` gives links alone)
        found = one[1].forward(found, **one[2])
    return found


def may_change(tensor: core.Tensor, links: list[Link], tape: Tape) -> None:
    """Check that a run on shapes alone can follow an in-place change.

    Raises:
        GraphError: the tensor existed before the run, or the change would bypass the graph.
    """
    if any(one is not None and not one[4] for one in links):
        raise refused(
            "reshape gives the same memory or a copy of it, which only the numbers tell, and here are only shapes",
            "use view() where it must be the same memory, clone() where it must not",
        )
    source = tensor if not links or links[0] is None else links[0][0]
    if source._node is None and not tape.was_made_here(source):
        name = type(source).__name__
        kind = next((word for word in ("parameter", "buffer") if word in name.lower()), "tensor")
        raise refused(
            f"the computation changes a {kind} of shape {list(source.shape)} in place, which existed before: a plan "
            "computes results from what it is given, and keeps nothing from step to step",
            "change it outside of forward, or a clone() of it; or train on the tape",
        )
    hidden = any(one is not None and not one[3] for one in links) or not current.get().record
    if hidden and source._requires_grad:
        raise refused(
            "the computation changes numbers in place without recording it (under no_grad, or by a detached tensor)",
            "change a clone() of it",
        )


def check_writable(tensor: core.Tensor, uniform: bool) -> None:
    """Check that the memory of a tensor can be written to.

    Raises:
        OperationError: the owner has made the memory read-only, or several elements share one place.
    """
    if tensor.memory.read_only:
        raise OperationError("the array that this tensor shares is read-only", "make a copy of it: tensor() or clone()")
    if (
        tensor.array.size
        and not uniform
        and any(n > 1 and not step for n, step in zip(tensor.shape, tensor.array.strides, strict=True))
    ):
        raise OperationError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
            "Please clone() the tensor before performing the operation.",
            "the result of expand() has several elements in one memory location",
        )


def write(tensor: core.Tensor, values: Array, uniform: bool = False) -> None:
    """Write `values` into the memory of `tensor`, even if a graph has locked it; `uniform` if all are equal.

    Backward through a graph that has saved this memory raises an error afterwards.

    Raises:
        OperationError: the owner has made the memory read-only, or several elements share one place.
    """
    check_writable(tensor, uniform)
    root = tensor.root
    if root._node is not None:
        root._node.keep_result(tensor.array)
    array = tensor.array
    place: Any = ...
    if uniform and array.size:
        # One write is enough where one place is seen as many elements.
        place = (*(slice(None if step else 1) for step in array.strides), ...)
        values = values.reshape(-1)[0]
    chain = [array]
    while isinstance(chain[-1].base, np.ndarray):
        chain.append(chain[-1].base)
    before = [one.flags.writeable for one in chain]
    if not before[0]:
        # The owner of the memory comes first: a view can only be writable if its owner is.
        for one in reversed(chain):
            one.flags.writeable = True
    array[place] = values
    for one, writeable in zip(chain, before, strict=True):
        if not writeable:
            one.flags.writeable = False
    tensor.mark_changed()


def save(node: Node, position: int, source: core.Tensor) -> None:
    """Lock the memory of a leaf that the node has saved, until backward has read it."""
    array = source.array
    root = source if source._base is None else source._base
    memory = root._memory
    lock = None if memory is None or memory._lock is None else memory._lock()
    if not array.flags.writeable:
        if lock is not None:
            node.locks = [*(node.locks or ()), lock]
        return
    if is_borrowed(array):
        # Such memory could not be unlocked again.
        node.inputs = (*node.inputs[:position], core.Tensor(array.copy()), *node.inputs[position + 1 :])
        return
    if lock is None:
        lock = root.memory.locked()
    if source._link is not None:
        first, _ = origin(source)
        if first._node is None and not first._requires_grad:
            lock.hold(first.array)
    lock.hold(array)
    node.locks = [*(node.locks or ()), lock]


class _Shared:
    """The tensors that share parts of one array of the caller, sorted by their first byte."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._tensors: list[weakref.ref[core.Tensor]] = []
        self._longest = 0

    def __len__(self) -> int:
        return len(self._starts)

    def overlapping(self, array: Array) -> core.Tensor | None:
        """A tensor that shares memory with `array`."""
        low, high = byte_bounds(array)
        at = bisect.bisect_left(self._starts, low - self._longest)
        while at < len(self._starts) and self._starts[at] < high:
            tensor = self._tensors[at]()
            if tensor is not None and np.may_share_memory(tensor.array, array):
                return tensor
            at += 1
        return None

    def add(self, tensor: core.Tensor, forget: Callable[[], None]) -> None:
        """Add a tensor; `forget` is called when it is deleted."""
        low, high = byte_bounds(tensor.array)
        self._longest = max(self._longest, high - low)

        def gone(dead: weakref.ref[core.Tensor]) -> None:
            at = bisect.bisect_left(self._starts, low)
            while self._tensors[at] is not dead:
                at += 1
            del self._starts[at], self._tensors[at]
            forget()

        at = bisect.bisect_right(self._starts, low)
        self._starts.insert(at, low)
        self._tensors.insert(at, weakref.ref(tensor, gone))


def sharing(array: Array) -> core.Tensor:
    """A tensor on an array of the caller; tensors on overlapping memory share their history."""
    tensor = core.Tensor(array)
    known = _given.get(id(owner_of(array)))
    other = known.overlapping(array) if known is not None else None
    if other is not None:
        tensor._base = other.root
        tensor._seen = history_of(other.root)
        return tensor
    if not array.flags.writeable:
        tensor.memory.read_only = True
    register(tensor)
    return tensor


def register(tensor: core.Tensor) -> None:
    """Record that an array of the caller shares the memory of `tensor`."""
    root = tensor.root
    owner = id(owner_of(root.array))
    known = _given.setdefault(owner, _Shared())
    if known.overlapping(root.array) is not None:
        return

    def forget() -> None:
        if not known and _given.get(owner) is known:
            del _given[owner]

    known.add(root, forget)

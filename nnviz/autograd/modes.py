"""How operations run: recorded for backward or not, on numbers or on shapes alone; under PyTorch's names."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, ParamSpec, Self, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from nnviz.autograd.node import Node
from nnviz.autograd.operation import Array, Shape
from nnviz.errors import GraphError, OperandError

if TYPE_CHECKING:
    from nnviz.autograd.tensor import Tensor

# Where numpy warns (division by 0, log of 0, overflow) the result is inf or NaN, as in PyTorch.
quiet = np.errstate(all="ignore")

P = ParamSpec("P")
R = TypeVar("R")


class Tape(list[Node]):
    """The nodes of one run on shapes alone.

    Attributes:
        made: the tensors that were created during the run: unlike those that existed before, they may be changed
            in place, since every run begins with new ones.
        refusal: the first error about missing numbers; it is stored even if the computation catches the error, which
            would not occur on numbers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.made: list[Tensor] = []
        self.refusal: GraphError | None = None

    def was_made_here(self, tensor: Tensor) -> bool:
        """Whether the run itself created `tensor`."""
        return any(tensor is one for one in self.made)


class Mode(NamedTuple):
    """Whether operations are recorded for backward, and the tape of a run on shapes alone, if there is one."""

    record: bool
    tape: Tape | None = None


_RECORDING = Mode(record=True)

current: ContextVar[Mode] = ContextVar("mode", default=_RECORDING)
"""The mode of this thread."""


class set_grad_enabled:  # noqa: N801 (PyTorch's name)
    """Switch recording for backward on or off: from now on, inside a `with`, or in a decorated function.

    Inside `abstract()` operations are still recorded on its tape, but no gradient flows through them.

    Args:
        mode: whether operations are recorded.
    """

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, bool | np.bool_):
            raise OperandError(
                f"set_grad_enabled(): argument 'enabled' (position 1) must be bool, not {type(mode).__name__}",
                "True records, False does not",
            )
        self._before = current.get()
        self._record = bool(mode)
        current.set(Mode(self._record, self._before.tape))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        current.set(self._before)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorator: `function`, run in this mode."""
        # As a decorator it must not stay active.
        current.set(self._before)
        return _within(function, lambda: set_grad_enabled(self._record))


class _Grad:
    """Base of `no_grad` and its kin: a context, and a decorator with or without parentheses."""

    record: bool

    def __new__(cls, function: Any = None) -> Any:
        """The context itself; or, given a function, that function decorated with it."""
        made = object.__new__(cls)
        if function is None or isinstance(function, bool):
            return made
        if not callable(function):
            raise OperandError(f"{cls.__name__} takes a function to decorate, got {type(function).__name__}")
        return made(function)

    def __init__(self, function: Any = None) -> None:
        self._record = self.record if function is not False else not self.record
        self._before: list[Mode] = []

    def __enter__(self) -> None:
        before = current.get()
        self._before.append(before)
        current.set(Mode(self._record, before.tape))

    def __exit__(self, *_: object) -> None:
        current.set(self._before.pop())

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorator: `function`, run in this mode."""
        return _within(function, type(self))


def _within(function: Callable[P, R], context: Callable[[], Any]) -> Callable[P, R]:
    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with context():
            return function(*args, **kwargs)

    return run


class no_grad(_Grad):  # noqa: N801 (PyTorch's name)
    """Context in which nothing is recorded for backward, for predictions.

    Inside `abstract()` operations are still recorded on its tape, but no gradient flows through them.
    """

    record = False


class inference_mode(_Grad):  # noqa: N801 (PyTorch's name)
    """As `no_grad`; `inference_mode(False)` records."""

    record = False


class enable_grad(_Grad):  # noqa: N801 (PyTorch's name)
    """Context in which operations are recorded, even inside `no_grad`."""

    record = True


@contextmanager
def abstract() -> Iterator[Tape]:
    """Context in which operations run on shapes alone, without data; yields the tape of the nodes recorded so far."""
    tape = Tape()
    token = current.set(Mode(record=True, tape=tape))
    try:
        yield tape
    finally:
        current.reset(token)


def is_grad_enabled() -> bool:
    """Whether operations are currently recorded in the graph."""
    return current.get().record


def is_inference_mode_enabled() -> bool:
    """Whether `inference_mode` is active."""
    return not current.get().record


def is_abstract() -> bool:
    """Whether operations currently run on shapes alone."""
    return current.get().tape is not None


def refused(message: str, hint: str) -> GraphError:
    """The error for what a run on shapes alone cannot do; the tape keeps the first one."""
    error = GraphError(message, hint)
    tape = current.get().tape
    if tape is not None and tape.refusal is None:
        tape.refusal = error
    return error


def needs_numbers(what: str) -> None:
    """Check that numbers are available, for a computation that depends on them.

    Raises:
        GraphError: inside `abstract()`.
    """
    if current.get().tape is not None:
        raise refused(
            f"{what} depends on the numbers, and here are only shapes",
            "a plan and a shape trace follow operations alone: where(x > 0, a, b) chooses element by element",
        )


class NoNumbers(np.ndarray[Any, Any]):
    """An array without numbers: shape and dtype alone; reading its numbers raises an error."""

    def __array_ufunc__(self, *_: object, **__: object) -> NoReturn:
        needs_numbers("what Python or numpy makes of its numbers")
        raise refused("here are only shapes, and numpy computes with numbers", "compute with tensors")

    def __array_function__(self, *_: object, **__: object) -> NoReturn:
        self.__array_ufunc__()

    __getitem__ = __float__ = __int__ = __bool__ = __index__ = __iter__ = __array_ufunc__


def without_data(shape: Shape, dtype: DTypeLike = np.float32) -> Array:
    """An array of that shape that takes no memory (all strides are 0), and whose numbers cannot be read."""
    return np.broadcast_to(np.zeros((), dtype), shape).view(NoNumbers)

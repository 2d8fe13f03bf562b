"""An operation is one entry: forward, vector-Jacobian products, shape rule and formula.

The tape, the shape trace, the graph on the screen and the gradient check all read the same entry. An entry is
stateless, and knows neither tensors nor the tape: `forward` maps arrays to an array, and each vjp (vector-Jacobian
product) maps the upstream gradient `g`, the result `out` and the inputs to the gradient of one input. Gradients may be
returned in the broadcast shape; the backward pass sums them down. An entry also names the arrays that its vjps read, so
that changing one in place before backward is detected, and the sample inputs at which it is tested.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, ParamSpec, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.formula import Written
from nnviz.autograd.kernel import Kernel
from nnviz.autograd.sample_inputs import Sample, for_arity
from nnviz.autograd.sums import FEW, total
from nnviz.errors import OperandError

Array = NDArray[Any]
Shape = tuple[int, ...]
Rule = Callable[..., Array]

LETTERS = "abcdefgh"
"""The letters that formulas use for the inputs by default."""

OUT = -1
"""The position of the result in `saved`."""

EVERYTHING = (OUT - 1,)
"""The default of `saved`: the result and every input."""

operations: dict[str, Operation] = {}
"""Every operation there is, by name."""


@runtime_checkable
class Operand(Protocol):
    """What operations are applied to. It runs them itself, so that operations need not know what a tensor is."""

    _apply: ClassVar[Callable[..., Any]]
    """Runs an operation that computes, of (operation, inputs, attributes)."""
    _apply_view: ClassVar[Callable[..., Any]]
    """The same for an operation whose result may be a view of its input."""


T = TypeVar("T", bound=Operand)


def by_arity() -> list[Sample]:
    """The default of `samples`."""
    return []


@dataclass(frozen=True, eq=False)
class Operation:
    """One differentiable operation.

    Args:
        name: its name, for example `matmul`.
        forward: `forward(*arrays, **attributes)` gives the result.
        vjps: one vector-Jacobian product per input, `vjp(g, out, *arrays, **attributes)`; None where an input is
            not differentiable (class labels). For a variable number of inputs, a function of that number.
        shape: `shape(*shapes, **attributes)` gives the result's shape without any data, or raises ShapeError.
        formula: its formula, as text.
        saved: the positions of the inputs whose numbers the vjps read, and OUT if they read the result; by default
            all of them.
        samples: the inputs at which the operation is tested, at least 40; by default one array, or two that
            broadcast, according to the number of vjps.
        analytic: whether it is a complex-analytic function of its inputs where it is smooth, so that the complex step
            proves its gradient to the last digits.
        view: whether the result may be the input's own memory.
        kernel: how it runs in a plan; without one the plan calls `forward` and the vjps, and copies.
        crosswise: whether the gradient of each of its two inputs reads only the other input.
        letters: the formula's letters for the inputs, one each.
        elementwise: whether each element of the result depends on one element of each (broadcast) input.
        written: how one element is written with its numbers; see `nnviz.autograd.formula`.
        reads: `reads(index, *shapes, **attributes)` gives the elements of each input that one element of the result
            depends on; None if they have to be found by trial. See `nnviz.views.element`.
        partner: of an operation whose result is a sum of products of two inputs, `partner(position, index, at, *shapes,
            **attributes)`: the element of the other input by which the element `index` of input `position`, 0 or 1, is
            multiplied in the result's element `at`.
        stochastic: whether it draws random numbers. A plan then runs it even if no other operation reads its result,
            so that the generator ends in the state in which the tape would leave it.
        gradients: the formula of ∂L/∂input for each input, None where that is not differentiable: of `upstream`, which
            is ∂L/∂out, of `out`, and of the inputs by their letters. The last one also holds for all inputs after it.
    """

    name: str
    forward: Callable[..., Array]
    vjps: tuple[Rule | None, ...] | Callable[[int], tuple[Rule | None, ...]]
    shape: Callable[..., Shape]
    formula: str
    saved: tuple[int, ...] = EVERYTHING
    samples: Callable[[], list[Sample]] = by_arity
    analytic: bool = True
    view: bool = False
    kernel: Kernel | None = None
    crosswise: bool = False
    letters: str = LETTERS
    elementwise: bool = False
    written: Written | None = None
    reads: Callable[..., list[list[Shape]] | None] | None = None
    partner: Callable[..., Shape] | None = None
    stochastic: bool = False
    gradients: tuple[str | None, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.vjps) if isinstance(self.vjps, tuple) else None
        if self.saved is EVERYTHING:
            object.__setattr__(self, "saved", (OUT, *range(count or 0)))
        if self.samples is by_arity:
            object.__setattr__(self, "samples", for_arity(2 if count is None else count))

    @property
    def always_view(self) -> bool:
        """Whether the result is the input's own memory in any case: of all views, only a reshape may have to copy."""
        return self.view and self.name != "reshape"

    def rules(self, count: int) -> tuple[Rule | None, ...]:
        """The vjps for `count` inputs."""
        return self.vjps if isinstance(self.vjps, tuple) else self.vjps(count)

    def gradient_formula(self, position: int) -> str:
        """The formula of ∂L/∂input for the input at `position`; empty where none is written."""
        return (self.gradients[min(position, len(self.gradients) - 1)] if self.gradients else None) or ""

    def __call__(self, *inputs: T, **attributes: Any) -> T:
        """Apply it to the inputs; tensors record it on the tape where a gradient may be needed.

        Raises:
            ShapeError: the shapes do not fit.
            OperandError: an input is not a tensor.
        """
        try:
            run = inputs[0]._apply_view if self.view else inputs[0]._apply
        except (AttributeError, IndexError):
            run = self._runner(inputs)
        result: T = run(self, inputs, attributes)
        return result

    def _runner(self, inputs: tuple[object, ...]) -> Callable[..., Any]:
        """The `_apply` or `_apply_view` of the first input that has one.

        Raises:
            OperandError: there is none.
        """
        for one in inputs:
            if isinstance(one, Operand):
                return one._apply_view if self.view else one._apply
        if not inputs:
            raise OperandError(f"{self.name}() needs a tensor", "give at least one")
        raise not_a_tensor(self.name, " (position 1)", inputs[0])


P = ParamSpec("P")


def _entered(make: Callable[P, Operation]) -> Callable[P, Operation]:
    """Decorator: also adds the operation to `operations`."""

    def define(*args: P.args, **kwargs: P.kwargs) -> Operation:
        """Make an operation and enter it into `operations`; names are unique. See `Operation` for the arguments.

        Raises:
            ValueError: the name is taken.
        """
        made = make(*args, **kwargs)
        if made.name in operations:
            raise ValueError(f"an operation is already called {made.name!r}")
        operations[made.name] = made
        return made

    return define


define = _entered(Operation)


def class_name(value: object) -> str:
    """The name of the class of `value`, with its module unless it is built in."""
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def not_a_tensor(name: str, argument: str, value: object) -> OperandError:
    """The error for an argument of the function `name` that is not a tensor."""
    hint = "from_numpy() makes a tensor of it" if isinstance(value, np.ndarray) else "make one with tensor()"
    where = f"{name}(): argument" if name else "argument"
    return OperandError(f"{where}{argument} must be Tensor, not {class_name(value)}", hint)


def unbroadcast(gradient: Array, shape: Shape) -> Array:
    """Sum a gradient over the axes along which its input was broadcast, so that it gets the input's `shape`."""
    extra = gradient.ndim - len(shape)
    if extra == 1:
        # The most common case, a bias; numpy is faster with one axis than with a tuple of one.
        gradient = np.add.reduce(gradient, 0) if len(gradient) <= FEW else total(gradient, (0,))
    elif extra > 1:
        gradient = total(gradient, tuple(range(extra)))
    stretched = tuple(i for i, size in enumerate(shape) if size == 1 and gradient.shape[i] != 1)
    if stretched:
        gradient = total(gradient, stretched, keepdims=True)
    return np.asarray(gradient)

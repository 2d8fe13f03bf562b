"""An operation is one entry: forward, gradients, shape rule and formula stand together.

The tape, the shape trace, the graph on the screen and the gradient check all read the same entry. An entry
is stateless: `forward` maps arrays to an array, and each gradient maps the upstream gradient `g`, the result
`out` and the inputs to the gradient of one input (its vector-Jacobian product). Gradients may come in the
broadcast shape; the backward pass sums them down. An entry also says what its gradients read, so that a change of it
in between is noticed, and at which points it is to be tested.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.kernel import Kernel
from nnviz.autograd.samples import Sample, for_arity
from nnviz.autograd.sums import FEW, total
from nnviz.autograd.written import Written

Array = NDArray[Any]
Shape = tuple[int, ...]
Rule = Callable[..., Array]

LETTERS = "abcdefgh"
"""What inputs are called where nothing else is said."""

OUT = -1
"""In `keeps`: the result itself."""

operations: dict[str, Operation] = {}
"""Every operation there is, by name."""


@dataclass(frozen=True, eq=False)
class Operation:
    """One differentiable operation.

    Args:
        name: the field's own word, for example `matmul`.
        forward: `forward(*arrays, **attributes)` gives the result.
        gradients: one rule an input, `rule(g, out, *arrays, **attributes)`; None where an input is not
            differentiable (class labels). A function of the number of inputs where that is open.
        shape: `shape(*shapes, **attributes)` gives the result's shape without any data, or raises ShapeError.
        formula: the operation as one writes it.
        keeps: the inputs, by position, whose numbers the rules read, and OUT where they read the result's.
        samples: the points at which the operation is tested, 40 at least.
        analytic: whether it is a complex-analytic function of its inputs where it is smooth, so that the complex step
            proves its gradient to the last digits.
        view: whether the result may be the input's own memory.
        kernel: how it runs in a static plan; without one the plan runs `forward` and the rules, and copies.
        crosswise: whether the gradient of each of its two inputs reads the numbers of the other alone.
        letters: what the formula calls the inputs, one letter each.
        elementwise: whether each element of the result is made of one element of each input, which broadcast.
        written: how one element is written with its numbers; see `nnviz.autograd.written`.
        reads: the elements of each input that one element of the result is made of, `reads(index, *shapes,
            **attributes)`, where that is quicker said than found out (None: find out); see `nnviz.views.unfold`.
        stochastic: whether it draws random numbers: a plan then runs it even where nothing reads its result, so that
            the generator stands where the tape would leave it.
    """

    name: str
    forward: Callable[..., Array]
    gradients: tuple[Rule | None, ...] | Callable[[int], tuple[Rule | None, ...]]
    shape: Callable[..., Shape]
    formula: str
    keeps: tuple[int, ...]
    samples: Callable[[], list[Sample]]
    analytic: bool
    view: bool
    kernel: Kernel | None = None
    crosswise: bool = False
    letters: str = LETTERS
    elementwise: bool = False
    written: Written | None = None
    reads: Callable[..., list[list[Shape]] | None] | None = None
    stochastic: bool = False

    @property
    def always_view(self) -> bool:
        """Whether the result is the input's own memory in any case: of all views, only a reshape may have to copy."""
        return self.view and self.name != "reshape"

    def rules(self, count: int) -> tuple[Rule | None, ...]:
        """The gradient rules for `count` inputs."""
        return self.gradients if isinstance(self.gradients, tuple) else self.gradients(count)

    def __call__(self, *inputs: core.Tensor, **attributes: Any) -> core.Tensor:
        """Apply it to tensors; recorded on the tape where a gradient may be wanted."""
        return core.look(self, inputs, attributes) if self.view else core.apply(self, inputs, attributes)


def define(
    name: str,
    *,
    forward: Callable[..., Array],
    gradients: tuple[Rule | None, ...] | Callable[[int], tuple[Rule | None, ...]],
    shape: Callable[..., Shape],
    formula: str,
    keeps: tuple[int, ...] | None = None,
    samples: Callable[[], list[Sample]] | None = None,
    analytic: bool = True,
    view: bool = False,
    kernel: Kernel | None = None,
    crosswise: bool = False,
    letters: str = LETTERS,
    elementwise: bool = False,
    written: Written | None = None,
    reads: Callable[..., list[list[Shape]] | None] | None = None,
    stochastic: bool = False,
) -> Operation:
    """Make an operation and enter it into `operations`; a name is given once. See `Operation` for the arguments.

    Left out, `keeps` is everything, and `samples` are of one array, or of two that broadcast, by the number of rules.
    """
    if name in operations:
        raise ValueError(f"an operation is already called {name!r}")
    if keeps is None:
        keeps = (OUT, *range(len(gradients))) if isinstance(gradients, tuple) else (OUT,)
    if samples is None:
        samples = for_arity(len(gradients) if isinstance(gradients, tuple) else 2)
    operations[name] = made = Operation(
        name,
        forward,
        gradients,
        shape,
        formula,
        keeps,
        samples,
        analytic,
        view,
        kernel,
        crosswise,
        letters,
        elementwise,
        written,
        reads,
        stochastic,
    )
    return made


def unbroadcast(gradient: Array, shape: Shape) -> Array:
    """Sum a gradient over the axes along which its input was broadcast, so that it gets the input's `shape`."""
    extra = gradient.ndim - len(shape)
    if extra == 1:
        # By far the commonest case, a bias; numpy is quicker with one axis than with a tuple of one.
        gradient = np.add.reduce(gradient, 0) if len(gradient) <= FEW else total(gradient, (0,))
    elif extra > 1:
        gradient = total(gradient, tuple(range(extra)))
    stretched = tuple(i for i, size in enumerate(shape) if size == 1 and gradient.shape[i] != 1)
    if stretched:
        gradient = total(gradient, stretched, keepdims=True)
    return np.asarray(gradient)


# Last, and by name alone: the tensor builds on this module.
import nnviz.autograd.tensor as core  # noqa: E402

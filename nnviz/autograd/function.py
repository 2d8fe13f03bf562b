"""Function: custom operations with forward and backward in Python, under PyTorch's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from nnviz.autograd import ops
from nnviz.autograd.backward import refuse_changed
from nnviz.autograd.modes import current, is_abstract, no_grad, refused
from nnviz.autograd.node import numbers
from nnviz.autograd.operation import Array, Operation, Rule, Shape
from nnviz.autograd.tensor import Tensor
from nnviz.errors import NotSupportedError, OperandError, OperationError


class Context:
    """The context that forward fills for backward.

    Attributes:
        needs_input_grad: for each argument of forward, whether its gradient is needed.
    """

    needs_input_grad: tuple[bool, ...] = ()

    def __init__(self) -> None:
        self._saved: tuple[Tensor | None, ...] = ()
        self._saved_at = 0
        self._without: tuple[Tensor, ...] = ()
        self._materialize = True

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Save tensors for backward; an in-place change of one before backward is detected."""
        for one in tensors:
            if one is not None and not isinstance(one, Tensor):
                raise OperandError(
                    f"save_for_backward can only save variables, but argument is of type {type(one).__name__}",
                    "keep other things as attributes: ctx.exponent = 2",
                )
        self._saved = tensors
        self._saved_at = next(numbers)

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """The tensors given to `save_for_backward`.

        Raises:
            GraphError: one of them was changed in place since then.
        """
        for one in self._saved:
            if one is not None and one.changed_at > self._saved_at:
                refuse_changed(one, self._saved_at)
        return self._saved

    def mark_non_differentiable(self, *outputs: Tensor) -> None:
        """Mark results as not differentiable."""
        self._without = outputs

    def mark_dirty(self, *_: Tensor) -> NoReturn:
        """Not supported: forward must return new tensors."""
        raise NotSupportedError("mark_dirty is not supported", "return a new tensor: the input stays as it is")

    def set_materialize_grads(self, value: bool) -> None:
        """Set whether backward receives zeros or None for a result that the loss does not depend on."""
        self._materialize = value


class Function:
    """Base of custom operations: `forward(ctx, *args)` and `backward(ctx, *gradients)`, both static methods.

    `apply(*args)` runs forward without recording it, and records one node whose gradients `backward` returns: one for
    each argument, None if it has none. With `setup_context(ctx, inputs, output)` forward takes no `ctx`.
    """

    @staticmethod
    def forward(*_args: Any, **_kwargs: Any) -> Any:
        """Compute the result, a tensor or a tuple of tensors."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Context, inputs: tuple[Any, ...], output: Any) -> None:
        """Save what backward needs, if forward takes no `ctx`."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(_ctx: Any, *_gradients: Any) -> Any:
        """The gradient of each argument of forward, from the gradient of each result."""
        raise NotImplementedError("You must implement the backward function for your custom autograd.Function.")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run forward, and record it as one node.

        Raises:
            GraphError: in a plan, which cannot run Python code.
        """
        if is_abstract():
            raise refused(
                f"a plan cannot follow {cls.__name__}: an autograd.Function runs Python at every step",
                "write it with the operations of nnviz, or train on the tape",
            )
        context = Context()
        context.needs_input_grad = tuple(isinstance(one, Tensor) and one.requires_grad for one in args)
        with no_grad():
            if cls.setup_context is Function.setup_context:
                result = cls.forward(context, *args)
            else:
                result = cls.forward(*args)
                cls.setup_context(context, args, result)
        results = result if isinstance(result, tuple) else (result,)
        given = [id(one) for one in context._without]
        moving = [isinstance(r, Tensor) and r.dtype.kind in "fc" and id(r) not in given for r in results]
        if not any(context.needs_input_grad) or not current.get().record or not any(moving):
            return result
        recorded = _recorded(cls, context, args, results, moving)
        return recorded if isinstance(result, tuple) else recorded[0]


def _recorded(
    function: type[Function], context: Context, args: tuple[Any, ...], results: tuple[Any, ...], moving: list[bool]
) -> tuple[Any, ...]:
    """The results as tensors with history; several are parts of one concatenated result."""
    shapes = [r.shape for r, moves in zip(results, moving, strict=True) if moves]
    arrays = [r.array for r, moves in zip(results, moving, strict=True) if moves]
    places = [i for i, one in enumerate(args) if isinstance(one, Tensor)]
    whole = np.array(arrays[0]) if len(arrays) == 1 else np.concatenate([array.ravel() for array in arrays])
    back = _Back(function, context, shapes, moving, len(args))
    operation = Operation(
        name=function.__name__,
        forward=lambda *_: whole,
        vjps=tuple(back.rule(place, position) for position, place in enumerate(places)),
        shape=lambda *_: whole.shape,
        formula=function.__name__,
        saved=(),
        samples=list,
        analytic=False,
        view=False,
    )
    out = operation(*[args[place] for place in places])
    if len(arrays) == 1:
        parts = iter([out])
    else:
        ends = np.cumsum([array.size for array in arrays])
        pieces = zip(ends, arrays, strict=True)
        parts = iter(
            [
                ops.reshape(ops.index(out, index=(slice(int(end) - array.size, int(end)), ...)), shape=array.shape)
                for end, array in pieces
            ]
        )
    return tuple(next(parts) if moves else one for one, moves in zip(results, moving, strict=True))


class _Back:
    """Backward of one application, run once per upstream gradient for all arguments together."""

    def __init__(
        self, function: type[Function], context: Context, shapes: list[Shape], moving: list[bool], count: int
    ) -> None:
        self._function = function
        self._context = context
        self._shapes = shapes
        self._moving = moving
        self._count = count
        self._latest: tuple[Array, tuple[Any, ...]] | None = None

    def rule(self, place: int, position: int) -> Rule:
        """The vjp of the argument at `place`, which is tensor number `position`."""

        def gradient(g: Array, _: Array, *arrays: Array) -> Array:
            if self._latest is None or self._latest[0] is not g:
                self._latest = (g, self._gradients(g))
            found = self._latest[1][place]
            like = arrays[position]
            if found is None:
                return np.zeros_like(like)
            if not isinstance(found, Tensor):
                raise OperandError(
                    f"expected Variable or None (got {type(found).__name__})", "backward gives a tensor an argument"
                )
            if found.shape != like.shape:
                raise OperationError(
                    f"Function {self._function.__name__}Backward returned an invalid gradient at index {place} - got "
                    f"{list(found.shape)} but expected shape compatible with {list(like.shape)}"
                )
            return found.array

        return gradient

    def _gradients(self, g: Array) -> tuple[Any, ...]:
        """The gradients that backward returns, one for each argument."""
        flat, at = g.reshape(-1), 0
        shapes = iter(self._shapes)
        upstream: list[Tensor | None] = []
        for moves in self._moving:
            if not moves:
                upstream.append(None)
                continue
            shape = next(shapes)
            size = int(np.prod(shape))
            upstream.append(Tensor(np.array(flat[at : at + size].reshape(shape))))
            at += size
        with no_grad():
            found = self._function.backward(self._context, *upstream)
        given = found if isinstance(found, tuple) else (found,)
        if len(given) > self._count and all(one is None for one in given[self._count :]):
            given = given[: self._count]
        if len(given) != self._count:
            raise OperationError(
                f"function {self._function.__name__}Backward returned an incorrect number of gradients (expected "
                f"{self._count}, got {len(given)})",
                "give one for each argument of forward, None where there is none",
            )
        return given


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """PyTorch's decorator for a backward that is not differentiable, as all are here."""
    return backward


Variable = Tensor
"""PyTorch's older name: every tensor is one."""

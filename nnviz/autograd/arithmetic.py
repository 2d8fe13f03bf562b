"""Arithmetic of tensors and numbers, under PyTorch's names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import nnviz.autograd.tensor as core
from nnviz.autograd import ops
from nnviz.autograd.operation import Operation
from nnviz.autograd.pointwise import square
from nnviz.autograd.types import beside, floating, kind_of, matched, only_tensors, to, type_name
from nnviz.errors import DtypeError, NotSupportedError, OperandError, OperationError

if TYPE_CHECKING:
    from nnviz.autograd.types import Operand

# The names abs, max, min, pow and round mean the functions of this module, as they do in PyTorch.

__all__ = [
    "add", "addcdiv", "addcmul", "clamp", "clamp_max", "clamp_min", "clip", "div", "divide", "floor_divide", "fmod",
    "lerp", "maximum", "minimum", "mul", "multiply", "neg", "negative", "positive", "pow", "remainder", "rsub",
    "sub", "subtract", "true_divide",
]  # fmt: skip


def add(input: core.Tensor, other: Operand, *, alpha: float = 1) -> core.Tensor:
    """input + alpha · other."""
    return ops.add(*matched(input, _scaled(other, alpha)))


def sub(input: core.Tensor, other: Operand, *, alpha: float = 1) -> core.Tensor:
    """input − alpha · other."""
    return ops.sub(*matched(*_no_truths(input, _scaled(other, alpha))))


def _scaled(other: Operand, alpha: float) -> Operand:
    if alpha == 1:
        return other
    return mul(*matched(other, alpha)) if isinstance(other, core.Tensor) else other * alpha


def rsub(input: core.Tensor, other: Operand) -> core.Tensor:
    """other − input."""
    return ops.sub(*matched(*_no_truths(other, input)))


def _no_truths(*operands: Any) -> tuple[Any, ...]:
    """Check that no operand is a bool, which cannot be negated."""
    for operand in operands:
        if operand is True or operand is False or (isinstance(operand, core.Tensor) and operand.dtype == bool):
            raise DtypeError(
                "Subtraction and negation, the `-` operator, with a bool tensor are not supported.",
                "to invert a mask, use the ~ operator; to count with it, .long() first",
            )
    return operands


def mul(input: core.Tensor, other: Operand) -> core.Tensor:
    """input · other."""
    return ops.mul(*matched(input, other))


def div(input: core.Tensor, other: Operand, *, rounding_mode: str | None = None) -> core.Tensor:
    """input / other; integers are converted to floats unless the quotient is rounded.

    Args:
        input: the dividend.
        other: the divisor.
        rounding_mode: "floor" to round down, "trunc" to round toward 0.
    """
    a, b = matched(input, other)
    if rounding_mode is not None:
        if rounding_mode not in ("floor", "trunc"):
            raise OperationError(
                f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
            )
        return _whole(ops.floor_divide if rounding_mode == "floor" else ops.trunc_divide, a, b)
    return ops.div(floating(a), floating(b))


def rdiv(input: core.Tensor, other: Operand) -> core.Tensor:
    """other / input."""
    return div(*matched(other, input))


def floor_divide(input: core.Tensor, other: Operand) -> core.Tensor:
    """⌊input / other⌋: the `//` operator."""
    return _whole(ops.floor_divide, *matched(input, other))


def rfloor_divide(input: core.Tensor, other: Operand) -> core.Tensor:
    """⌊other / input⌋."""
    return floor_divide(*matched(other, input))


def remainder(input: core.Tensor, other: Operand) -> core.Tensor:
    """The remainder of input / other with the sign of `other`: the `%` operator."""
    return _whole(ops.remainder, *matched(input, other))


def rremainder(input: core.Tensor, other: Operand) -> core.Tensor:
    """other % input."""
    return remainder(*matched(other, input))


def fmod(input: core.Tensor, other: Operand) -> core.Tensor:
    """The remainder of input / other with the sign of `input`."""
    return _whole(ops.fmod, *matched(input, other))


def _whole(operation: Operation, a: core.Tensor, b: core.Tensor) -> core.Tensor:
    """An operation with an integer quotient, which bools do not have."""
    if a.dtype == bool:
        raise NotSupportedError(f"\"{operation.name}\" not implemented for 'Bool'", "call .long() first")
    return operation(a, b)


def no_divmod(input: core.Tensor, other: object) -> Any:
    """Not supported, as in PyTorch.

    Raises:
        OperandError: always.
    """
    raise OperandError(
        f"unsupported operand type(s) for divmod(): '{type(input).__name__}' and '{type(other).__name__}'",
        "use // and % one after the other",
    )


def pow(input: core.Tensor, exponent: Operand) -> core.Tensor:
    """input to the power of exponent."""
    if isinstance(exponent, int) and exponent == 2 and isinstance(input, core.Tensor):
        return square(input)
    return ops.pow(*matched(input, exponent))


def rpow(input: core.Tensor, base: float) -> core.Tensor:
    """base to the power of input."""
    return pow(matched(base, input)[0], input)


def neg(input: core.Tensor) -> core.Tensor:
    """−input."""
    number: core.Tensor = _no_truths(input)[0]
    return ops.neg(number)


def positive(input: core.Tensor) -> core.Tensor:
    """+input: the tensor itself."""
    if kind_of(input) == "b":
        raise DtypeError("The `+` operator, on a bool tensor is not supported.", "call .long() first")
    return input


def addcmul(input: core.Tensor, tensor1: core.Tensor, tensor2: core.Tensor, *, value: float = 1) -> core.Tensor:
    """input + value · tensor1 · tensor2."""
    return add(input, mul(tensor1, tensor2), alpha=value)


def addcdiv(input: core.Tensor, tensor1: core.Tensor, tensor2: core.Tensor, *, value: float = 1) -> core.Tensor:
    """input + value · tensor1 / tensor2."""
    return add(input, div(tensor1, tensor2), alpha=value)


def lerp(input: core.Tensor, end: core.Tensor, weight: core.Tensor | float) -> core.Tensor:
    """input + weight · (end − input): from input at weight 0 to end at 1."""
    only_tensors("lerp", (input, end))
    if input.dtype != end.dtype:
        raise DtypeError(
            f"expected dtype {type_name(input.dtype)} for `end` but got dtype {type_name(end.dtype)}",
            "call .float() or .double() on one of them",
        )
    return add(input, mul(sub(end, input), weight))


def clamp(input: core.Tensor, min: Operand | None = None, max: Operand | None = None) -> core.Tensor:
    """min(max(input, min), max), where the bounds are numbers or tensors."""
    if min is None and max is None:
        raise OperationError("torch.clamp: At least one of 'min' or 'max' must not be None", "give a bound")
    for name, bound in (("min", min), ("max", max)):
        if bound is not None and not isinstance(bound, core.Tensor | int | float | np.number):
            raise OperandError(
                f"clamp(): argument '{name}' must be Number or Tensor, not {type(bound).__name__}", "tensor() makes one"
            )
    if isinstance(min, core.Tensor) or isinstance(max, core.Tensor):
        # Between the bounds, and at them, the gradient is that of the input.
        for bound, is_lower in ((min, True), (max, False)):
            if bound is not None:
                a, b = matched(input, bound)
                input = ops.clip_at(a, b, lower=is_lower)
        return input
    return ops.clamp(to(input, beside(input.dtype, min, max)), low=min, high=max)


def clamp_min(input: core.Tensor, min: Operand) -> core.Tensor:
    """max(input, min)."""
    return clamp(input, min=min)


def clamp_max(input: core.Tensor, max: Operand) -> core.Tensor:
    """min(input, max)."""
    return clamp(input, max=max)


def maximum(input: core.Tensor, other: core.Tensor) -> core.Tensor:
    """The larger of each pair; equal elements share the gradient evenly."""
    only_tensors("maximum", (input, other))
    return ops.maximum(*matched(input, other))


def minimum(input: core.Tensor, other: core.Tensor) -> core.Tensor:
    """The smaller of each pair; equal elements share the gradient evenly."""
    only_tensors("minimum", (input, other))
    return ops.minimum(*matched(input, other))


subtract, multiply, divide, true_divide, negative = sub, mul, div, div, neg
clip = clamp

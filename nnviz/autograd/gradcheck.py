"""The gradient check: every analytic derivative against central differences, and against the complex step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nnviz.autograd.modes import no_grad
from nnviz.autograd.operation import Array
from nnviz.autograd.tensor import Tensor
from nnviz.errors import ArgumentError, GraphError


def gradcheck(
    function: Callable[..., Tensor],
    inputs: Tensor | Array | Sequence[Tensor | Array],
    *,
    eps: float = 1e-5,
    rtol: float = 1e-7,
    atol: float = 1e-9,
    complex_step: bool = False,
) -> bool:
    """Compare the Jacobian from backward with the one from finite differences.

    For every element of every float64 input, d(out)/d(x) is approximated by (f(x + eps) − f(x − eps)) / (2 eps), whose
    error is of the order eps² (truncation) and 1e-16 / eps (rounding). Inputs of other types (labels) are held fixed.

    An analytic function allows more: Im f(x + i eps) / eps has no rounding error at all, so with an eps of 1e-30 the
    derivative is exact to the last digits, and rtol can be 1e-12. Source: Squire & Trapp, "Using complex variables to
    estimate derivatives of real functions", SIAM Review 40 (1998).

    Args:
        function: a function of one Tensor per input that returns one Tensor.
        inputs: the point at which to check: an array or tensor, or several.
        eps: the step of the differences.
        rtol: the relative tolerance, relative to the largest derivative in the same row of the Jacobian.
        atol: the absolute tolerance.
        complex_step: use complex steps instead of differences; `function` must be analytic.

    Returns:
        True.

    Raises:
        GraphError: the two disagree; the message says where and by how much.
        ArgumentError: no input is float64, or one is a shorter float, too imprecise for differences.
    """
    points = [inputs] if isinstance(inputs, Tensor | np.ndarray) else inputs
    arrays = [point.array if isinstance(point, Tensor) else np.asarray(point) for point in points]
    moving = [_moves(array, which) for which, array in enumerate(arrays)]
    if not any(moving):
        raise ArgumentError(
            "gradcheck expects at least one input tensor to require gradient, but there is no float64 among them",
            "pass at least one float64 array or tensor: integer labels have no gradient",
        )
    analytic = _analytic(function, arrays, moving)
    for which in range(len(arrays)):
        if not moving[which]:
            continue
        numeric = _numeric(function, arrays, which, 1j * eps if complex_step else eps, len(analytic[which]))
        _compare(which, analytic[which], numeric, rtol, atol)
    return True


def _compare(which: int, analytic: Array, numeric: Array, rtol: float, atol: float) -> None:
    """Raise GraphError if the Jacobians (outputs, elements) of input `which` differ by more than the tolerances."""
    error = np.abs(analytic - numeric)
    scale = np.abs(numeric).max(axis=1, keepdims=True) if numeric.size else np.zeros((numeric.shape[0], 1))
    # Negated, so that NaN counts as bad.
    bad = ~(error <= atol + rtol * np.maximum(scale, 1))
    if bad.any():
        row, column = np.unravel_index(int(np.argmax(np.where(bad, error, -1))), error.shape)
        raise GraphError(
            f"the gradient of input {which} is wrong: d out[{row}] / d in[{column}] is "
            f"{analytic[row, column]:.12g} from backward and {numeric[row, column]:.12g} from differences",
            f"{int(bad.sum())} of {bad.size} derivatives differ: check the backward of the function",
        )


def _moves(array: Array, which: int) -> bool:
    """Whether this input is differentiated; raises ArgumentError for floats that are not float64."""
    if array.dtype.kind in "fc" and array.dtype != np.float64:
        raise ArgumentError(
            f"gradcheck expected float64, got {array.dtype} for input {which}",
            "call .double() on it: finite differences need float64 precision",
        )
    return array.dtype == np.float64


def _analytic(function: Callable[..., Tensor], inputs: Sequence[Array], moving: Sequence[bool]) -> list[Array]:
    """One Jacobian (outputs, elements) per input, by one backward for every element of the output."""
    tensors = [Tensor(array.copy(), requires_grad=moves) for array, moves in zip(inputs, moving, strict=True)]
    out = function(*tensors)
    jacobians = [np.zeros((out.array.size, array.size)) for array in inputs]
    for row in range(out.array.size):
        seed = np.zeros(out.array.size)
        seed[row] = 1
        out.backward(Tensor(seed.reshape(out.shape)), retain_graph=True)
        for jacobian, tensor in zip(jacobians, tensors, strict=True):
            if tensor.grad is not None:
                jacobian[row] = tensor.grad.array.ravel()
                tensor.grad = None
    return jacobians


def _numeric(function: Callable[..., Tensor], inputs: Sequence[Array], which: int, step: complex, rows: int) -> Array:
    """The numeric Jacobian, column by column: central differences, or complex steps if `step` is imaginary."""

    def value(shift: complex, column: int) -> Array:
        moved = [array.copy() for array in inputs]
        if isinstance(step, complex):
            moved = [a.astype(np.complex128) if a.dtype == np.float64 else a for a in moved]
        moved[which].reshape(-1)[column] += shift
        with no_grad():
            return function(*[Tensor(array) for array in moved]).array.ravel()

    def derivative(column: int) -> Array:
        if isinstance(step, complex):
            return np.asarray(value(step, column).imag / step.imag)
        return np.asarray((value(step, column) - value(-step, column)) / (2 * step))

    columns = [derivative(column) for column in range(inputs[which].size)]
    return np.stack(columns, axis=1) if columns else np.zeros((rows, 0))

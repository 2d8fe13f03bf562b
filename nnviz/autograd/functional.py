"""The Jacobian of a function, and the product of a vector with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nnviz.autograd.backward import DOUBLE_BACKWARD, grad
from nnviz.autograd.modes import enable_grad
from nnviz.autograd.tensor import Tensor
from nnviz.errors import GraphError, OperandError, ShapeError
from nnviz.names import missing_name

__all__ = ["jacobian", "vjp"]


def jacobian(
    func: Callable[..., Any],
    inputs: Tensor | tuple[Tensor, ...],
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,  # noqa: ARG001 (selects PyTorch's implementation)
    strategy: str = "reverse-mode",
) -> Any:
    """∂yᵢ/∂xⱼ for all elements of the outputs y and the inputs x, by one backward pass per element of y.

    Args:
        func: a function of the inputs that returns a tensor or a tuple of tensors.
        inputs: a tensor or a tuple of tensors.
        create_graph: not supported.
        strict: whether an input that an output does not depend on is an error; otherwise its Jacobian is 0.
        vectorize: accepted for compatibility, without effect.
        strategy: "reverse-mode", the only one.

    Shape:
        (*y.shape, *x.shape) for an output y and an input x. For tuples, a tuple with an entry per output, each of which
        has an entry per input.

    Raises:
        GraphError: `create_graph` or another strategy is requested, or `strict` is violated.
        OperandError: an input or an output is not a tensor.
    """
    if strategy != "reverse-mode":
        raise GraphError(f"jacobian(): strategy {strategy!r} is not supported", 'leave it out: it is "reverse-mode"')
    given, results, apart = _run("jacobian", func, inputs, create_graph)
    found = []
    for y in results:
        parts = [np.zeros((y.numel(), *x.shape), y.dtype) for x in given]
        for i in range(y.numel()):
            one = np.zeros(y.numel(), y.dtype)
            one[i] = 1
            for part, row in zip(parts, _pulled([y], given, [one.reshape(y.shape)], strict), strict=True):
                part[i] = row
        rows = tuple(Tensor(part.reshape(y.shape + x.shape)) for part, x in zip(parts, given, strict=True))
        found.append(rows if apart[0] else rows[0])
    return tuple(found) if apart[1] else found[0]


def vjp(
    func: Callable[..., Any],
    inputs: Tensor | tuple[Tensor, ...],
    v: Tensor | tuple[Tensor, ...] | None = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """The outputs of `func`, and vᵀ J, the product of a vector with its Jacobian, by one backward pass.

    Args:
        func: a function of the inputs that returns a tensor or a tuple of tensors.
        inputs: a tensor or a tuple of tensors.
        v: the vector, of the shapes of the outputs; by default 1 for an output with a single element.
        create_graph: not supported.
        strict: whether an input that no output depends on is an error; otherwise its product is 0.

    Returns:
        The outputs, without history, and one product per input; each a tensor or a tuple, as given or returned.

    Raises:
        GraphError: `v` is missing, `create_graph` is requested, or `strict` is violated.
        ShapeError: the shapes of `v` are not those of the outputs.
        OperandError: an input or an output is not a tensor.
    """
    given, results, apart = _run("vjp", func, inputs, create_graph)
    if v is None:
        if len(results) != 1 or results[0].numel() != 1:
            raise GraphError(
                "The vector v can only be None if the user-provided function returns a single Tensor with a single "
                "element.",
                "give v, of the shape of the result",
            )
        vectors = [np.ones(results[0].shape, results[0].dtype)]
    else:
        vectors = [one.array for one in _tensors("vjp", "v", v)]
        if len(vectors) != len(results):
            raise ShapeError(f"v is of invalid length: should be {len(results)} but got {len(vectors)}")
        for position, (vector, y) in enumerate(zip(vectors, results, strict=True)):
            if vector.shape != y.shape:
                raise ShapeError(
                    f"Entry {position} in v has invalid size: should be {list(y.shape)} but got {list(vector.shape)}",
                    "v has the shape of what the function returns",
                )
    products = tuple(Tensor(product) for product in _pulled(results, given, vectors, strict))
    outputs = tuple(y.detach() for y in results)
    return (outputs if apart[1] else outputs[0]), (products if apart[0] else products[0])


def _run(
    name: str, func: Callable[..., Any], inputs: Any, create_graph: bool
) -> tuple[list[Tensor], list[Tensor], tuple[bool, bool]]:
    """The inputs, made to require a gradient; the outputs; and whether each of the two is a tuple."""
    if create_graph:
        raise GraphError(DOUBLE_BACKWARD, "leave create_graph out")
    with enable_grad():
        given = [one.detach().requires_grad_() for one in _tensors(name, "inputs", inputs)]
        made = func(*given)
    results = _tensors(name, "outputs", made)
    return given, results, (not isinstance(inputs, Tensor), not isinstance(made, Tensor))


def _tensors(name: str, what: str, given: Any) -> list[Tensor]:
    several = [given] if isinstance(given, Tensor) else list(given) if isinstance(given, tuple) else None
    if several is None or not all(isinstance(one, Tensor) for one in several):
        raise OperandError(
            f"The {what} of {name} must be a Tensor or a tuple of Tensors, not {type(given).__name__}",
            "make one with tensor()",
        )
    return several


def _pulled(
    results: list[Tensor], given: list[Tensor], vectors: list[np.ndarray[Any, Any]], strict: bool
) -> list[np.ndarray[Any, Any]]:
    """The gradients of the inputs for the upstream gradients `vectors` of the outputs."""
    ways = [(y, Tensor(vector)) for y, vector in zip(results, vectors, strict=True) if y.requires_grad]
    if strict and len(ways) < len(results):
        raise GraphError(
            "A result of the user-provided function does not require gradients: it is independent of the inputs. "
            "This is not allowed in strict mode.",
            "leave strict out: its derivatives are 0",
        )
    found: Sequence[Tensor | None] = [None] * len(given)
    if ways:
        found = grad(
            [y for y, _ in ways], given, [vector for _, vector in ways], retain_graph=True, allow_unused=not strict
        )
    return [np.zeros_like(x.array) if one is None else one.array for one, x in zip(found, given, strict=True)]


def __getattr__(name: str) -> Any:
    raise missing_name(f"module {__name__!r}", name, __all__)

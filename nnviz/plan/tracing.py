"""Tracing: a run on shapes alone finds the operations of a computation, in topological order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnviz.autograd import Node, Operation, Tensor, abstract, nodes_below, without_data
from nnviz.autograd.modes import NoNumbers
from nnviz.autograd.operation import Array
from nnviz.errors import GraphError, NnvizError
from nnviz.nn import Buffer, Parameter
from nnviz.plan.outside import line_within, nothing_from_outside
from nnviz.plan.values import Value
from nnviz.plan.watch import Watch


@dataclass(eq=False)
class Step:
    """One operation, before memory is assigned; `covers` are the numbers of its operations on the tape."""

    operation: Operation
    inputs: tuple[Value, ...]
    out: Value
    attributes: dict[str, Any]
    covers: tuple[int, ...]
    residuals: tuple[Value, ...] = ()


@dataclass
class Traced:
    """A traced run: the operations in topological order, what they read, and the result."""

    steps: list[Step]
    inputs: list[Value]
    leaves: list[tuple[Tensor, Value]]
    out: Value


def trace(
    run: Callable[..., Tensor], *given: tuple[tuple[int, ...], np.dtype[Any]], watch: Watch | None = None
) -> Traced:
    """Run on shapes alone, and record every operation that the result depends on.

    Args:
        run: the computation, of one tensor for each of `given`.
        given: shape and type of each input.
        watch: the Python values that the computation reads, if any; it is then traced twice, and both must agree.

    Raises:
        GraphError: the computation depends on the numbers, or has side effects, so that it cannot be replayed.
        ShapeError: the shapes do not fit.
    """
    if watch is None or watch.is_empty:
        return _traced(run, *given)
    try:
        draws = watch.draws()
        with nothing_from_outside():
            first = _traced(run, *given)
            _check_unchanged(watch)
            second = _traced(run, *given)
        _check_unchanged(watch)
        if watch.draws() != draws:
            raise GraphError(
                "the computation samples from a generator of Python or numpy, which a plan would do only once",
                "use rand(), randn(), dropout() and similar functions, which a plan supports",
            )
        different = _difference(first, second)
        if different:
            raise GraphError(
                f"two runs of the computation differ: {different}",
                "a plan repeats one run: pass what changes as an input",
            )
    except NnvizError:
        watch.restore()
        raise
    return first


def _check_unchanged(watch: Watch) -> None:
    name = watch.changed_by_run()
    if name is not None:
        raise GraphError(
            f"the computation changes {name} each time it runs{watch.line_of(name)}: a plan runs no Python",
            "change it outside of forward; or train on the tape",
        )


def _traced(run: Callable[..., Tensor], *given: tuple[tuple[int, ...], np.dtype[Any]]) -> Traced:
    with abstract() as tape:
        tensors = [Tensor(without_data(shape, dtype)) for shape, dtype in given]
        try:
            result = run(*tensors)
        except GraphError as error:
            error.message += line_within(error)
            raise
        if tape.refusal is not None:
            # The computation caught the error, and continued differently than it would on numbers.
            tape.refusal.message += line_within(tape.refusal)
            raise tape.refusal
        if not isinstance(result, Tensor):
            raise GraphError(
                f"a plan gives one tensor, and the computation gave {type(result).__name__}",
                "return a single tensor: cat() or stack() join several",
            )
        # An input that is returned unchanged is copied.
        root = result.node or result.clone().node
        assert root is not None  # noqa: S101 (every operation is noted here)
    inputs = [Value("input", name, t.shape, t.dtype) for name, t in zip("xy", tensors, strict=False)]
    found = {id(tensor): value for tensor, value in zip(tensors, inputs, strict=True)}
    leaves: list[tuple[Tensor, Value]] = []
    # Random numbers and running averages are computed even if no operation reads them, as on the tape.
    roots = [root, *(node for node in tape if _has_effects(node) and node is not root)]
    order = nodes_below(*roots)
    known = set(tape)
    values: dict[Node, Value] = {}
    steps: list[Step] = []
    for node in order:
        if node not in known:
            raise GraphError(
                f"the computation uses a tensor of shape {list(node.result.shape)} that was computed before, with a "
                "history of its own: a plan cannot go back through that",
                "compute it inside, or give detach() of it",
            )
        for tensor, source in zip(node.inputs, node.sources, strict=True):
            if not isinstance(source, Node) and id(tensor) not in found:
                found[id(tensor)] = _leaf(tensor)
                leaves.append((tensor, found[id(tensor)]))
        out = Value("result", node.operation.name, node.result.shape, node.result.dtype)
        pairs = zip(node.inputs, node.sources, strict=True)
        read = tuple(values[source] if isinstance(source, Node) else found[id(tensor)] for tensor, source in pairs)
        values[node] = out
        steps.append(Step(node.operation, read, out, node.attributes, (len(steps) + 1,)))
    return Traced(steps, inputs, leaves, values[root])


def _has_effects(node: Node) -> bool:
    return node.operation.stochastic or node.attributes.get("watcher") is not None


def _difference(first: Traced, second: Traced) -> str:
    """How two runs of the same computation differ; empty if they agree."""
    if [step.operation.name for step in first.steps] != [step.operation.name for step in second.steps]:
        return "other operations"
    for one, other in zip(first.steps, second.steps, strict=True):
        for key, value in one.attributes.items():
            if isinstance(value, _COMPARED) and not np.array_equal(value, other.attributes[key]):
                return f"{one.operation.name} with another {key}"
    for (tensor, _), (again, _) in zip(first.leaves, second.leaves, strict=True):
        if tensor.array is not again.array and not _alike(tensor.array, again.array):
            return f"a constant of shape {list(tensor.shape)} with other numbers"
    return ""


_COMPARED = (bool, int, float, str, np.ndarray)
"""The attributes that must agree between two runs."""


def _alike(one: Array, other: Array) -> bool:
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def _leaf(tensor: Tensor) -> Value:
    """A tensor that existed before the run."""
    array = tensor.array
    # The parameters of a network that is only traced have no numbers either.
    if isinstance(array, NoNumbers) and not isinstance(tensor, Parameter | Buffer):
        raise GraphError(
            "the computation uses numbers that it took from a result, and here are only shapes",
            "a plan follows operations alone",
        )
    if isinstance(tensor, Parameter):
        return Value("parameter", "parameter", tensor.shape, tensor.dtype, array)
    return Value("constant", "buffer" if isinstance(tensor, Buffer) else "constant", tensor.shape, tensor.dtype, array)

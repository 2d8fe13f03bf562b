"""Fused operations, which replace several operations in a plan. They are tested like all other operations."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import DTypeLike

from nnviz.autograd.kernel import Bound, Call, Kernel, Workspace, ones
from nnviz.autograd.operation import Array, Rule, Shape, define
from nnviz.autograd.ops.losses import check_labels
from nnviz.autograd.ops.matmul import matmul
from nnviz.autograd.sample_inputs import Domain, Sample
from nnviz.errors import ShapeError


def _rows(a: Array) -> Array:
    """The array as a matrix: all but the last dimension joined into one."""
    return a.reshape(math.prod(a.shape[:-1]), a.shape[-1])


def _linear(x: Array, w: Array, *b: Array) -> Array:
    out = np.matmul(x, w.T)
    return np.asarray(out + b[0] if b else out)


def _linear_rules(count: int) -> tuple[Rule, ...]:
    rules: tuple[Rule, ...] = (
        lambda g, out, x, w, *b: np.matmul(g, w),
        lambda g, out, x, w, *b: _rows(g).T @ _rows(x),
        lambda g, out, x, w, *b: _rows(g).sum(axis=0),
    )
    return rules[:count]


def _linear_shape(x: Shape, w: Shape, *b: Shape) -> Shape:
    return matmul.shape(x, w[::-1])


def _linear_forward(k: Bound) -> list[Call]:
    x, w = k.inputs[:2]
    out = _rows(k.out)
    rows, calls = k.shaped(x, (len(out), x.shape[-1]))
    # Here and below the method, since np.dot first checks whether an argument overrides it.
    calls.append(partial(rows.dot, w.T, out))
    return calls + [partial(np.add, out, b, out) for b in k.inputs[2:]]


def _linear_backward(k: Bound) -> list[Call]:
    x, w = k.inputs[:2]
    to_x, to_w, *to_b = k.grads
    count = math.prod(k.g.shape[:-1])
    g, calls = k.shaped(k.g, (count, k.g.shape[-1]))
    if to_w is not None:
        rows, turn = k.shaped(x, (count, x.shape[-1]))
        calls += [*turn, partial(g.T.dot, rows, to_w)]
    calls += [partial(ones(len(g), g.dtype).dot, g, to) for to in to_b if to is not None]
    if to_x is None:
        return calls
    # numpy writes a product to C-contiguous memory only.
    if to_x.flags.c_contiguous:
        return [*calls, partial(g.dot, w, _rows(to_x))]
    if to_x.T.flags.c_contiguous and to_x.ndim == 2:
        return [*calls, partial(w.T.dot, g.T, to_x.T)]
    product = k.keep((count, x.shape[-1]))
    return [*calls, partial(g.dot, w, product), partial(np.copyto, to_x, product.reshape(to_x.shape))]


def _linear_samples() -> list[Sample]:
    drawn = Domain()
    shapes: list[tuple[Shape, ...]] = [
        ((2, 3), (4, 3), (4,)), ((2, 3), (1, 3)), ((2, 2, 3), (2, 3), (2,)), ((0, 3), (2, 3), (2,)), ((3,), (2, 3)),
        ((2, 0), (3, 0), (3,)),
    ]  # fmt: skip
    return [
        Sample(tuple(drawn.laid_out(shape, 3 * n + i) for i, shape in enumerate(shapes[n % len(shapes)])))
        for n in range(42)
    ]


linear = define(
    "linear",
    forward=_linear,
    vjps=_linear_rules,
    shape=_linear_shape,
    formula="x Wᵀ + b",
    gradients=("upstream W", "upstreamᵀ · x", "Σ of upstream over the samples"),
    letters="xWb",
    saved=(0, 1),
    samples=_linear_samples,
    kernel=Kernel(_linear_forward, _linear_backward),
)


def _exps(z: Array) -> tuple[Array, Array, Array]:
    """The logits minus the largest of each row, their exponentials, and the sums of those."""
    shifted = z - z.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    return shifted, powers, powers.sum(axis=1, keepdims=True)


def _cross_entropy(z: Array, labels: Array) -> Array:
    check_labels(labels, z.shape[1])
    shifted, _, norm = _exps(z)
    rows = np.arange(len(z))
    return np.asarray((np.log(norm[:, 0]) - shifted[rows, labels]).sum() / z.dtype.type(len(z) or np.nan))


def _cross_entropy_gradient(g: Array, out: Array, z: Array, labels: Array) -> Array:
    _, powers, norm = _exps(z)
    share = powers / norm
    share[np.arange(len(z)), labels] -= 1
    return np.asarray(share * (g / max(len(z), 1)))


def _cross_entropy_shape(z: Shape, labels: Shape) -> Shape:
    if len(z) != 2 or labels != z[:1]:
        raise ShapeError(f"Expected input batch_size ({z[0]}) to match target batch_size ({labels[0]}).")
    return ()


def check_range(unsigned: Array, labels: Array, classes: int) -> None:
    """Check that all labels are class indices; `unsigned` are the same bytes, without a sign."""
    # As unsigned integers the negative labels are the largest: one comparison finds both errors.
    if labels.size and np.maximum.reduce(unsigned, None) >= classes:
        check_labels(labels, classes)


def subtract_one(flat: Array, places: Array) -> None:
    """Subtract 1 at these places."""
    flat[places] -= 1


def _cross_entropy_residuals(dtype: DTypeLike, z: Shape, labels: Shape) -> list[Workspace]:
    count = z[:1]
    return [(z, dtype), (count, np.int64), ((*count, 1), dtype), (count, dtype)]


def _cross_entropy_forward(k: Bound) -> list[Call]:
    z, labels = k.inputs
    p, places, column, picked = k.residuals
    count, classes = z.shape
    norm, starts = column.reshape(-1), np.arange(count) * classes
    starts.flags.writeable = False

    unsigned = labels.view(f"u{labels.dtype.itemsize}")
    return [
        partial(check_range, unsigned, labels, classes),
        partial(np.maximum.reduce, z, 1, None, column, True),
        partial(np.subtract, z, column, p),
        partial(np.add, starts, labels, places),
        partial(p.take, places, None, picked, "clip"),
        partial(np.exp, p, p),
        partial(np.add.reduce, p, 1, None, column, True),
        partial(np.divide, p, column, p),
        partial(np.log, norm, norm),
        partial(np.subtract, norm, picked, norm),
        partial(np.add.reduce, norm, 0, None, k.out),
        partial(np.divide, k.out, k.out.dtype.type(count or np.nan), k.out),
    ]


def _cross_entropy_backward(k: Bound) -> list[Call]:
    p, places = k.residuals[:2]
    (to_z, _), flat, count = k.grads, k.residuals[0].reshape(-1), k.out.dtype.type(max(len(k.inputs[0]), 1))
    scale = k.keep(())
    return [
        partial(subtract_one, flat, places),
        partial(np.divide, k.g, count, scale),
        partial(np.multiply, p, scale, to_z),
    ]


def _cross_entropy_samples() -> list[Sample]:
    drawn = np.random.default_rng(6)
    shapes: list[Shape] = [(4, 3), (1, 1), (2, 5), (3, 2)]
    return [
        Sample((drawn.normal(size=shape) * (1, 30)[n % 2], drawn.integers(0, shape[1], shape[0])))
        for n, shape in ((n, shapes[n % len(shapes)]) for n in range(40))
    ]


cross_entropy = define(
    "cross_entropy",
    forward=_cross_entropy,
    vjps=(_cross_entropy_gradient, None),
    shape=_cross_entropy_shape,
    formula="mean of ln Σⱼ eᶻʲ − zᵧ",
    gradients=("upstream · (softmax(z) − one_hot(y)) / n", None),
    letters="zy",
    saved=(0, 1),
    samples=_cross_entropy_samples,
    # The largest logit is subtracted only to avoid overflow, and max is not analytic.
    analytic=False,
    kernel=Kernel(_cross_entropy_forward, _cross_entropy_backward, residuals=_cross_entropy_residuals, saved=(1,)),
)

"""Convolution and pooling in a plan: the memory layout of images is (C, H, W, N), so that a tap is copied in long runs.

The columns of a convolution, its window at each place, are then a matrix (C · kh · kw, H' · W' · N); one product with
the weights gives the result in the same memory layout, without any transposition.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import DTypeLike

from nnviz.autograd.kernel import BATCH_LAST, Bound, Call, Kernel, Workspace
from nnviz.autograd.operation import OUT, Array, Shape
from nnviz.autograd.ops.windows import CLOSE, Pair, Tap, lowest, places_of, shared, taps, taps_within


def _batch_last(images: Array) -> Array:
    """(N, C, H, W) as (C, H, W, N), and a single image (C, H, W) as (C, H, W, 1)."""
    return images.transpose(1, 2, 3, 0) if images.ndim == 4 else images[..., None]


def _conv2d_columns(
    dtype: DTypeLike, x: Shape, w: Shape, *b: Shape,
    stride: Pair, padding: Pair, dilation: Pair = CLOSE, groups: int = 1,
) -> list[Workspace]:  # fmt: skip
    places = places_of((x[2], x[3]), (w[2], w[3]), stride, padding, dilation)
    return [((x[1], *w[2:], *places, x[0]), dtype)]


def _product(a: Array, b: Array, out: Array) -> Call:
    """`out` = a @ b for each group of channels; groups are the first dimension."""
    # A single group is one matrix product, which has less overhead.
    return partial(a[0].dot, b[0], out[0]) if len(a) == 1 else partial(np.matmul, a, b, out=out)


def _conv2d_forward(k: Bound) -> list[Call]:
    x, w, (columns,) = _batch_last(k.inputs[0]), k.inputs[1], k.residuals
    (p, q), (channels, height, width, count) = k.attributes["padding"], x.shape
    groups = k.attributes.get("groups", 1)
    calls: list[Call] = []
    wide = x
    if p or q:
        wide = k.keep((channels, height + 2 * p, width + 2 * q, count))
        calls.append(partial(np.copyto, wide[:, p : p + height, q : q + width], x))
    places, kernel = (columns.shape[3], columns.shape[4]), (columns.shape[1], columns.shape[2])
    for i, j, rows, across in taps(places, kernel, k.attributes["stride"], k.attributes.get("dilation", CLOSE)):
        calls.append(partial(np.copyto, columns[:, i, j], wide[:, rows, across]))
    weight, turn = k.shaped(w, _by_group(w, groups))
    out = _batch_last(k.out).reshape(groups, len(w) // groups, -1)
    calls += [*turn, _product(weight, columns.reshape(groups, w[0].size, -1), out)]
    flat = out.reshape(len(w), -1)
    return calls + [partial(np.add, flat, b[:, None], flat) for b in k.inputs[2:]]


def _conv2d_backward(k: Bound) -> list[Call]:
    (x, w, *_), (columns,) = k.inputs, k.residuals
    to_x, to_w, *to_b = k.grads
    groups, dilation = k.attributes.get("groups", 1), k.attributes.get("dilation", CLOSE)
    matrix, kernel = columns.reshape(groups, w[0].size, -1), (w.shape[2], w.shape[3])
    g, calls = k.shaped(_batch_last(k.g), (len(w), -1))
    upstream = g.reshape(groups, len(w) // groups, -1)
    if to_w is not None:
        calls.append(_product(upstream, matrix.swapaxes(1, 2), to_w.reshape(_by_group(w, groups))))
    calls += [partial(g.dot, np.ones(g.shape[1], g.dtype), to) for to in to_b if to is not None]
    if to_x is not None:
        # The columns were read for the last time: their gradient overwrites them.
        weight, turn = k.shaped(w, _by_group(w, groups))
        calls += [*turn, _product(weight.swapaxes(1, 2), upstream, matrix)]
        size = (x.shape[2], x.shape[3])
        found = taps_within(size, kernel, k.attributes["stride"], k.attributes["padding"], dilation)
        parts = [(tap, columns[:, tap.row, tap.column, *tap.places]) for tap in found]
        calls += _gathered(_batch_last(to_x), parts)
    return calls


def _by_group(w: Array, groups: int) -> Shape:
    """The weight's shape as one matrix per group."""
    return (groups, len(w) // groups, w[0].size)


def _gathered(image: Array, parts: Sequence[tuple[Tap, Array]]) -> list[Call]:
    """Add each part to the pixels that its tap covers."""
    # A tap that covers the whole image comes first: it overwrites, so that the image need not be cleared.
    ordered = sorted(parts, key=lambda part: image[:, *part[0].seen].shape != image.shape)
    calls: list[Call] = []
    for number, (tap, part) in enumerate(ordered):
        seen = image[:, *tap.seen]
        if number == 0 and seen.shape == image.shape:
            calls.append(partial(np.copyto, seen, part))
            continue
        if number == 0:
            calls.append(partial(image.fill, 0))
        calls.append(partial(np.add, seen, part, seen))
    return calls


def _pool_taps(x: Array, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = CLOSE) -> list[Tap]:
    return taps_within((x.shape[1], x.shape[2]), kernel, stride, padding, dilation)


def _reduced(k: Bound, ufunc: np.ufunc, start: float) -> list[Call]:
    """`ufunc` over the pixels of all taps."""
    x, out = _batch_last(k.inputs[0]), _batch_last(k.out)
    found = sorted(_pool_taps(x, **k.attributes), key=lambda tap: not tap.everywhere)
    calls: list[Call] = []
    if len(found) > 1 and found[1].everywhere:
        one, other, *found = found
        calls.append(partial(ufunc, x[:, *one.seen], x[:, *other.seen], out=out))
    else:
        calls.append(partial(out.fill, start))
    for tap in found:
        part = out[:, *tap.places]
        calls.append(partial(ufunc, part, x[:, *tap.seen], out=part))
    return calls


def _is_tiled(x: Shape, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = CLOSE) -> bool:
    """Whether the windows tile the image: every pixel is in exactly one window."""
    if dilation != CLOSE:
        return False
    places = places_of((x[-2], x[-1]), kernel, stride, padding)
    sides = zip((x[-2], x[-1]), places, padding, kernel, stride, strict=True)
    return all(k == s and n + 2 * p == count * k for n, count, p, k, s in sides)


def _max_pool2d_forward(k: Bound) -> list[Call]:
    return _reduced(k, np.maximum, lowest(k.out.dtype))


def _max_pool2d_workspaces(
    dtype: DTypeLike, x: Shape, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = CLOSE
) -> list[Workspace]:
    out = (*x[:-2], *places_of((x[-2], x[-1]), kernel, stride, padding, dilation))
    masks: list[Workspace] = [(out, bool), (out, bool)]
    return masks if _is_tiled(x, kernel, stride, padding, dilation) else [*masks, (out, dtype)]


def _max_pool2d_backward(k: Bound) -> list[Call]:
    """The gradient of every window goes to its first largest element."""
    (to_x,) = k.grads
    assert to_x is not None  # noqa: S101 (it is the only one)
    x, out, g, into = (_batch_last(array) for array in (k.inputs[0], k.out, k.g, to_x))
    chosen, free, *rest = (array.reshape(out.shape) for array in k.scratch)
    calls: list[Call] = [partial(free.fill, True)]
    if rest:
        calls.append(partial(into.fill, 0))
    for tap in _pool_taps(x, **k.attributes):
        here, left, target = chosen[:, *tap.places], free[:, *tap.places], into[:, *tap.seen]
        calls += [
            partial(np.equal, x[:, *tap.seen], out[:, *tap.places], here),
            partial(np.logical_and, here, left, here),
            partial(np.greater, left, here, left),
        ]
        share = rest[0][:, *tap.places] if rest else target
        calls.append(partial(np.multiply, g[:, *tap.places], here, share))
        if rest:
            calls.append(partial(np.add, target, share, target))
    return calls


def _avg_pool2d_forward(k: Bound) -> list[Call]:
    out = _batch_last(k.out)
    return [*_reduced(k, np.add, 0.0), partial(shared, out, k.attributes["kernel"], out)]


def _avg_pool2d_workspaces(
    dtype: DTypeLike, x: Shape, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = CLOSE
) -> list[Workspace]:
    return [((*x[:-2], *places_of((x[-2], x[-1]), kernel, stride, padding, dilation)), dtype)]


def _avg_pool2d_backward(k: Bound) -> list[Call]:
    (to_x,) = k.grads
    assert to_x is not None  # noqa: S101 (it is the only one)
    x, g, into = (_batch_last(array) for array in (k.inputs[0], k.g, to_x))
    share = k.scratch[0].reshape(g.shape)
    area = share.dtype.type(np.prod(k.attributes["kernel"]))
    calls: list[Call] = [partial(np.divide, g, area, share)]
    tiled = _is_tiled(k.inputs[0].shape, **k.attributes)
    if not tiled:
        calls.append(partial(into.fill, 0))
    for tap in _pool_taps(x, **k.attributes):
        seen, part = into[:, *tap.seen], share[:, *tap.places]
        calls.append(partial(np.copyto, seen, part) if tiled else partial(np.add, seen, part, seen))
    return calls


CONV2D = Kernel(_conv2d_forward, _conv2d_backward, residuals=_conv2d_columns, saved=(1,), order=BATCH_LAST)
MAX_POOL2D = Kernel(
    _max_pool2d_forward, _max_pool2d_backward, scratch=_max_pool2d_workspaces, saved=(0, OUT), order=BATCH_LAST
)
AVG_POOL2D = Kernel(_avg_pool2d_forward, _avg_pool2d_backward, scratch=_avg_pool2d_workspaces, order=BATCH_LAST)

"""Convolution and pooling over images (N, C, H, W), for the tape; the plan's kernels are in `image_kernels`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnviz.autograd.formula import factor, joined, products
from nnviz.autograd.operation import OUT, Array, Rule, Shape, define
from nnviz.autograd.ops import image_kernels
from nnviz.autograd.ops.windows import CLOSE, Pair, cropped, lowest, padded, places_of, shared, span, taps
from nnviz.autograd.sample_inputs import Domain, distinct, each
from nnviz.autograd.sums import total
from nnviz.errors import ShapeError


def _columns(x: Array, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair) -> tuple[Array, Pair]:
    """(C, kh, kw, N, places): the window at each place, channels first so that one matrix product suffices."""
    places = places_of((x.shape[2], x.shape[3]), kernel, stride, padding, dilation)
    wide = padded(x, padding).transpose(1, 0, 2, 3)
    columns = np.empty((x.shape[1], *kernel, x.shape[0], *places), x.dtype)
    for i, j, rows, across in taps(places, kernel, stride, dilation):
        columns[:, i, j] = wide[..., rows, across]
    return columns, places


def _conv2d(
    x: Array, w: Array, *b: Array, stride: Pair, padding: Pair, dilation: Pair = CLOSE, groups: int = 1
) -> Array:
    kernel = (w.shape[2], w.shape[3])
    _conv2d_shape(x.shape, w.shape, stride=stride, padding=padding, dilation=dilation, groups=groups)
    columns, places = _columns(x, kernel, stride, padding, dilation)
    seen = len(x) * math.prod(places)
    flat = np.matmul(w.reshape(groups, len(w) // groups, w[0].size), columns.reshape(groups, w[0].size, seen))
    flat = flat.reshape(len(w), seen)
    for bias in b:
        flat += bias[:, None]
    return np.asarray(flat.reshape(len(w), len(x), *places).transpose(1, 0, 2, 3))


def _conv2d_input(
    g: Array, out: Array, x: Array, w: Array, *b: Array,
    stride: Pair, padding: Pair, dilation: Pair = CLOSE, groups: int = 1,
) -> Array:  # fmt: skip
    kernel = (w.shape[2], w.shape[3])
    places = (g.shape[2], g.shape[3])
    seen = len(x) * math.prod(places)
    upstream = g.transpose(1, 0, 2, 3).reshape(groups, len(w) // groups, seen)
    flat = np.matmul(w.reshape(groups, len(w) // groups, w[0].size).swapaxes(1, 2), upstream)
    columns = flat.reshape(x.shape[1], *kernel, len(x), *places)
    wide = np.zeros((x.shape[1], len(x), x.shape[2] + 2 * padding[0], x.shape[3] + 2 * padding[1]), g.dtype)
    for i, j, rows, across in taps(places, kernel, stride, dilation):
        wide[..., rows, across] += columns[:, i, j]
    return cropped(wide, padding).transpose(1, 0, 2, 3)


def _conv2d_weight(
    g: Array, out: Array, x: Array, w: Array, *b: Array,
    stride: Pair, padding: Pair, dilation: Pair = CLOSE, groups: int = 1,
) -> Array:  # fmt: skip
    columns, places = _columns(x, (w.shape[2], w.shape[3]), stride, padding, dilation)
    seen = len(x) * math.prod(places)
    upstream = g.transpose(1, 0, 2, 3).reshape(groups, len(w) // groups, seen)
    flat = np.matmul(upstream, columns.reshape(groups, w[0].size, seen).swapaxes(1, 2))
    return np.asarray(flat.reshape(w.shape))


def _conv2d_bias(g: Array, out: Array, x: Array, w: Array, b: Array, **_: Any) -> Array:
    return total(g, (0, 2, 3))


def _conv2d_rules(count: int) -> tuple[Rule, ...]:
    return (_conv2d_input, _conv2d_weight, _conv2d_bias)[:count]


def _conv2d_places(size: Pair, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair) -> Pair:
    for name, values, least in (("stride", stride, 1), ("dilation", dilation, 1), ("padding", padding, 0)):
        if min(values) < least:
            kind = "negative" if least == 0 else "non-positive"
            raise ShapeError(f"{kind} {name} is not supported", f"{name} is {values}")
    if min(kernel) < 1:
        raise ShapeError("kernel sizes must be at least 1", f"the kernel is {kernel[0]} x {kernel[1]}")
    places, reach = places_of(size, kernel, stride, padding, dilation), span(kernel, dilation)
    if min(places) < 1:
        wide = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
        raise ShapeError(
            f"Calculated padded input size per channel: ({wide[0]} x {wide[1]}). Kernel size: ({reach[0]} x "
            f"{reach[1]}). Kernel size can't be greater than actual input size",
            "a smaller kernel, or more padding",
        )
    return places


def _conv2d_shape(
    x: Shape, w: Shape, *b: Shape, stride: Pair, padding: Pair, dilation: Pair = CLOSE, groups: int = 1
) -> Shape:
    if len(x) != 4:
        raise ShapeError(
            f"Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: {list(x)}",
            "images are (batch, channels, height, width)",
        )
    if len(w) != 4:
        raise ShapeError(f"weight should have at least three dimensions: (out, in, height, width), got {list(w)}")
    _check_groups(w, groups)
    if x[1] != w[1] * groups:
        raise ShapeError(
            f"Given groups={groups}, weight of size {list(w)}, expected input{list(x)} to have {w[1] * groups} "
            f"channels, but got {x[1]} channels instead"
        )
    if b and b[0] != w[:1]:
        raise ShapeError(
            f"Given weight of size {list(w)}, expected bias to be 1-dimensional with {w[0]} elements, but got bias of "
            f"size {list(b[0])} instead"
        )
    return (x[0], w[0], *_conv2d_places((x[2], x[3]), (w[2], w[3]), stride, padding, dilation))


def _check_groups(w: Shape, groups: int) -> None:
    if groups < 1:
        raise ShapeError("non-positive groups is not supported", f"groups is {groups}, and 1 is one for all channels")
    if w[0] < groups or w[0] % groups:
        wanted = f"at least {groups}" if w[0] < groups else f"divisible by {groups}"
        raise ShapeError(
            f"Given groups={groups}, expected weight to be {wanted} at dimension 0, but got weight of size {list(w)} "
            "instead",
            "all groups have the same number of channels",
        )


def _pool_shape(x: Shape, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = CLOSE) -> Shape:
    if len(x) not in (3, 4):
        raise ShapeError(
            f"Expected 3D or 4D (batch mode) tensor for input, but got input of size: {list(x)}",
            "images are (batch, channels, height, width)",
        )
    for name, values in (("kernel size", kernel), ("stride", stride), ("dilation", dilation)):
        if min(values) < 1:
            raise ShapeError(f"{name} should be greater than zero, but got {values[0]} x {values[1]}")
    if min(padding) < 0:
        raise ShapeError(f"pad must be non-negative, but got pad: {min(padding)}")
    reach = span(kernel, dilation)
    if any(2 * p > k for p, k in zip(padding, reach, strict=True)):
        raise ShapeError(
            f"pad should be at most half of effective kernel size, but got pad={padding[0]}, "
            f"kernel_size={kernel[0]} and dilation={dilation[0]}"
        )
    places = places_of((x[-2], x[-1]), kernel, stride, padding, dilation)
    if min(places) < 1:
        raise ShapeError(
            f"Given input size: ({'x'.join(map(str, x[-3:]))}). Calculated output size: ({x[-3]}x{places[0]}x"
            f"{places[1]}). Output size is too small",
            "a smaller kernel, or more padding",
        )
    return (*x[:-2], *places)


def _max_pool2d(x: Array, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = CLOSE) -> Array:
    # Checked first: numpy treats a window that does not fit as one with no places.
    shape = _pool_shape(x.shape, kernel, stride, padding, dilation)
    wide = padded(x, padding, lowest(x.dtype))
    out = np.full(shape, lowest(x.dtype), x.dtype)
    for _, _, rows, across in taps((shape[-2], shape[-1]), kernel, stride, dilation):
        np.maximum(out, wide[..., rows, across], out=out)
    return out


def _max_pool2d_gradient(
    g: Array, out: Array, x: Array, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = CLOSE
) -> Array:
    """The gradient goes to the first largest element of each window, as in PyTorch, and never to the padding."""
    wide = padded(x, padding, np.nan)
    gradient, free = np.zeros(wide.shape, g.dtype), np.ones(out.shape, bool)
    for _, _, rows, across in taps((out.shape[-2], out.shape[-1]), kernel, stride, dilation):
        chosen = free & (wide[..., rows, across] == out)
        gradient[..., rows, across] += g * chosen
        free &= ~chosen
    return cropped(gradient, padding)


def _avg_pool2d(x: Array, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = CLOSE) -> Array:
    shape = _pool_shape(x.shape, kernel, stride, padding, dilation)
    wide = padded(x, padding)
    out = np.zeros(shape, x.dtype)
    for _, _, rows, across in taps((shape[-2], shape[-1]), kernel, stride, dilation):
        out += wide[..., rows, across]
    return shared(out, kernel)


def _avg_pool2d_gradient(
    g: Array, out: Array, x: Array, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = CLOSE
) -> Array:
    wide = np.zeros((*x.shape[:-2], x.shape[-2] + 2 * padding[0], x.shape[-1] + 2 * padding[1]), g.dtype)
    share = g / (kernel[0] * kernel[1])
    for _, _, rows, across in taps((out.shape[-2], out.shape[-1]), kernel, stride, dilation):
        wide[..., rows, across] += share
    return cropped(wide, padding)


def _options(*rows: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [dict(zip(("kernel", "stride", "padding"), row, strict=True)) for row in rows]


_WIDE_POOLS = [{"kernel": (2, 2), "stride": (1, 2), "padding": (1, 0), "dilation": (2, 1)}]
_POOLS = _options(((2, 2), (2, 2), (0, 0)), ((3, 2), (1, 2), (1, 0)), ((2, 2), (1, 1), (1, 1)))
_IMAGES: list[tuple[Shape, ...]] = [((2, 1, 4, 4),), ((1, 2, 5, 3),), ((0, 2, 4, 4),), ((2, 4, 5),), ((1, 1, 3, 3),)]


_CLOSE_SAMPLES = each(
    [
        ((2, 1, 4, 4), (2, 1, 3, 3), (2,)),
        ((1, 2, 5, 3), (1, 2, 2, 3)),
        ((0, 1, 3, 3), (2, 1, 2, 2), (2,)),
        ((1, 2, 3, 3), (3, 2, 1, 1)),
    ],
    (Domain(),),
    [{"stride": s, "padding": p} for s, p in (((1, 1), (0, 0)), ((2, 1), (0, 1)), ((2, 2), (1, 1)))],
)
_GROUPED_SAMPLES = each(
    [((2, 2, 5, 4), (4, 1, 2, 2), (4,)), ((1, 4, 4, 5), (2, 2, 2, 1)), ((0, 2, 4, 4), (2, 1, 2, 2), (2,))],
    (Domain(),),
    [
        {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 2},
        {"stride": (2, 1), "padding": (1, 0), "dilation": (2, 3), "groups": 2},
    ],
    least=6,
)


def _conv2d_written(own: float, x: list[float], w: list[float], *b: list[float], **_: object) -> str:
    return products(w, x) + "".join(f" + {factor(one[0])}" for one in b)


def _conv2d_reads(
    index: Shape, x: Shape, w: Shape, *b: Shape, stride: Pair, padding: Pair, dilation: Pair = CLOSE, groups: int = 1
) -> list[list[Shape]]:
    """The window of each channel of the group, without the padding; the kernel; and the bias."""
    n, o, i, j = index
    first = o // (w[0] // groups) * w[1]
    rows = [(u, i * stride[0] - padding[0] + u * dilation[0]) for u in range(w[2])]
    columns = [(v, j * stride[1] - padding[1] + v * dilation[1]) for v in range(w[3])]
    inside = [
        (c, u, v, row, column)
        for c in range(w[1])
        for u, row in rows
        if 0 <= row < x[2]
        for v, column in columns
        if 0 <= column < x[3]
    ]
    windows: list[Shape] = [(n, first + c, row, column) for c, _, _, row, column in inside]
    taps_of: list[Shape] = [(o, c, u, v) for c, u, v, _, _ in inside]
    biases: list[list[Shape]] = [[(o,)] for _ in b]
    return [windows, taps_of, *biases]


def _conv2d_partner(
    position: int, index: Shape, at: Shape, x: Shape, w: Shape, *b: Shape,
    stride: Pair, padding: Pair, dilation: Pair = CLOSE, groups: int = 1,
) -> Shape:  # fmt: skip
    """Of a pixel the tap of the kernel that lies on it; of a tap the pixel below."""
    n, o, *places = at
    first, channel = o // (w[0] // groups) * w[1], index[1]
    steps = zip(index[2:], places, stride, padding, dilation, strict=True)
    if position == 0:
        return (o, channel - first, *((pixel + pad - i * by) // apart for pixel, i, by, pad, apart in steps))
    return (n, first + channel, *(i * by - pad + tap * apart for tap, i, by, pad, apart in steps))


conv2d = define(
    "conv2d",
    forward=_conv2d,
    vjps=_conv2d_rules,
    shape=_conv2d_shape,
    formula="Σ over channels and taps of w · x, + b",
    gradients=(
        "Σ of upstream · w over channels and taps",
        "Σ of upstream · x over samples and places",
        "Σ of upstream over samples and places",
    ),
    letters="xwb",
    written=_conv2d_written,
    reads=_conv2d_reads,
    partner=_conv2d_partner,
    saved=(0, 1),
    samples=lambda: [*_CLOSE_SAMPLES(), *_GROUPED_SAMPLES()],
    kernel=image_kernels.CONV2D,
)
max_pool2d = define(
    "max_pool2d",
    forward=_max_pool2d,
    vjps=(_max_pool2d_gradient,),
    shape=_pool_shape,
    formula="the maximum over the window",
    gradients=("Σ of upstream over the windows whose maximum it is",),
    letters="x",
    written=lambda own, x, **_: f"max({joined(x, ', ')})",
    saved=(0, OUT),
    samples=distinct(each(_IMAGES, (), [*_POOLS, *_WIDE_POOLS])),
    analytic=False,
    kernel=image_kernels.MAX_POOL2D,
)
avg_pool2d = define(
    "avg_pool2d",
    forward=_avg_pool2d,
    vjps=(_avg_pool2d_gradient,),
    shape=_pool_shape,
    formula="the mean over the window",
    gradients=("Σ of upstream / n over its windows, each of n numbers",),
    letters="x",
    written=lambda own, x, kernel, **_: f"({joined(x, ' + ')}) / {kernel[0] * kernel[1]}",
    saved=(),
    samples=each(_IMAGES, (), [*_POOLS, *_WIDE_POOLS]),
    kernel=image_kernels.AVG_POOL2D,
)

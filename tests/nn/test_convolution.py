"""Convolution and pooling of any form, against sums that are written out."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import nnviz
import nnviz.nn.functional as F
from nnviz.autograd import Tensor, gradcheck
from nnviz.autograd.operation import Array
from nnviz.errors import ShapeError

Pair = tuple[int, int]


def written_out(x: Array, w: Array, stride: Pair, padding: Pair, dilation: Pair, groups: int) -> Array:
    """Σ over channels of the group and taps, a place after the other."""
    wide = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    (out, each, kh, kw), per_group = w.shape, len(w) // groups
    high, across = (
        (size - d * (k - 1) - 1) // s + 1
        for size, d, k, s in zip(wide.shape[2:], dilation, (kh, kw), stride, strict=True)
    )
    found = np.zeros((len(x), out, high, across))
    for n, o, i, j in itertools.product(range(len(x)), range(out), range(high), range(across)):
        first = o // per_group * each
        for c, a, b in itertools.product(range(each), range(kh), range(kw)):
            at = wide[n, first + c, i * stride[0] + a * dilation[0], j * stride[1] + b * dilation[1]]
            found[n, o, i, j] += w[o, c, a, b] * at
    return found


PAIRS = st.tuples(st.integers(1, 3), st.integers(1, 3))


@given(
    st.integers(1, 3), st.integers(1, 2), st.integers(1, 2), PAIRS, PAIRS, PAIRS, st.tuples(st.integers(0, 2), st.integers(0, 2)),
    st.tuples(st.integers(1, 7), st.integers(1, 7)),
)  # fmt: skip
@settings(deadline=None, max_examples=40)
def test_any_convolution(
    groups: int, each: int, outs: int, kernel: Pair, stride: Pair, dilation: Pair, padding: Pair, size: Pair
) -> None:
    drawn = np.random.default_rng([groups, *kernel, *size])
    x = drawn.normal(size=(2, groups * each, *size))
    w = drawn.normal(size=(groups * outs, each, *kernel))
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    b = Tensor(np.zeros(len(w)))

    def convolve(input: Tensor, weight: Tensor) -> Tensor:  # noqa: A002 (as the function calls it)
        return F.conv2d(input, weight, b, stride, padding, dilation, groups)

    if any(r > n + 2 * p for r, n, p in zip(reach, size, padding, strict=True)):
        with np.testing.assert_raises(ShapeError):
            convolve(Tensor(x), Tensor(w))
        return
    wanted = written_out(x, w, stride, padding, dilation, groups)
    np.testing.assert_allclose(convolve(Tensor(x), Tensor(w)).array, wanted, atol=1e-12)
    planned = nnviz.compile_forward(lambda input: convolve(input, Tensor(w)))  # noqa: A006
    np.testing.assert_allclose(planned(x).array, wanted, atol=1e-12)
    assert gradcheck(convolve, [x, w], rtol=1e-6)


@given(PAIRS, PAIRS, PAIRS, st.booleans(), st.tuples(st.integers(1, 8), st.integers(1, 8)), st.data())
@settings(deadline=None, max_examples=60)
def test_any_largest(kernel: Pair, stride: Pair, dilation: Pair, ceil: bool, size: Pair, data: st.DataObject) -> None:
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    # By half of its kernel at most a pool may reach beyond the image.
    padding = tuple(data.draw(st.integers(0, k // 2)) for k in kernel)
    x = np.random.default_rng([*kernel, *size]).permutation(2 * math.prod(size)).reshape(1, 2, *size) * 1.0
    places = []
    for n, r, s, p in zip(size, reach, stride, padding, strict=True):
        count = (n + 2 * p - r) / s
        whole = (math.ceil(count) if ceil else math.floor(count)) + 1
        places.append(whole - 1 if ceil and (whole - 1) * s >= n + p else whole)
    if any(n + 2 * p < r for n, r, p in zip(size, reach, padding, strict=True)):
        return
    wanted = np.full((1, 2, *places), -np.inf)
    for i, j, a, b in itertools.product(range(places[0]), range(places[1]), range(kernel[0]), range(kernel[1])):
        row, column = i * stride[0] + a * dilation[0] - padding[0], j * stride[1] + b * dilation[1] - padding[1]
        if 0 <= row < size[0] and 0 <= column < size[1]:
            wanted[:, :, i, j] = np.maximum(wanted[:, :, i, j], x[:, :, row, column])
    found = F.max_pool2d(Tensor(x), kernel, stride, padding, dilation, ceil)
    np.testing.assert_array_equal(found.array, wanted)
    planned = nnviz.compile_forward(lambda input: F.max_pool2d(input, kernel, stride, padding, dilation, ceil))  # noqa: A006
    np.testing.assert_array_equal(planned(x).array, wanted)

"""The normal distribution: its share below z, for whole arrays at once, which the standard library has for one number.

With w = |z|, Φ(−w) = e^(−w²/2) · t · p(2t − 1), t = 4 / (4 + w), where p is smooth on all of (0, 1] and a polynomial to
the last digit. The form is that of Shepherd & Laframboise 1981, Chebyshev approximation of (1 + 2x) exp(x²) erfc x in
0 ≤ x < ∞, Math. Comp. 36; the coefficients are the Chebyshev series of e^(w²/2) · Φ(−w) / t, worked out to 60 digits
and cut off where the next one is smaller than the rounding of the type.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from nnviz.autograd.operation import Array

SHORT = (
    0.1888212817838964, 0.15197410095365885, 0.09678439072771228, 0.046631677717931246, 0.015098823967489227,
    0.0018780578454378914, -0.0008690419737272307, -0.00039094672470664006, 3.233142033518819e-05,
    3.9330142396146074e-05,
)  # fmt: skip
"""Powers of 2t − 1 for float32."""

LONG = (
    0.18882128260393785, 0.15197416049297324, 0.09678435018555664, 0.04663046448989468, 0.01509914372259023,
    0.0018850472422229046, -0.0008699230891628756, -0.0004077046213683964, 3.3336052290036945e-05,
    5.7773784446822336e-05, -4.769190076797745e-07, -8.78640058976113e-06, 1.7865053828168654e-07,
    1.480723444385482e-06, -1.5623877693912945e-07, -2.5674601753579823e-07, 6.61834320494967e-08,
    4.055790802133918e-08, -1.9695900856734096e-08, -4.892402234993512e-09, 4.01684673933235e-09,
    3.19308785823943e-10, -4.221644241696684e-10,
)  # fmt: skip
"""The same for float64."""

FARTHEST = 40.0
"""From here on the share beyond is 0 in every type, and a square does not overflow yet."""

BLOCK = 65_536
"""Numbers that are worked on at once: with what is computed on the way they stay near the processor."""


_DENSITY = 1 / math.sqrt(2 * math.pi)


def gelu_of(z: Array) -> Array:
    """z · Φ(z), as max(0, z) − |z| · Φ(−|z|): no digit is lost on the left, where Φ is small."""
    return _by_blocks(_gelu, z)


def gelu_slope(z: Array) -> Array:
    """Φ(z) + z · φ(z), with φ the density."""
    return _by_blocks(_gelu_slope, z)


def _by_blocks(work: Callable[[Array, Array, Array], None], z: Array) -> Array:
    """An element-by-element function, `work(z, out, spare)`, on a block after the other."""
    flat = z.reshape(-1)
    found = np.empty(flat.shape, z.dtype)
    spare = np.empty((3, min(BLOCK, flat.size)), z.dtype)
    for start in range(0, flat.size, BLOCK):
        part = flat[start : start + BLOCK]
        work(part, found[start : start + BLOCK], spare[:, : part.size])
    return found.reshape(z.shape)


def _gelu(z: Array, out: Array, spare: Array) -> None:
    _tail(z, out, spare)
    w, _, bent = spare
    out *= w
    np.maximum(z, z.dtype.type(0), out=bent)
    np.subtract(bent, out, out=out)


def _gelu_slope(z: Array, out: Array, spare: Array) -> None:
    kind = z.dtype.type
    density = spare[1]
    _tail(z, out, spare)
    np.subtract(kind(0.5), out, out=out)
    np.copysign(out, z, out=out)
    out += kind(0.5)
    density *= z
    density *= kind(_DENSITY)
    out += density


def _tail(z: Array, out: Array, spare: Array) -> None:
    """Φ(−|z|) in `out`; and in `spare` |z|, FARTHEST at most, and e^(−z²/2)."""
    kind = z.dtype.type
    w, twice, u = spare
    *rest, last = _halved(z.dtype)
    np.abs(z, out=w)
    np.minimum(w, kind(FARTHEST), out=w)
    np.add(w, kind(4), out=twice)
    np.divide(kind(8), twice, out=twice)
    np.subtract(twice, kind(1), out=u)
    np.multiply(u, last, out=out)
    for coefficient in reversed(rest[1:]):
        out += coefficient
        out *= u
    out += rest[0]
    out *= twice
    power = np.multiply(w, w, out=twice)
    power *= kind(-0.5)
    np.exp(power, out=power)
    out *= power


@cache
def _halved(dtype: np.dtype[Any]) -> list[Any]:
    """The coefficients for 2t · p(2t − 1) / 2, in the type itself."""
    return [dtype.type(coefficient / 2) for coefficient in (SHORT if dtype.itemsize < 8 else LONG)]

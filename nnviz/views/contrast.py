"""Colors that can be told from what is behind them.

Relative luminance and contrast are those of the Web Content Accessibility Guidelines 2.2. The linear light of an sRGB
value c of [0, 1] is c / 12.92 up to 0.04045, and ((c + 0.055) / 1.055)^2.4 above it; the luminance L of a color is
0.2126 of that of red, 0.7152 of that of green and 0.0722 of that of blue; contrast is (L₁ + 0.05) / (L₂ + 0.05) for
L₁ ≥ L₂.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Rgb = tuple[int, int, int]
Floats = NDArray[np.float64]

MIDDLE = 0.18
"""Luminance that black and white stand out from alike: a background below it is dark."""

DARKEST, BRIGHTEST = 0.34, 0.18
"""Luminance of a pixel at least on a light background, and at most on a dark one."""

INK_DARK, INK_LIGHT = 0.06, 0.7
"""Luminance of a mark on these: 3 to 1, also where pixels are mixed and rounded."""

_WEIGHTS = np.array([0.2126, 0.7152, 0.0722])
_SRGB = np.arange(256) / 255
_LINEAR = np.where(_SRGB <= 0.04045, _SRGB / 12.92, ((_SRGB + 0.055) / 1.055) ** 2.4)


def luminance(colors: Pixels) -> Floats:
    """(..., 3) colors → (...) relative luminance, from 0 for black to 1 for white."""
    return np.asarray(_LINEAR[colors] @ _WEIGHTS)


def contrast(one: Pixels, other: Pixels) -> Floats:
    """From 1 for two colors of the same luminance to 21 for black and white."""
    a, b = luminance(one), luminance(other)
    return np.asarray((np.maximum(a, b) + 0.05) / (np.minimum(a, b) + 0.05))


def is_dark(background: Rgb) -> bool:
    """Whether light marks stand out better than dark ones."""
    return bool(luminance(np.array(background, np.uint8)) < MIDDLE)


def with_luminance(colors: Pixels, wanted: Floats) -> Pixels:
    """(..., 3) colors, darkened or mixed with white, each until it has the (...) luminance that is wanted."""
    linear = _LINEAR[colors]
    own = (linear @ _WEIGHTS)[..., None]
    goal = np.asarray(wanted)[..., None]
    darker = linear * (goal / np.maximum(own, 1e-9))
    lighter = linear + (1 - linear) * ((goal - own) / np.maximum(1 - own, 1e-9))
    return _encoded(np.where(own > goal, darker, lighter))


def _encoded(linear: Floats) -> Pixels:
    linear = linear.clip(0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray((srgb * 255).round().astype(np.uint8))


def behind_marks(pixels: Pixels, background: Rgb) -> Pixels:
    """(..., 3) pixels, none of them so bright on a dark background, or so dark on a light one, that marks are lost."""
    own = luminance(pixels)
    lost = own > BRIGHTEST if is_dark(background) else own < DARKEST
    if not lost.any():
        return pixels
    found = pixels.copy()
    goal = BRIGHTEST if is_dark(background) else DARKEST
    found[lost] = with_luminance(pixels[lost], np.full(int(lost.sum()), goal))
    return found


def inks(colors: Pixels, background: Rgb) -> list[Rgb]:
    """Marks of these colors that stand out at 3 to 1 from what `behind_marks` gives."""
    goal = INK_LIGHT if is_dark(background) else INK_DARK
    own = luminance(colors)
    wanted = np.maximum(own, goal) if is_dark(background) else np.minimum(own, goal)
    found = with_luminance(colors, wanted).tolist()
    return [(red, green, blue) for red, green, blue in found]

"""Fields of color from any numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from textual.app import App
from textual.color import Color as TextualColor

from nnviz.tui.widgets.colors import DARK as STAND_IN_DARK
from nnviz.tui.widgets.colors import LIGHT as STAND_IN_LIGHT
from nnviz.views.contrast import Rgb, contrast, is_dark, luminance
from nnviz.views.heat import (
    GLYPHS,
    HOLLOW,
    PALETTE,
    Points,
    cells_of,
    class_colors,
    class_inks,
    ramp,
    resize,
    scale_colors,
    smooth,
    value_colors,
)

DARK, LIGHT = (30, 30, 30), (240, 240, 240)


@given(
    arrays(
        np.float32, st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 12)), elements=st.floats(width=32)
    )
)
def test_class_field_of_anything(probabilities: np.ndarray) -> None:
    pixels = class_colors(probabilities, DARK)
    assert pixels.shape == (*probabilities.shape[:2], 3)
    assert pixels.dtype == np.uint8


def test_the_surer_the_more_color() -> None:
    p = np.array([[[0.5, 0.5], [0.7, 0.3], [1.0, 0.0], [0.0, 1.0], [np.nan, 1.0]]])
    even, rather, orange, blue, unknown = class_colors(p, DARK)[0].astype(int)
    away = [int(np.abs(pixel - np.array(DARK)).sum()) for pixel in (even, rather, orange)]
    assert away == sorted(set(away))
    assert orange[0] > orange[2]
    assert blue[2] > blue[0]
    np.testing.assert_array_equal(unknown, DARK)


@given(arrays(np.float32, (3, 4), elements=st.floats(width=32)), st.floats(), st.floats())
def test_value_field_of_anything(values: np.ndarray, low: float, high: float) -> None:
    assert value_colors(values, low, high, DARK).shape == (3, 4, 3)


def test_value_field_diverges() -> None:
    low, middle, high, unknown = value_colors(np.array([[-1.0, 0.0, 1.0, np.nan]]), -1, 1, DARK)[0].astype(int)
    assert low[0] > low[2]
    assert high[2] > high[0]
    np.testing.assert_array_equal(middle, DARK)
    np.testing.assert_array_equal(unknown, DARK)


def test_every_class_has_its_own_marks_and_color() -> None:
    assert len(set(GLYPHS + HOLLOW)) == 2 * len(GLYPHS) == 2 * len(HOLLOW) == 2 * len(PALETTE)
    for background in (DARK, LIGHT):
        assert len(set(class_inks(background))) == len(PALETTE)


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (7, 3), (100, 100)])
def test_resize_takes_the_nearest(shape: tuple[int, int]) -> None:
    field = np.arange(12).reshape(3, 4)
    assert resize(field, *shape).shape == shape
    np.testing.assert_array_equal(resize(field, 3, 4), field)
    np.testing.assert_array_equal(resize(field, 6, 8)[::2, ::2], field)


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (7, 3), (100, 100)])
def test_smooth_stays_between(shape: tuple[int, int]) -> None:
    pixels = np.zeros((4, 5, 3), np.uint8)
    pixels[:, 3:] = 200
    out = smooth(pixels, *shape)
    assert out.shape == (*shape, 3)
    assert out.max(initial=0) <= 200
    assert np.all(np.diff(out.astype(int), axis=1) >= 0)


def test_points_fall_into_their_cells() -> None:
    points = Points(np.array([0.0, 1.0, 0.5]), np.array([0.0, 1.0, 0.5]), np.array([0, 1, 12]))
    assert cells_of(points, (0.0, 1.0, 0.0, 1.0), 10, 20) == {(9, 0): "●", (0, 19): "▲", (5, 10): "◆"}


def test_held_out_points_are_hollow_and_give_way() -> None:
    x = np.array([0.1, 0.1, 0.9])
    points = Points(x, x, np.array([0, 1, 1]), np.array([False, True, True]))
    assert set(cells_of(points, (0.0, 1.0, 0.0, 1.0), 4, 4).values()) == {"●", "△"}


@given(
    arrays(np.float32, 5, elements=st.floats(width=32)),
    arrays(np.float32, 5, elements=st.floats(width=32)),
    st.tuples(st.floats(), st.floats(), st.floats(), st.floats()),
)
def test_any_points_in_any_extent(x: np.ndarray, y: np.ndarray, extent: tuple[float, float, float, float]) -> None:
    for row, column in cells_of(Points(x, y, np.arange(5)), extent, 6, 9):
        assert 0 <= row < 6
        assert 0 <= column < 9


@pytest.mark.parametrize("background", [DARK, LIGHT])
def test_a_scale_of_values_is_even_and_leads_away_from_the_background(background: Rgb) -> None:
    colors = scale_colors(np.linspace(-3, 5, 22)[None], -3, 5, background)[0]
    lightness = luminance(colors) ** (1 / 3)
    steps = np.diff(lightness)
    assert np.all(steps > 0) if is_dark(background) else np.all(steps < 0)
    assert steps == pytest.approx(steps.mean(), abs=0.3 * abs(steps.mean()))
    np.testing.assert_array_equal(colors[[0, -1]], ramp(is_dark(background))[[0, -1]])
    outside = scale_colors(np.array([[-1e308, np.inf, np.nan, -np.inf]]), -3, 5, background)[0]
    np.testing.assert_array_equal(outside[[0, 1, 3]], colors[[0, -1, 0]])


@given(arrays(np.float32, (3, 4), elements=st.floats(width=32)), st.floats(), st.floats())
def test_a_scale_of_anything(values: np.ndarray, low: float, high: float) -> None:
    assert scale_colors(values, low, high, DARK).shape == (3, 4, 3)


def surfaces() -> list[Rgb]:
    """What pictures fade into, in every theme there is."""
    app: App[None] = App()
    found = []
    for name, theme in app.available_themes.items():
        surface = TextualColor.parse(theme.to_color_system().generate()["surface"])
        found.append(surface.rgb if surface.ansi is None else (STAND_IN_DARK if theme.dark else STAND_IN_LIGHT))
        assert name
    return found


def test_marks_stand_out_in_every_theme_whatever_the_network_says() -> None:
    """At 3 to 1 from every pixel, also from those between two; and a light theme has dark ones."""
    generator = np.random.default_rng(0)
    backgrounds = surfaces()
    assert len(backgrounds) > 15
    for background in backgrounds:
        marks = np.array(class_inks(background), np.uint8)
        for count in range(1, 13):
            p = generator.dirichlet(np.full(count, 0.3), (32, 32))
            p[0] = np.eye(count)[np.arange(32) % count]
            p[1], p[2, 0] = 1 / count, np.nan
            fields = [class_colors(p, background), scale_colors(p[..., 0], 0, 1, background)]
            for pixels in fields:
                shown = smooth(pixels, 50, 50)
                halves = (shown[::2].astype(int) + shown[1::2]) // 2
                for behind in (pixels, shown, halves.astype(np.uint8)):
                    assert contrast(behind[..., None, :], marks).min() >= 3

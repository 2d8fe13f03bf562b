"""Without noise a toy obeys its geometric rule exactly; noise changes only what Playground's noise changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.data import Dataset, datasets
from nnviz.registry import Spec
from nnviz.seeds import stream

SEEDS = st.integers(0, 2**32 - 1)
COUNTS = st.integers(10, 300)
CLOSE = 1e-5


def build(name: str, seed: int, **arguments: Any) -> Dataset:
    return datasets.build(Spec.of(name, **arguments), generator=stream(seed, "data"))


@given(SEEDS, COUNTS)
def test_circle_is_a_disc_in_a_ring(seed: int, samples: int) -> None:
    dataset = build("circle", seed, samples=samples)
    radius = np.hypot(dataset.inputs[:, 0], dataset.inputs[:, 1])
    blue = dataset.targets == 1
    assert blue.sum() == samples - samples // 2
    assert radius[blue].max() <= 2.5 + CLOSE
    assert radius[~blue].min() >= 3.5 - CLOSE
    assert radius[~blue].max() <= 5 + CLOSE


@given(SEEDS, COUNTS)
def test_xor_is_the_sign_of_the_product(seed: int, samples: int) -> None:
    dataset = build("xor", seed, samples=samples)
    assert ((dataset.inputs.prod(axis=1) > 0) == (dataset.targets == 1)).all()
    assert np.abs(dataset.inputs).min() >= 0.3 - CLOSE
    assert np.abs(dataset.inputs).max() <= 5.3 + CLOSE


@given(SEEDS, COUNTS)
def test_spiral_arms_wind_by_angle(seed: int, samples: int) -> None:
    dataset = build("spiral", seed, samples=samples)
    for color, turn in ((1, 0.0), (0, np.pi)):
        arm = dataset.inputs[dataset.targets == color].astype(np.float64)
        radius = np.hypot(arm[:, 0], arm[:, 1])
        angle = 3.5 * np.pi * radius / 5 + turn
        expected = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
        np.testing.assert_allclose(arm, expected, atol=1e-4)
        np.testing.assert_allclose(radius, np.arange(len(arm)) / len(arm) * 5, atol=CLOSE)


@given(SEEDS, st.floats(0, 1))
def test_gauss_clouds_have_their_centers_and_variance(seed: int, noise: float) -> None:
    dataset = build("gauss", seed, samples=2000, noise=noise)
    variance = 0.5 + 7 * noise
    for color, center in ((1, 2.0), (0, -2.0)):
        cloud = dataset.inputs[dataset.targets == color].astype(np.float64)
        assert len(cloud) == 1000
        # six standard errors of a mean and of a variance of 1,000 normal numbers
        np.testing.assert_allclose(cloud.mean(axis=0), center, atol=6 * np.sqrt(variance / 1000))
        np.testing.assert_allclose(cloud.var(axis=0), variance, rtol=6 * np.sqrt(2 / 1000))
    quiet = build("gauss", seed, samples=2000)
    centers = np.where(dataset.targets == 1, 2, -2)[:, None]
    wider = np.sqrt(variance / 0.5)  # the same draws whatever the noise is, only spread further
    np.testing.assert_allclose(dataset.inputs - centers, (quiet.inputs - centers) * wider, atol=1e-4)


@given(SEEDS, COUNTS)
def test_plane_is_a_tenth_of_the_sum(seed: int, samples: int) -> None:
    dataset = build("plane", seed, samples=samples)
    np.testing.assert_allclose(dataset.targets[:, 0], dataset.inputs.sum(axis=1) / 10, atol=CLOSE)
    assert np.abs(dataset.inputs).max() <= 6 + CLOSE


@given(SEEDS, COUNTS)
def test_multi_gaussian_takes_the_strongest_cone(seed: int, samples: int) -> None:
    dataset = build("multi-gaussian", seed, samples=samples)
    for point, value in zip(dataset.inputs, dataset.targets[:, 0], strict=True):
        cones = [
            sign * min(max(1 - np.hypot(point[0] - x, point[1] - y) / 2, 0), 1)
            for x, y, sign in [(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)]
        ]
        assert value == pytest.approx(max(cones, key=abs), abs=CLOSE)


@given(SEEDS, st.floats(0.01, 1))
@pytest.mark.parametrize(("name", "reach"), [("circle", 5), ("xor", 5), ("plane", 6), ("multi-gaussian", 6)])
def test_noise_moves_what_is_labelled_and_not_what_is_shown(name: str, reach: int, seed: int, noise: float) -> None:
    quiet, noisy = build(name, seed, samples=100), build(name, seed, samples=100, noise=noise)
    np.testing.assert_array_equal(quiet.inputs, noisy.inputs)
    if name == "plane":
        assert np.abs(noisy.targets - quiet.targets).max() <= 2 * reach * noise / 10 + CLOSE
    if name == "circle":
        from_border = np.abs(np.hypot(quiet.inputs[:, 0], quiet.inputs[:, 1]) - 2.5)
        safe = from_border > np.sqrt(2) * reach * noise + CLOSE
        np.testing.assert_array_equal(quiet.targets[safe], noisy.targets[safe])
    if name == "xor":
        safe = np.abs(quiet.inputs).min(axis=1) > reach * noise + CLOSE
        np.testing.assert_array_equal(quiet.targets[safe], noisy.targets[safe])


@pytest.mark.parametrize("name", ["circle", "xor", "plane", "multi-gaussian"])
def test_noise_changes_some_targets(name: str) -> None:
    assert (build(name, 1).targets != build(name, 1, noise=0.5).targets).any()


@given(SEEDS, st.floats(0, 1))
def test_noise_moves_the_points_of_a_spiral(seed: int, noise: float) -> None:
    quiet, noisy = build("spiral", seed, samples=100), build("spiral", seed, samples=100, noise=noise)
    np.testing.assert_array_equal(quiet.targets, noisy.targets)
    assert np.abs(quiet.inputs - noisy.inputs).max() <= noise + CLOSE


def test_colors_are_playgrounds() -> None:
    assert build("gauss", 1).classes == ("orange", "blue")

"""The layer page alone, with numbers made by formulas; each picture was looked at before it was accepted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from nnviz.engine import ProcessEngine
from nnviz.network import PRESETS, Network, opening
from nnviz.run import Observation
from nnviz.run.queries import (
    AllGradients,
    GradientSeen,
    GradientsSeen,
    LayerParameter,
    Neurons,
    NeuronsSeen,
    ParameterSeen,
    spread_of,
)
from nnviz.run.taken_step import Moved
from nnviz.tui.app import NnvizApp
from nnviz.tui.panels.layer import LayerPanel
from nnviz.views import layer as views
from tests.examples import pairs
from tests.tui.conftest import main_screen
from tests.tui.pictures import picture
from tests.tui.test_snapshots import arranged

SIZES = [(80, 24), (120, 40), (200, 60)]
CONV = next(made for made in (preset.make() for preset in PRESETS) if made.layers and made.layers[0].name == "Conv2d")
SGD = {"lr": 0.1, "momentum": 0.9, "dampening": 0, "weight_decay": 0.01, "nesterov": False, "maximize": False}


def wave(*shape: int) -> np.ndarray:
    return np.sin(1.3 * np.arange(int(np.prod(shape)), dtype=np.float64).reshape(shape) + 0.4).astype(np.float32)


def parameter() -> ParameterSeen:
    before, gradient, velocity = wave(16, 2), 0.1 * wave(16, 2)[::-1], 0.05 * wave(16, 2)[:, ::-1]
    after = before - np.float32(0.1) * (np.float32(0.9) * velocity + gradient + np.float32(0.01) * before)
    steps = np.arange(1, 41)
    norms = np.stack([np.exp(-steps / 20), 0.1 * np.exp(-steps / 30), 3 + steps / 40], axis=1)
    moved = Moved(before, after, gradient, {"momentum_buffer": velocity}, 2.0, SGD)
    return ParameterSeen(
        ("weight", "bias"), "weight", "0.weight", 5000, after, moved, 5000, "SGD", spread_of(after), steps, norms
    )


def gradients(network: Network) -> GradientsSeen:
    rows = []
    for at, name in ((0, "weight"), (0, "bias"), (2, "weight"), (2, "bias"), (4, "weight"), (4, "bias")):
        size = 0.3 / (1 + at) * (0.2 if name == "bias" else 1)
        over_time = size * np.exp(-np.arange(30) / (10 + at))
        shape = (16, 2) if name == "weight" else (16,)
        number = 0 if name == "weight" else 1
        rows.append(
            GradientSeen(network.ids[at], number, name, shape, size, size / 50, 2.0 + at, 0.125 * at, over_time)
        )
    return GradientsSeen(5000, tuple(rows))


def neurons(kind: str) -> NeuronsSeen:
    y, x = np.meshgrid(np.linspace(1, -1, 24), np.linspace(-1, 1, 24), indexing="ij")
    spreads = tuple(spread_of(np.tanh(wave(40) * unit)) for unit in range(16))
    if kind == "plane":
        maps = np.stack([np.tanh(3 * (x * np.cos(unit) + y * np.sin(unit)) + unit / 8 - 1) for unit in range(16)])
        return NeuronsSeen("plane", maps, (-5.6, 5.6, -4.8, 4.8), 16, spreads, np.zeros(16))
    image = np.exp(-((x[::3, ::3] ** 2 + y[::3, ::3] ** 2 - 0.4) ** 2) * 8)[None]
    maps = np.stack([np.roll(image[0], unit, axis=1) - image[0] * unit / 8 for unit in range(8)])
    return NeuronsSeen("image", maps, (), 8, spreads[:8], np.zeros(8), 4, 1438, image, wave(8, 1, 3, 3))


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ProcessEngine, "open", lambda self: None)


async def shown(pilot: Pilot[None], found: Observation | None, *keys: str) -> None:
    """The page after these keys, with these numbers."""
    await arranged(pilot, trained=True)
    screen = main_screen(pilot)
    await pilot.press("5", *keys)
    query = views.query_of(screen.lab)
    assert query is not None
    assert screen.moment is not None
    screen.moment = replace(screen.moment, observations={} if found is None else {query: found})
    screen.query_one(LayerPanel).show(screen.lab, screen.seen)
    await pilot.pause()
    if isinstance(found, ParameterSeen):
        await pilot.press("down", "right")


View = tuple[Network, tuple[str, ...], Callable[[], Observation]]

VIEWS: dict[str, View] = {
    "weights": (opening(), (), parameter),
    "gradients": (opening(), ("g",), lambda: gradients(opening())),
    "neurons": (opening(), ("N",), lambda: neurons("plane")),
    "channels": (CONV, ("N",), lambda: neurons("image")),
}


@pytest.mark.parametrize(("view", "size"), pairs(VIEWS, {f"{size[0]}x{size[1]}": size for size in SIZES}))
async def test_view(snapshot: SnapshotAssertion, view: View, size: tuple[int, int]) -> None:
    network, keys, make = view
    async with NnvizApp(network).run_test(size=size) as pilot:
        await shown(pilot, make(), *keys)
        assert await picture(pilot, "#layer") == snapshot.use_extension(SVGImageExtension)


@pytest.mark.parametrize("name", ["weights", "neurons"])
async def test_light(snapshot: SnapshotAssertion, name: str) -> None:
    network, keys, make = VIEWS[name]
    async with NnvizApp(network).run_test(size=(120, 40)) as pilot:
        pilot.app.theme = "textual-light"
        await shown(pilot, make(), *keys, "5")
        assert await picture(pilot, "#layer") == snapshot.use_extension(SVGImageExtension)


@pytest.mark.parametrize("name", ["weights", "neurons"])
async def test_without_colors(snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    network, keys, make = VIEWS[name]
    async with NnvizApp(network).run_test(size=(80, 24)) as pilot:
        await shown(pilot, make(), *keys)
        assert await picture(pilot, "#layer") == snapshot.use_extension(SVGImageExtension)


@pytest.mark.parametrize("query", [AllGradients(), LayerParameter(1), Neurons(1)], ids=str)
def test_queries_that_are_alike_are_asked_once(query: Observation) -> None:
    assert {query, replace(query)} == {query}  # type: ignore[type-var]

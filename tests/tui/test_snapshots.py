"""Every panel and dialog as it stands, at 80x24 and 120x40; each picture was looked at before it was accepted.

A picture holds the panel or the dialog alone, so that a word elsewhere changes none of the others; a few hold the whole
screen.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from nnviz import nn
from nnviz.data import datasets
from nnviz.engine import Moment, ProcessEngine
from nnviz.network import PRESETS, Network, empty, job_of, opening
from nnviz.network.presets import _linear
from nnviz.registry import Spec
from nnviz.run import Costs, Curves, Evaluation, Observation, Query
from nnviz.run.queries import Predicted, Predictions, Samples
from nnviz.run.queries.predictions import extent_of, points_over
from nnviz.tui.app import NnvizApp
from nnviz.tui.main import MainScreen
from nnviz.tui.panels.graph import GraphPanel
from nnviz.tui.panels.training import TrainingPanel
from tests.tui.conftest import main_screen, opened, resized, until
from tests.tui.pictures import picture

SIZES = [pytest.param((80, 24), id="80x24"), pytest.param((120, 40), id="120x40")]


def moment(screen: MainScreen) -> Moment:
    """A snapshot made by formulas: the same on every machine, as the sums of a real run need not be."""
    epoch = np.arange(0, 200, dtype=np.float64)
    falling = 0.7 * np.exp(-epoch / 40)
    rising = 1 - 0.5 * np.exp(-epoch / 30)
    job = job_of(screen.lab.network)
    observations: dict[Query[Observation], Observation] = {}
    if len(job.schema.features) in (1, 2):
        extent = extent_of(job.data().dataset.inputs)
        points = points_over(extent)
        x, y = points[:, 0], points[:, -1]
        share = 1 / (1 + np.exp(-(x * np.sin(x) + y)))
        observations = {
            Predictions(): Predicted(extent, np.stack([1 - share, share], axis=1)),
            Samples(): Samples().observe(SimpleNamespace(data=job.data())),
        }
    now = Evaluation(5000, 200.0, 0.0123, 0.0456, 0.996, 0.972)
    curves = Curves(epoch, falling, falling + 0.05, rising, rising - 0.03)
    return Moment(screen.lab.status.number, 5000, 200.0, False, 0.0, now, curves, observations)


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real run reports when it likes; here a made one stands still."""
    monkeypatch.setattr(ProcessEngine, "open", lambda self: None)


@asynccontextmanager
async def standing(network: Network | None, size: tuple[int, int], trained: bool = False) -> AsyncIterator[Pilot[None]]:
    """The program, with a run that stands still."""
    async with NnvizApp(network).run_test(size=size, notifications=True) as pilot:
        await arranged(pilot, trained)
        yield pilot


async def arranged(pilot: Pilot[None], trained: bool = False) -> None:
    screen = await opened(pilot)
    if trained:
        screen.moment = moment(screen)
    screen.query_one(TrainingPanel).show(screen.lab, screen.seen)
    await pilot.pause()


@pytest.fixture
def same(snapshot: SnapshotAssertion) -> Callable[[Pilot[None], str, str], Awaitable[None]]:
    """Compares a part of the screen with its picture."""
    pictures = snapshot.use_extension(SVGImageExtension)

    async def compare(pilot: Pilot[None], part: str, name: str) -> None:
        await until(pilot, lambda: bool(pilot.app.screen.query(part).first().size))
        if part != "Toast":
            # It would lie on whatever part is below it.
            pilot.app.clear_notifications()
        assert await picture(pilot, part) == pictures(name=name)

    return compare


@pytest.mark.parametrize("size", [*SIZES, pytest.param((200, 60), id="200x60", marks=pytest.mark.long)])
def test_the_opening(snap_compare, size: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    async def drive(pilot: Pilot[None]) -> None:
        await arranged(pilot, trained=True)

    assert snap_compare(NnvizApp(), terminal_size=size, run_before=drive)


@pytest.mark.parametrize("theme", ["textual-light", pytest.param("ansi-dark", marks=pytest.mark.long)])
def test_theme(snap_compare, theme: str) -> None:  # type: ignore[no-untyped-def]
    async def drive(pilot: Pilot[None]) -> None:
        pilot.app.theme = theme
        await arranged(pilot, trained=True)

    assert snap_compare(NnvizApp(opening()), terminal_size=(120, 40), run_before=drive)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.long
async def test_panels_and_dialogs(same, size: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    async with standing(None, size, trained=True) as pilot:
        for key, panel in (("4", "graph"), ("3", "activation"), ("2", "training")):
            await pilot.press(key)
            await same(pilot, f"#{panel}", panel)
            await pilot.press(key)
            await same(pilot, f"#{panel}", f"{panel} alone")
            await pilot.press(key)
        await pilot.press("1")
        await same(pilot, "#stack", "stack")
        for key, name in (("a", "picker"), ("e", "form"), ("o", "settings"), ("ctrl+n", "presets")):
            await pilot.press(key, *(["down"] if name == "presets" else []))
            await same(pilot, "DialogBox", name)
            await pilot.press("escape")
        await pilot.press("c")
        await same(pilot, "Toast", "nothing to merge")


@pytest.mark.long
async def test_help_of_each_panel(same) -> None:  # type: ignore[no-untyped-def]
    async with standing(None, (80, 24), trained=True) as pilot:
        for panel in "123456789":
            await pilot.press(panel, "question_mark")
            await same(pilot, "DialogBox", panel)
            await pilot.press("escape")


@pytest.mark.parametrize("size", SIZES)
async def test_tape_and_plan(same, size: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    async with standing(None, size, trained=True) as pilot:
        screen = main_screen(pilot)
        screen.lab = screen.lab.with_status(costs=Costs(24e-6, 1.412e-4))
        await pilot.press("4", "v")
        await same(pilot, "#graph", "beside")
        await pilot.press("4", "m")
        await same(pilot, "#graph", "alone")


def long_names() -> Network:
    layers = [
        Spec.of("Conv2d", in_channels=1, out_channels=8, kernel_size=3, padding=1), Spec.of("BatchNorm2d", num_features=8),
        Spec("ReLU"), Spec.of("Conv2d", in_channels=8, out_channels=8, kernel_size=3, padding=1), Spec.of("Add", row=3),
        Spec("MaxPool2d"), Spec("Flatten"), Spec.of("Linear", in_features=128, out_features=10),
    ]  # fmt: skip
    settings = replace(opening().settings, data=datasets.check(Spec("digits")))
    return Network(tuple(nn.layers.check(layer) for layer in layers), settings)


def preset(name: str) -> Network:
    return next(p for p in PRESETS if p.name == name).make()


def broken() -> Network:
    return empty().insert(0, _linear(8, 5)).insert(1, _linear(5, 8))


NETWORKS = {
    "fault": (broken, "", "#stack"),
    "no training": (broken, "2", "#training"),
    "empty": (empty, "", "#stack"),
    "long names": (long_names, "", "#stack"),
    "skips": (long_names, "4", "#graph"),
    "linear only": (lambda: preset("Linear only"), "", "#stack"),
    "repairs": (lambda: preset("Broken"), "F", "DialogBox"),
    "hint": (lambda: preset("The lesson's model"), "", "#stack"),
    "residual": (lambda: preset("Residual"), "4", "#graph"),
    "folded": (opening, "+44", "#graph"),
}  # fmt: skip
"""A network, the keys that are pressed, and the part that is looked at."""


@pytest.mark.parametrize("size", [SIZES[0], pytest.param((120, 40), id="120x40", marks=pytest.mark.long)])
@pytest.mark.parametrize("name", NETWORKS)
async def test_network(same, size: tuple[int, int], name: str) -> None:  # type: ignore[no-untyped-def]
    make, keys, part = NETWORKS[name]
    async with standing(make(), size) as pilot:
        await pilot.press(*keys)
        await same(pilot, part, part.lstrip("#"))


WALKS = {"start": "n", "product": "nnn", "backward": "n" + "n" * 20, "image": "nn", "update": "n" + "n" * 29}


@pytest.mark.parametrize("name", WALKS)
@pytest.mark.long
async def test_walk(same, name: str) -> None:  # type: ignore[no-untyped-def]
    sizes = [(80, 24), (120, 40), *[(200, 60)] * (name in ("backward", "update"))]
    async with standing(preset("Digits, convolutions") if name == "image" else opening(), sizes[0]) as pilot:
        await pilot.press(*WALKS[name])
        # In float32 the last digits of a sum differ between machines: the numbers shown are made round.
        screen = main_screen(pilot)
        await until(pilot, lambda: screen.lab.walk.position == len(WALKS[name]) - 1)
        walk = screen.walking.walk
        assert walk is not None
        for values in (walk.values, walk.upstream, walk.parts):
            for key, array in values.items():
                if array.dtype.kind == "f":
                    values[key] = np.round(array, 3)
        for node, done in walk.updates.items():
            walk.updates[node] = replace(
                done, **{name: np.round(getattr(done, name), 3) for name in ("before", "gradient", "after")}
            )
        for size in sizes:
            await resized(pilot, size)
            screen.query_one(GraphPanel).redraw()
            await same(pilot, "#graph", f"{size[0]}x{size[1]}")

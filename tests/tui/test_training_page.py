"""The training page: pictures of it alone, each looked at before it was accepted; and what it does while it trains."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest
from pytest_textual_snapshot import SVGImageExtension
from rich.color import Color
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from nnviz import nn
from nnviz.data import datasets
from nnviz.engine import Failed, ProcessEngine
from nnviz.lab import Entry
from nnviz.network import Network, empty, fit_to_data, opening
from nnviz.optim import optimizers
from nnviz.registry import Spec
from nnviz.run import Run
from nnviz.tui.app import NnvizApp
from nnviz.tui.main import MainScreen
from nnviz.tui.panels.training import TrainingPanel
from nnviz.tui.widgets.heatmap import HeatMap
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.plot import Plot
from nnviz.views import training
from nnviz.views.contrast import BRIGHTEST, DARKEST, Floats, luminance
from tests.tui.conftest import main_screen, ready, resized, running, until
from tests.tui.pictures import picture
from tests.tui.test_snapshots import arranged

ROUNDING = 0.01
"""What luminance loses in three bytes."""

SIZES = [(80, 24), (120, 40)]


@asynccontextmanager
async def standing(
    monkeypatch: pytest.MonkeyPatch, network: Network, size: tuple[int, int], theme: str = "textual-dark"
) -> AsyncIterator[tuple[Pilot[None], MainScreen]]:
    """The program with a made run that stands still."""
    monkeypatch.setattr(ProcessEngine, "open", lambda self: None)
    app = NnvizApp(network)
    async with app.run_test(size=size) as pilot:
        app.theme = theme
        await arranged(pilot, trained=True)
        yield pilot, main_screen(pilot)


def shown(screen: MainScreen) -> TrainingPanel:
    panel = screen.query_one(TrainingPanel)
    panel.show(screen.lab, screen.seen)
    return panel


def data(name: str) -> Network:
    return fit_to_data(opening().configure(replace(opening().settings, data=datasets.check(Spec(name)))))[0]


def changed(network: Network) -> Run:
    """A run with another optimizer from epoch 64 on, another layer from 120 on, another loss from 160 on."""
    settings = network.settings
    other = network.configure(replace(settings, optimizer=optimizers.check(Spec.of("SGD", lr=0.1))))
    run = Run(network).changed(1600, other)
    other = other.change(1, nn.layers.check(Spec("ReLU")))
    run = run.changed(3000, other)
    loss = settings.loss.replace(label_smoothing=0.1)
    return run.changed(4000, other.configure(replace(other.settings, loss=loss)))


@pytest.mark.parametrize("name", ["spiral", "plane", "function", "changed", "log"])
@pytest.mark.long
async def test_page(snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    network = data(name) if name in ("plane", "function") else opening()
    pictures = snapshot.use_extension(SVGImageExtension)
    async with standing(monkeypatch, network, SIZES[0]) as (pilot, screen):
        if name == "changed":
            screen.lab = replace(screen.lab, present=Entry(changed(network)))
        if name == "log":
            screen.lab = replace(screen.lab, log_scale=True)
        shown(screen)
        for size in SIZES:
            await resized(pilot, size)
            for theme in ("textual-dark", "textual-light"):
                pilot.app.theme = theme
                assert await picture(pilot, "#training") == pictures(name=f"{size[0]}x{size[1]} {theme}")


async def test_why_it_stopped_is_said_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    async with standing(monkeypatch, opening(), (80, 24)) as (pilot, screen):
        message = "the loss of step 5,001 is not a finite number: " + "layer 3 Linear(16, 16) went bad first, " * 4
        failure = Failed(screen.lab.status.number, message, "lower the learning rate, then train on")
        screen.lab = screen.lab.with_status(failure=failure)
        panel = shown(screen)
        await pilot.pause()
        label = panel.query_one(StableLabel)
        text = "".join(label.render_line(y).text.rstrip() + " " for y in range(label.size.height))
        assert " ".join(f"✗ stopped: {message}".split()) in " ".join(text.split())
        assert "lower the learning rate, then train on" in text
        assert panel.query_one(Plot).size.height > 0


async def test_what_the_status_line_says_is_not_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with standing(monkeypatch, opening(), (80, 24)) as (pilot, screen):
        label = shown(screen).query_one(StableLabel)
        await pilot.pause()
        assert not label.display
        before = screen.query_one(HeatMap).region
        screen.lab = replace(screen.lab, present=Entry(changed(opening())))
        shown(screen)
        await pilot.pause()
        assert str(label.content).startswith("epoch 160.0: new loss: label_smoothing 0 → 0.1 · epoch 120.0: layer 2 ")
        assert label.size.height == 1
        assert screen.query_one(HeatMap).region.y > before.y


@pytest.mark.long
async def test_a_theme_repaints_the_page_at_once_while_it_trains() -> None:
    """The pictures are drawn by turns, with pauses: not so when the colors change."""
    async with running(size=(120, 40)) as pilot:
        screen = await ready(pilot)
        await pilot.press("space")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step > 100)
        heat = screen.query_one(HeatMap)
        await until(pilot, lambda: "▀" in heat.render_line(5).text)
        pilot.app.theme = "textual-light"
        await pilot.pause()
        assert luminances(heat).min() > DARKEST - ROUNDING
        pilot.app.theme = "textual-dark"
        await pilot.pause()
        assert luminances(heat).max() < BRIGHTEST + ROUNDING
        await pilot.press("space")
        await until(pilot, lambda: not screen.lab.status.running)


async def test_the_curve_goes_on_through_an_edit_and_the_axis_says_what_was_changed() -> None:
    """Layer 2 moves down while it trains: the epochs before it stay, and a mark stands where it was."""
    async with running(size=(120, 40)) as pilot:
        screen = await ready(pilot)
        await pilot.press("home", "j", "j", "space")
        await until(pilot, lambda: screen.moment is not None and len(screen.moment.curves.epoch) > 5)
        await pilot.press("J")
        await until(pilot, lambda: bool(screen.lab.run.changes))
        (change,) = screen.lab.run.changes
        await until(pilot, lambda: screen.moment is not None and screen.moment.step > change.step + 100)
        await pilot.press("space")
        await until(pilot, lambda: not screen.lab.status.running)
        assert screen.moment is not None
        epochs = screen.moment.curves.epoch
        (mark,) = training.view(screen.lab, screen.moment).loss_frame.marks
        assert epochs[0] == 0
        assert np.all(np.diff(epochs) > 0)
        assert 5 <= mark.x < epochs[-1]
        assert (mark.words, mark.breaks) == ("layers moved", False)
        plot = screen.query_one("#loss-plot", Plot)
        assert any("layers moved" in plot.render_line(y).text for y in range(plot.size.height))


def luminances(heat: HeatMap) -> Floats:
    """The relative luminance of each half block of the map."""
    found = []
    for y in range(heat.size.height):
        for segment in heat.render_line(y):
            if "▀" in segment.text and segment.style is not None:
                for color in (segment.style.color, segment.style.bgcolor):
                    assert isinstance(color, Color)
                    found.append(color.get_truecolor())
    return luminance(np.array(found, np.uint8))


@pytest.mark.parametrize("network", [opening, empty], ids=["opening", "empty"])
async def test_any_size(monkeypatch: pytest.MonkeyPatch, network: object) -> None:
    async with standing(monkeypatch, network(), (40, 12)) as (pilot, screen):  # type: ignore[operator]
        await pilot.press("2", "2")
        for size in ((40, 12), (60, 16), (200, 60)):
            await resized(pilot, size)
            panel = shown(screen)
            assert panel.query_one(Plot).size.height >= 2, size
            second = next(each for each in panel.query("#boundary, #second-plot") if each.display)
            assert second.size.height >= 2, size
            plot = panel.query_one(Plot)
            assert not plot.region.overlaps(second.region), size

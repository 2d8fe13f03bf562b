"""Every panel and dialog as it stands, at 80x24 and 120x40; each picture was looked at before it was accepted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import numpy as np
import pytest
from textual.pilot import Pilot

from nnviz import nn
from nnviz.catalogue import Spec
from nnviz.data import Dataset, datasets
from nnviz.network import PRESETS, Network, empty, opening, prepared
from nnviz.network.presets import _linear
from nnviz.training import Costs, Curves, Evaluation, Moment
from nnviz.tui.app import NnvizApp
from nnviz.tui.screens.main import MainScreen
from nnviz.tui.session import Session
from nnviz.tui.widgets.training import TrainingPanel
from nnviz.views.probe import probe_of
from tests.tui.conftest import main_screen, opened, until

SIZES = [pytest.param((80, 24), id="80x24"), pytest.param((120, 40), id="120x40")]
Drive = Callable[[Pilot[None]], Awaitable[None]]


def moment(screen: MainScreen) -> Moment:
    """A snapshot made by formulas: the same on every machine, as the sums of a real run need not be."""
    epoch = np.arange(0, 200, dtype=np.float64)
    falling = 0.7 * np.exp(-epoch / 40)
    rising = 1 - 0.5 * np.exp(-epoch / 30)
    probe = probe_of(screen_data(screen))
    answers = None
    if probe is not None:
        x, y = probe.points[:, 0], probe.points[:, -1]
        share = 1 / (1 + np.exp(-(x * np.sin(x) + y)))
        answers = np.stack([1 - share, share], axis=1)
    now = Evaluation(5000, 200.0, 0.0123, 0.0456, 0.996, 0.972)
    curves = Curves(epoch, falling, falling + 0.05, rising, rising - 0.03)
    return Moment(screen.session.number, 5000, 200.0, False, 0.0, 0.01, now, curves, answers, None, True)


def screen_data(screen: MainScreen) -> Dataset:
    return prepared(screen.network.settings.data, screen.network.settings.seed).dataset


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real run reports when it likes; here a made one stands still."""
    monkeypatch.setattr(Session, "start", lambda self: None)


def pictured(*keys: str, trained: bool = False) -> Drive:
    async def drive(pilot: Pilot[None]) -> None:
        screen = await opened(pilot)
        await until(pilot, lambda: bool(screen.query("FooterKey")))
        if trained:
            screen.session.moment = moment(screen)
        screen.query_one(TrainingPanel).show(screen.network, screen.session)
        await pilot.press(*keys)
        await pilot.pause()

    return drive


def broken() -> Network:
    return empty().insert(0, _linear(8, 5)).insert(1, _linear(5, 8))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("panel", ["2", "3", "4"])
def test_panel(snap_compare, size: tuple[int, int], panel: str) -> None:  # type: ignore[no-untyped-def]
    assert snap_compare(NnvizApp(), terminal_size=size, run_before=pictured(panel, trained=True))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("panel", ["2", "3", "4"])
def test_panel_that_fills_the_screen(snap_compare, size: tuple[int, int], panel: str) -> None:  # type: ignore[no-untyped-def]
    assert snap_compare(NnvizApp(), terminal_size=size, run_before=pictured(panel, panel, trained=True))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", ["a", "e", "o", "question_mark"])
def test_dialog(snap_compare, size: tuple[int, int], key: str) -> None:  # type: ignore[no-untyped-def]
    assert snap_compare(NnvizApp(), terminal_size=size, run_before=pictured(key, trained=True))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("keys", [("2", "v"), ("2", "2", "v", "m")], ids=["beside", "alone"])
def test_tape_and_plan(snap_compare, size: tuple[int, int], keys: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    async def drive(pilot: Pilot[None]) -> None:
        screen = await opened(pilot)
        await until(pilot, lambda: bool(screen.query("FooterKey")))
        screen.session.costs = Costs(24e-6, 1.412e-4)
        screen.show_order()
        await pictured(*keys, trained=True)(pilot)
        pilot.app.clear_notifications()

    assert snap_compare(NnvizApp(), terminal_size=size, run_before=drive)


@pytest.mark.parametrize("size", SIZES)
def test_fault(snap_compare, size: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    assert snap_compare(NnvizApp(broken()), terminal_size=size, run_before=pictured())


@pytest.mark.parametrize("size", SIZES)
def test_empty_stack(snap_compare, size: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    assert snap_compare(NnvizApp(empty()), terminal_size=size, run_before=pictured())


@pytest.mark.parametrize("size", SIZES)
def test_long_names_and_skips(snap_compare, size: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    layers = [
        Spec.of("Conv2d", in_channels=1, out_channels=8, kernel_size=3, padding=1), Spec.of("BatchNorm2d", num_features=8),
        Spec("ReLU"), Spec.of("Conv2d", in_channels=8, out_channels=8, kernel_size=3, padding=1), Spec.of("Add", row=3),
        Spec("MaxPool2d"), Spec("Flatten"), Spec.of("Linear", in_features=128, out_features=10),
    ]  # fmt: skip
    settings = replace(opening().settings, data=datasets.check(Spec("digits")))
    network = Network(tuple(nn.layers.check(layer) for layer in layers), settings)
    assert snap_compare(NnvizApp(network), terminal_size=size, run_before=pictured("2"))


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark"])
def test_theme(snap_compare, theme: str) -> None:  # type: ignore[no-untyped-def]
    app = NnvizApp(opening())

    async def drive(pilot: Pilot[None]) -> None:
        pilot.app.theme = theme
        await pictured(trained=True)(pilot)

    assert snap_compare(app, terminal_size=(120, 40), run_before=drive)


WALKS = {"start": "n", "product": "nnn", "backward": "n" + "n" * 20, "image": "nn"}


@pytest.mark.parametrize("size", [*SIZES, pytest.param((200, 60), id="200x60")])
@pytest.mark.parametrize("name", WALKS)
def test_walk(snap_compare, size: tuple[int, int], name: str) -> None:  # type: ignore[no-untyped-def]
    network = next(p for p in PRESETS if p.name == "Digits, convolutions").make() if name == "image" else opening()

    async def drive(pilot: Pilot[None]) -> None:
        await pictured(*WALKS[name])(pilot)
        # In float32 the last digits of a sum differ between machines: the numbers shown are made round.
        walk = main_screen(pilot).walker.walk
        assert walk is not None
        for values in (walk.values, walk.upstream, walk.parts):
            for key, array in values.items():
                if array.dtype.kind == "f":
                    values[key] = np.round(array, 3)
        main_screen(pilot).graph_panel.show_walk()
        await pilot.pause()

    assert snap_compare(NnvizApp(network), terminal_size=size, run_before=drive)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "keys", [("minus", "minus", "2", "2"), ("ctrl+n", "j"), ("c",)], ids=["folded", "presets", "nothing-to-merge"]
)
def test_editing(snap_compare, size: tuple[int, int], keys: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    assert snap_compare(NnvizApp(), terminal_size=size, run_before=pictured(*keys))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["Linear only", "Broken", "The lesson's model", "Residual"])
def test_preset(snap_compare, size: tuple[int, int], name: str) -> None:  # type: ignore[no-untyped-def]
    network = next(p for p in PRESETS if p.name == name).make()
    keys = {"Broken": ("F",), "Residual": ("2",)}.get(name, ())
    assert snap_compare(NnvizApp(network), terminal_size=size, run_before=pictured(*keys))


@pytest.mark.parametrize("panel", ["1", "2", "3", "4"])
def test_help_of_a_panel(snap_compare, panel: str) -> None:  # type: ignore[no-untyped-def]
    assert snap_compare(NnvizApp(), terminal_size=(80, 24), run_before=pictured(panel, "question_mark"))

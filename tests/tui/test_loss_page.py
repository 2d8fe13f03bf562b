"""The page of loss and metric, by keys and with the mouse; pictures, each looked at before it was accepted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from nnviz import nn
from nnviz.engine import Moment, ProcessEngine
from nnviz.files.opened import open_model
from nnviz.lab import Entry, Lab
from nnviz.lab.loss import chord_moved
from nnviz.network import Network
from nnviz.registry import Spec
from nnviz.run import Observation, Query, Run
from nnviz.run.queries import CurvesSeen, LossCurves, LossSlice, Measured, SliceSeen
from nnviz.tui.app import NnvizApp
from nnviz.tui.main import MainScreen
from nnviz.tui.panels.loss import LossMap, LossPanel
from nnviz.tui.widgets.plot import Plot
from nnviz.views import loss, loss_map
from tests.tui.conftest import main_screen, opened, ready, resized, running, toasts, until
from tests.tui.pictures import picture
from tests.tui.test_snapshots import moment

LINE = "spiral 2-8-2 tanh adam:0.01 seed:1"


def network(line: str = LINE) -> Network:
    return open_model(line).network


X = np.linspace(-6, 6, 121)


def curves(query: LossCurves) -> CurvesSeen:
    """Curves by formulas, so that they are the same on every machine: convex in an output, not in a weight."""
    output = query.mover == "output"
    entropy = np.log1p(np.exp(X)) / 4 if output else 0.5 + np.cos(X) / 4
    slope = 1 / (1 + np.exp(-X)) / 4 if output else -np.sin(X) / 4
    steps = np.where(X < 2, 0.75, 0.6875)
    at = int(np.abs(X - 1).argmin())
    own = Measured("cross-entropy", entropy, slope, float(entropy[at]), trained=True)
    squares = 0.1 + np.square(1 / (1 + np.exp(-X))) / 8
    mse = Measured("MSE", squares, np.exp(-np.square(X)) / 8, float(squares[at]))
    flat = np.zeros(len(X))
    lines = [steps - number / 50 for number in range(3)]
    names = ("accuracy", "precision", "recall")
    scores = tuple(Measured(name, line, flat, float(line[at])) for name, line in zip(names, lines, strict=True))
    moved = (
        f"output {query.output % 2} for sample {query.sample % 16}"
        if output
        else f"layer 1 weight[0, {query.weight[1]}]"
    )
    return CurvesSeen(
        7, True, moved, 1.0, X, (own, mse), scores, own, 16, 250, 2, "of class blue" if output else ""
    )  # fmt: skip


def slice_of(query: LossSlice) -> SliceSeen:
    """A map with two valleys."""
    y = np.linspace(-1, 1, 41)
    a, b = np.meshgrid(y, y)
    losses = 0.3 + ((a + 0.25) ** 2 - 0.4) ** 2 + 0.3 * np.square(b - 0.3 * a)
    path = np.stack([np.linspace(-0.9, 0, 12), 0.8 * np.sin(np.linspace(2.5, 0, 12))], axis=1)
    names = {"random": ("random direction a", "random direction b"), "path": ("main direction 1", "main direction 2")}
    shares = (0.81, 0.12) if query.directions == "path" else ()
    called = names.get(query.directions, ("layer 1 weight[0, 0]", "layer 3 weight[0, 0]"))
    return SliceSeen(
        7, True, y, y, losses, 1, called, shares, path, tuple(range(0, 96, 8)), np.linspace(2, 0, 12), 250, 250, 0.46
    )  # fmt: skip


def standing(screen: MainScreen, **changes: object) -> Moment:
    """A moment that stands still, with the answer to what the page asks."""
    found, query = moment(screen), loss.query_of(screen.lab)
    seen: dict[Query[Observation], Observation] = dict(found.observations)
    if isinstance(query, LossCurves):
        seen[query] = replace(curves(query), **changes)  # type: ignore[arg-type]
    elif isinstance(query, LossSlice):
        seen[query] = replace(slice_of(query), **changes)  # type: ignore[arg-type]
    return replace(found, observations=seen)


async def press(pilot: Pilot[None], *keys: str, **changes: object) -> MainScreen:
    """Press keys, and after each hand over what the page asks for then."""
    screen = main_screen(pilot)
    for key in keys or ("",):
        if key:
            await pilot.press(key)
        screen.moment = standing(screen, **changes)
        screen._show()
        await until(pilot, lambda: not screen.waits)
        await pilot.pause()
    return screen


def words(screen: MainScreen) -> str:
    label = screen.query_one("#loss-words")
    return " ".join(label.render_line(y).text.strip() for y in range(label.size.height))


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real run reports when it likes; here a made one stands still."""
    monkeypatch.setattr(ProcessEngine, "open", lambda self: None)


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize(
    ("theme", "keys"), [("textual-dark", "8 8"), ("textual-light", "8 8 V")], ids=["curves", "map"]
)
@pytest.mark.long
async def test_page(snapshot: SnapshotAssertion, theme: str, keys: str) -> None:
    pictures = snapshot.use_extension(SVGImageExtension)
    async with NnvizApp(network()).run_test(size=(200, 60)) as pilot:
        await opened(pilot)
        pilot.app.theme = theme
        await press(pilot, *keys.split())
        for size in ((120, 40), (80, 24)):
            await resized(pilot, size)
            await press(pilot)
            assert await picture(pilot, "#loss") == pictures


@pytest.mark.usefixtures("no_process")
@pytest.mark.long
async def test_beside_the_stack_and_at_every_size(monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[BaseException] = []
    monkeypatch.setattr("nnviz.tui.widgets.guarded.error_text", lambda error: failed.append(error) or "")
    async with NnvizApp(network()).run_test(size=(200, 60)) as pilot:
        screen = await opened(pilot)
        await press(pilot, "8")
        for size in ((200, 60), (120, 40), (80, 24), (60, 16), (40, 12)):
            await resized(pilot, size)
            for key in ("V", "V"):
                await press(pilot, key)
                panel = screen.query_one(LossPanel)
                assert panel.size.width > 0
                assert failed == []
                shown = [one for one in panel.query("#loss-pictures > *") if one.display]
                assert shown
                assert all(one.region.height >= 3 for one in shown), (size, [one.region for one in shown])
                assert all(panel.region.contains_region(one.region) for one in shown)


@pytest.mark.usefixtures("no_process")
@pytest.mark.long
async def test_curves() -> None:
    """What they say, what the keys choose, and the chord by keys and with the mouse."""
    async with NnvizApp(network()).run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        screen = await press(pilot, "8", "8")
        said = words(screen)
        assert "output 0 for sample 0, of class blue: 1 now" in said
        assert "Losses slope, metrics step: accuracy, precision and recall are no losses" in said
        assert "their gradient is 0 at all of the 121 places and cannot say where to go." in said
        assert "no chord lies below: cross-entropy is convex in the prediction." in said
        assert "Over 16 of the 250 training samples, in evaluation mode, without penalties" in said
        assert screen.lab.loss.chord is None
        screen = await press(pilot, "right")
        assert screen.lab.loss.chord == (20, 102)
        screen = await press(pilot, "enter", "left", "left")
        assert screen.lab.loss.chord == (16, 102)
        found = loss.curves(screen.lab, screen.moment)
        assert found.chord is not None
        assert found.chord.ends == (16, 102)
        plot = screen.query_one("#plot-losses", Plot)
        value = plot.x_at(plot.size.width // 3)
        assert value is not None
        await pilot.click(plot, offset=(plot.size.width // 3, 5))
        screen = await press(pilot)
        assert screen.lab.loss.chord == (loss.place_of(curves(LossCurves()), value), 102)
        # The ends do not pass each other.
        screen.do(chord_moved, (100, 102))
        screen = await press(pilot, "right", "right")
        assert screen.lab.loss.chord == (100, 102)
        screen = await press(pilot, "H")
        assert screen.lab.loss.chord is None
        screen = await press(pilot, "]", "pagedown", "pagedown", "pageup")
        assert loss.query_of(screen.lab) == LossCurves("output", 1, 1)
        screen = await press(pilot, "O")
        said = words(screen)
        assert "layer 1 weight[0, 0]: 1 now" in said
        assert "below the graph at" in said
        assert "cross-entropy is not convex in this weight." in said
        ids = screen.lab.network.ids
        screen = await press(pilot, "]", "]", "[")
        assert loss.query_of(screen.lab) == LossCurves("weight", weight=(ids[0], 1))
        screen = await press(pilot, "pagedown")
        assert loss.query_of(screen.lab) == LossCurves("weight", weight=(ids[0], 11))
        # A weight of the layer that is selected now.
        screen = await press(pilot, "j", "down", "]")
        assert loss.query_of(screen.lab) == LossCurves("weight", weight=(ids[2], 0))


@pytest.mark.usefixtures("no_process")
@pytest.mark.long
async def test_map() -> None:
    """What it says, where it goes by keys, and the chord by keys and with the mouse."""
    async with NnvizApp(network()).run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        screen = await press(pilot, "8", "8", "V")
        said = words(screen)
        assert "◎ loss 0.46 now, 0.301 to 2.16 on the map" in said
        assert "below the loss at ■: the loss is not convex in the weights." in said
        assert "convex in the prediction, but not in the weights of a network with hidden layers" in said
        found = loss_map.view(screen.lab, screen.moment)
        assert found.line is not None
        assert found.line.violates
        first, (row, column) = found.line.ends
        screen = await press(pilot, "down", "left")
        assert screen.lab.loss.line == (first, (row - 2, column - 2))
        heat = screen.query_one(LossMap)
        # The lower left corner is the first row and the first column.
        await pilot.click(heat, offset=(heat.picture.x, heat.picture.bottom - 1))
        screen = await press(pilot)
        moved = screen.lab.loss.line
        assert moved is not None
        assert max(moved[1]) <= 1
        assert all((a - b) % 2 == 0 for a, b in zip(*moved, strict=True))
        screen = await press(pilot, "enter", "up")
        assert screen.lab.loss.line == ((moved[0][0] + 2, moved[0][1]), moved[1])
        screen = await press(pilot, "H")
        assert screen.lab.loss.line is None
        screen = await press(pilot, "]", "]", "pageup")
        assert loss.query_of(screen.lab) == LossSlice("random", 1)
        screen = await press(pilot, "D", "]")
        assert loss.query_of(screen.lab) == LossSlice("path")
        assert "81 % and 12 % of its variance lie along these two directions" in words(screen)
        screen = await press(pilot, "", done=False, stride=4)
        assert "11x11 points so far" in words(screen)
        screen = await press(pilot, "", step=3)
        assert "as of step 3; training is at step" in words(screen)
        screen = await press(pilot, "D", "pagedown", "pagedown")
        ids = screen.lab.network.ids
        assert loss.query_of(screen.lab) == LossSlice("weights", weights=((ids[0], 0), (ids[0], 1)))
        screen = await press(pilot, "O")
        assert screen.lab.loss.page == "curves"


@pytest.mark.usefixtures("no_process")
async def test_without_color_the_map_is_in_shades(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with NnvizApp(network()).run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        screen = await press(pilot, "8", "8", "V")
        heat = screen.query_one(LossMap)
        drawn = "".join(heat.render_line(y).text for y in range(heat.size.height))
        assert {"░", "▒", "▓", "█", "●", "▲", "■", "◎"} <= set(drawn)
        assert "▀" not in drawn


@pytest.mark.long
async def test_it_is_computed_by_the_process() -> None:
    async with running(network(), size=(120, 40)) as pilot:
        screen = await ready(pilot)
        await pilot.press("8", "8")
        await until(pilot, lambda: "cross-entropy is convex in the prediction" in words(screen))
        await pilot.press("V")
        await until(pilot, lambda: "as of step 0." in words(screen))
        await pilot.press("D")
        await until(pilot, lambda: "has no two directions yet. Train a few steps." in words(screen))
        for step in (1, 2, 3):
            await pilot.press("s")
            await until(pilot, lambda step=step: screen.moment is not None and screen.moment.step == step)  # type: ignore[misc]
        await until(pilot, lambda: "the path from step 0 to 3" in words(screen))
        await pilot.press("]")
        await until(pilot, lambda: "The main directions follow from the path" in toasts(pilot))
        await pilot.press("space")
        await until(pilot, lambda: screen.lab.running and (screen.moment is not None and screen.moment.step > 50))
        await pilot.press("space")
        await until(pilot, lambda: not screen.lab.advancing)
        assert screen.moment is not None
        step = screen.moment.step
        await until(pilot, lambda: f"as of step {step:,}." in words(screen))


@pytest.mark.usefixtures("no_process")
async def test_a_stack_that_cannot_run_or_has_no_weights_has_no_loss() -> None:
    good = network()
    bare = replace(good, layers=good.layers[1:2], ids=good.ids[1:2])
    async with NnvizApp(bare).run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        screen = await press(pilot, "8", "8", "V")
        assert "The stack has no weights: the loss is no function of any. a adds a layer." in words(screen)
        screen = await press(pilot, "D", "D", "]")
        assert "The stack has no weights" in words(screen)
        wide = nn.layers.check(Spec.of("Linear", in_features=2, out_features=9))
        screen.lab = Lab(Entry(Run(replace(good, layers=(wide, *good.layers[1:])))))
        screen = await press(pilot)
        assert loss.query_of(screen.lab) is None
        assert "✗ The stack cannot run, so there is no loss" in words(screen)

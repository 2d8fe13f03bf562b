"""The activation page with the numbers of a run: pictures of it alone, each looked at before it was accepted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from nnviz import nn
from nnviz.engine import ProcessEngine
from nnviz.network import Network, opening
from nnviz.registry import Spec
from nnviz.run import Observation, Query, Refused, judge
from nnviz.run.checkup import check_of
from nnviz.run.queries import LayerSeen, LayersSeen, LayerStatistics, spread_of
from nnviz.tui.app import NnvizApp
from nnviz.tui.main import MainScreen
from nnviz.tui.panels.activation import ActivationPanel
from nnviz.tui.widgets.plot import Plot
from nnviz.views.chart import geometry
from tests.tui.conftest import main_screen, ready, resized, running, until
from tests.tui.pictures import picture
from tests.tui.test_snapshots import arranged

SIZES = [(80, 24), (120, 40), (200, 60)]


def stack(name: str, count: int, **arguments: float) -> Network:
    """`count` activations of a kind, each after a Linear layer."""

    def linear(given: int, out: int) -> Spec:
        return nn.layers.check(Spec.of("Linear", in_features=given, out_features=out))

    bent = nn.layers.check(Spec.of(name, **arguments))
    layers = [spec for i in range(count) for spec in (linear(2 if i == 0 else 8, 8), bent)]
    return Network((*layers, linear(8, 2)), opening().settings)


NETWORKS = {
    "tanh": opening(), "sigmoids": stack("Sigmoid", 12), "relu": stack("ReLU", 3), "softmax": stack("Softmax", 1, dim=1),
}  # fmt: skip


def numbers(network: Network) -> LayersSeen:
    """Made by formulas: the same on every machine, as the sums of a real run need not be."""
    count = len(network.layers)
    bell = np.repeat(
        np.linspace(-8, 9, 60), np.rint(40 * np.exp(-((np.linspace(-8, 9, 60) - 0.5) ** 2) / 9)).astype(int)
    )
    layers = []
    for at, (identity, spec) in enumerate(zip(network.ids, network.layers, strict=True)):
        elementwise = spec.name in ("Tanh", "Sigmoid", "ReLU")
        layers.append(
            LayerSeen(
                layer=identity,
                output=spread_of(np.tanh(bell / (at + 1))),
                taken_in=spread_of(bell) if elementwise else None,
                flat=0.18 + 0.03 * at if elementwise else np.nan,
                dead=0.05 * at if elementwise and spec.name == "ReLU" else 0.0 if elementwise else np.nan,
                signal=0.03 * 10.0 ** ((at - count) / 3),
                gradient=np.nan,
                update=np.nan,
                weights=np.nan,
            )
        )
    return LayersSeen(256, spread_of(bell), tuple(layers))


async def shown(pilot: Pilot[None], found: Observation | None) -> ActivationPanel:
    """The page, with these numbers."""
    await arranged(pilot, trained=True)
    screen = main_screen(pilot)
    await pilot.press("3")
    hand_over(screen, found)
    await pilot.pause()
    return screen.query_one(ActivationPanel)


def hand_over(screen: MainScreen, found: Observation | None) -> None:
    assert screen.moment is not None
    observations: dict[Query[Observation], Observation] = {} if found is None else {LayerStatistics(): found}
    network = screen.lab.network
    seen = isinstance(found, LayersSeen)
    health = judge(None, check_of(network, screen.moment.step, found, np.nan)) if seen else None
    screen.moment = replace(screen.moment, observations=observations, health=health)
    screen.lab = screen.lab.with_status(health=health)
    screen.query_one(ActivationPanel).show(screen.lab, screen.seen)


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ProcessEngine, "open", lambda self: None)


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.long
async def test_page(snapshot: SnapshotAssertion, name: str) -> None:
    pictures = snapshot.use_extension(SVGImageExtension)
    async with NnvizApp(NETWORKS[name]).run_test(size=SIZES[0]) as pilot:
        await shown(pilot, numbers(NETWORKS[name]))
        for size in SIZES:
            await resized(pilot, size)
            assert await picture(pilot, "#activation") == pictures(name=f"{size[0]}x{size[1]}")


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize("size", SIZES[:2], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_page_that_fills_the_screen(snapshot: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with NnvizApp(NETWORKS["sigmoids"]).run_test(size=size) as pilot:
        await shown(pilot, numbers(NETWORKS["sigmoids"]))
        await pilot.press("3")
        await pilot.pause()
        assert await picture(pilot, "#activation") == snapshot.use_extension(SVGImageExtension)


def lines(panel: ActivationPanel, label: str) -> list[str]:
    return str(panel.query_one(f"#activation-{label}").render()).split("\n")


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.long
async def test_the_histogram_stands_under_the_curve(whole: bool) -> None:
    """Numbers near z = −3 stand below z = −3, as the plot itself places it."""
    network = NETWORKS["tanh"]
    found = numbers(network)
    at_minus_three = spread_of(np.linspace(-3.02, -2.98, 50))
    layers = [replace(one, taken_in=at_minus_three) if one.taken_in else one for one in found.layers]
    async with NnvizApp(network).run_test(size=SIZES[0]) as pilot:
        panel = await shown(pilot, replace(found, layers=tuple(layers)))
        if whole:
            await pilot.press("3")
        for size in (*SIZES, (90, 30), (160, 45)):
            await resized(pilot, size)
            plot = panel.query_one(Plot)
            place = geometry(plot._series, plot.size.width, plot.size.height, plot._frame)
            assert place is not None
            column = place.left + int(place.x.position(np.array([-3.0]))[0])
            data = panel.query_one("#activation-data")
            assert data.region.x == plot.region.x, size
            assert data.region.y == plot.region.bottom, size
            lowest = lines(panel, "data")[-2]
            filled = [i for i, character in enumerate(lowest) if character != " "]
            assert column in filled, size
            assert len(filled) <= 2, size
            # Nothing is pushed out of the page.
            assert panel.query_one("#activation-layers").region.bottom <= panel.content_region.bottom, size


@pytest.mark.usefixtures("no_process")
async def test_without_numbers_there_is_the_curve_alone() -> None:
    async with NnvizApp(opening()).run_test(size=(80, 24)) as pilot:
        panel = await shown(pilot, None)
        assert not panel.query_one("#activation-data").display
        assert not panel.query_one("#activation-layers").display
        tall = panel.query_one(Plot).size.height
        hand_over(main_screen(pilot), numbers(opening()))
        await pilot.pause()
        assert panel.query_one("#activation-data").display
        assert panel.query_one(Plot).size.height < tall


@pytest.mark.usefixtures("no_process")
async def test_why_there_are_no_numbers_is_said() -> None:
    async with NnvizApp(opening()).run_test(size=(120, 40)) as pilot:
        panel = await shown(pilot, Refused("the answer would take 9 s at every snapshot"))
        label = panel.query_one("#activation-data")
        words = " ".join(label.render_line(y).text.strip() for y in range(label.size.height))
        assert words == "no numbers: the answer would take 9 s at every snapshot"
        assert label.region.bottom <= panel.content_region.bottom


def asked(screen: MainScreen) -> Iterable[Query[Observation]]:
    return screen.drawer.looked


@pytest.mark.long
async def test_it_asks_only_while_it_is_seen_and_moves_while_it_trains() -> None:
    async with running(size=(80, 24)) as pilot:
        screen = await ready(pilot)
        assert not screen.query_one(ActivationPanel).size
        # While training fills the screen, neither this page nor the stack asks.
        await pilot.press("2", "2")
        await until(pilot, lambda: LayerStatistics() not in asked(screen))
        await pilot.press("2", "3", "3")
        await until(pilot, lambda: LayerStatistics() in asked(screen))
        panel = screen.query_one(ActivationPanel)
        await until(pilot, lambda: len(lines(panel, "layers")) == 5)
        before = lines(panel, "data"), lines(panel, "layers")
        await pilot.press("space")
        await until(pilot, lambda: (lines(panel, "data"), lines(panel, "layers")) != before)
        await pilot.press("space")
        await until(pilot, lambda: not screen.lab.advancing)
        await pilot.press("3", "2", "2")
        await until(pilot, lambda: LayerStatistics() not in asked(screen))


@pytest.mark.usefixtures("no_process")
async def test_a_stack_without_activation_asks_for_nothing() -> None:
    network = Network(opening().layers[:1], opening().settings)
    async with NnvizApp(network).run_test(size=(120, 40)) as pilot:
        await arranged(pilot)
        assert not ActivationPanel.queries(main_screen(pilot).lab)

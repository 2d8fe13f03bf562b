"""The stack with the numbers of a run: pictures of it alone, each looked at before it was accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion

from nnviz.network import PRESETS, Network, opening
from nnviz.run.queries import LayersSeen
from nnviz.tui.app import NnvizApp
from nnviz.tui.panels.stack import StackPanel
from tests.tui.conftest import main_screen, resized
from tests.tui.pictures import picture
from tests.tui.test_activation_page import SIZES, hand_over, no_process, numbers, stack
from tests.tui.test_snapshots import arranged

__all__ = ["no_process"]


THEMES = ("textual-dark", "textual-light", "ansi-dark")


def preset(name: str) -> Network:
    return next(one for one in PRESETS if one.name == name).make()


NETWORKS = {
    "opening": opening(), "images": preset("Digits, convolutions"), "sigmoids": preset("Twelve Sigmoids"),
    "dead": stack("ReLU", 2),
}  # fmt: skip


def seen(network: Network, dead: bool) -> LayersSeen:
    """Gradients that shrink on their way back; and where it is `dead`, a ReLU that is."""
    found, count = numbers(network), len(network.layers)
    layers = [
        replace(
            one,
            gradient=10.0 ** ((at - count) / 2) if spec.name in ("Linear", "Conv2d") else float("nan"),
            dead=1.0 if dead and at == 3 else one.dead,
        )
        for at, (one, spec) in enumerate(zip(found.layers, network.layers, strict=True))
    ]
    return replace(found, layers=tuple(layers))


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.long
async def test_page(snapshot: SnapshotAssertion, name: str) -> None:
    """Themes that are changed and sizes that are changed: tests/tui/test_repainted.py shows that nothing of before is left."""
    pictures = snapshot.use_extension(SVGImageExtension)
    async with NnvizApp(NETWORKS[name]).run_test(size=SIZES[0]) as pilot:
        await arranged(pilot, trained=True)
        screen = main_screen(pilot)
        hand_over(screen, seen(NETWORKS[name], dead=name == "dead"))
        screen.query_one(StackPanel).show(screen.lab, screen.seen)
        for size in SIZES:
            await resized(pilot, size)
            for theme in THEMES if name == "dead" else THEMES[:1]:
                pilot.app.theme = theme
                assert await picture(pilot, "#stack") == pictures(name=f"{size[0]}x{size[1]} {theme}")

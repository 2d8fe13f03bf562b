"""Drives the real program and writes the pictures of this folder: python screenshots/make.py"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic

from textual.pilot import Pilot

from nnviz.engine import Train
from nnviz.lab.training import go, pace
from nnviz.network import PRESETS, Network, empty
from nnviz.run.queries import LossSlice
from nnviz.tui.app import NnvizApp
from nnviz.tui.headless import self_contained
from nnviz.tui.main import MainScreen
from nnviz.views.loss import query_of

HERE = Path(__file__).parent
PATIENCE = 60.0


async def until(pilot: Pilot[None], holds: Callable[[MainScreen], bool]) -> MainScreen:
    """The main screen, once it is as wanted."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    end = monotonic() + PATIENCE
    while not holds(screen):
        assert monotonic() < end, "waited in vain"
        await pilot.pause(0.02)
    return screen


async def train(pilot: Pilot[None], steps: int) -> None:
    """Take so many steps, exactly: the same picture every time."""
    screen = await until(pilot, lambda screen: screen.moment is not None)
    screen.do(pace, 1)
    screen.do(go, Train(steps=steps))
    await until(pilot, lambda screen: screen.moment is not None and screen.moment.step == steps)


async def spiral(pilot: Pilot[None]) -> None:
    """The opening network, trained."""
    await train(pilot, 2600)


async def digits(pilot: Pilot[None]) -> None:
    """Real data: handwritten digits, in a light theme."""
    pilot.app.theme = "textual-light"
    await pilot.press("o", "enter", *"digits", "enter", "ctrl+s")
    await train(pilot, 1500)
    await pilot.press("j", "j", "j")


async def fault(pilot: Pilot[None]) -> None:
    """The lesson's model with in_features 8: what is wrong, why, and the repair."""
    for name, size in (("linear", "5"), ("sigmoid", ""), ("linear", "8"), ("softmax", "")):
        await pilot.press("a", *name, "enter")
        # Enter alone takes what comes in; softmax asks for nothing but its dimension.
        await pilot.press(*(["enter", *size, "enter"] if size else ["enter"] if name != "sigmoid" else []))
    await pilot.press("k", "k", "k", "e", "8", "enter")


async def graph(pilot: Pilot[None]) -> None:
    """The topological order at 80x24, as a list and as a picture."""
    await until(pilot, lambda screen: screen.moment is not None)
    await pilot.press("4", "4")


async def sigmoids(pilot: Pilot[None]) -> None:
    """The gradient that vanishes on its way back through twelve Sigmoids."""
    await train(pilot, 500)
    await pilot.press("3", "3")


async def plan(pilot: Pilot[None]) -> None:
    """Tape and plan side by side, with what a step costs each way."""
    await until(pilot, lambda screen: screen.lab.status.costs is not None)
    await pilot.press("4", "4", "v", "j")


async def walk(pilot: Pilot[None]) -> None:
    """Backward through a matrix product, after some training."""
    await train(pilot, 500)
    await pilot.press("n", "end", *["p"] * 7, "down", "right")


async def collapse(pilot: Pilot[None]) -> None:
    """Linear after linear, and the one they equal."""
    await train(pilot, 200)
    await pilot.press("c")


async def fits(pilot: Pilot[None]) -> None:
    """One function fitted by three, and what each does outside the range of the data."""
    await until(pilot, lambda screen: screen.moment is not None)
    await pilot.press("7", "7", "E", "enter")
    await until(pilot, lambda screen: screen.lab.network.settings.data.name == "function" and screen.moment is not None)
    await train(pilot, 1500)
    await pilot.press("j", "j")


async def compared(pilot: Pilot[None]) -> None:
    """Activation functions over each other with the chord of one, and the table of all with measured times."""
    await pilot.press("3", "A", "3", "j", "j", "C", "T")
    await until(pilot, lambda screen: not screen.lab.curves.measured.running)
    await pilot.press(*["right"] * 7)


async def loss(pilot: Pilot[None]) -> None:
    """The loss over the two main directions of the path of training, and a chord that lies below it."""
    await train(pilot, 2600)
    await pilot.press("8", "8", "V", "D")
    await until(pilot, map_of)


def map_of(screen: MainScreen) -> bool:
    """Whether the whole map of the loss is there."""
    query = query_of(screen.lab)
    found = screen.moment.seen(query) if screen.moment is not None and isinstance(query, LossSlice) else None
    return found is not None and found.done and found.step == 2600


async def race(pilot: Pilot[None]) -> None:
    """The opening network with four activations, eight seeds each."""
    await until(pilot, lambda screen: screen.moment is not None)
    await pilot.press("G", "plus", "space")
    await until(pilot, lambda screen: screen.lab.race.raced is not None and screen.lab.race.raced.over)


async def neurons(pilot: Pilot[None]) -> None:
    """Every neuron of a hidden layer as a small map of the plane."""
    await train(pilot, 2600)
    await pilot.press("j", "j", "5", "5", "N")


async def samples(pilot: Pilot[None]) -> None:
    """The digits that are worst predicted, with what they were taken for."""
    await train(pilot, 1500)
    await pilot.press("6", "6")


async def asked(pilot: Pilot[None]) -> None:
    """The digits that are confused most, and what the help says of the numbers of that cell."""
    await train(pilot, 300)
    screen = await until(pilot, lambda screen: screen.moment is not None)
    await pilot.press("6", "6", "C", *["down"] * 8, "right")
    await until(pilot, lambda screen: screen.lab.data.cursor == (8, 1))
    screen.set_focus(screen.query_one("#data-confusion"))
    await pilot.press("question_mark")


PICTURES: tuple[tuple[str, tuple[int, int], Callable[[Pilot[None]], Awaitable[None]]], ...] = (
    ("spiral", (120, 40), spiral),
    ("digits", (120, 40), digits),
    ("fault", (100, 30), fault),
    ("graph", (80, 24), graph),
    ("sigmoids", (120, 40), sigmoids),
    ("compared", (120, 40), compared),
    ("plan", (80, 30), plan),
    ("walk", (120, 32), walk),
    ("collapse", (110, 34), collapse),
    ("fits", (110, 34), fits),
    ("loss", (110, 34), loss),
    ("race", (120, 36), race),
    ("neurons", (110, 34), neurons),
    ("samples", (110, 34), samples),
    ("asked", (110, 34), asked),
)


def preset(name: str) -> Network:
    """The network of this preset."""
    return next(one for one in PRESETS if one.name == name).make()


async def take(name: str, size: tuple[int, int], drive: Callable[[Pilot[None]], Awaitable[None]]) -> None:
    """One picture."""
    openings = {
        "samples": preset("Digits, dense"),
        "asked": preset("Digits, dense"),
        "fault": empty(),
        "collapse": preset("Linear only"),
        "sigmoids": preset("Twelve Sigmoids"),
    }
    app = NnvizApp(openings.get(name))
    async with app.run_test(size=size) as pilot:
        await app.opened.wait()
        await app.workers.wait_for_complete()
        await drive(pilot)
        pilot.app.clear_notifications()
        await pilot.pause(0.3)
        svg = self_contained(app.export_screenshot(title="nnviz"))
    path = HERE / f"{name}.svg"
    path.write_text(svg, "utf-8")
    print(path.name, f"{len(svg) / 1000:.0f} kB")


if __name__ == "__main__":
    for picture in PICTURES:
        asyncio.run(take(*picture))

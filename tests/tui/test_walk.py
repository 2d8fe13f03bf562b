"""Walking the graph by keys: forward, the loss, backward; elements, folds, predictions, and what is said on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from textual.events import MouseScrollDown, MouseScrollUp
from textual.pilot import Pilot
from textual.widgets import Static

from nnviz import nn
from nnviz.autograd.formula import short
from nnviz.network import PRESETS, Network, empty, opening, trace
from nnviz.network.presets import _linear
from nnviz.optim import optimizers
from nnviz.registry import Spec
from nnviz.run import Run, Trainer, Walk
from nnviz.tui.dialogs.unfold import UnfoldScreen
from nnviz.tui.main import MainScreen
from nnviz.tui.panels.graph import GraphPanel
from nnviz.tui.widgets.keybar import KeyBar
from nnviz.tui.widgets.matrices import Matrices
from nnviz.tui.widgets.table import TextTable
from nnviz.tui.widgets.text_lines import TextLines
from nnviz.views.element import place_text
from tests.tui.conftest import PATIENCE, main_screen, ready, running, toasts, until


def said(screen: MainScreen, name: str) -> str:
    if name in ("head", "keys"):
        return str(screen.query_one(f"#stop-{name}", Static).content)
    return screen.query_one("#stop Matrices", Matrices)._above[{"order": 0, "number": 1, "lines": -1}[name]].text


def order(screen: MainScreen) -> list[str]:
    table = screen.query_one("#order", TextTable)
    return ["".join(cell.plain for cell in table.rows[row]) for row in range(len(table.rows))]


async def at(pilot: Pilot[None], screen: MainScreen, position: int) -> Walk:
    """The walk, once it stands there and is drawn."""
    await until(pilot, lambda: screen.lab.walk.position == position and not screen.waits)
    walk = screen.walking.walk
    assert walk is not None
    return walk


def preset(name: str) -> Network:
    return next(one for one in PRESETS if one.name == name).make()


@pytest.mark.long
async def test_forward_then_the_loss_then_backward_in_reverse() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("n")
        walk = await at(pilot, screen, 0)
        assert screen.lab.graph == "walk"
        assert "Nothing is computed yet" in said(screen, "lines")
        total = len(walk.stops)
        for position in range(1, total + 1):
            await pilot.press("n" if position % 2 else "full_stop")
            await at(pilot, screen, position)
            node = walk.graph.nodes[walk.stops[position - 1].node]
            assert node.label in said(screen, "head")
            assert screen.lab.row == node.layer + 1
        assert "6 of 6 updates" in said(screen, "head")
        await pilot.press("n")
        assert "the optimizer has moved every parameter" in toasts(pilot)
        await pilot.press("p", "comma")
        await at(pilot, screen, total - 2)
        await pilot.press("home")
        await at(pilot, screen, 0)
        await pilot.press("p")
        assert "The walk is at its start" in toasts(pilot)
        await pilot.press("end")
        await at(pilot, screen, total)
        # The numbers are those of the step that training takes next.
        trainer = Trainer(Run(screen.lab.network, planned=False))
        next(trainer.steps())
        weight = next(i for i, node in enumerate(walk.graph.nodes) if node.name == "weight")
        grad = next(iter(trainer.model.parameters())).grad
        assert grad is not None
        np.testing.assert_array_equal(walk.gradient(weight, total), grad.array)


@pytest.mark.parametrize(
    "optimizer", [Spec("Adam"), Spec.of("SGD", momentum=0.9, nesterov=True, weight_decay=0.1)], ids=str
)
async def test_the_walk_ends_at_the_optimizer_and_the_next_step_is_that_one(optimizer: Spec) -> None:
    network = opening()
    network = replace(network, settings=replace(network.settings, optimizer=optimizers.check(optimizer)))
    async with running(network) as pilot:
        screen = await ready(pilot)
        await pilot.press("s", "s")
        await until(pilot, lambda: screen.lab.present.step == 2)
        await pilot.press("n", "end")
        walk = screen.walking.walk
        assert walk is not None
        total = len(walk.stops)
        await at(pilot, screen, total)
        assert said(screen, "head") == "Δ bias · 6 of 6 updates · layer 5 Linear(16, 2) · step 2"
        assert said(screen, "order") == "It waited for ∂ 11 add. All is computed."
        rows = order(screen)
        assert [row.split("Δ ")[1].split("  ")[0].strip() for row in rows if "Δ" in row][:2] == [
            "layer 1 weight",
            "layer 1 bias",
        ]
        assert screen.lab.row == 5
        await pilot.press(*["p"] * 5)
        await at(pilot, screen, total - 5)
        assert "1 of 6 updates" in said(screen, "head")
        await pilot.press("down", "right")
        assert screen.lab.walk.chosen == (1, 1)
        done = walk.updates[walk.stops[total - 6].node]
        assert said(screen, "number").startswith(f"w[1, 1] = {short(done.after[1, 1])}, was {short(done.before[1, 1])}")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, UnfoldScreen))
        lines = pilot.app.screen.query_one(TextLines)._lines
        assert lines[0].startswith("w = layer 1 Linear(2, 16), weight[1, 1], updated by")
        assert lines[-1] == said(screen, "number")
        await pilot.press("escape", "b")
        await at(pilot, screen, walk.forward + 1)
        await pilot.press("end")
        await at(pilot, screen, total)
        # The plan takes the step, which differs from the tape in rounding.
        after = {
            f"{walk.graph.nodes[node].layer}.{walk.graph.nodes[node].name}": u.after for node, u in walk.updates.items()
        }
        await pilot.press("s")
        await until(pilot, lambda: screen.lab.present.step == 3 and screen.lab.present.checkpoint is not None)
        checkpoint = screen.lab.present.checkpoint
        assert checkpoint is not None
        for path, array in after.items():
            np.testing.assert_allclose(checkpoint.parameters[path], array, rtol=1e-5, atol=1e-6)
        await until(pilot, lambda: "6 of 6 updates · layer 5 Linear(16, 2) · step 3" in said(screen, "head"))
        assert screen.walking.walk is not walk


async def test_the_updates_of_a_folded_layer_are_one_stop() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("n", "minus", "minus", "end")
        walk = screen.walking.walk
        assert walk is not None
        await at(pilot, screen, len(walk.stops))
        rows = [row for row in order(screen) if "Δ" in row]
        assert [row[:20].strip() for row in rows] == [
            "✓   2 Δ Linear(2, 16",
            "✓   4 Δ Linear(16, 1",
            "▸   6 Δ Linear(16, 2",
        ]


async def test_kahns_counters_are_on_the_screen() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("n")
        await at(pilot, screen, 0)
        rows = order(screen)
        assert rows[0].startswith("▸ start")
        assert rows[1].startswith("○   1 transpose 0: ready")
        assert rows[2].startswith("·   2 matmul 1: 1")
        assert rows[6].startswith("·   6 matmul 2: 4,5")
        assert rows[15].startswith("·  14 ∂ mean 1: 14")
        await pilot.press("n", "n")
        await at(pilot, screen, 2)
        rows = order(screen)
        assert rows[1].startswith("✓   1 transpose")
        assert rows[2].startswith("▸   2 matmul")
        assert rows[3].startswith("○   3 add 0: ready")
        assert "It waited for 1 transpose. Ready now: 3 add, 5 transpose, 9 transpose." in said(screen, "order")


async def test_backward_before_forward_is_answered_in_words() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("n", "n", "b")
        await at(pilot, screen, 1)
        assert "Backward starts at the loss, which has not been computed yet" in toasts(pilot)
        walk = screen.walking.walk
        assert walk is not None
        await pilot.press("end")
        # On its way there it may not have passed the loss yet.
        await until(pilot, lambda: screen.lab.walk.position == len(screen.lab.outline.stops))
        await pilot.press("b")
        await at(pilot, screen, walk.forward + 1)
        assert "upstream = 1, where backward starts" in said(screen, "lines")


async def test_a_prediction_stops_at_the_output() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("n", "P", "end")
        await until(pilot, lambda: screen.lab.walk.position == 11)
        assert "11 add" in said(screen, "head")
        assert not any("∂" in row for row in order(screen))
        await pilot.press("n")
        assert "neither loss nor backward" in toasts(pilot)
        await pilot.press("b")
        assert "A prediction has no loss" in toasts(pilot)
        # No key is offered that does nothing here, and none is called what it undoes.
        footer = str(screen.query_one(KeyBar).content)
        assert "P training step" in footer
        assert not [word for word in ("b backward", "gradient", "P predict") if word in footer]
        await pilot.press("P", "end")
        await until(pilot, lambda: "6 of 6 updates" in said(screen, "head"))


@pytest.mark.long
async def test_the_arrows_choose_an_element_and_enter_unfolds_it() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("n", "n", "n", "n", "n")
        await at(pilot, screen, 4)
        assert screen.query_one("#stop Matrices", Matrices).has_focus
        await pilot.press("down", "down", "right", "down", "up")
        assert screen.lab.walk.chosen == (2, 1)
        assert "out[2, 1] = " in said(screen, "lines")
        await pilot.press("up", "up", "up", "left", "left")
        assert screen.lab.walk.chosen == (0, 0)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, UnfoldScreen))
        lines = pilot.app.screen.query_one(TextLines)._lines
        assert lines[0].startswith("matmul₂[0, 0]: every weight times its input")
        assert lines[-1].startswith("tanh₄[0, 0] of add₃[0, 0] = ")
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("escape")
        await until(pilot, lambda: screen.lab.graph == "picture" and screen.maximized is None)


@pytest.mark.parametrize("size", [(80, 24), pytest.param((120, 40), marks=pytest.mark.long)])
@pytest.mark.long
async def test_at_every_stop_the_chosen_element_is_in_view_and_its_number_in_words(size: tuple[int, int]) -> None:
    async with running(preset("Digits, convolutions"), size=size) as pilot:
        screen = await ready(pilot)
        await pilot.press("n")
        walk = await at(pilot, screen, 0)
        matrices = screen.query_one("#stop Matrices", Matrices)
        for position in range(1, len(walk.stops) + 1):
            await pilot.press("n", "right", "down", "down", "pagedown")
            await at(pilot, screen, position)
            await until(pilot, lambda: bool(matrices._drawn and matrices._drawn[0] == matrices.size))
            drawn = matrices._drawn
            assert drawn is not None
            found = [p for p in drawn[1] if p.matrix.chosen is not None]
            assert found, position
            (picture,) = found
            chosen = picture.matrix.chosen
            assert chosen is not None
            assert picture.field(chosen) is not None
            lines = [matrices.render_line(y).text for y in range(matrices.size.height)]
            number = f"{place_text(chosen)} = {short(picture.matrix.array[chosen])}"
            assert any(number in line for line in lines), position
            # The frame of the chosen field is on the screen, where the picture says it is.
            row, _ = picture.field(chosen) or (0, 0)
            assert "]" in lines[matrices._top + picture.box.top + 1 + row]


@pytest.mark.long
async def test_the_brackets_choose_which_gradient_and_pages_which_channel() -> None:
    async with running(preset("Digits, convolutions")) as pilot:
        screen = await ready(pilot)
        await pilot.press("n", "n")
        await at(pilot, screen, 1)
        await pilot.press("pagedown", "pagedown", "pageup")
        assert screen.lab.walk.chosen == (0, 1, 0, 0)
        await pilot.press("end")
        walk = screen.walking.walk
        assert walk is not None
        await at(pilot, screen, len(walk.stops))
        await pilot.press(*["p"] * walk.outline.updates)
        await at(pilot, screen, len(walk.stops) - walk.outline.updates)
        assert "weight" in said(screen, "lines")
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "gradient of bias" in said(screen, "lines"))
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "gradient of weight" in said(screen, "lines"))


async def test_the_mouse_chooses_an_element_and_a_stop() -> None:
    async with running(size=(160, 50)) as pilot:
        screen = await ready(pilot)
        await pilot.press("n", "n", "n")
        await at(pilot, screen, 2)
        matrices = screen.query_one("#stop Matrices", Matrices)
        drawn = matrices._drawn
        assert drawn is not None
        box = drawn[1][-1].box
        await pilot.click(matrices, offset=(box.left + 1, matrices._top + box.top + 3))
        await until(pilot, lambda: screen.lab.walk.chosen == (2, 0))
        await pilot.click("#order", offset=(8, 6))
        await at(pilot, screen, 5)


@pytest.mark.long
async def test_the_walk_by_the_palette_and_the_wheel() -> None:
    async with running(preset("Digits, convolutions")) as pilot:
        screen = await ready(pilot)
        offered = {command.title: command.callback for command in pilot.app.get_system_commands(screen)}
        await pilot.press("n", "n")
        await at(pilot, screen, 1)
        matrices = screen.query_one("#stop Matrices", Matrices)
        for wheel, channel in ((MouseScrollDown, 1), (MouseScrollDown, 2), (MouseScrollUp, 1)):
            matrices.post_message(wheel(matrices, 1, 1, 0, 0, 0, False, False, False))
            await until(pilot, lambda channel=channel: screen.lab.walk.chosen == (0, channel, 0, 0))
        offered["Walk: the channel or sample before"]()
        await until(pilot, lambda: screen.lab.walk.chosen == (0, 0, 0, 0))
        offered["Walk: to its last stop"]()
        walk = screen.walking.walk
        assert walk is not None
        await at(pilot, screen, len(walk.stops))
        await pilot.press(*["p"] * walk.outline.updates)
        await at(pilot, screen, len(walk.stops) - walk.outline.updates)
        offered["Walk: the gradient of the next input"]()
        await until(pilot, lambda: "gradient of bias" in said(screen, "lines"))
        offered["Walk: the computation inside the chosen element"]()
        await until(pilot, lambda: isinstance(pilot.app.screen, UnfoldScreen))
        await pilot.press("escape")
        offered["Leave the walk, or a panel that fills the screen"]()
        await until(pilot, lambda: screen.lab.graph == "picture" and screen.maximized is None)


@pytest.mark.long
async def test_the_walk_plays_and_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnviz.tui.walking.PACE", 0.01)
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("w")
        await until(pilot, lambda: screen.lab.walk.position >= 5)
        await pilot.press("w")
        await until(pilot, lambda: not screen.lab.walk.playing)
        stood = screen.lab.walk.position
        await pilot.pause(0.1)
        assert screen.lab.walk.position == stood
        await pilot.press("w")
        walk = screen.walking.walk
        assert walk is not None
        await at(pilot, screen, len(walk.stops))
        await until(pilot, lambda: not screen.lab.walk.playing)


async def test_a_step_of_training_gives_the_same_stop_new_numbers() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press(*"nnnn")
        await at(pilot, screen, 3)
        before = said(screen, "lines")
        await pilot.press("s")
        await until(pilot, lambda: "step 1" in said(screen, "head"))
        await at(pilot, screen, 3)
        assert "3 add" in said(screen, "head")
        assert said(screen, "lines") != before
        # While it runs, the walk stands at its step; then it follows.
        await pilot.press("space")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step > 30)
        assert "step 1" in said(screen, "head")
        await pilot.press("space")
        await until(pilot, lambda: not screen.lab.status.running and "step 1 " not in said(screen, "head") + " ")


async def test_an_edit_begins_the_walk_of_the_new_network() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press(*"nnnn")
        await at(pilot, screen, 3)
        await pilot.press("d")
        await at(pilot, screen, 0)
        assert screen.walking.walk is not None
        assert screen.walking.walk.network == screen.lab.network


async def test_the_walk_ends_where_the_stack_cannot_go_on() -> None:
    async with running(empty().insert(0, _linear(10, 5)).insert(1, _linear(8, 5))) as pilot:
        screen = pilot.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        await until(pilot, lambda: bool(screen.query(GraphPanel)))
        await pilot.press("n", "end")
        await at(pilot, screen, 3)
        await pilot.press("n")
        assert "the next layer cannot run" in toasts(pilot)
        await pilot.press("b")
        assert "the forward pass stops at an error" in toasts(pilot)


async def test_nothing_to_walk_through() -> None:
    async with running(empty().insert(0, _linear(8, 5))) as pilot:
        screen = pilot.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        await until(pilot, lambda: bool(screen.query(GraphPanel)))
        await pilot.press("n")
        assert "nothing to walk through" in toasts(pilot)
        assert screen.lab.graph == "picture"


async def test_a_step_that_cannot_be_computed_is_told_and_the_walk_stands_before_it() -> None:
    """Raw scores into BCELoss: some lie outside 0 to 1."""
    settings = replace(opening().settings, loss=nn.losses.check(Spec("BCELoss")))
    async with running(Network((_linear(2, 1),), settings)) as pilot:
        screen = main_screen(pilot)
        await pilot.press("n", "end")
        await until(pilot, lambda: "between 0 and 1" in toasts(pilot))
        walk = screen.walking.walk
        assert walk is not None
        assert screen.lab.walk.position == walk.reached == 3
        assert "3 add" in said(screen, "head")
        await pilot.press("p")
        await at(pilot, screen, 2)


@pytest.mark.long
async def test_whoever_leaves_a_walk_is_left_alone() -> None:
    async with running(size=(200, 60)) as pilot:
        screen = await ready(pilot)
        await pilot.press("n", *"nnnnnnn")
        await at(pilot, screen, 7)
        await pilot.press("escape", "1", "home", "j", "s")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step == 1)
        assert screen.lab.row == 1
        assert "output" in "".join(screen.query_one("#order", TextTable)._heads)
        assert "3 Linear" in order(screen)[0]
        # It begins with the step that is the next one now.
        await pilot.press("n")
        await until(pilot, lambda: "step 1" in said(screen, "head"))


@pytest.mark.parametrize(
    "keys", ["y", *[pytest.param(k, marks=pytest.mark.long) for k in ("v", "ctrl+n", "question_mark", "escape")]]
)
async def test_what_is_done_on_a_walk_that_plays_stops_it(keys: str) -> None:
    async with running(size=(200, 60)) as pilot:
        screen = await ready(pilot)
        await pilot.press("w")
        assert screen.lab.walk.playing
        await pilot.press(keys)
        await until(pilot, lambda: not screen.lab.walk.playing)


async def test_training_behind_a_walk_and_its_next_step_are_said() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("n", "n", "s")
        await until(pilot, lambda: "The walk now goes through step 1." in toasts(pilot))
        await pilot.press("space")
        assert "Training continues; the walk stays in step 1 meanwhile.\nspace pauses." in toasts(pilot)
        await pilot.press("space")
        await until(pilot, lambda: not screen.lab.status.running)


async def test_training_pauses_for_a_walk() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("space")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step > 100)
        await pilot.press("n")
        await until(pilot, lambda: not screen.lab.status.running)
        moment = screen.moment
        assert moment is not None
        await until(pilot, lambda: f"step {moment.step:,}" in said(screen, "head"))
        assert "Training pauses for the walk" in toasts(pilot)


@pytest.mark.long
async def test_an_edit_that_leaves_nothing_to_run_ends_the_walk() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("n", "n", "d", "d", "d", "d", "n", "P", "n")
        await until(pilot, lambda: screen.lab.graph == "picture" and screen.maximized is None)
        assert "nothing to walk through" in toasts(pilot)


async def test_folded_layers_wait_for_each_other() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("n", "p", "minus", "minus")
        await at(pilot, screen, 0)
        rows = [row.split() for row in order(screen)]
        assert rows[1][-2:] == ["0:", "ready"]
        assert rows[2][-2:] == ["1:", "3"]
        assert "Ready: 3 Linear(2, 16)." in said(screen, "order")
        await pilot.press("n")
        await at(pilot, screen, 3)
        assert [row.split()[0] for row in order(screen)[:4]] == ["start", "▸", "○", "·"]


async def test_layers_fold_into_one_node_and_unfold() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        table = screen.query_one("#order", TextTable)
        # Five layers, and the three operations of the loss.
        assert len(table.rows) == 8
        assert "Linear" in "".join(cell.plain for cell in table.rows[0])
        await pilot.press("plus")
        assert len(table.rows) == 10
        await pilot.press("plus")
        assert len(table.rows) == 14
        await pilot.press("minus")
        assert len(table.rows) == 12
        await pilot.press("minus")
        assert len(table.rows) == 8
        # A walk goes by operations, unless it is folded too.
        await pilot.press("n", "minus", "minus", "home", "n", "n")
        walk = await at(pilot, screen, 4)
        assert walk.graph.nodes[walk.stops[3].node].name == "tanh"
        assert [row.split()[1] for row in order(screen)[1:3]] == ["3", "4"]
        await pilot.press("plus", "plus")
        assert len(order(screen)) == len(walk.stops) + 1


async def test_in_the_plan_view_the_keys_that_fold_say_that_nothing_folds_there() -> None:
    async with running(size=(120, 40)) as pilot:
        screen = await ready(pilot)
        await pilot.press("v")
        before = screen.lab.unfolded
        for key in ("minus", "plus"):
            await pilot.press(key)
            assert "there nothing folds.\nv shows the graph, whose layers fold." in toasts(pilot)
            assert screen.lab.unfolded == before
            await pilot.press("v", "v")
        await pilot.press("v", "plus")
        assert screen.lab.unfolded != before


@pytest.mark.long
async def test_thousands_of_layers_open_scroll_and_walk() -> None:
    """More than Python may recurse."""
    many = opening()
    layers = (_linear(2, 4), *(_linear(4, 4) for _ in range(10_000)), _linear(4, 2))
    async with running(Network(layers, many.settings)) as pilot:
        screen = pilot.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        await until(pilot, lambda: bool(screen.query(GraphPanel)))
        await pilot.press("end", "k", "pageup", "home", "j")
        assert screen.lab.row == 1
        await pilot.press("n", "n", "n")
        await until(pilot, lambda: screen.lab.walk.position == 2)
        found = trace(screen.lab.network).graph
        # Forward, backward, and a stop of the optimizer for each weight and bias.
        stops = len(found.operations) + len(found.gradients) + 2 * len(layers)
        await pilot.press("end")
        # Sixty thousand stops, some seconds on a quiet machine.
        await until(pilot, lambda: screen.lab.walk.position == stops, patience=5 * PATIENCE)

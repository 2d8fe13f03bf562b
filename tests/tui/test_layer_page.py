"""The layer page: weights, why they moved, an edit, neurons and all gradients, by keys alone."""

from __future__ import annotations

import numpy as np
import pytest
from textual.pilot import Pilot

from nnviz.network import PRESETS
from nnviz.tui.dialogs.unfold import UnfoldScreen
from nnviz.tui.dialogs.weight_form import WeightForm
from nnviz.tui.panels.layer import LayerPanel
from nnviz.tui.widgets.text_lines import TextLines
from nnviz.tui.widgets.tiles import Tiles
from nnviz.views import layer as views
from tests.tui.conftest import main_screen, ready, running, toasts, until


def text_of(pilot: Pilot[None]) -> str:
    """All text of the layer page."""
    panel = main_screen(pilot).query_one(LayerPanel)
    found = []
    for widget in panel.query("#layer-words, #layer-matrices, #layer-tiles, #layer-table"):
        if widget.display and widget.size:
            found += [widget.render_line(y).text for y in range(widget.size.height)]
    return "\n".join(found)


async def at_step(pilot: Pilot[None], step: int) -> None:
    """Wait for the numbers of this step."""
    screen = main_screen(pilot)
    await until(pilot, lambda: getattr(views.seen_of(screen.lab, screen.moment), "step", -1) == step)


@pytest.mark.long
async def test_why_a_weight_moved_is_told_by_one_key() -> None:
    async with running() as pilot:
        await ready(pilot)
        await pilot.press("5")
        await at_step(pilot, 0)
        await until(pilot, lambda: "s takes one" in text_of(pilot))
        await pilot.press("s")
        await at_step(pilot, 1)
        await pilot.press("down", "right")
        await until(pilot, lambda: "weight[1, 1] = " in text_of(pilot))
        await until(pilot, lambda: "moved by" in text_of(pilot))
        await pilot.press("i")
        await until(pilot, lambda: isinstance(pilot.app.screen, UnfoldScreen))
        lines = pilot.app.screen.query_one(TextLines)
        shown = "\n".join(lines.render_line(y).text for y in range(lines.size.height))
        for word in ("w before", "gradient", "first moment", "decay", "their sum", "rounding", "w after"):
            assert word in shown


@pytest.mark.long
async def test_a_weight_is_set_and_undone() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("5", "s")
        await at_step(pilot, 1)
        before = views.seen_of(screen.lab, screen.moment)
        await pilot.press("=")
        await until(pilot, lambda: isinstance(pilot.app.screen, WeightForm))
        await pilot.press("2", "full_stop", "5", "enter")
        await until(pilot, lambda: "2.5" in toasts(pilot))
        await at_step(pilot, 1)
        await until(pilot, lambda: "weight[0, 0] = 2.5" in text_of(pilot))
        await pilot.press("u")
        await until(pilot, lambda: "weight[0, 0] = 2.5" not in text_of(pilot) and "weight[0, 0]" in text_of(pilot))
        after = views.seen_of(screen.lab, screen.moment)
        assert np.array_equal(after.values, before.values)  # type: ignore[union-attr]


async def test_a_weight_is_not_set_while_training_runs() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("5", "space")
        await until(
            pilot, lambda: screen.lab.present.step >= 0 and screen.lab.running and "weight[0, 0]" in text_of(pilot)
        )
        await pilot.press("=")
        await until(pilot, lambda: "while training rests" in toasts(pilot))
        assert not isinstance(pilot.app.screen, WeightForm)
        await pilot.press("space")
        await until(pilot, lambda: not screen.lab.advancing)
        # At rest the change is that of the last step, wherever it was stopped.
        await at_step(pilot, screen.lab.present.step)
        seen = views.seen_of(screen.lab, screen.moment)
        assert seen.moved_in == seen.step > 0  # type: ignore[union-attr]


async def test_all_gradients_are_one_key_away_and_lead_to_their_layer() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("5", "s")
        await at_step(pilot, 1)
        await pilot.press("g")
        await until(pilot, lambda: "3 bias" in text_of(pilot))
        await until(pilot, lambda: "step 1" in text_of(pilot))
        await pilot.press("z")
        await until(pilot, lambda: "sorted by ‖gradient‖" in text_of(pilot))
        await pilot.press("z", "z", "z", "z", "z")
        await until(pilot, lambda: "as in the stack" in text_of(pilot))
        await pilot.press("j", "j", "j", "enter")
        await until(pilot, lambda: screen.lab.row == 3 and screen.lab.layer.page == "weights")
        await until(pilot, lambda: "bias[0]" in text_of(pilot))


async def test_a_layer_without_weights_says_so_and_shows_its_neurons() -> None:
    async with running() as pilot:
        await ready(pilot)
        await pilot.press("j", "5")
        await until(pilot, lambda: "Tanh has no weights" in text_of(pilot) and "16 neurons" in text_of(pilot))


async def test_a_filter_stands_beside_what_it_makes_of_the_image() -> None:
    network = next(made for made in (preset.make() for preset in PRESETS) if made.layers[0].name == "Conv2d")
    async with running(network) as pilot:
        await ready(pilot)
        await pilot.press("5", "N")
        await until(pilot, lambda: "training image 1 of" in text_of(pilot))
        await until(pilot, lambda: "w 0" in text_of(pilot) and "out 0" in text_of(pilot))
        await pilot.press("]")
        await until(pilot, lambda: "training image 2 of" in text_of(pilot))


@pytest.mark.long
async def test_page_keys_go_through_the_channels_of_a_filter() -> None:
    network = next(made for made in (preset.make() for preset in PRESETS) if made.layers[0].name == "Conv2d")
    async with running(network) as pilot:
        await ready(pilot)
        await pilot.press("5")
        await until(pilot, lambda: "weight[0, 0, 0, 0] = " in text_of(pilot))
        await pilot.press("pagedown", "right")
        await until(pilot, lambda: "weight[1, 0, 0, 1] = " in text_of(pilot))
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "bias[0] = " in text_of(pilot))
        # There are no more than two: the next key back leads to the first again.
        await pilot.press("right_square_bracket", "left_square_bracket")
        await until(pilot, lambda: "weight[0, 0, 0, 0] = " in text_of(pilot))


async def test_a_question_without_a_weight_is_answered_in_words() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("j", "5")
        await until(pilot, lambda: "16 neurons" in text_of(pilot))
        await pilot.press("i")
        await until(pilot, lambda: "No weight is chosen" in toasts(pilot))
        assert screen.lab.layer.page == "weights"


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_a_map_decoded_from_the_screen_is_the_neuron(size: tuple[int, int]) -> None:
    """Orange where the neuron is below 0 and blue where it is above, cell by cell."""
    async with running(size=size) as pilot:
        screen = await ready(pilot)
        await pilot.press("j", "5")
        await until(pilot, lambda: "16 neurons" in text_of(pilot))
        seen = views.seen_of(screen.lab, screen.moment)
        tiles = screen.query_one(Tiles)
        await until(pilot, lambda: tiles.size.height > 4)
        # The first picture: its cells stand below its title, each with an upper and a lower pixel.
        rows, row = [], 1
        while row < tiles.size.height and "▀" in tiles.render_line(row).text[:4]:
            cells = []
            for text, style, _ in tiles.render_line(row):
                if "▀" not in text or style is None or style.color is None or style.bgcolor is None:
                    break
                cells += [(style.color.triplet, style.bgcolor.triplet)] * len(text)
            rows.append(cells)
            row += 1
        shown = np.array(rows, np.int64)
        pixels = np.stack([shown[:, :, 0], shown[:, :, 1]], axis=1).reshape(-1, shown.shape[1], 3)
        own = seen.maps[0]  # type: ignore[union-attr]
        at = ((np.arange(len(pixels)) + 0.5) * 24 / len(pixels)).astype(int)
        across = ((np.arange(pixels.shape[1]) + 0.5) * 24 / pixels.shape[1]).astype(int)
        values = own[at][:, across]
        blue = pixels[..., 2] - pixels[..., 0]
        strong = np.abs(values) > 0.2 * np.abs(own).max()
        assert strong.mean() > 0.3
        assert ((blue > 0) == (values > 0))[strong].all()

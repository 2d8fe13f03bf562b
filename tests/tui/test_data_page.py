"""The data page and the metrics, by keys and with the mouse; pictures, each looked at before it was accepted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from nnviz.engine import Moment, ProcessEngine
from nnviz.files.opened import open_model
from nnviz.network import Network, job_of
from nnviz.run import Curves, Evaluation, Refused, metrics
from nnviz.run.queries import Judged, Judgements, Listed, SamplesOf
from nnviz.tui.app import NnvizApp
from nnviz.tui.main import MainScreen
from nnviz.tui.widgets.confusion import ConfusionMatrix
from nnviz.tui.widgets.gallery import ImageGallery
from nnviz.tui.widgets.keybar import KeyBar
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.plot import Plot
from nnviz.tui.widgets.sample_card import SampleCard
from nnviz.tui.widgets.stop import StopPane
from nnviz.tui.widgets.table import TextTable
from nnviz.views.data import Confusion
from tests.examples import pairs
from tests.tui.conftest import opened, ready, running, toasts, until
from tests.tui.pictures import picture
from tests.tui.test_snapshots import moment

SIZES = [(80, 24), (120, 40), (200, 60)]

DIGITS = "digits 64-16-10 relu adam:0.01 seed:1"


def network(line: str) -> Network:
    return open_model(line).network


def judged(of: Network, side: str = "test") -> tuple[Judged, Listed]:
    """What is made of each sample by a formula, so that it is the same on every machine."""
    job = job_of(of)
    data = job.data()
    x, y = (data.train_x, data.train_y) if side == "train" else (data.test_x, data.test_y)
    at = np.arange(len(y))
    inputs, losses = data.inputs.undo(x), np.round(2.5 * (1 + np.sin(at)) ** 2 / (1 + at % 11), 3)
    nothing = np.full(len(y), np.nan)
    if data.targets is not None:
        labels = data.targets.undo(y)
        return Judged(len(y), labels + np.round(np.sin(at), 2)[:, None] / 8, nothing, losses), Listed(inputs, labels)
    predicted = np.where(at % 13 == 0, (y + 1 + at % 3) % len(job.schema.classes), y)
    return Judged(len(y), predicted, np.round(0.5 + 0.5 * np.cos(at) ** 2, 3), losses), Listed(inputs, y)


def standing(screen: MainScreen) -> Moment:
    of = screen.lab.network
    both = judged(of)
    found = moment(screen)
    seen = {**found.observations, Judgements("test"): both[0], SamplesOf("test"): both[1]}
    return replace(found, observations=seen)


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real run reports when it likes; here a made one stands still."""
    monkeypatch.setattr(ProcessEngine, "open", lambda self: None)


KINDS = {
    "image": DIGITS, "points": "spiral 2-8-2 tanh seed:1", "table": "iris 4-8-3 tanh seed:1",
    "values": "plane 2-8-1 tanh MSELoss seed:1",
}  # fmt: skip


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize(("line", "size"), pairs(KINDS, {f"{size[0]}x{size[1]}": size for size in SIZES}))
async def test_page(snapshot: SnapshotAssertion, line: str, size: tuple[int, int]) -> None:
    async with NnvizApp(network(line)).run_test(size=size) as pilot:
        screen = await opened(pilot)
        screen.moment = standing(screen)
        await pilot.press("6", *("6" if size[0] == 120 else ""), "j")
        await pilot.pause()
        assert await picture(pilot, "#data") == snapshot.use_extension(SVGImageExtension)


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
async def test_the_matrix_has_the_page_where_it_is_narrow(snapshot: SnapshotAssertion, theme: str) -> None:
    async with NnvizApp(network(DIGITS)).run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        pilot.app.theme = theme
        screen.moment = standing(screen)
        await pilot.press("6", "C", "down", "right", "right")
        await pilot.pause()
        assert await picture(pilot, "#data") == snapshot.use_extension(SVGImageExtension)


@pytest.mark.usefixtures("no_process")
async def test_without_color_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with NnvizApp(network(DIGITS)).run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        screen.moment = standing(screen)
        await pilot.press("6", "6", "C", "down", "right")
        await pilot.pause()
        card, matrix = screen.query_one("#data-sample", SampleCard), screen.query_one(ConfusionMatrix)
        drawn = "".join(card.render_line(y).text for y in range(card.size.height))
        assert {"░", "█"} <= set(drawn)
        assert "▀" not in drawn
        rows = [matrix.render_line(y).text for y in range(matrix.size.height)]
        right = int(matrix._found.counts[1, 1])  # type: ignore[union-attr]
        assert f"[{right}]" in rows[3]


@pytest.mark.usefixtures("no_process")
async def test_without_color_a_small_picture_is_bright_or_dark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pixels a cell, so that 8x8 pixels are seen in 8x4 cells."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with NnvizApp(network(DIGITS)).run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        screen.moment = standing(screen)
        await pilot.press("6")
        card = screen.query_one("#data-sample", SampleCard)
        await until(pilot, lambda: card.size.height > 0)
        small = "".join(card.render_line(y).text[:8] for y in range(4))
        assert set(small) <= set(" ▀▄█")
        assert "█" in small


@pytest.mark.usefixtures("no_process")
async def test_why_nothing_is_listed_is_said() -> None:
    async with NnvizApp(network(DIGITS)).run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("6")
        words = screen.query_one("#data-words")
        assert "the data are loaded" in str(words.render())
        standing_now = standing(screen)
        seen = {**standing_now.observations, Judgements("test"): Refused("it would take 9 s", "make it smaller")}
        screen.moment = replace(standing_now, observations=seen)
        screen._show(at_once=True)
        await until(pilot, lambda: "no samples: it would take 9 s. make it smaller" in str(words.render()))
        # A layer whose size does not fit.
        await pilot.press("1", "j", "d", "6")
        await until(pilot, lambda: "The stack cannot run" in str(words.render()))


def listed_now(screen: MainScreen) -> list[int]:
    return [int(row[0].plain) for row in screen.query_one("#data-list", TextTable).rows]


@pytest.mark.long
async def test_a_newcomer_finds_what_is_confused_and_looks_at_it() -> None:
    """By the keys of the footer and of `?` alone; what is listed is what numpy finds in the same arrays."""
    async with running(network(DIGITS), size=(120, 40)) as pilot:
        screen = await ready(pilot)
        await pilot.press("S")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step == 144 and not screen.lab.advancing)
        await pilot.press("6", "6")
        query = Judgements("test")
        await until(pilot, lambda: bool(screen.moment and screen.moment.seen(query) and listed_now(screen)))
        assert screen.moment is not None
        found, samples = screen.moment.seen(query), screen.moment.seen(SamplesOf("test"))
        assert found is not None
        assert samples is not None
        assert listed_now(screen) == np.argsort(-found.losses, kind="stable").tolist()
        await pilot.press("z")
        assert listed_now(screen) == np.argsort(found.confidence, kind="stable").tolist()
        await pilot.press("z", "X")
        wrong = np.flatnonzero(found.predicted != samples.labels)
        assert listed_now(screen) == wrong.tolist()
        await pilot.press("0")
        assert len(listed_now(screen)) == len(samples.labels)
        # The cell with the most errors.
        counts = metrics.confusion_matrix(samples.labels, found.predicted, 10)
        errors = counts - np.diag(np.diag(counts))
        true, taken = (int(at) for at in np.unravel_index(errors.argmax(), errors.shape))
        await pilot.press("C", *["down"] * true, *["right"] * taken)
        assert isinstance(screen.focused, ConfusionMatrix)
        assert screen.lab.data.cursor == (true, taken)
        await pilot.press("enter")
        assert listed_now(screen) == np.flatnonzero((samples.labels == true) & (found.predicted == taken)).tolist()
        assert isinstance(screen.focused, TextTable)
        number = listed_now(screen)[0]
        await pilot.press("enter", "n")
        await until(pilot, lambda: screen.lab.walk.position == 1)
        assert screen.lab.walk.sample == ("test", number)
        card = screen.query_one(StopPane).query_one(SampleCard)
        lines = [card.render_line(y).text for y in range(card.size.height)]
        assert f"test {number}" in lines[0]
        assert f"target  {true}" in lines[1]
        await pilot.press("end")
        walk = screen.walking.walk
        assert walk is not None
        await until(pilot, lambda: walk.reached == len(walk.stops))
        assert int(walk.value(walk.stops[-1].node).argmax()) == taken
        # A training step on it, and back to the page; the next walk goes through the batch again.
        await pilot.press("P", "n")
        await until(pilot, lambda: not screen.lab.walk.predicting and screen.lab.walk.position == 1)
        assert screen.lab.walk.sample == ("test", number)
        await pilot.press("escape", "escape")
        assert screen.lab.walk.sample is None
        assert not screen.lab.walking


async def test_the_mouse_chooses_a_cell_and_lists_it() -> None:
    async with running(network("iris 4-8-3 tanh adam:0.01 seed:1"), size=(120, 40)) as pilot:
        screen = await ready(pilot)
        await pilot.press("6", "6", "T")
        await until(pilot, lambda: bool(listed_now(screen)) and screen.query_one(ConfusionMatrix).size.width > 0)
        assert screen.lab.data.side == "train"
        matrix = screen.query_one(ConfusionMatrix)
        label, cell = matrix._widths()
        place = (label + cell + 1, 2 + 2)
        await pilot.click(matrix, offset=place)
        await until(pilot, lambda: screen.lab.data.cursor == (2, 1))
        await pilot.click(matrix, offset=place)
        await until(pilot, lambda: screen.lab.data.cell == (2, 1))


async def test_in_the_gallery_keys_and_clicks_choose_an_image() -> None:
    async with running(network(DIGITS), size=(80, 24)) as pilot:
        screen = await ready(pilot)
        await pilot.press("6")
        await until(pilot, lambda: bool(listed_now(screen)))
        images = screen.query_one("#data-gallery", ImageGallery)
        assert not images.display
        await pilot.press("g")
        await until(pilot, lambda: screen.focused is images)
        assert not screen.query_one("#data-list").display
        across = images._across
        assert across > 1
        for keys, place in ((("right",), 1), (("down",), 1 + across), (("left",), across), (("home",), 0)):
            await pilot.press(*keys)
            await until(pilot, lambda place=place: screen.lab.data.row == place)  # type: ignore[misc]
        shown = [segment.text for segment in images.render_line(0)]
        assert shown[0].startswith("✗")
        await pilot.click(images, offset=(9 + 2, 1))
        await until(pilot, lambda: screen.lab.data.row == 1)
        await pilot.press("g")
        await until(pilot, lambda: screen.focused is screen.query_one("#data-list"))
        assert screen.query_one("#data-list", TextTable).cursor_row == 1


async def test_a_regression_shows_what_is_predicted_against_what_is_right() -> None:
    async with running(network("plane 2-8-1 tanh MSELoss"), size=(80, 24)) as pilot:
        screen = await ready(pilot)
        await pilot.press("6")
        await until(pilot, lambda: bool(listed_now(screen)))
        await pilot.press("X")
        assert "A regression has no classes" in toasts(pilot)
        assert "MAE" in str(screen.query_one("#data-words").render())
        plot = screen.query_one("#data-fit", Plot)
        assert not plot.display
        await pilot.press("C", "j")
        await until(pilot, lambda: plot.display and len(plot._series) == 2)
        # The list keeps the focus, and the ring follows it.
        table, (samples, ring) = screen.query_one("#data-list", TextTable), plot._series
        assert screen.focused is table
        await until(pilot, lambda: screen.lab.data.row == 1)
        found = screen.moment.seen(Judgements("test"))  # type: ignore[union-attr]
        assert samples.y.tolist() == pytest.approx(found.predicted.ravel().tolist())  # type: ignore[union-attr]
        assert ring.y[0] in samples.y
        await pilot.press("C")
        await until(pilot, lambda: not plot.display)


async def test_names_of_classes_are_cleaned_and_keep_the_columns() -> None:
    class Alone(App[None]):
        def compose(self) -> ComposeResult:
            yield ConfusionMatrix()

    counts = np.array([[12, 3], [0, 4567]])
    names = ("\x1b[31mred\x1b[0m", "漢字漢字漢字漢字")
    async with Alone().run_test(size=(40, 8)) as pilot:
        matrix = pilot.app.query_one(ConfusionMatrix)
        matrix.show(Confusion(counts, names, (1, 1), (0, 1), (f"{names[0]} taken for {names[1]}",)))
        await pilot.pause()
        lines = [matrix.render_line(y) for y in range(matrix.size.height)]
        assert {line.cell_length for line in lines} == {matrix.size.width}
        assert "\x1b" not in "".join(line.text for line in lines)
        # Filtered by, and under the cursor: told apart without color.
        assert "‹3›" in lines[2].text
        assert "[4567]" in lines[3].text


async def choose(pilot: Pilot[None], place: int) -> None:
    await pilot.press("M", *["down"] * place, "enter")
    await pilot.pause()


@pytest.mark.long
async def test_metrics_are_chosen_as_curves() -> None:
    async with running(network("iris 4-8-3 tanh adam:0.01 seed:1"), size=(120, 40)) as pilot:
        screen = await ready(pilot)
        await pilot.press("S")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step == 12 and not screen.lab.advancing)
        plot = screen.query_one("#second-plot", Plot)
        await choose(pilot, 4)
        assert screen.lab.metrics == ("f1",)
        await until(pilot, lambda: plot._frame.title == "%: F1 (macro)")
        assert screen.moment is not None
        rows = screen.moment.checkpoint.history  # type: ignore[union-attr]
        assert plot._series[1].y.tolist() == pytest.approx([100 * row.test.values[2] for row in rows])
        # The recall of the third class beside it.
        await choose(pilot, 4 + 3 + 3 + 2)
        assert screen.lab.metrics == ("f1", "recall/2")
        await until(pilot, lambda: len(plot._series) == 4)
        assert plot._frame.title == "%: F1 (macro) · recall of class virginica"
        assert plot._series[2].y.tolist() == [100 * row.train.right[2] / row.train.own[2] for row in rows]
        await choose(pilot, 0)
        assert screen.lab.metrics == ()
        await until(pilot, lambda: plot._frame.title == "accuracy, %")


async def test_an_old_history_draws_what_it_has() -> None:
    """Of a run that an earlier version saved there are no metrics before it goes on."""
    row = Evaluation(10, 1.0, 0.5, 0.5, 0.7, 0.6)
    async with running(network("iris 4-8-3 tanh adam:0.01 seed:1"), size=(120, 40)) as pilot:
        screen = await ready(pilot)
        assert screen.moment is not None
        screen.moment = replace(screen.moment, curves=Curves.of([row]))
        screen.lab = replace(screen.lab, metrics=("f1",))
        screen._show(at_once=True)
        plot = screen.query_one("#second-plot", Plot)
        await until(pilot, lambda: plot._frame.title == "%: F1 (macro)")
        assert plot._series == ()


@pytest.mark.usefixtures("no_process")
async def test_a_cell_without_samples_says_what_leads_back() -> None:
    async with NnvizApp(network(DIGITS)).run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        screen.moment = standing(screen)
        of = screen.lab.network
        both = judged(of)[0].predicted, judged(of)[1].labels
        empty = next((int(t), p) for t in range(10) for p in range(10) if not ((both[1] == t) & (both[0] == p)).any())
        screen.lab = screen.lab.with_data(cursor=empty)
        await pilot.press("6", "C")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert screen.lab.data.cell == empty
        assert "There is no such sample: 0 lists all" in str(screen.query_one("#data-words", StableLabel).content)
        words = str(screen.query_one(KeyBar).content)
        assert "0 all" in words
        assert "walk it" not in words


@pytest.mark.usefixtures("no_process")
async def test_a_regression_has_no_matrix_in_its_footer() -> None:
    async with NnvizApp(network(KINDS["values"])).run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        screen.moment = standing(screen)
        await pilot.press("6")
        await pilot.pause()
        words = str(screen.query_one(KeyBar).content)
        assert "C predicted/true" in words
        assert "matrix" not in words

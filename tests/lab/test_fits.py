"""The commands on the page of fitting, as functions from one lab to the next."""

from __future__ import annotations

from typing import Any

import pytest

from nnviz.data import datasets
from nnviz.data.formulas import MOST_DEGREE, MOST_TERMS
from nnviz.files.opened import open_model
from nnviz.lab import Entry, Lab, edits, fits
from nnviz.lab.command import Result
from nnviz.lab.effects import AskTarget, Choose, Open, Show, ShowNumbers, StartRun, StopTraining, Toast
from nnviz.lab.fit_place import REACHES
from nnviz.lab.training import train
from nnviz.network import opening, trace
from nnviz.registry import Spec
from nnviz.run import Run


def lab_of(line: str = "function 1-8-8-1 relu samples:60 noise:0.1") -> Lab:
    return edits.start(Lab(Entry(Run(open_model(line).network))))[0]


def said(result: Result) -> str:
    return " ".join(f"{one.text} {one.hint}" for one in result[1] if isinstance(one, Toast))


def opened(result: Result) -> Open:
    (one,) = (effect for effect in result[1] if isinstance(effect, Open))
    return one


def widths(lab: Lab) -> list[Any]:
    return [spec["out_features"] for spec in lab.network.layers if spec.get("out_features")]


def test_a_function_is_chosen_from_the_list() -> None:
    lab = fits.move(lab_of(), 3)[0]
    choice = opened(fits.targets(lab))
    assert isinstance(choice.dialog, Choose)
    assert [one.name for one in choice.dialog.choices] == [one.text for one in fits.TARGETS]
    assert choice.answered is not None
    for number, one in enumerate(fits.TARGETS):
        after, effects = choice.answered(lab, number)
        data = after.network.settings.data
        assert (data["of"], data["low"], data["high"]) == (one.text, one.low, one.high)
        # Samples, noise and stack are as they were.
        assert (data["samples"], data["noise"]) == (60, 0.1)
        assert after.network.layers == lab.network.layers
        assert after.fits.moved == 0
        assert after.present.step == 0
        assert StartRun() in effects
        assert Show("fits") in effects
        assert edits.undo(after)[0].network == lab.network


def test_data_that_are_no_curve_get_a_stack_and_undo_brings_the_network_back() -> None:
    lab = edits.start(Lab(Entry(Run(opening()))))[0]
    asked = opened(fits.ask_target(lab))
    assert isinstance(asked.dialog, AskTarget)
    assert datasets.check(asked.dialog.data) == asked.dialog.data
    assert asked.answered is not None
    after, effects = asked.answered(lab, Spec.of("function", of="abs(x)", low=-2.0, high=2.0))
    assert [layer.name for layer in after.network.layers] == ["Linear", "ReLU", "Linear", "ReLU", "Linear"]
    assert trace(after.network).diagnostic is None
    assert after.network.settings.data["of"] == "abs(x)"
    assert after.network.settings.loss.name == "MSELoss"
    # Another document: it is not saved over the model that was open.
    assert after.present.document != lab.present.document
    assert "{undo} returns to the network before" in said((after, effects))
    back = edits.undo(after)[0]
    assert back.network == opening()
    assert back.present.document == lab.present.document


def test_what_is_no_function_is_refused_and_changes_nothing() -> None:
    lab = lab_of()
    for arguments in ({"of": "sin(x"}, {"of": "log(x)"}, {"of": "x", "low": 2.0, "high": 1.0}):
        after, effects = fits.take(lab, Spec.of("function", **arguments))
        assert after is lab
        assert [effect.severity for effect in effects if isinstance(effect, Toast)] == ["error"]
    same, effects = fits.take(lab, lab.network.settings.data)
    assert same is lab
    assert effects == (Show("fits"),)


@pytest.mark.parametrize(("row", "name", "most"), [(0, "terms", MOST_TERMS), (1, "degree", MOST_DEGREE)])
def test_order_and_degree_have_bounds(row: int, name: str, most: int) -> None:
    lab = fits.at_row(lab_of(), row)[0]
    begin = getattr(lab.fits, name)
    more = fits.resize(lab, 1)[0]
    assert getattr(more.fits, name) == begin + 1
    assert more.network is lab.network
    assert fits.resize(more, -1)[0].fits == lab.fits
    for by, bound in ((1, most), (-1, 0)):
        now = lab
        for _ in range(200):
            now, effects = fits.resize(now, by)
        assert getattr(now.fits, name) == bound
        assert f"0 to {most}" in said((now, effects))


def test_the_width_of_the_hidden_layers_is_one_edit_and_one_undo() -> None:
    lab = fits.at_row(lab_of(), 2)[0]
    wider, effects = fits.resize(lab, 1)
    assert widths(wider) == [12, 12, 1]
    assert trace(wider.network).diagnostic is None
    assert wider.network.ids == lab.network.ids
    assert "12 units" in said((wider, effects))
    assert widths(fits.resize(wider, -1)[0]) == [8, 8, 1]
    assert edits.undo(wider)[0].network == lab.network
    for by, end in ((1, fits.WIDTHS[-1]), (-1, fits.WIDTHS[0])):
        now = lab
        for _ in range(20):
            now, effects = fits.resize(now, by)
        assert widths(now) == [end, end, 1]
        assert "1 to 256" in said((now, effects))
    training, _ = train(lab)
    _, effects = fits.resize(training, 1)
    assert StopTraining() in effects


@pytest.mark.parametrize(
    ("line", "words"), [("function 1-1", "no hidden layer"), ("spiral 2-4-2 tanh", "one value over one input")]
)
def test_without_a_hidden_layer_there_is_no_width(line: str, words: str) -> None:
    lab = fits.at_row(lab_of(line), 2)[0]
    after, effects = fits.resize(lab, 1)
    assert after is lab
    assert words in said((after, effects))


def test_a_layer_that_depends_on_the_width_keeps_it() -> None:
    lab = lab_of("function 1-8-1 relu")
    normalized = lab.network.insert(1, Spec.of("BatchNorm1d", num_features=8))
    lab = fits.at_row(edits.edit(lab, normalized)[0], 2)[0]
    after, effects = fits.resize(lab, 1)
    assert after is lab
    assert "another layer depends on it" in said((after, effects))


def test_the_point_moves_in_twentieths_and_stays_near() -> None:
    lab = lab_of()
    assert fits.move(lab, 1)[0].fits.moved == 1
    for by in (1, -1):
        now = lab
        for _ in range(50):
            now, _ = fits.move(now, by)
        assert now.fits.moved == by * fits.FARTHEST


def test_a_fit_is_hidden_and_shown_and_the_picture_reaches_further() -> None:
    lab = fits.at_row(lab_of(), 1)[0]
    hidden = fits.toggle(lab)[0]
    assert hidden.fits.hidden == {"taylor"}
    assert fits.toggle(hidden)[0].fits == lab.fits
    seen = []
    for _ in REACHES:
        lab, _ = fits.reach(lab)
        seen.append(lab.fits.reach)
    assert seen == [*REACHES[1:], REACHES[0]]
    assert fits.numbers(lab)[1] == (Show("fits"), ShowNumbers())
    for row, hint in ((0, ""), (2, "{swap} swaps an activation")):
        toast = said(fits.no_numbers(fits.at_row(lab, row)[0], "it is curved"))
        assert toast.startswith("This fit has no numbers to list. It is curved.")
        assert hint in toast
    assert "{fit_targets} chooses a function" in said(fits.no_numbers(lab, ""))

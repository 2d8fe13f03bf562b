"""Where a Linear is added, the form asks what comes in, and answers at once."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from nnviz.network import opening
from nnviz.registry import Spec
from nnviz.tui.dialogs.layer_form import LayerForm
from nnviz.tui.widgets.fields import ArgumentFields, QuestionField
from nnviz.tui.widgets.label import StableLabel
from tests.tui.conftest import ready, running, until


def asked(pilot: Pilot[None]) -> QuestionField:
    return pilot.app.screen.query_one(QuestionField)


def said(pilot: Pilot[None]) -> str:
    """What stands below the question."""
    return " ".join(str(asked(pilot).render()).split()).removeprefix("in_features ")


def preview(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one("#preview", StableLabel).render())


async def opens(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys, "a", *"linear", "enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, LayerForm) and bool(pilot.app.screen.query(QuestionField)))


@pytest.mark.long
async def test_the_question_is_answered_at_once() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await opens(pilot, "j")
        entry = asked(pilot).query_one(Input)
        assert (entry.value, entry.placeholder, said(pilot)) == ("", "?", "what comes in?")
        assert pilot.app.screen.focused is entry
        # Nothing below gives it away.
        assert preview(pilot) == ""
        answer = "16 comes in, from layer 2, Tanh, (10, 16)"
        await pilot.press("5")
        assert said(pilot) == f"✗ no: {answer}"
        assert asked(pilot).has_class("-wrong")
        # The first digits of what is right are no answer yet.
        await pilot.press("backspace", "1")
        assert (said(pilot), preview(pilot)) == ("what comes in?", "")
        await pilot.press("6")
        assert said(pilot) == f"right: {answer}"
        assert not asked(pilot).has_class("-wrong")
        assert preview(pilot) == "(10, 16) → (10, 8), 136 parameters"
        await pilot.press("0")
        assert said(pilot) == f"✗ no: {answer}"
        await pilot.press("backspace", "backspace", "tab")
        assert said(pilot) == f"✗ no: {answer}"
        assert "cannot be multiplied (10x16 and 1x8)" in preview(pilot)
        # As everywhere, what is wrong can be added all the same, and the stack says what to do.
        await pilot.press("enter")
        await until(pilot, lambda: len(screen.lab.network.layers) == 6)
        assert screen.lab.network.layers[2].get("in_features") == 1
        assert not screen.lab.valid


@pytest.mark.long
async def test_enter_alone_takes_what_is_right_and_goes_on_to_the_size() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await opens(pilot)
        await pilot.press("enter")
        assert asked(pilot).query_one(Input).value == "16"
        assert said(pilot) == "right: 16 comes in, from layer 1, Linear(2, 16), (10, 16)"
        await pilot.press("4", "enter")
        await until(pilot, lambda: len(screen.lab.network.layers) == 6)
        assert dict(screen.lab.network.layers[1].arguments) | {"bias": True} == {
            "in_features": 16, "out_features": 4, "bias": True,
        }  # fmt: skip
        # From the data, and accepted without an answer.
        await opens(pilot, "home")
        await pilot.press("9")
        assert said(pilot) == "✗ no: 2 comes in, from the data, spiral, (10, 2)"
        await pilot.press("backspace", "ctrl+s")
        await until(pilot, lambda: len(screen.lab.network.layers) == 7)
        assert screen.lab.network.layers[0].get("in_features") == 2


@pytest.mark.long
async def test_what_is_no_number_is_said_when_the_form_is_accepted() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await opens(pilot)
        await pilot.press(*"1x", "ctrl+s")
        assert isinstance(pilot.app.screen, LayerForm)
        assert said(pilot).startswith("✗ ")
        assert pilot.app.screen.focused is asked(pilot).query_one(Input)
        await pilot.press("escape")
        assert screen.lab.network == opening()


@pytest.mark.parametrize("edits", [False, True])
async def test_nothing_is_asked_where_nothing_is_known_or_a_layer_is_edited(edits: bool) -> None:
    broken = opening().change(0, Spec.of("Linear", in_features=3, out_features=16))
    async with running(broken if not edits else opening()) as pilot:
        await pilot.press(*(("e",) if edits else ("a", *"linear", "enter")))
        await until(
            pilot, lambda: isinstance(pilot.app.screen, LayerForm) and bool(pilot.app.screen.query(ArgumentFields))
        )
        assert not pilot.app.screen.query(QuestionField)
        # What stands there is a number to be changed, not a question.
        assert pilot.app.screen.query("Input").first(Input).value == ("2" if edits else "8")

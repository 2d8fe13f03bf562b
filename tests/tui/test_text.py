"""Nothing a terminal would act on survives cleaning."""

from __future__ import annotations

import ast
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from nnviz import tui
from nnviz.tui.text import LIMIT, clean, content
from nnviz.tui.widgets.text_input import Cleaned

ANYTHING = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)
FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(ANYTHING, st.integers(-1, 250), st.booleans())
def test_no_control_character_survives(text: str, limit: int, lines: bool) -> None:
    shown = clean(text, limit, lines=lines)
    left = {unicodedata.category(c) for c in shown if not (lines and c == "\n")}
    assert not left & FORBIDDEN
    assert len(shown) <= max(limit, 0)
    shown.encode("utf-8")


@given(ANYTHING, st.integers(0, 250), st.booleans())
def test_cleaning_the_clean_changes_nothing(text: str, limit: int, lines: bool) -> None:
    once = clean(text, limit, lines=lines)
    assert clean(once, limit, lines=lines) == once


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=LIMIT))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a␛[31mb"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("\x9b31m\x90\x9c", "�31m��"),
        ("\x00\x7f", "␀␡"),
        ("a\r\nb\tc", "a  b c"),
        ("\ud800", "�"),
        ("a\u202eb\u200bc\ufe0fd\u3164e", "a�b�c�d�e"),
        ("\u2028\u2029", "��"),
        ("ü λ 漢 🙂", "ü λ 漢 🙂"),
    ],
)
def test_stand_ins(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_lines_are_kept_where_asked() -> None:
    assert clean("a\r\nb\rc\nd", lines=True) == "a\nb\nc\nd"


def test_long_text_ends_in_an_ellipsis() -> None:
    assert clean("x" * 100_000) == "x" * (LIMIT - 1) + "…"
    assert clean("abc", 2) == "a…"
    assert clean("abc", 1) == "…"
    assert clean("abc", 0) == ""


@pytest.mark.parametrize("text", ["[/]", "[bold", "[[", "[@click=app.quit]x[/]"])
def test_square_brackets_are_no_markup(text: str) -> None:
    shown = content(text)
    assert shown.plain == text
    assert not shown.spans


@given(ANYTHING)
def test_a_field_shows_its_value_cleaned(value: str) -> None:
    shown = Cleaned()(Text(value)).plain
    assert not {unicodedata.category(c) for c in shown} & FORBIDDEN


def test_every_field_is_one_that_cleans() -> None:
    for path in Path(tui.__path__[0]).rglob("*.py"):
        calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        assert "Input" not in {call.id for call in calls if isinstance(call, ast.Name)}, path


def test_anything_may_be_shown() -> None:
    assert clean(ValueError("no\x1b")) == "no␛"
    assert clean(None) == "None"

"""What a key chose holds at the next start."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnviz.tui.remembered import remember, remembered
from tests.tui.conftest import ready, running


@pytest.mark.long
async def test_pace_and_theme_last() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("less_than_sign", "t")
        assert str(screen.lab.pace) == "20 epochs/s"
        theme = pilot.app.theme
    async with running() as pilot:
        screen = await ready(pilot)
        assert str(screen.lab.pace) == "20 epochs/s"
        assert pilot.app.theme == theme
        assert "20 epochs/s" in str(pilot.app.screen.query_one("#status").render())


@pytest.mark.parametrize(
    "written", ["", "[]", '{"pace": 3}', '{"pace": "no such pace"}', "[" * 5000, "\x00", "x" * 20_000]
)
def test_a_file_that_says_nothing_is_no_error(written: str, tmp_path: Path) -> None:
    (tmp_path / "remembered.json").write_text(written)
    assert remembered("pace") in ("", "no such pace")
    remember("pace", "20 steps/s")
    assert remembered("pace") == "20 steps/s"


def test_where_nothing_can_be_written_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("nnviz.tui.config.user_config_path", lambda *_, **__: tmp_path / "file")
    remember("pace", "20 steps/s")
    assert remembered("pace") == ""

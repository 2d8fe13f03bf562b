"""Textual's style sheets, parsed once for all programs of a test process; each program parses them three times as it opens."""

from __future__ import annotations

from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet


def parsed_once(patch: pytest.MonkeyPatch) -> None:
    """Share among all style sheets what each of them keeps for itself: the rules by text and place, for its variables."""
    kept: dict[object, list[RuleSet]] = {}
    parse = Stylesheet._parse_rules

    def once(sheet: Stylesheet, css: str, read_from: Any, *arguments: Any, **named: Any) -> list[RuleSet]:
        key = (frozenset(sheet._variables.items()), css, read_from, arguments, *sorted(named.items()))
        if key not in kept:
            kept[key] = parse(sheet, css, read_from, *arguments, **named)
        return kept[key]

    patch.setattr(Stylesheet, "_parse_rules", once)

"""Textual's style sheets, parsed once for all programs of a test process; each program parses them three times as it opens."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet


def parsed_once(patch: pytest.MonkeyPatch) -> None:
    """Share among all style sheets what each of them keeps for itself: the rules by text and place, for its variables."""
    by_variables: dict[object, dict[object, list[RuleSet]]] = {}
    of_sheet: WeakKeyDictionary[Stylesheet, tuple[object, dict[object, list[RuleSet]]]] = WeakKeyDictionary()
    parse = Stylesheet._parse_rules

    def once(sheet: Stylesheet, css: str, read_from: Any, *arguments: Any, **named: Any) -> list[RuleSet]:
        # A sheet is given other variables as another dictionary: its items are gone through once, not for each text.
        variables, kept = of_sheet.get(sheet, (None, {}))
        if variables is not sheet._variables:
            kept = by_variables.setdefault(frozenset(sheet._variables.items()), {})
            of_sheet[sheet] = sheet._variables, kept
        key = (css, read_from, arguments, *sorted(named.items()))
        if key not in kept:
            kept[key] = parse(sheet, css, read_from, *arguments, **named)
        return kept[key]

    patch.setattr(Stylesheet, "_parse_rules", once)

"""A list with a filter: type to filter, Enter to choose."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Key, Resize
from textual.fuzzy import Matcher
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from nnviz import nn
from nnviz.tui.dialogs.dialog import Dialog, DialogBox, DialogKeys
from nnviz.tui.text import clean
from nnviz.tui.widgets.options import Options, move_by_key
from nnviz.tui.widgets.pick import Offer
from nnviz.tui.widgets.text_input import TextInput

CATEGORIES = ("linear", "activation", "convolution", "normalization", "regularization", "join", "shape")
"""The order of the categories of layers; others follow."""

WIDEST = 24
"""Columns of a name."""

ABOVE, HIGHEST = 2, 17
"""Lines above the list, and of the list at most."""

PADDING = 2
"""Columns beside an option."""


class Picker(Dialog[str]):
    """Choose one of many; gives its name.

    Args:
        title: the title.
        offers: the choices.
        taken: the initial choice; the first if left out.
        example: an example of a filter.
        noun: what one of them is called.
        verb: what Enter does, in a word.
    """

    def __init__(
        self, title: str, offers: Sequence[Offer], taken: str = "", *, example: str = "", noun: str, verb: str = "take"
    ) -> None:
        super().__init__()
        self._title = title
        self._offers = offers
        self._names = [offer.name for offer in offers]
        self._taken = self._names.index(taken) if taken in self._names else 0
        self._example = f", for example: {example}" if example else ""
        self._noun, self._verb = noun, verb
        self._width = min(max(len(name) for name in self._names), WIDEST)

    def compose(self) -> ComposeResult:
        """Compose the filter above the list."""
        with DialogBox() as box:
            box.border_title = clean(self._title, 60)
            yield TextInput(placeholder=f"type to filter{self._example}", id="filter")
            yield Options(*[Option(self._words(offer)) for offer in self._offers], id="choices")
            yield DialogKeys("↑ ↓ choose", (f"enter {self._verb}", "accept"), ("esc cancel", "cancel"))

    def on_mount(self) -> None:
        """Highlight the present choice."""
        self.query_one(OptionList).highlighted = self._taken
        self._fit()

    def on_resize(self, _event: Resize) -> None:
        """Make the list as high as all there is, if the terminal is."""
        self._fit()

    def _fit(self) -> None:
        """While the filter narrows the list, it stays as high, so that nothing moves under the eyes."""
        width = max(self.inner_width() - PADDING, 1)
        lines = sum(len(self._words(offer).wrap(width)) for offer in self._offers)
        self.query_one(OptionList).styles.height = max(min(lines, HIGHEST, self.room() - ABOVE), 1)

    def _words(self, offer: Offer) -> Content:
        name = clean(offer.name, WIDEST).ljust(self._width + 2)
        return Content.assemble((name, "bold"), (clean(offer.about), "$foreground 72%"))

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        found = list(self._offers)
        if event.value.strip():
            matcher = Matcher(event.value.strip())
            scores = {o.name: matcher.match(o.name) + matcher.match(o.kind) / 2 for o in found}
            found = sorted((o for o in found if scores[o.name] > 0), key=lambda o: -scores[o.name])
        names = [offer.name for offer in found]
        if names == self._names:
            return
        self._names = names
        choices = self.query_one(OptionList)
        choices.clear_options()
        choices.add_options([Option(self._words(offer)) for offer in found])
        if not found:
            choices.add_option(Option(f"no {self._noun} matches; Backspace widens the search", disabled=True))
        choices.highlighted = 0 if found else None

    def on_key(self, event: Key) -> None:
        """Move in the list with the arrows while the filter has the focus."""
        move_by_key(self.query_one(OptionList), event)

    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Choose the highlighted one."""
        choices = self.query_one(OptionList)
        if choices.highlighted is not None and self._names:
            self.dismiss(self._names[choices.highlighted])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._names[event.option_index])


def layer_picker(title: str, verb: str, category: str = "", taken: str = "") -> Picker:
    """A picker of all layers, grouped by category; or of those of one category."""

    def rank(category: str) -> int:
        return CATEGORIES.index(category) if category in CATEGORIES else len(CATEGORIES)

    entries = sorted(nn.layers, key=lambda entry: rank(entry.category))
    offers = [Offer(entry.name, entry.summary, entry.category) for entry in entries if category in ("", entry.category)]
    return Picker(title, offers, taken, example="relu", noun=category or "layer", verb=verb)

"""The settings of a run: data, batch, loss, optimizer, initialization, seed."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.events import Resize

from nnviz import nn, optim
from nnviz.data import FILE, datasets
from nnviz.errors import NnvizError
from nnviz.network import Settings
from nnviz.nn.init import initializers
from nnviz.registry import Argument, Bounds, Registry, Spec, Value
from nnviz.tui.dialogs.dialog import DialogBox, DialogKeys
from nnviz.tui.dialogs.form import Form, ScrollingFields
from nnviz.tui.text import content
from nnviz.tui.widgets.fields import ArgumentField, ArgumentFields, Field
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.pick import Offer, Pick

PLAIN = (
    Argument("batch", int, bounds=Bounds(1, 1_000_000), help="samples in one step"),
    Argument("l1", float, bounds=Bounds(0), help="L1 penalty l1 · Σ|w|; L2 is weight_decay"),
    Argument("seed", int, bounds=Bounds(0, 2**32 - 1), help="the same seed gives the same run, bit for bit"),
)
FIT = Argument("fit", bool, help="change the stack so that it fits the data")

KEPT = ("lr", "momentum", "weight_decay", "reduction", "samples", "noise")
"""Arguments that mean the same to every entry that has them."""


def _remedy(error: NnvizError) -> str:
    """What to do about an error; an option of the command line is the field of that name here."""
    return f": {re.sub('--([a-z][a-z-]*)', lambda found: found[1].replace('-', '_'), error.hint)}" if error.hint else ""


class SpecChooser(Vertical):
    """Choose an entry of a registry, and its arguments.

    Args:
        label: what one of them is called.
        registry: the registry.
        spec: the initial choice.
        extra: a choice without arguments that comes before those of the registry.
    """

    def __init__(self, label: str, registry: Registry[Any], spec: Spec, extra: Offer | None = None) -> None:
        super().__init__(id=f"choose-{label}", classes="chooser")
        self._label = label
        self._registry = registry
        self._spec = spec
        self._offers = [*filter(None, [extra]), *(Offer(e.name, e.summary, e.category) for e in registry)]

    def compose(self) -> ComposeResult:
        """Compose the choice with its description, and the fields of its arguments."""
        with Field(self._label, self._about(), "$text-primary"):
            yield Pick(self._label, self._offers, self._spec.name)
        yield self._fields()

    def _about(self) -> str:
        return next((offer.about for offer in self._offers if offer.name == self._spec.name), "")

    def _fields(self) -> ArgumentFields:
        name = self._spec.name
        arguments = self._registry[name].arguments if name in self._registry else ()
        arguments = tuple(argument for argument in arguments if not argument.derived)
        return ArgumentFields(arguments, dict(self._spec.arguments))

    @on(Pick.Changed)
    async def _other(self, event: Pick.Changed) -> None:
        event.stop()
        name = event.value
        # Arguments that both have are kept: a learning rate depends on the data as much as on the optimizer.
        taken = {a.name for a in self._registry[name].arguments} if name in self._registry else set()
        self._spec = Spec.of(name, **{n: v for n, v in self._entered().items() if n in taken and n in KEPT})
        self.query_one(Field).say(self._about())
        await self.query_one(ArgumentFields).remove()
        await self.mount(self._fields())

    def _entered(self) -> dict[str, Value]:
        """The values of the fields, if all are valid."""
        try:
            return self.query_one(ArgumentFields).values()
        except NnvizError:
            return {}

    def chosen(self) -> Spec:
        """The choice with the values of its fields, each of which is valid.

        Raises:
            NnvizError: an argument is not valid.
        """
        return Spec.of(self.query_one(Pick).value, **self.query_one(ArgumentFields).values())

    def spec(self) -> Spec:
        """The choice, checked.

        Raises:
            NnvizError: an argument is not valid.
        """
        chosen = self.chosen()
        return self._registry.check(chosen) if chosen.name in self._registry else chosen


class SettingsForm(Form[tuple[Settings, bool]]):
    """Edit the settings; its result is the settings, and whether to fit the stack to the data.

    Args:
        settings: the present settings.
        first: the chooser that has the focus at first.
    """

    def __init__(self, settings: Settings, first: str = "data") -> None:
        super().__init__()
        self._settings = settings
        self._first = first
        self._said = 0

    def compose(self) -> ComposeResult:
        """Compose choosers and fields."""
        settings = self._settings
        with DialogBox(classes="settings") as box:
            box.border_title = "Settings"
            with ScrollingFields(can_focus=False) as fields:
                fields.styles.max_height = self.room()
                yield SpecChooser("data", datasets, settings.data)
                yield ArgumentFields(PLAIN[:1], {"batch": settings.batch})
                yield SpecChooser("loss", nn.losses, settings.loss)
                yield SpecChooser("optimizer", optim.optimizers, settings.optimizer)
                yield SpecChooser(
                    "initialization",
                    initializers,
                    settings.initialization,
                    Offer("default", "each layer's own, as in PyTorch"),
                )
                yield ArgumentFields(PLAIN[1:], {"l1": settings.l1, "seed": settings.seed})
                yield ArgumentFields((FIT,), {"fit": True}, id="fit")
            preview = StableLabel(id="preview")
            # It takes lines only if it says something.
            preview.display = False
            yield preview
            yield DialogKeys("tab next", "← → enter choose", ("enter or ctrl+s OK", "accept"), ("esc cancel", "cancel"))

    def on_mount(self) -> None:
        """Focus the chooser that the dialog was opened for."""
        self.query_one(f"#choose-{self._first}").query_one(Pick).focus()
        self._fit()

    def on_resize(self, _event: Resize) -> None:
        """Fit the fields into the box; they scroll if there is no room for all of them."""
        self._fit()

    def _fit(self) -> None:
        self.query_one(VerticalScroll).styles.max_height = max(self.room() - self._said, 1)

    def _say(self, problem: str) -> None:
        """Show what is wrong below the fields, or nothing."""
        words, preview = content(problem, 300), self.query_one("#preview", StableLabel)
        preview.update(words)
        preview.display = bool(problem)
        self._said = len(words.wrap(self.inner_width())) + 1 if problem else 0
        self._fit()

    @on(ArgumentField.Changed)
    @on(Pick.Changed)
    def _mended(self) -> None:
        """What was said to be wrong is no more."""
        if self._said and not any(field.is_wrong for field in self.query(ArgumentField)):
            self._say("")

    @on(ArgumentField.Submitted)
    def action_accept(self) -> None:
        """Close with the settings, if they are valid."""
        plain: dict[str, Value] = {}
        problem: NnvizError | None = None
        for fields in self.query(ArgumentFields):
            try:
                plain |= fields.values()
            except NnvizError as error:
                problem = problem or error
        try:
            if problem is not None:
                raise problem
            settings = Settings(
                # A file is read in a thread.
                data=self.query_one("#choose-data", SpecChooser).chosen(),
                batch=int(str(plain["batch"])),
                loss=self.query_one("#choose-loss", SpecChooser).spec(),
                optimizer=self.query_one("#choose-optimizer", SpecChooser).spec(),
                initialization=self.query_one("#choose-initialization", SpecChooser).spec(),
                seed=int(str(plain["seed"])),
                l1=float(str(plain["l1"])),
            )
        except NnvizError as error:
            self._refuse(error)
            return
        fit = bool(plain["fit"])
        if settings.data.name == FILE:
            self._read(settings, fit)
        else:
            self._close_with(settings, fit, partial(datasets.check, settings.data))

    def _read(self, settings: Settings, fit: bool) -> None:
        """Read the file in a thread, and close with it unless the form was closed meanwhile."""
        # Imported when something is read, so that the form opens sooner.
        from nnviz.tui.dialogs.reading import read_watched

        def done(found: Future[Spec]) -> None:
            if self.is_attached:
                self._close_with(settings, fit, found.result)

        read_watched(self, "Reading the data", lambda: datasets.check(settings.data), done)

    def _close_with(self, settings: Settings, fit: bool, data: Callable[[], Spec]) -> None:
        try:
            settings = replace(settings, data=data())
        except NnvizError as error:
            self._refuse(error)
            return
        self.dismiss((settings, fit))

    def _refuse(self, error: NnvizError) -> None:
        self._say(f"✗ {error.message}{_remedy(error)}")
        self.focus_invalid()

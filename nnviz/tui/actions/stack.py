"""What the commands on the stack do. Dialogs are imported when they open, so that the program opens sooner."""

from __future__ import annotations

from nnviz import nn
from nnviz.catalogue import Spec, Value
from nnviz.network import PRESETS, Network, Repair, hints, repair_all, trace
from nnviz.run import Run, merge
from nnviz.tui.text import clean
from nnviz.tui.widgets.stack import StackPanel, shape_text
from nnviz.tui.workbench import Workbench

NEW_SIZE = 8
"""What a new layer's open sizes start at in the form: the width of Playground's own layers."""


class StackActions(Workbench):
    """Add, edit, delete, move, duplicate, undo, redo, repair, presets, collapse."""

    def action_add(self) -> None:
        """Pick a layer and put it below the selected row."""
        from nnviz.tui.screens.picker import layer_picker

        at = min(self.row, len(self.network.layers))
        self.app.push_screen(layer_picker(), lambda name: self._add(name, at))

    def _add(self, name: str | None, at: int) -> None:
        from nnviz.tui.screens.layer_form import LayerForm

        if name is None:
            return
        entry = nn.layers[name]
        fitted = self._fitted(name, at)
        open_sizes: dict[str, Value] = {
            a.name: a.choices[0] if a.choices else NEW_SIZE for a in entry.arguments if a.required
        }
        if not entry.arguments:
            self._insert(Spec(name), at)
            return
        values = open_sizes | fitted
        first = next((a.name for a in entry.arguments if a.required and a.name not in fitted), "")

        def done(spec: Spec | None) -> None:
            if spec is not None:
                self._insert(spec, at)

        def preview(spec: Spec) -> str:
            return _preview(self.network.insert(at, spec), at)

        self.app.push_screen(LayerForm(name, values, preview, first, f"Add layer {at + 1}: {name}"), done)

    def _insert(self, spec: Spec, at: int) -> None:
        self.edit(self.network.insert(at, nn.layers.check(spec)), at + 1)

    def _fitted(self, name: str, at: int) -> dict[str, Value]:
        """The arguments that the shape arriving at position `at` dictates."""
        found = trace(self.network)
        shape = found.input if at == 0 else found.rows[at - 1].output
        factory = nn.layers[name].factory
        if shape is None or not (isinstance(factory, type) and issubclass(factory, nn.Module)):
            return {}
        return factory.fitted(shape)

    def action_edit(self) -> None:
        """Edit the selected row: a layer's arguments, or the settings for input and loss."""
        from nnviz.tui.screens.layer_form import LayerForm

        at = self.position
        if at is None:
            self.open_settings("data" if self.row == 0 else "loss")
            return
        spec = self.network.layers[at]
        name = clean(spec.name, 40)
        if spec.name not in nn.layers:
            self.say(
                f"No layer is called {name}, so it has no form.",
                "{delete} deletes it, {add} adds another layer below it.",
            )
            return
        if not nn.layers[spec.name].arguments:
            self.say(f"{name} has no arguments to edit.", "{delete} deletes it, {add} adds another layer below it.")
            return

        def done(changed: Spec | None) -> None:
            if changed is not None:
                self.edit(self.network.change(at, changed))

        def preview(changed: Spec) -> str:
            return _preview(self.network.change(at, changed), at)

        title = f"Edit layer {at + 1}: {name}"
        self.app.push_screen(LayerForm(spec.name, dict(spec.arguments), preview, title=title), done)

    def open_settings(self, first: str) -> None:
        """Open the settings; given by the training commands."""
        raise NotImplementedError

    def action_delete(self) -> None:
        """Delete the selected layer."""
        at = self.position
        if at is None:
            self.say("Only layers can be deleted.", "j and k choose one.")
        else:
            gone = self._named(at)
            self.edit(self.network.remove(at), self.row)
            self._tell(f"{gone} is deleted.")

    def action_move_up(self) -> None:
        """Move the selected layer up."""
        self._move(-1)

    def action_move_down(self) -> None:
        """Move the selected layer down."""
        self._move(1)

    def _move(self, by: int) -> None:
        at = self.position
        if at is None:
            self.say("Only layers can be moved.", "j and k choose one.")
        elif 0 <= at + by < len(self.network.layers):
            moved = self._named(at)
            self.edit(self.network.move(at, at + by), self.row + by)
            self._tell(f"{moved} is layer {at + by + 1} now.")
        else:
            self.say("It is the first layer already." if by < 0 else "It is the last layer already.")

    def action_duplicate(self) -> None:
        """Duplicate the selected layer below itself."""
        at = self.position
        if at is None:
            self.say("Only layers can be duplicated.", "j and k choose one.")
        else:
            self.edit(self.network.insert(at + 1, self.network.layers[at]), self.row + 1)
            self._tell(f"{self._named(at)} stands twice now.")

    def _named(self, at: int) -> str:
        return f"Layer {at + 1}, {clean(nn.layers.label(self.network.layers[at]), 60)},"

    def _tell(self, done: str) -> None:
        """Say what an edit has done, where the stack is out of sight."""
        if self.maximized is not None and self.maximized is not self.query_one(StackPanel):
            self.say(done, "{undo} takes it back.")

    def action_undo(self) -> None:
        """Back to the network before the last edit."""
        if self.history.undo():
            self.changed()
        else:
            self.say("Nothing to undo.")

    def action_redo(self) -> None:
        """Forward again."""
        if self.history.redo():
            self.changed()
        else:
            self.say("Nothing to redo.")

    def action_repair(self) -> None:
        """Apply the first repair of a fault, or else the first fix of a hint."""
        offers = self.offers or _fixes(self.network)
        if offers:
            self._apply(offers[0])
        elif not self.network.layers:
            self.say("Nothing to repair: the stack is empty.", "{add} adds a layer, {presets} offers networks.")
        elif trace(self.network).fault is None:
            self.say("Nothing to repair: the stack runs.")
        else:
            self.say(
                "No repair is known for this fault.", "{edit} edits the layer, {undo} undoes the last edit.", "warning"
            )

    def _apply(self, repair: Repair) -> None:
        self.edit(repair.network)
        self.say(f"Repaired: {repair.text}.", "{undo} takes it back.")

    def action_repairs(self) -> None:
        """Choose among the repairs, or take all that are needed."""
        from nnviz.tui.screens.choices import Choice, ChoiceScreen

        offers = list(self.offers) or _fixes(self.network)
        if not offers:
            self.action_repair()
            return
        if self.offers:
            network, done = repair_all(self.network)
            if len(done) > 1:
                offers.append(Repair(f"all {len(done)}: {'; '.join(done)}", network))
        choices = [Choice(offer.text, _outlook(offer.network)) for offer in offers]

        def done_choosing(number: int | None) -> None:
            if number is not None:
                self._apply(offers[number])

        self.app.push_screen(ChoiceScreen("Repairs" if self.offers else "Fixes", choices), done_choosing)

    def action_presets(self) -> None:
        """Begin with a network that is ready."""
        from nnviz.tui.screens.choices import Choice, ChoiceScreen

        networks = [preset.make() for preset in PRESETS]
        choices = [
            Choice(preset.name, f"Look for: {preset.look}.\n{_outlook(network)}")
            for preset, network in zip(PRESETS, networks, strict=True)
        ]

        def done(number: int | None) -> None:
            if number is not None:
                # Another network, not an edit of this one: it takes no weights along, and nothing of it is folded.
                self.walker.folds = frozenset()
                self.begin(Run(networks[number], planned=self.session.planned), 1)
                self.say(f"{PRESETS[number].name}: {PRESETS[number].look}.", "{undo} brings the former network back.")

        self.app.push_screen(ChoiceScreen("New network", choices), done)

    def action_collapse(self) -> None:
        """The one layer that Linear layers with nothing between them equal."""
        from nnviz.tui.screens.collapse import CollapseScreen

        fault = trace(self.network).fault
        if fault is not None:
            self.say(f"The stack cannot run: {fault.message}", self.remedy, "warning")
            return
        found = merge(self.network, self.run.learned(self.state), self.position)
        if found is None:
            self.say(
                "No two Linear layers stand with nothing between them.",
                "Where they do, {collapse} shows the one layer they equal; {delete} deletes a bend between two.",
            )
            return

        def done(replace: bool | None) -> None:
            if replace:
                self.edit(found.network, found.first + 1, found.weights)

        self.app.push_screen(CollapseScreen(found), done)


def _fixes(network: Network) -> list[Repair]:
    """What the hints offer."""
    return [hint.fix for hint in hints(network) if hint.fix is not None]


def _outlook(network: Network) -> str:
    """What a network would be: its shapes from row to row, and whether it runs."""
    found = trace(network)
    steps = [f"x {shape_text(found.input)}"]
    for row in found.rows:
        label = nn.layers.label(row.spec)
        steps.append(f"{label} {'✗' if row.output is None else shape_text(row.output)}")
    shown = steps if len(steps) <= 14 else [*steps[:8], f"… {len(steps) - 12} more", *steps[-4:]]
    if found.fault is None:
        end = f"It runs: {found.parameters:,} parameters, data {network.settings.data.name}."
    else:
        where = "the loss" if found.faulty == len(found.rows) else f"layer {(found.faulty or 0) + 1}"
        end = f"Then {where} says: {found.fault.message}"
    return f"{' → '.join(shown)}\n{end}"


def _preview(network: Network, at: int) -> str:
    """What the row at position `at` would be, in words."""
    row = trace(network).rows[at]
    if row.fault is not None:
        return f"✗ {row.fault.message}"
    if row.input is None or row.output is None:
        return "the stack has a fault above this layer"
    return f"{shape_text(row.input)} → {shape_text(row.output)}, {row.parameters:,} parameters"

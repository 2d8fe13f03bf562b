"""What the commands on the stack do."""

from __future__ import annotations

from nnviz import nn
from nnviz.catalogue import Spec, Value
from nnviz.network import Network, trace
from nnviz.tui.screens.layer_form import LayerForm
from nnviz.tui.screens.picker import LayerPicker
from nnviz.tui.widgets.stack import shape_text
from nnviz.tui.workbench import Workbench

NEW_SIZE = 8
"""What a new layer's open sizes start at in the form: the width of Playground's own layers."""


class StackActions(Workbench):
    """Add, edit, delete, move, duplicate, undo, redo, repair."""

    def action_add(self) -> None:
        """Pick a layer and put it below the selected row."""
        at = min(self.row, len(self.network.layers))
        self.app.push_screen(LayerPicker(), lambda name: self._add(name, at))

    def _add(self, name: str | None, at: int) -> None:
        if name is None:
            return
        entry = nn.layers[name]
        fitted = self._fitted(name, at)
        open_sizes: dict[str, Value] = {a.name: NEW_SIZE for a in entry.arguments if a.required}
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
        at = self.position
        if at is None:
            self.open_settings("data" if self.row == 0 else "loss")
            return
        spec = self.network.layers[at]
        if not nn.layers[spec.name].arguments:
            self.say(f"{spec.name} has no arguments to edit.", "d deletes it, a adds another layer below it.")
            return

        def done(changed: Spec | None) -> None:
            if changed is not None:
                self.edit(self.network.change(at, changed))

        def preview(changed: Spec) -> str:
            return _preview(self.network.change(at, changed), at)

        title = f"Edit layer {at + 1}: {spec.name}"
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
            self.edit(self.network.remove(at), self.row)

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
            self.edit(self.network.move(at, at + by), self.row + by)
        else:
            self.say("It is the first layer already." if by < 0 else "It is the last layer already.")

    def action_duplicate(self) -> None:
        """Duplicate the selected layer below itself."""
        at = self.position
        if at is None:
            self.say("Only layers can be duplicated.", "j and k choose one.")
        else:
            self.edit(self.network.insert(at + 1, self.network.layers[at]), self.row + 1)

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
        """Apply the first offered repair."""
        if self.offers:
            offer = self.offers[0]
            self.edit(offer.network)
            self.say(f"Repaired: {offer.text}.", "u takes it back.")
        elif trace(self.network).fault is None:
            self.say("Nothing to repair: the stack runs.")
        else:
            self.say("No repair is known for this fault.", "e edits the layer, u undoes the last edit.", "warning")


def _preview(network: Network, at: int) -> str:
    """What the row at position `at` would be, in words."""
    row = trace(network).rows[at]
    if row.fault is not None:
        return f"✗ {row.fault.message}"
    if row.input is None or row.output is None:
        return "the stack has a fault above this layer"
    return f"{shape_text(row.input)} → {shape_text(row.output)}, {row.parameters:,} parameters"

"""The commands: one declaration each, from which come the key, the footer, the palette entry and the help line.

A command's id is the name under which its keys can be remapped and, but for a few, the action that carries it out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from textual.binding import Binding

_ID = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Command:
    """One thing the user can have done.

    Attributes:
        id: the action's name, and the id for remapping.
        keys: the keys, with commas between.
        label: what the footer says; empty where the footer leaves it out.
        about: what the palette and the help say.
        group: the heading it stands under in the help.
        shown: how the footer and the help write the key.
        action: what Textual runs; the id itself where left out.
    """

    id: str
    keys: str
    label: str
    about: str
    group: str
    shown: str
    action: str = ""

    def binding(self) -> Binding:
        """The command as Textual's binding."""
        return Binding(
            self.keys,
            self.action or self.id,
            self.label or self.about,
            show=bool(self.label),
            key_display=self.shown,
            tooltip=self.about,
            id=self.id,
        )


STACK, TRAINING, WALK, VIEW = "Stack", "Training", "Walk", "View"

COMMANDS = (
    Command("train", "space", "Train", "train, or pause", TRAINING, "␣"),
    Command("add", "a", "Add", "add a layer below the selected one", STACK, "a"),
    Command("edit", "e,enter", "Edit", "edit the selected layer's arguments", STACK, "e"),
    Command("delete", "d,delete", "Del", "delete the selected layer", STACK, "d"),
    Command("move_up", "K,shift+up", "", "move the selected layer up", STACK, "K"),
    Command("move_down", "J,shift+down", "Move", "move the selected layer down", STACK, "KJ"),
    Command("duplicate", "y", "", "duplicate the selected layer", STACK, "y"),
    Command("undo", "u", "Undo", "undo the last edit", STACK, "uU"),
    Command("redo", "U", "", "redo what was undone", STACK, "U"),
    Command("repair", "f", "Fix", "apply the first repair, or the fix of a hint", STACK, "fF"),
    Command("repairs", "F", "", "choose among the repairs, or repair all", STACK, "F"),
    Command("collapse", "c", "Merge", "linear after linear: the one layer they equal", STACK, "c"),
    Command("step", "s", "Step", "train one step", TRAINING, "sS"),
    Command("epoch", "S", "", "train to the end of the epoch", TRAINING, "S"),
    Command("reset", "r", "Anew", "back to the same initial weights", TRAINING, "rR"),
    Command("reseed", "R", "", "start from a new seed", TRAINING, "R"),
    Command("settings", "o", "Setup", "settings: data, batch, loss, optimizer, rate, seed", TRAINING, "o"),
    Command("presets", "ctrl+n", "New", "presets: networks worth looking at", STACK, "^n"),
    Command("panel_1", "1", "Go", "panel 1: the stack", VIEW, "1-4", "panel(1)"),
    Command("panel_2", "2", "", "panel 2: the graph of operations", VIEW, "2", "panel(2)"),
    Command("panel_3", "3", "", "panel 3: activation functions", VIEW, "3", "panel(3)"),
    Command("panel_4", "4", "", "panel 4: training", VIEW, "4", "panel(4)"),
    Command("walk_next", "n,full_stop", "Walk", "walk: the next operation, with its numbers", WALK, "np", "walk(1)"),
    Command("walk_previous", "p,comma", "", "walk: the operation before", WALK, "p", "walk(-1)"),
    Command("walk_play", "w", "Play", "walk by itself, or stop", WALK, "w"),
    Command("walk_backward", "b", "Back", "walk: to where backward starts, at the loss", WALK, "b"),
    Command("walk_predict", "P", "", "walk a prediction, or a training step", WALK, "P"),
    Command("walk_first", "home", "", "walk: to its start", WALK, "home", "walk_to(0)"),
    Command("walk_last", "end", "", "walk: to its last stop", WALK, "end", "walk_to(-1)"),
    Command("element", "x", "", "walk: the computation behind the chosen element", WALK, "x"),
    Command("next_input", "right_square_bracket", "", "walk: the gradient of the next input", WALK, "]", "input(1)"),
    Command("last_input", "left_square_bracket", "", "walk: the gradient of the input before", WALK, "[", "input(-1)"),
    Command("next_slice", "pagedown", "", "walk: the next channel or sample", WALK, "PgDn", "slice(1)"),
    Command("last_slice", "pageup", "", "walk: the channel or sample before", WALK, "PgUp", "slice(-1)"),
    Command("leave", "escape", "", "leave the walk, or a panel that fills the screen", WALK, "esc"),
    Command("fold", "minus", "", "fold the selected layer into one node; again: all", WALK, "-"),
    Command("unfold", "plus", "", "unfold it; again: all", WALK, "+", "unfold_layer"),
    Command("order", "m", "", "train by the plan, or on the tape", VIEW, "m"),
    Command("plan_view", "v", "View", "graph: the picture, or tape and plan side by side", VIEW, "v"),
    Command("log_scale", "l", "", "loss on a logarithmic axis, or a plain one", VIEW, "l"),
    Command("palette", "ctrl+p", "Find", "palette: every command by name", VIEW, "^p", "app.command_palette"),
    Command("theme", "t", "", "next theme", VIEW, "t"),
    Command("help", "question_mark", "Help", "this panel, all keys, and how to begin", VIEW, "?"),
    Command("quit", "q", "Quit", "quit nnviz", VIEW, "q", "app.quit"),
)


def with_keys(text: str, keys: Mapping[str, str]) -> str:
    """The text with a command's key where its id stands in braces; other braces stay as they are.

    Args:
        text: for example "{undo} takes it back."
        keys: the key of each command by its id, as one writes it.
    """
    return _ID.sub(lambda found: keys.get(found[1], found[0]), text)

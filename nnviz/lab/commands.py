"""All commands: each declared once, in the order in which the footer and the README show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from nnviz.lab import edits, stack, training, view, walk
from nnviz.lab.command import STACK, TRAINING, VIEW, WALK, Command

COMMANDS = (
    Command("train", "space", "Train", "train, or pause", TRAINING, "␣", training.train),
    Command("add", "a", "Add", "add a layer below the selected one", STACK, "a", stack.add),
    Command("edit", "e,enter", "Edit", "edit the selected layer's arguments", STACK, "e", stack.edit_selected),
    Command("delete", "d,delete", "Del", "delete the selected layer", STACK, "d", stack.delete),
    Command("move_up", "K,shift+up", "", "move the selected layer up", STACK, "K", partial(stack.move, by=-1)),
    Command("move_down", "J,shift+down", "Move", "move the selected layer down", STACK, "KJ", partial(stack.move, by=1)),
    Command("duplicate", "y", "", "duplicate the selected layer", STACK, "y", stack.duplicate),
    Command("swap", "x", "Swap", "swap the selected activation for another; all weights are kept", STACK, "x", stack.swap),
    Command("undo", "u", "Undo", "undo the last edit", STACK, "uU", edits.undo),
    Command("redo", "U", "", "redo what was undone", STACK, "U", edits.redo),
    Command("repair", "f", "Fix", "apply the first fix", STACK, "fF", stack.fix),
    Command("repairs", "F", "", "choose among the fixes, or apply all", STACK, "F", stack.fixes),
    Command("collapse", "c", "Merge", "show the one layer that consecutive linear layers equal", STACK, "c", stack.merge),
    Command("step", "s", "Step", "train one step", TRAINING, "sS", training.step),
    Command("epoch", "S", "", "train to the end of the epoch", TRAINING, "S", training.epoch),
    Command("reset", "r", "Anew", "back to the same initial weights", TRAINING, "rR", training.reset),
    Command("reseed", "R", "", "start from a new seed", TRAINING, "R", training.reseed),
    Command("settings", "o", "Setup", "settings: data, batch, loss, optimizer, rate, seed", TRAINING, "o", training.settings),
    Command("presets", "ctrl+n", "New", "presets: networks worth looking at", STACK, "^n", stack.presets),
    Command("walk_next", "n,full_stop", "Walk", "walk: the next operation, with its numbers", WALK, "np", partial(walk.walk, by=1)),
    Command("walk_previous", "p,comma", "", "walk: the operation before", WALK, "p", partial(walk.walk, by=-1)),
    Command("walk_play", "w", "Play", "walk by itself, or stop", WALK, "w", walk.play),
    Command("walk_backward", "b", "Back", "walk: to where backward starts, at the loss", WALK, "b", walk.backward),
    Command("walk_predict", "P", "", "walk a prediction, or a training step", WALK, "P", walk.predict),
    Command("walk_first", "home", "", "walk: to its start", WALK, "home", partial(walk.walk_to, position=0)),
    Command("walk_last", "end", "", "walk: to its last stop", WALK, "end", partial(walk.walk_to, position=-1)),
    Command("element", "i", "", "walk: the computation inside the chosen element", WALK, "i", walk.element),
    Command("next_input", "right_square_bracket", "", "walk: the gradient of the next input", WALK, "]", partial(walk.turn, by=1)),
    Command("last_input", "left_square_bracket", "", "walk: the gradient of the input before", WALK, "[", partial(walk.turn, by=-1)),
    Command("next_slice", "pagedown", "", "walk: the next channel or sample", WALK, "PgDn", partial(walk.lead, by=1)),
    Command("last_slice", "pageup", "", "walk: the channel or sample before", WALK, "PgUp", partial(walk.lead, by=-1)),
    Command("leave", "escape", "", "leave the walk, or a panel that fills the screen", WALK, "esc", walk.leave),
    Command("fold", "minus", "", "fold the selected layer into one node; again: all", WALK, "-", walk.fold),
    Command("unfold", "plus", "", "unfold it; again: all", WALK, "+", walk.unfold),
    Command("order", "m", "", "train by the plan, or on the tape", VIEW, "m", training.use),
    Command("plan_view", "v", "View", "graph: the picture, or tape and plan side by side", VIEW, "v", view.plan_view),
    Command("log_scale", "l", "", "loss on a logarithmic axis, or a plain one", VIEW, "l", view.log_scale),
    Command("palette", "ctrl+p", "Find", "palette: every command by name", VIEW, "^p", view.palette),
    Command("theme", "t", "", "next theme", VIEW, "t", view.theme),
    Command("help", "question_mark", "Help", "this panel, all keys, and how to begin", VIEW, "?", view.show_help),
    Command("quit", "q", "Quit", "quit nnviz", VIEW, "q", view.leave_program),
)  # fmt: skip


def clashes(commands: Iterable[Command], keys: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Each key that is bound to two commands in one place, with the ids of both.

    On a panel, its own key takes precedence over a key that works everywhere, so those two do not clash.

    Args:
        commands: the commands.
        keys: user-defined keys by command id; all others are the defaults.
    """
    owners: dict[tuple[str, str], str] = {}
    found = []
    for command in commands:
        for key in keys.get(command.id, command.keys).split(","):
            other = owners.setdefault((command.where, key), command.id)
            if other != command.id:
                found.append((key, other, command.id))
    return found

"""All commands: each declared once, in the order in which the help and the README show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from nnviz.lab import curves, edits, files, fits, layer, loss, race, rate, samples, stack, training, view, walk
from nnviz.lab.command import CURVES, DATA, FILES, FITTING, LAYER, LOSS, RACE, STACK, TRAINING, VIEW, WALK, Command

COMMANDS = (
    Command("train", "space", "train", "train, or pause", TRAINING, training.train),
    Command("add", "a", "add", "add a layer below the selected one", STACK, stack.add),
    Command("edit", "e,enter", "edit", "edit the selected layer's arguments", STACK, stack.edit_selected),
    Command("delete", "d,delete", "delete", "delete the selected layer", STACK, stack.delete),
    Command("move_up", "K,shift+up", "move", "move the selected layer up", STACK, partial(stack.move, by=-1)),
    Command("move_down", "J,shift+down", "move", "move the selected layer down", STACK, partial(stack.move, by=1)),
    Command("duplicate", "y", "duplicate", "duplicate the selected layer", STACK, stack.duplicate),
    Command("swap", "x", "swap", "swap the selected activation, or the nearest, for another; all weights are kept", STACK, stack.swap),
    Command("undo", "u", "undo", "undo the last edit", STACK, edits.undo),
    Command("redo", "U", "redo", "redo what was undone", STACK, edits.redo),
    Command("repair", "f", "fix", "apply the first fix", STACK, stack.fix),
    Command("repairs", "F", "fixes", "choose among the fixes, or apply all", STACK, stack.fixes),
    Command("collapse", "c", "merge", "show the one layer that consecutive linear layers equal", STACK, stack.merge),
    Command("step", "s", "step", "train one step", TRAINING, training.step),
    Command("epoch", "S", "epoch", "train to the end of the epoch", TRAINING, training.epoch),
    Command("slower", "less_than_sign", "pace", "train slower: in the end one step a second", TRAINING, partial(training.pace, by=-1)),
    Command("faster", "greater_than_sign", "pace", "train faster: in the end at full speed", TRAINING, partial(training.pace, by=1)),
    Command("rate_down", "left_parenthesis", "rate", "a smaller learning rate, while it trains too: 1, 0.3, 0.1, ...", TRAINING, partial(rate.rate, by=-1)),
    Command("rate_up", "right_parenthesis", "rate", "a larger learning rate", TRAINING, partial(rate.rate, by=1)),
    Command("reset", "r", "restart", "back to the same initial weights", TRAINING, training.reset),
    Command("reseed", "R", "new seed", "start from a new seed", TRAINING, training.reseed),
    Command("settings", "o", "settings", "settings: data, batch, loss, optimizer, rate, seed", TRAINING, training.settings),
    Command("presets", "ctrl+n", "networks", "presets: networks worth looking at", STACK, stack.presets),
    Command("save", "ctrl+s", "save", "save the network with its weights, optimizer, step and history", FILES, files.save),
    Command("save_as", "W", "save as", "save under another name", FILES, files.save_as),
    Command("open", "ctrl+o", "open", "open a model file, with what was saved beside it, or data of your own", FILES, files.open_file),
    Command("copy_line", "Y", "copy line", "copy the network as a line that opens it: nnviz 'LINE'", FILES, files.copy_line),
    Command("walk_next", "n,full_stop", "walk", "walk: the next operation, with its numbers", WALK, partial(walk.walk, by=1)),
    Command("walk_previous", "p,comma", "walk", "walk: the operation before", WALK, partial(walk.walk, by=-1)),
    Command("walk_play", "w", "play", "walk by itself, or stop", WALK, walk.play),
    Command("walk_backward", "b", "backward", "walk: to where backward starts, at the loss", WALK, walk.backward),
    Command("walk_predict", "P", "predict", "walk a prediction, or a training step", WALK, walk.predict),
    Command("walk_first", "home", "start", "walk: to its start", WALK, partial(walk.walk_to, position=0), "walk"),
    Command("walk_last", "end", "end", "walk: to its last stop", WALK, partial(walk.walk_to, position=-1), "walk"),
    Command("element", "i", "inside", "walk: the computation inside the chosen element", WALK, walk.element, "walk"),
    Command("next_input", "right_square_bracket", "gradient", "walk: the gradient of the next input", WALK, partial(walk.turn, by=1), "walk"),
    Command("last_input", "left_square_bracket", "gradient", "walk: the gradient of the input before", WALK, partial(walk.turn, by=-1), "walk"),
    Command("next_slice", "pagedown", "channel", "walk: the next channel or sample", WALK, partial(walk.lead, by=1), "walk"),
    Command("last_slice", "pageup", "channel", "walk: the channel or sample before", WALK, partial(walk.lead, by=-1), "walk"),
    Command("leave", "escape", "leave", "leave the walk, or a panel that fills the screen", WALK, walk.leave),
    Command("data_sort", "z", "sort", "data: sort by loss, by confidence or by number", DATA, samples.sort, "samples"),
    Command("data_wrong", "X", "wrong only", "data: only samples that are predicted wrongly, or all", DATA, samples.wrong, "samples"),
    Command("data_side", "T", "train/test", "data: the training samples, or the test samples", DATA, samples.side, "samples"),
    Command("data_matrix", "C", "matrix", "data: to the confusion matrix, or predicted against true, and back", DATA, samples.matrix, "samples"),
    Command("data_gallery", "g", "gallery", "data: the images side by side, or the list", DATA, samples.gallery, "samples"),
    Command("data_cell", "enter", "list cell", "data: list the samples of a cell of the confusion matrix; again: all", DATA, samples.cell, "confusion"),
    Command("data_all", "0", "all", "data: list all samples", DATA, samples.unfiltered, "samples"),
    Command("data_walk", "enter", "walk it", "data: walk through the chosen sample alone, layer by layer", DATA, samples.walk_sample, "samples"),
    Command("metrics", "M", "metrics", "training: choose metrics as curves", TRAINING, samples.metrics),
    Command("fold", "minus", "fold", "fold the selected layer into one node; again: all", WALK, walk.fold),
    Command("unfold", "plus", "fold", "unfold it; again: all", WALK, walk.unfold),
    Command("why", "i", "why", "layer: why the chosen weight moved in the last step", LAYER, layer.why, "layer"),
    Command("set_weight", "equals_sign", "set", "layer: give the chosen weight another value", LAYER, layer.set_weight, "layer"),
    Command("next_parameter", "right_square_bracket", "parameter", "layer: the next parameter, or the next image", LAYER, partial(layer.turn, by=1), "layer"),
    Command("last_parameter", "left_square_bracket", "parameter", "layer: the parameter before, or the image before", LAYER, partial(layer.turn, by=-1), "layer"),
    Command("neurons", "N", "neurons", "layer: every neuron as a small map, or the weights", LAYER, partial(layer.show_page, page="neurons"), "layer"),
    Command("gradients", "g", "gradients", "layer: the gradients of all parameters, or one layer", LAYER, partial(layer.show_page, page="gradients"), "layer"),
    Command("sort", "z", "sort", "layer: sort all gradients by the next column", LAYER, layer.sort, "layer"),
    Command("fit_target", "equals_sign", "type", "fitting: type a function to fit, such as sin(x) + 0.3*x", FITTING, fits.ask_target, "fits"),
    Command("fit_targets", "E", "functions", "fitting: choose a function to fit", FITTING, fits.targets, "fits"),
    Command("fit_more", "plus", "size", "fitting: more waves, a higher degree or wider layers", FITTING, partial(fits.resize, by=1), "fits"),
    Command("fit_less", "minus", "size", "fitting: fewer waves, a lower degree or narrower layers", FITTING, partial(fits.resize, by=-1), "fits"),
    Command("fit_right", "right_square_bracket", "Taylor's point", "fitting: move the point of the Taylor polynomial right", FITTING, partial(fits.move, by=1), "fits"),
    Command("fit_left", "left_square_bracket", "Taylor's point", "fitting: move it left", FITTING, partial(fits.move, by=-1), "fits"),
    Command("fit_toggle", "enter", "hide", "fitting: hide the chosen fit, or draw it", FITTING, fits.toggle, "fits"),
    Command("fit_reach", "O", "outside", "fitting: how far the picture goes beyond the range", FITTING, fits.reach, "fits"),
    Command("fit_numbers", "i", "numbers", "fitting: the numbers of the chosen fit: coefficients, or the straight pieces", FITTING, fits.numbers, "fits"),
    Command("curves", "A", "compare", "activations: compare any of them, or show the selected one", CURVES, curves.compare, "activation"),
    Command("curve_toggle", "enter", "draw", "activations: draw the function under the cursor, or no longer", CURVES, curves.toggle, "curves"),
    Command("curves_table", "B", "table", "activations: the table of all of them, or their curves", CURVES, curves.table, "activation"),
    Command("curves_drawn", "D", "f f′", "activations: draw f and f′, f alone, or f′ alone", CURVES, curves.drawn, "activation"),
    Command("curves_chord", "C", "chord", "activations: the chord that shows whether the function is convex", CURVES, curves.chord, "activation"),
    Command("curves_narrower", "left_square_bracket", "range", "activations: a narrower range of z", CURVES, partial(curves.wider, by=-1), "activation"),
    Command("curves_wider", "right_square_bracket", "range", "activations: a wider range of z", CURVES, partial(curves.wider, by=1), "activation"),
    Command("curves_finer", "slash", "step", "activations: smaller steps of the reading line", CURVES, partial(curves.coarser, by=-1), "activation"),
    Command("curves_coarser", "asterisk", "step", "activations: larger steps of the reading line", CURVES, partial(curves.coarser, by=1), "activation"),
    Command("curves_sort", "z", "sort", "activations: sort by the next column", CURVES, curves.sort, "activation"),
    Command("curves_slope", "L", "slope a", "activations: the next slope a of LeakyReLU", CURVES, curves.slope, "activation"),
    Command("curves_time", "T", "time", "activations: measure the time of a million numbers, or stop", CURVES, curves.measure, "activation"),
    Command("loss_page", "V", "map", "loss: a map of the loss over two directions in the weights, or the curves", LOSS, loss.page, "loss"),
    Command("loss_mover", "O", "output/weight", "loss: move an output, or a weight", LOSS, loss.mover, "loss"),
    Command("loss_directions", "D", "directions", "loss: the map along random directions, along the path, or along two weights", LOSS, loss.directions, "loss"),
    Command("loss_next", "right_square_bracket", "next", "loss: the next output, weight or random directions", LOSS, partial(loss.turn, by=1), "loss"),
    Command("loss_last", "left_square_bracket", "next", "loss: the output, weight or random directions before", LOSS, partial(loss.turn, by=-1), "loss"),
    Command("loss_other_next", "pagedown", "sample", "loss: the next sample, ten weights on, or the map's second weight", LOSS, partial(loss.turn_other, by=1), "loss"),
    Command("loss_other_last", "pageup", "sample", "loss: the sample before, ten weights back, or the map's second weight", LOSS, partial(loss.turn_other, by=-1), "loss"),
    Command("loss_end", "enter", "other end", "loss: let the arrow keys move the other end of the chord", LOSS, loss.other_end, "loss"),
    Command("loss_chord", "H", "chord", "loss: the chord again that lies below the graph by most", LOSS, loss.found_chord, "loss"),
    Command("race", "G", "race", "race: the network with other activations, rates, seeds, ... side by side", RACE, race.open_page),
    Command("race_go", "space", "go", "race: begin, pause, or go on", RACE, race.go, "race"),
    Command("race_take", "enter", "take", "race: take the chosen one into the stack", RACE, race.take, "race"),
    Command("race_next", "right_square_bracket", "vary", "race: vary the next thing", RACE, partial(race.turn, by=1), "race"),
    Command("race_last", "left_square_bracket", "vary", "race: vary the thing before", RACE, partial(race.turn, by=-1), "race"),
    Command("race_more", "plus", "seeds", "race: more seeds for each", RACE, partial(race.more_seeds, by=1), "race"),
    Command("race_fewer", "minus", "seeds", "race: fewer seeds for each", RACE, partial(race.more_seeds, by=-1), "race"),
    Command("race_longer", "greater_than_sign", "steps", "race: more steps", RACE, partial(race.longer, by=1), "race"),
    Command("race_shorter", "less_than_sign", "steps", "race: fewer steps", RACE, partial(race.longer, by=-1), "race"),
    Command("race_cancel", "escape", "cancel", "race: end it before it is over", RACE, race.cancel, "race"),
    Command("order", "m", "plan or tape", "train by the plan, or on the tape", VIEW, training.use),
    Command("plan_view", "v", "tape and plan", "graph: the picture, or tape and plan side by side", VIEW, view.plan_view),
    Command("log_scale", "l", "log scale", "loss on a logarithmic axis, or a plain one", VIEW, view.log_scale),
    Command("palette", "ctrl+p", "find", "palette: every command by name", VIEW, view.palette),
    Command("theme", "t", "theme", "next theme", VIEW, view.theme),
    Command("help", "question_mark", "help", "how the numbers here come about, this page, how to begin, and all keys", VIEW, view.show_help),
    Command("quit", "q", "quit", "quit nnviz", VIEW, view.leave_program),
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

"""The commands on the stack."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from nnviz import nn
from nnviz.engine import Train
from nnviz.lab.command import Result
from nnviz.lab.edits import edit, edit_toast, open_run
from nnviz.lab.effects import Choice, Choose, ComputeMerge, EditLayer, Open, PickLayer, Question, ShowMerge, Toast
from nnviz.lab.lab import Lab
from nnviz.lab.training import open_settings
from nnviz.lab.troubles import suggested_fixes
from nnviz.network import (
    PRESETS,
    Fix,
    Network,
    arriving,
    fix_all,
    inferred_arguments,
    layer_summary,
    linear_chains,
    network_changes,
    network_steps,
    network_summary,
    network_verdict,
    trace,
)
from nnviz.registry import Spec, Value
from nnviz.run import Run, begins_anew
from nnviz.run.merge import Merge

NEW_SIZE = 8
"""Initial value, in the form, of sizes that the shapes do not determine: the width of Playground's layers."""

ACTIVATION = "activation"
"""The category of the layers that can be swapped for each other."""

CHOOSE = "j and k choose one."


def add(lab: Lab) -> Result:
    """Choose a layer and put it below the selected row."""
    at = min(lab.row, len(lab.network.layers))
    return lab, (Open(PickLayer(), partial(_picked, at=at)),)


def _picked(lab: Lab, name: str, at: int) -> Result:
    entry = nn.layers[name]
    if not entry.arguments:
        return _insert(lab, Spec(name), at)
    dictated = inferred_arguments(lab.network, name, at)
    open_sizes: dict[str, Value] = {
        a.name: a.choices[0] if a.choices else NEW_SIZE for a in entry.arguments if a.required
    }
    origin, questions = arriving(lab.network, at), {}
    if isinstance(entry.factory, type) and issubclass(entry.factory, nn.Module):
        asked = entry.factory.questions
        questions = {name: Question(asked[name], dictated[name], origin) for name in asked if name in dictated}
    open_ones = (a.name for a in entry.arguments if a.required and (a.name not in dictated or a.name in questions))
    first = next(open_ones, "")
    form = EditLayer(
        name,
        open_sizes | dictated,
        lambda spec: layer_summary(lab.network.insert(at, spec), at),
        first,
        f"Add layer {at + 1}: {name}",
        questions,
    )
    return lab, (Open(form, partial(_insert, at=at)),)


def _insert(lab: Lab, spec: Spec, at: int) -> Result:
    edited = lab.network.insert(at, nn.layers.check(spec))
    return _with_toast(edit(lab, edited, at + 1), f"{_layer_name(edited, at)} is added.")


def edit_selected(lab: Lab) -> Result:
    """Edit the selected row: a layer's arguments, or the settings for input and loss."""
    at = lab.position
    if at is None:
        return open_settings(lab, "data" if lab.row == 0 else "loss")
    spec = lab.network.layers[at]
    name = spec.name[:40]
    advice = "{delete} deletes it, {add} adds another layer below it."
    if spec.name not in nn.layers:
        return lab, (Toast(f"No layer is called {name}, so it has no form.", advice),)
    if not nn.layers[spec.name].arguments:
        return lab, (Toast(f"{name} has no arguments to edit.", advice),)
    form = EditLayer(
        spec.name,
        dict(spec.arguments),
        lambda changed: layer_summary(lab.network.change(at, changed), at),
        "",
        f"Edit layer {at + 1}: {name}",
    )
    return lab, (Open(form, partial(_change, at=at)),)


def _change(lab: Lab, spec: Spec, at: int) -> Result:
    edited = lab.network.change(at, spec)
    if edited == lab.network:
        return lab, ()
    done = f"Layer {at + 1} was {nn.layers.label(lab.network.layers[at])[:60]} and is now {nn.layers.label(spec)[:60]}."
    return _with_toast(edit(lab, edited), done)


def swap(lab: Lab) -> Result:
    """Choose another activation for the one that the activation page shows: the selected one, or the nearest.

    The run goes on with its weights, history and step.
    """
    network = lab.network
    found = [at for at in range(len(network.layers)) if _is_activation(network, at)]
    if not found:
        return lab, (Toast("There is no activation to swap in this stack.", "{add} adds one."),)
    at = next((one for one in found if one >= lab.row - 1), found[-1])
    name = network.layers[at].name
    dialog = PickLayer(f"Swap layer {at + 1}: {name[:40]}", "swap", ACTIVATION, name)
    return lab, (Open(dialog, partial(_swapped, at=at)),)


def _swapped(lab: Lab, name: str, at: int) -> Result:
    if name == lab.network.layers[at].name:
        # Its arguments are kept.
        return lab, ()
    return _change(lab, nn.layers.check(Spec.of(name, **inferred_arguments(lab.network, name, at))), at)


def _is_activation(network: Network, at: int) -> bool:
    name = network.layers[at].name
    return name in nn.layers and nn.layers[name].category == ACTIVATION


def delete(lab: Lab) -> Result:
    """Delete the selected layer."""
    at = lab.position
    if at is None:
        return lab, (Toast("Only layers can be deleted.", CHOOSE),)
    return _with_toast(edit(lab, lab.network.remove(at), lab.row), f"{_layer_name(lab.network, at)} is deleted.")


def move(lab: Lab, by: int) -> Result:
    """Move the selected layer up or down."""
    at, network = lab.position, lab.network
    if at is None:
        return lab, (Toast("Only layers can be moved.", CHOOSE),)
    if not 0 <= at + by < len(network.layers):
        return lab, (Toast("It is the first layer already." if by < 0 else "It is the last layer already."),)
    done = f"{_layer_name(network, at)} is now layer {at + by + 1}."
    return _with_toast(edit(lab, network.move(at, at + by), lab.row + by), done)


def duplicate(lab: Lab) -> Result:
    """Duplicate the selected layer below itself."""
    at, network = lab.position, lab.network
    if at is None:
        return lab, (Toast("Only layers can be duplicated.", CHOOSE),)
    edited = network.insert(at + 1, network.layers[at])
    return _with_toast(edit(lab, edited, lab.row + 1), f"{_layer_name(network, at)} is duplicated.")


def _with_toast(result: Result, done: str) -> Result:
    lab, effects = result
    return lab, (*effects, *edit_toast(lab, done))


def _layer_name(network: Network, at: int) -> str:
    return f"Layer {at + 1}, {nn.layers.label(network.layers[at])[:60]},"


def fix(lab: Lab) -> Result:
    """Apply the first fix of the error, or if there is none, of a lint diagnostic."""
    found = lab.fixes or suggested_fixes(lab)
    if found:
        return _apply(lab, found[0])
    if not lab.network.layers:
        return lab, (Toast("Nothing to fix: the stack is empty.", "{add} adds a layer, {presets} offers networks."),)
    if lab.valid:
        return lab, (Toast("Nothing to fix: the stack has no error."),)
    hint = "{edit} edits the layer, {undo} undoes the last edit."
    return lab, (Toast("No fix is known for this error.", hint, "warning"),)


def _apply(lab: Lab, fix: Fix) -> Result:
    before, learned = lab.network, lab.advancing or lab.present.step > 0
    trains, anew = lab.running, fix.restart or begins_anew(lab.network, fix.network)
    if fix.restart:
        run = Run(fix.network, planned=lab.present.planned, parent=lab.run)
        lab, effects = open_run(lab, run, same=True)
    else:
        lab, effects = edit(lab, fix.network)
    if trains and anew:
        # A repair starts again so that the network learns.
        lab = lab.with_status(resume=Train())
    then = " It starts again at step 0." if anew else ""
    if not anew and learned and fix.network.layers != before.layers:
        then = " The weights were learned with the layers before: the loss may jump at first."
    return lab, (*effects, Toast(f"Fixed: {fix.text}.{then}", "{undo} undoes it."))


def fixes(lab: Lab) -> Result:
    """Choose one of the fixes, or apply all that are needed."""
    error_fixes = lab.fixes
    found = [*error_fixes] or suggested_fixes(lab)
    if not found:
        return fix(lab)
    if error_fixes:
        network, done = fix_all(lab.network)
        if len(done) > 1:
            found.append(Fix(f"all {len(done)}: {'; '.join(done)}", network))
    dialog = Choose("Fixes", tuple(_previewed(fix, lab.network) for fix in found))
    return lab, (Open(dialog, lambda lab, number: _apply(lab, found[number])),)


def _previewed(fix: Fix, network: Network) -> Choice:
    """A fix with what it changes, whether the network runs then, and its layers."""
    changes = network_changes(network, fix.network)
    about = "\n".join([*changes, network_verdict(fix.network)])
    return Choice(fix.text, about, tuple(network_steps(fix.network, network)))


def presets(lab: Lab) -> Result:
    """Start with a preset network."""
    networks = [preset.make() for preset in PRESETS]
    choices = tuple(
        Choice(preset.name, f"Look for: {preset.look}.\n{network_summary(network)}")
        for preset, network in zip(PRESETS, networks, strict=True)
    )

    def done(lab: Lab, number: int) -> Result:
        # A new run, not an edit: it keeps neither weights nor folds.
        lab, effects = open_run(replace(lab, folds=frozenset(), unfolded=frozenset()), Run(networks[number]), 1)
        preset = PRESETS[number]
        return lab, (*effects, Toast(f"{preset.name}: {preset.look}.", "{undo} restores the previous network."))

    return lab, (Open(Choose("New network", choices), done),)


def merge(lab: Lab) -> Result:
    """Compute the single layer that consecutive linear layers equal."""
    error = trace(lab.network).diagnostic
    if error is not None:
        return lab, (Toast(f"The stack cannot run: {error.message}", lab.fix_hint, "warning"),)
    if not linear_chains(lab.network):
        hint = "Where they do, {collapse} shows the single layer they equal; {delete} deletes an activation in between."
        return lab, (Toast("No two linear layers follow each other directly.", hint),)
    return lab, (ComputeMerge(),)


def merge_found(lab: Lab, found: Merge) -> Result:
    """Show the merged layer, computed from the learned weights."""

    def done(lab: Lab, replaces: bool) -> Result:
        return edit(lab, found.network, found.first + 1, found.weights) if replaces else (lab, ())

    return lab, (Open(ShowMerge(found), done),)

"""The commands on the walk: through one step, operation by operation, forward and back."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import replace

from nnviz.autograd.operation import Shape
from nnviz.lab.command import Result
from nnviz.lab.effects import (
    ClearToasts,
    ComputeWalk,
    Effect,
    LeaveWalk,
    Minimize,
    SelectGradient,
    SelectSlice,
    Show,
    ShowElement,
    StopTraining,
    Toast,
)
from nnviz.lab.lab import Lab, Side, WalkPlace

NOT_FOLDED = Toast(
    "Tape and plan list every operation: there nothing folds.", "{plan_view} shows the graph, whose layers fold."
)

PAUSES = "Training pauses for the walk, which goes through the next step."


def walk(lab: Lab, by: int) -> Result:
    """Go to the next or previous stop; start the walk if there is none."""
    lab = stop_playing(lab)
    return _enter_and(lab, lambda lab: _step(lab, by)) if lab.walking else _enter(lab)


def walk_to(lab: Lab, position: int) -> Result:
    """Go to a stop by its number; −1 is the last."""
    return _enter_and(stop_playing(lab), lambda lab: _go(lab, len(lab.outline.stops) if position < 0 else position))


def play(lab: Lab) -> Result:
    """Advance automatically, or pause."""
    if lab.walk.playing:
        return stop_playing(lab), (Toast("The walk is paused.", "{walk_play} continues."),)
    return _enter_and(lab, _play)


def _play(lab: Lab) -> Result:
    at_end = lab.walk.goal >= len(lab.outline.stops)
    lab, moved = _go(lab, 0) if at_end else (lab, ())
    lab, first = tick(lab.with_walk(playing=True))
    return lab, (*moved, *first)


def tick(lab: Lab) -> Result:
    """Advance a playing walk by one stop; pause it at its end."""
    if not lab.walking:
        return stop_playing(lab), ()
    goal = lab.walk.goal
    lab, effects = _step(lab, 1)
    return (lab if lab.walk.goal != goal else stop_playing(lab)), effects


def backward(lab: Lab) -> Result:
    """Go to the first backward stop, if the loss has been computed."""
    return _enter_and(stop_playing(lab), _to_backward)


def _to_backward(lab: Lab) -> Result:
    found = lab.outline
    if lab.walk.predicting:
        said = Toast(
            "A prediction has no loss and no backward pass.", "{walk_predict} walks a training step.", "warning"
        )
    elif not found.complete:
        said = Toast("There is no loss: the forward pass stops at an error.", lab.fix_hint, "warning")
    elif not found.has_backward:
        said = Toast("No layer has parameters, so there is no backward pass.", "{add} adds a layer.", "warning")
    elif lab.walk.position < found.forward:
        said = Toast(
            "Backward starts at the loss, which has not been computed yet.",
            "Go forward first: {walk_next} is the next stop, {walk_play} plays them.",
            "warning",
        )
    else:
        return _go(lab, found.forward + 1)
    return lab, (said,)


def predict(lab: Lab) -> Result:
    """Walk a prediction, or a training step."""
    walk = replace(lab.walk.ended(), predicting=not lab.walk.predicting, sample=lab.walk.sample)
    lab, effects = _enter(replace(lab, walk=walk))
    if not lab.walking:
        return lab, effects
    said = (
        Toast(
            "A prediction: it ends at the output, without loss and backward.", "{walk_predict} walks a training step."
        )
        if walk.predicting
        else Toast("A training step: forward to the loss, then backward.", "{walk_predict} walks a prediction.")
    )
    return lab, (*effects, ClearToasts(), said)


def sample(lab: Lab, side: Side, number: int) -> Result:
    """Walk a prediction of this sample alone, from its start."""
    place = replace(lab.walk.ended(), predicting=True, sample=(side, number))
    lab, effects = _enter(replace(lab, walk=place, graph="picture"))
    if not lab.walking:
        return replace(lab, walk=lab.walk.ended()), effects
    said = Toast(
        f"A prediction of sample {side} {number:,} alone.",
        "{walk_next} goes forward, {walk_predict} walks a training step on it, {leave} leaves.",
    )
    return lab, (*effects, said)


def element(lab: Lab) -> Result:
    """The computation behind the chosen element."""
    return _on_walk(lab, ShowElement())


def turn(lab: Lab, by: int) -> Result:
    """Explain the gradient of another input."""
    return _on_walk(lab, SelectGradient(by))


def lead(lab: Lab, by: int) -> Result:
    """Show another channel or sample."""
    return _on_walk(lab, SelectSlice(by))


def _on_walk(lab: Lab, effect: Effect) -> Result:
    return _enter_and(lab, lambda lab: (lab, (effect,)))


def chosen(lab: Lab, index: Shape, target: int) -> Result:
    """Explain another element."""
    return lab.with_walk(chosen=index, target=target), ()


def go_to(lab: Lab, position: int) -> Result:
    """Go to a stop chosen in the list."""
    return _go(stop_playing(lab), position) if lab.walking else (lab, ())


def fold(lab: Lab) -> Result:
    """Fold the selected layer into one node; if it is folded already, fold all layers."""
    if lab.graph == "plan":
        return lab, (NOT_FOLDED,)
    own, folds = _layer(lab), _folds(lab)
    if own is None or own in folds:
        return _with_folds(lab, lab.network.ids), (Toast("All layers are folded.", "{unfold} unfolds."),)
    return _with_folds(lab, folds | {own}), (ClearToasts(),)


def unfold(lab: Lab) -> Result:
    """Unfold the selected layer; if it is not folded, unfold all layers."""
    if lab.graph == "plan":
        return lab, (NOT_FOLDED,)
    own, folds = _layer(lab), _folds(lab)
    if own in folds:
        return _with_folds(lab, folds - {own}), (ClearToasts(),)
    said: Effect = ClearToasts() if folds else Toast("No layer is folded.", "{fold} folds the selected one.")
    return _with_folds(lab, ()), (said,)


def _folds(lab: Lab) -> frozenset[int]:
    """The ids of the folded layers: in the walk, or in the graph."""
    return lab.folds if lab.walking else frozenset(lab.network.ids) - lab.unfolded


def _with_folds(lab: Lab, folds: Iterable[int]) -> Lab:
    ids = frozenset(folds)
    return replace(lab, folds=ids) if lab.walking else replace(lab, unfolded=frozenset(lab.network.ids) - ids)


def _layer(lab: Lab) -> int | None:
    """The id of the walk's layer on a walk, otherwise of the selected layer."""
    at = lab.position
    if lab.walking and lab.walk.position:
        found = lab.outline
        layer = found.graph.nodes[found.stops[lab.walk.position - 1].node].layer
        at = layer if 0 <= layer < len(lab.network.layers) else None
    return None if at is None else lab.network.ids[at]


def leave(lab: Lab) -> Result:
    """Leave the walk, or restore a maximized panel."""
    effects: tuple[Effect, ...] = (Minimize(),)
    if lab.walking:
        effects = (*effects, LeaveWalk())
        if lab.walk.sample is not None:
            # The next walk goes through the batch again.
            lab = replace(lab, walk=WalkPlace())
    return replace(stop_playing(lab), graph="picture" if lab.graph == "walk" else lab.graph), effects


def on_reached(lab: Lab, position: int) -> Result:
    """Show a stop that has been computed, and select its layer."""
    lab = lab.with_walk(position=position)
    if not position:
        return lab, ()
    found = lab.outline
    return lab.select(found.graph.nodes[found.stops[position - 1].node].layer + 1), ()


def on_walk_failed(lab: Lab, position: int, message: str, hint: str) -> Result:
    """An operation could not be computed: pause at the last stop before it."""
    lab = stop_playing(lab).with_walk(goal=position, position=position)
    return lab, (Toast(message, hint, "error"),)


def on_walk_refused(lab: Lab, message: str, hint: str) -> Result:
    """The walk could not be started."""
    lab = replace(lab, walk=lab.walk.ended(), graph="picture")
    return lab, (Toast(message, hint, "error"), LeaveWalk())


def pause_playing(lab: Lab) -> Result:
    """Pause a playing walk, as a command."""
    return stop_playing(lab), ()


def stop_playing(lab: Lab) -> Lab:
    """The lab with a playing walk paused."""
    return lab.with_walk(playing=False) if lab.walk.playing else lab


def _enter_and(lab: Lab, action: Callable[[Lab], Result]) -> Result:
    """Enter the walk, and if there is one, carry out `action` on it."""
    lab, effects = _enter(lab)
    if not lab.walking:
        return lab, effects
    lab, more = action(lab)
    return lab, (*effects, *more)


def _enter(lab: Lab) -> Result:
    """Enter the walk, at its first stop if it is new."""
    effects: tuple[Effect, ...] = ()
    if not lab.outline.stops:
        said = Toast("There is nothing to walk through: no layer runs.", lab.fix_hint)
        return replace(lab, walk=lab.walk.ended()), (said,)
    if lab.running:
        # The walk shows the numbers of the next step, so training pauses.
        lab = lab.with_walk(pausing=True).with_status(started_at=None, training=None)
        effects = (StopTraining(), Toast(PAUSES, "{train} resumes training."))
    if lab.walking:
        return lab, effects
    if lab.walk.step is None:
        lab = lab.with_walk(step=lab.present.step)
    lab = replace(lab, graph="walk")
    return lab, (*effects, ComputeWalk(), Show("walk", focus=True))


def _step(lab: Lab, by: int) -> Result:
    """Move by one stop; at either end, show a toast."""
    stops, at = lab.toposort.stops, lab.walk.goal
    if by > 0:
        place = bisect_right(stops, at)
        later = stops[place] if place < len(stops) else None
    else:
        place = bisect_left(stops, at)
        later = (stops[place - 1] if place else 0) if at else None
    if later is None:
        return lab, (Toast("The walk is at its start.", "{walk_next} goes forward.") if by < 0 else _at_end(lab),)
    return _go(lab, later)


def _at_end(lab: Lab) -> Toast:
    found = lab.outline
    if not found.complete:
        return Toast("The walk ends here: the next layer cannot run.", lab.fix_hint)
    if lab.walk.predicting:
        return Toast(
            "The walk ends at the output.",
            "A prediction needs neither loss nor backward; {walk_predict} walks a training step.",
        )
    if not found.has_backward:
        return Toast(
            "The walk ends at the loss: without parameters there is no backward.", "{add} adds a layer with some."
        )
    return Toast(
        "The walk ends here: the optimizer has moved every parameter.",
        "{step} takes this very step; {walk_first} starts again.",
    )


def _go(lab: Lab, position: int) -> Result:
    return lab.with_walk(goal=position), (ClearToasts(), ComputeWalk())

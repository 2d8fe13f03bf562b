"""The commands on the page of loss and metric: what moves, along what the map goes, and which chord is drawn."""

from __future__ import annotations

from dataclasses import replace

from nnviz.lab.command import Result
from nnviz.lab.effects import Show, Toast
from nnviz.lab.lab import Lab, WeightPlace
from nnviz.network import trace

TENS = 10
"""How many weights further a leap is."""

MAP = 41
"""Points along a side of the map, between which chords are drawn."""

SHOWN = (Show("loss"),)

FOLLOWS = Toast("The main directions follow from the path of training.", "{loss_directions} turns to others.")


def page(lab: Lab) -> Result:
    """The curves, or the map of the loss over two directions."""
    return lab.with_loss(page="map" if lab.loss.page == "curves" else "curves"), SHOWN


def mover(lab: Lab) -> Result:
    """Move an output, or a weight; from the map, back to the curves."""
    if lab.loss.page == "map":
        return lab.with_loss(page="curves"), SHOWN
    return lab.with_loss(mover="weight" if lab.loss.mover == "output" else "output", chord=None), SHOWN


def directions(lab: Lab) -> Result:
    """The next kind of directions; from the curves, the map first."""
    if lab.loss.page == "curves":
        return lab.with_loss(page="map"), SHOWN
    kinds = ("random", "path", "weights")
    after = kinds[(kinds.index(lab.loss.directions) + 1) % len(kinds)]
    return lab.with_loss(directions=after, line=None), SHOWN


def turn(lab: Lab, by: int) -> Result:
    """The next output, weight, or two random directions."""
    place = lab.loss
    if place.page == "curves" and place.mover == "output":
        return lab.with_loss(output=max(place.output + by, 0), chord=None), SHOWN
    if place.page == "map" and place.directions == "random":
        return lab.with_loss(draw=max(place.draw + by, 0), line=None), SHOWN
    if place.page == "map" and place.directions == "path":
        return lab, (FOLLOWS,)
    return _turn_weight(lab, 0, by)


def turn_other(lab: Lab, by: int) -> Result:
    """The next sample; ten weights further; the second weight of the map."""
    place = lab.loss
    if place.page == "curves" and place.mover == "output":
        return lab.with_loss(sample=max(place.sample + by, 0), chord=None), SHOWN
    if place.page == "curves":
        return _turn_weight(lab, 0, TENS * by)
    if place.directions == "weights":
        return _turn_weight(lab, 1, by)
    if place.directions == "path":
        return lab, (FOLLOWS,)
    return turn(lab, by)


def chord_moved(lab: Lab, ends: tuple[int, int]) -> Result:
    """Draw the chord on the curve between these two of its places."""
    return lab.with_loss(chord=ends), ()


def line_moved(lab: Lab, ends: tuple[tuple[int, int], tuple[int, int]]) -> Result:
    """Draw the chord on the map between these two of its points, (row, column)."""
    return lab.with_loss(line=ends), ()


def other_end(lab: Lab) -> Result:
    """Let the arrows move the other end of the chord."""
    return lab.with_loss(end=1 - lab.loss.end), SHOWN


def found_chord(lab: Lab) -> Result:
    """Draw the chord that the graph lies above by most again."""
    return lab.with_loss(chord=None, line=None, end=1), SHOWN


def layers_with_weights(lab: Lab) -> tuple[int, ...]:
    """The ids of the layers that have parameters, in the order of the stack."""
    return tuple(lab.network.ids[row.position] for row in trace(lab.network).rows if row.parameters)


def weights_of(lab: Lab) -> tuple[WeightPlace, WeightPlace] | None:
    """The two chosen weights; by default the first of the first layer and of the last. None without any."""
    layers = layers_with_weights(lab)
    if not layers:
        return None
    usual = (layers[0], 0), (layers[-1], 0 if len(layers) > 1 else 1)
    first, second = (
        usual[at] if chosen is None or chosen[0] not in layers else chosen for at, chosen in enumerate(lab.loss.weights)
    )
    return first, second


def _turn_weight(lab: Lab, which: int, by: int) -> Result:
    """The next weight of the selected layer; its first one, where the weight was of another layer."""
    chosen = weights_of(lab)
    if chosen is None:
        return lab, (Toast("The stack has no weights.", "{add} adds a layer."),)
    at, layers = lab.position, layers_with_weights(lab)
    layer, number = chosen[which]
    selected = lab.network.ids[at] if at is not None else layer
    if selected in layers and selected != layer:
        layer, number = selected, 0
    else:
        number += by
    places = ((layer, number), chosen[1]) if which == 0 else (chosen[0], (layer, number))
    return replace(lab, loss=replace(lab.loss, weights=places, chord=None, line=None)), SHOWN

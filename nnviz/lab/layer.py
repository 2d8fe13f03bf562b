"""The commands on the layer page: its views, the chosen weight, an edit of it, and why it moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from nnviz.autograd.operation import Array, Shape
from nnviz.lab.command import Result
from nnviz.lab.edits import push_entry, revised
from nnviz.lab.effects import AskWeight, EditWeight, Open, Show, ShowWhy, Toast
from nnviz.lab.lab import Lab, LayerPage, LayerPlace, PendingChange
from nnviz.network import job_of, trace

SORTS = 6
"""Columns that all gradients can be sorted by."""


@dataclass(frozen=True, eq=False)
class Weight:
    """A weight that is to be edited.

    Attributes:
        path: the path of its parameter.
        name: what it is called, with its index.
        index: its place.
        values: the parameter at the present step.
        step: that step.
    """

    path: str
    name: str
    index: Shape
    values: Array
    step: int


def show_page(lab: Lab, page: LayerPage) -> Result:
    """Show this view of the layer page; once more, its weights again."""
    chosen: LayerPage = "weights" if lab.layer.page == page else page
    return with_place(lab, page=chosen), (Show("layer"),)


def with_place(lab: Lab, **changes: object) -> Lab:
    """The lab with these attributes of the place on the layer page changed."""
    return replace(lab, layer=replace(lab.layer, **changes))  # type: ignore[arg-type]


def turn(lab: Lab, by: int) -> Result:
    """The next parameter of the layer; of its neurons, the next image."""
    place = lab.layer
    if place.page == "neurons":
        last = job_of(lab.network).schema.train - 1 if lab.valid else 0
        return with_place(lab, sample=min(max(place.sample + by, 0), last)), (Show("layer"),)
    row = max(lab.row, 1)
    # Buffers are counted, too: of a number beyond the last parameter, that is shown.
    last = max((len(one.weights) for one in trace(lab.network).rows if one.position == row - 1), default=1) - 1
    return with_place(lab, number=min(max(place.number + by, 0), max(last, 0)), chosen=()), (Show("layer"),)


def sort(lab: Lab) -> Result:
    """Sort all gradients by the next column."""
    return with_place(lab, sort=(lab.layer.sort + 1) % SORTS), (Show("layer"),)


def chosen(lab: Lab, index: Shape) -> Result:
    """Choose a weight."""
    return with_place(lab, chosen=index), ()


def go_to(lab: Lab, layer: int, number: int) -> Result:
    """Go to a parameter of the layer with this id."""
    if layer not in lab.network.ids:
        return lab, ()
    lab = replace(lab, layer=LayerPlace("weights", number, sample=lab.layer.sample, sort=lab.layer.sort))
    return lab.select(lab.network.ids.index(layer) + 1), ()


def why(lab: Lab) -> Result:
    """Why the chosen weight moved in the last step."""
    return lab, (Show("layer"), ShowWhy())


def set_weight(lab: Lab) -> Result:
    """Give the chosen weight another value."""
    return lab, (Show("layer"), AskWeight())


def no_weight(lab: Lab) -> Result:
    """No weight is shown that could be asked or set."""
    hint = "Page 5 shows those of a layer that has some: the arrows choose one."
    return lab, (Toast("No weight is chosen.", hint),)


def ask_weight(lab: Lab, weight: Weight) -> Result:
    """Ask for the value of a weight, at rest: while training, it would be another one by then."""
    if lab.advancing or lab.running or lab.status.stopping is not None:
        return lab, (Toast("A weight is edited while training rests.", "{train} pauses.", "warning"),)
    value = float(weight.values[weight.index])
    return lab, (Open(EditWeight(weight.name, value), partial(_set, weight=weight)),)


def _set(lab: Lab, value: float, weight: Weight) -> Result:
    if lab.advancing or lab.present.step != weight.step:
        return lab, (Toast("Training has gone on meanwhile: the weight is as it was.", "{train} pauses.", "warning"),)
    values = weight.values.copy()
    before = float(values[weight.index])
    values[weight.index] = value
    if float(values[weight.index]) == before:
        return lab, ()
    change = PendingChange(lab.network, {weight.path: values}, lab.present.planned)
    after, effects = push_entry(lab, revised(lab, change))
    words = f"{weight.name} was {before:.6g} and is now {float(values[weight.index]):.6g}."
    if lab.present.step:
        words += " What the optimizer keeps of this parameter begins anew."
    return after, (*effects, Toast(words, "{undo} undoes it."))

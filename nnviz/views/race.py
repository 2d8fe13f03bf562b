"""The page of the race: what races, how far it is, the losses, the small maps, and what each costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnviz.autograd.operation import Array
from nnviz.errors import NnvizError
from nnviz.lab import Lab
from nnviz.lab.race import lanes_of
from nnviz.network import job_of, trace
from nnviz.network.variants import KINDS
from nnviz.run import Lane, Standing
from nnviz.run.heat import MAP
from nnviz.views.digits import Text, column_text
from nnviz.views.series import Floats, Frame, Series, Stroke
from nnviz.views.table import Line, Table
from nnviz.views.tiles import Tile

COLORS = 4
"""Colors of a plot; more curves than that are told apart by their strokes."""

STROKES: tuple[Stroke, ...] = ("line", "dashes", "dots")


@dataclass(frozen=True, eq=False)
class RaceView:
    """What the page shows.

    Attributes:
        title: what is varied, how often and how long.
        words: what there is to say; ids of commands stand in braces.
        table: those that race; None where there are none.
        losses: the curves of the training loss, of the chosen one with its lowest and highest.
        frame: their axes.
        maps: of two-dimensional data the small maps.
    """

    title: str
    words: tuple[str, ...]
    table: Table | None
    losses: tuple[Series, ...]
    frame: Frame
    maps: tuple[Tile, ...]


def view(lab: Lab) -> RaceView:
    """The race that was begun last, or what would race now."""
    place = lab.race
    runs = f"{place.seeds} seed{'s' if place.seeds > 1 else ''} each, " if place.kind != "seed" else ""
    title = f"{place.kind}, {runs}{place.steps:,} steps"
    lanes, trouble = place.lanes, ""
    if not lanes:
        try:
            lanes = lanes_of(lab)
        except NnvizError as error:
            trouble = f"✗ {error.message}: {error.hint}"
    standings = place.raced.standings if place.raced is not None else ()
    standings = standings or tuple(Standing(parameters=trace(lane.network).parameters) for lane in lanes)
    return RaceView(
        title,
        _words(lab, trouble),
        _table(lab, lanes, standings) if lanes else None,
        _losses(place.chosen, lanes, standings),
        Frame(
            "training loss",
            "epoch",
            _epochs(lanes, place.goal or place.steps),
            log_y=lab.log_scale,
            empty="The losses stand here, one over the other.",
        ),
        _maps(lanes, standings, place.chosen),
    )


def _words(lab: Lab, trouble: str) -> tuple[str, ...]:
    place = lab.race
    kinds = " ".join(f"▸{kind}" if kind == place.kind else kind for kind in KINDS)
    first = f"{{race_last}} {{race_next}} {kinds}"
    if trouble:
        return first, trouble
    raced = place.raced
    if place.running:
        share = f"{100 * raced.progress:.0f} %" if raced is not None else "0 %"
        done = "Ⅱ paused" if place.paused else "▶ racing"
        beside = f" {_workers(raced.workers)}" if raced is not None and raced.workers else ""
        ends = "; {race_cancel} ends it"
        return first, f"{done}, {share}: {_bar(raced.progress if raced is not None else 0.0)}{beside}{ends}"
    if raced is None:
        return first, "□ {race_go} begins: all start from the weights of their seeds"
    if raced.message:
        return first, f"✗ {raced.message}"
    ahead = place.ahead
    early = f"■ ended at {100 * raced.progress:.0f} %: " if place.ended else ""
    if ahead is None and early:
        return first, f"{early}no loss was measured yet"
    if ahead is None:
        return first, "✗ no loss was finite: a smaller rate may help"
    leads = f"★ {place.lanes[ahead].label} has the lowest test loss{' so far' if early else ''}"
    return first, f"{early}{leads}; {{race_take}} takes the chosen one"


BAR = 24
"""Columns of the bar of the progress."""


def _workers(count: int) -> str:
    return f"+ {count} worker process{'es' if count > 1 else ''}"


def _bar(share: float) -> str:
    full = round(BAR * share)
    return "█" * full + "░" * (BAR - full)


HEADS = ("", "", " test loss", "  ±", " right", " time", " a step", " numbers")


def _table(lab: Lab, lanes: Sequence[Lane], standings: Sequence[Standing]) -> Table:
    place = lab.race
    loss = column_text([one.loss for one in standings], 4)
    spread = column_text([one.spread for one in standings], 2)

    def line(at: int) -> Line:
        return _line(lanes[at], standings[at], at == place.ahead, loss, spread)

    return Table(HEADS, len(lanes), line, 1, frozenset(range(2, len(HEADS))), place.chosen)


def _line(lane: Lane, standing: Standing, ahead: bool, loss: Text, spread: Text) -> Line:
    mark = "★ " if ahead else "  "
    numbers = f" {standing.parameters:,}"
    if standing.refusal:
        return Line((mark, lane.label, f" {standing.refusal}", "", "", "", "", ""), "error")
    lost = f", {standing.diverged}/{lane.seeds} diverged" if standing.diverged else ""
    begun = f", restarted{f' {standing.restarts} times' if standing.restarts > 1 else ''}" if standing.restarts else ""
    label = lane.label + lost + begun
    if not len(standing.test_loss):
        return Line((mark, label, "", "", "", "", "", numbers), "error" if lost else "")
    luck = "" if math.isnan(standing.spread) else f" {spread(standing.spread)}"
    right = "" if math.isnan(standing.accuracy) else f" {100 * standing.accuracy:.1f} %"
    taken = max(standing.steps * lane.seeds, 1)
    cells = (
        mark, label, f" {loss(standing.loss)}", luck, right, f" {standing.seconds:.2f} s",
        f" {1e6 * standing.seconds / taken:.0f} µs", numbers,
    )  # fmt: skip
    return Line(cells, "chosen" if ahead else "")


def _losses(chosen: int | None, lanes: Sequence[Lane], standings: Sequence[Standing]) -> tuple[Series, ...]:
    series: list[Series] = []
    for at, (lane, one) in enumerate(zip(lanes, standings, strict=True)):
        if len(one.epoch) < 2:
            continue
        stroke = STROKES[(at // COLORS) % len(STROKES)]
        series.append(Series(lane.label, one.epoch, one.train_loss, stroke, color=at % COLORS))
        if at == chosen and lane.seeds - one.diverged > 1:
            series += [Series("", one.epoch, edge, "dots", color=at % COLORS) for edge in (one.low, one.high)]
    return tuple(series)


def _epochs(lanes: Sequence[Lane], steps: int) -> tuple[float, float]:
    if not lanes:
        return 0.0, 1.0
    job = job_of(lanes[0].network)
    return 0.0, steps / math.ceil(job.schema.train / job.batch)


def _maps(lanes: Sequence[Lane], standings: Sequence[Standing], chosen: int | None) -> tuple[Tile, ...]:
    tiles = []
    for at, (lane, one) in enumerate(zip(lanes, standings, strict=True)):
        if one.grid is None:
            continue
        values = _values(lane, one.grid)
        finite = np.abs(values[np.isfinite(values)])
        largest = 1.0 if job_of(lane.network).schema.task == "classification" else float(finite.max(initial=0.0))
        tiles.append(Tile(f"{'▸' if at == chosen else ''}{lane.label}", values.reshape(MAP, MAP), largest or 1.0))
    return tuple(tiles)


def _values(lane: Lane, grid: Array) -> Floats:
    """Of two classes how much surer of the second, from −1 to 1; of more the likeliest, as evenly spaced values."""
    classes = grid.shape[1]
    if job_of(lane.network).schema.task != "classification":
        found = grid[:, 0]
    elif classes == 2:
        found = grid[:, 1] - grid[:, 0]
    else:
        found = 2 * grid.argmax(axis=1) / max(classes - 1, 1) - 1
    return np.asarray(found, np.float64)

"""Loss and metric: curves as one number moves, with chords; and the loss as a map over directions in the weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz.engine import Moment
from nnviz.lab import Lab, literal
from nnviz.lab.loss import weights_of
from nnviz.run import Observation, Query, Refused
from nnviz.run.convexity import Chord, chord_between, worst_chord
from nnviz.run.queries import CurvesSeen, LossCurves, LossSlice
from nnviz.text import percent
from nnviz.views.series import Frame, Mark, Series

Plots = tuple[tuple[tuple[Series, ...], Frame], ...]


@dataclass(frozen=True, eq=False)
class CurvesView:
    """What the page shows of curves.

    Attributes:
        title: what moves.
        strong: where it is, and what the losses and metrics are there.
        words: what to see, the most important first; the ids of commands in braces.
        plots: losses, metrics, and the gradients of both; empty before there is an answer.
        seen: what they are drawn from.
        chord: the chord on the first curve; None where there is none.
    """

    title: str
    strong: str
    words: tuple[str, ...]
    plots: Plots = ()
    seen: CurvesSeen | None = None
    chord: Chord | None = None


def query_of(lab: Lab) -> Query[Observation] | None:
    """What the page asks of the run; None of a stack that cannot run."""
    if not lab.valid:
        return None
    place, chosen = lab.loss, weights_of(lab)
    if place.page == "map":
        if chosen is None:
            return None
        # Of what makes no difference to the answer, the query says nothing: so it stays the same.
        draw = place.draw if place.directions == "random" else 0
        return LossSlice(place.directions, draw, chosen if place.directions == "weights" else ((0, 0), (0, 0)))
    if place.mover == "output":
        return LossCurves("output", place.sample, place.output)
    return None if chosen is None else LossCurves("weight", weight=chosen[0])


def missing(lab: Lab, moment: Moment | None) -> str:
    """Why there is nothing to draw, in words; empty where there is an answer."""
    if not lab.valid:
        return "✗ The stack cannot run, so there is no loss: see the stack."
    query = query_of(lab)
    if query is None:
        return "The stack has no weights: the loss is no function of any. {add} adds a layer."
    if moment is None:
        failure = lab.status.failure
        said = literal(f"✗ no loss: {failure.message}. {failure.hint}") if failure else ""
        return said or "… the data are loaded"
    found = moment.observations.get(query)
    if isinstance(found, Refused):
        hint = f" {found.hint[:1].upper()}{found.hint[1:]}." if found.hint else ""
        return f"Nothing to draw: {literal(found.message)}.{literal(hint)}"
    return "… is being computed" if found is None else ""


def curves(lab: Lab, moment: Moment | None) -> CurvesView:
    """The curves: losses and metrics as an output moves, or a weight."""
    title = "as one output moves" if lab.loss.mover == "output" else "as one weight moves"
    why, query = missing(lab, moment), query_of(lab)
    seen = moment.seen(query) if moment is not None and isinstance(query, LossCurves) else None
    if why or seen is None:
        return CurvesView(title, "", (why,))
    chord = chord_of(lab, seen)
    title = f"as {seen.moved} moves"
    words = _slopes(seen), _chord_words(lab, seen, chord), _numbers(seen), _over(seen)
    return CurvesView(title, _strong(seen), words, _plots(seen, chord), seen, chord)


def chord_of(lab: Lab, seen: CurvesSeen) -> Chord | None:
    """The chord that is drawn: as the user put it, or the one that the graph lies above by most, or a wide one."""
    x, y = seen.x, seen.own.values
    if lab.loss.chord is not None:
        return chord_between(x, y, *lab.loss.chord)
    return worst_chord(x, y) or chord_between(x, y, len(x) // 6, len(x) - 1 - len(x) // 6)


def _strong(seen: CurvesSeen) -> str:
    of = f", {seen.target}" if seen.target else ""
    return f"{seen.moved}{of}: {seen.present:.4g} now"


def _numbers(seen: CurvesSeen) -> str:
    """Losses and metrics now."""
    return "Now " + " · ".join(f"{one.name} {one.now:.3f}" for one in (*seen.losses, *seen.metrics))


def _slopes(seen: CurvesSeen) -> str:
    """What the gradients are."""
    stepping = [one for one in seen.metrics if one.name != "R²"]
    if not stepping:
        return "Losses slope, and so does R²: what steps is counted in classes, and a regression has none."
    least = min(one.flat for one in stepping)
    steps = "metrics step" if any(np.ptp(one.values) > 0 for one in stepping) else "metrics do not even move here"
    share, names = "all" if least == 1 else percent(least), [one.name for one in stepping]
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    return (
        f"Losses slope, {steps}: {listed} are no losses, for their gradient is 0 at {share} of the {len(seen.x)} places"
        " and cannot say where to go."
    )


def _chord_words(lab: Lab, seen: CurvesSeen, chord: Chord | None) -> str:
    """What the chord shows: convex in the prediction, not in the weights."""
    convex = worst_chord(seen.x, seen.own.values) is None
    output, name = lab.loss.mover == "output", seen.own.name
    if chord is None:
        return f"Between the ends of this chord {name} has no finite value."
    if chord.violates:
        where = f"{seen.x[chord.middle]:.3g}"
        in_what = "this output" if output else "this weight"
        return f"The chord lies {chord.gap:.3g} below the graph at {where}: {name} is not convex in {in_what}."
    gap = f"The chord lies {-chord.gap:.3g} above the graph, where it is nearest"
    if not convex:
        return f"{gap}; another one lies below it ({{loss_chord}})."
    if output:
        return f"{gap}, and no chord lies below: {name} is convex in the prediction."
    return f"{gap}, and no chord lies below: on this stretch {name} is convex in this weight. It need not be in others."


def _over(seen: CurvesSeen) -> str:
    few = f"{seen.samples} of the {seen.total:,}" if seen.samples < seen.total else f"all {seen.total:,}"
    return f"Over {few} training samples, in evaluation mode, without penalties, step {seen.step:,}."


def _plots(seen: CurvesSeen, chord: Chord | None) -> Plots:
    x, label = seen.x, "output" if seen.moved.startswith("output") else "weight"
    marks = (Mark(seen.present, "now"),)
    losses = tuple(Series(one.name, x, one.values, color=at) for at, one in enumerate(seen.losses))
    if chord is not None:
        ends = np.array(chord.ends)
        losses = (*losses, Series("chord", x[ends], seen.own.values[ends], "dashes", color=3))
    styles = ("line", "dashes", "dots")
    scores = tuple(
        Series(one.name, x, one.values, styles[at % 3], color=at)  # type: ignore[arg-type]
        for at, one in enumerate(seen.metrics)
    )
    gradients = tuple(Series(f"{one.name}′", x, one.slopes, color=at) for at, one in enumerate(seen.losses))
    flats = tuple(
        Series(f"{one.name}′", x, one.slopes, styles[at % 3], color=at)  # type: ignore[arg-type]
        for at, one in enumerate(seen.metrics)
    )
    shares = bool(seen.metrics) and all(one.name != "R²" for one in seen.metrics)
    return (
        (losses, Frame("loss", label, marks=marks)),
        (scores, Frame("metric", label, y_range=(0.0, 1.0) if shares else None, marks=marks)),
        (gradients, Frame("gradient of the losses", label, marks=marks)),
        (flats, Frame("gradient of the metrics", label, y_range=(-1.0, 1.0), marks=marks)),
    )


def place_of(seen: CurvesSeen, value: float) -> int:
    """The number of the place that is nearest to a value."""
    distances: NDArray[np.float64] = np.abs(seen.x - value)
    return int(distances.argmin())

"""The numbers of the race explained: those of the chosen lane."""

from __future__ import annotations

import math

from nnviz.errors import NnvizError
from nnviz.lab import Lab
from nnviz.lab.race import lanes_of
from nnviz.network import trace
from nnviz.run import Lane
from nnviz.views.explained.explained import Explained, explained
from nnviz.views.status import epoch_text


def of_race(lab: Lab) -> list[Explained]:
    """The numbers of the chosen lane."""
    place = lab.race
    standings = place.raced.standings if place.raced is not None else ()
    lanes = place.lanes
    if not lanes:
        try:
            lanes = lanes_of(lab)
        except NnvizError:
            return []
    at = min(place.chosen or 0, len(lanes) - 1)
    lane = lanes[at]
    if at >= len(standings) or standings[at].refusal or not len(standings[at].test_loss):
        return [_parameters(lane)]
    one = standings[at]
    runs = lane.seeds - one.diverged
    seeds = f"{runs} runs, each with its own seed" if runs > 1 else "one run"
    if one.diverged:
        seeds += f"; {one.diverged} whose loss was not finite {'is' if one.diverged == 1 else 'are'} left out"
    where = f"{seeds}, measured at epoch {epoch_text(float(one.epoch[-1]))}; they have taken {one.steps:,} steps each"
    found = [
        Explained(f"{lane.label}: test loss", f"{one.loss:.4g}", "mean over the runs", words=where, value=one.loss)
    ]
    if math.isfinite(one.spread):
        words = f"the standard deviation of their test losses; {where}"
        found.append(Explained("±", f"{one.spread:.2g}", words=words, value=one.spread))
    if math.isfinite(one.accuracy):
        words = f"the mean of right / all over the test samples; {where}"
        found.append(Explained("right", f"{100 * one.accuracy:.1f} %", words=words, value=one.accuracy))
    steps = one.steps * lane.seeds
    words = "µs: the time of training, without evaluations, by the steps of all its runs"
    if one.together > 1:
        words += f"; {one.together} runs take each step together, and share its time"
    values = {"s": 1e6 * one.seconds, "steps": steps}
    found.append(Explained("time", f"{one.seconds:.2f} s", words=f"of training, without evaluations: {where}"))
    found.append(explained("a step", f"{1e6 * one.seconds / max(steps, 1):.0f} µs", "s / steps", values, words))
    return [*found, _parameters(lane)]


def _parameters(lane: Lane) -> Explained:
    rows = [row.parameters for row in trace(lane.network).rows if row.parameters]
    names = {f"n{at}": float(count) for at, count in enumerate(rows)}
    words = f"{lane.label}: the numbers that it learns, layer by layer"
    if not names:
        return Explained("numbers", "0", words=words)
    return explained("numbers", f"{sum(rows):,}", " + ".join(names), names, words, shown_formula="Σ over the layers")

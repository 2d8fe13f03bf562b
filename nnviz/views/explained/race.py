"""The numbers of the race explained: those of the chosen lane."""

from __future__ import annotations

import math

from nnviz.lab import Lab
from nnviz.views.explained.explained import Explained, explained
from nnviz.views.status import epoch_text


def of_race(lab: Lab) -> list[Explained]:
    """The numbers of the chosen lane."""
    place = lab.race
    standings = place.raced.standings if place.raced is not None else ()
    if not standings or not place.lanes:
        return []
    at = min(place.chosen or 0, len(standings) - 1)
    lane, one = place.lanes[at], standings[at]
    if not len(one.test_loss) or one.refusal:
        return []
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
    found.append(explained("a step", f"{1e6 * one.seconds / max(steps, 1):.0f} µs", "s / steps", values, words))
    return found

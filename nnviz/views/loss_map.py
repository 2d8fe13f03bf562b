"""The loss over two directions in the weights as a map, with the path of training and a chord on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnviz.engine import Moment
from nnviz.lab import Lab
from nnviz.run.convexity import Line, line_between, worst_line
from nnviz.run.queries import LossSlice, SliceSeen
from nnviz.text import percent
from nnviz.views.boundary import SHADES
from nnviz.views.contrast import Rgb, is_dark
from nnviz.views.heat import Field, Points, Scale, class_inks, ramp, scale_colors
from nnviz.views.loss import missing, query_of
from nnviz.views.series import Frame, Mark, Series

Floats = NDArray[np.float64]
Cell = tuple[int, int]

TITLES = {
    "random": "the loss along two random directions",
    "path": "the loss along the path of training",
    "weights": "the loss along two weights",
}

STATEMENT = (
    "MSE and cross-entropy are convex in the prediction, but not in the weights of a network with hidden layers; "
    "training works all the same."
)

BANDS = 20
"""Steps of color from the lowest loss to the highest."""


@dataclass(frozen=True, eq=False)
class MapView:
    """What the page shows of the map.

    Attributes:
        title: along what it goes.
        strong: the loss here and on the map.
        words: what to see, the most important first; the ids of commands in braces.
        seen: what it is drawn from; None before there is an answer.
        known: the losses that are computed, (n, n), [row of y, column of x].
        line: the chord; None where there is none.
        profile: the loss along the chord, and the chord.
        frame: how that is framed.
    """

    title: str
    strong: str
    words: tuple[str, ...]
    seen: SliceSeen | None = None
    known: Floats | None = None
    line: Line | None = None
    profile: tuple[Series, ...] = ()
    frame: Frame = field(default_factory=Frame)


def view(lab: Lab, moment: Moment | None) -> MapView:
    """The map that the lab names."""
    title, why, query = TITLES[lab.loss.directions], missing(lab, moment), query_of(lab)
    seen = moment.seen(query) if moment is not None and isinstance(query, LossSlice) else None
    if why or seen is None or moment is None:
        return MapView(title, "", (why, STATEMENT))
    known = seen.losses[:: seen.stride, :: seen.stride]
    line = line_of(lab, seen)
    axes = f"Across (a): {seen.names[0]}, up (b): {seen.names[1]}."
    words = (_line_words(lab, seen, line), *_path_words(seen), axes, STATEMENT, _over(seen, moment))
    profile, frame = _profile(seen, line)
    return MapView(title, _strong(seen, known), words, seen, known, line, profile, frame)


def line_of(lab: Lab, seen: SliceSeen) -> Line | None:
    """The chord that is drawn: as the user put it, or the one that the loss lies above by most, or a wide one."""
    if lab.loss.line is not None and seen.done:
        return line_between(seen.losses, *lab.loss.line)
    found = _worst(seen)
    if found is not None:
        ends = found.ends[0], found.ends[1]
        first, last, middle = ((cell[0] * seen.stride, cell[1] * seen.stride) for cell in (*ends, found.middle))
        return Line((first, last), middle, found.gap, found.rounding)
    count = len(seen.x) - 1
    return line_between(seen.losses, (count // 5, count // 5), (count - count // 5, count - count // 5))


@lru_cache(maxsize=2)
def _worst(seen: SliceSeen) -> Line | None:
    """The chord that the known points lie above by most: found once for each answer, which is looked at often."""
    return worst_line(seen.losses[:: seen.stride, :: seen.stride])


def _strong(seen: SliceSeen, known: Floats) -> str:
    finite = known[np.isfinite(known)]
    spread = f"{finite.min():.3g} to {finite.max():.3g} on the map" if len(finite) else "no finite loss on the map"
    return f"◎ loss {seen.loss:.4g} now, {spread}"


def _line_words(lab: Lab, seen: SliceSeen, line: Line | None) -> str:
    if line is None:
        return "Between the ends of this chord (▲) the loss is not finite, or no point of the map lies."
    name = "The chord between the two ▲"
    if line.violates:
        return f"{name} lies {line.gap:.3g} below the loss at ■: the loss is not convex in the weights."
    above = f"{name} lies {max(-line.gap, 0.0):.3g} above the loss, where it is nearest"
    if lab.loss.line is not None and seen.done and _worst(seen) is not None:
        return f"{above}; another one lies below it ({{loss_chord}})."
    if not seen.done:
        return f"{above}."
    return f"{above}; no chord between points of this map lies below: on this plane it looks convex."


def _path_words(seen: SliceSeen) -> tuple[str, ...]:
    if not seen.followed:
        return ("No path is kept of so many weights.",)
    if len(seen.path) < 2:
        return ("No path yet: train, and it is drawn.",)
    steps = f"● the path from step {seen.path_steps[0]:,} to {seen.path_steps[-1]:,}"
    if seen.shares:
        first, second = (percent(share) for share in seen.shares)
        return (f"{steps}; {first} and {second} of its variance lie along these two directions.",)
    outside = _outside(seen)
    away = f", {outside} of its {len(seen.path)} points outside the map" if outside else ""
    return (f"{steps}, seen from above: at most {seen.off.max():.3g} away from this plane{away}.",)


def _outside(seen: SliceSeen) -> int:
    x, y = seen.path.T
    inside = (x >= seen.x[0]) & (x <= seen.x[-1]) & (y >= seen.y[0]) & (y <= seen.y[-1])
    return int((~inside).sum())


def _over(seen: SliceSeen, moment: Moment) -> str:
    few = f"{seen.samples} of the {seen.total:,}" if seen.samples < seen.total else f"all {seen.total:,}"
    text = f"Over {few} training samples, in evaluation mode, without penalties, as of step {seen.step:,}"
    if not seen.done:
        count = (len(seen.x) - 1) // seen.stride + 1
        return f"{text}; {count}x{count} points so far."
    return f"{text}; training is at step {moment.step:,}." if moment.step != seen.step else f"{text}."


def _profile(seen: SliceSeen, line: Line | None) -> tuple[tuple[Series, ...], Frame]:
    """The loss at the points of the map on the chord, and the chord."""
    frame = Frame("loss along the chord", "from one ▲ to the other", empty="No chord to draw.")
    if line is None:
        return (), frame
    (row, column), (last_row, last_column) = line.ends
    count = max(int(np.gcd(last_row - row, last_column - column)), 1)
    at = np.arange(count + 1)
    values = seen.losses[row + at * ((last_row - row) // count), column + at * ((last_column - column) // count)]
    good = np.isfinite(values)
    share = at / count
    middle = abs(line.middle[0] - row) + abs(line.middle[1] - column)
    whole = abs(last_row - row) + abs(last_column - column)
    loss = Series("loss", share[good], values[good], color=0)
    chord = Series("chord", np.array([0.0, 1.0]), values[[0, -1]], "dashes", color=3)
    return (loss, chord), Frame(
        frame.title, frame.x_label, marks=(Mark(middle / max(whole, 1), "■"),), empty=frame.empty
    )


def colored(found: MapView, background: Rgb) -> Field | None:
    """The map as colors, by rank: each color has as much of the map as any other."""
    seen, known = found.seen, found.known
    if seen is None or known is None:
        return None
    finite = known[np.isfinite(known)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    shares = _ranks(known)[::-1]
    pixels = scale_colors(shares, 0.0, 1.0, background)
    marks = np.array(list(SHADES))[(np.nan_to_num(shares) * (len(SHADES) - 1)).round().astype(int)]
    x, y, kinds = seen.path[:, 0], seen.path[:, 1], np.zeros(len(seen.path), np.int64)
    if found.line is not None:
        cells = np.array([*found.line.ends, found.line.middle])
        x, y = np.append(x, seen.x[cells[:, 1]]), np.append(y, seen.y[cells[:, 0]])
        kinds = np.append(kinds, [1, 1, 3])
    inks = class_inks(background)
    return Field(
        pixels=pixels,
        marks=marks,
        extent=(float(seen.x[0]), float(seen.x[-1]), float(seen.y[0]), float(seen.y[-1])),
        points=Points(x, y, kinds),
        names=(),
        inks=inks,
        axes=("a", "b"),
        scale=Scale(low, high, ramp(is_dark(background)), SHADES),
        chosen=(0.0, 0.0),
    )


def _ranks(losses: Floats) -> Floats:
    """From 0 for the lowest loss to 1 for the highest: the share of the map that is lower; NaN where there is none."""
    # Between losses that are alike but for rounding there is no order.
    far = float(np.finfo(np.float32).max)
    known = np.nan_to_num(losses, nan=0.0, posinf=far, neginf=-far).clip(-far, far).astype(np.float32)
    there = np.isfinite(losses)
    plain = np.sort(known[there])
    if not len(plain) or plain[0] == plain[-1]:
        return np.where(there, 0.5, np.nan)
    low, high = np.searchsorted(plain, known, "left"), np.searchsorted(plain, known, "right")
    shares = (low + high - 1) / 2 / (len(plain) - 1)
    # The lowest and the highest have the colors at both ends, however many are alike.
    first, last = shares[there].min(), shares[there].max()
    return np.where(there, ((shares - first) / (last - first) * BANDS).round() / BANDS, np.nan)

"""The commands on the race: variants of the present network trained from the start, side by side."""

from __future__ import annotations

from dataclasses import replace

from nnviz.engine import BeginRace, EndRace, PauseRace, Raced
from nnviz.errors import NnvizError
from nnviz.lab.command import Result
from nnviz.lab.edits import push_entry
from nnviz.lab.effects import Effect, RaceOn, Show, Toast
from nnviz.lab.lab import Entry, Lab
from nnviz.lab.race_place import SEEDS, STEPS, RacePlace
from nnviz.lab.walk import leave
from nnviz.network.variants import KINDS, variants
from nnviz.run import Lane, Run


def lanes_of(lab: Lab) -> tuple[Lane, ...]:
    """Those that would race now.

    Raises:
        NnvizError: the network has nothing of the chosen kind.
    """
    place = lab.race
    # Of seeds each is one of those that race.
    seeds = 1 if place.kind == "seed" else place.seeds
    return tuple(Lane(label, network, seeds) for label, network in variants(lab.network, place.kind))


def open_page(lab: Lab) -> Result:
    """Go to the page of the race."""
    return lab, (Show("race", focus=True),)


def go(lab: Lab) -> Result:
    """Begin a race, pause it, or go on."""
    place = lab.race
    if place.running:
        lab = replace(lab, race=replace(place, paused=not place.paused))
        return lab, (Show("race"), RaceOn(PauseRace(lab.race.paused)))
    try:
        lanes = lanes_of(lab)
    except NnvizError as error:
        return lab, (Toast(f"{error.message[:1].upper()}{error.message[1:]}.", error.hint, "warning"),)
    begun = replace(
        place, lanes=lanes, goal=place.steps, number=place.number + 1, raced=None, running=True, paused=False,
        ended=False, row=None, restarts=0,
    )  # fmt: skip
    return replace(lab, race=begun), (Show("race"), begin(begun))


def begin(place: RacePlace) -> Effect:
    """The effect that begins the race of this place in the engine."""
    return RaceOn(BeginRace(place.number, place.lanes, place.goal))


def cancel(lab: Lab) -> Result:
    """End the race before it is over; without one, leave the panel that fills the screen."""
    if not lab.race.running:
        return leave(lab)
    # Where it stands at its end is still on its way.
    place = replace(lab.race, running=False, paused=False, ended=True)
    return replace(lab, race=place), (RaceOn(EndRace()),)


def turn(lab: Lab, by: int) -> Result:
    """Vary something else."""
    kinds = list(KINDS)
    kind = kinds[(kinds.index(lab.race.kind) + by) % len(kinds)]
    return _chosen(lab, replace(lab.race, kind=kind))


def more_seeds(lab: Lab, by: int) -> Result:
    """More seeds for each, or fewer."""
    if lab.race.kind == "seed":
        return lab, (Toast("Here each seed races by itself."),)
    return _chosen(lab, replace(lab.race, seeds=_next(SEEDS, lab.race.seeds, by)))


def longer(lab: Lab, by: int) -> Result:
    """A longer race, or a shorter one."""
    return _chosen(lab, replace(lab.race, steps=_next(STEPS, lab.race.steps, by)))


def _next(values: tuple[int, ...], now: int, by: int) -> int:
    return values[min(max(values.index(now) + by, 0), len(values) - 1)]


def _chosen(lab: Lab, place: RacePlace) -> Result:
    """The next race is another one; the one that runs goes on until it is over."""
    if lab.race.running:
        return lab, (Toast("This race goes on as it was begun.", "{race_cancel} ends it."),)
    # What was raced is shown until then, where it is of the same kind.
    if place.kind != lab.race.kind:
        place = replace(place, lanes=(), raced=None, row=None)
    return replace(lab, race=place), (Show("race"),)


def at_row(lab: Lab, row: int) -> Result:
    """Choose one of those that race."""
    return (lab if lab.race.chosen == row else replace(lab, race=replace(lab.race, row=row))), ()


def take(lab: Lab) -> Result:
    """Take the chosen one into the stack as its first run has ended; while it races, at its start."""
    place, at = lab.race, lab.race.chosen
    if at is None or at >= len(place.lanes):
        return lab, (Toast("None is ahead yet: there is nothing to take.", "{race_go} begins a race."),)
    lane, finished = place.lanes[at], place.raced.finished if place.raced is not None else ()
    ended = finished[at] if at < len(finished) else None
    network, step = (ended.network, ended.checkpoint.step) if ended else (lane.network, 0)
    if (network, step) == (lab.network, lab.present.step):
        return lab, (Toast(f"{lane.label} is in the stack already.", "{panel_1} goes there."),)
    run = Run(network, parent=lab.run)
    entry = Entry(run, ended.checkpoint if ended else None, document=lab.present.document)
    after, effects = push_entry(lab, entry)
    words = f"{lane.label} is in the stack now, {f'as it stands after {step:,} steps' if step else 'at its start'}."
    return after, (*effects, Toast(words, "{panel_1} goes there, {undo} brings the old one back."))


def on_raced(lab: Lab, event: Raced) -> Result:
    """Where the race stands; unchanged if the event belongs to an earlier race."""
    if event.number != lab.race.number:
        return lab, ()
    place = replace(lab.race, raced=event, running=not (event.over or lab.race.ended))
    lab = replace(lab, race=place)
    if event.message:
        return lab, (Toast(f"The race cannot go on: {event.message}", event.hint, "error"),)
    ahead = place.ahead
    if not event.over or ahead is None or place.ended:
        return lab, ()
    words = f"The race is over: {place.lanes[ahead].label} has the lowest test loss, {event.standings[ahead].loss:.4g}."
    return lab, (Toast(words, "{race} shows it, {race_take} takes it there.", unless_visible="race"),)


def on_died(lab: Lab, restarted: bool) -> Result:
    """The process has died: begin the race again, once, if there is a new one."""
    place = lab.race
    if not place.running:
        return lab, ()
    if place.restarts or not restarted:
        ended = replace(place, running=False, paused=False, number=place.number + 1)
        words = "The race has ended: the training process died."
        return replace(lab, race=ended), (Toast(words, "{race_go} begins it again.", "error"),)
    again = replace(place, number=place.number + 1, raced=None, paused=False, restarts=1)
    return replace(lab, race=again), (begin(again),)

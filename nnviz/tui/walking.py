"""Computes the numbers of a walk in slices, once its data are loaded, so that the screen stays responsive."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from time import perf_counter

from textual.timer import Timer
from textual.widget import Widget

from nnviz.errors import NnvizError
from nnviz.lab import Lab, WalkPlace, walk
from nnviz.lab.command import Action
from nnviz.run import Walk
from nnviz.tui.background import in_background, notice

SLICE = 0.01
"""Seconds that are computed at a time."""

SOON = 0.02
"""Seconds until the next slice."""

PACE = 0.7
"""Seconds at each stop while the walk plays."""


class Walking:
    """The computed part of the step that is walked through.

    Args:
        clock: the widget whose timers are used.
        lab: gives the present lab.
        do: carries out the action that follows from a slice.

    Attributes:
        walk: the numbers; None if there is no walk.
        error: the exception that ended the computation; the panel of the walk shows it.
    """

    def __init__(self, clock: Widget, lab: Callable[[], Lab], do: Callable[..., None]) -> None:
        self._clock = clock
        self._lab = lab
        self._do: Callable[..., None] = do
        self._way: Timer | None = None
        self._playing: Timer | None = None
        self._of: tuple[object, ...] = ()
        self._data: Future[None] = Future()
        self.walk: Walk | None = None
        self.error: Exception | None = None

    def follow(self, tick: Action) -> None:
        """Start or stop the timer of a walk that plays; forget the numbers of a walk that has ended."""
        place = self._lab().walk
        if place.step is None:
            self.walk, self.error, self._of = None, None, ()
        if place.playing and self._playing is None:
            self._playing = self._clock.set_interval(PACE, lambda: self._do(tick))
        elif not place.playing and self._playing is not None:
            self._playing.stop()
            self._playing = None

    def compute(self) -> None:
        """Compute up to the goal, unless that is in progress."""
        if self._way is None:
            self._slice()

    def _slice(self) -> None:
        self._way = None
        place = self._lab().walk
        if place.step is None:
            return
        self.error = None
        try:
            self._advance(place)
        except Exception as error:
            self.error = error
            self._do(walk.pause_playing)

    def _advance(self, place: WalkPlace) -> None:
        found = self._begun()
        if found is None:
            return
        if not self._data.done():
            # Once the data are there, `_loaded` goes on. The key that led here has cleared the toasts.
            notice(self._clock, self._data, self._do)
            return
        end = perf_counter() + SLICE
        try:
            self._data.result()
            reached = found.reach(place.goal, lambda: perf_counter() < end)
        except NnvizError as error:
            # The next try begins anew: the data may be mended by then.
            self._of = ()
            self._do(walk.on_walk_failed, found.reached, error.message, error.hint)
            return
        if reached:
            self._do(walk.on_reached, place.goal)
        else:
            self._way = self._clock.set_timer(SOON, self._slice)

    def _begun(self) -> Walk | None:
        """The walk through the step of the lab; None if it cannot begin."""
        lab = self._lab()
        entry = lab.present
        if entry.pending:
            # Its step is not known yet; the walk begins once it is.
            return None
        # The same step of the same run has the same numbers.
        of = (entry.run, entry.step, lab.walk.predicting, lab.walk.sample)
        if self.walk is None or self._of != of:
            try:
                self.walk = Walk(entry.run, entry.checkpoint, lab.walk.predicting, lab.walk.sample)
            except NnvizError as error:
                self._do(walk.on_walk_refused, error.message, error.hint)
                return None
            self._of = of
            self._data = in_background(self._clock, self.walk.load, self._loaded, self._do)
        return self.walk

    def _loaded(self, data: Future[None]) -> None:
        """Go on, unless another walk has begun meanwhile."""
        if data is self._data:
            self.compute()

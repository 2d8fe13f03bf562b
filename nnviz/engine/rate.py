"""How many steps a second are taken."""

from __future__ import annotations

from time import perf_counter

WINDOW = 0.2
"""Seconds that a measurement takes at least."""


class StepRate:
    """Recent steps per second: an exponential moving average, in which each measurement counts half.

    Attributes:
        value: steps per second; 0 until the first measurement.
    """

    def __init__(self) -> None:
        self.value = 0.0
        self._step, self._time = 0, 0.0

    def restart(self, step: int) -> None:
        """Begin a measurement at this step; the average so far stays."""
        self._step, self._time = step, perf_counter()

    def measure(self, step: int, now: float) -> None:
        """Take a measurement, if WINDOW has passed since the last one.

        Args:
            step: how many steps were taken.
            now: the time, by `perf_counter`.
        """
        seconds = now - self._time
        if seconds >= WINDOW:
            latest = (step - self._step) / seconds
            self.value = latest if self.value == 0 else 0.5 * (self.value + latest)
            self._step, self._time = step, now

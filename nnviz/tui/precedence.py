"""Keys go first: what the screen draws by itself waits while a key is on its way to its picture."""

from __future__ import annotations

from time import perf_counter
from weakref import WeakKeyDictionary

LONGEST = 0.05
"""Seconds after which the rest goes on although the key is still on its way: what it does may need that."""


class Precedence:
    """Whether a key is on its way: from the moment it is read until its picture is painted.

    A layout or a picture takes as long as a key may; the way of a key leads through a dozen message queues, and behind
    each of them some of these would be done first.
    """

    def __init__(self) -> None:
        self._since: float | None = None

    def claim(self) -> None:
        """A key was read. Any thread may call this."""
        if self._since is None:
            self._since = perf_counter()

    def release(self) -> None:
        """No key is on its way any more."""
        self._since = None

    @property
    def claimed(self) -> bool:
        """Whether the rest has to wait."""
        since = self._since
        return since is not None and perf_counter() - since < LONGEST


_of_apps: WeakKeyDictionary[object, Precedence] = WeakKeyDictionary()


def precedence_of(app: object) -> Precedence:
    """That of an app: each has one, whose keys it is about."""
    return _of_apps.setdefault(app, Precedence())

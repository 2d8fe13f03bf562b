"""The session: what was on the screen when the program ended, with all that training goes on from.

It is kept in one file in the state folder of the platform, and replaced as a whole when the program ends after
something was done in it.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_state_path

from nnviz.errors import DataError, MissingFileError, NnvizError
from nnviz.lab import Entry, Lab
from nnviz.serialization.disk import write
from nnviz.tui.saving import standing

if TYPE_CHECKING:
    from nnviz.files.opened import Opened


def session_path() -> Path | None:
    """The path of the file; None if the user has no home directory."""
    try:
        return user_state_path("nnviz", appauthor=False) / "session.safetensors"
    except (RuntimeError, KeyError, OSError):
        return None


def write_session(lab: Lab) -> Path | None:
    """Keep the present run of a lab, and return the path; None if there is no path for it.

    Raises:
        OSError, NnvizError: it cannot be written.
    """
    # Imported when a session is kept or resumed, so that the program opens sooner.
    from nnviz.files.saved import state_of
    from nnviz.files.state import state_bytes
    from nnviz.views.changes import changes_of

    path = session_path()
    if path is None:
        return None
    run, checkpoint = standing(lab)
    state = replace(state_of(run, checkpoint, changes_of(run)), place=lab.place)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write(path, state_bytes(state))
    return path


def read_session() -> Opened:
    """The session that was kept last; without its step and history if its file of data has changed since.

    Raises:
        DataError: none was kept, or the file cannot be read, or is not one.
    """
    from nnviz.files.opened import Opened
    from nnviz.files.saved import ANEW
    from nnviz.files.state import read_state

    path = session_path()
    try:
        if path is None:
            raise MissingFileError("no home directory")
        state = read_state(path)
    except MissingFileError:
        raise DataError(
            "there is no session to resume", "one is kept whenever nnviz is quit after something was done in it"
        ) from None
    except NnvizError as error:
        message = f"the session cannot be resumed: {error.message}"
        raise DataError(message, "start nnviz without --resume; the next session replaces the file") from None
    folder = state.place.model.parent if state.place is not None else None
    if state.changed:
        weights = state.weights if state.checkpoint is None else state.checkpoint.parameters
        words = f"{state.changed}; {ANEW}" if weights else state.changed
        return Opened(state.network, weights, folder, (words,), state.place, planned=state.planned)
    return Opened(
        state.network,
        state.weights,
        folder,
        place=state.place,
        checkpoint=state.checkpoint,
        planned=state.planned,
        changes=state.changes,
    )


def _is_saved(lab: Lab) -> bool:
    """Whether the files of the present network have it where it stands."""
    from nnviz.files.opened import open_model
    from nnviz.files.saved import with_state

    if lab.place is None:
        return False
    try:
        found = with_state(open_model(lab.place.model))
    except NnvizError:
        return False
    step = 0 if found.checkpoint is None else found.checkpoint.step
    return found.network == lab.network and step == lab.present.step


class Session:
    """Keeps the session once, when the program ends, from whatever thread comes first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: Entry | None = None
        self._kept = False

    def begin(self, lab: Lab) -> None:
        """The program has opened: what it shows now need not be kept."""
        self._begun = lab.present

    def keep(self, lab: Lab) -> bool:
        """Write the session, if something was done; another thread that calls it meanwhile waits.

        Returns:
            Whether it was written now, and has what was not saved in a file.

        Raises:
            OSError, NnvizError: it cannot be written.
        """
        with self._lock:
            if self._kept or self._begun is None or not self._is_new(lab.present):
                return False
            self._kept = True
            return write_session(lab) is not None and not _is_saved(lab)

    def _is_new(self, entry: Entry) -> bool:
        assert self._begun is not None  # noqa: S101 (the caller has asked)
        return bool(entry.pending) or entry.run is not self._begun.run or entry.step != self._begun.step

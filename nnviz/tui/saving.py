"""Saving and opening off the interface's thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from textual.screen import Screen

from nnviz.engine import Engine
from nnviz.errors import NnvizError
from nnviz.lab import Lab, files
from nnviz.lab.command import Action
from nnviz.lab.effects import Read, Save
from nnviz.run import Checkpoint, Run
from nnviz.run.queries import CheckpointTaken, TakeCheckpoint
from nnviz.tui.background import in_background
from nnviz.tui.text import clean
from nnviz.tui.widgets.panel import Seen

if TYPE_CHECKING:
    from nnviz.files.opened import Opened
    from nnviz.files.saved import Saved


PATIENCE = 5.0
"""Seconds that saving waits for the newest checkpoint while it trains."""


class Host(Protocol):
    """Whose lab is saved, and which takes the actions that follow."""

    lab: Lab

    @property
    def engine(self) -> Engine:
        """The engine that trains."""

    @property
    def seen(self) -> Seen:
        """The newest moment."""

    def do(self, action: Action, *arguments: object) -> None:
        """Carry out an action."""


class OthersThereError(Exception):
    """There are files that may be replaced only after a question.

    Args:
        found: which.
        changed: whether they are those that were opened, changed since.
    """

    def __init__(self, found: list[Path], changed: bool) -> None:
        super().__init__()
        self.found, self.changed = tuple(found), changed


class Saving:
    """Saves and opens models in a thread, one at a time.

    Args:
        screen: by whose messages the interface's thread is reached.
        host: gives the lab, and takes the actions that follow.
    """

    def __init__(self, screen: Screen[None], host: Host) -> None:
        self._screen, self._host = screen, host
        self._saving: Future[Saved] | None = None

    def save(self, effect: Save) -> None:
        """Save the present run where it stands; while it trains, at the newest step that the screen has shown."""
        if self._saving is not None and not self._saving.done():
            self._host.do(files.saving)
            return
        run, checkpoint = standing(self._host.lab)
        newest = self._newest()

        def done(found: Future[Saved]) -> None:
            try:
                self._host.do(files.saved, effect, found.result())
            except OthersThereError as error:
                self._host.do(files.ask_to_replace, effect, error.found, error.changed)
            except Exception as error:
                self._host.do(files.not_saved, *_told(error))

        self._saving = self._begin(lambda: _save(run, _taken(newest, checkpoint), effect), done, files.saving)

    def _newest(self) -> Future[CheckpointTaken] | None:
        """While it trains, the checkpoint of the step that is shown: others come a second apart."""
        lab, moment = self._host.lab, self._host.seen.moment
        if not lab.running or lab.present.pending or moment is None or moment.number != lab.status.number:
            return None
        return self._host.engine.ask(TakeCheckpoint(), moment.step)

    def open(self, path: str) -> None:
        """Read a model, and the data it names."""
        self.read(Read("Opening the model", lambda: _read(path), files.opened, files.not_opened))

    def read(self, effect: Read) -> None:
        """Read what is asked for."""
        # Imported when something is read, so that the program opens sooner.
        from nnviz.tui.dialogs.reading import read_watched

        def done(found: Future[Any]) -> None:
            error = found.exception()
            if error is None:
                self._host.do(effect.done, found.result())
            else:
                self._host.do(effect.failed, *_told(error))

        read_watched(self._screen, effect.title, effect.work, done)

    def _begin(self, work: Callable[[], Saved], done: Callable[[Future[Saved]], None], slow: Action) -> Future[Saved]:
        return in_background(self._screen, work, done, self._host.do, slow)

    def finish(self, seconds: float) -> None:
        """Wait until what is being saved is written."""
        if self._saving is not None:
            try:
                self._saving.result(seconds)
            except Exception:
                # The program ends: there is no screen to say it on.
                return


def _told(error: BaseException) -> tuple[str, str]:
    """What went wrong, and what to do, as far as that is known."""
    if isinstance(error, NnvizError):
        return clean(error.message, 400), clean(error.hint)
    return clean(f"{type(error).__name__}: {error}", 400), ""


def standing(lab: Lab) -> tuple[Run, Checkpoint | None]:
    """The present run with the changes that wait for it to stop, and its last checkpoint."""
    entry = lab.present.on_stopped(lab.present.checkpoint)
    return entry.run, entry.checkpoint


def _taken(newest: Future[CheckpointTaken] | None, last: Checkpoint | None) -> Checkpoint | None:
    """The newest checkpoint; the last that has come by itself, if the newest does not come."""
    if newest is None:
        return last
    try:
        return newest.result(PATIENCE).checkpoint
    except (NnvizError, CancelledError, TimeoutError):
        return last


# Imported when something is saved or opened, so that the program opens sooner.
def _save(run: Run, checkpoint: Checkpoint | None, effect: Save) -> Saved:
    from nnviz.files.saved import existing, save_state, state_of
    from nnviz.views.changes import changes_of

    if not effect.replaces:
        found = existing(effect.model)
        changed = effect.known is not None and effect.known.changed
        if found and (effect.known is None or changed):
            raise OthersThereError(found, changed)
    return save_state(state_of(run, checkpoint, changes_of(run)), effect.model)


def _read(path: str) -> Opened:
    from nnviz.files.opened import open_model
    from nnviz.files.saved import with_state

    return with_state(open_model(path))

"""Saving what the screen shows: the model file, and beside it weights, state and history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from nnviz.data import CONTENT
from nnviz.errors import DataError, NnvizError
from nnviz.files.export import history_csv
from nnviz.files.model_file import model_bytes
from nnviz.files.opened import Opened
from nnviz.files.place import HISTORY, MODEL, STATE, WEIGHTS, Place, files_beside
from nnviz.files.plain import weight_shapes
from nnviz.files.state import OtherNetworkError, State, read_state, state_bytes
from nnviz.files.weights import weights_bytes
from nnviz.network import trace
from nnviz.paths import exists
from nnviz.run import Changed, Checkpoint, Run, Trainer, Weights
from nnviz.serialization.disk import make_folder, write_together


@dataclass(frozen=True)
class Saved:
    """What was saved.

    Attributes:
        place: the model file.
        files: the names of all files that were written in its folder; the model file comes first.
        step: how many steps the saved weights were trained.
    """

    place: Place
    files: tuple[str, ...]
    step: int


ANEW = "training starts at step 0, from the saved weights"
"""What happens where training cannot go on as the unbroken run."""


def state_of(run: Run, checkpoint: Checkpoint | None, changes: tuple[Changed, ...] | None = None) -> State:
    """A run where it stands, as a state that does not depend on its earlier changes.

    Args:
        run: the run.
        checkpoint: its last checkpoint, or that of the run it was made from; None at its start.
        changes: what was changed in it, as it is told; default what is known from before it was opened.

    Raises:
        NnvizError: the run cannot be brought to its last change.
    """
    network = run.present
    if trace(network).diagnostic is not None:
        return State(network, None, _that_fit(run.learned(checkpoint), run), run.planned_now)
    last = max((change.step for change in run.changes), default=0)
    if checkpoint is None or checkpoint.step <= last:
        # The last change is not made in it yet.
        trainer = Trainer(run, checkpoint)
        steps = trainer.steps()
        while trainer.step < last:
            next(steps)
        # From where on the run is checked is known to its health alone, once it is opened again without its changes.
        if trainer.optimizer is not None:
            _ = trainer.health
        checkpoint = trainer.checkpoint()
    shapes = {name: array.shape for name, array in checkpoint.parameters.items()}
    finite = checkpoint.last_finite
    if finite is not None and shapes != {name: array.shape for name, array in finite.parameters.items()}:
        # It is of another network, from before the last change.
        finite = None
    elif finite is not None:
        finite = replace(finite, before=None)
    changes = run.earlier if changes is None else changes
    return State(network, replace(checkpoint, before=None, last_finite=finite), {}, run.planned_now, changes=changes)


def _that_fit(weights: Weights, run: Run) -> Weights:
    shapes = weight_shapes(run.present)
    return {name: array for name, array in weights.items() if shapes.get(name) == array.shape}


def existing(model: Path) -> list[Path]:
    """The files that saving to this model file would replace."""
    return [path for path in files_beside(model).values() if exists(path)]


def save_state(state: State, model: Path) -> Saved:
    """Write the model file, and weights, state and history beside it; all of them or none.

    Of a network that has an error, the model file is written alone. Comments in the model file stay.

    Raises:
        WriteError: a file cannot be written; all of them are as they were.
        DataError: the network has an error, and the weights that are there would not belong to it.
    """
    files, checkpoint = files_beside(model), state.checkpoint
    make_folder(model.parent)
    content = {files[MODEL]: model_bytes(state.network, model)}
    if checkpoint is not None:
        content = {
            files[STATE]: state_bytes(replace(state, place=None), model.parent),
            files[WEIGHTS]: weights_bytes(checkpoint.parameters, str(state.network.settings.data.get(CONTENT) or "")),
            files[HISTORY]: history_csv(checkpoint.history).encode(),
            **content,
        }
    elif exists(files[WEIGHTS]):
        raise DataError(
            f"the stack has an error, so {files[WEIGHTS].name} would not belong to it",
            "fix the error first, or save under another name",
        )
    write_together(content)
    return Saved(
        Place.of(model),
        tuple(path.name for path in files.values() if path in content),
        checkpoint.step if checkpoint else 0,
    )


def with_state(opened: Opened) -> Opened:
    """An opened model with the state that was saved beside it, if there is one that belongs to it.

    Where the weights were replaced since the state was saved, they count, and the run begins with them; so it does
    where the file of data has changed.
    """
    if opened.place is None:
        return opened
    path = files_beside(opened.place.model)[STATE]
    if not exists(path):
        return opened
    try:
        state = read_state(path, opened.network)
    except OtherNetworkError:
        return _without(opened, f"{path.name} is of another network; training starts at step 0")
    except NnvizError as error:
        return _without(opened, f"{error.message}; training starts at step 0")
    checkpoint = state.checkpoint
    if checkpoint is None:
        return _without(opened, f"{path.name} contains no checkpoint; training starts at step 0")
    if state.changed:
        # Weights of the same data have told it already.
        others = tuple(warning for warning in opened.warnings if warning != state.changed)
        return _without(replace(opened, warnings=others), f"{state.changed}; {ANEW}")
    # Without a file of weights, those of the state are the only ones.
    if opened.weights and not same_weights(checkpoint.parameters, opened.weights):
        return _without(opened, f"{path.name} is of other weights; training starts at step 0")
    return replace(opened, checkpoint=checkpoint, planned=state.planned, changes=state.changes)


def _without(opened: Opened, warning: str) -> Opened:
    return replace(opened, warnings=(*opened.warnings, warning))


def same_weights(one: Weights, other: Weights) -> bool:
    """Whether two sets of weights are equal, bit for bit."""
    return one.keys() == other.keys() and all(one[name].tobytes() == other[name].tobytes() for name in one)

"""What a command asks of the outside, as plain values: the screen and the engine carry them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nnviz.engine import Train
from nnviz.network import Settings
from nnviz.registry import Spec, Value
from nnviz.run.merge import Merge

Severity = Literal["information", "warning", "error"]


@dataclass(frozen=True)
class Toast:
    """Show a toast.

    Attributes:
        text: a sentence.
        hint: what to do next; the id of a command in braces stands for its key.
        severity: how it is coloured.
        unless: the panel that shows it anyway: while that can be seen, nothing is said.
    """

    text: str
    hint: str = ""
    severity: Severity = "information"
    unless: str = ""


@dataclass(frozen=True)
class ClearToasts:
    """Take the toasts away: they belong to what is no longer on the screen."""


@dataclass(frozen=True)
class StartRun:
    """Hand the present run to the engine, standing at its checkpoint; with `train`, train at once."""

    train: Train | None = None


@dataclass(frozen=True)
class TrainOn:
    """Train as ordered."""

    train: Train


@dataclass(frozen=True)
class StopTraining:
    """StopTraining after the step under way."""


@dataclass(frozen=True)
class RestartEngine:
    """Start another training process; the one before is gone."""


@dataclass(frozen=True)
class ComputeWalk:
    """Compute the walk up to its goal; `walked` or `walk_failed` follows."""


@dataclass(frozen=True)
class ShowPanel:
    """Let the panel of this name be seen; with `focus` the keys go to it, and a small one fills the screen."""

    name: str
    focus: bool = False


@dataclass(frozen=True)
class GoToPanel:
    """Go to the panel with this number; where the keys are there already it fills the screen, or gives it back."""

    number: int


@dataclass(frozen=True)
class LeaveWalk:
    """The keys go where they went before the walk."""


@dataclass(frozen=True)
class Minimise:
    """Give all panels their places back."""


@dataclass(frozen=True)
class TurnMatrices:
    """Another element of the matrices on the walk: `turn` to the next gradient, `lead` to the next slice."""

    action: Literal["turn", "lead", "unfold"]
    by: int = 0


@dataclass(frozen=True)
class PickLayer:
    """Choose a layer; the answer is its name."""


@dataclass(frozen=True)
class EditLayer:
    """Enter a layer's arguments; the answer is the layer.

    Attributes:
        name: which layer.
        values: what the fields hold at first.
        preview: what the stack would make of a layer, in words.
        first: the field that the cursor starts in.
        title: the dialog's title.
    """

    name: str
    values: Mapping[str, Value]
    preview: Callable[[Spec], str]
    first: str
    title: str


@dataclass(frozen=True)
class EditSettings:
    """Edit the settings; the answer is them, and whether the stack shall be fitted to the data."""

    settings: Settings
    first: str


@dataclass(frozen=True)
class Choose:
    """Choose one of several; the answer is its number.

    Attributes:
        title: what is chosen.
        choices: the name of each, and what would come of it.
    """

    title: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class ShowMerge:
    """Show the layer that a stretch of linear ones equals; the answer says whether it takes their place."""

    found: Merge


@dataclass(frozen=True)
class Help:
    """Show the help of the panel that has the keys, and all keys."""


Dialog = PickLayer | EditLayer | EditSettings | Choose | ShowMerge | Help


@dataclass(frozen=True)
class Open:
    """Open a dialog. Its answer goes through `answered`; a dialog that is cancelled answers nothing.

    Attributes:
        dialog: which one.
        answered: (lab, answer) → (lab, effects), as a command does.
    """

    dialog: Dialog
    answered: Callable[..., Any] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class ComputeMerge:
    """Compute the merged layer from the weights of the present run; `merge_found` follows."""


@dataclass(frozen=True)
class NextTheme:
    """Take the next theme."""


@dataclass(frozen=True)
class OpenPalette:
    """Open the palette of all commands."""


@dataclass(frozen=True)
class Quit:
    """End the program."""


Effect = (
    Toast | ClearToasts | StartRun | TrainOn | StopTraining | RestartEngine | ComputeWalk | ShowPanel | GoToPanel
    | LeaveWalk | Minimise | TurnMatrices | Open | ComputeMerge | NextTheme | OpenPalette | Quit
)  # fmt: skip

"""The side effects that a command requests, as plain values; the screen and the engine perform them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from nnviz.engine import Pace, RaceCommand, Train
from nnviz.files.place import Place
from nnviz.network import Network, Settings
from nnviz.registry import Spec, Value
from nnviz.run.merge import Merge

Severity = Literal["information", "warning", "error"]

Subject = Literal["network", "training", "graph", "walk", "layer", "samples", "fits", "activation", "loss", "race"]
"""What an effect can ask to be visible: the graph page that `Lab.graph` names, or the network and its edits.

Which panel shows it is declared by the panel, in `SHOWS`.
"""


@dataclass(frozen=True)
class Toast:
    """Show a toast.

    Attributes:
        text: a sentence.
        hint: what to do next; the id of a command in braces stands for its key.
        severity: how it is colored.
        unless_visible: there is no toast while the panel with this subject is visible, since it shows the same.
    """

    text: str
    hint: str = ""
    severity: Severity = "information"
    unless_visible: Subject | None = None


@dataclass(frozen=True)
class ClearToasts:
    """Remove all toasts."""


@dataclass(frozen=True)
class StartRun:
    """Start the present run in the engine, at its checkpoint; with `train`, train immediately."""

    train: Train | None = None


@dataclass(frozen=True)
class TrainOn:
    """Train as ordered."""

    train: Train


@dataclass(frozen=True)
class StopTraining:
    """Stop training after the current step."""


@dataclass(frozen=True)
class RestartEngine:
    """Start a new training process after the previous one has died."""


@dataclass(frozen=True)
class SetPace:
    """Train at this pace, and remember it for the next start."""

    pace: Pace


@dataclass(frozen=True)
class RaceOn:
    """Begin, pause or end a race; `race.on_raced` follows."""

    command: RaceCommand


@dataclass(frozen=True)
class EndRow:
    """End the row of rate keys after a pause, unless one is pressed again: `training.end_row` follows."""


@dataclass(frozen=True)
class ComputeWalk:
    """Compute the walk up to its goal; `on_reached` or `on_walk_failed` follows."""


@dataclass(frozen=True)
class Show:
    """Show the panel that has this subject; with `focus`, focus it, and maximize it if it is small."""

    subject: Subject
    focus: bool = False


@dataclass(frozen=True)
class GoToPanel:
    """Focus the panel with this number; if it has the focus already, maximize or restore it."""

    number: int


@dataclass(frozen=True)
class LeaveWalk:
    """Return the focus to the widget that had it before the walk."""


@dataclass(frozen=True)
class Minimize:
    """Restore a maximized panel."""


@dataclass(frozen=True)
class SelectGradient:
    """On a backward stop, explain the gradient of another input, `by` further."""

    by: int


@dataclass(frozen=True)
class SelectSlice:
    """Show another channel or sample of the walk's arrays, `by` further."""

    by: int


@dataclass(frozen=True)
class ShowElement:
    """Open the scalar computation behind the chosen element."""


@dataclass(frozen=True)
class WalkSample:
    """Walk through the sample that is chosen on the page of the data."""


@dataclass(frozen=True)
class FocusData:
    """Focus what the page of the data is to show: its list, or the confusion matrix."""


@dataclass(frozen=True)
class ShowWhy:
    """Show why the chosen weight moved in the last step."""


@dataclass(frozen=True)
class AskWeight:
    """Edit the chosen weight; `ask_weight` follows, with its present value."""


@dataclass(frozen=True)
class ShowNumbers:
    """List the numbers of the fit that is chosen on the page of fitting."""


@dataclass(frozen=True)
class AskTarget:
    """Enter a function to fit; the answer is the data set, with the arguments that were entered.

    Attributes:
        data: the data set whose formula and range are the initial ones.
    """

    data: Spec


@dataclass(frozen=True)
class Measure:
    """Measure the time of all activation functions in a thread; `on_measured` follows again and again."""


@dataclass(frozen=True)
class StopMeasuring:
    """Stop measuring it."""


@dataclass(frozen=True)
class EditWeight:
    """Enter the value of a weight; the answer is the number.

    Attributes:
        name: what the weight is called.
        value: its present value.
    """

    name: str
    value: float


@dataclass(frozen=True)
class PickLayer:
    """Choose a kind of layer; the answer is its name.

    Attributes:
        title: the dialog's title.
        verb: what Enter does, in a word.
        category: the category of those that are listed; all if empty.
        taken: the name of the initial choice.
    """

    title: str = "Add a layer"
    verb: str = "add"
    category: str = ""
    taken: str = ""


@dataclass(frozen=True)
class Question:
    """A question that a form asks in place of an argument that follows from the shapes.

    Attributes:
        asked: the question.
        answer: what is right.
        origin: where that comes from.
    """

    asked: str
    answer: Value
    origin: str

    def reply(self, value: Value) -> str:
        """Whether the value is right, and what is."""
        return f"{'right' if value == self.answer else 'no'}: {self.answer} comes in, {self.origin}"


@dataclass(frozen=True)
class EditLayer:
    """Enter a layer's arguments; the answer is the layer.

    Attributes:
        name: the kind of layer.
        values: the initial values of the fields.
        preview: describes the layer's shapes, or its error, in the edited network.
        first: the field that is focused initially.
        title: the dialog's title.
        questions: arguments that are asked for, by their names.
    """

    name: str
    values: Mapping[str, Value]
    preview: Callable[[Spec], str]
    first: str
    title: str
    questions: Mapping[str, Question] = field(default_factory=dict)


@dataclass(frozen=True)
class EditSettings:
    """Edit the settings; the answer is the settings, and whether to adapt the network to the data."""

    settings: Settings
    first: str


class Choice(NamedTuple):
    """One of several.

    Attributes:
        name: its name.
        about: its description.
        steps: the layers of the network that it leads to, each with whether it stands out.
    """

    name: str
    about: str
    steps: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True)
class Choose:
    """Choose one of several; the answer is its index.

    Attributes:
        title: the dialog's title.
        choices: the choices.
    """

    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, eq=False)
class ShowMerge:
    """Show the layer that consecutive linear layers equal; the answer is whether to replace them with it."""

    found: Merge


@dataclass(frozen=True)
class Help:
    """Show the help of the focused panel, and all keys."""


@dataclass(frozen=True)
class AskName:
    """Enter the name to save under; the answer is the text.

    Attributes:
        name: the initial text.
    """

    name: str


@dataclass(frozen=True)
class AskFile:
    """Choose a model file or data; the answer is the path.

    Attributes:
        folder: the folder that is shown first.
    """

    folder: Path


Fit = Literal["adapt", "keep", "new"]
"""What becomes of the stack on other data: it is adapted, it stays, or a new one is made."""


@dataclass(frozen=True)
class ShowData:
    """Show what will be made of a file of data; the answer is a `DataTaken`.

    Attributes:
        path: the file, or the folder of images.
        network: the network that is adapted on request.
    """

    path: Path
    network: Network


@dataclass(frozen=True)
class DataTaken:
    """Data that were chosen.

    Attributes:
        data: the data set.
        fit: what becomes of the stack.
    """

    data: Spec
    fit: Fit


Dialog = (
    PickLayer
    | EditWeight
    | EditLayer
    | EditSettings
    | Choose
    | ShowMerge
    | Help
    | AskName
    | AskFile
    | ShowData
    | AskTarget
)


@dataclass(frozen=True)
class Open:
    """Open a dialog. `answered` is applied to its answer; a cancelled dialog has none.

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
class Save:
    """Save the present network; `saved`, `not_saved` or `ask_to_replace` follows.

    Attributes:
        model: the path of the model file; the other files stand beside it.
        document: what is saved, by its number.
        known: this model file as it was opened or saved; other files are replaced only after a question.
        replaces: whether the user has agreed to that.
    """

    model: Path
    document: int
    known: Place | None = None
    replaces: bool = False


@dataclass(frozen=True)
class OpenModel:
    """Read a model file, or the one in a folder; `opened` or `not_opened` follows."""

    path: str


@dataclass(frozen=True, eq=False)
class Read:
    """Do what reads data, in a thread; a progress bar is shown if it takes long, and Escape cancels it.

    Attributes:
        title: what is read.
        work: called in the thread.
        done: (lab, result) → (lab, effects).
        failed: (lab, message, hint) → (lab, effects), if it has raised an error.
    """

    title: str
    work: Callable[[], Any]
    done: Callable[..., Any]
    failed: Callable[..., Any]


@dataclass(frozen=True)
class CopyText:
    """Copy a text to the clipboard."""

    text: str


@dataclass(frozen=True)
class NextTheme:
    """Switch to the next theme."""


@dataclass(frozen=True)
class OpenPalette:
    """Open the palette of all commands."""


@dataclass(frozen=True)
class Quit:
    """End the program."""


Effect = (
    Toast | ClearToasts | StartRun | TrainOn | StopTraining | RestartEngine | SetPace | EndRow | ComputeWalk | LeaveWalk
    | SelectGradient | SelectSlice | ShowElement | ComputeMerge | Show | GoToPanel | Minimize | Open | NextTheme
    | OpenPalette | Quit | RaceOn | Save | OpenModel | Read | CopyText | WalkSample | FocusData | ShowWhy | AskWeight
    | ShowNumbers
    | Measure | StopMeasuring
)  # fmt: skip

"""The commands on the page of fitting: the target, the order or width of what fits it, and what is drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from nnviz import nn
from nnviz.data import Schema, datasets
from nnviz.data.formulas import MOST_DEGREE, MOST_TERMS
from nnviz.data.functions import FUNCTION
from nnviz.errors import NnvizError
from nnviz.lab.command import Result
from nnviz.lab.edits import edit, open_run
from nnviz.lab.effects import AskTarget, Choice, Choose, Open, Show, ShowNumbers, Toast
from nnviz.lab.fit_place import REACHES
from nnviz.lab.lab import Lab
from nnviz.network import for_function, job_of, trace
from nnviz.registry import Spec
from nnviz.run import Run

WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
"""The widths that keys go through."""

FARTHEST = 20
"""How far the point of the Taylor polynomial moves from the middle, in twentieths of the range."""


@dataclass(frozen=True)
class Target:
    """A function that one may choose.

    Attributes:
        text: its formula.
        low, high: the range.
        look: what to look for.
    """

    text: str
    low: float
    high: float
    look: str


TARGETS = (
    Target("sin(x) + 0.3*x", -6, 6, "outside, the sum repeats, the polynomial runs away, and ReLU goes on straight"),
    Target("exp(x)", -2, 2, "Taylor needs few terms; Fourier suffers, because both ends differ: it jumps there"),
    Target("abs(x)", -1, 1, "a kink: Taylor has no derivative at 0; one hidden layer of 2 ReLU units is exact"),
    Target("square(pi*x)", -1, 1, "jumps: the Fourier sum overshoots beside them, however many waves (Gibbs)"),
    Target("sawtooth(pi*x)", -1, 1, "a jump at 0, and a straight line elsewhere: count the waves and the bends"),
    Target("1/(1 + 25*x^2)", -1, 1, "Taylor about 0 converges only for abs(x) < 0.2, smooth as it looks (Runge)"),
    Target(
        "log(1 + x)", -0.9, 2.9, "Taylor about p converges from -1 to 2p + 1 alone: move the point, raise the degree"
    ),
    Target("exp(-x^2)*cos(8*x)", -2, 2, "waves that fade: count the pieces that ReLU takes for each of them"),
    Target("relu(x + 0.5) - 2*relu(x) + relu(x - 0.5)", -1, 1, "a tent, made of three bends: four straight pieces"),
    Target("4*x^3 - 3*x", -1, 1, "a polynomial: Taylor is exact from degree 3 on, about every point"),
)
"""Functions on which the three differ."""


def is_line(schema: Schema) -> bool:
    """Whether data are one value over one input."""
    return not schema.classes and schema.sample_shape == (1,) and schema.values == 1


def with_place(lab: Lab, **changes: object) -> Lab:
    """The lab with these attributes of the place on the page of fitting changed."""
    return replace(lab, fits=replace(lab.fits, **changes))  # type: ignore[arg-type]


def at_row(lab: Lab, row: int) -> Result:
    """Choose a fit."""
    return with_place(lab, row=row), ()


def resize(lab: Lab, by: int) -> Result:
    """More waves, a higher degree or wider layers of the chosen fit; or less."""
    place = lab.fits
    match place.chosen:
        case "fourier":
            return _within(lab, "terms", place.terms + by, MOST_TERMS, "waves")
        case "taylor":
            return _within(lab, "degree", place.degree + by, MOST_DEGREE, "the degree")
    return _widen(lab, by)


def _within(lab: Lab, name: str, value: int, most: int, what: str) -> Result:
    if not 0 <= value <= most:
        return lab, (Show("fits"), Toast(f"{what.capitalize()}: 0 to {most}."))
    return with_place(lab, **{name: value}), (Show("fits"),)


def _widen(lab: Lab, by: int) -> Result:
    """Give all hidden Linear layers the next width."""
    network = lab.network
    linear = [at for at, spec in enumerate(network.layers) if spec.name == nn.usual.linear(1, 1).name]
    if not is_line(job_of(network).schema):
        words = "Fitting needs data of one value over one input."
        return lab, (Show("fits"), Toast(words, "{fit_targets} chooses a function, {fit_target} types one."))
    if len(linear) < 2:
        words = "This stack has no hidden layer, so it has no width: it is a straight line."
        return lab, (Show("fits"), Toast(words, "{add} on page 1 adds a layer; {fit_targets} takes another stack."))
    now = max(int(str(network.layers[at]["out_features"])) for at in linear[:-1])
    width = _next_width(now, by)
    edited = network
    for before, after in pairwise(linear):
        edited = edited.change(before, edited.layers[before].replace(out_features=width))
        edited = edited.change(after, edited.layers[after].replace(in_features=width))
    if lab.valid and trace(edited).diagnostic is not None:
        words = "The width of this stack is not changed by a key: another layer depends on it."
        return lab, (Show("fits"), Toast(words, "{edit} on page 1 edits one layer."))
    if width == now:
        return lab, (
            Show("fits"),
            Toast(f"The width is {WIDTHS[0]} to {WIDTHS[-1]} here.", "{edit} on page 1 edits one layer."),
        )
    lab, effects = edit(lab, edited)
    done = f"The hidden layers have {width} units now; their weights are new."
    return lab, (*effects, Show("fits"), Toast(done, "{undo} restores the layers before."))


def _next_width(now: int, by: int) -> int:
    """The next width in this direction; the same where there is none."""
    others = [width for width in WIDTHS if (width > now if by > 0 else width < now)]
    return now if not others else others[0] if by > 0 else others[-1]


def move(lab: Lab, by: int) -> Result:
    """Move the point of the Taylor polynomial by a twentieth of the range."""
    moved = min(max(lab.fits.moved + by, -FARTHEST), FARTHEST)
    return with_place(lab, moved=moved), (Show("fits"),)


def toggle(lab: Lab) -> Result:
    """Hide the chosen fit, or draw it."""
    place = lab.fits
    return with_place(lab, hidden=place.hidden ^ {place.chosen}), (Show("fits"),)


def reach(lab: Lab) -> Result:
    """How far the picture goes beyond the range: half of it, all, twice, or not at all."""
    at = REACHES.index(lab.fits.reach) if lab.fits.reach in REACHES else 0
    return with_place(lab, reach=REACHES[(at + 1) % len(REACHES)]), (Show("fits"),)


def numbers(lab: Lab) -> Result:
    """List the numbers of the chosen fit."""
    return lab, (Show("fits"), ShowNumbers())


def no_numbers(lab: Lab, why: str) -> Result:
    """The chosen fit has no numbers that could be listed.

    Args:
        lab: the lab.
        why: the reason, with ids of commands in braces.
    """
    if not why:
        return lab, (Toast("There is nothing fitted yet.", "{fit_targets} chooses a function."),)
    more = " {swap} swaps an activation: with ReLU there are straight pieces." if lab.fits.chosen == "network" else ""
    # In the hint, where ids of commands in braces become keys.
    return lab, (Toast("This fit has no numbers to list.", f"{why[:1].upper()}{why[1:]}.{more}"),)


def targets(lab: Lab) -> Result:
    """Choose a function to fit."""
    choices = tuple(Choice(one.text, f"x from {one.low:g} to {one.high:g}\nLook for: {one.look}.") for one in TARGETS)

    def done(lab: Lab, number: int) -> Result:
        one = TARGETS[number]
        return take(lab, Spec.of(FUNCTION, of=one.text, low=float(one.low), high=float(one.high)))

    return lab, (Open(Choose("A function to fit", choices), done),)


def ask_target(lab: Lab) -> Result:
    """Type a function to fit."""
    data = lab.network.settings.data
    if data.name == FUNCTION:
        data = datasets.check(data)
    else:
        one = TARGETS[0]
        data = datasets.check(Spec.of(FUNCTION, of=one.text, low=float(one.low), high=float(one.high)))
    return lab, (Open(AskTarget(data), take),)


def take(lab: Lab, data: Spec) -> Result:
    """Fit this function: with the present stack where it is made for one value over one input, else with a new one.

    The samples and the noise stay. The point of the Taylor polynomial is in the middle of the range again.
    """
    before = lab.network.settings.data
    if before.name == FUNCTION:
        data = before.replace(**dict(data.arguments))
    try:
        data = datasets.check(data)
    except NnvizError as error:
        return lab, (Toast(error.message, error.hint, "error"),)
    if data == before:
        return lab, (Show("fits"),)
    lab = with_place(lab, moved=0)
    if is_line(job_of(lab.network).schema):
        lab, effects = edit(lab, lab.network.configure(replace(lab.network.settings, data=data)))
        words = "Another function: a new run from step 0."
    else:
        # Neither weights nor folds have a meaning for the new stack.
        lab, effects = open_run(replace(lab, folds=frozenset(), unfolded=frozenset()), Run(for_function(data)), 1)
        words = "A stack for one input and one output, with two hidden layers of ReLU."
    return lab, (*effects, Show("fits"), Toast(words, "{train} trains it, {undo} returns to the network before."))

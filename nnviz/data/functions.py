"""Functions of one variable to fit, so that the whole output of a network is a single curve."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

import numpy as np

from nnviz.data.dataset import Dataset
from nnviz.data.formulas import Formula, FormulaError, formula
from nnviz.data.schema import Schema, data_set
from nnviz.data.split import HeldOut
from nnviz.data.toys import Samples
from nnviz.errors import ArgumentError
from nnviz.registry import Bounds, Spec

FUNCTION = "function"
"""The name of the data set that is a function."""

SHAPES: dict[str, tuple[str, str]] = {
    "sine": (
        "sin(pi*x)",
        "A smooth wave: a Tanh network fits it with curves, a ReLU network with visible straight pieces.",
    ),
    "step": (
        "2*step(x) - 1",
        "A jump: a network is continuous and can only fit a slope, which gets steeper the longer it trains.",
    ),
    "abs": (
        "abs(x)",
        "One corner: two ReLU units fit it exactly, max(0, x) + max(0, −x), while Tanh rounds it off.",
    ),
    "bumps": (
        "exp(-((x + 0.5)/0.25)^2) + exp(-((x - 0.5)/0.06)^2)",
        "A wide bump and a narrow one: the wide one is fitted early, the narrow one late or not at all.",
    ),
    "polynomial": (
        "4*x^3 - 3*x",
        "A hill and a valley: with one hidden ReLU layer each unit adds one bend, so count the units it takes.",
    ),
}
"""For each curve its formula, from [−1, 1] to [−1, 1] (`bumps` exceeds 1 slightly), and what to observe."""

OWN = "A function of your own: see which parts are fitted first, and what the network does outside the range."

CHECKED = 4097
"""Points at which a function must be a number; among them the ends and the middle of the range."""

FARTHEST = 1e6
"""The largest |x|: beyond it float32 can hardly tell the samples apart."""

NARROWEST = 1e-6
"""The narrowest range, as a share of |x| or of 1: float32 tells few samples apart in it."""

BIGGEST = 1e30
"""The largest |f(x)|: its square, the loss, is a float32 still."""

Place = Annotated[float, Bounds(-FARTHEST, FARTHEST)]


def formula_of(spec: Spec) -> Formula:
    """The formula of a checked spec of the data set `function`."""
    return _formula(str(spec["shape"]), str(spec["of"]))


def range_of(spec: Spec) -> tuple[float, float]:
    """The range of x of a checked spec of the data set `function`."""
    low, high = spec["low"], spec["high"]
    assert isinstance(low, float) and isinstance(high, float)  # noqa: S101, PT018 (checked by their arguments)
    return low, high


def _formula(shape: str, of: str) -> Formula:
    return formula(of) if of.strip() else formula(SHAPES[shape][0])


def _schema(shape: str, of: str, samples: int, test_share: float) -> Schema:
    lesson = OWN if of else SHAPES[shape][1]
    return Schema(FUNCTION, samples, (1,), "generated from a formula", lesson, ("x",), test_share=test_share)


def _verified(spec: Spec) -> Spec:
    """The spec with the formula as it is written normally, if it is a number everywhere in its range."""
    low, high = range_of(spec)
    if not high - low > NARROWEST * max(1.0, abs(low), abs(high)):
        raise ArgumentError(
            f"high: expected more than low, which is {low:g}, got {high:g}",
            "x goes from low to high, and needs a range to go through",
        )
    of = str(spec["of"])
    if of.strip():
        try:
            of = formula(of).text
        except FormulaError as error:
            raise FormulaError(f"of: {error.message}", error.hint, error.at) from None
        _check_numbers(of, low, high)
    elif of:
        of = ""
    return spec if of == spec["of"] else spec.replace(of=of)


@lru_cache(maxsize=64)
def _check_numbers(of: str, low: float, high: float) -> None:
    """Check that a formula gives numbers of a usable size in its range.

    Raises:
        ArgumentError: it does not; the message says at which x.
    """
    x = np.linspace(low, high, CHECKED)
    y = formula(of)(x)
    bad = np.flatnonzero(~(np.abs(y) <= BIGGEST))
    if len(bad):
        at, got = float(x[bad[0]]), float(y[bad[0]])
        what = "not a number" if np.isnan(got) else "infinite" if np.isinf(got) else f"as large as {got:.3g}"
        raise ArgumentError(
            f"of: {of} is {what} at x = {at:.6g}", f"choose another range: x goes from {low:g} to {high:g} now"
        )


@data_set("toy regression", _schema, verify=_verified)
def function(
    generator: np.random.Generator,
    shape: Annotated[Literal["sine", "step", "abs", "bumps", "polynomial"], "the curve to fit"] = "sine",
    samples: Samples = 500,
    noise: Annotated[float, Bounds(0, 1), "standard deviation of the noise added to each value"] = 0.0,
    test_share: HeldOut = 0.5,
    of: Annotated[str, "a formula in place of the shape, such as sin(x) + 0.3*x"] = "",
    low: Annotated[Place, "where x begins"] = -1.0,
    high: Annotated[Place, "where x ends"] = 1.0,
) -> Dataset:
    """A curve over one variable

    x ~ U(low, high), y = f(x) + `noise` · N(0, 1), where f(x) is the formula `of` or, if that is empty, for sine
    sin(πx); for step −1 if x < 0, else 1; for abs |x|; for bumps exp(−((x + 0.5) / 0.25)²) +
    exp(−((x − 0.5) / 0.06)²); for polynomial 4x³ − 3x, the third Chebyshev polynomial.

    Shape:
        inputs (samples, 1), targets (samples, 1).

    Raises:
        ArgumentError: `of` is no formula, or not a number somewhere in the range; or `low` is not below `high`.
    """
    x = generator.uniform(low, high, (samples, 1))
    y = _formula(shape, of)(x) + noise * generator.standard_normal(x.shape)
    return _schema(shape, of, samples, test_share).dataset(x, y)

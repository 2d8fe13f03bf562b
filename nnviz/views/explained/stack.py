"""The numbers of the selected row of the stack explained: shapes, parameters, the spread and the gradient."""

from __future__ import annotations

import math

from nnviz import nn
from nnviz.autograd.operation import Shape
from nnviz.engine import Moment
from nnviz.lab import Lab
from nnviz.network import LayerTrace, job_of, shape_text, trace
from nnviz.registry import Spec
from nnviz.run.queries import LayerSeen, LayersSeen, LayerStatistics
from nnviz.text import percent
from nnviz.views.explained.explained import Explained, explained, written

WINDOW = "(size + 2 · padding − dilation · (kernel − 1) − 1) / stride + 1"
"""The size of what a window gives that moves over an input."""


def of_row(lab: Lab, moment: Moment | None) -> list[Explained]:
    """The numbers of the selected row."""
    found, at = trace(lab.network), lab.row - 1
    if at < 0:
        return [_input(lab, found.input)]
    if at >= len(found.rows):
        return [_loss(lab)]
    row = found.rows[at]
    seen = _seen(lab, moment, at)
    return [*_shape(row), *_parameters(row), *(numbers_of(row, seen[0], seen[1]) if seen else ())]


def _seen(lab: Lab, moment: Moment | None, at: int) -> tuple[LayerSeen, LayersSeen] | None:
    answer = moment.seen(LayerStatistics()) if moment is not None and lab.valid else None
    one = next((one for one in answer.layers if one.layer == lab.network.ids[at]), None) if answer else None
    return (one, answer) if one is not None and answer is not None else None


def _input(lab: Lab, shape: Shape) -> Explained:
    schema = job_of(lab.network).schema
    sample = "×".join(map(str, schema.sample_shape))
    return Explained(
        "input", shape_text(shape), words=f"a batch of {shape[0]:,} samples of {schema.name}, {sample} numbers each"
    )


def _loss(lab: Lab) -> Explained:
    found, name = trace(lab.network), lab.network.settings.loss.name
    shape = "?" if found.output is None else shape_text(found.output)
    return Explained(
        name, f"{shape} and {shape_text(found.target)}", nn.losses[name].summary if name in nn.losses else "",
        words="the last layer's output, and the labels of the batch; it gives one number",
    )  # fmt: skip


def _shape(row: LayerTrace) -> list[Explained]:
    """The output's shape, and how its sizes come about."""
    if row.output is None or row.input is None:
        message = row.diagnostic.message if row.diagnostic is not None else "the rows above it cannot run"
        return [Explained("output", "?", words=message)]
    shown, given = shape_text(row.output), dict(row.spec.arguments)
    weight = dict(row.weights).get("weight")
    first = f"{row.output[0]:,}: the batch"
    if weight is not None and weight == (row.output[-1], row.input[-1]) and len(row.input) == len(row.output):
        words = f"x {shape_text(row.input)} @ W.T {shape_text(weight[::-1])}: what comes in, what goes out; {first}"
        return [Explained("output", shown, nn.layers[row.spec.name].summary, words=words)]
    if "kernel_size" in given and len(row.output) == 4:
        return [_window(row, shown, axis) for axis in ((2, 3) if row.output[2] != row.output[3] else (2,))]
    if row.input == row.output:
        return [Explained("output", shown, words=f"as what comes in: it works on each number or row; {first}")]
    words = f"{shape_text(row.input)} comes in: {math.prod(row.input[1:]):,} numbers a sample, "
    words += f"{math.prod(row.output[1:]):,} go out; {first}"
    return [Explained("output", shown, words=words)]


def _window(row: LayerTrace, shown: str, axis: int) -> Explained:
    """The size of the output of a convolution or pooling along an axis."""
    assert row.input is not None  # noqa: S101 (asked where there is one)
    kernel = _along(row.spec, "kernel_size", axis, 1)
    values = {
        "size": row.input[axis],
        "padding": _along(row.spec, "padding", axis, 0),
        "dilation": _along(row.spec, "dilation", axis, 1),
        "kernel": kernel,
        # A window that is given no stride moves by its own size.
        "stride": _along(row.spec, "stride", axis, kernel),
    }
    name = "output" if axis == 2 else "output, across"
    sides = "height" if axis == 2 else "width"
    return explained(
        name, shown, WINDOW, values, f"the {sides} of the output; the first two sizes: batch, channels",
        after=", rounded down",
    )  # fmt: skip


def _along(spec: Spec, name: str, axis: int, default: int) -> int:
    """An argument along an axis of an image: a number is for both."""
    entry = nn.layers[spec.name]
    declared = next((one.default for one in entry.arguments if one.name == name), default)
    value = spec.get(name, declared)
    value = value[axis - 2] if isinstance(value, tuple) else value
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _parameters(row: LayerTrace) -> list[Explained]:
    """How many numbers it learns: the sizes of its parameters multiplied out, and added up."""
    if not row.parameters:
        return []
    learned: list[tuple[str, Shape]] = []
    for name, shape in row.weights:
        # Buffers stand behind the parameters and learn nothing.
        if sum(math.prod(one) for _, one in learned) < row.parameters:
            learned.append((name, shape))
    sizes: dict[str, float] = {}
    terms = []
    for at, (_, shape) in enumerate(learned):
        names = {f"n{at}_{axis}": float(size) for axis, size in enumerate(shape)}
        sizes |= names
        terms.append(" · ".join(names) or "1")
    said = explained("", "", " + ".join(terms), sizes)
    words = " and ".join(f"{name} {shape_text(shape)}" for name, shape in learned)
    formula = " + ".join(f"the numbers of {name}" for name, _ in learned)
    return [Explained("parameters", f"{row.parameters:,}", formula, said.numbers, words, said.value)]


def numbers_of(row: LayerTrace, one: LayerSeen, seen: LayersSeen) -> list[Explained]:
    """What a layer gives, and what its gradient is: spread and bar of the stack."""
    found = [_spread(one, seen)]
    if math.isfinite(one.gradient):
        words = f"‖∂L/∂w‖ over all {row.parameters:,} parameters of the layer, in the step that comes next"
        found.append(Explained("gradient", written(one.gradient), "√Σ (∂L/∂w)²", words=words, value=one.gradient))
    return found


def _spread(one: LayerSeen, seen: LayersSeen) -> Explained:
    spread = one.output
    count = int(spread.counts.sum())
    words = f"the histogram is what it gives for {seen.samples:,} training samples"
    words += f"; {spread.bad:,} are not finite" if spread.bad else ""
    if not count:
        return Explained("outputs", "none is finite", words=words)
    words = f"S: their sum, ± their standard deviation; {words}, from {written(spread.low)} to {written(spread.high)}"
    shown = f"mean {written(spread.mean)} ±{written(spread.std)}"
    return explained("outputs", shown, "S / n", {"S": spread.mean * count, "n": count}, words)


def flat_and_dead(one: LayerSeen, seen: LayersSeen, units: int) -> list[Explained]:
    """The shares of an activation that are flat, and dead."""
    if math.isnan(one.flat) or one.taken_in is None:
        return []
    count = int(one.taken_in.counts.sum()) + one.taken_in.bad
    where = f"for {seen.samples:,} training samples"
    flat = {"flat": round(one.flat * count), "all": count}
    dead = {"dead": round(one.dead * units), "units": units}
    return [
        explained("flat", percent(one.flat), "flat / all", flat, f"numbers taken in where |f′(z)| < 0.01, {where}"),
        explained("dead", percent(one.dead), "dead / units", dead, f"units whose f′ is 0 {where}, every one of them"),
    ]

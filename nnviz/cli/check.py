"""`nnviz check`: every parameter's gradient of a whole network against central differences, in float64."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnviz import nn
from nnviz.autograd import Tensor, no_grad
from nnviz.autograd.operation import Array
from nnviz.files.opened import Opened
from nnviz.network import job_of
from nnviz.run.snapshot import generators_of
from nnviz.seeds import stream

TOLERANCE = 1e-5
"""The largest relative error that passes: differences reach about 1e-9; a wrong rule is off by 1e-2 or more."""

MOST = 64
"""Elements of a parameter that are compared; if it has more, as many are drawn at random."""

STEPS = (1e-5, 1e-6, 1e-4)
"""Steps of the differences. At a corner, such as ReLU's, the two sides differ; a shorter step does not reach it."""


@dataclass(frozen=True)
class Checked:
    """One parameter that was checked.

    Attributes:
        parameter: its path.
        elements: how many elements were compared.
        size: how many it has.
        error: the largest |backward − differences|, relative to the largest derivative of the parameter.
    """

    parameter: str
    elements: int
    size: int
    error: float


def check(opened: Opened) -> list[Checked]:
    """Compare the gradients of one batch.

    Raises:
        NnvizError: the network has an error, so that it cannot run.
    """
    job = job_of(opened.network)
    model = opened.module().double()
    data, batch = job.data(), job.batch
    x, y = Tensor(data.train_x[:batch].astype(np.float64)), job.targets(data.train_y[:batch])
    target = Tensor(y.astype(np.float64) if y.dtype.kind == "f" else y)
    generators = {path: (one, dict(one.bit_generator.state)) for path, one in generators_of(model).items()}

    def loss() -> Tensor:
        # The same random masks every time.
        for one, state in generators.values():
            one.bit_generator.state = state
        return job.loss(model(x), target)

    with np.errstate(all="ignore"):
        loss().backward()
        return [_checked(path, parameter, loss) for path, parameter in model.named_parameters()]


def _checked(path: str, parameter: nn.Parameter, loss: Callable[[], Tensor]) -> Checked:
    analytic: Array = np.zeros(parameter.shape) if parameter.grad is None else parameter.grad.array
    flat, size = parameter.array.reshape(-1), parameter.array.size
    chosen = np.arange(size) if size <= MOST else np.sort(stream(0, path).choice(size, MOST, replace=False))
    scale = max(float(np.abs(analytic).max(initial=0)), 1e-6)
    errors = [_error(flat, int(at), float(analytic.reshape(-1)[at]), scale, loss) for at in chosen]
    # NaN counts as wrong.
    return Checked(path, len(chosen), size, float(np.max(np.nan_to_num(errors, nan=np.inf), initial=0)))


def _error(flat: Array, at: int, analytic: float, scale: float, loss: Callable[[], Tensor]) -> float:
    """The relative error of one derivative, with the first step that passes, or the best."""
    best, own = np.inf, flat[at]
    for step in STEPS:
        with no_grad():
            flat[at] = own + step
            above = loss().item()
            flat[at] = own - step
            below = loss().item()
            flat[at] = own
        best = min(best, abs(analytic - (above - below) / (2 * step)) / scale)
        if best <= TOLERANCE:
            break
    return float(best)


def text(rows: list[Checked]) -> str:
    """The result as lines of text."""
    width = max((len(row.parameter) for row in rows), default=0)
    lines = [
        f"{row.parameter:<{width}}  {row.error:.1e}  {row.elements} of {row.size} elements"
        f"{'' if row.error <= TOLERANCE else '  WRONG'}"
        for row in rows
    ]
    worst = max((row.error for row in rows), default=0.0)
    return "\n".join([*lines, f"worst relative error {worst:.1e}, allowed {TOLERANCE:g}"])


def as_json(rows: list[Checked]) -> str:
    """The result as JSON; an infinite error is null."""
    worst = max((row.error for row in rows), default=0.0)
    found = [
        {
            "parameter": row.parameter,
            "elements": row.elements,
            "size": row.size,
            "relative_error": row.error if np.isfinite(row.error) else None,
        }
        for row in rows
    ]
    return json.dumps(
        {
            "worst": worst if np.isfinite(worst) else None,
            "tolerance": TOLERANCE,
            "passed": worst <= TOLERANCE,
            "parameters": found,
        }
    )

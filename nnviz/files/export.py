"""Exports: a network as a PyTorch script, and its history as CSV."""

from __future__ import annotations

import base64
import csv
import io
import math
from collections.abc import Iterable, Sequence

import numpy as np

from nnviz import nn
from nnviz.data import schema_of
from nnviz.files.opened import Opened
from nnviz.files.units import Units, assigned, units_of
from nnviz.network import job_of
from nnviz.registry import Spec
from nnviz.run import Evaluation
from nnviz.run.record import NUMBERS, metric_columns

WIDTH = 96
"""Characters of a line of encoded weights."""

SCRIPT = '''"""{title}

Made by nnviz. `build()` gives the network with its weights, `predict(raw)` its predictions for samples in the units of
the data; both need PyTorch alone.{inputs}
"""

import base64

import torch
from torch import nn

{joins}
def build():
    """The network with its weights, in evaluation mode."""
    model = {stack}(
{layers}
    )
    state, data, start = {{}}, base64.b64decode(WEIGHTS), 0
    for name, dtype, shape in SHAPES:
        count = torch.Size(shape).numel()
        values = torch.frombuffer(bytearray(data), dtype=dtype, count=count, offset=start) if count else torch.empty(0)
        state[name] = values.reshape(shape)
        start += count * values.element_size()
    model.load_state_dict(state)
    return model.eval()

{predict}

SHAPES = [
{shapes}
]

WEIGHTS = """
{weights}
"""

if __name__ == "__main__":
    model = build()
    print(model)
    print(model(torch.zeros({sample})).shape)
'''

STACK = '''
class Stack(nn.Sequential):
    """Layers in order, where a joining layer also gets the output of an earlier row; row 0 is the input."""

    def forward(self, x):
        rows = [x]
        for layer in self:
            x = layer(x, rows[layer.row]) if hasattr(layer, "row") else layer(x)
            rows.append(x)
        return x

'''

JOIN = """
class {name}(nn.Module):
    def __init__(self, {parameters}):
        super().__init__()
{fields}

    def forward(self, x, earlier):
        return {expression}

"""


PREDICT = '''
def predict(raw, model=None):
    """{what}

    raw: samples {shape} in the units of the data{names}; model: the network, by default that of build().
    """
    model = build() if model is None else model
    x = (torch.as_tensor(raw, dtype=torch.float32).double() - MEAN) / STD
    with torch.no_grad():
        out = model(x.float())
    return {result}


{constants}
'''

BOTH = '''
def both(p):
    """The probabilities of two classes, from those of the second if there is only one output."""
    return torch.cat([1 - p, p], 1) if p.ndim == 2 and p.shape[1] == 1 else p

'''


def torch_script(opened: Opened) -> str:
    """A PyTorch script whose `build()` gives the network with its weights.

    Raises:
        DataError: the network has an error, so that it cannot run.
    """
    model, network = opened.module(), opened.network
    used = {layer.__class__: layer for layer in model if isinstance(layer, nn.Join)}
    joins = "".join(_join(kind) for kind in used)
    state = {name: np.asarray(tensor.array, order="C") for name, tensor in model.state_dict().items()}
    data = base64.b64encode(b"".join(a.astype(a.dtype.newbyteorder("<")).tobytes() for a in state.values())).decode()
    schema = schema_of(network.settings.data)
    return SCRIPT.format(
        title=f"A network trained on {schema.name}.",
        inputs=inputs_text(opened),
        predict=_predict(units_of(opened)),
        joins=(STACK + joins + "\n") if used else "",
        stack="Stack" if used else "nn.Sequential",
        layers="\n".join(f"        {_call(spec)}," for spec in network.layers),
        shapes="\n".join(f"    ({name!r}, torch.{a.dtype.name}, {list(a.shape)})," for name, a in state.items()),
        weights="\n".join(data[at : at + WIDTH] for at in range(0, len(data), WIDTH)),
        sample=", ".join(map(str, (_samples(model, opened), *schema.sample_shape))),
    )


def _predict(units: Units) -> str:
    """The function that gives predictions in the units of the data, with its constants."""
    values = units.target_mean is not None
    constants = [
        assigned(name, value, "torch.tensor({}, dtype=torch.float64)" if "MEAN" in name or "STD" in name else "{}")
        for name, value in units.constants.items()
    ]
    return (BOTH if not values and "both(" in units.scores else "") + PREDICT.format(
        what="The values of TARGETS in their own units, (N, targets)."
        if values
        else "The probability of each of CLASSES, (N, classes).",
        shape="(N, inputs)" if units.inputs else "(N, channels, height, width)",
        names=", in the order of INPUTS" if units.inputs else "",
        result="(out.double() * TARGET_STD + TARGET_MEAN).float()" if values else units.scores,
        constants="\n".join(constants),
    )


def keeps_samples(layer: nn.Module) -> bool:
    """Whether the first dimension of what comes out is that of what goes in."""
    if isinstance(layer, nn.Concat):
        return layer.dim > 0
    return not isinstance(layer, nn.Flatten) or layer.start_dim > 0


def _samples(model: nn.Module, opened: Opened) -> int:
    """How many samples the script tries: one, unless a layer needs a whole batch, also in evaluation mode."""
    alone = all(keeps_samples(one) and getattr(one, "track_running_stats", True) for one in model.modules())
    return 1 if alone else job_of(opened.network).batch


def _join(kind: type[nn.Join]) -> str:
    arguments = [a.name for a in nn.layers[kind.__name__].arguments]
    return JOIN.format(
        name=kind.__name__,
        parameters=", ".join(arguments),
        fields="\n".join(f"        self.{name} = {name}" for name in arguments),
        expression=kind.pytorch,
    )


def _call(spec: Spec) -> str:
    """The layer as a call; all arguments are written, because their defaults can differ."""
    factory = nn.layer_class(spec)
    module = "" if factory is not None and issubclass(factory, nn.Join) else "nn."
    return f"{module}{spec.name}({', '.join(f'{name}={value!r}' for name, value in spec.arguments)})"


def inputs_text(opened: Opened) -> str:
    """How the samples are scaled before they reach the network, as a sentence."""
    scale = job_of(opened.network).data().inputs
    parts = []
    for name, array in (("mean", np.asarray(scale.mean)), ("std", np.asarray(scale.std))):
        if array.size > 32:
            return "\nThe inputs are standardised with mean and standard deviation of the training data, as in nnviz."
        parts.append(f"{name} {[float(f'{x:.9g}') for x in array.ravel()]}")
    words = " and\n".join(parts)
    return f"\nThe inputs are standardised, (x - mean) / std, with the training data's\n{words}."


def history_csv(rows: Iterable[Evaluation]) -> str:
    """The evaluations as CSV with a header; an empty cell where there is no value.

    The columns are `record.NUMBERS`, then those of `record.metric_columns`.
    """
    rows = list(rows)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns: dict[str, Sequence[float]] = {name: [getattr(row, name) for row in rows] for name in NUMBERS}
    columns |= metric_columns(rows)
    writer.writerow(columns)
    for values in zip(*columns.values(), strict=True):
        writer.writerow(["" if isinstance(value, float) and not math.isfinite(value) else value for value in values])
    return out.getvalue()

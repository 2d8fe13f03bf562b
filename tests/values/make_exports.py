"""Run exported scripts in PyTorch, and store what they give: `PYTHONPATH=. python tests/values/make_exports.py`.

The networks are all presets that run, and random ones of all layers that can be stacked, joins included, each after a
few steps of training. Needs PyTorch and numpy.
"""

from __future__ import annotations

import itertools
import json
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from nnviz import Tensor, nn, no_grad
from nnviz.data import datasets, schema_of
from nnviz.errors import NnvizError
from nnviz.files.export import torch_script
from nnviz.files.opened import Opened
from nnviz.files.plain import plain
from nnviz.network import PRESETS, Network, Settings, inferred_arguments, trace
from nnviz.optim import optimizers
from nnviz.registry import Spec
from nnviz.run import Run, Trainer

FILE = Path(__file__).with_name("exports.json")
RANDOM, SAMPLES, STEPS = 60, 3, 3


def random_network(seed: int) -> Network:
    """A stack of random layers on vectors or images that runs."""
    generator = np.random.default_rng(seed)
    data = datasets.check(Spec(["lesson", "digits", "spiral"][seed % 3]))
    settings = Settings(
        data, 8, nn.usual.loss_for("classification"), optimizers.check(Spec.of("Adam", lr=0.01)), seed=seed
    )
    network = Network((), settings)
    names = [entry.name for entry in nn.layers]
    for _ in range(60):
        if len(network.layers) >= 8:
            break
        at, name = len(network.layers), names[generator.integers(len(names))]
        try:
            given = {**inferred_arguments(network, name, at)}
            for argument in nn.layers[name].arguments:
                if argument.required and argument.name not in given:
                    given[argument.name] = int(generator.integers(2, 9))
                if argument.row:
                    given[argument.name] = int(generator.integers(0, at + 1))
                if argument.kind is bool and argument.name not in given and generator.random() < 0.3:
                    given[argument.name] = False
            longer = network.insert(at, nn.layers.check(Spec.of(name, **given)))
        except NnvizError:
            continue
        output = trace(longer).rows[-1].output
        if output is not None and 1 < math.prod(output[1:]) < 5_000:
            network = longer
    network = network.insert(len(network.layers), nn.usual.flatten())
    output = trace(network).rows[-1].output or (0, 1)
    return network.insert(len(network.layers), nn.usual.linear(output[1], schema_of(data).outputs))


def inputs(network: Network, seed: int) -> np.ndarray:
    """Samples of the network's data's shape."""
    shape = (SAMPLES, *schema_of(network.settings.data).sample_shape)
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def trained(network: Network) -> Opened:
    """The network after a few steps."""
    trainer = Trainer(Run(network))
    for _ in itertools.islice(trainer.steps(), STEPS):
        pass
    return Opened(network, trainer.checkpoint().parameters)


def ours(opened: Opened, x: np.ndarray) -> np.ndarray:
    """What nnviz gives in evaluation mode, in the type of `x`."""
    model = opened.module().eval()
    with no_grad():
        return (model.double() if x.dtype == np.float64 else model)(Tensor(x)).array


def theirs(opened: Opened, x: np.ndarray) -> np.ndarray:
    """What the exported script gives in PyTorch."""
    import torch

    found: dict[str, Any] = {"__name__": "exported"}
    exec(compile(torch_script(opened), "exported.py", "exec"), found)  # noqa: S102
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Softmax without a dimension
        model = found["build"]()
        return (model.double() if x.dtype == np.float64 else model)(torch.from_numpy(x)).numpy()


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference, relative where the values are beyond 1."""
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(b), 1)))


def main() -> None:
    """Compare every network, and write the file."""
    networks = [preset.make() for preset in PRESETS] + [random_network(seed) for seed in range(RANDOM)]
    stored, used, exact, rounded = [], set(), [], []
    for seed, network in enumerate(networks):
        if trace(network).diagnostic is not None or not network.layers:
            continue
        opened, x = trained(network), inputs(network, seed)
        # In float32 rounding differs, and a LayerNorm of nearly equal numbers makes it larger; in float64 it cannot hide
        # a mistake.
        b = theirs(opened, x.astype(np.float64))
        exact.append(difference(ours(opened, x.astype(np.float64)), b))
        rounded.append(difference(ours(opened, x), theirs(opened, x)))
        used |= {spec.name for spec in network.layers}
        stored.append({"network": plain(network), "seed": seed, "output": b.round(10).tolist()})
    FILE.write_text(json.dumps(stored) + "\n")
    missing = {entry.name for entry in nn.layers} - used
    over = sum(one > 1e-6 for one in rounded)
    print(f"{len(stored)} networks; worst difference {max(exact):.1e} in float64, {max(rounded):.1e} in float32")
    print(f"float32: beyond 1e-6 in {over}; layers not among them: {missing or 'none'}")


if __name__ == "__main__":
    main()

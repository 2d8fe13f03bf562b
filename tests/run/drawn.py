"""Runs with random changes on the way, for property tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from nnviz import nn, optim
from nnviz.data import datasets
from nnviz.data.file import file_spec
from nnviz.network import Network, Settings, trace
from nnviz.registry import Spec
from nnviz.run import Change, Observation, Query, Trainer
from nnviz.run.queries import (
    LayerStatistics,
    LayerWeights,
    NextBatch,
    OutputHistogram,
    Predictions,
    Samples,
    TakeCheckpoint,
)

QUERIES: tuple[Query[Observation], ...] = (
    LayerStatistics(), Predictions(), LayerWeights(0), OutputHistogram(1), NextBatch(), TakeCheckpoint(), Samples(20),
)  # fmt: skip
"""A query of each kind, for all of these networks."""


def layer(name: str, **arguments: object) -> Spec:
    return nn.layers.check(Spec.of(name, **arguments))  # type: ignore[arg-type]


def linear(n: int, m: int) -> Spec:
    return layer("Linear", in_features=n, out_features=m)


def settings(data: Spec, loss: str, batch: int) -> Settings:
    adam = optim.optimizers.check(Spec.of("Adam", lr=0.01))
    return Settings(datasets.check(data), batch, nn.losses.check(Spec(loss)), adam, seed=3)


# An epoch of the images, the first 200 of the digits, has as many steps as one of all 1,797 in batches of 256.
STACKS = {
    "norms": Network(
        (linear(2, 6), layer("BatchNorm1d", num_features=6), layer("Tanh"), layer("Dropout", p=0.3), linear(6, 6),
         layer("LayerNorm", normalized_shape=6), layer("ReLU"), layer("Dropout", p=0.2), linear(6, 2)),
        settings(Spec.of("circle", samples=60), "CrossEntropyLoss", 8)),
    "values": Network(
        (linear(2, 6), layer("Dropout", p=0.25), layer("Tanh"), layer("Add", row=1), linear(6, 1)),
        settings(Spec.of("plane", samples=60), "MSELoss", 7)),
    "images": Network(
        (layer("Conv2d", in_channels=1, out_channels=2, kernel_size=3, padding=1), layer("BatchNorm2d", num_features=2),
         layer("ReLU"), layer("Dropout", p=0.3), layer("MaxPool2d", kernel_size=4), layer("Flatten"), linear(8, 10)),
        settings(file_spec(Path(__file__).with_name("images.npz")), "CrossEntropyLoss", 28)),
}  # fmt: skip

LOSSES = {
    "circle": (Spec("CrossEntropyLoss"), Spec.of("CrossEntropyLoss", reduction="sum")),
    "plane": (Spec("MSELoss"), Spec("L1Loss"), Spec("HuberLoss")),
    "file": (Spec("CrossEntropyLoss"), Spec.of("CrossEntropyLoss", label_smoothing=0.1)),
}
OPTIMIZERS = (
    Spec.of("SGD", lr=0.02), Spec.of("SGD", lr=0.01, momentum=0.9), Spec.of("Adam", lr=0.01),
    Spec.of("AdamW", lr=0.02), Spec.of("RMSprop", lr=0.005, momentum=0.5), Spec.of("Adagrad", lr=0.02),
)  # fmt: skip
NEW = (
    layer("Tanh"), layer("ReLU"), layer("Dropout", p=0.4), layer("LayerNorm", normalized_shape=6),
    layer("BatchNorm1d", num_features=6), linear(6, 6), linear(2, 2), layer("Identity"),
)  # fmt: skip
KINDS = ("rate", "optimizer", "batch", "loss", "add", "remove", "move", "replace", "widen", "plan", "weights", "data")


@dataclass(frozen=True)
class Edit:
    """A change of some kind, and two numbers that choose among its possibilities."""

    kind: str
    a: int
    b: int


def edits() -> st.SearchStrategy[Edit]:
    return st.builds(Edit, st.sampled_from(KINDS), st.integers(0, 60), st.integers(0, 60))


def ways() -> st.SearchStrategy[list[tuple[int, Edit]]]:
    """Changes, each with the number of steps before it."""
    return st.lists(st.tuples(st.integers(0, 11), edits()), min_size=1, max_size=6)


def _settings(own: Settings, edit: Edit) -> Settings | None:
    """The settings after an edit; None if it is one of the layers."""
    match edit.kind:
        case "rate":
            return replace(own, optimizer=own.optimizer.replace(lr=0.001 * (edit.a + 1)))
        case "optimizer":
            chosen = optim.optimizers.check(OPTIMIZERS[edit.a % len(OPTIMIZERS)])
            return replace(own, optimizer=chosen)
        case "batch":
            return replace(own, batch=1 + edit.a)
        case "data":
            live: dict[str, float] = {"test_share": (edit.a + 10) / 100}
            if own.data.name != "file":
                live["noise"] = edit.b / 100
            return replace(own, data=datasets.check(own.data.replace(**live)))
        case "loss":
            losses = LOSSES[own.data.name]
            return replace(own, loss=nn.losses.check(losses[edit.a % len(losses)]))
    return None


def edited(network: Network, edit: Edit) -> Network:
    """The network after an edit; it may not run."""
    settings, at, to = _settings(network.settings, edit), edit.a % len(network.layers), edit.b % len(network.layers)
    if settings is not None:
        return network.configure(settings)
    match edit.kind:
        case "add":
            return network.insert(at, NEW[edit.b % len(NEW)])
        case "remove" if len(network.layers) > 1:
            return network.remove(at)
        case "move":
            return network.move(at, to)
        case "replace":
            return network.change(at, NEW[edit.b % len(NEW)])
        case "widen":
            # The first Linear after which another one follows gets another width, and so does what stands between.
            return _widened(network, 3 + edit.a % 6)
    return network


def _widened(network: Network, width: int) -> Network:
    places = [at for at, spec in enumerate(network.layers) if spec.name == "Linear"]
    if len(places) < 2:
        return network
    first, then = places[:2]
    network = network.change(first, network.layers[first].replace(out_features=width))
    for at in range(first + 1, then):
        spec = network.layers[at]
        names = {"BatchNorm1d": "num_features", "LayerNorm": "normalized_shape"}
        if spec.name in names:
            network = network.change(at, spec.replace(**{names[spec.name]: width}))
    return network.change(then, network.layers[then].replace(in_features=width))


def changed(trainer: Trainer, change: Change) -> Trainer:
    """A trainer of the run with this change, which goes on where `trainer` stands; or of one that begins anew."""
    run = trainer.run.changed(change.step, change.network, change.weights, change.planned)
    return Trainer(run, trainer.checkpoint() if run.shared_steps(trainer.run) >= 0 else None)


def change_of(trainer: Trainer, edit: Edit) -> Change | None:
    """An edit where a trainer stands; None where its network would not run."""
    network, planned = edited(trainer.network, edit), trainer.planned
    found = trace(network)
    if found.diagnostic is not None or not found.parameters:
        return None
    weights = {}
    if edit.kind == "weights":
        own = [(f"{row.position}.{name}", shape) for row in found.rows for name, shape in row.weights if shape]
        path, shape = own[edit.a % len(own)]
        weights[path] = np.random.default_rng(edit.b).random(shape, np.float32)
    return Change(trainer.step, network, weights, planned != (edit.kind == "plan"))

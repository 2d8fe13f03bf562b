"""Networks that are ill, each in one way, and what must be said of it: a table for the tests of health."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice, pairwise

from nnviz import nn, optim
from nnviz.data import datasets
from nnviz.network import Network, opening, with_rate
from nnviz.network.presets import lesson, twelve_sigmoids
from nnviz.nn.init import initializers
from nnviz.registry import Spec
from nnviz.run import Run, Trainer


def dense(*widths: int, activation: str = "Tanh") -> tuple[Spec, ...]:
    layers: list[Spec] = []
    for n, m in pairwise(widths):
        layers += [
            nn.layers.check(Spec.of("Linear", in_features=n, out_features=m)),
            nn.layers.check(Spec(activation)),
        ]
    return tuple(layers[:-1])


def made(
    layers: tuple[Spec, ...] | None = None,
    *,
    data: Spec | None = None,
    batch: int = 10,
    loss: str = "CrossEntropyLoss",
    optimizer: Spec | None = None,
    initialization: Spec | None = None,
    l1: float = 0.0,
) -> Network:
    """The opening network, otherwise in what is given."""
    start = opening()
    settings = replace(
        start.settings,
        data=datasets.check(data or Spec("spiral")),
        batch=batch,
        loss=nn.losses.check(Spec(loss)),
        optimizer=optim.optimizers.check(optimizer or Spec.of("Adam", lr=0.01)),
        initialization=initializers.check(initialization) if initialization else Spec("default"),
        l1=l1,
    )
    return Network(layers or start.layers, settings)


def dropping_all() -> Network:
    layers = opening().layers
    return made((*layers[:4], nn.layers.check(Spec.of("Dropout", p=1.0)), *layers[4:]))


@dataclass(frozen=True)
class Case:
    """An ill network.

    Attributes:
        network: what is trained.
        steps: after so many steps it must be said.
        kind: the kind of finding; empty for what the linter says without any step.
        words: a part of what must be said.
        repairs: a part of what the repair says; empty where there is none.
        learns: steps after which the repaired network has a loss below 0.8 of guessing; 0 where that is not promised.
    """

    network: Network
    steps: int
    kind: str
    words: str
    repairs: str
    learns: int = 0


CIRCLE = dense(2, 8, 8, 2)

CASES = {
    "Adam at 1e9": Case(made(CIRCLE, data=Spec("circle"), optimizer=Spec.of("Adam", lr=1e9)), 40, "above", "that of guessing", "start again, rate 1e+09 → 0.0", 3000),
    "SGD at 1000": Case(made(CIRCLE, data=Spec("circle"), optimizer=Spec.of("SGD", lr=1000.0)), 200, "above", "that of guessing", "start again, rate 1000 → ", 3000),
    "a regression at 100": Case(made(dense(2, 16, 1), data=Spec("multi-gaussian"), loss="MSELoss", optimizer=Spec.of("Adam", lr=100.0)), 40, "above", "that of guessing", "start again", 3000),
    "dead ReLUs": Case(made(dense(2, 16, 16, 2, activation="ReLU"), data=Spec("circle"), optimizer=Spec.of("Adam", lr=1.0)), 160, "dead", "of the units are dead", "→ LeakyReLU, rate 1 → 0.0", 3000),
    "dead from the start": Case(made(dense(2, 16, 16, 2, activation="ReLU"), data=Spec("circle"), initialization=Spec.of("constant", val=-1.0)), 10, "dead", "of the units are dead", "initialized by kaiming", 3000),
    "twelve Sigmoids": Case(twelve_sigmoids(), 0, "lost", "the gradient has vanished", "LeakyReLU, start again, initialized by kaiming_uniform", 3000),
    "pulled to 0": Case(made(CIRCLE, data=Spec("circle"), optimizer=Spec.of("Adam", lr=0.01, weight_decay=0.1)), 1500, "lost", "the gradient has vanished", "start again, weight decay (L2) 0.1 → 0.01", 3000),
    "nothing arrives": Case(made(dense(2, 8, 8, 2, activation="ReLU"), data=Spec("circle"), initialization=Spec("zeros")), 0, "dead", "of the units are dead", "initialized by kaiming", 3000),
    "exploding": Case(made(dense(2, *[32] * 8, 2, activation="ReLU"), initialization=Spec.of("normal", std=1.0), optimizer=Spec.of("SGD", lr=1e-6)), 20, "grown", "explodes", "initialized by kaiming", 0),
    "flat Tanh": Case(made(CIRCLE, data=Spec("circle"), initialization=Spec.of("normal", std=30.0)), 0, "flat", "meet a flat activation", "start again, initialized by", 3000),
    "a step as large as the weights": Case(made(optimizer=Spec.of("Adam", lr=0.3)), 640, "fast", "too large", "rate 0.3 → 0.0"),
    "a large rate from the start": Case(made(CIRCLE, data=Spec("circle"), optimizer=Spec.of("RMSprop", lr=3.0)), 0, "fast", "The first step moves", "rate 3 → 0.0", 3000),
    "a rate of 1e-7": Case(made(CIRCLE, data=Spec("circle"), optimizer=Spec.of("Adam", lr=1e-7)), 20, "slow", "too small", "rate 1e-07 → ", 3000),
    "plain descent at 1e-7": Case(made(CIRCLE, data=Spec("circle"), optimizer=Spec.of("SGD", lr=1e-7)), 20, "slow", "too small", "rate 1e-07 → ", 3000),
    "a rate that is lost in rounding": Case(made(CIRCLE, data=Spec("circle"), optimizer=Spec.of("Adam", lr=1e-12)), 20, "slow", "lost in rounding", "rate 1e-12 → 0.001", 3000),
    "a straight line": Case(made(dense(2, 2), data=Spec("circle")), 3000, "still", "has not moved", "insert Linear(2, 8) and Tanh", 4000),
    "pulled to 0 by L1": Case(made(CIRCLE, data=Spec("circle"), l1=0.1), 3000, "still", "pulls all weights to 0", "start again, L1 0.1 → 0.001", 3000),
    "drawn tiny": Case(made(initialization=Spec.of("normal", std=1e-4)), 1400, "still", "hardly matter for the loss", "start again, initialized by kaiming_uniform", 8000),
    "by chance": Case(lesson(), 0, "", "drawn at random", "remove layer 4 Softmax"),
    "noise": Case(made(dense(2, 64, 64, 2, activation="ReLU"), data=Spec.of("spiral", noise=1.0, samples=100)), 8000, "drift", "drift apart", "weight decay (L2) 0 → 0.01"),
    "a rate of 0": Case(with_rate(opening(), 0.0), 0, "", "learning rate is 0", "rate 0 → 0.01", 3000),
    "uphill": Case(made(CIRCLE, data=Spec("circle"), optimizer=Spec.of("Adam", lr=0.01, maximize=True)), 0, "", "makes the loss larger", "maximize = False", 3000),
    "Dropout(1)": Case(dropping_all(), 0, "", "p = 1", "p = 0.5"),
    "a batch of all": Case(made(batch=1000), 0, "", "The batch is 1,000, and there are 250", "batch 1,000 → 250"),
}  # fmt: skip


def trained(run: Run, steps: int) -> Trainer:
    """A run after so many steps, or where it went bad."""
    trainer = Trainer(run)
    for _ in islice(trainer.steps(), steps):
        pass
    return trainer

"""A walk is the step that training takes next, in slow motion: the same numbers, the same gradients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz import nn
from nnviz.autograd import Tensor
from nnviz.data import datasets
from nnviz.errors import TrainingError
from nnviz.network import Network, empty, opening
from nnviz.registry import Spec
from nnviz.run import Run, Trainer, Walk


def stacked(*specs: Spec, data: str = "spiral", loss: str = "CrossEntropyLoss", batch: int = 10) -> Network:
    settings = opening().settings
    settings = replace(settings, data=datasets.check(Spec(data)), loss=nn.losses.check(Spec(loss)), batch=batch, seed=3)
    return Network(tuple(nn.layers.check(spec) for spec in specs), settings)


def linear(n: int, m: int) -> Spec:
    return Spec.of("Linear", in_features=n, out_features=m)


NETWORKS = {
    "opening": opening(),
    "joins": stacked(linear(2, 4), Spec("ReLU"), linear(4, 4), Spec.of("Add", row=2), Spec.of("Concat", row=1), linear(8, 2)),
    "dropout": stacked(linear(2, 8), Spec.of("Dropout", p=0.4), Spec("Tanh"), Spec("Dropout"), linear(8, 2)),
    "norms": stacked(linear(2, 6), Spec.of("BatchNorm1d", num_features=6), Spec("GELU"), linear(6, 2)),
    "images": stacked(
        Spec.of("Conv2d", in_channels=1, out_channels=3, kernel_size=3), Spec("ReLU"), Spec("MaxPool2d"), Spec("Flatten"),
        linear(27, 10), data="digits",
    ),
    "regression": stacked(linear(2, 5), Spec("Sigmoid"), linear(5, 1), data="plane", loss="MSELoss"),
    "two classes, one output": stacked(linear(2, 3), Spec("Sigmoid"), linear(3, 1), Spec("Sigmoid"), loss="BCELoss"),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("steps", [0, 7])
def test_a_walk_has_the_numbers_of_the_step_that_training_takes_next(name: str, steps: int) -> None:
    trainer = Trainer(Run(NETWORKS[name], planned=False))
    run = trainer.steps()
    for _ in range(steps):
        next(run)
    walk = Walk(trainer.run, trainer.checkpoint() if steps else None)
    assert walk.reach(len(walk.stops))
    step = next(run)
    loss = walk.values[walk.stops[walk.forward - 1].node]
    assert loss.shape == ()
    assert float(loss) == step.loss
    gradients = {
        f"{node.layer}.{node.name}": walk.gradient(i, len(walk.stops))
        for i, node in enumerate(walk.graph.nodes)
        if node.kind == "parameter"
    }
    named = dict(trainer.model.named_parameters())
    assert set(gradients) == set(named)
    for path, parameter in named.items():
        assert parameter.grad is not None
        np.testing.assert_array_equal(gradients[path], parameter.grad.array, err_msg=path)


def test_a_prediction_ends_at_the_output_with_what_the_network_says() -> None:
    trainer = Trainer(Run(NETWORKS["dropout"]))
    next(trainer.steps())
    walk = Walk(trainer.run, trainer.checkpoint(), predicting=True)
    assert not any(stop.backward for stop in walk.stops)
    walk.reach(len(walk.stops))
    names = [walk.graph.nodes[stop.node].name for stop in walk.stops]
    assert "dropout" not in names
    assert "nll" not in names
    out = walk.values[walk.stops[-1].node]
    trainer.model.eval()
    x = walk.value(next(i for i, node in enumerate(walk.graph.nodes) if node.name == "x"))
    np.testing.assert_array_equal(out, trainer.model(Tensor(x)).array)


def test_backward_starts_at_the_loss_and_goes_in_reverse() -> None:
    walk = Walk(Run(opening()))
    ahead = [stop.node for stop in walk.stops if not stop.backward]
    back = [stop.node for stop in walk.stops if stop.backward]
    assert ahead[-1] == back[0]
    assert back == sorted(back, reverse=True)
    assert walk.stops[walk.forward].needs == (walk.forward,)


def test_a_walk_stops_where_the_stack_cannot_go_on() -> None:
    broken = empty().insert(0, nn.layers.check(linear(10, 5))).insert(1, nn.layers.check(linear(8, 5)))
    walk = Walk(Run(broken))
    assert [walk.graph.nodes[stop.node].layer for stop in walk.stops] == [0, 0, 0]
    assert not walk.outline.complete
    walk.reach(3)
    assert walk.values[walk.stops[-1].node].shape == (4, 5)


def test_a_long_walk_can_be_left_and_taken_up_again() -> None:
    walk, asked = Walk(Run(opening())), iter([True, True, False])
    assert not walk.reach(10, lambda: next(asked))
    assert walk.reached == 2
    assert walk.reach(10)


def test_a_walk_that_would_take_too_much_memory_says_so() -> None:
    wide = stacked(linear(2, 400_000), linear(400_000, 2), batch=1000)
    with pytest.raises(TrainingError, match="GiB"):
        Walk(Run(wide))

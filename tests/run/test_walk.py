"""A walk is the step that training takes next, in slow motion: the same numbers, the same gradients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz import nn, optim
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
    ahead = [stop.node for stop in walk.stops if not stop.backward and not stop.update]
    back = [stop.node for stop in walk.stops if stop.backward]
    assert ahead[-1] == back[0]
    assert back == sorted(back, reverse=True)
    assert walk.stops[walk.forward].needs == (walk.forward,)
    last = [walk.graph.nodes[stop.node] for stop in walk.stops[-walk.outline.updates :]]
    assert [(node.layer, node.name) for node in last] == [(n, name) for n in (0, 2, 4) for name in ("weight", "bias")]
    # A weight is ready once the transpose has sent its gradient back, a bias once the addition has.
    assert [walk.outline.toposort().name(stop.needs[0]) for stop in walk.stops[-2:]] == ["∂ 9 transpose", "∂ 11 add"]


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


OPTIMIZERS = [
    Spec("SGD"), Spec.of("SGD", momentum=0.9, weight_decay=0.1), Spec.of("SGD", momentum=0.9, dampening=0.2),
    Spec.of("SGD", momentum=0.9, nesterov=True, maximize=True), Spec("Adam"), Spec.of("Adam", amsgrad=True, weight_decay=0.1),
    Spec.of("AdamW", weight_decay=0.1, maximize=True), Spec("RMSprop"), Spec.of("RMSprop", momentum=0.9, centered=True),
    Spec.of("Adagrad", lr_decay=0.1, initial_accumulator_value=0.1), Spec.of("Adadelta", weight_decay=0.1),
]  # fmt: skip


def moved(network: Network, spec: Spec) -> Network:
    return replace(network, settings=replace(network.settings, optimizer=optim.optimizers.check(spec)))


@pytest.mark.parametrize("spec", OPTIMIZERS, ids=str)
@pytest.mark.parametrize("steps", [0, 1, 6])
@pytest.mark.parametrize("planned", [False, True], ids=["tape", "plan"])
def test_at_its_end_a_walk_has_the_weights_of_the_next_step(spec: Spec, steps: int, planned: bool) -> None:
    assert {one.name for one in OPTIMIZERS} == {one.name for one in optim.optimizers}
    for name in ("joins", "dropout", "norms", "images"):
        trainer = Trainer(Run(moved(NETWORKS[name], spec), planned=planned))
        run = trainer.steps()
        for _ in range(steps):
            next(run)
        checkpoint = trainer.checkpoint()
        kept = {path: {n: np.copy(a) for n, a in own.items()} for path, own in checkpoint.optimizer.items()}
        walk = Walk(trainer.run, checkpoint)
        assert walk.reach(len(walk.stops))
        next(run)
        parameters = dict(trainer.model.named_parameters())
        updates = [walk.graph.nodes[stop.node] for stop in walk.stops if stop.update]
        assert [f"{node.layer}.{node.name}" for node in updates] == list(parameters)
        for node in updates:
            path, done = f"{node.layer}.{node.name}", walk.updates[walk.graph.nodes.index(node)]
            new = trainer.checkpoint().optimizer.get(path, {})
            assert {n: a for n, a in done.new.items() if n not in new} == {}
            pairs = [(done.after, parameters[path].array), *((done.new[n], new[n]) for n in done.new)]
            # The plan adds up in another order; a gradient that is nothing but rounding, as of a bias before a norm, says
            # which way Adam goes.
            told = np.abs(done.gradient) > (1e-4 if planned else -1)
            assert told.any() or name == "norms"
            for mine, its in pairs:
                if planned:
                    np.testing.assert_allclose(mine[told], its[told], rtol=1e-3, atol=1e-6, err_msg=f"{name} {path}")
                else:
                    np.testing.assert_array_equal(mine, its, err_msg=f"{name} {path}")
        # Nothing of the checkpoint was touched.
        for path, own in kept.items():
            for n, array in own.items():
                np.testing.assert_array_equal(array, checkpoint.optimizer[path][n])


def test_a_change_of_the_optimizer_begins_its_state_anew() -> None:
    trainer = Trainer(Run(opening(), planned=False))
    run = trainer.steps()
    for _ in range(3):
        next(run)
    changed = trainer.run.changed(3, network=moved(opening(), Spec.of("RMSprop", momentum=0.9)))
    walk, after = Walk(changed, trainer.checkpoint()), Trainer(changed, trainer.checkpoint())
    walk.reach(len(walk.stops))
    next(after.steps())
    for node, parameter in zip((s.node for s in walk.stops if s.update), after.model.parameters(), strict=True):
        assert walk.updates[node].fresh
        np.testing.assert_array_equal(walk.updates[node].after, parameter.array)

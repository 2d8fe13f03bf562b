"""What an edit changes, in words: layers are told apart by their ids, not by their places."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnviz import nn, optim
from nnviz.network import (
    PRESETS,
    Network,
    empty,
    fix_all,
    fixes,
    network_changes,
    network_steps,
    network_verdict,
    opening,
    suggested_fixes,
)
from nnviz.registry import Spec


def layer(name: str, **arguments: object) -> Spec:
    return nn.layers.check(Spec.of(name, **arguments))  # type: ignore[arg-type]


def test_a_changed_a_deleted_and_a_new_layer() -> None:
    before = opening()
    assert network_changes(before, before) == []
    changed = before.change(2, layer("Linear", in_features=16, out_features=4))
    assert network_changes(before, changed) == ["layer 3: Linear(16, 16) becomes Linear(16, 4)"]
    assert network_changes(before, before.remove(1)) == ["layer 2, Tanh, is deleted"]
    assert network_changes(before, before.insert(2, layer("Flatten"))) == ["new layer 3: Flatten"]
    all_ = changed.remove(3).insert(0, layer("Flatten"))
    assert network_changes(before, all_) == [
        "layer 3: Linear(16, 16) becomes Linear(16, 4)",
        "layer 4, Tanh, is deleted",
        "new layer 1: Flatten",
    ]


def test_a_layer_that_is_the_same_but_another_one_is_told() -> None:
    before = opening()
    again = before.remove(1).insert(1, layer("Tanh"))
    assert again == before
    assert network_changes(before, again) == ["layer 2, Tanh, is deleted", "new layer 2: Tanh"]


@pytest.mark.parametrize(("at", "to"), [(0, 4), (4, 0), (1, 3), (3, 1), (2, 3)])
def test_of_a_moved_layer_it_alone_is_told(at: int, to: int) -> None:
    before = opening()
    (said,) = network_changes(before, before.move(at, to))
    label = nn.layers.label(before.layers[at])
    # Of two neighbors that change places, either has moved.
    other = nn.layers.label(before.layers[to])
    assert said in (
        f"layer {at + 1}, {label}, becomes layer {to + 1}",
        f"layer {to + 1}, {other}, becomes layer {at + 1}",
    )


def test_a_row_that_moves_with_its_layer_is_no_change() -> None:
    before = empty().insert(0, layer("Linear", in_features=2, out_features=2)).insert(1, layer("Add", row=1))
    after = before.insert(0, layer("Tanh"))
    assert after.layers[2]["row"] == 2
    assert network_changes(before, after) == ["new layer 1: Tanh"]
    other = before.change(1, layer("Add", row=0))
    assert network_changes(before, other) == ["layer 2: Add(row=1) becomes Add"]


def test_settings() -> None:
    before = opening()
    loss, sgd = nn.losses.check(Spec("MSELoss")), optim.optimizers.check(Spec.of("SGD", lr=0.5))
    slower = optim.optimizers.check(before.settings.optimizer.replace(lr=0.001))
    settings = replace(before.settings, batch=1000, loss=loss, optimizer=sgd, seed=7)
    assert network_changes(before, before.configure(settings)) == [
        "the loss: CrossEntropyLoss becomes MSELoss",
        "the optimizer: Adam(lr=0.01) becomes SGD(lr=0.5)",
        "the batch: 10 becomes 1,000",
        "the seed: 1 becomes 7",
    ]
    assert network_changes(before, before.configure(replace(before.settings, optimizer=slower)))


def every_fix() -> list[tuple[Network, Network]]:
    networks = [preset.make() for preset in PRESETS]
    found = [(n, fix.network) for n in networks for fix in (*fixes(n), *suggested_fixes(n))]
    return found + [(n, fix_all(n)[0]) for n in networks if fixes(n)]


def test_every_fix_of_every_preset_says_what_it_changes_and_marks_it() -> None:
    assert every_fix()
    for before, after in every_fix():
        assert network_changes(before, after)
        marked = [at for at, (_, changed) in enumerate(network_steps(after, before)) if changed]
        own = dict(zip(before.ids, before.layers, strict=True))
        expected = [at + 1 for at, id_ in enumerate(after.ids) if own.get(id_) != after.layers[at]]
        assert marked == expected
        assert network_verdict(after)


def test_of_many_layers_the_changed_ones_are_listed() -> None:
    before = empty()
    for _ in range(40):
        before = before.insert(0, layer("Tanh"))
    after = before.change(20, layer("ReLU"))
    steps = [step for step, _ in network_steps(after, before)]
    assert "[ReLU] (4, 10)" in steps
    assert steps[8:12] == ["… 13 more", "[ReLU] (4, 10)", "… 15 more", "Tanh (4, 10)"]
    assert [changed for _, changed in network_steps(after)] == [False] * 13

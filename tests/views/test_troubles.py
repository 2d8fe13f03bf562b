"""What is wrong with a layer that runs: at the thresholds and on both sides of them, and found in real training."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from nnviz.lab.remedies import diagnose
from nnviz.network import Network, opening
from nnviz.network.presets import twelve_sigmoids
from nnviz.registry import Spec
from nnviz.run import Check, Health, LayerCheck, Run, Trainer, judge
from nnviz.run.checkup import check_of
from nnviz.run.health import DEAD, FLAT, LOST
from nnviz.run.queries import LayerSeen, LayersSeen, LayerStatistics, spread_of
from nnviz.text import percent
from nnviz.views import flow
from nnviz.views.troubles import Trouble, troubles_of

NONE = math.nan


def healthy(network: Network) -> LayersSeen:
    """Made by hand: every layer gives finite numbers, and every gradient is 1."""
    spread = spread_of(np.linspace(-1, 1, 50))
    layers = tuple(LayerSeen(layer, spread, spread, NONE, NONE, 1.0, 1.0, 0.1, 1.0) for layer in network.ids)
    return LayersSeen(256, spread, layers)


def changed(seen: LayersSeen, at: int, **values: object) -> LayersSeen:
    layers = list(seen.layers)
    layers[at] = replace(layers[at], **values)  # type: ignore[arg-type]
    return replace(seen, layers=tuple(layers))


def of(name: str) -> Network:
    """The opening network with another activation."""
    layers = [Spec(name) if layer.name == "Tanh" else layer for layer in opening().layers]
    return Network(tuple(layers), opening().settings)


def judged(network: Network, seen: LayersSeen) -> Health:
    return judge(None, check_of(network, 0, seen, math.nan))


def words(network: Network, seen: LayersSeen) -> list[str]:
    return [one.message for one in diagnose(network, judged(network, seen))]


def kinds(network: Network, seen: LayersSeen) -> dict[int, str]:
    return {at: trouble.kind for at, trouble in troubles_of(network, judged(network, seen)).items()}


def test_a_healthy_network_has_no_trouble() -> None:
    seen = healthy(opening())
    assert troubles_of(opening(), judged(opening(), seen)) == {}
    assert words(opening(), seen) == []


@pytest.mark.parametrize(
    ("name", "field", "value", "kind"),
    [
        ("ReLU", "dead", DEAD, None), ("ReLU", "dead", math.nextafter(DEAD, 1), "dead"), ("ReLU", "dead", 1.0, "dead"),
        ("Tanh", "flat", 0.69, None), ("Tanh", "flat", FLAT, None), ("Tanh", "flat", math.nextafter(FLAT, 1), "flat"),
        ("Sigmoid", "flat", 1.0, "flat"), ("Hardtanh", "flat", 1.0, "flat"),
        # ReLU is shut for half of all numbers by nature; ELU is flat only far below 0.
        ("ReLU", "flat", 0.95, None), ("ELU", "flat", 0.95, "flat"),
    ],
)  # fmt: skip
def test_dead_and_flat_around_their_thresholds(name: str, field: str, value: float, kind: str | None) -> None:
    network = of(name)
    found = troubles_of(network, judged(network, changed(healthy(network), 1, **{field: value})))
    assert found == ({} if kind is None else {1: Trouble(kind, value)})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("gradient", "kind"),
    [(math.nextafter(LOST, 1), None), (LOST, "lost"), (0.0, "lost"), (math.nan, None), (math.inf, "NaN")],
)
def test_a_gradient_is_lost_beside_the_largest(gradient: float, kind: str | None) -> None:
    found = kinds(opening(), changed(healthy(opening()), 0, gradient=gradient))
    assert found == ({} if kind is None else {0: kind})


def test_where_all_gradients_are_nought_all_are_lost() -> None:
    seen = healthy(opening())
    nought = replace(seen, layers=tuple(replace(one, gradient=0.0) for one in seen.layers))
    assert set(kinds(opening(), nought).values()) == {"lost"}
    assert words(opening(), nought) == ["layers 1, 2, 3 and 2 more: no gradient arrives, so nothing is learned."]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_the_worst(bad: float) -> None:
    seen = changed(healthy(opening()), 2, output=spread_of(np.array([0.0, bad])), dead=1.0, flat=1.0, gradient=0.0)
    assert kinds(opening(), seen) == {2: "NaN"}
    assert words(opening(), seen)[0].startswith("layer 3 Linear is the first with numbers")


def test_each_layer_has_its_worst_and_the_worst_is_said_first() -> None:
    seen = changed(healthy(of("Tanh")), 1, flat=1.0)
    seen = changed(changed(seen, 3, flat=1.0, dead=0.75), 0, gradient=0.0)
    assert kinds(of("Tanh"), seen) == {0: "lost", 1: "flat", 3: "dead"}
    # The gradient is lost because the units are dead, so that alone is said.
    assert [one.split(":")[0] for one in words(of("Tanh"), seen)] == ["layer 4 Tanh", "layer 2 Tanh"]


def test_what_was_seen_before_an_edit_names_the_layers_where_they_are_now() -> None:
    network = opening()
    seen = changed(changed(healthy(network), 1, dead=1.0), 3, dead=1.0)
    health = judged(network, seen)
    edited = network.remove(1)
    assert troubles_of(edited, health) == {2: Trouble("dead", 1.0)}
    assert diagnose(edited, health)[0].message.startswith("layer 3 Tanh: 100 %")


def trained(network: Network, steps: int) -> Trainer:
    trainer = Trainer(Run(network))
    for _ in islice(trainer.steps(), steps):
        pass
    return trainer


def test_a_spiral_that_is_solved_has_no_trouble() -> None:
    """Though more than half of what its second Tanh takes in is flat."""
    trainer = trained(opening(), 10_000)
    assert trainer.observe(LayerStatistics()).layers[3].flat > 0.5
    assert trainer.health.findings == ()


def test_relu_at_rate_one_dies_and_the_layer_is_named() -> None:
    relu = of("ReLU")
    settings = relu.settings
    relu = replace(relu, settings=replace(settings, optimizer=settings.optimizer.replace(lr=1.0)))
    health = trained(relu, 100).health
    assert troubles_of(relu, health)[3] == Trouble("dead", 1.0)
    assert "layer 4 ReLU: 100 % of the units are dead" in diagnose(relu, health)[0].message


def test_a_share_is_rounded_alike_wherever_it_is_said() -> None:
    relu = of("ReLU")
    own = healthy(relu)
    layers = tuple(LayerCheck(one, False, NONE, NONE, 1.0, 1.0, 1e-3, 1.0) for one in relu.ids)
    for dead in (14 / 16, 15 / 16, 0.999, 1.0):
        ill = tuple(replace(one, dead=dead) if one.layer == relu.ids[3] else one for one in layers)
        said = diagnose(relu, judge(None, Check(0, 0.9, 1.0, 256, ill)))[0].message
        line = flow.shares(changed(own, 3, dead=dead, flat=dead).layers[3], 60)
        assert f"layer 4 ReLU: {percent(dead)} of the units are dead" in said
        assert f"dead {percent(dead)}" in line


def test_twelve_sigmoids_lose_the_gradient() -> None:
    network = twelve_sigmoids()
    health = trained(network, 50).health
    found = troubles_of(network, health)
    assert {one.kind for one in found.values()} == {"lost"}
    # The first layers, without a gap: the gradient fades from the loss to the input.
    assert [at for at in range(0, 24, 2) if at in found] == list(range(0, 2 * len(found), 2))
    assert "in layer 25 Linear, so hardly anything is learned" in diagnose(network, health)[0].message

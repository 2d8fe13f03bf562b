"""Settings that change while a network trains: training goes on with the weights, or starts anew and says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from nnviz import optim
from nnviz.data import datasets
from nnviz.lab import Lab, training
from nnviz.lab.command import Result
from nnviz.lab.effects import Open, StartRun, Toast
from nnviz.network import Settings
from nnviz.nn import layers
from nnviz.registry import Spec
from nnviz.views.changes import changes_of
from tests.lab.test_lab import stopped, trained


def data(**arguments: float) -> Callable[[Settings], Settings]:
    return lambda own: replace(own, data=datasets.check(own.data.replace(**arguments)))


def optimizer(name: str = "Adam", **arguments: float) -> Callable[[Settings], Settings]:
    chosen = optim.optimizers.check(Spec.of(name, **{"lr": 0.01, **arguments}))
    return lambda own: replace(own, optimizer=chosen)


def set_while_it_trains(change: Callable[[Settings], Settings], start: Lab | None = None) -> Result:
    """The lab after an answer of the settings form while it trains, once the run has stopped for it at step 150."""
    lab, _ = training.train(trained() if start is None else start)
    lab, (opened,) = training.settings(lab)
    assert isinstance(opened, Open)
    assert opened.answered is not None
    lab, effects = opened.answered(lab, (change(lab.network.settings), True))
    lab, more = stopped(lab, 150)
    return lab, (*effects, *more)


def said(result: Result) -> str:
    return " ".join(effect.text for effect in result[1] if isinstance(effect, Toast))


@pytest.mark.parametrize(
    ("change", "mark"),
    [
        (optimizer(lr=0.1), "rate 0.01 → 0.1"),
        (optimizer("SGD"), "Adam → SGD"),
        (optimizer(weight_decay=0.001), "weight_decay 0 → 0.001"),
        (lambda own: replace(own, batch=32), "batch 10 → 32"),
        (lambda own: replace(own, l1=0.001), "L1 0 → 0.001"),
        (data(noise=0.2), "noise 0 → 0.2"),
        (data(test_share=0.2), "test share 0.5 → 0.2"),
    ],
)
def test_what_can_go_on_goes_on_from_its_step_with_a_mark(change: Callable[[Settings], Settings], mark: str) -> None:
    lab, effects = set_while_it_trains(change)
    assert (lab.present.step, lab.running) == (150, True)
    assert any(isinstance(effect, StartRun) and effect.train is not None for effect in effects)
    assert [(one.step, one.words) for one in changes_of(lab.run)] == [(150, mark)]
    assert "step 0" not in said((lab, effects))


def test_so_does_the_share_that_a_dropout_drops() -> None:
    start = trained()
    start, _ = training.train(start)
    start, _ = training.edit(start, start.network.insert(2, layers.check(Spec.of("Dropout", p=0.5))))
    start, _ = stopped(start, 120)
    start, _ = training.edit(start, start.network.change(2, layers.check(Spec.of("Dropout", p=0.1))))
    start, _ = stopped(start, 150)
    assert start.running
    assert [(one.step, one.words) for one in changes_of(start.run)] == [
        (120, "layer 3 Dropout added"), (150, "layer 3 edited"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (data(samples=300), "Other data: a new run from step 0."),
        (lambda own: replace(own, seed=9), "Other seed: a new run from step 0."),
        (lambda own: replace(own, initialization=Spec("zeros")), "Other initialization: a new run from step 0."),
    ],
)
def test_what_must_start_anew_does_and_says_so(change: Callable[[Settings], Settings], words: str) -> None:
    lab, effects = set_while_it_trains(change)
    assert (lab.present.step, lab.running, lab.run.changes) == (0, False, ())
    assert words in said((lab, effects))


def test_other_samples_are_told_with_what_the_test_loss_is_worth() -> None:
    assert "Noise 0.2: training goes on" in said(set_while_it_trains(data(noise=0.2)))
    fewer = said(set_while_it_trains(data(test_share=0.2)))
    assert "400 samples for training, 100 for testing" in fewer
    assert "trained on before" not in fewer
    assert "150 of the test samples were trained on before" in said(set_while_it_trains(data(test_share=0.8)))
    both = said(set_while_it_trains(lambda own: replace(data(noise=0.2, test_share=0.2)(own), batch=32)))
    assert both == (
        "Noise 0.2, 400 samples for training, 100 for testing, batches of 32: training goes on with the weights."
    )
    # Before the first step none was.
    at_start, (opened,) = training.settings(trained(0))
    assert isinstance(opened, Open)
    assert opened.answered is not None
    other = data(test_share=0.8)(at_start.network.settings)
    assert "trained on before" not in said(opened.answered(at_start, (other, True)))


def test_a_moment_of_the_samples_before_is_not_shown_for_those_after() -> None:
    lab, _ = training.train(trained())
    lab, (opened,) = training.settings(lab)
    assert isinstance(opened, Open)
    assert opened.answered is not None
    assert not opened.answered(lab, (data(noise=0.2)(lab.network.settings), True))[0].shows_moments
    assert opened.answered(lab, (optimizer(lr=0.1)(lab.network.settings), True))[0].shows_moments

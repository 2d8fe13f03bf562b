"""What was changed in a run, in words, and where."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz import nn
from nnviz.engine import Moment
from nnviz.files.opened import open_model
from nnviz.files.saved import save_state, state_of, with_state
from nnviz.lab import Entry, Lab
from nnviz.network import Network, job_of, opening
from nnviz.optim import optimizers
from nnviz.registry import Spec
from nnviz.run import Run, Trainer
from nnviz.views.changes import _advanced, changes_of
from nnviz.views.training import view

BASE = opening()
SETTINGS = BASE.settings
SGD = optimizers.check(Spec.of("SGD", lr=0.1))
MSE = nn.losses.check(Spec("MSELoss"))
NLL = nn.losses.check(Spec("NLLLoss"))


def configured(**changes: object) -> Network:
    return BASE.configure(replace(SETTINGS, **changes))  # type: ignore[arg-type]


def words(network: Network) -> str:
    (change,) = changes_of(Run(BASE).changed(7, network))
    assert change.step == 7
    return change.words


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (configured(optimizer=SGD), "Adam → SGD, rate 0.01 → 0.1"),
        (configured(optimizer=SETTINGS.optimizer.replace(lr=0.5)), "rate 0.01 → 0.5"),
        (configured(optimizer=SETTINGS.optimizer.replace(weight_decay=0.5)), "weight_decay 0 → 0.5"),
        (configured(batch=50), "batch 10 → 50"),
        (configured(loss=MSE), "CrossEntropyLoss → MSELoss"),
        (configured(loss=SETTINGS.loss.replace(label_smoothing=0.1)), "label_smoothing 0 → 0.1"),
        (BASE.change(1, nn.layers.check(Spec("ReLU"))), "layer 2 Tanh → ReLU"),
        (BASE.change(0, BASE.layers[0].replace(out_features=20)), "layer 1 edited"),
        (BASE.remove(1), "layer 2 Tanh deleted"),
        (BASE.insert(1, nn.layers.check(Spec("ReLU"))), "layer 2 ReLU added"),
        (BASE.move(1, 3), "layers moved"),
        (configured(optimizer=SGD, loss=MSE, batch=1), "CrossEntropyLoss → MSELoss, Adam → SGD, rate 0.01 → 0.1, 1 more"),
    ],
)  # fmt: skip
def test_words(network: Network, expected: str) -> None:
    assert words(network) == expected


def test_rows_that_follow_a_move_are_no_edit() -> None:
    network = BASE.insert(4, nn.layers.check(Spec.of("Add", row=2)))
    run = Run(network).changed(5, network.insert(0, nn.layers.check(Spec("Tanh"))))
    assert changes_of(run)[0].words == "layer 1 Tanh added"


def test_weights_and_the_way_steps_are_taken() -> None:
    array = np.zeros((16, 2), np.float32)
    assert changes_of(Run(BASE).changed(3, weights={"0.weight": array}))[0].words == "weights set"
    assert changes_of(Run(BASE).changed(3, planned=False))[0].words == "plan → tape"
    assert changes_of(Run(BASE)) == ()


@given(
    st.integers(2, 40),
    st.lists(st.tuples(st.integers(1, 45), st.integers(0, 60)), min_size=1, max_size=4),
)
def test_places_are_those_of_the_trainer(count: int, parts: list[tuple[int, int]]) -> None:
    from nnviz.run.shuffle import batch_bounds

    epochs = used = here = there = 0
    for size, steps in parts:
        batch = min(size, count)
        for _ in range(steps):
            used = batch_bounds(used, batch, count)[1]
            if used == count:
                epochs, used = epochs + 1, 0
        here, there = _advanced(here, there, steps, batch, count)
        assert (here, there) == (epochs, used)


def test_a_change_is_where_the_trainer_was_and_the_curve_goes_on() -> None:
    """Batches of another size, then another loss within an epoch: one history, with a gap where the loss changes."""
    trainer = Trainer(Run(BASE))
    run = trainer.run
    for steps, network in ((30, configured(batch=40)), (9, configured(batch=40, loss=NLL)), (20, None)):
        for _, step in zip(range(steps), trainer.steps(), strict=False):
            last = step
        assert last.step == trainer.step
        if network is not None:
            run = run.changed(trainer.step, network)
            place = changes_of(run)[-1]
            assert (place.step, place.epoch) == (trainer.step, trainer.epoch)
            trainer = Trainer(run, trainer.checkpoint())
    assert [change.loss for change in changes_of(run)] == [False, True]
    curves = trainer.history.curves(trainer.evaluate())
    assert curves.epoch[0] == 0
    assert len(curves.epoch) == 7, "the start, the ends of epochs on both sides of the changes, and now"
    moment = Moment(0, trainer.step, trainer.epoch, False, 0.0, trainer.evaluate(), curves)
    found = view(Lab(Entry(run)), moment)
    train = found.losses[0]
    gap = np.flatnonzero(np.isnan(train.y))
    assert len(gap) == 1
    place = changes_of(run)[-1]
    assert train.x[gap[0] - 1] <= place.epoch <= train.x[gap[0] + 1]
    assert [mark.x for mark in found.loss_frame.marks] == [change.epoch for change in changes_of(run)]
    assert [mark.breaks for mark in found.loss_frame.marks] == [False, True]
    assert found.loss_frame.marks[1].words == "new loss: CrossEntropyLoss → NLLLoss"
    assert "new loss" in found.words[0][0]


def test_changes_are_still_told_after_a_run_was_saved_and_opened(tmp_path: Path) -> None:
    """And later ones are in their place, although batches had another size before."""
    steps = ((30, configured(batch=40)), (9, configured(batch=40, loss=NLL)), (20, configured(batch=20, loss=NLL)))
    trainer, saved = Trainer(Run(BASE)), Trainer(Run(BASE))
    whole = run = trainer.run
    for number, network in steps:
        for each in (trainer, saved):
            for _ in zip(range(number), each.steps(), strict=False):
                pass
        whole, run = (one.changed(trainer.step, network) for one in (whole, run))
        # It is changed before it is saved, at the step of a saved change, and while it goes on.
        trainer, here = Trainer(whole, trainer.checkpoint()), saved.checkpoint()
        save_state(state_of(run, here, changes_of(run)), tmp_path / "model.toml")
        opened = with_state(open_model(tmp_path))
        assert opened.warnings == ()
        assert opened.checkpoint is not None
        run, saved = opened.run, Trainer(opened.run, opened.checkpoint)
        assert changes_of(run) == changes_of(whole)
        assert saved.epoch == trainer.epoch
    again = run.changed(saved.step, configured(batch=20))
    assert [change.step for change in changes_of(again)] == [30, 39, 59, 59]
    save_state(state_of(again, saved.checkpoint(), changes_of(again)), tmp_path / "model.toml")
    opened = with_state(open_model(tmp_path))
    assert changes_of(opened.run) == changes_of(again)
    assert changes_of(opened.run.changed(0, BASE)) == ()


def test_at_the_end_of_an_epoch_the_old_loss_was_still_measured() -> None:
    trainer = Trainer(Run(BASE))
    for _, _step in zip(range(50), trainer.steps(), strict=False):
        pass
    run = trainer.run.changed(50, configured(loss=NLL))
    assert not changes_of(run)[0].within
    curves = trainer.history.curves()
    moment = Moment(0, 50, 2.0, False, 0.0, trainer.evaluate(), curves)
    train = view(Lab(Entry(run)), moment).losses[0]
    assert np.isnan(train.y).tolist() == [False, False, False, True]


def test_what_is_changed_back_at_the_same_step_is_no_change() -> None:
    sigmoid = BASE.change(1, nn.layers.check(Spec("Sigmoid")))
    run = Run(BASE).changed(3, sigmoid)
    assert [change.words for change in changes_of(run.changed(3, BASE))] == []
    assert [change.words for change in changes_of(run.changed(5, BASE))] == [
        "layer 2 Tanh → Sigmoid",
        "layer 2 Sigmoid → Tanh",
    ]


def test_another_row_is_an_edit() -> None:
    """The numbers of rows follow when layers move; another row of the same layers is another computation."""
    network = BASE.insert(4, nn.layers.check(Spec.of("Add", row=2)))
    other = network.change(4, nn.layers.check(Spec.of("Add", row=3)))
    assert [change.words for change in changes_of(Run(network).changed(5, other))] == ["layer 5 edited"]


def test_other_noise_and_another_test_share_go_on_after_the_same_part_of_the_epoch() -> None:
    network, run = opening(), Run(opening())
    trainer, begun = Trainer(run), list[float]()
    chosen = ({"test_share": 0.8}, {"test_share": 0.25, "noise": 0.1}, {"test_share": 0.99})
    for steps, arguments in zip((37, 13, 29), chosen, strict=True):
        for _ in itertools.islice(trainer.steps(), steps):
            pass
        begun.append(trainer.epoch)
        data = network.settings.data.replace(**arguments)
        network = network.configure(replace(network.settings, data=data))
        run = run.changed(trainer.step, network)
        learned, trainer = trainer.model.state_dict(), Trainer(run, trainer.checkpoint())
        assert begun[-1] - 1 / trainer.count < trainer.epoch <= begun[-1]
        assert trainer.used < trainer.count == job_of(network).schema.train
        for path, tensor in trainer.model.state_dict().items():
            np.testing.assert_array_equal(tensor.array, learned[path].array)
    assert [change.epoch for change in changes_of(run)] == pytest.approx(begun)
    assert [change.words for change in changes_of(run)] == [
        "test share 0.5 → 0.8", "noise 0 → 0.1, test share 0.8 → 0.25", "test share 0.25 → 0.99",
    ]  # fmt: skip
    # Batches that are larger than what is left are taken on.
    assert [step.step for step in itertools.islice(trainer.steps(), 3)] == [80, 81, 82]


def test_until_the_first_moment_after_a_change_the_history_is_drawn() -> None:
    trainer = Trainer(Run(BASE))
    each = trainer.steps()
    while trainer.epoch < 3:
        next(each)
    kept = trainer.checkpoint()
    lab = Lab(Entry(trainer.run.changed(trainer.step, configured(data=SETTINGS.data.replace(noise=0.5))), kept))
    found = view(lab, None)
    assert [len(series.x) for series in found.losses] == [4, 4]
    np.testing.assert_array_equal(found.losses[0].y, [row.train_loss for row in kept.history])
    assert found.loss_frame.x_range == (0.0, 3.0)
    assert [(mark.x, mark.words) for mark in found.loss_frame.marks] == [(3.0, "noise 0 → 0.5")]
    # With no step taken there is nothing to draw.
    assert view(Lab(Entry(Run(BASE))), None).losses == ()

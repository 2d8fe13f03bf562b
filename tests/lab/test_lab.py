"""The lab without a screen: commands and events lead from one value to the next, and none contradicts itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from nnviz import nn
from nnviz.data import datasets
from nnviz.engine import Died, Event, Failed, Moment, Train
from nnviz.lab import COMMANDS, PACES, Command, Entry, Lab, clashes, edits, stack, training, view, walk
from nnviz.lab.command import EVERYWHERE, VIEW, Result
from nnviz.lab.effects import (
    ComputeWalk,
    Effect,
    Open,
    PickLayer,
    RestartEngine,
    SetPace,
    StartRun,
    StopTraining,
    Toast,
    TrainOn,
)
from nnviz.lab.events import on_event
from nnviz.network import PRESETS, Network, empty, opening, outline
from nnviz.registry import Spec
from nnviz.run import Checkpoint, Curves, Evaluation, Run
from nnviz.views.curves import nearest_activation

PRESET_NETWORKS = [preset.make() for preset in PRESETS if preset.name != "Empty"]


def checkpoint(step: int) -> Checkpoint:
    return Checkpoint(step, 0, 0, {}, {}, {}, (), 0)


def moment(number: int, step: int, running: bool, state: Checkpoint | None = None) -> Moment:
    now, none = Evaluation(step, 0.0, 1.0, 1.0, 0.5, 0.5), np.zeros(0)
    return Moment(number, step, 0.0, running, 0.0, now, Curves(none, none, none, none, none), checkpoint=state)


class Model:
    """An engine that takes steps when it is told to, and answers when the test lets it."""

    def __init__(self) -> None:
        self.number, self.run, self.step = 0, Run(opening()), 0
        self.running, self.alive = False, True
        self.waiting: list[Event] = []

    def start(self, lab: Lab, order: Train | None) -> None:
        if not lab.valid or not self.alive:
            return
        self.number, self.run = lab.status.number, lab.run
        self.step, self.running = lab.present.step, order is not None
        self.waiting = [moment(self.number, self.step, self.running, checkpoint(self.step))]

    def stop(self) -> None:
        if self.alive and self.run is not None:
            self.running = False
            self.waiting.append(moment(self.number, self.step, False, checkpoint(self.step)))

    def go(self) -> None:
        self.running = self.alive

    def advance(self, steps: int) -> None:
        if self.running:
            self.step += steps
            self.waiting.append(moment(self.number, self.step, True))


ACTIONS = [
    command.act for command in COMMANDS
    if command.id not in ("add", "edit", "settings", "presets", "repairs", "collapse", "help", "palette", "quit", "theme")
]  # fmt: skip


class Labs(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.lab = Lab(Entry(Run(opening())))
        self.engine = Model()
        self.do(edits.start(self.lab))

    def do(self, result: Result) -> None:
        self.lab, effects = result
        for effect in effects:
            self.perform(effect)

    def perform(self, effect: Effect) -> None:
        match effect:
            case StartRun(order):
                self.engine.start(self.lab, order)
            case TrainOn():
                self.engine.go()
            case StopTraining():
                self.engine.stop()
            case RestartEngine():
                self.engine.alive = True
            case ComputeWalk():
                # In no time.
                self.do(walk.on_reached(self.lab, self.lab.walk.goal))
            case Toast(text, hint):
                assert text
                assert "{" not in text.replace("{train}", "")
                assert hint is not None

    @rule(action=st.sampled_from(ACTIONS))
    def command(self, action) -> None:  # type: ignore[no-untyped-def]
        self.do(action(self.lab))

    @rule(row=st.integers(0, 9))
    def select(self, row: int) -> None:
        self.do(view.select(self.lab, row))

    @rule(
        name=st.sampled_from(["Linear", "ReLU", "Dropout", "BatchNorm1d"]), at=st.integers(0, 5), size=st.integers(1, 4)
    )
    def insert(self, name: str, at: int, size: int) -> None:
        arguments = {"Linear": {"in_features": 2, "out_features": size}, "BatchNorm1d": {"num_features": size}}
        spec = Spec.of(name, **arguments.get(name, {}))
        network = self.lab.network
        self.do(edits.edit(self.lab, network.insert(min(at, len(network.layers)), spec)))

    @rule(batch=st.integers(1, 60), seed=st.integers(1, 2))
    def configure(self, batch: int, seed: int) -> None:
        network = self.lab.network
        self.do(edits.edit(self.lab, network.configure(replace(network.settings, batch=batch, seed=seed))))

    @rule(network=st.sampled_from(PRESET_NETWORKS))
    def preset(self, network: Network) -> None:
        self.do(edits.open_run(self.lab, Run(network), 1))

    @rule(steps=st.integers(1, 5))
    def train_on(self, steps: int) -> None:
        self.engine.advance(steps)

    @rule()
    @precondition(lambda self: bool(self.engine.waiting))
    def hear(self) -> None:
        event = self.engine.waiting.pop(0)
        self.do(on_event(self.lab, event))

    @rule()
    def late(self) -> None:
        before = self.lab
        self.do(on_event(self.lab, moment(before.status.number - 1, 7, True)))
        assert self.lab is before

    @rule()
    def fail(self) -> None:
        if self.engine.running:
            self.engine.running = False
            self.engine.waiting += [
                moment(self.engine.number, self.engine.step, False, checkpoint(self.engine.step)),
                Failed(self.engine.number, "no", "change it"),
            ]

    @rule()
    def die(self) -> None:
        self.engine.alive = self.engine.running = False
        self.engine.waiting = []
        self.do(on_event(self.lab, Died("it was ended by SIGKILL")))

    @invariant()
    def what_has_failed_does_not_run(self) -> None:
        assert not (self.lab.running and self.lab.status.failure is not None)

    @invariant()
    def changes_wait_only_for_a_run_that_is_left(self) -> None:
        lab = self.lab
        for entry in (lab.present, *lab.past, *lab.future):
            assert not entry.pending or entry.run is lab.status.stopping
            assert entry.checkpoint is None or entry.step >= 0
            changes = [change.step for change in entry.run.changes]
            assert changes == sorted(changes)
            assert entry.pending or not changes or changes[-1] <= entry.step

    @invariant()
    def the_selected_row_is_there(self) -> None:
        assert 0 <= self.lab.row <= len(self.lab.network.layers) + 1

    @invariant()
    def the_walk_stands_at_a_stop_that_there_is(self) -> None:
        place = self.lab.walk
        if place.step is not None and self.lab.valid:
            assert 0 <= place.position <= len(outline(self.lab.network, place.predicting).stops)

    @invariant()
    def once_all_is_heard_nothing_waits(self) -> None:
        lab, engine = self.lab, self.engine
        if engine.alive and not engine.waiting:
            assert lab.status.stopping is None
            assert not lab.present.pending

    @invariant()
    def the_engine_has_the_present_run(self) -> None:
        lab, engine = self.lab, self.engine
        if engine.alive and lab.status.stopping is None and lab.valid and lab.status.failure is None:
            assert engine.run is lab.run
            assert engine.number == lab.status.number

    @invariant()
    def undo_and_redo_are_the_past_again(self) -> None:
        lab = self.lab
        if lab.past and lab.status.stopping is None and not lab.status.running:
            there, _ = edits.undo(lab)
            back, _ = edits.redo(there)
            assert there.present.run is lab.past[-1].run
            assert back.present.run is lab.present.run
            assert back.present.checkpoint is lab.present.checkpoint
            assert [entry.run for entry in back.past] == [entry.run for entry in lab.past]


Labs.TestCase.settings = settings(deadline=None, max_examples=50, stateful_step_count=40)
TestLabs = Labs.TestCase


def trained(step: int = 100) -> Lab:
    """A lab that stands after some steps."""
    lab, _ = edits.start(Lab(Entry(Run(opening()))))
    return on_event(lab, moment(lab.status.number, step, False, checkpoint(step)))[0]


def test_a_setting_goes_on_at_its_step_and_a_seed_begins_anew() -> None:
    lab = trained()
    network = lab.network
    faster = network.configure(replace(network.settings, optimizer=network.settings.optimizer.replace(lr=0.5)))
    after, effects = edits.edit(lab, faster)
    assert after.present.step == 100
    assert [change.step for change in after.run.changes] == [100]
    assert StartRun() in effects
    anew, _ = training.reseed(after)
    assert anew.present.step == 0
    assert anew.run.parent is after.run
    back, _ = edits.undo(anew)
    assert back.present.step == 100
    assert back.run is after.run


def test_an_edit_while_it_trains_waits_for_the_step_and_training_goes_on() -> None:
    lab, effects = training.train(trained())
    assert TrainOn(Train()) in effects
    network = lab.network
    wider = network.configure(replace(network.settings, batch=7))
    lab, effects = edits.edit(lab, wider)
    assert StopTraining() in effects
    assert lab.network is wider
    lab, effects = on_event(lab, moment(lab.status.number, 123, False, checkpoint(123)))
    assert [change.step for change in lab.run.changes] == [123]
    assert StartRun(Train()) in effects
    assert lab.running
    assert lab.past[-1].step == 123


def test_undo_while_it_trains_keeps_where_it_stood() -> None:
    lab = trained()
    network = lab.network
    lab, _ = edits.edit(lab, network.configure(replace(network.settings, batch=7)))
    lab, _ = training.train(lab)
    lab, effects = edits.undo(lab)
    assert StopTraining() in effects
    lab, effects = on_event(lab, moment(lab.status.number, 150, False, checkpoint(150)))
    assert lab.present.step == 100
    assert not lab.running
    assert StartRun() in effects
    assert edits.redo(lab)[0].present.step == 150


def test_dialogs_answer_through_pure_functions() -> None:
    lab = trained()
    after, (effect,) = stack.add(lab)
    assert after is lab
    assert isinstance(effect, Open)
    assert effect.answered is not None
    added, _ = effect.answered(lab, "Tanh")
    assert [layer.name for layer in added.network.layers].count("Tanh") == 3


def test_no_key_means_two_things_in_one_place() -> None:
    assert clashes(COMMANDS, {}) == []
    assert clashes(COMMANDS, {"undo": "d"}) == [("d", "delete", "undo")]
    twice = Command("one", "x", "", "", VIEW, lambda lab: (lab, ()), where="graph")
    assert clashes((*COMMANDS, twice), {}) == []
    assert clashes((twice, replace(twice, id="two")), {}) == [("x", "one", "two")]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_a_command_is_declared_whole(command: Command) -> None:
    assert command.keys
    assert command.about
    assert command.label
    assert command.where in (
        EVERYWHERE,
        "walk",
        "layer",
        "samples",
        "confusion",
        "fits",
        "activation",
        "curves",
        "loss",
        "race",
    )
    lab = trained()
    after, effects = command.act(lab)
    assert isinstance(after, Lab)
    assert isinstance(effects, tuple)
    # The lab that was handed over is as it was.
    assert lab.network == opening()


def test_a_moment_from_before_training_was_asked_for_does_not_end_it() -> None:
    lab, _ = training.train(trained())
    lab, _ = on_event(lab, moment(lab.status.number, 100, False, checkpoint(100)))
    assert lab.running
    lab, _ = on_event(lab, moment(lab.status.number, 101, True))
    lab, _ = training.train(lab)
    lab, _ = on_event(lab, moment(lab.status.number, 102, False, checkpoint(102)))
    assert not lab.running
    # Paused before it took a step: that it stands is the answer.
    lab, _ = training.train(lab)
    lab, _ = training.train(lab)
    lab, _ = on_event(lab, moment(lab.status.number, 102, False, checkpoint(102)))
    assert not lab.running


def stopped(lab: Lab, step: int, seen: int = 1) -> tuple[Lab, tuple[Effect, ...]]:
    """The lab after the engine has stopped at a step, within an epoch or at its end."""
    return on_event(lab, moment(lab.status.number, step, False, replace(checkpoint(step), seen=seen)))


def batch(lab: Lab, size: int) -> Lab:
    network = lab.network
    return edits.edit(lab, network.configure(replace(network.settings, batch=size)))[0]


@pytest.mark.parametrize(
    ("act", "at", "seen", "left"),
    [
        (training.step, 100, 1, Train(steps=1)), (training.step, 101, 1, None), (training.train, 100, 1, Train()),
        (training.epoch, 107, 1, Train(to_epoch=True)), (training.epoch, 107, 0, None),
        (training.epoch, 100, 0, Train(to_epoch=True)),
    ],
)  # fmt: skip
def test_an_edit_resumes_what_is_left_of_the_training_it_interrupts(
    act: Callable[[Lab], Result], at: int, seen: int, left: Train | None
) -> None:
    lab, effects = stopped(batch(act(trained())[0], 7), at, seen)
    assert StartRun(left) in effects
    assert lab.running is (left is not None)
    # And the next edit that of this one.
    if left == Train(steps=1):
        assert StartRun(None) in stopped(batch(lab, 8), at + 1)[1]


@pytest.mark.parametrize("act", [training.train, training.epoch, training.step])
def test_edits_in_a_row_resume_it_too_where_the_run_stops_only_after_the_last(act: Callable[[Lab], Result]) -> None:
    trains = act(trained())[0]
    once, twice = (stopped(lab, 100) for lab in (batch(trains, 7), batch(batch(trains, 8), 7)))
    assert once[0].running
    assert twice[0].running
    assert [effect for effect in once[1] if isinstance(effect, StartRun)] == [
        effect for effect in twice[1] if isinstance(effect, StartRun)
    ]


def test_a_pause_or_a_walk_followed_by_an_edit_stays_at_rest() -> None:
    for act in (training.train, lambda lab: walk.walk(lab, 1)):
        lab, _ = act(training.train(trained())[0])
        lab, effects = stopped(batch(lab, 7), 104)
        assert StartRun() in effects
        assert not lab.running
    # A pause while the run is being replaced; and taken back.
    lab = batch(training.train(trained())[0], 7)
    lab, _ = training.train(lab)
    assert StartRun() in stopped(lab, 104)[1]
    lab, _ = training.train(lab)
    assert StartRun(Train()) in stopped(lab, 104)[1]


def test_a_step_asked_for_while_a_run_is_replaced_is_one_step_of_the_next() -> None:
    lab, _ = training.reset(training.train(trained())[0])
    lab, _ = training.step(lab)
    lab, effects = stopped(lab, 104)
    assert StartRun(Train(steps=1)) in effects
    assert lab.present.step == 0


def test_an_edit_starts_another_process_where_the_last_one_died_while_starting() -> None:
    lab, _ = edits.start(Lab(Entry(Run(opening()))))
    lab, _ = on_event(lab, Died("it ended with exit code 1"))
    assert lab.status.retryable
    lab, effects = edits.edit(lab, lab.network.insert(0, lab.network.layers[1]))
    assert effects.index(RestartEngine()) < effects.index(StartRun())
    # Trying again, too, starts the process before the run.
    again, _ = on_event(lab, Died("it ended with exit code 1"))
    again, effects = training.train(again)
    assert effects[-2:] == (RestartEngine(), StartRun(Train()))
    assert again.running


def test_plan_and_tape_are_exchanged_by_an_edit_that_can_be_undone() -> None:
    lab = batch(trained(), 7)
    tape, _ = training.use(lab)
    assert (tape.present.planned, tape.network.settings.batch) == (False, 7)
    back, _ = edits.undo(tape)
    assert (back.present.planned, back.network.settings.batch) == (True, 7)
    assert not edits.redo(back)[0].present.planned


def test_moments_belong_to_the_network_unless_it_begins_anew() -> None:
    lab, _ = training.train(trained())
    assert lab.shows_moments
    assert batch(lab, 7).shows_moments
    assert not training.reseed(lab)[0].shows_moments


def test_the_pace_goes_from_a_step_a_second_to_full_speed_and_lasts() -> None:
    lab = trained()
    assert str(lab.pace) == "20 epochs/s"
    for pace in PACES[PACES.index(lab.pace) + 1 :]:
        lab, effects = training.pace(lab, 1)
        assert (lab.pace, effects) == (pace, (SetPace(pace),))
    assert lab.pace.full
    faster, effects = training.pace(lab, 1)
    assert faster is lab
    assert isinstance(effects[0], Toast)
    for pace in reversed(PACES[:-1]):
        lab, _ = training.pace(lab, -1)
        assert lab.pace == pace
    slower, effects = training.pace(lab, -1)
    assert slower is lab
    assert isinstance(effects[0], Toast)
    # A new run keeps it.
    assert training.reseed(lab)[0].pace == lab.pace == PACES[0]


def swapped(lab: Lab, name: str) -> Result:
    _, (asked,) = stack.swap(lab)
    assert isinstance(asked, Open)
    assert asked.answered is not None
    return asked.answered(lab, name)


def test_an_activation_is_swapped_and_the_run_goes_on() -> None:
    lab, _ = training.train(trained())
    lab = lab.select(2)
    lab, effects = swapped(lab, "Sigmoid")
    assert lab.network.layers[1] == Spec("Sigmoid")
    assert lab.network.ids == opening().ids
    assert any(isinstance(effect, StopTraining) for effect in effects)
    lab, effects = stopped(lab, 104)
    assert StartRun(Train()) in effects
    assert (lab.present.step, lab.reinitialized) == (104, ())
    assert edits.undo(lab)[0].network == opening()


def test_swapping_for_the_same_keeps_its_arguments() -> None:
    lab = Lab(Entry(Run(opening().change(1, nn.layers.check(Spec.of("LeakyReLU", negative_slope=0.3))))))
    lab = lab.select(2)
    assert swapped(lab, "LeakyReLU") == (lab, ())
    assert swapped(lab, "ELU")[0].network.layers[1]["alpha"] == 1.0


@pytest.mark.parametrize(("row", "swaps"), [(0, 2), (1, 2), (2, 2), (3, 4), (4, 4), (5, 4), (6, 4)])
def test_where_no_activation_is_selected_the_one_that_its_page_shows_is_swapped(row: int, swaps: int) -> None:
    lab = Lab(Entry(Run(opening()))).select(row)
    _, (asked,) = stack.swap(lab)
    assert isinstance(asked, Open)
    assert isinstance(asked.dialog, PickLayer)
    assert asked.dialog.title == f"Swap layer {swaps}: Tanh"
    assert nearest_activation(lab.network, lab.row - 1) == swaps - 1
    assert swapped(lab, "ReLU")[0].network.layers[swaps - 1].name == "ReLU"
    bare = Lab(Entry(Run(empty())))
    assert stack.swap(bare) == (bare, (Toast("There is no activation to swap in this stack.", "{add} adds one."),))


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (stack.delete, "Layer 2, Tanh, is deleted."), (stack.duplicate, "Layer 2, Tanh, is duplicated."),
        (lambda lab: swapped(lab, "ReLU"), "Layer 2 was Tanh and is now ReLU."),
        (lambda lab: edits.undo(stack.duplicate(lab)[0]), "The last edit is undone."),
    ],
)  # fmt: skip
def test_an_edit_on_a_walk_says_what_it_changed_and_that_the_walk_starts_again(
    act: Callable[[Lab], Result], words: str
) -> None:
    for lab, end in ((trained(), ""), (walk.walk(trained(), 1)[0], " The walk starts again.")):
        _, effects = act(lab.select(2))
        (said,) = (effect for effect in effects if isinstance(effect, Toast))
        assert said.text == f"{words}{end}"
        # Beside a stack that is seen, the words are not needed.
        assert said.unless_visible == "network"


def test_other_data_begin_a_new_run_and_say_so() -> None:
    lab = trained()
    lab, (opened,) = training.settings(lab)
    assert isinstance(opened, Open)
    assert opened.answered is not None
    chosen = replace(lab.network.settings, data=datasets.check(Spec("xor")), seed=7)
    after, effects = opened.answered(lab, (chosen, True))
    assert after.present.step == 0
    (said,) = [effect for effect in effects if isinstance(effect, Toast)]
    assert said.text.startswith("Other data and seed: a new run from step 0.")
    faster = replace(lab.network.settings, optimizer=lab.network.settings.optimizer.replace(lr=0.5))
    after, effects = opened.answered(lab, (faster, True))
    assert after.present.step == 100
    assert not [effect for effect in effects if isinstance(effect, Toast)]


def test_undo_while_it_trains_says_that_training_rests() -> None:
    lab = trained()
    lab, _ = edits.edit(lab, lab.network.remove(1))
    lab, _ = edits.undo(lab)
    lab, _ = edits.redo(lab)
    running, _ = training.train(lab)
    assert running.running
    _, effects = edits.undo(running)
    assert any(isinstance(effect, Toast) and "training rests" in effect.text for effect in effects)
    _, effects = edits.undo(lab)
    assert not any(isinstance(effect, Toast) and "training rests" in effect.text for effect in effects)

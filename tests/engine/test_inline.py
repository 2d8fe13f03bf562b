"""The engine without a process: the same loop, driven by hand, so that what it does can be said exactly."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.engine import Answered, Engine, Event, Failed, InlineEngine, Moment, Train
from nnviz.errors import NnvizError, TrainingError
from nnviz.network import Network, opening, trace
from nnviz.registry import Spec
from nnviz.run import Refused, Run, Trainer
from nnviz.run.queries import (
    LayerParameter,
    LayerWeights,
    OutputHistogram,
    Predictions,
    Samples,
    TakeCheckpoint,
)
from tests.examples import examples
from tests.run.drawn import QUERIES, STACKS, Edit, edited, ways
from tests.run.same import same
from tests.run.test_changes import taken
from tests.run.test_replay import observed


class Heard:
    """An inline engine, and what it said."""

    def __init__(self, budget: int = 2**27) -> None:
        self.events: list[Event] = []
        self.engine = InlineEngine(self.events.append, budget)
        self.present = Run(opening())

    def start(self, run: Run, train: Train | None = None) -> None:
        self.present = run
        self.engine.start(1, run, train=train)

    def change(self, network: Network | None = None, planned: bool | None = None, train: Train | None = None) -> None:
        """Change the run where it stands, and go on with it."""
        self.engine.stop()
        before, state = self.present, self.moment.checkpoint
        assert state is not None
        self.present = before.changed(state.step, network, planned=planned)
        goes_on = self.present.shared_steps(before) >= 0
        self.engine.start(1, self.present, state if goes_on else None, train)

    @property
    def moment(self) -> Moment:
        return [event for event in self.events if isinstance(event, Moment)][-1]


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices are short, and checkpoints are made at every one."""
    monkeypatch.setattr("nnviz.engine.worker.LISTEN", 0.0005)
    monkeypatch.setattr("nnviz.engine.worker.CHECKPOINT_INTERVAL", 0.0)
    monkeypatch.setattr("nnviz.engine.worker.CHECKPOINT_SHARE", 1e9)


@pytest.mark.parametrize("steps", [0, -1])
def test_a_number_of_steps_is_at_least_one(steps: int) -> None:
    with pytest.raises(TrainingError, match=f"expected a number of steps of at least 1, got {steps}"):
        Train(steps=steps)


def test_it_is_an_engine() -> None:
    engine: Engine = InlineEngine()
    engine.open()
    engine.close()


def test_it_trains_as_the_plain_trainer_does() -> None:
    heard = Heard()
    heard.start(Run(STACKS["norms"]))
    assert (heard.moment.step, heard.moment.running) == (0, False)
    heard.engine.train(Train(steps=37))
    heard.engine.finish()
    trainer = Trainer(Run(STACKS["norms"]))
    losses = taken(trainer, 37)
    assert (heard.moment.step, heard.moment.epoch) == (37, trainer.epoch)
    assert len(losses) == 37
    assert same(heard.moment.checkpoint, trainer.checkpoint())
    heard.engine.train(Train(to_epoch=True))
    heard.engine.finish()
    assert (heard.moment.step, heard.moment.epoch) == (40, 10)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("stack", ["norms", "values"])
@given(way=ways(), budget=st.sampled_from([0, 1, 5_000, 20_000, 2**27]), data=st.data())
@examples(quick=15, long=100)
@pytest.mark.long
def test_questions_while_it_trains_and_changes(
    stack: str, way: list[tuple[int, Edit]], budget: int, data: st.DataObject
) -> None:
    heard = Heard(budget)
    heard.start(Run(STACKS[stack]))
    asked = []
    for gap, edit in way:
        if gap:
            heard.engine.train(Train(steps=gap))
            # Not always to its end: what follows may come while it trains.
            for _ in range(data.draw(st.integers(0, 3))):
                heard.engine.advance()
        # How far it has come is a matter of time, and not to be drawn from.
        query, step = data.draw(st.sampled_from(QUERIES)), round(data.draw(st.floats(0, 1)) * heard.moment.step)
        run = heard.present
        asked.append((run, query, step, heard.engine.ask(query, step)))
        network = edited(run.present, edit)
        found = trace(network)
        if found.diagnostic is None and found.parameters:
            goes_on = Train(steps=data.draw(st.integers(1, 5))) if data.draw(st.booleans()) else None
            heard.change(network, run.planned_now != (edit.kind == "plan"), goes_on)
    heard.engine.finish()
    assert not [event for event in heard.events if isinstance(event, Failed)]
    for run, query, step, future in asked:
        assert future.done()
        trainer = Trainer(run)
        taken(trainer, step)
        wanted = observed(trainer, query)
        if isinstance(wanted, Refused):
            with pytest.raises(TrainingError) as caught:
                future.result()
            assert (caught.value.message, caught.value.hint) == (wanted.message, wanted.hint)
        else:
            assert same(future.result(), wanted)
    # Neither the questions nor the changes have disturbed the run.
    trainer = Trainer(heard.present)
    taken(trainer, heard.moment.step)
    assert same(heard.moment.checkpoint, trainer.checkpoint())


@pytest.mark.usefixtures("hasty")
def test_a_question_that_is_cancelled_ends_soon_and_disturbs_nothing() -> None:
    heard = Heard(budget=0)
    heard.start(Run(STACKS["norms"]), Train(steps=400))
    heard.engine.finish()
    long = heard.engine.ask(TakeCheckpoint(), 399)
    assert heard.engine.advance()
    assert long.cancel()
    with pytest.raises(CancelledError):
        long.result()
    # Nothing is left to do.
    assert not heard.engine.advance()
    assert not [event for event in heard.events if isinstance(event, Answered)]
    heard.engine.train(Train(steps=10))
    long = heard.engine.ask(TakeCheckpoint(), 200)
    heard.engine.advance()
    long.cancel()
    heard.engine.finish()
    trainer = Trainer(Run(STACKS["norms"]))
    taken(trainer, 410)
    assert same(heard.moment.checkpoint, trainer.checkpoint())


def test_what_cannot_be_answered_says_why() -> None:
    heard = Heard()
    with pytest.raises(TrainingError, match="there is no run to ask about"):
        heard.engine.ask(TakeCheckpoint(), 0).result()
    heard.start(Run(opening()))
    with pytest.raises(TrainingError, match="has taken 0 steps, and was asked about step 1"):
        heard.engine.ask(TakeCheckpoint(), 1).result()
    error = heard.engine.ask(LayerWeights(40), 0).exception()
    assert isinstance(error, NnvizError)
    assert "no layer with the id 40" in error.message


def test_a_moment_shows_what_is_looked_at() -> None:
    heard = Heard()
    heard.engine.look([Predictions(), LayerWeights(0), LayerWeights(9), Samples()])
    heard.start(Run(opening()), Train(steps=30))
    heard.engine.finish()
    trainer = Trainer(Run(opening()))
    taken(trainer, 30)
    seen = heard.moment.seen(LayerWeights(0))
    assert seen is not None
    assert same(seen, trainer.observe(LayerWeights(0)))
    assert same(heard.moment.seen(Predictions()), trainer.observe(Predictions()))
    # What has no answer says why; what is not looked at is not there.
    assert heard.moment.seen(LayerWeights(9)) is None
    assert isinstance(heard.moment.observations[LayerWeights(9)], Refused)
    assert OutputHistogram(0) not in heard.moment.observations
    # What does not change was made once.
    samples = [event.observations[Samples()] for event in heard.events if isinstance(event, Moment)]
    assert len({id(one) for one in samples}) == 1
    heard.engine.look([OutputHistogram(0)])
    assert list(heard.moment.observations) == [OutputHistogram(0)]
    # Other data have other samples.
    heard.engine.look([Samples()])
    settings = opening().settings
    heard.change(opening().configure(replace(settings, seed=5)))
    assert not same(heard.moment.observations[Samples()], samples[0])


@pytest.mark.usefixtures("hasty")
def test_a_change_while_it_trains_goes_on_at_its_step() -> None:
    heard = Heard()
    heard.start(Run(opening()), Train())
    while heard.moment.step < 30:
        heard.engine.advance()
    slower = opening().configure(
        replace(opening().settings, optimizer=opening().settings.optimizer.replace(lr=0.001), batch=20)
    )
    heard.change(slower, train=Train())
    (change,) = heard.present.changes
    assert (change.network, heard.moment.step, heard.moment.running) == (slower, change.step, True)
    assert change.step >= 30
    for _ in range(20):
        heard.engine.advance()
    heard.engine.stop()
    assert not heard.engine.advance()
    trainer = Trainer(heard.present)
    taken(trainer, heard.moment.step)
    assert same(heard.moment.checkpoint, trainer.checkpoint())
    assert heard.moment.checkpoint is not None
    assert heard.moment.checkpoint.history[0].step == 0


def test_a_change_that_cannot_run_is_told_and_mended() -> None:
    heard = Heard()
    heard.start(Run(opening()), Train(steps=12))
    heard.engine.finish()
    before = heard.moment.checkpoint
    heard.change(opening().remove(0))
    failed = heard.events[-1]
    assert isinstance(failed, Failed)
    assert "the stack cannot run" in failed.message
    heard.engine.train(Train(steps=1))
    assert heard.events[-1] == failed
    heard.present = heard.present.changed(12, opening())
    heard.engine.start(1, heard.present, before, Train(steps=5))
    heard.engine.finish()
    unbroken = Trainer(Run(opening()))
    taken(unbroken, 12)
    assert same(before, unbroken.checkpoint())
    taken(unbroken, 5)
    assert same(heard.moment.checkpoint, unbroken.checkpoint())


def test_a_run_that_could_not_start_begins_once_it_is_mended() -> None:
    heard = Heard()
    heard.start(Run(opening().remove(0)))
    assert isinstance(heard.events[-1], Failed)
    heard.start(Run(opening()))
    assert (heard.moment.step, heard.moment.running) == (0, False)


def test_started_behind_its_last_change_it_goes_there_first() -> None:
    trainer = Trainer(Run(STACKS["norms"]))
    taken(trainer, 5)
    state = trainer.checkpoint()
    run = Run(STACKS["norms"]).changed(11, edited(STACKS["norms"], Edit("batch", 4, 0)))
    heard = Heard()
    heard.engine.start(3, run, state, Train(steps=4))
    heard.engine.finish()
    unbroken = Trainer(run)
    taken(unbroken, 15)
    assert heard.moment.step == 15
    assert same(heard.moment.checkpoint, unbroken.checkpoint())


@pytest.mark.parametrize("network", [opening(), STACKS["values"]], ids=["opening", "values"])
def test_a_seed_and_step_0_begin_anew(network: Network) -> None:
    heard = Heard()
    heard.start(Run(network))
    wider = edited(network, Edit("batch", 11, 0))
    heard.change(wider)
    assert heard.present.changes == ()
    heard.engine.train(Train(steps=9))
    heard.engine.finish()
    reseeded = wider.configure(replace(wider.settings, seed=8))
    heard.change(reseeded)
    assert (heard.moment.step, heard.moment.running) == (0, False)
    heard.engine.train(Train(steps=3))
    heard.engine.finish()
    fresh = Trainer(Run(reseeded))
    taken(fresh, 3)
    assert same(heard.moment.checkpoint, fresh.checkpoint())


@pytest.mark.parametrize("behind", [0, 5])
def test_steps_that_are_asked_for_in_quick_succession_are_all_taken(behind: int) -> None:
    heard, run = Heard(), Run(opening())
    later = replace(opening(), settings=replace(opening().settings, optimizer=Spec.of("SGD", lr=0.5)))
    # The steps up to the last change are taken first.
    heard.start(run.changed(behind, later) if behind else run)
    for steps in (1, 1, 3):
        heard.engine.train(Train(steps=steps))
    heard.engine.finish()
    assert heard.moment.step == behind + 5
    assert not heard.moment.running
    # Without a bound it trains on; a bound after that ends it.
    heard.engine.train(Train())
    heard.engine.train(Train(steps=2))
    heard.engine.finish()
    assert heard.moment.step == behind + 7


def test_commands_given_by_an_event_are_obeyed_after_it() -> None:
    engine: InlineEngine
    told = []

    def hear(event: Event) -> None:
        told.append(event)
        if isinstance(event, Moment) and event.step == 5 and not event.running:
            engine.start(2, Run(opening()).changed(5, planned=False), event.checkpoint, Train(steps=2))

    engine = InlineEngine(hear)
    engine.start(1, Run(opening()), train=Train(steps=5))
    engine.finish()
    assert isinstance(told[-1], Moment)
    assert (told[-1].number, told[-1].step, told[-1].planned) == (2, 7, False)


def test_numbers_do_not_depend_on_how_it_is_driven() -> None:
    def driven(drive: Callable[[InlineEngine], None]) -> Moment:
        heard = Heard()
        heard.engine.look([Predictions()])
        heard.start(Run(STACKS["norms"]), Train(steps=50))
        drive(heard.engine)
        return heard.moment

    def asking(engine: InlineEngine) -> None:
        for _ in range(20):
            engine.ask(TakeCheckpoint(), 0)
            engine.advance()
        engine.finish()

    one, other = driven(InlineEngine.finish), driven(asking)
    assert same(one.checkpoint, other.checkpoint)
    assert np.array_equal(one.curves.train_loss, other.curves.train_loss)


def test_the_step_taken_last_is_known_although_nobody_watched() -> None:
    """It is taken again from an earlier checkpoint, bit for bit."""
    moments: list[Moment] = []
    engine = InlineEngine(lambda event: moments.append(event) if isinstance(event, Moment) else None)
    engine.start(1, Run(opening()))
    engine.train(Train(steps=30))
    engine.finish()
    query = LayerParameter(opening().ids[0])
    engine.look({query})
    seen = moments[-1].seen(query)
    assert seen is not None
    assert seen.moved is not None
    assert seen.moved_in == seen.step == 30
    assert np.array_equal(seen.moved.after, seen.values)


@pytest.mark.parametrize("train", [Train(steps=7), Train(to_epoch=True)], ids=str)
def test_at_rest_the_step_taken_last_is_recorded(train: Train) -> None:
    moments: list[Moment] = []
    engine = InlineEngine(lambda event: moments.append(event) if isinstance(event, Moment) else None)
    query = LayerParameter(opening().ids[0])
    engine.look({query})
    engine.start(1, Run(opening()))
    engine.train(train)
    engine.finish()
    seen = moments[-1].seen(query)
    assert seen is not None
    assert seen.moved_in == seen.step == moments[-1].step > 0
    assert len(seen.steps) > 0

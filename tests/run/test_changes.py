"""Changes on the way are part of the run: live, replayed and taken up again, it is the same run bit for bit."""

from __future__ import annotations

import itertools
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz import nn
from nnviz.errors import TrainingError
from nnviz.network import Network, job_of, opening, trace
from nnviz.registry import Spec
from nnviz.run import Change, Run, Trainer, Walk
from nnviz.run.shuffle import batch_bounds
from tests.examples import examples
from tests.run.drawn import STACKS, Edit, change_of, changed, edited, ways
from tests.run.same import same


def taken(trainer: Trainer, steps: int) -> list[float]:
    return [step.loss for step in itertools.islice(trainer.steps(), steps)]


def lived(run: Run, way: list[tuple[int, Edit]], after: int) -> tuple[Trainer, list[float]]:
    """A run changed while it is trained, and the losses of its steps."""
    trainer, losses = Trainer(run), []
    steps = trainer.steps()
    for gap, edit in way:
        losses += [step.loss for step in itertools.islice(steps, gap)]
        change = change_of(trainer, edit)
        if change is not None:
            trainer = changed(trainer, change)
            steps = trainer.steps()
            losses = losses[: trainer.step]
    losses += [step.loss for step in itertools.islice(steps, after)]
    return trainer, losses


@pytest.mark.parametrize("stack", STACKS)
@given(way=ways(), after=st.integers(0, 12), planned=st.booleans())
@examples(quick=8, long=100)
@pytest.mark.long
def test_a_run_changed_live_is_its_replay(stack: str, way: list[tuple[int, Edit]], after: int, planned: bool) -> None:
    live, losses = lived(Run(STACKS[stack], planned=planned), way, after)
    assert live.step == len(losses)
    replay = Trainer(pickle.loads(pickle.dumps(live.run)))  # noqa: S301 (our own)
    assert same(taken(replay, live.step), losses)
    assert same(replay.checkpoint(), live.checkpoint())
    assert (replay.network, replay.network.ids, replay.planned) == (live.network, live.network.ids, live.planned)
    assert same(taken(replay, 5), taken(live, 5))


@pytest.mark.parametrize("stack", STACKS)
@given(way=ways(), after=st.integers(0, 12), planned=st.booleans(), share=st.floats(0, 1))
@examples(quick=6, long=60)
def test_a_run_stopped_and_started_again_is_the_unbroken_one(
    stack: str, way: list[tuple[int, Edit]], after: int, planned: bool, share: float
) -> None:
    live, losses = lived(Run(STACKS[stack], planned=planned), way, after)
    at = round(share * live.step)
    first = Trainer(live.run)
    assert same(taken(first, at), losses[:at])
    state = first.checkpoint()
    before = pickle.dumps(state)
    second = Trainer(live.run, pickle.loads(before))  # noqa: S301 (our own)
    assert same(second.checkpoint(), state)
    assert same(taken(second, live.step - at), losses[at:])
    assert same(second.checkpoint(), live.checkpoint())
    # What it started from is as it was.
    assert same(pickle.loads(before), state)  # noqa: S301


@given(way=ways())
@examples(quick=10, long=100)
def test_a_change_leaves_the_run_before_it_and_its_states_as_they_were(way: list[tuple[int, Edit]]) -> None:
    trainer = Trainer(Run(STACKS["norms"]))
    kept = []
    for gap, edit in way:
        taken(trainer, gap)
        run, state = trainer.run, trainer.checkpoint()
        kept.append((run, vars(run).copy(), state, pickle.dumps(state)))
        change = change_of(trainer, edit)
        if change is not None:
            trainer = changed(trainer, change)
    for run, fields, state, pickled in kept:
        assert vars(run) == fields
        assert same(pickle.loads(pickled), state)  # noqa: S301 (our own)
        # The parent goes on from its own state as if nothing had been.
        if state.before is None and run.change_at(state.step) is None:
            assert same(Trainer(run, state).checkpoint(), state)


def test_a_second_change_at_a_step_takes_the_place_of_the_first() -> None:
    trainer = Trainer(Run(opening()))
    taken(trainer, 7)
    state = trainer.checkpoint()
    narrow = Spec.of("Linear", in_features=16, out_features=4)
    smaller = opening().change(2, nn.layers.check(narrow)).change(
        4, nn.layers.check(Spec.of("Linear", in_features=4, out_features=2))
    )  # fmt: skip
    trainer = changed(trainer, Change(7, smaller))
    assert trainer.checkpoint().before is not None
    trainer = changed(trainer, Change(7, opening()))
    assert same({**trainer.checkpoint().parameters}, state.parameters)
    assert same(trainer.checkpoint().optimizer, state.optimizer)
    assert [change.step for change in trainer.run.changes] == [7]


def test_what_is_not_new_keeps_what_the_optimizer_keeps() -> None:
    trainer = Trainer(Run(opening()))
    taken(trainer, 30)
    before = trainer.checkpoint()
    trainer = changed(
        trainer, Change(30, opening().insert(1, nn.layers.check(Spec.of("Linear", in_features=16, out_features=16))))
    )
    after = trainer.checkpoint()
    places = {"0": "0", "2": "3", "4": "5"}
    for path, kept in before.optimizer.items():
        position, _, name = path.partition(".")
        assert same(after.optimizer[f"{places[position]}.{name}"], kept)
    assert len(after.optimizer) == len(before.optimizer)
    # A weight that is given is another one, of which nothing is kept.
    trainer = changed(trainer, Change(30, opening(), {"2.weight": np.zeros((16, 16), np.float32)}))
    assert set(before.optimizer) - set(trainer.checkpoint().optimizer) == {"2.weight"}
    assert not trainer.checkpoint().parameters["2.weight"].any()


def test_another_batch_size_goes_on_in_the_middle_of_an_epoch() -> None:
    trainer = Trainer(Run(opening()))
    taken(trainer, 7)
    order = []
    for batch, steps in ((64, 2), (33, 2), (100, 1)):
        trainer = changed(
            trainer,
            Change(trainer.step, opening().configure(replace(opening().settings, batch=batch)), {}, trainer.planned),
        )
        for _ in range(steps):
            order.append(trainer.next_batch()[0])
            taken(trainer, 1)
    first = np.concatenate(order)[:180]
    unbroken = Trainer(Run(opening()))
    taken(unbroken, 7)
    wanted = []
    for _ in range(18):
        wanted.append(unbroken.next_batch()[0])
        taken(unbroken, 1)
    np.testing.assert_array_equal(first, np.concatenate(wanted))


@given(st.integers(1, 60), st.lists(st.tuples(st.integers(1, 70), st.integers(0, 9)), min_size=1, max_size=5))
@examples(quick=300, long=5000)
def test_an_epoch_sees_every_sample_however_batches_change_and_leaves_no_single_one(
    count: int, sizes: list[tuple[int, int]]
) -> None:
    used, seen, turn = 0, [], 0
    while used < count:
        size, times = sizes[min(turn, len(sizes) - 1)]
        turn += 1
        last = turn >= len(sizes)
        for _ in range(count if last else times):
            if used == count:
                break
            start, stop = batch_bounds(used, min(size, count), count)
            assert used < stop <= count
            assert start <= used
            # A single one only where whole epochs leave one as well.
            assert stop - start > 1 or min(size, count) == 1 or count % min(size, count) == 1
            seen += range(used, stop)
            used = stop
    assert seen == list(range(count))


def test_a_single_sample_that_is_left_is_no_batch_of_its_own() -> None:
    """Batches of 8 of 30 samples leave 6; after 21 of them, batches of 4 would leave 1, which BatchNorm1d refuses."""
    network = STACKS["norms"]
    count = job_of(network).schema.train
    run = Run(network.configure(replace(network.settings, batch=7)))
    trainer = Trainer(run)
    taken(trainer, 3)
    assert (count, trainer.used) == (30, 21)
    four = network.configure(replace(network.settings, batch=4))
    assert trace(four).diagnostic is None
    trainer = changed(trainer, Change(3, four))
    taken(trainer, 1)
    assert trainer.used == 25
    taken(trainer, 1)
    assert (trainer.epochs, trainer.used) == (1, 0)


def test_changes_that_cannot_be_made_change_nothing() -> None:
    trainer = Trainer(Run(opening()))
    taken(trainer, 3)
    run, state = trainer.run, trainer.checkpoint()
    with pytest.raises(TrainingError, match="the stack cannot run"):
        changed(trainer, Change(3, opening().remove(0)))
    with pytest.raises(TrainingError, match="the checkpoint of step 3 is of another network"):
        Trainer(Run(opening().remove(4)), state)
    assert trainer.run is run
    assert same(trainer.checkpoint(), state)
    unbroken = Trainer(Run(opening()))
    assert same(taken(unbroken, 60)[3:], taken(trainer, 57))


def test_a_change_to_a_stack_without_parameters_stops_there() -> None:
    trainer = Trainer(Run(opening()))
    steps = trainer.steps()
    next(steps)
    trainer = changed(trainer, Change(1, Network((nn.layers.check(Spec("Tanh")),), opening().settings)))
    with pytest.raises(TrainingError, match="nothing to train"):
        next(trainer.steps())


def test_dropouts_and_running_averages_go_on_wherever_their_layers_move() -> None:
    trainer = Trainer(Run(STACKS["norms"]))
    taken(trainer, 9)
    before = trainer.checkpoint()
    network = STACKS["norms"].insert(0, nn.layers.check(Spec("Tanh"))).move(4, 9)
    assert [spec.name for spec in network.layers].index("Dropout") == 7
    assert trace(network).diagnostic is None
    trainer = changed(trainer, Change(9, network))
    after = trainer.checkpoint()
    # The dropout of row 4 stands at the end, that of row 8 before it.
    assert set(before.generators) == {"3", "7"}
    assert same(after.generators, {"7": before.generators["7"], "9": before.generators["3"]})
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        assert same(after.parameters[f"2.{name}"], before.parameters[f"1.{name}"])
    assert after.parameters["2.num_batches_tracked"] == 9


def test_a_walk_after_a_change_has_the_numbers_of_the_next_step() -> None:
    trainer = Trainer(Run(STACKS["norms"]))
    taken(trainer, 6)
    state = trainer.checkpoint()
    run = trainer.run.changed(6, edited(STACKS["norms"], Edit("batch", 4, 0)).insert(1, nn.layers.check(Spec("Tanh"))))
    # From the state before the change as from the one after it.
    for given_state in (state, Trainer(run, state).checkpoint()):
        walk = Walk(run, given_state)
        walk.reach(len(walk.stops))
        loss = next(iter(Trainer(run, state).steps())).loss
        last = max(node for node in walk.values if walk.graph.nodes[node].number)
        assert walk.values[last].shape == ()
        assert float(walk.values[last]) == pytest.approx(loss, rel=1e-5)

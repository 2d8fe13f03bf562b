"""What was found in a run is in the file of its state: opened again it is said, and judged on as in the unbroken run."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from nnviz.errors import DataError
from nnviz.files.findings import health_of, plain_health
from nnviz.files.opened import open_model
from nnviz.files.saved import state_of
from nnviz.files.state import State, read_state, state_bytes
from nnviz.lab.remedies import diagnose
from nnviz.network import Network, with_rate
from nnviz.run import Health, Run, Trainer
from nnviz.run.health import KINDS

# The rate throws the weights away, so that the ReLUs die.
DEAD = "spiral 2-16-16-2 relu adam:1 seed:1"


def trained(run: Run, steps: int, trainer: Trainer | None = None) -> Trainer:
    trainer = trainer or Trainer(run)
    for _ in itertools.islice(trainer.steps(), steps):
        pass
    return trainer


def saved(trainer: Trainer, path: Path) -> State:
    path.write_bytes(state_bytes(State(trainer.network, trainer.checkpoint(), planned=trainer.planned)))
    return read_state(path)


def told(trainer: Trainer) -> str:
    """All that was found; as text, in which NaN is the same as NaN."""
    return json.dumps(plain_health(trainer.health, trainer.network))


def words(network: Network, health: Health) -> list[str]:
    return [one.message for one in diagnose(network, health)]


@pytest.mark.parametrize("steps", [35, 80])
def test_opened_again_the_same_is_said_and_judged_on(tmp_path: Path, steps: int) -> None:
    trainer = trained(Run(open_model(DEAD).network), steps)
    assert words(trainer.network, trainer.health)
    state = saved(trainer, tmp_path / "state.safetensors")
    assert state.checkpoint is not None
    again = Trainer(Run(state.network), state.checkpoint)
    assert words(again.network, again.health) == words(trainer.network, trainer.health)
    assert told(again) == told(trainer)
    trained(trainer.run, 250, trainer)
    trained(again.run, 250, again)
    assert told(again) == told(trainer)


def test_the_checks_after_a_change_stay_at_their_steps(tmp_path: Path) -> None:
    network = open_model(DEAD).network.insert(0, open_model(DEAD).network.layers[1])
    trainer = trained(Run(network), 7)
    # With a layer less, ids and positions differ.
    run = trainer.run.changed(7, with_rate(network.remove(0), 0.5))
    trainer = Trainer(run, trainer.checkpoint())
    trained(run, 22, trainer)
    assert trainer.health.since == 7
    state = saved(trainer, tmp_path / "state.safetensors")
    assert state.checkpoint is not None
    again = Trainer(Run(state.network), state.checkpoint)
    for one in (trainer, again):
        trained(one.run, 30, one)
    assert again.health.last.step == trainer.health.last.step == 47
    assert told(again) == told(trainer)


def test_saved_right_after_a_change_it_is_checked_from_there_on(tmp_path: Path) -> None:
    run = Run(open_model(DEAD).network)
    before = trained(run, 33)
    changed = run.changed(33, with_rate(run.network, 0.1))
    # At rest, the program has the checkpoint from before the change.
    path = tmp_path / "state.safetensors"
    path.write_bytes(state_bytes(state_of(changed, before.checkpoint())))
    state = read_state(path)
    again, unbroken = Trainer(Run(state.network), state.checkpoint), Trainer(changed, before.checkpoint())
    for one in (again, unbroken):
        trained(one.run, 60, one)
    assert again.health.since == 33
    assert told(again) == told(unbroken)


def spoiled(found: Any, where: list[Any], value: object) -> object:
    spoilt = json.loads(json.dumps(found))
    place = spoilt
    for key in where[:-1]:
        place = place[key]
    place[where[-1]] = value
    return spoilt


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (["since"], 31), (["since"], "0"), (["first"], None), (["last", 0], 99), (["last", 1], 0), (["last", 2], [1]),
        (["last", 3, 0, 0], 9), (["last", 3, 0, 1], 3), (["last", 3, 0, 2], []), (["last", 3, 0, 2, 0], "x"),
        (["last", 3, 0, 0], 1), (["last", 4], [0]), (["findings"], [["dead", 77, 3]]), (["findings"], [["odd", 0, 3]]),
        (["findings"], [["dead", 0, 300]]), (["levels"], [["dead", 0, 2]]), (["levels", 0], {}),
        (["last", 2, 0], 10**400), (["findings"], [["above", None, 3]] * 2), (["last", 3, 1, 2, 0], 1e999),
    ],
    ids=itertools.count(),
)  # fmt: skip
def test_what_does_not_fit_is_told(where: list[Any], value: object) -> None:
    trainer = trained(Run(open_model(DEAD).network), 30)
    found = plain_health(trainer.health, trainer.network)
    assert health_of(json.loads(json.dumps(found)), trainer.network, 30) is not None
    with pytest.raises(DataError, match="what was found in the run is invalid"):
        health_of(spoiled(found, where, value), trainer.network, 30)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", [None, 0, 1, 2])
def test_what_does_not_follow_from_its_numbers_is_not_said(kind: str, at: int | None) -> None:
    network = open_model(DEAD).network.change(1, open_model("spiral 2-16-16-2 tanh").network.layers[1])
    trainer = trained(Run(network), 30)
    found = plain_health(trainer.health, network)
    health = health_of(spoiled(found, ["findings"], [[kind, at, 3]]), network, 30)
    assert health is not None
    layered = kind in ("NaN", "dead", "lost", "flat")
    if layered or at is not None:
        assert not health.findings or (kind, at) in [(one.kind, one.layer) for one in trainer.health.findings]
    assert len(words(network, health)) == len(health.findings)


def test_a_file_without_findings_is_as_before() -> None:
    assert health_of(None, open_model(DEAD).network, 30) is None

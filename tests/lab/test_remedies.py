"""Every ill network of the table is named with its numbers and its repair; healthy ones are not."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from pathlib import Path

import pytest

from nnviz import nn
from nnviz.files.opened import open_model
from nnviz.lab import Entry, Lab
from nnviz.lab.effects import Toast
from nnviz.lab.remedies import diagnose
from nnviz.lab.stack import _apply
from nnviz.lab.troubles import diagnostics_of
from nnviz.network import PRESETS, Diagnostic, Fix, trace
from nnviz.registry import Spec
from nnviz.run import Health, Run, Trainer
from tests.ill import CASES, trained

QUICK = [name for name, case in CASES.items() if case.steps <= 200]
LONG = [name for name in CASES if name not in QUICK]


@cache
def after(name: str) -> tuple[Trainer, tuple[Diagnostic, ...]]:
    case = CASES[name]
    trainer = trained(Run(case.network), case.steps)
    return trainer, diagnostics_of(case.network, trainer.health)


def check_named(name: str) -> None:
    case, (trainer, said) = CASES[name], after(name)
    if case.kind:
        assert case.kind in [found.kind for found in trainer.health.findings]
    (one,) = [one for one in said if case.words in one.message]
    # It is a sentence with a number, and its repair is there.
    assert re.search(r"\d|drawn at random", one.message)
    repairs = [each.fix for each in said if each.fix is not None]
    assert one.fix is not None
    assert any(case.repairs in fix.text for fix in repairs)
    assert case.repairs in repairs[0].text, "f applies the first"
    assert trace(repairs[0].network).diagnostic is None


@pytest.mark.parametrize("name", QUICK)
def test_an_ill_network_is_named(name: str) -> None:
    check_named(name)


@pytest.mark.long
@pytest.mark.parametrize("name", LONG)
def test_an_ill_network_is_named_in_time(name: str) -> None:
    check_named(name)


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.learns])
def test_a_repaired_network_learns(name: str) -> None:
    case, (trainer, said) = CASES[name], after(name)
    fix = next(one.fix for one in said if one.fix is not None)
    if fix.restart:
        repaired = Trainer(Run(fix.network))
    else:
        run = Run(case.network).changed(trainer.step, fix.network)
        repaired = Trainer(run, trainer.checkpoint() if run.changes else None)
    steps = repaired.steps()
    for _ in range(case.learns):
        next(steps)
    check = repaired.health.last
    assert check.loss < 0.8 * check.guess
    assert case.kind not in [found.kind for found in repaired.health.findings]


def test_values_that_are_far_from_0_are_standardized(tmp_path: Path) -> None:
    """A smaller rate would take still longer to reach them."""
    path = tmp_path / "far.csv"
    path.write_text("a,b,y\n" + "\n".join(f"{i % 7},{i % 5},{5e6 + 1e6 * (i % 7) + i + 0.5}" for i in range(60)))
    network = open_model(f"{path} 2-8-1 tanh adam:0.01").network
    plain = network.settings.data.replace(standardize=False)
    network = network.configure(dataclasses.replace(network.settings, data=plain))
    trainer = trained(Run(network), 40)
    said = diagnose(network, trainer.health)[0]
    assert "far off" in said.message
    assert said.fix is not None
    assert said.fix.text == "standardize the data, start again"
    repaired = trained(Run(said.fix.network), 2000).health.last
    assert repaired.loss < 0.1 * repaired.guess


def test_the_most_harmful_is_said_first() -> None:
    for name in QUICK:
        said = after(name)[1]
        assert [one.harm for one in said] == sorted((one.harm for one in said), reverse=True)


def numbers_of(value: object) -> list[float]:
    """All numbers in an observation or a description."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int | float):
        return [float(value)]
    if isinstance(value, dict):
        return numbers_of(tuple(value.values()))
    if isinstance(value, tuple | list):
        return [number for one in value for number in numbers_of(one)]
    if dataclasses.is_dataclass(value):
        return [number for one in dataclasses.fields(value) for number in numbers_of(getattr(value, one.name))]
    return []


CONSTANTS = {0.001, 0.01}
"""What the words compare with: the usual share of an update, and where an activation is flat."""


def observed(name: str, health: Health) -> list[float]:
    network = CASES[name].network
    checks = (health.first, health.last)
    derived = [value for check in checks for value in (check.ratio, check.growth, check.largest, check.pull)]
    places = [float(at + 1) for at in range(len(network.layers))]
    return [*numbers_of(checks), *numbers_of(network.settings), *derived, *places, len(network.layers), *CONSTANTS]


def is_of(text: str, known: list[float]) -> bool:
    """Whether a number in a sentence is one of those that are known, as far as it is written out."""
    said = float(text.replace(",", ""))
    digits = len(re.sub(r"e.*|[^\d]", "", text).lstrip("0")) or 1
    tolerance = 10.0 ** (1 - digits)
    scaled = [factor * value for value in known for factor in (1, 100)]
    return any(abs(value - said) <= max(tolerance * abs(said), 1e-9) for value in scaled)


@pytest.mark.parametrize("name", QUICK)
def test_no_word_without_its_number_in_the_observation(name: str) -> None:
    health = after(name)[0].health
    known = observed(name, health)
    for one in diagnose(CASES[name].network, health):
        # Names of layers may hold digits; exponents belong to their numbers.
        text = re.sub(r"[A-Za-z]+\d+d\b", "", one.message)
        for number in re.findall(r"\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?", text):
            more = re.search(rf"and {number} more", text)
            assert more or is_of(number.rstrip(","), known), (number, one.message)


@pytest.mark.parametrize("name", QUICK)
def test_numbers_of_a_check_say_at_which_step_it_was_made(name: str) -> None:
    """The header shows newer ones: without their step, the two would contradict each other."""
    health = after(name)[0].health
    for one in diagnose(CASES[name].network, health):
        if one.message.startswith("The first step moves") or "no gradient arrives" in one.message:
            continue
        assert f"step {health.last.step:,}" in one.message


EXPECTED: dict[str, set[str]] = {
    # Made to show it: its gradient vanishes, and therefore its loss does not move.
    "Twelve Sigmoids": {"lost", "still"},
    # A straight line cannot close a ring, and the linter says why.
    "Linear only": {"still"},
    # Its labels are drawn at random, and a network that fits them drifts away from the test data.
    "The lesson's model": {"drift", "still"},
}
ENDS = {"Digits, convolutions": 3_000, "Digits, dense": 5_000}
RUNNING = [preset for preset in PRESETS if preset.name not in ("Broken", "Empty")]


def kinds_along(name: str, steps: int) -> set[str]:
    preset = next(one for one in PRESETS if one.name == name)
    trainer, found = Trainer(Run(preset.make())), set[str]()
    each = trainer.steps()
    for _ in range(steps):
        next(each)
        found |= {one.kind for one in trainer.health.findings}
    return found


@pytest.mark.parametrize("name", [preset.name for preset in RUNNING])
def test_a_healthy_network_begins_without_a_word(name: str) -> None:
    assert kinds_along(name, 50) <= EXPECTED.get(name, set())


@pytest.mark.long
@pytest.mark.parametrize("name", [preset.name for preset in RUNNING])
def test_a_healthy_network_ends_without_a_word(name: str) -> None:
    assert kinds_along(name, ENDS.get(name, 20_000)) <= EXPECTED.get(name, set())


@pytest.mark.parametrize(("step", "jumps"), [(5, True), (0, False)])
def test_a_repair_of_learned_layers_says_that_the_loss_may_jump(step: int, jumps: bool) -> None:
    network = CASES["dead from the start"].network
    trainer = trained(Run(network), step)
    lab = Lab(Entry(trainer.run, trainer.checkpoint() if step else None))
    repaired = network.change(1, nn.layers.check(Spec("Tanh")))
    _, effects = _apply(lab, Fix("swap", repaired))
    (said,) = [effect.text for effect in effects if isinstance(effect, Toast) and effect.text.startswith("Fixed")]
    assert ("may jump" in said) == jumps

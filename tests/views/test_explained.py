"""Every number that is explained: what stands on the screen is what its formula gives, and so do the numbers in it."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nnviz import nn
from nnviz.autograd import Tensor, no_grad
from nnviz.autograd.expression import evaluate
from nnviz.data import datasets, file_spec
from nnviz.engine import Moment
from nnviz.files.opened import open_model
from nnviz.lab import Entry, Lab
from nnviz.network import PRESETS, build_loss, job_of, plan_of, trace
from nnviz.network.presets import on_data
from nnviz.registry import Spec
from nnviz.run import Costs, Curves, Query, Run, Trainer, Walk
from nnviz.run.queries import LayerStatistics
from nnviz.run.queries.query import Observation
from nnviz.tui.dialogs.help import explained_lines
from nnviz.views import data, fits, layer, loss
from nnviz.views.activation_facts import activation, all_activations, chord_of
from nnviz.views.compared import known_of
from nnviz.views.explained import Explained
from nnviz.views.explained.activation import FUNCTIONS
from nnviz.views.explained.explained import explained, written
from nnviz.views.explained.layer import LOG
from nnviz.views.explained.pages import PAGES, numbers_of
from nnviz.views.status import status
from tests.run.test_changes import taken

LINES = (
    "spiral 2-8-2 tanh adam:0.01 seed:1",
    "spiral 2-8-2 relu sgd:0.1 momentum:0.9 weight_decay:0.01 seed:2",
    "plane 2-8-1 tanh MSELoss seed:1",
    "plane 2-4-1 relu L1Loss seed:3",
    "function 1-8-1 relu MSELoss seed:1",
    "circle 2-4-1 sigmoid BCEWithLogitsLoss seed:1",
    "iris 4-8-3 elu adamw:0.01 seed:1",
)

MODELS = {line: open_model(line).network for line in LINES} | {
    preset.name: network for preset in PRESETS if trace(network := preset.make()).diagnostic is None and network.layers
}


def asked(lab: Lab) -> set[Query[Observation]]:
    """What the pages ask of the run."""
    pages = {LayerStatistics(), *data.queries(lab), *fits.queries(lab)}
    return pages | {query for query in (layer.query_of(lab), loss.query_of(lab)) if query is not None}


def moment_of(lab: Lab, trainer: Trainer) -> Moment:
    """A moment of its run with real answers to all that the pages ask."""
    now = trainer.evaluate()
    answers = {query: trainer.observe(query) for query in asked(lab)}
    return Moment(0, trainer.step, now.epoch, False, 0.0, now, Curves.of([now]), answers)


def trained(lab: Lab, steps: int = 30) -> Trainer:
    trainer = Trainer(lab.run)
    trainer.recorder.on = True
    taken(trainer, steps)
    return trainer


def number(text: str) -> float:
    """The first number of a text, as the screen writes it: −1,234.5, 99.6 %, 1e−06, <1 %."""
    found = re.search(r"[−-]?\d[\d,]*(\.\d+)?(e[−-]?\d+)?", text)
    assert found is not None, text
    value = float(found[0].replace(",", "").replace("−", "-"))
    return value / 100 if text.rstrip().endswith("%") else value


def last_digit(text: str) -> float:
    """What one is in the last digit of the first number of a text."""
    found = re.search(r"[−-]?(\d[\d,]*)(\.(\d+))?(e([−-]?\d+))?", text)
    assert found is not None
    unit = 10.0 ** (-len(found[3] or "") + int((found[5] or "0").replace("−", "-")))
    return unit / 100 if text.rstrip().endswith("%") else unit


def holds(one: Explained) -> None:
    """What is shown is the value, rounded; the formula with its numbers gives it, up to their rounding."""
    assert one.name
    assert one.name != "not explained", one.words
    assert one.formula or one.words
    if not math.isnan(one.value) and re.search(r"\d", one.shown) and not one.shown.startswith("("):
        off = abs(number(one.shown) - one.value)
        # Rounded down is an epoch, and a percentage that is not quite all or nothing is not rounded to it.
        assert off <= last_digit(one.shown) * (1.0 + 1e-9), one
    assert "{" not in one.words
    if one.numbers and "\n" not in one.numbers:
        written, _, result = one.numbers.rpartition(" = ")
        given = re.sub(r"(?<=\d),(?=\d{3})", "", written)
        again = float(evaluate(re.sub(r"e(−?\d+)", lambda p: f"·10^({p[1]})", given), {**FUNCTIONS, **LOG}))
        largest = max(
            map(abs, map(number, re.findall(r"\d(?:\d|,(?=\d{3}))*(?:\.\d+)?(?:e−?\d+)?", written))), default=1.0
        )
        assert again == pytest.approx(number(result), rel=2e-4, abs=2e-5 * largest), one


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.long
def test_what_is_shown_is_what_the_formula_gives(name: str) -> None:
    lab = Lab(Entry(Run(MODELS[name])))
    trainer = trained(lab)
    found: list[Explained] = []
    for row in range(len(lab.network.layers) + 2):
        here = replace(lab.select(row), layer=replace(lab.layer, page="gradients" if row % 2 else "weights"))
        moment = moment_of(here, trainer)
        for page in (*PAGES, "graph"):
            own, run = numbers_of(page, here, moment, None)
            found += own
        found += run
        for one in (*own, *run):
            holds(one)
    for one in found:
        holds(one)
    names = {one.name for one in found}
    assert {"output", "parameters", "gradient", "outputs", "train loss", "test loss", "epoch"} <= names
    assert any(one.numbers for one in found if one.name == "train loss")


@pytest.mark.parametrize("name", MODELS)
def test_the_line_at_the_top_is_explained_as_it_stands_there(name: str) -> None:
    lab = Lab(Entry(Run(MODELS[name])))
    moment = moment_of(lab, trained(lab))
    shown, (_, run) = status(lab, moment), numbers_of("stack", lab, moment, None)
    told = {one.name: one.shown for one in run}
    assert shown.train.text == f"train {told['train loss']}"
    assert shown.test.text == f"test {told['test loss']}"
    assert shown.epoch.text == f"epoch {told['epoch']}"
    assert shown.train_accuracy.text == told.get("train accuracy", "")
    assert shown.test_accuracy.text == told.get("test accuracy", "")


@pytest.mark.parametrize("name", MODELS)
def test_parameters_and_shapes_of_every_row_are_those_of_the_stack(name: str) -> None:
    lab = Lab(Entry(Run(MODELS[name])))
    for at, row in enumerate(trace(lab.network).rows):
        own = {one.name: one for one in numbers_of("stack", lab.select(at + 1), None, None)[0]}
        assert row.output is not None
        assert own["output"].shown == f"({', '.join(map(str, row.output))})"
        assert ("parameters" in own) == bool(row.parameters)
        if row.parameters:
            assert own["parameters"].value == row.parameters
        if own["output"].numbers and len(row.output) == 4:
            assert int(own["output"].value) == row.output[2]


@pytest.mark.parametrize("z", [-1.4, 0.0, 0.3, 2.0])
@pytest.mark.parametrize("name", all_activations())
def test_f_at_the_reading_line_is_computed_by_its_formula(name: str, z: float) -> None:
    lab = Lab(Entry(Run(MODELS["Spirals"])))
    lab = replace(lab, curves=replace(lab.curves, page="curves", name=name, z=z))
    f, slope, *rest = numbers_of("activation", lab, None, None)[0]
    known = known_of(lab.curves, name)
    assert (f.value, slope.value) == (known.f, known.slope)
    for one in (f, slope, *rest):
        holds(one)
    if known.facts.elementwise:
        assert f.numbers
    elif nn.layers[name].factory is nn.Softmax:
        assert "first of three" in f.words
    assert ("kink" in slope.words) == known.on_kink


def test_every_stop_of_a_walk_explains_the_chosen_element() -> None:
    lab = Lab(Entry(Run(MODELS["Spirals"])))
    walk = Walk(lab.run)
    walk.reach(len(walk.stops))
    lab = replace(lab.with_walk(step=0), graph="walk")
    for position in range(1, len(walk.stops) + 1):
        found = numbers_of("graph", lab.with_walk(position=position, goal=position), None, walk)[0]
        assert len(found) == 1
        assert found[0].shown
        assert found[0].numbers
        assert str(lab.toposort.parts(position)[1]) in found[0].words


def test_what_plan_and_tape_cost_is_explained_by_what_was_measured() -> None:
    lab = Lab(Entry(Run(MODELS["Spirals"]))).with_status(costs=Costs(100e-6, 312e-6))
    plan, tape, *order = numbers_of("graph", lab, None, None)[0]
    assert plan.shown == "100 µs a step"
    assert tape.shown == "3.1 × the plan"
    holds(tape)
    assert all("waits for" in one.words for one in order)


def test_the_plan_is_explained_by_its_counts() -> None:
    lab = replace(Lab(Entry(Run(MODELS["Spirals"]))), graph="plan")
    found = {one.name: one for one in numbers_of("graph", lab, None, None)[0]}
    plan = plan_of(lab.network)
    assert plan is not None
    assert found["operations on the tape"].value == len(trace(lab.network).graph.operations) * 2
    assert found["operations in the plan"].shown == str(len(plan.rows))
    for one in found.values():
        holds(one)


@pytest.mark.parametrize("name", all_activations())
def test_the_chord_is_explained_by_its_ends(name: str) -> None:
    lab = Lab(Entry(Run(MODELS["Spirals"])))
    lab = replace(lab, curves=replace(lab.curves, page="curves", name=name, chord=True))
    one = next(one for one in numbers_of("activation", lab, None, None)[0] if one.name == "curve − chord")
    chord = chord_of(activation(name, lab.curves.slope), lab.curves.reach)
    assert one.value == pytest.approx(chord.above, abs=1e-9) or one.value == pytest.approx(-abs(chord.above), abs=1e-9)
    holds(one)


def test_before_a_race_its_parameters_are_explained() -> None:
    lab = Lab(Entry(Run(MODELS["Spirals"])))
    (one,) = numbers_of("race", lab, None, None)[0]
    assert one.shown == "354"
    holds(one)


def test_a_sample_loss_is_computed_from_what_is_predicted() -> None:
    lab = Lab(Entry(Run(MODELS["plane 2-8-1 tanh MSELoss seed:1"])))
    moment = moment_of(lab, trained(lab))
    error, own, *scores = numbers_of("data", lab, moment, None)[0]
    assert own.numbers.startswith("((")
    assert [one.name for one in scores] == ["MAE", "RMSE", "R²"]
    assert math.sqrt(own.value) > 0
    assert error.value > 0
    # The std of the target is that of the training data.
    std = job_of(lab.network).data().targets
    assert std is not None
    found = re.search(r"/ ([\d.]+)\)²", own.numbers)
    assert found is not None
    assert float(found[1]) == pytest.approx(float(np.ravel(std.std)[0]), rel=1e-4)


SOFTMAX_TWICE = MODELS["Spirals"].insert(5, nn.layers.check(Spec.of("Softmax", dim=1)))


@pytest.mark.long
def test_probabilities_that_are_squashed_once_more_are_not_explained_as_if_they_were_not() -> None:
    lab = Lab(Entry(Run(SOFTMAX_TWICE))).with_data(order="number")
    trainer = trained(lab, 300)
    for row in range(20):
        here = lab.with_data(row=row)
        own, run = numbers_of("data", here, moment_of(here, trainer), None)
        for one in (*own, *run):
            holds(one)
        assert "e^z" not in own[0].formula
        assert not own[1].formula
    assert "log-softmax to these once more" in run[0].words
    assert "geometric mean" not in run[0].words


@pytest.mark.parametrize(
    ("line", "loss", "each"),
    [
        ("iris 4-8-3 seed:1", Spec("BCEWithLogitsLoss"), 3),
        ("circle 2-4-1 seed:1", Spec("BCEWithLogitsLoss"), 1),
        ("iris 4-8-3 seed:1", Spec("CrossEntropyLoss"), 1),
        ("plane 2-8-1 seed:1", Spec("HuberLoss"), 1),
    ],
)
def test_the_sum_of_a_loss_is_over_all_that_is_compared(line: str, loss: Spec, each: int) -> None:
    network = open_model(line).network
    network = network.configure(replace(network.settings, loss=nn.losses.check(loss)))
    lab = Lab(Entry(Run(network)))
    trainer = trained(lab, 20)
    moment = moment_of(lab, trainer)
    train = numbers_of("stack", lab, moment, None)[1][0]
    count = job_of(network).schema.train * each
    assert train.numbers.endswith(f" / {count:,} = {written(train.value)}")
    alone = replace(loss, arguments=(*loss.arguments, ("reduction", "sum")))
    data = job_of(network).data()
    every = build_loss(network.configure(replace(network.settings, loss=nn.losses.check(alone))))
    with no_grad():
        total = every(trainer.model.eval()(Tensor(data.train_x)), Tensor(job_of(network).targets(data.train_y)))
    assert number(train.numbers) == pytest.approx(total.item(), rel=1e-4)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (Spec.of("CrossEntropyLoss", reduction="sum"), "added up over a batch of 10"),
        (Spec.of("CrossEntropyLoss", label_smoothing=0.1), "label_smoothing spreads 0.1 evenly"),
    ],
)
def test_what_a_loss_is_depends_on_its_arguments(loss: Spec, words: str) -> None:
    network = MODELS["Spirals"].configure(replace(MODELS["Spirals"].settings, loss=nn.losses.check(loss)))
    lab = Lab(Entry(Run(network)))
    moment = moment_of(lab, trained(lab, 5))
    own, run = numbers_of("data", lab, moment, None)
    assert words in run[0].words
    assert "geometric mean" not in run[0].words
    for one in (*own, *run):
        holds(one)
    assert ("their mean is the loss of the set" in own[1].words) == ("sum" not in str(loss))


def test_values_that_nearly_cancel_have_digits_enough(tmp_path: Path) -> None:
    path = tmp_path / "far.csv"
    path.write_text("x,y\n" + "".join(f"{x},{1e6 + 0.5 * x}\n" for x in range(40)))
    network = on_data(datasets.check(file_spec(path)))
    lab = Lab(Entry(Run(network)))
    trainer = trained(lab, 200)
    for row in range(10):
        here = lab.with_data(row=row)
        for one in numbers_of("data", here, moment_of(here, trainer), None)[0]:
            holds(one)


def test_the_metrics_of_several_outputs_are_said_to_be_means(tmp_path: Path) -> None:
    path = tmp_path / "two.npz"
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2))
    np.savez(path, X=x, y=np.column_stack([x[:, 0], 50 * x[:, 1] ** 2]))
    lab = Lab(Entry(Run(on_data(datasets.check(file_spec(path))))))
    moment = moment_of(lab, trained(lab, 50))
    own = {one.name: one for one in numbers_of("data", lab, moment, None)[0]}
    scores = moment.now.test.values
    assert [own[name].value for name in ("MAE", "RMSE", "R²")] == pytest.approx(scores, rel=1e-4)
    for name in ("MAE", "RMSE", "R²"):
        assert "mean over the 2 outputs" in own[name].words
        holds(own[name])


def test_where_a_weight_comes_from_if_its_last_step_is_not_known() -> None:
    lab = Lab(Entry(Run(MODELS["Spirals"])))
    trainer = Trainer(lab.run)
    taken(trainer, 3)
    for one in numbers_of("layer", lab, moment_of(lab, trainer), None)[0]:
        holds(one)
        assert "{" not in one.words
    at_start = numbers_of("layer", lab, moment_of(lab, Trainer(lab.run)), None)[0][0]
    assert "drawn from the seed" in at_start.words


def test_a_class_that_is_never_predicted_divides_by_nothing() -> None:
    lab = Lab(Entry(Run(open_model("iris 4-3 seed:1 adam:1e-9").network))).with_data(matrix=True, cursor=(0, 1))
    moment = moment_of(lab, trained(lab, 1))
    for one in numbers_of("data", lab, moment, None)[0]:
        holds(one)


def test_nothing_is_explained_of_a_stack_that_cannot_run() -> None:
    broken = next(preset for preset in PRESETS if preset.name == "Broken").make()
    lab = Lab(Entry(Run(broken)))
    for row in range(len(broken.layers) + 2):
        for page in (*PAGES, "graph"):
            for one in (*numbers_of(page, lab.select(row), None, None)[0],):
                holds(one)
        assert numbers_of("stack", lab.select(row), None, None)[1] == []


def test_an_empty_stack_has_its_input_and_its_loss_only() -> None:
    empty = next(preset for preset in PRESETS if preset.name == "Empty").make()
    lab = Lab(Entry(Run(empty)))
    for page in (*PAGES, "graph"):
        for one in numbers_of(page, lab, None, None)[0]:
            holds(one)


def test_numbers_are_written_with_all_digits_that_count() -> None:
    one = explained("n", "1", "a / b", {"a": 1234567, "b": -2.5})
    assert one.numbers == "1,234,567 / (−2.5) = −493827"
    assert one.value == 1234567 / -2.5


def readme_lines() -> str:
    """What the README shows: the first layer of the spirals and the training loss before the first step."""
    lab = Lab(Entry(Run(MODELS["Spirals"])))
    moment = moment_of(lab, Trainer(lab.run))
    own, run = numbers_of("stack", lab, moment, None)
    return "\n".join(line.plain for one in (*own, *run[:2]) for line in explained_lines(one, 96))


def test_the_readme_shows_what_the_program_says() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    section = readme.partition("\n## Every number asks back\n")[2].partition("\n## ")[0]
    assert section.split("```")[1].strip() == readme_lines()


def test_what_cannot_be_explained_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> list[Explained]:
        raise ValueError("no such number")

    monkeypatch.setitem(PAGES, "race", broken)  # type: ignore[misc]
    own, _ = numbers_of("race", Lab(Entry(Run(MODELS["Spirals"]))), None, None)
    assert [one.words for one in own] == ["ValueError: no such number"]

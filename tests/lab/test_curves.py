"""The commands on the activation functions that are compared."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from nnviz.lab import COMMANDS, Entry, Lab, curves
from nnviz.lab.curves_place import REACHES, SLOPES, STEPS, CurvesPlace, Drawn
from nnviz.lab.effects import Measure, Show, StopMeasuring, Toast
from nnviz.network import opening
from nnviz.run import Run
from nnviz.views import compared
from nnviz.views.activation_columns import COLUMNS
from nnviz.views.activation_facts import all_activations


def comparing(**changes: object) -> Lab:
    lab = Lab(Entry(Run(opening())))
    return replace(lab, curves=replace(CurvesPlace(page="curves"), **changes))  # type: ignore[arg-type]


def test_compare_and_table_lead_there_and_back() -> None:
    lab = Lab(Entry(Run(opening())))
    lab, effects = curves.compare(lab)
    assert (lab.curves.page, effects) == ("curves", (Show("activation"),))
    assert curves.compare(lab)[0].curves.page == "selected"
    lab = curves.table(lab)[0]
    assert lab.curves.page == "table"
    assert curves.table(lab)[0].curves.page == "curves"


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.id.startswith("curve")], ids=lambda one: one.id)
def test_every_command_leads_to_the_page_and_makes_no_edit(command: object) -> None:
    """Also from the palette, while the page shows the selected activation or is not shown."""
    act = command.act  # type: ignore[attr-defined]
    lab, effects = act(Lab(Entry(Run(opening()))))
    assert lab.curves.page in ("curves", "table")
    assert Show("activation") in effects
    assert lab.past == ()


def test_the_lessons_functions_are_chosen_at_first_with_its_slope() -> None:
    place = CurvesPlace()
    assert place.chosen == {"Sigmoid", "Tanh", "ReLU", "LeakyReLU"}
    assert compared.specs_of(place)["LeakyReLU"].get("negative_slope") == 0.2


def test_toggle_takes_the_function_under_the_cursor_away_and_back() -> None:
    lab = curves.at_name(comparing(), "GELU")[0]
    drawn = curves.toggle(lab)[0]
    assert drawn.curves.chosen == lab.curves.chosen | {"GELU"}
    assert [one.name for one in compared.view(drawn, 80).f] == ["Sigmoid", "Tanh", "ReLU", "LeakyReLU", "GELU"]
    assert curves.toggle(drawn)[0].curves.chosen == lab.curves.chosen


def test_the_reading_line_moves_by_exact_steps_and_stops_at_the_ends() -> None:
    lab = comparing()
    for at in range(1, 31):
        lab = curves.read(lab, 1)[0]
        assert lab.curves.z == float(f"{at / 10:.1f}")
    for _ in range(30):
        lab = curves.read(lab, -1)[0]
    # A kink is hit exactly, without a sign.
    assert str(lab.curves.z) == "0.0"
    assert curves.read(lab, 1000)[0].curves.z == 6.0
    assert curves.read(lab, -1000)[0].curves.z == -6.0
    assert curves.read_near(lab, 1.234)[0].curves.z == 1.2


def test_a_narrower_range_takes_the_reading_line_along() -> None:
    lab = curves.read_at(comparing(), 5.0)[0]
    for _ in REACHES:
        lab = curves.wider(lab, -1)[0]
    assert (lab.curves.reach, lab.curves.z) == (REACHES[0], REACHES[0])
    for _ in REACHES:
        lab = curves.wider(lab, 1)[0]
    assert (lab.curves.reach, lab.curves.z) == (REACHES[-1], REACHES[0])


def test_steps_end_at_both_ends() -> None:
    lab = comparing()
    for _ in STEPS:
        lab = curves.coarser(lab, 1)[0]
    assert lab.curves.step == STEPS[-1]
    for _ in STEPS:
        lab = curves.coarser(lab, -1)[0]
    assert lab.curves.step == STEPS[0]


def test_slopes_go_round_and_change_the_curve_and_its_facts() -> None:
    lab, seen, bends = comparing(name="LeakyReLU"), [], []
    for _ in SLOPES:
        seen.append(lab.curves.slope)
        bends.append(next(line for line in compared.view(lab, 80).facts if "the curve" in line).partition(":")[0])
        lab = curves.slope(lab)[0]
    assert tuple(seen) == SLOPES
    assert lab.curves.slope == 0.2
    assert bends[SLOPES.index(1.0)] == "straight, so convex and concave"
    assert bends[SLOPES.index(2.0)] == "not convex but concave"
    assert {bend for slope, bend in zip(SLOPES, bends, strict=True) if slope < 1} == {"convex"}


def test_what_is_drawn_goes_round_and_a_chord_belongs_to_f() -> None:
    lab = comparing()
    for way in (*get_args(Drawn)[1:], get_args(Drawn)[0]):
        lab = curves.drawn(lab)[0]
        assert lab.curves.drawn == way
    lab = curves.chord(comparing(drawn="f′"))[0]
    assert (lab.curves.chord, lab.curves.drawn) == (True, "f and f′")
    assert not curves.chord(lab)[0].curves.chord


def test_the_chord_is_that_of_the_function_under_the_cursor_also_of_one_that_is_not_drawn() -> None:
    for name in ("ReLU", "GELU"):
        found = compared.view(comparing(chord=True, name=name), 80)
        assert found.f[-1].name == "chord"
        own = next(one for one in found.f if one.name == name)
        assert own.color != found.f[-1].color
        for at, z in enumerate(found.f[-1].x.tolist()):
            nearest = abs(own.x - z).argmin()
            assert found.f[-1].y[at] == pytest.approx(own.y[nearest], abs=0.03)
        assert found.facts[0].startswith(f"{name}: ")


def test_sorting_goes_through_all_columns_and_orders_the_rows() -> None:
    lab = comparing()
    assert len(COLUMNS) == curves.SORTS + 1
    assert compared.view(lab, 80).names == all_activations()
    for number in range(1, curves.SORTS):
        lab = curves.sort(lab)[0]
        found = compared.view(lab, 80)
        assert f"▾{COLUMNS[number].head} " in found.table.heads
        assert sorted(found.names) == sorted(all_activations())
        keys = [COLUMNS[number].key(compared.known_of(lab.curves, name)) for name in found.names]
        assert keys == sorted(keys)
        # The cursor stays on its function.
        assert found.table.cursor is not None
        assert found.names[found.table.cursor] == "Sigmoid"
    assert compared.view(curves.sort(lab)[0], 80).names == all_activations()


def test_values_of_the_table_and_the_reading_line_are_those_of_the_function() -> None:
    found = compared.view(comparing(z=0.5, name="Tanh"), 80)
    assert found.reading == "z = 0.5: Tanh f = 0.462117, f′ = 0.786448"
    row = found.table.line(found.names.index("Tanh"))
    assert [cell.strip() for cell in row.cells[:3]] == ["✓ Tanh", "0.46212", "0.78645"]
    assert compared.view(comparing(name="ReLU"), 80).reading == "z = 0: ReLU f = 0, f′ = 0*"


def test_measuring_starts_goes_on_and_ends() -> None:
    lab, effects = curves.measure(comparing())
    assert Measure() in effects
    assert compared.view(lab, 80).title == "measuring, 0 %"
    lab, effects = curves.on_measured(lab, {"ReLU": 0.001}, 30, 105)
    assert (effects, compared.view(lab, 80).title) == ((), "measuring, 28 %")
    lab, effects = curves.on_measured(lab, {"ReLU": 0.001, "Tanh": 0.002}, 105, 105)
    assert not lab.curves.measured.running
    assert isinstance(effects[0], Toast)
    assert "rough" not in effects[0].text
    assert compared.known_of(lab.curves, "Tanh").times_relu == 2.0


def test_measuring_stops_and_what_comes_late_changes_nothing() -> None:
    lab = curves.on_measured(curves.measure(comparing())[0], {"ReLU": 0.001}, 30, 105)[0]
    lab, effects = curves.measure(lab)
    assert StopMeasuring() in effects
    assert not lab.curves.measured.running
    assert lab.curves.measured.seconds == {"ReLU": 0.001}
    assert curves.on_measured(lab, {"ReLU": 9.0}, 60, 105) == (lab, ())


def test_times_measured_while_training_are_said_to_be_rough() -> None:
    lab = curves.measure(comparing().with_status(running=True))[0].with_status(running=False)
    _, effects = curves.on_measured(lab, {"ReLU": 0.001}, 105, 105)
    assert isinstance(effects[0], Toast)
    assert "rough" in effects[0].text


def test_an_error_ends_measuring_with_words() -> None:
    lab, effects = curves.not_measured(curves.measure(comparing())[0], "no memory")
    assert not lab.curves.measured.running
    assert isinstance(effects[0], Toast)
    assert "no memory" in effects[0].text

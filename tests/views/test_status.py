"""The status line says where a run stands, and leaves out the least important where there is little room."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.engine import FULL, Failed, Moment
from nnviz.lab import PACES, Entry, Lab
from nnviz.network import empty, opening
from nnviz.run import Curves, Evaluation, Run
from nnviz.views.status import Part, epoch_text, loss_text, rate_text, share_text, short, status

LAB = Lab(Entry(Run(opening())))


def moment(step: int = 3000, epoch: float = 120.0, now: Evaluation | None = None, rate: float = 1230.0) -> Moment:
    none = np.zeros(0)
    now = now or Evaluation(step, epoch, 0.029, 0.051, 0.996, 0.98)
    return Moment(0, step, epoch, True, rate, now, Curves(none, none, none, none, none))


def test_every_part_in_its_words() -> None:
    found = status(LAB.with_status(running=True), moment())
    assert found.standing == "running"
    assert found.fitted(200) == (
        ("spiral 250+250", "batch 10", "Adam 0.01"),
        ("▶ epoch 120.0", "step 3,000", "20 epochs/s"),
        ("train 0.0290 99.6 %", "test 0.0510 98.0 %"),
    )


def test_where_a_run_stands() -> None:
    failure = Failed(0, "the loss is not finite", "")
    diverged = LAB.with_status(failure=failure)
    assert status(LAB, None).standing == "starting"
    assert status(LAB, moment(step=0)).standing == "ready"
    assert status(LAB, moment()).standing == "paused"
    assert status(diverged, moment()).standing == "stopped"
    assert status(Lab(Entry(Run(empty()))), None).standing == "invalid"


def test_the_pace_or_what_is_reached_of_it() -> None:
    running = LAB.with_status(running=True)
    full = replace(running, pace=FULL)
    assert status(LAB, moment()).rate.text == "20 epochs/s"
    assert status(running, moment(rate=480.0)).rate.text == "20 epochs/s"
    # 25 steps are an epoch: 300 steps a second are less than 20 epochs.
    assert status(running, moment(rate=300.0)).rate.text == "300 steps/s"
    assert status(full, moment()).rate.text == "1,230 steps/s"
    assert status(replace(LAB, pace=FULL), moment()).rate.text == "full speed"
    assert status(replace(running, pace=PACES[0]), moment(rate=1.0)).rate.text == "1 step/s"


def test_without_a_moment_there_are_no_scores() -> None:
    assert status(LAB, None).fitted(200)[2] == ()


def test_a_regression_has_no_accuracy() -> None:
    now = Evaluation(1, 0.1, 0.5, 0.25, float("nan"), float("nan"))
    assert status(LAB, moment(now=now)).fitted(200)[2] == ("train 0.5000", "test 0.2500")


@given(st.integers(0, 200))
def test_what_is_left_fits_and_the_important_stays(width: int) -> None:
    found = status(LAB.with_status(running=True), moment())
    groups = found.fitted(width)
    present = ["···".join(group) for group in groups if group]
    assert len("···".join(present)) <= width
    if width >= 80:
        text = " ".join(" ".join(group) for group in groups)
        for words in ("spiral", "20 epochs/s", "▶", "epoch 120.0", "train 0.0290", "test 0.0510", "98.0 %"):
            assert words in text
    wider = found.fitted(width + 1)
    assert {word for group in groups for phrase in group for word in phrase.split()} <= {
        word for group in wider for phrase in group for word in phrase.split()
    }


def test_a_name_of_any_length() -> None:
    assert short("x" * 100_000) == "x" * 23 + "…"
    assert short("x" * 24) == "x" * 24


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (loss_text(0.0), "0.0000"), (loss_text(5e-5), "5.0e-05"), (loss_text(1.5), "1.5000"), (loss_text(1e5), "1.0e+05"),
        (loss_text(float("nan")), "nan"), (loss_text(float("inf")), "inf"),
        (share_text(1.0), "100 %"), (share_text(0.9999), "99.9 %"), (share_text(0.5), "50.0 %"), (share_text(0.0), "0.0 %"),
        (share_text(float("nan")), ""), (epoch_text(0.04), "0.0"), (epoch_text(1234.5), "1,234"),
        (rate_text(0.0), ""), (rate_text(3.25), "3.2 steps/s"), (rate_text(12345.6), "12,346 steps/s"),
    ],
)  # fmt: skip
def test_numbers(text: str, expected: str) -> None:
    assert text == expected


def test_nothing_is_rounded_to_what_it_is_not() -> None:
    assert (share_text(0.0004), share_text(0.99996)) == ("0.1 %", "99.9 %")
    assert (epoch_text(0.96), epoch_text(999.96), epoch_text(1000.9), epoch_text(1.2)) == (
        "0.9",
        "999.9",
        "1,000",
        "1.2",
    )


def test_wide_letters_count_twice() -> None:
    name = "漢" * 16
    found = replace(status(LAB, moment()), data=Part(name, 6))
    groups = found.fitted(78)
    assert sum(2 if letter == "漢" else 1 for group in groups for letter in " · ".join(group)) <= 78

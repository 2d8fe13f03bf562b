"""A network in one line, and back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.errors import NnvizError
from nnviz.files.line import line_of, network_of_line
from nnviz.network import PRESETS, opening


@pytest.mark.parametrize(
    ("line", "back"),
    [
        ("spiral 2-16-16-2 tanh adam:0.01 seed:1", None),
        ("SPIRAL   2-16-16-2  Tanh", "spiral 2-16-16-2 tanh adam:0.01 seed:1"),
        ("function 1-8-1 gelu sgd:0.1 shape:sine noise:0.2 momentum:0.9 nesterov:true batch:5 seed:7",
         "function 1-8-1 gelu sgd:0.1 noise:0.2 momentum:0.9 nesterov:True batch:5 seed:7"),
        ("digits 64-10", "digits 64-10 adam:0.01 seed:1"),
        ("circle 2-1 bcewithlogitsloss adam initialization:orthogonal", "circle 2-1 adam:0.001 bcewithlogitsloss initialization:orthogonal seed:1"),
    ],
)  # fmt: skip
def test_a_line_and_back(line: str, back: str | None) -> None:
    network = network_of_line(line)
    assert line_of(network) == (back or line)
    assert network_of_line(back or line) == network


def test_the_opening_network_is_said_in_one_line() -> None:
    assert network_of_line("spiral 2-16-16-2 tanh adam:0.01 seed:1") == opening()


def test_what_cannot_be_said_in_one_line_is_not() -> None:
    lines = {preset.name: line_of(preset.make()) for preset in PRESETS}
    assert [name for name, line in lines.items() if line is None] == [
        "The lesson's model", "Digits, convolutions", "Residual", "Broken", "Empty",
    ]  # fmt: skip
    for preset in PRESETS:
        line = lines[preset.name]
        assert line is None or network_of_line(line) == preset.make()


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("", "expected a line", "for example"),
        ("spirl 2-2", "no data set is called 'spirl'", "did you mean spiral?"),
        ("spiral", "the widths of the layers are missing", "for example"),
        ("spiral 2", "expected widths such as 2-16-2, got '2'", "for example"),
        ("spiral 2-0-2", "widths are 1 to 1,000,000", "for example"),
        ("spiral 2-99999999", "expected widths", "for example"),
        ("spiral 2-2 tanhh", "no activation, loss or optimizer is called 'tanhh'", "did you mean Tanh?"),
        ("spiral 2-2 tanh relu", "activation is given twice", "remove one"),
        ("spiral 2-2 adam sgd", "optimizer is given twice", "remove one"),
        ("spiral 2-2 seed:1 seed:2", "seed is given twice", "remove one"),
        ("spiral 2-2 adam:fast", "lr: expected a number", ""),
        ("spiral 2-2 adam:nan", "lr: expected a finite number", ""),
        ("spiral 2-2 seed:-1", "seed: expected a whole number", ""),
        ("spiral 2-2 nois:1", "'nois' is neither a setting nor an argument of spiral or Adam", "did you mean noise?"),
        ("spiral 2-2 momentum:0.9", "'momentum' is neither", "there are"),
        ("spiral 2-2 initialization:os.system", "no initializer is called 'os.system'", ""),
        ("spiral " + "2-" * 6_000 + "2", "expected a line of 1 to 10,000 characters", ""),
    ],
)
def test_a_wrong_line_is_told_with_what_would_be_right(line: str, message: str, hint: str) -> None:
    with pytest.raises(NnvizError) as caught:
        network_of_line(line)
    assert message in caught.value.message
    assert hint in caught.value.hint


WORDS = st.sampled_from(
    [
        "spiral",
        "digits",
        "2-16-2",
        "2-",
        "-2",
        "tanh",
        "adam:0.01",
        "adam:",
        "seed:1",
        "seed:",
        "batch:0",
        "noise:1e9",
        "samples:0",
        "[/]",
        "\x1b[31m",
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(WORDS | st.text(max_size=8), max_size=8).map(" ".join))
def test_only_named_errors_escape(line: str) -> None:
    try:
        network = network_of_line(line)
    except NnvizError:
        return
    said = line_of(network)
    assert said is None or network_of_line(said) == network

"""What every registered data set must do, whichever it is."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.data import FILE, datasets, prepare
from nnviz.data.functions import SHAPES
from nnviz.errors import ArgumentError, RegistryError
from nnviz.registry import Spec
from nnviz.seeds import stream

NAMES = [entry.name for entry in datasets if entry.name != FILE]
"""All but a file of one's own, which has tests of its own."""
RANDOM = [name for name in NAMES if name not in ("digits", "iris")]
SIZED = [entry.name for entry in datasets if "samples" in [argument.name for argument in entry.arguments]]


def test_the_sets_and_their_order() -> None:
    names = "circle xor gauss spiral plane multi-gaussian function lesson digits iris file"
    assert " ".join(entry.name for entry in datasets) == names


@pytest.mark.parametrize("name", NAMES)
def test_built_from_its_name(name: str) -> None:
    dataset = datasets.build(Spec(name), generator=stream(1, "data"))
    assert dataset.name == name
    assert dataset.source
    assert dataset.lesson.endswith(".")
    assert datasets[name].summary
    assert all(argument.help for argument in datasets[name].arguments)
    assert (dataset.task == "regression") == ("regression" in datasets[name].category)


@pytest.mark.parametrize("name", RANDOM)
def test_same_seed_same_bytes_and_other_seed_other_bytes(name: str) -> None:
    def drawn(seed: int) -> bytes:
        arguments = {"noise": 0.3} if datasets[name].arguments[-1].name == "noise" else {}
        dataset = datasets.build(Spec.of(name, **arguments), generator=stream(seed, "data"))
        return dataset.inputs.tobytes() + dataset.targets.tobytes()

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


@pytest.mark.parametrize("name", SIZED)
@pytest.mark.parametrize("samples", [10, 11, 333])
def test_as_many_samples_as_asked_for(name: str, samples: int) -> None:
    dataset = datasets.build(Spec.of(name, samples=samples), generator=stream(1, "data"))
    assert len(dataset.inputs) == len(dataset.targets) == samples


@pytest.mark.parametrize("name", SIZED)
def test_the_bounds_hold_at_both_ends(name: str) -> None:
    bounds = datasets[name].argument("samples").bounds
    assert bounds is not None
    for samples in (int(bounds.low), int(bounds.high)):
        assert len(prepare(Spec.of(name, samples=samples), 1).dataset.inputs) == samples
    for samples in (int(bounds.low) - 1, int(bounds.high) + 1):
        with pytest.raises(ArgumentError, match="samples: expected a whole number"):
            prepare(Spec.of(name, samples=samples), 1)


def test_bad_arguments() -> None:
    with pytest.raises(RegistryError, match="no data set is called 'spirals'"):
        prepare(Spec("spirals"), 1)
    with pytest.raises(ArgumentError, match="noise: expected a number, at least 0 and at most 1"):
        prepare(Spec.of("xor", noise=1.5), 1)
    with pytest.raises(ArgumentError, match="digits has no argument 'samples'"):
        prepare(Spec.of("digits", samples=10), 1)
    with pytest.raises(ArgumentError, match="classes: expected"):
        prepare(Spec.of("lesson", classes=1), 1)


def test_every_shape_of_function_can_be_chosen() -> None:
    assert datasets["function"].argument("shape").choices == tuple(SHAPES)


def test_lesson_is_the_course_batch() -> None:
    dataset = datasets.build(Spec("lesson"), generator=stream(1, "data"))
    assert dataset.inputs.shape == (80, 10)
    assert dataset.outputs == 8
    assert dataset.inputs.min() >= 0
    assert dataset.inputs.max() < 1
    assert set(np.unique(dataset.targets)) <= set(range(8))
    assert "nothing generalizes" in dataset.lesson


def test_lesson_takes_its_sizes() -> None:
    spec = Spec.of("lesson", features=3, classes=2, samples=5)
    dataset = datasets.build(spec, generator=stream(1, "data"))
    assert dataset.inputs.shape == (5, 3)
    assert dataset.features == ("x1", "x2", "x3")
    assert dataset.classes == ("0", "1")

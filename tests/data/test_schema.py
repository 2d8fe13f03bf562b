"""A schema says of every data set, from its arguments alone, what is then made, split and standardized."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.data import FILE, Dataset, Schema, data_set, datasets, prepare, schema, schema_of
from nnviz.errors import ArgumentError, DataError, RegistryError
from nnviz.registry import Argument, Bounds, Spec, Value

NAMES = [entry.name for entry in datasets if entry.name != FILE]
MANY = 2_000
"""Most of anything that is drawn, where the bounds are wider; the ends of all bounds are drawn as well."""


def values_of(argument: Argument) -> st.SearchStrategy[Value]:
    """Everything that `argument` can be, its ends more often than by chance."""
    if argument.choices:
        return st.sampled_from(argument.choices)
    if argument.kind is bool:
        return st.booleans()
    if argument.kind is str:
        return st.just("")
    assert argument.bounds is not None, f"{argument.name} has no bounds to draw from"
    low, high = argument.bounds.low, argument.bounds.high
    assert math.isfinite(low)
    assert math.isfinite(high)
    if argument.kind is int:
        few = st.integers(int(low), int(min(high, low + MANY)))
        return few | st.just(int(low)) | st.just(int(high))
    # An open end leaves no samples on one side, and so does what is next to it.
    edge = 0.1 if argument.bounds.open_low else 0.0
    return st.floats(low + edge, high - edge)


@st.composite
def specs(draw: st.DrawFn, name: str) -> Spec:
    """The data set called `name` with some of its arguments."""
    arguments = {a.name: draw(values_of(a)) for a in datasets[name].arguments if draw(st.booleans())}
    if int(str(arguments.get("samples", 20))) < 20:
        # A small share of few samples is none.
        arguments.pop("test_share", None)
    if "of" in arguments:
        arguments["of"] = draw(st.sampled_from(["", "sin(x) + 0.3*x", "2", "atan(x)^2"]))
    for key, least in (("low", -1e6), ("high", 1e6)):
        # Before the other end, which may be its default.
        if key in arguments:
            arguments[key] = draw(st.floats(least, -1.5)) if least < 0 else draw(st.floats(1.5, least))
    large = [key for key, value in arguments.items() if isinstance(value, int) and value > MANY]
    # One large argument at a time: all of them together would take long and show nothing more.
    return Spec.of(name, **{key: value for key, value in arguments.items() if key not in large[1:]})


@pytest.mark.parametrize("name", NAMES)
@given(drawn=st.data())
@settings(deadline=None, max_examples=25)
def test_the_schema_is_what_is_made(name: str, drawn: st.DataObject) -> None:
    spec = drawn.draw(specs(name))
    found, made = schema_of(spec), prepare(spec, drawn.draw(st.integers(0, 99)))
    whole = made.dataset
    assert (found.name, found.task, found.outputs) == (whole.name, whole.task, whole.outputs)
    assert (found.features, found.classes) == (whole.features, whole.classes)
    assert (found.lesson, found.source, found.test_share) == (whole.lesson, whole.source, whole.test_share)
    assert whole.inputs.shape == (found.samples, *found.sample_shape)
    for count, x, y in ((found.train, made.train_x, made.train_y), (found.test, made.test_x, made.test_y)):
        assert (x.shape, x.dtype) == ((count, *found.sample_shape), np.float32)
        assert (y.shape, y.dtype) == ((count, *found.label_shape), found.label_dtype)
    assert hash(found) == hash(schema_of(datasets.check(spec)))


def test_known_schemas() -> None:
    digits, curve = schema_of(Spec("digits")), schema_of(Spec.of("function", samples=11, shape="abs"))
    assert (digits.train, digits.test, digits.sample_shape, digits.outputs) == (1438, 359, (1, 8, 8), 10)
    assert (curve.train, curve.test, curve.outputs, curve.label_shape) == (5, 6, 1, (1,))
    assert schema_of(Spec.of("lesson", classes=3, features=2)).classes == ("0", "1", "2")


@pytest.mark.parametrize(
    ("spec", "kind", "words"),
    [
        (Spec("spirals"), RegistryError, "no data set is called 'spirals'"),
        (Spec.of("xor", noise=1.5), ArgumentError, "noise: expected a number, at least 0 and at most 1"),
        (Spec.of("digits", samples=10), ArgumentError, "digits has no argument 'samples'"),
        (Spec.of("spiral", samples=500.0), ArgumentError, "samples: expected a whole number"),
        (Spec.of("iris", test_share=1.0), ArgumentError, "test_share: expected a number, more than 0 and less than 1"),
        (Spec.of("iris", test_share=0.001), DataError, "a test share of 0.001 of 150 samples leaves no training or no"),
        (Spec.of("lesson", classes=True), ArgumentError, "classes: expected a whole number"),
    ],
)
def test_what_cannot_be_made_has_no_schema(spec: Spec, kind: type[Exception], words: str) -> None:
    schema_of(Spec.of("spiral", samples=500))  # which equals 500.0, and must not be found in its place
    for ask in (schema_of, datasets.check, lambda wrong: prepare(wrong, 1)):
        with pytest.raises(kind, match=words):
            ask(spec)


def declared(samples: int, classes: int = 2) -> Schema:
    return Schema("own", samples, (3,), "", "", ("a", "b", "c"), tuple("xyz"[:classes]))


@pytest.fixture
def own() -> Iterator[None]:
    """A data set whose schema is right for 10 samples only."""

    @data_set("own", lambda samples: declared(samples))
    def own(generator: np.random.Generator, samples: Annotated[int, Bounds(1, 99), "how many"] = 10) -> Dataset:
        return declared(10).dataset(generator.random((10, 3)), np.arange(10) % 2)

    yield
    del datasets._entries["own"], schema._declarations["own"]
    schema.declared.cache_clear()


@pytest.mark.usefixtures("own")
def test_data_that_are_not_as_declared_are_refused_when_they_are_made() -> None:
    assert len(prepare(Spec("own"), 1).train_x) == 5
    assert schema_of(Spec.of("own", samples=12)).train == 6
    with pytest.raises(DataError, match="own: its schema declares samples = 12, but the data set has 10"):
        prepare(Spec.of("own", samples=12), 1)
    with pytest.raises(DataError, match=r"a test share of 0\.5 of 1 samples leaves no training or no test samples"):
        schema_of(Spec.of("own", samples=1))


@pytest.mark.parametrize(
    ("inputs", "targets", "words"),
    [
        (np.zeros((9, 3)), np.zeros(9, int), r"schema declares samples = 10, but the data set has 9"),
        (np.zeros((10, 3, 1, 1)), np.zeros(10, int), "expected 0 feature names, got 3"),
        (np.zeros((10, 3)), np.zeros((10, 1), int), r"expected int64 \(N,\), got int64 \(10, 1\)"),
        (np.zeros((10, 3)), np.full(10, 0.7), r"expected int64 \(N,\), got float64 \(10,\)"),
        (np.full((10, 3), 1e300), np.zeros(10, int), "expected finite numbers"),
        (np.zeros((10, 3)), np.full(10, 2), "class indices of 2 classes, got 2 to 2"),
    ],
)
def test_numbers_that_do_not_fit_their_schema_are_refused(inputs: np.ndarray, targets: np.ndarray, words: str) -> None:
    with pytest.raises(DataError, match=words):
        declared(10).dataset(inputs, targets)


def test_a_set_registered_without_a_schema_says_how_to_register_it() -> None:
    @datasets.register("own")
    def bare() -> Dataset:
        raise AssertionError("nothing is made to find out")

    try:
        with pytest.raises(DataError, match="the data set 'bare' has no schema"):
            schema_of(Spec("bare"))
    finally:
        del datasets._entries["bare"]

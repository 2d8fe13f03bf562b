"""Arguments read from signatures: what is taken, what is refused, and in which words."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz import nn
from nnviz.errors import ArgumentError, NnvizError, RegistryError
from nnviz.registry import Bounds, Registry, Size, Spec, arguments_of


def thing(
    count: Annotated[Size, "how many"],
    share: Annotated[float, Bounds(0, 1, open_high=True)] = 0.5,
    on: bool = True,
    kind: Literal["a", "b"] = "a",
    dim: int | None = None,
    generator: np.random.Generator | None = None,
) -> tuple[object, ...]:
    """A thing

    And more about it.
    """
    return count, share, on, kind, dim, generator


@pytest.fixture
def things() -> Registry[tuple[object, ...]]:
    registry: Registry[tuple[object, ...]] = Registry("thing")
    registry.register("plain")(thing)
    return registry


def test_arguments_are_read_from_the_signature() -> None:
    found = {a.name: a for a in arguments_of(thing)}
    assert list(found) == ["count", "share", "on", "kind", "dim"]
    assert found["count"].help == "how many"
    assert found["count"].required
    assert found["kind"].choices == ("a", "b")
    assert found["dim"].optional
    assert [a.expected for a in found.values()] == [
        "a whole number, at least 1 and at most 1,000,000",
        "a number, at least 0 and less than 1",
        "true or false",
        "one of a, b",
        "a whole number, or none",
    ]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("count", "12", 12), ("count", "1,000", 1000), ("count", "1e3", 1000), ("share", ".25", 0.25), ("share", "0", 0.0),
        ("on", "no", False), ("on", "True", True), ("kind", "b", "b"), ("dim", "", None), ("dim", "none", None), ("dim", "-1", -1),
    ],
)  # fmt: skip
def test_what_is_typed_is_read(name: str, text: str, value: object) -> None:
    argument = next(a for a in arguments_of(thing) if a.name == name)
    found = argument.parse(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("count", "0"), ("count", "1.5"), ("count", "1_000"), ("count", ""), ("count", "nan"), ("count", "inf"),
        ("count", "9" * 5000), ("share", "1"), ("share", "nan"), ("share", "-0.1"), ("share", "1_0"), ("on", "2"),
        ("kind", "c"), ("dim", "x"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_in_words(name: str, text: str) -> None:
    argument = next(a for a in arguments_of(thing) if a.name == name)
    with pytest.raises(ArgumentError, match=rf"^{name}: expected .*, got ") as caught:
        argument.parse(text)
    assert len(caught.value.message) < 150


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for argument in arguments_of(thing):
        try:
            value = argument.parse(text)
        except ArgumentError:
            continue
        assert argument.check(value) == value


def test_specs_are_completed_checked_and_built(things: Registry[tuple[object, ...]]) -> None:
    spec = things.check(Spec.of("thing", count=3))
    assert dict(spec.arguments) == {"count": 3, "share": 0.5, "on": True, "kind": "a", "dim": None}
    assert things.label(spec) == "thing(3)"
    assert things.label(Spec("nothing")) == "nothing"
    assert things.label(spec.replace(share=0.25, kind="b")) == "thing(3, share=0.25, kind=b)"
    generator = np.random.default_rng(0)
    assert things.build(spec, generator=generator, other=1) == (3, 0.5, True, "a", None, generator)
    assert things["thing"].summary == "A thing"
    assert hash(spec) == hash(things.check(spec))


@pytest.mark.parametrize(
    ("spec", "kind", "words"),
    [
        (Spec("things"), RegistryError, "no thing is called 'things'\nhelp: did you mean thing?"),
        (Spec("os.system"), RegistryError, "no thing is called 'os.system'\nhelp: there are: thing"),
        (Spec("thing"), ArgumentError, "thing needs count\nhelp: it is a whole number, at least 1 and at most 1,000,000"),
        (Spec.of("thing", count=1, size=2), ArgumentError, "thing has no argument 'size'\nhelp: it has: count, share, on, kind, dim"),
        (Spec.of("thing", count=True), ArgumentError, "count: expected a whole number, at least 1 and at most 1,000,000, got True"),
        (Spec.of("thing", count="1"), ArgumentError, "count: expected a whole number, at least 1 and at most 1,000,000, got '1'"),
    ],
)  # fmt: skip
def test_what_does_not_fit_says_so(
    things: Registry[tuple[object, ...]], spec: Spec, kind: type[NnvizError], words: str
) -> None:
    with pytest.raises(kind) as caught:
        things.check(spec)
    assert str(caught.value) == words


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**400, 10**5_000], ids=["64", "-64", "400", "5000"])
@pytest.mark.parametrize(("name", "given"), [("Dropout", "p"), ("Linear", "in_features")])
def test_integers_beyond_64_bits_are_refused_whatever_takes_them(name: str, given: str, value: int) -> None:
    arguments = {"in_features": 2, "out_features": 2} if name == "Linear" else {}
    with pytest.raises(ArgumentError, match=f"{given}: expected .*, got an integer beyond 64 bits"):
        nn.layers.check(Spec.of(name, **{**arguments, given: value}))

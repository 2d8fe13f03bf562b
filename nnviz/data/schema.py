"""What a data set is, known from its name and arguments alone: nothing is made, loaded or split for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from nnviz.data.dataset import Dataset
from nnviz.data.registry import datasets
from nnviz.data.split import sides
from nnviz.errors import DataError
from nnviz.registry import Spec

Declaration = Callable[..., "Schema"]
"""Gives a data set's schema for those of its arguments that it depends on, taken by their names."""

F = TypeVar("F", bound=Callable[..., Dataset])

_declarations: dict[str, Declaration] = {}


@dataclass(frozen=True)
class Schema:
    """Everything about a data set but its numbers.

    Args:
        name: what the registry calls it.
        samples: how many there are.
        sample_shape: the shape of one sample, without the batch axis: (features,) or (channels, height, width).
        source: where the data come from.
        lesson: one sentence on what to look for.
        features: the names of the columns of table-like inputs; empty for images.
        classes: the names of the classes; empty for a regression.
        values: of a regression, how many values are predicted for each sample.
        test_share: the share of the samples that is held back for testing.

    Raises:
        DataError: one side of the split would be empty.
    """

    name: str
    samples: int
    sample_shape: tuple[int, ...]
    source: str
    lesson: str
    features: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    values: int = 1
    test_share: float = 0.5

    def __post_init__(self) -> None:
        sides(self.samples, self.test_share)

    @property
    def task(self) -> Literal["classification", "regression"]:
        """What kind of answer is asked for."""
        return "classification" if self.classes else "regression"

    @property
    def outputs(self) -> int:
        """How many numbers a network must give for each sample: one a class, or one a value to predict."""
        return len(self.classes) or self.values

    @property
    def label_shape(self) -> tuple[int, ...]:
        """The shape of one label: () for a class number, (values,) for a regression."""
        return () if self.classes else (self.values,)

    @property
    def label_dtype(self) -> np.dtype[np.int64] | np.dtype[np.float32]:
        """int64 for class numbers, float32 for values."""
        return np.dtype(np.int64) if self.classes else np.dtype(np.float32)

    @property
    def train(self) -> int:
        """How many samples there are to train with."""
        return sides(self.samples, self.test_share)[0]

    @property
    def test(self) -> int:
        """How many samples are held back."""
        return sides(self.samples, self.test_share)[1]

    def dataset(self, inputs: NDArray[Any], targets: NDArray[Any]) -> Dataset:
        """These numbers as the data set that this is the schema of: as float32, and class numbers as int64.

        Shape:
            - inputs: (samples, *sample_shape)
            - targets: (samples, *label_shape)

        Raises:
            DataError: they are not what a data set takes, or not what the schema says.
        """
        # What float32 cannot hold becomes infinite, and numbers that are no whole ones stay: both are refused then.
        with np.errstate(over="ignore"):
            inputs = inputs.astype(np.float32, copy=False)
            if self.task == "regression" or targets.dtype.kind in "biu":
                targets = targets.astype(self.label_dtype, copy=False)
        made = Dataset(
            self.name,
            inputs,
            targets,
            self.task,
            self.features,
            self.classes,
            self.source,
            self.lesson,
            self.test_share,
        )
        self.check(made)
        return made

    def check(self, made: Dataset) -> None:
        """Refuse a data set that is not as it was declared: what was found out on shapes alone would not hold of it.

        Raises:
            DataError: it says what was declared and what was made.
        """
        pairs = {
            "samples": (self.samples, len(made.inputs)),
            "sample_shape": (self.sample_shape, made.sample_shape),
            "task": (self.task, made.task),
            "features": (self.features, made.features),
            "classes": (self.classes, made.classes),
            "outputs": (self.outputs, made.outputs),
            "test_share": (self.test_share, made.test_share),
        }
        for what, (declared, got) in pairs.items():
            if declared != got:
                raise DataError(
                    f"{self.name}: its schema says {what} = {_short(declared)}, and what was made has {_short(got)}",
                    "let the schema follow from the same arguments as the data",
                )


def _short(value: object) -> str:
    text = f"{value:,}" if type(value) is int else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def data_set(category: str, schema: Declaration, *, name: str | None = None) -> Callable[[F], F]:
    """Decorator: registers a function that makes a data set, together with what says its schema without making it.

    Args:
        category: the group it is offered in.
        schema: called with those of the set's arguments that it takes.
        name: what the set is called; the function's own name, if left out.
    """

    def add(factory: F) -> F:
        _declarations[name or factory.__name__] = schema
        return datasets.register(category, name=name)(factory)

    return add


def schema_of(spec: Spec) -> Schema:
    """The schema of the data set that `spec` names, with its arguments; its defaults may be left out.

    Raises:
        RegistryError: no data set is called that.
        ArgumentError: it does not take these arguments.
        DataError: it was registered without a schema, or one side of its split would be empty.
    """
    # Checked before it is looked up: 500.0 samples are refused although they equal 500.
    return _declared(datasets.check(spec))


@lru_cache(maxsize=64)
def _declared(spec: Spec) -> Schema:
    if spec.name not in _declarations:
        raise DataError(f"the data set {spec.name!r} declares no schema", "register it by nnviz.data.data_set")
    declaration = _declarations[spec.name]
    taken = inspect.signature(declaration).parameters
    return declaration(**{name: value for name, value in spec.arguments if name in taken})

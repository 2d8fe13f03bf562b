"""The schema of a data set, computed from its name and arguments without generating or loading any data."""

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
"""A function that returns a data set's schema; its parameters are those arguments that the schema depends on."""

F = TypeVar("F", bound=Callable[..., Dataset])

_declarations: dict[str, Declaration] = {}


@dataclass(frozen=True)
class Schema:
    """The description of a data set without its values.

    Args:
        name: the name in the registry.
        samples: the number of samples.
        sample_shape: the shape of one sample, without the batch axis: (features,) or (channels, height, width).
        source: where the data come from.
        lesson: one sentence about what to observe when training on this data set.
        features: the names of the columns of inputs (N, features); empty for images.
        classes: the names of the classes; empty for a regression.
        values: the number of values to predict per sample, for a regression.
        test_share: the default share of the samples that are held out for testing.
        test_last: whether the test data are the samples at the end, in place of random ones.
        standardize: whether inputs, and the values of a regression, are standardized for training.

    Raises:
        DataError: the training or the test data would be empty.
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
    test_last: bool = False
    standardize: bool = True

    def __post_init__(self) -> None:
        sides(self.samples, self.test_share)

    @property
    def task(self) -> Literal["classification", "regression"]:
        """The kind of task: "classification" if there are classes, else "regression"."""
        return "classification" if self.classes else "regression"

    @property
    def outputs(self) -> int:
        """The number of outputs a network needs: one per class, or one per value of a regression."""
        return len(self.classes) or self.values

    @property
    def label_shape(self) -> tuple[int, ...]:
        """The shape of one label: () for a class index, (values,) for a regression."""
        return () if self.classes else (self.values,)

    @property
    def label_dtype(self) -> np.dtype[np.int64] | np.dtype[np.float32]:
        """int64 for class indices, float32 for the values of a regression."""
        return np.dtype(np.int64) if self.classes else np.dtype(np.float32)

    @property
    def train(self) -> int:
        """The number of training samples."""
        return sides(self.samples, self.test_share)[0]

    @property
    def test(self) -> int:
        """The number of test samples."""
        return sides(self.samples, self.test_share)[1]

    def dataset(self, inputs: NDArray[Any], targets: NDArray[Any]) -> Dataset:
        """The data set with this schema and these arrays, converted to float32, class indices to int64.

        Shape:
            - inputs: (samples, *sample_shape)
            - targets: (samples, *label_shape)

        Raises:
            DataError: the arrays are not valid for a data set, or do not match the schema.
        """
        # Values too large for float32 become infinite, and class indices of a float dtype are not converted: the checks
        # of Dataset refuse both.
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
            self.test_last,
            self.standardize,
        )
        self.check(made)
        return made

    def check(self, made: Dataset) -> None:
        """Check that a data set matches this schema, which shapes and diagnostics were computed from.

        Raises:
            DataError: an attribute differs; the message gives both values.
        """
        pairs = {
            "samples": (self.samples, len(made.inputs)),
            "sample_shape": (self.sample_shape, made.sample_shape),
            "task": (self.task, made.task),
            "features": (self.features, made.features),
            "classes": (self.classes, made.classes),
            "outputs": (self.outputs, made.outputs),
            "test_share": (self.test_share, made.test_share),
            "standardize": (self.standardize, made.standardize),
        }
        for what, (declared, got) in pairs.items():
            if declared != got:
                raise DataError(
                    f"{self.name}: its schema declares {what} = {_short(declared)}, but the data set has {_short(got)}",
                    "compute the schema from the same arguments as the data",
                )


def _short(value: object) -> str:
    text = f"{value:,}" if type(value) is int else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def data_set(
    category: str,
    schema: Declaration,
    *,
    name: str | None = None,
    verify: Callable[[Spec], Spec] | None = None,
) -> Callable[[F], F]:
    """Decorator that registers a function returning a data set, together with a function returning its schema.

    Args:
        category: the group in which forms list the data set.
        schema: called with those arguments of the data set that it has parameters for; with `**arguments`, with all.
        name: the name of the data set; default the name of the function.
        verify: the last step of checking a spec, see `Registry.register`; default its schema must be valid, so that
            there are training and test data.
    """

    def add(factory: F) -> F:
        _declarations[name or factory.__name__] = schema
        return datasets.register(category, name=name, verify=verify or _with_schema)(factory)

    return add


def _with_schema(spec: Spec) -> Spec:
    """A spec that has a schema; DataError if it has none."""
    declared(spec)
    return spec


def schema_of(spec: Spec) -> Schema:
    """The schema of the data set that `spec` names; arguments that `spec` leaves out have their defaults.

    Raises:
        RegistryError: there is no data set of that name.
        ArgumentError: the data set does not accept these arguments.
        DataError: it was registered without a schema, or the training or the test data would be empty.
    """
    # Checked before the cache is used: 500.0 samples are refused, although 500.0 == 500.
    return declared(datasets.check(spec))


@lru_cache(maxsize=64)
def declared(spec: Spec) -> Schema:
    """`schema_of` a spec that is checked."""
    if spec.name not in _declarations:
        raise DataError(f"the data set {spec.name!r} has no schema", "register it with nnviz.data.data_set")
    declaration = _declarations[spec.name]
    taken = inspect.signature(declaration).parameters
    every = any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken.values())
    return declaration(**{name: value for name, value in spec.arguments if every or name in taken})

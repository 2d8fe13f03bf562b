"""A checkpoint taken apart into named arrays and plain values, and put together from them, whoever has written them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import pairwise
from typing import Any

import numpy as np

from nnviz.autograd.operation import Array
from nnviz.errors import DataError
from nnviz.files.plain import weight_shapes
from nnviz.files.weights import check_names, dtype_of
from nnviz.network import Network, build_model, build_optimizer
from nnviz.run import Checkpoint, Evaluation, Weights
from nnviz.run.metrics import KEPT, MOST_CLASSES, Scores
from nnviz.run.record import NUMBERS
from nnviz.run.snapshot import generators_of, optimizer_state
from nnviz.run.weight_path import WeightPath

COLUMNS = NUMBERS
"""The columns of the history in a checkpoint file."""

PARAMETERS, OPTIMIZER, HISTORY, SCORES, PATH_POINTS = "parameters/", "optimizer/", "history", "scores/", "path"
SIDES, PARTS = ("train", "test"), tuple(part.name for part in fields(Scores))
"""What the scores of the history are stored by: a file of an earlier version has none."""

INNER = ("before", "last_finite")
"""The checkpoints that a checkpoint may contain."""


def dismantled(checkpoint: Checkpoint, prefix: str, arrays: dict[str, Array]) -> dict[str, object]:
    """Put the arrays of a checkpoint among `arrays`, and return all else."""
    values: dict[str, dict[str, object]] = {}
    for name, array in checkpoint.parameters.items():
        arrays[f"{prefix}{PARAMETERS}{name}"] = array
    for path, kept in checkpoint.optimizer.items():
        values[path] = {}
        for name, value in kept.items():
            if isinstance(value, np.ndarray):
                arrays[f"{prefix}{OPTIMIZER}{path}/{name}"] = value
            else:
                values[path][name] = value
    rows = [[getattr(row, name) for name in COLUMNS] for row in checkpoint.history]
    arrays[prefix + HISTORY] = np.array(rows, np.float64).reshape(len(rows), len(COLUMNS))
    arrays |= {f"{prefix}{SCORES}{name}": table for name, table in _score_tables(checkpoint.history).items()}
    inner = {name: getattr(checkpoint, name) for name in INNER}
    way = checkpoint.path
    if way.steps:
        arrays[prefix + PATH_POINTS] = np.stack(way.points)
    return {
        "step": checkpoint.step,
        "epoch": checkpoint.epoch,
        "seen": checkpoint.seen,
        "evaluations": checkpoint.evaluations,
        "generators": checkpoint.generators,
        "optimizer": values,
        "path": [way.stride, *way.steps],
        **{name: one and dismantled(one, f"{prefix}{name}/", arrays) for name, one in inner.items()},
    }


def parameters_in(arrays: Mapping[str, Array], prefix: str) -> Weights:
    """The weights among the arrays of a checkpoint with this prefix."""
    start = prefix + PARAMETERS
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}


class Template:
    """What a checkpoint of a network must contain.

    Args:
        network: the network; NnvizError if it cannot be built.
    """

    def __init__(self, network: Network) -> None:
        weights = weight_shapes(network)
        self.weights = weights
        model = build_model(network)
        optimizer = build_optimizer(network, model)
        self.parameters = [path for path, _ in model.named_parameters()]
        self.generators = generators_of(model)
        self.optimizer: dict[str, dict[str, Any]] = {}
        if optimizer is not None:
            # One step with gradients of 0 makes all that the optimizer keeps.
            for parameter in model.parameters():
                parameter.grad = parameter.detach() * 0
            optimizer.step()
            self.optimizer = optimizer_state(optimizer, model)


class Reader:
    """Puts checkpoints together from the arrays of a file and the description; DataError if these do not fit."""

    def __init__(self, arrays: Mapping[str, Array], template: Template) -> None:
        self._arrays, self._template = arrays, template

    def checkpoint(self, found: object, prefix: str) -> Checkpoint:
        """The checkpoint whose arrays have this prefix."""
        if not isinstance(found, dict):
            raise invalid("the description")
        numbers: dict[str, Any] = {name: found.get(name) for name in ("step", "epoch", "seen", "evaluations")}
        for name, number in numbers.items():
            if type(number) is not int or not 0 <= number < 2**62:
                raise invalid(name)
        parameters = dict(parameters_in(self._arrays, prefix))
        check_names(parameters, self._template.weights, "the checkpoint")
        for name, array in parameters.items():
            if array.dtype != dtype_of(name):
                raise invalid(f"the dtype of {name!r}")
        inner: dict[str, Any] = {}
        for name in INNER:
            within = prefix.count("/") < 2 and found.get(name) is not None
            inner[name] = self.checkpoint(found[name], f"{prefix}{name}/") if within else None
        return Checkpoint(
            **numbers,
            parameters=parameters,
            optimizer=self._optimizer(found.get("optimizer"), prefix + OPTIMIZER),
            generators=self._generators(found.get("generators")),
            history=self._history(prefix + HISTORY),
            path=self._path(found.get("path"), prefix + PATH_POINTS, numbers["step"]),
            **inner,
        )

    def _optimizer(self, values: object, start: str) -> dict[str, dict[str, Any]]:
        if not isinstance(values, dict) or not values.keys() <= self._template.optimizer.keys():
            raise invalid("the optimizer's state")
        state: dict[str, dict[str, Any]] = {}
        for path, plain_values in values.items():
            wanted = self._template.optimizer[path]
            own = f"{start}{path}/"
            kept = {name[len(own) :]: a for name, a in self._arrays.items() if name.startswith(own)}
            kept |= plain_values if isinstance(plain_values, dict) else {}
            if kept.keys() != wanted.keys() or not all(_alike(kept[name], wanted[name]) for name in wanted):
                raise invalid(f"the optimizer's state of {path!r}")
            state[path] = {name: kept[name] for name in wanted}
        return state

    def _generators(self, found: object) -> dict[str, dict[str, Any]]:
        if not isinstance(found, dict) or found.keys() != self._template.generators.keys():
            raise invalid("the state of the random generators")
        for path, state in found.items():
            try:
                self._template.generators[path].bit_generator.state = state
            except (ValueError, TypeError, KeyError, OverflowError, AttributeError):
                raise invalid(f"the state of the random generator of {path!r}") from None
        return dict(found)

    def _history(self, name: str) -> tuple[Evaluation, ...]:
        table = self._arrays.get(name)
        if table is None or table.ndim != 2 or table.shape[1] != len(COLUMNS) or table.dtype != np.float64:
            raise invalid("the history")
        steps = table[:, 0]
        if not np.isfinite(steps).all() or (np.diff(steps) <= 0).any():
            raise invalid("the history")
        start = name.removesuffix(HISTORY) + SCORES
        train, test = (self._scores(f"{start}{side}/", len(table)) for side in SIDES)
        return tuple(
            Evaluation(int(row[0]), *_floats(row), one, other)
            for row, one, other in zip(table, train, test, strict=True)
        )

    def _path(self, found: object, name: str, last: int) -> WeightPath:
        """The way of the weights; empty where a file of an earlier version has none."""
        points = self._arrays.get(name)
        if points is None:
            return WeightPath()
        own = self._template.weights
        count = sum(math.prod(own[path]) for path in self._template.parameters)
        if not isinstance(found, list) or len(found) < 2 or not all(type(one) is int for one in found):
            raise invalid("the path of the weights")
        stride, *steps = found
        fits = points.dtype == np.float32 and points.shape == (len(steps), count)
        ascend = all(a < b for a, b in pairwise(steps)) and steps[0] >= 0 and steps[-1] <= last
        if not fits or not ascend or stride < 1:
            raise invalid("the path of the weights")
        return WeightPath(tuple(steps), tuple(points), stride)

    def _scores(self, start: str, count: int) -> list[Scores]:
        """The scores of one side; empty where a file of an earlier version has none."""
        tables = {one: self._arrays.get(start + one) for one in PARTS}
        for one, table in tables.items():
            widths = (len(KEPT["regression"]),) if one == PARTS[0] else range(1, MOST_CLASSES + 1)
            fits = table is None or (table.ndim == 2 and len(table) == count and table.shape[1] in widths)
            if not fits or (table is not None and table.dtype != np.float64):
                raise invalid("the history")
        return [
            Scores(*(_numbers(table[at], one) if table is not None else () for one, table in tables.items()))
            for at in range(count)
        ]


def _score_tables(history: Sequence[Evaluation]) -> dict[str, Array]:
    """The scores of a history as (N, ·) tables; rows without scores are NaN, and what no row has is left out."""
    tables: dict[str, Array] = {}
    for side in SIDES:
        for part in PARTS:
            rows = [getattr(getattr(row, side), part) for row in history]
            width = max(map(len, rows), default=0)
            if width:
                tables[f"{side}/{part}"] = np.array(
                    [(*row, *(math.nan,) * (width - len(row))) for row in rows], np.float64
                )
    return tables


def _numbers(row: Array, part: str) -> tuple[Any, ...]:
    """A row of such a table: metrics, or counts of classes without those that are missing."""
    if part == PARTS[0]:
        return () if np.isnan(row).all() else tuple(map(float, row))
    return tuple(int(value) for value in row if np.isfinite(value))


def _floats(row: Array) -> tuple[float, float, float, float, float]:
    """The numbers of an evaluation after its step."""
    epoch, train_loss, test_loss, train_accuracy, test_accuracy = map(float, row[1:])
    return epoch, train_loss, test_loss, train_accuracy, test_accuracy


def _alike(value: object, wanted: object) -> bool:
    """Whether a value of the optimizer's state has the type and shape of another."""
    if isinstance(value, np.ndarray) and isinstance(wanted, np.ndarray):
        return bool(value.shape == wanted.shape and value.dtype == wanted.dtype)
    return type(value) is type(wanted)


def invalid(what: str) -> DataError:
    """That a part of a checkpoint does not fit."""
    return DataError(
        f"{what} of the checkpoint is invalid" if what != "the description" else "no checkpoint",
        "train again without --resume",
    )

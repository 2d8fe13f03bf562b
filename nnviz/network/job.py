"""A network with what it is trained on: its data's schema, its loss, and the targets that the loss gets.

Shapes, lint, fixes and plans use the job without loading any data; `Job.data` loads them.
"""

from __future__ import annotations

import threading
from contextvars import Context
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from nnviz import nn
from nnviz.autograd.operation import Array, Shape
from nnviz.data import Prepared, Schema, prepare, schema_of
from nnviz.network.build import build_loss
from nnviz.network.description import Network
from nnviz.registry import Spec

KEPT, KEPT_BYTES = 8, 2**25
"""How many prepared data sets are kept, and with how many bytes another is prepared beside them."""


@dataclass(frozen=True, eq=False)
class Job:
    """What a network is trained on, and how.

    Args:
        network: what is trained.
        schema: its data, without the numbers.
    """

    network: Network
    schema: Schema

    @cached_property
    def loss(self) -> nn.Loss:
        """The loss that the targets are made for.

        Raises:
            NnvizError: no loss is called that, or it does not take these arguments.
        """
        # In a separate context: the first access may be inside abstract(), where modules have no data.
        return Context().run(build_loss, self.network)

    @property
    def batch(self) -> int:
        """How many samples go into a step: what the settings say, at most all there are."""
        return min(self.network.settings.batch, self.schema.train)

    @property
    def outputs(self) -> int:
        """How many numbers the last layer must give for each sample: as many as a target has, or one a class.

        Raises:
            NnvizError: the loss cannot be built.
        """
        target = self.target_shape(1)
        return target[1] if len(target) == 2 else self.schema.outputs

    def input_shape(self, batch: int) -> Shape:
        """The shape of the inputs of `batch` samples: (batch, *sample_shape)."""
        return (batch, *self.schema.sample_shape)

    def target_shape(self, batch: int) -> Shape:
        """The shape of `targets` of `batch` samples.

        Raises:
            NnvizError: the loss cannot be built.
        """
        return (batch, *self._target.shape[1:])

    @property
    def target_dtype(self) -> np.dtype[np.generic]:
        """The type of `targets`.

        Raises:
            NnvizError: the loss cannot be built.
        """
        return self._target.dtype

    @cached_property
    def _target(self) -> Array:
        """The target of one sample."""
        return self.targets(np.zeros((1, *self.schema.label_shape), self.schema.label_dtype))

    def targets(self, labels: Array) -> Array:
        """The labels as the loss wants them.

        Class numbers stay, or become for each class 1 where it is the right one and else 0 (or −1), float32; two
        classes share one number, which says of the second. The values of a regression stay.

        Shape:
            - labels: classification (N,), regression (N, values)
            - returned: like the labels, or (N, classes), or (N, 1) of two classes

        Raises:
            NnvizError: the loss cannot be built.
        """
        wants, classes = self.loss.target, len(self.schema.classes)
        if not classes or wants in ("classes", "values"):
            return labels
        right: Array = labels[:, None] == (1 if classes == 2 else np.arange(classes))
        return np.where(right, np.float32(1), np.float32(-1 if wants == "signs" else 0))

    def data(self) -> Prepared:
        """The numbers: made or loaded, split and standardised. All networks on the same data and seed share them.

        This takes as long as there are data, so nothing that must answer at once asks for it.

        Raises:
            DataError: what was made is not what the schema says.
        """
        return _prepared(self.network.settings.data, self.network.settings.seed)


def job_of(network: Network) -> Job:
    """The job of `network`, made once.

    Raises:
        NnvizError: the settings name no data set, or one with arguments it does not take.
    """
    # By the ids as well, which networks that are equal may have otherwise: the job's network is the one asked for.
    return _job(network, network.ids, network.next_id)


@lru_cache(maxsize=64)
def _job(network: Network, ids: tuple[int, ...], next_id: int) -> Job:  # noqa: ARG001 (told apart by them)
    return Job(network, schema_of(network.settings.data))


_kept: dict[tuple[Spec, int], Prepared] = {}
_lock = threading.Lock()


def _prepared(data: Spec, seed: int) -> Prepared:
    """What is prepared, the latest last. Older ones go before memory is taken for another."""
    with _lock:
        found = _kept.pop((data, seed), None)
        if found is None:
            while len(_kept) >= KEPT or sum(one.nbytes for one in _kept.values()) > KEPT_BYTES:
                _kept.pop(next(iter(_kept)))
        else:
            _kept[data, seed] = found
    if found is None:
        found = prepare(data, seed)
        with _lock:
            _kept[data, seed] = found
    return found

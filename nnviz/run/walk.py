"""A walk through one step: operation by operation forward, backward in reverse, and the optimizer's updates.

Each is computed when it is reached.

The operations and their order are those of the tape. The numbers are those of the next step of a run: its weights, its
batch, the masks its dropouts will sample. A walk is the step that training takes next, in slow motion: bit for bit
where the tape takes it, and up to rounding where the plan does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnviz import nn
from nnviz.autograd.modes import quiet
from nnviz.autograd.operation import Array, unbroadcast
from nnviz.autograd.ops.dropout import Mask
from nnviz.errors import TrainingError
from nnviz.network import (
    INPUT,
    GraphNode,
    Network,
    build_layer,
    build_loss,
    job_of,
    outline,
)
from nnviz.run.checkpoint import Checkpoint, Weights
from nnviz.run.run import Run
from nnviz.run.shuffle import batch_bounds, permutation
from nnviz.run.snapshot import generators_of
from nnviz.run.update import Update, update

LIMIT = 2**30
"""Bytes that the values of a walk may take."""


def alone(network: Network) -> Network:
    """The network with batches of one sample: what a walk through a single sample goes through."""
    return replace(network, settings=replace(network.settings, batch=1))


class Walk:
    """One step of a run, computed operation by operation.

    Args:
        run: the run whose next step it is.
        checkpoint: where the run stands; its start if left out.
        predicting: forward only, as in a prediction: no loss, no backward, no dropout.
        sample: ("train" or "test", its number there): go through this sample alone; the batch of the next step if
            left out.

    Raises:
        TrainingError: the values of the step would take more than LIMIT.

    Attributes:
        graph: the operations.
        stops: the topological order; stop number p, from 1, is `stops[p - 1]`.
        values: the numbers of every node that was reached, by index.
        upstream: the gradient that has arrived at each operation, by index, once backward has gone through it.
        parts: the gradient that went from operation i into its input number k, by (i, k).
        updates: what the optimizer did to each parameter, by index, once the walk has been there.
        step: how many steps the run has taken before this one.
    """

    def __init__(
        self,
        run: Run,
        checkpoint: Checkpoint | None = None,
        predicting: bool = False,
        sample: tuple[str, int] | None = None,
    ) -> None:
        checkpoint = None if checkpoint is None else run.apply_change(checkpoint)
        network = run.network_at(checkpoint.step) if checkpoint else run.network
        self.network = network if sample is None else alone(network)
        self.predicting, self.sample = predicting, sample
        self.step = checkpoint.step if checkpoint else 0
        found = self.outline = outline(self.network, predicting)
        self.graph, self.stops, self.forward = found.graph, found.stops, found.forward
        if found.bytes > LIMIT:
            raise TrainingError(
                f"the values of one step would take {found.bytes / 2**30:,.1f} GiB",
                "make the batch smaller: a walk keeps every value of the step",
            )
        self._weights: Weights = checkpoint.parameters if checkpoint else run.weights
        self._generators = checkpoint.generators if checkpoint else {}
        self._kept = checkpoint.optimizer if checkpoint else {}
        self._epoch, self._used = (checkpoint.epoch, checkpoint.seen) if checkpoint else (0, 0)
        self._layers: dict[int, dict[str, Array]] = {}
        self.values: dict[int, Array] = {}
        self.upstream: dict[int, Array] = {}
        self.parts: dict[tuple[int, int], Array] = {}
        self.updates: dict[int, Update] = {}
        self._attributes: dict[int, dict[str, Any]] = {}
        self.reached = 0

    def load(self) -> None:
        """Load the batch, which takes long where there are many data. After that, `reach` does not load anything.

        Raises:
            DataError: the data cannot be loaded.
        """
        _ = self._batch

    @property
    def loaded(self) -> bool:
        """Whether the batch is loaded, so that nothing that asks for its samples has to wait."""
        return "_batch" in self.__dict__

    @quiet
    def reach(self, position: int, wanted: Callable[[], bool] = lambda: True) -> bool:
        """Compute all stops up to number `position`, as long as it is `wanted`; False if it ended before."""
        while self.reached < position:
            if not wanted():
                return False
            stop = self.stops[self.reached]
            if stop.update:
                self._update(stop.node)
            elif stop.backward:
                self._backward(stop.node)
            else:
                self._forward(stop.node)
            self.reached += 1
        return True

    def value(self, node: int) -> Array:
        """The array of a node that is a leaf or was computed."""
        if node not in self.values:
            self.values[node] = self._leaf(self.graph.nodes[node])
        return self.values[node]

    def attributes(self, node: int) -> Mapping[str, Any]:
        """The attributes an operation was computed with."""
        return self._attributes[node]

    def inputs(self, node: int) -> tuple[Array, ...]:
        """The arrays that an operation takes."""
        return tuple(self.value(source) for source in self.graph.nodes[node].inputs)

    def gradient(self, node: int, position: int) -> Array | None:
        """The gradient that has arrived at a node when the walk stands at `position`; None before the first part."""
        parts = [
            self.parts[user, slot]
            for p, user in self._gradient_stops(node)
            if p <= position
            for slot, source in enumerate(self.graph.nodes[user].inputs)
            if source == node and (user, slot) in self.parts
        ]
        if not parts:
            return None
        total = parts[0].copy()
        for part in parts[1:]:
            total += part
        return total

    def _gradient_stops(self, node: int) -> list[tuple[int, int]]:
        """The backward stops that send a gradient to a node: (stop, operation)."""
        backward_stops = self.outline.backward_stops
        return sorted((backward_stops[user], user) for user in self.graph.users[node] if user in backward_stops)

    def parts_of(self, node: int, position: int) -> tuple[int, int]:
        """How many parts of its gradient a node has at `position`, and how many it gets altogether.

        An operation that reads it twice sends two.
        """
        parts = [(p, self.graph.nodes[user].inputs.count(node)) for p, user in self._gradient_stops(node)]
        return sum(count for p, count in parts if p <= position), sum(count for _, count in parts)

    def _forward(self, node: int) -> None:
        one = self.graph.nodes[node]
        assert one.operation is not None  # noqa: S101 (only operations are stops)
        attributes = {name: self._attribute(node, value) for name, value in one.attributes.items() if name != "watcher"}
        self._attributes[node] = attributes
        self.values[node] = np.asarray(one.operation.forward(*self.inputs(node), **attributes))

    def _attribute(self, node: int, value: object) -> object:
        """The value of an attribute; a dropout mask is sampled as training will sample it."""
        if not isinstance(value, Mask):
            return value
        position = self.graph.nodes[node].layer
        found = generators_of(self._module(position))
        if not found:
            return value
        path, generator = next(iter(found.items()))
        saved = self._generators.get(f"{position}.{path}" if path else str(position))
        if saved is not None:
            generator.bit_generator.state = saved
        return Mask(value.p, generator, value.channels)

    def _backward(self, node: int) -> None:
        one = self.graph.nodes[node]
        assert one.operation is not None  # noqa: S101 (only operations are stops)
        g = self.gradient(node, len(self.stops))
        if g is None:
            g = np.ones_like(self.values[node])
        self.upstream[node] = g
        inputs = self.inputs(node)
        for slot, rule in enumerate(one.operation.rules(len(inputs))):
            if rule is not None and self._needs_grad(one.inputs[slot]):
                part = rule(g, self.values[node], *inputs, **self._attributes[node])
                self.parts[node, slot] = unbroadcast(part, inputs[slot].shape)

    def _update(self, node: int) -> None:
        one, gradient = self.graph.nodes[node], self.gradient(node, len(self.stops))
        assert gradient is not None  # noqa: S101 (only what gets a gradient is updated)
        path = f"{one.layer}.{one.name}"
        own = self._weights.get(path)
        # As in the trainer: what is kept for another shape is not of this parameter.
        kept = self._kept.get(path, {}) if own is not None and own.shape == one.shape else {}
        self.updates[node] = update(self.network, self.value(node), gradient, kept)

    def _needs_grad(self, node: int) -> bool:
        """Whether a gradient of a node is wanted: it is a parameter, or depends on one."""
        return self.graph.nodes[node].kind == "parameter" or node in self.outline.backward_stops

    def _leaf(self, node: GraphNode) -> Array:
        """An input, a weight, a buffer or a constant."""
        if node.kind == "input":
            return self._batch[node.name]
        if node.array is not None:
            return node.array
        if node.layer not in self._layers:
            self._layers[node.layer] = self._layer(node.layer)
        return self._layers[node.layer][node.name]

    def _layer(self, position: int) -> dict[str, Array]:
        """The weights and buffers of one layer."""
        own = {name: tensor.array for name, tensor in self._module(position).state_dict().items()}
        return {name: self._fitting(f"{position}.{name}", array) for name, array in own.items()}

    def _module(self, position: int) -> nn.Module:
        """A layer as the run starts with it, or the loss."""
        settings = self.network.settings
        if position == len(self.network.layers):
            return build_loss(self.network)
        return build_layer(self.network.layers[position], settings.seed, position, settings.initialization)

    def _fitting(self, path: str, drawn: Array) -> Array:
        given = self._weights.get(path)
        return drawn if given is None or given.shape != drawn.shape else given

    @cached_property
    def _batch(self) -> dict[str, Array]:
        """The samples and labels of the run's next step, or the chosen sample."""
        job = job_of(self.network)
        data = job.data()
        side, rows = self.samples
        x, y = (data.train_x, data.train_y) if side == "train" else (data.test_x, data.test_y)
        if not rows.max() < len(x):
            raise TrainingError(f"the {side} data have {len(x):,} samples, and no number {rows.max():,}", "choose one")
        labels = y[rows]
        return {"x": x[rows], "y": labels if self.predicting else job.targets(labels)}

    @cached_property
    def samples(self) -> tuple[str, NDArray[np.int64]]:
        """Whose samples it goes through, and their numbers there, in the order of the batch."""
        if self.sample is not None:
            return self.sample[0], np.array([self.sample[1]])
        job = job_of(self.network)
        permuted = permutation(self.network.settings.seed, self._epoch, job.schema.train)
        return "train", permuted[slice(*batch_bounds(self._used, job.batch, job.schema.train))]

    def owner(self, node: GraphNode) -> str:
        """Whose node it is: a layer by number and label, the loss, or what is given."""
        if node.layer == INPUT:
            return "given"
        if node.layer == len(self.network.layers):
            return f"loss {self.network.settings.loss.name}"
        spec = self.network.layers[node.layer]
        return f"layer {node.layer + 1} {nn.layers.label(spec)}"

"""The network as its user edits it: a frozen value. Every edit returns a new one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from nnviz import nn
from nnviz.registry import Spec


@dataclass(frozen=True)
class Settings:
    """All about a run that is not a layer.

    Args:
        data: the data set.
        batch: how many samples go into one step.
        loss: what is minimized.
        optimizer: how parameters follow their gradients.
        initialization: the rule the weights start by; `default` is each layer's own, as in PyTorch.
        seed: where every random number of the run comes from.
        l1: the coefficient of the L1 penalty l1 · Σ|w| over all parameters; PyTorch has no name for it. L2 is the
            optimizer's weight_decay. As with that one, the losses that are shown are without it.
    """

    data: Spec
    batch: int
    loss: Spec
    optimizer: Spec
    initialization: Spec = field(default_factory=lambda: Spec("default"))
    seed: int = 1
    l1: float = 0.0


@dataclass(frozen=True)
class Network:
    """A stack of layers and the settings it is trained with. Positions count from 0 at the top of the stack.

    A layer may name an earlier row by its number, which counts from 1 (0 is the input); edits keep it on that row.

    Attributes:
        ids: one number a layer, which stays with it through edits, so that its weights can stay with it as well. Two
            networks are equal whatever these are.
        next_id: the number of the next new layer; none is given twice, also where the last layer was deleted.
    """

    layers: tuple[Spec, ...]
    settings: Settings
    ids: tuple[int, ...] = field(default=(), compare=False, repr=False)
    next_id: int = field(default=0, compare=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.ids) != len(self.layers):
            object.__setattr__(self, "ids", tuple(range(len(self.layers))))
        object.__setattr__(self, "next_id", max(self.next_id, max(self.ids, default=-1) + 1))

    @cached_property
    def _hash(self) -> int:
        return hash((self.layers, self.settings))

    def __hash__(self) -> int:
        """Of layers and settings; kept, since what is found out of a network is looked up by it again and again."""
        return self._hash

    def insert(self, at: int, layer: Spec) -> Network:
        """With `layer` put in before position `at`."""
        moved = self._renumbered(lambda row: row + 1 if row > at else row)
        ids = (*self.ids[:at], self.next_id, *self.ids[at:])
        return replace(self, layers=(*moved[:at], layer, *moved[at:]), ids=ids)

    def remove(self, at: int) -> Network:
        """Without the layer at position `at`. What named its row gets what the row had: the one above."""
        moved = self._renumbered(lambda row: row - 1 if row > at else row)
        return replace(self, layers=(*moved[:at], *moved[at + 1 :]), ids=(*self.ids[:at], *self.ids[at + 1 :]))

    def change(self, at: int, layer: Spec) -> Network:
        """With `layer` in place of the one at position `at`."""
        return replace(self, layers=(*self.layers[:at], layer, *self.layers[at + 1 :]))

    def move(self, at: int, to: int) -> Network:
        """With the layer at position `at` moved to position `to`."""
        order = [i for i in range(len(self.layers)) if i != at]
        order.insert(to, at)
        moved = self._renumbered(lambda row: order.index(row - 1) + 1 if 0 < row <= len(order) else row)
        return replace(self, layers=tuple(moved[i] for i in order), ids=tuple(self.ids[i] for i in order))

    def _renumbered(self, number: Callable[[int], int]) -> tuple[Spec, ...]:
        """The layers with `number` applied to every row that one of them names."""
        return tuple(_renumber(spec, number) for spec in self.layers)

    def configure(self, settings: Settings) -> Network:
        """With other settings."""
        return replace(self, settings=settings)


def with_rate(network: Network, rate: float) -> Network:
    """`network` with another learning rate."""
    settings = network.settings
    return network.configure(replace(settings, optimizer=settings.optimizer.replace(lr=rate)))


def _renumber(spec: Spec, number: Callable[[int], int]) -> Spec:
    rows = [a.name for a in nn.layers[spec.name].arguments if a.row] if spec.name in nn.layers else []
    changes = {name: number(row) for name in rows if isinstance(row := spec.get(name), int)}
    return spec.replace(**changes) if changes else spec

"""The network as its user edits it: a frozen value. Every edit returns a new one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nnviz.catalogue import Spec


@dataclass(frozen=True)
class Settings:
    """All about a run that is not a layer.

    Args:
        data: the data set.
        batch: how many samples go into one step.
        loss: what is minimised.
        optimizer: how parameters follow their gradients.
        initialisation: the rule the weights start by; `default` is each layer's own, as in PyTorch.
        seed: where every random number of the run comes from.
    """

    data: Spec
    batch: int
    loss: Spec
    optimizer: Spec
    initialisation: Spec = field(default_factory=lambda: Spec("default"))
    seed: int = 1


@dataclass(frozen=True)
class Network:
    """A stack of layers and the settings it is trained with. Positions count from 0 at the top of the stack."""

    layers: tuple[Spec, ...]
    settings: Settings

    def insert(self, at: int, layer: Spec) -> Network:
        """With `layer` put in before position `at`."""
        return replace(self, layers=(*self.layers[:at], layer, *self.layers[at:]))

    def remove(self, at: int) -> Network:
        """Without the layer at position `at`."""
        return replace(self, layers=(*self.layers[:at], *self.layers[at + 1 :]))

    def change(self, at: int, layer: Spec) -> Network:
        """With `layer` in place of the one at position `at`."""
        return replace(self, layers=(*self.layers[:at], layer, *self.layers[at + 1 :]))

    def move(self, at: int, to: int) -> Network:
        """With the layer at position `at` moved to position `to`."""
        return self.remove(at).insert(to, self.layers[at])

    def configure(self, settings: Settings) -> Network:
        """With other settings."""
        return replace(self, settings=settings)


class History:
    """Undo and redo: a list of values and a place in it."""

    def __init__(self, first: Network) -> None:
        self._values = [first]
        self._at = 0

    @property
    def present(self) -> Network:
        """The network as it is now."""
        return self._values[self._at]

    def push(self, network: Network) -> None:
        """An edit: what was undone before it is forgotten. The same value again is no edit."""
        if network != self.present:
            self._values[self._at + 1 :] = [network]
            self._at += 1

    def undo(self) -> bool:
        """Back by one; False at the beginning."""
        possible = self._at > 0
        self._at -= possible
        return possible

    def redo(self) -> bool:
        """Forward by one; False at the end."""
        possible = self._at + 1 < len(self._values)
        self._at += possible
        return possible

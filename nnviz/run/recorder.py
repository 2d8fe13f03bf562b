"""The recorder of a trainer: the step taken last, and the norms of all parameters over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nnviz import optim
from nnviz.network import Network, Stack
from nnviz.run.norm_history import Key, NormHistory
from nnviz.run.rehearsal import Norms, norms_of, rehearse, together
from nnviz.run.taken_step import TakenStep, recorded


class Recorder:
    """Records steps where it is told to.

    Attributes:
        on: whether the next steps are recorded.
        taken: the step that was recorded last; None before the first.
        norms: the norms of all parameters, at the steps that were recorded or rehearsed.
    """

    _network: Network
    _model: Stack
    _optimizer: optim.Optimizer | None

    def __init__(self) -> None:
        self.on = False
        self.taken: TakenStep | None = None
        self.norms = NormHistory()

    def watch(self, network: Network, model: Stack, optimizer: optim.Optimizer | None) -> None:
        """From now on it is this model that is trained; nothing is recorded of it yet."""
        self._network, self._model, self._optimizer = network, model, optimizer
        self.taken = None

    def finish(self, number: int, finish: Callable[[], None]) -> None:
        """Take step `number` by `finish`: backward and the step of the optimizer; it is recorded if that is on."""
        if not self.on or self._optimizer is None:
            finish()
            return
        self.taken = recorded(number, self._model, self._optimizer, finish)
        layers: list[dict[str, Norms]] = [{} for _ in self._network.ids]
        for path, one in self.taken.moved.items():
            at, _, name = path.partition(".")
            layers[int(at)][name] = norms_of(one.before, one.after, one.gradient)
        self.norms.add(number, _by_key(self._network, layers))

    def adopt(self, other: Recorder) -> None:
        """What the other has recorded last of the same run: the step, and its norms."""
        self.taken = other.taken
        if self.taken is not None:
            self.norms.add_from(other.norms, self.taken.step)

    def rehearse(self, number: int, step: Callable[[], None]) -> tuple[Norms, ...]:
        """How far step `number` will move each layer: it is taken by `step`, measured and taken back."""
        found = rehearse(self._model, self._optimizer, step)
        self.norms.add(number, _by_key(self._network, found))
        return tuple(together(layer.values()) for layer in found)


def _by_key(network: Network, layers: Sequence[Mapping[str, Norms]]) -> dict[Key, Norms]:
    """The norms of parameters by the id of their layer and their name."""
    return {(network.ids[at], name): one for at, layer in enumerate(layers) for name, one in layer.items()}

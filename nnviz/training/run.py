"""A run: a network on its way, from the weights it starts with to where it stands. Edits lead from one to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

from nnviz.network import Network, trace
from nnviz.training.trainer import State, Weights


@dataclass(eq=False)
class Run:
    """A network with the weights that were learned for it.

    Args:
        network: what is trained.
        origin: the run that was edited, whose weights each layer takes along; asked when the run begins.
        weights: what it starts from, by path; what is not there, or has another shape, is drawn from the seed.
        state: where it stands; None at its start.
    """

    network: Network
    origin: Run | None = None
    weights: Weights = field(default_factory=dict)
    state: State | None = None

    @property
    def learned(self) -> Weights:
        """The weights it has, if they are more than what its seed gave; by path. No step, nothing new."""
        self.begin()
        if self.state is not None and self.state.step:
            return {**self.weights, **self.state.parameters}
        return self.weights

    def begin(self) -> None:
        """Take the weights along from where it came, once those are the last."""
        origin, self.origin = self.origin, None
        if origin is not None:
            self.weights = {**_moved(origin, self.network), **self.weights}

    @property
    def fresh(self) -> tuple[int, ...]:
        """The positions of the layers that had to be initialised anew although others kept what they had learned."""
        if not self.weights:
            return ()
        shapes = {path: array.shape for path, array in self.weights.items()}
        return tuple(
            row.position
            for row in trace(self.network).rows
            if any(shapes.get(f"{row.position}.{name}") != shape for name, shape in row.weights)
        )


def _moved(origin: Run, network: Network) -> Weights:
    """What each layer takes along into the edited network.

    Another seed, initialisation or data set is a new beginning, and nothing is kept. Where shapes do not fit, they may
    come to fit again with a later edit.
    """
    old, new = origin.network.settings, network.settings
    if (old.seed, old.initialisation, old.data) != (new.seed, new.initialisation, new.data):
        return {}
    places = {own: at for at, own in enumerate(network.ids)}
    moved = {}
    for path, array in origin.learned.items():
        position, _, name = path.partition(".")
        # By what stays with a layer, not by where it stands.
        at = places.get(origin.network.ids[int(position)])
        if at is not None:
            moved[f"{at}.{name}"] = array
    return moved

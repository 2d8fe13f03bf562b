"""Generators of random numbers, and the one that is used where none is passed in, as in PyTorch.

The program itself always passes one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.autograd.device import Device, usable


class Generator(np.random.Generator):
    """A generator that can be set back to a seed: numpy's own, with PyTorch's constructor and `manual_seed`.

    Args:
        device: where it draws; "cpu".
    """

    def __init__(self, device: str | Device = "cpu") -> None:
        super().__init__(np.random.PCG64())
        self.device = usable(device)
        self._seed = 0
        self.seed()

    def manual_seed(self, seed: int) -> Generator:
        """Begin again from `seed`, with the numbers of `numpy.random.default_rng(seed)`; and return itself."""
        self._seed = int(seed)
        # PyTorch takes negative seeds as the unsigned number with the same bits.
        self.bit_generator.state = np.random.PCG64(self._seed % 2**64).state
        return self

    def seed(self) -> int:
        """Begin again from a seed that the system draws, and return it."""
        self.manual_seed(int(np.random.SeedSequence().generate_state(1, np.uint64)[0]))
        return self._seed

    def initial_seed(self) -> int:
        """The seed it began from."""
        return self._seed

    def get_state(self) -> dict[str, Any]:
        """Where it stands, for `set_state`."""
        return dict(self.bit_generator.state)

    def set_state(self, state: dict[str, Any]) -> Generator:
        """Go on from where it stood; and return itself."""
        self.bit_generator.state = state
        return self

    def __reduce__(self) -> Any:
        return _restored, (self._seed, self.get_state())


def _restored(seed: int, state: dict[str, Any]) -> Generator:
    return Generator().manual_seed(seed).set_state(state)


_default = Generator()


def manual_seed(seed: int) -> Generator:
    """Restart the default generator from `seed`, and return it; whoever holds it draws anew from there."""
    return _default.manual_seed(seed)


def default_generator() -> Generator:
    """The generator of everything random that was not handed one."""
    return _default


def initial_seed() -> int:
    """The seed that the default generator began from."""
    return _default.initial_seed()


def seed() -> int:
    """Restart the default generator from a seed that the system draws, and return it."""
    return _default.seed()

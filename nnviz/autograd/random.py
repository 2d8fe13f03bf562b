"""Generators of random numbers, and the one that is used where none is passed in, as in PyTorch.

There is one default generator for as long as the program runs. A seed starts it again where it stands, so that it
reaches whatever was built before: a Dropout, a DataLoader. The numbers are those of `numpy.random.default_rng(seed)`,
not PyTorch's.
"""

from __future__ import annotations

import operator
import struct
from typing import Any, NoReturn, Self

import numpy as np

import nnviz.autograd.tensor as core
from nnviz.autograd.device import Device, usable
from nnviz.errors import ArgumentError, NotSupportedError, OperandError, OperationError

FIRST_SEED = 67280421310721
"""Where a new generator starts, as in PyTorch: the same numbers in every run until it is seeded."""

_STATE = struct.Struct("<Q16s16s?I")
"""A state as bytes: the initial seed, PCG64's two numbers of 128 bits, and the half of a draw it may still hold."""


class Generator(np.random.Generator):
    """A source of random numbers: numpy's, with PyTorch's way of seeding it.

    It is taken wherever `generator=` is an argument, and by whatever takes a generator of numpy.

    Args:
        device: "cpu".

    Raises:
        DeviceError: it is another device.
    """

    def __init__(self, device: str | Device = "cpu") -> None:
        super().__init__(np.random.PCG64(FIRST_SEED))
        self.device = usable(device)
        self._initial_seed = FIRST_SEED

    def manual_seed(self, seed: int) -> Self:
        """Start again from `seed`, and return the generator itself.

        Args:
            seed: from −2⁶³ to 2⁶⁴ − 1; a negative one stands for itself + 2⁶⁴.

        Raises:
            OperationError: it is not an integer.
            ArgumentError: it is outside these bounds.
        """
        try:
            number = operator.index(seed)
        except TypeError:
            raise OperationError(
                f"manual_seed expected a long, but got {type(seed).__name__}", "give a whole number: manual_seed(0)"
            ) from None
        if not -(2**63) <= number < 2**64:
            raise ArgumentError("Overflow when unpacking long long", f"a seed has 64 bits, got {number}")
        self._initial_seed = number % 2**64
        self.bit_generator.state = np.random.PCG64(self._initial_seed).state
        return self

    def seed(self) -> int:
        """Start again from a number the operating system draws, and return it."""
        self.manual_seed(int(np.random.SeedSequence().generate_state(1, np.uint64)[0]))
        return self._initial_seed

    def initial_seed(self) -> int:
        """The number it was last started from."""
        return self._initial_seed

    def get_state(self) -> core.Tensor:
        """Where it stands, as a tensor of bytes: for `set_state`."""
        state: dict[str, Any] = dict(self.bit_generator.state)
        numbers = [state["state"][name].to_bytes(16, "little") for name in ("state", "inc")]
        packed = _STATE.pack(self._initial_seed, *numbers, bool(state["has_uint32"]), state["uinteger"])
        return core.Tensor(np.frombuffer(packed, np.uint8).copy())

    def set_state(self, new_state: core.Tensor) -> Self:
        """Go on from where `get_state` was asked, and return the generator itself.

        Raises:
            OperandError: it is not a tensor of bytes.
            OperationError: it is not as long as a state.
        """
        if not isinstance(new_state, core.Tensor) or new_state.dtype != np.uint8:
            raise OperandError("RNG state must be a torch.ByteTensor", "give what get_state() returned")
        if new_state.shape != (_STATE.size,):
            raise OperationError("RNG state is wrong size", f"{_STATE.size} bytes, as get_state() returns them")
        self._initial_seed, state, inc, held, half = _STATE.unpack(new_state.array.tobytes())
        self.bit_generator.state = {
            "bit_generator": "PCG64",
            "state": {"state": int.from_bytes(state, "little"), "inc": int.from_bytes(inc, "little")},
            "has_uint32": int(held),
            "uinteger": half,
        }
        return self

    def spawn(self, n_children: int) -> NoReturn:  # noqa: ARG002
        """Refused: numpy's children would not know of `manual_seed`.

        Raises:
            NotSupportedError: always.
        """
        raise NotSupportedError("a Generator does not spawn others", "make them: Generator().manual_seed(seed + i)")

    def __reduce__(self) -> Any:
        # numpy's own would give a plain generator of numpy.
        return _restored, (self.get_state().array,)


def _restored(state: np.ndarray[Any, np.dtype[np.uint8]]) -> Generator:
    return Generator().set_state(core.Tensor(state))


class _Default(Generator):
    """The one that is used where none is passed in. A copy of what holds it holds it as well, as in PyTorch."""

    def __reduce__(self) -> Any:
        return default_generator, ()


_default = _Default()
_default.seed()


def default_generator() -> Generator:
    """The generator of everything random that was not handed one."""
    return _default


def source(generator: np.random.Generator | None) -> np.random.Generator:
    """The generator that was handed in; the default one where none was.

    Raises:
        OperandError: it is none.
    """
    if generator is None:
        return _default
    if not isinstance(generator, np.random.Generator):
        raise OperandError(
            f"argument 'generator' must be torch.Generator, not {type(generator).__name__}",
            "generator=Generator().manual_seed(0), or leave it out",
        )
    return generator


def manual_seed(seed: int) -> Generator:
    """Start the default generator again from `seed`, and return it; see `Generator.manual_seed`.

    Raises:
        ArgumentError: it is a word, or outside the bounds.
        OperandError: it is nothing that `int` takes.
    """
    try:
        number = int(seed)
    except (TypeError, ValueError) as error:
        # A word is refused by ValueError, as by int() itself.
        kind = ArgumentError if isinstance(error, ValueError) else OperandError
        raise kind(
            f"manual_seed(): argument 'seed' must be a whole number, but got {seed!r}", "for example manual_seed(0)"
        ) from None
    return _default.manual_seed(number)


def seed() -> int:
    """Start the default generator again from a number the operating system draws, and return it."""
    return _default.seed()


def initial_seed() -> int:
    """The number the default generator was last started from."""
    return _default.initial_seed()


def get_rng_state() -> core.Tensor:
    """Where the default generator stands, as a tensor of bytes."""
    return _default.get_state()


def set_rng_state(new_state: core.Tensor) -> None:
    """Let the default generator go on from where `get_rng_state` was asked."""
    _default.set_state(new_state)

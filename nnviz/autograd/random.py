"""Random number generators, and the default generator, as in PyTorch.

There is a single default generator. Seeding it resets it in place, so that the seed also affects objects created
before, such as a Dropout or a DataLoader. The numbers are those of `numpy.random.default_rng(seed)`, not PyTorch's.
"""

from __future__ import annotations

import operator
import struct
from typing import Any, NoReturn, Self

import numpy as np

import nnviz.autograd.tensor as core
from nnviz.arguments import numbers
from nnviz.autograd.device import Device, usable
from nnviz.errors import ArgumentError, NotSupportedError, OperandError, OperationError

FIRST_SEED = 67280421310721
"""The seed of a new generator, as in PyTorch: the same numbers in every run until it is seeded."""

_STATE = struct.Struct("<Q16s16s?I")
"""A state as bytes: the initial seed, PCG64's two numbers of 128 bits, and the half of a draw it may still hold."""


class Generator(np.random.Generator):
    """A numpy random generator with PyTorch's methods.

    It can be passed as `generator=` in nnviz, and wherever numpy accepts a generator.

    Args:
        device: "cpu", the only device.

    Raises:
        DeviceError: `device` is another device.
    """

    def __init__(self, device: str | Device = "cpu") -> None:
        super().__init__(np.random.PCG64(FIRST_SEED))
        self.device = usable(device)
        self._initial_seed = FIRST_SEED

    def manual_seed(self, seed: int) -> Self:
        """Seed the generator, and return it.

        Args:
            seed: an integer from −2⁶³ to 2⁶⁴ − 1; a negative seed is replaced by seed + 2⁶⁴.

        Raises:
            OperationError: `seed` is not an integer.
            ArgumentError: it is out of bounds.
        """
        try:
            number = operator.index(seed)
        except TypeError:
            raise OperationError(
                f"manual_seed expected a long, but got {type(seed).__name__}", "pass an integer: manual_seed(0)"
            ) from None
        if not -(2**63) <= number < 2**64:
            raise ArgumentError("Overflow when unpacking long long", f"a seed has 64 bits, got {number}")
        self._initial_seed = number % 2**64
        self.bit_generator.state = np.random.PCG64(self._initial_seed).state
        return self

    def seed(self) -> int:
        """Seed the generator with a number from the operating system, and return the number."""
        self.manual_seed(int(np.random.SeedSequence().generate_state(1, np.uint64)[0]))
        return self._initial_seed

    def initial_seed(self) -> int:
        """The last seed."""
        return self._initial_seed

    def get_state(self) -> core.Tensor:
        """The state of the generator as a uint8 tensor, for `set_state`."""
        state: dict[str, Any] = dict(self.bit_generator.state)
        halves = [state["state"][name].to_bytes(16, "little") for name in ("state", "inc")]
        packed = _STATE.pack(self._initial_seed, *halves, bool(state["has_uint32"]), state["uinteger"])
        return core.Tensor(np.frombuffer(packed, np.uint8).copy())

    def set_state(self, new_state: core.Tensor) -> Self:
        """Restore a state returned by `get_state`, and return the generator.

        Raises:
            OperandError: `new_state` is not a uint8 tensor.
            OperationError: it does not have the size of a state.
        """
        if not isinstance(new_state, core.Tensor) or new_state.dtype != np.uint8:
            raise OperandError("RNG state must be a torch.ByteTensor", "pass what get_state() returned")
        if new_state.shape != (_STATE.size,):
            raise OperationError(
                "RNG state is wrong size", f"expected {_STATE.size} bytes: pass what get_state() returned"
            )
        self._initial_seed, state, inc, held, half = _STATE.unpack(new_state.array.tobytes())
        self.bit_generator.state = {
            "bit_generator": "PCG64",
            "state": {"state": int.from_bytes(state, "little"), "inc": int.from_bytes(inc, "little")},
            "has_uint32": int(held),
            "uinteger": half,
        }
        return self

    def spawn(self, n_children: int) -> NoReturn:  # noqa: ARG002
        """Not supported: numpy would return generators without `manual_seed`.

        Raises:
            NotSupportedError: always.
        """
        raise NotSupportedError("Generator.spawn is not supported", "create them: Generator().manual_seed(seed + i)")

    def __reduce__(self) -> Any:
        # numpy's method would restore a numpy generator.
        return _restored, (self.get_state().array,)


def _restored(state: np.ndarray[Any, np.dtype[np.uint8]]) -> Generator:
    return Generator().set_state(core.Tensor(state))


class _Default(Generator):
    """The default generator. It is not copied when an object that refers to it is copied, as in PyTorch."""

    def __reduce__(self) -> Any:
        return default_generator, ()


_default = _Default()
_default.seed()


def default_generator() -> Generator:
    """The generator that is used if no other is passed."""
    return _default


def source(generator: np.random.Generator | None) -> np.random.Generator:
    """The generator to draw from: the argument, or the default generator if it is None.

    Raises:
        OperandError: the argument is not a generator.
    """
    if generator is None:
        return _default
    if not isinstance(generator, np.random.Generator):
        raise OperandError(
            f"argument 'generator' must be torch.Generator, not {type(generator).__name__}",
            "pass generator=Generator().manual_seed(0), or omit it",
        )
    return generator


def check_range(name: str, a: float, b: float) -> None:
    """Check the bounds of a uniform distribution.

    Raises:
        OperandError: `a` or `b` is not a number.
        OperationError: `a` is above `b`.
    """
    numbers(name, a=a, b=b)
    if a > b:
        raise OperationError(
            f"uniform_ expects to return a [from, to) range, but found from={a:g} > to={b:g}", "exchange the bounds"
        )


def check_std(name: str, mean: float, std: float) -> None:
    """Check the mean and the standard deviation of a normal distribution.

    Raises:
        OperandError: `mean` or `std` is not a number.
        OperationError: `std` is negative.
    """
    numbers(name, mean=mean, std=std)
    if std < 0:
        raise OperationError(f"normal expects std >= 0.0, but found std {std:g}", "give 0 or more")


def manual_seed(seed: int) -> Generator:
    """Seed the default generator, and return it; see `Generator.manual_seed`.

    Raises:
        ArgumentError: `seed` is a string that is not a number, or is out of bounds.
        OperandError: `seed` cannot be converted by `int`.
    """
    try:
        number = int(seed)
    except (TypeError, ValueError) as error:
        # For a string, int() raises ValueError.
        kind = ArgumentError if isinstance(error, ValueError) else OperandError
        raise kind(
            f"manual_seed(): argument 'seed' must be an integer, but got {seed!r}", "for example manual_seed(0)"
        ) from None
    return _default.manual_seed(number)


def seed() -> int:
    """Seed the default generator with a number from the operating system, and return the number."""
    return _default.seed()


def initial_seed() -> int:
    """The last seed of the default generator."""
    return _default.initial_seed()


def get_rng_state() -> core.Tensor:
    """The state of the default generator as a uint8 tensor."""
    return _default.get_state()


def set_rng_state(new_state: core.Tensor) -> None:
    """Restore a state of the default generator returned by `get_rng_state`."""
    _default.set_state(new_state)

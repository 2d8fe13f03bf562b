"""Devices, of which only the CPU exists, under PyTorch's names, so that code that selects a device runs unchanged."""

from __future__ import annotations

from nnviz.errors import DeviceError, NotSupportedError, OperandError, OperationError

KINDS = ("cpu", "cuda", "mps", "xpu", "meta", "xla", "hpu")
"""PyTorch's kinds of device; only the first exists here."""


class Device:
    """A device by its name: `device("cpu")`. Others can be named, as in PyTorch, but not used.

    Args:
        type: the kind, optionally with an index: "cuda:0".
        index: the index, as a separate argument.

    Raises:
        OperationError: the kind is unknown.
    """

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, type: object, index: int | None = None) -> None:
        if isinstance(type, Device):
            self.type, self.index = type.type, type.index
            return
        if not isinstance(type, str):
            raise OperandError(f"device(): argument 'type' must be str, not {type.__class__.__name__}", 'device("cpu")')
        kind, _, number = type.partition(":")
        if kind not in KINDS or (number and not number.isdecimal()):
            raise OperationError(
                f"Expected one of {', '.join(KINDS)} device type at start of device string: {type}",
                'tensors live on the processor: device("cpu")',
            )
        self.type = kind
        self.index = int(number) if number else index

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        return f"device(type='{self.type}'{'' if self.index is None else f', index={self.index}'})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))


CPU = Device("cpu")


def usable(wanted: str | Device | None) -> Device:
    """The requested device, if it exists.

    Raises:
        DeviceError: it is a CUDA device.
        NotSupportedError: it is another kind that does not exist here.
    """
    if wanted is None:
        return CPU
    found = Device(wanted)
    if found.type == "cuda":
        raise DeviceError(
            "Torch not compiled with CUDA enabled", 'nnviz computes on the processor: use "cpu", or leave it out'
        )
    if found.type != "cpu":
        raise NotSupportedError(f"the device '{found}' does not exist here", 'use "cpu", or leave it out')
    return found

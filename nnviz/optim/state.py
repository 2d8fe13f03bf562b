"""The state of an optimizer: dictionaries in PyTorch's form that count their edits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from nnviz.autograd import Tensor

K = TypeVar("K")
V = TypeVar("V")


@dataclass
class Changes:
    """Counts the edits to the state of all optimizers, so that a plan can tell whether it is still valid."""

    edits: int = 0


changes = Changes()
"""The counter shared by all optimizers."""


class Watched(dict[K, V]):
    """A dictionary that counts its edits. Reading is not overridden, since it happens at every step."""

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        super().__init__()
        self.update(items)

    def __setitem__(self, key: K, value: V) -> None:
        changes.edits += 1
        super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        changes.edits += 1
        super().__delitem__(key)

    def __ior__(self, other: Any) -> Self:  # type: ignore[misc, override]
        self.update(other)
        return self

    def update(self, *others: Any, **named: Any) -> None:
        """Set several entries; each counts as an edit."""
        for key, value in dict(*others, **named).items():
            self[key] = value

    def setdefault(self, key: K, default: Any = None) -> Any:
        """Return the value of `key`, after setting it to `default` if the key is missing."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, *arguments: Any) -> Any:
        """Remove an entry and return its value."""
        changes.edits += 1
        return super().pop(*arguments)

    def popitem(self) -> tuple[K, V]:
        """Remove the last entry and return its key and value."""
        changes.edits += 1
        return super().popitem()

    def clear(self) -> None:
        """Remove all entries."""
        changes.edits += 1
        super().clear()


Kept = Watched[str, Any]
"""The state of one parameter: tensors under PyTorch's names, such as `exp_avg` and `step`."""


class States(Watched[Tensor, dict[str, Any]]):
    """The state of every parameter. As in PyTorch, looking up a parameter without state creates an empty dict."""

    def __setitem__(self, key: Tensor, value: Mapping[str, Any]) -> None:
        super().__setitem__(key, value if isinstance(value, Watched) else Watched(value))

    def __missing__(self, key: Tensor) -> dict[str, Any]:
        self[key] = {}
        return self[key]

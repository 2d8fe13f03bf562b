"""What an optimizer keeps for its parameters: dictionaries in PyTorch's form that count how often they are edited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from nnviz.autograd import Tensor

K = TypeVar("K")
V = TypeVar("V")


@dataclass
class Changes:
    """How often the state of any optimizer was edited, so that a plan knows when to look at it again."""

    edits: int = 0


changes = Changes()
"""Of all optimizers there are."""


class Watched(dict[K, V]):
    """A dictionary that counts its edits. Reading is left as it is: it happens at every step."""

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
        """Set several."""
        for key, value in dict(*others, **named).items():
            self[key] = value

    def setdefault(self, key: K, default: Any = None) -> Any:
        """The value of `key`, which is set to `default` first where it is absent."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, *arguments: Any) -> Any:
        """Take one out, and give it."""
        changes.edits += 1
        return super().pop(*arguments)

    def popitem(self) -> tuple[K, V]:
        """Take the last one out, and give it."""
        changes.edits += 1
        return super().popitem()

    def clear(self) -> None:
        """Take all out."""
        changes.edits += 1
        super().clear()


Kept = Watched[str, Any]
"""What is kept for one parameter, by PyTorch's names: tensors, such as `exp_avg` and `step`."""


class States(Watched[Tensor, dict[str, Any]]):
    """What is kept for every parameter. As in PyTorch, one that is asked for and absent is made, empty."""

    def __setitem__(self, key: Tensor, value: Mapping[str, Any]) -> None:
        super().__setitem__(key, value if isinstance(value, Watched) else Watched(value))

    def __missing__(self, key: Tensor) -> dict[str, Any]:
        self[key] = {}
        return self[key]

"""Containers of parameters: lists and dictionaries."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Never, Self, SupportsIndex, overload

from nnviz.autograd import Tensor
from nnviz.errors import KeyNameError, MissingNameError, OperandError, OperationError, PositionError
from nnviz.nn.containers import pairs_of
from nnviz.nn.module import Module
from nnviz.nn.parameter import Parameter
from nnviz.nn.registration import typename


def _learned(value: object) -> object:
    """A tensor as a parameter; other values unchanged."""
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


class ParameterBox(Module):
    """Base of both: its values are attributes under the names in `_keys`, in order."""

    _keys: tuple[str, ...] = ()

    def _put(self, key: str, value: object) -> None:
        if key not in self._keys:
            if isinstance(value, Tensor):
                self.register_parameter(key, _learned(value))  # type: ignore[arg-type]
            else:
                setattr(self, key, value)
            self._keys = (*self._keys, key)
        else:
            setattr(self, key, _learned(value))

    def _shown(self, value: object, dtype_as_type: bool) -> str:
        if not isinstance(value, Tensor):
            return f"Object of type: {type(value).__name__}"
        kind = "Parameter" if isinstance(value, Parameter) else "Tensor"
        named = typename(value) if dtype_as_type else f"torch.{value.dtype.name}"
        return f"{kind} containing: [{named} of size {'x'.join(map(str, value.shape))}]"

    def __call__(self, *_: object, **__: object) -> Never:
        """Not supported.

        Raises:
            OperationError: always.
        """
        raise OperationError(
            f"{type(self).__name__} should not be called.", "use its parameters in the forward of a module"
        )

    def __len__(self) -> int:
        return len(self._keys)


class ParameterList(ParameterBox):
    """A list of parameters. Tensors are converted to Parameters.

    Args:
        values: the initial values.
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        if values is not None:
            self.extend(values)

    def _key(self, position: SupportsIndex) -> str:
        index = operator.index(position)
        if not -len(self) <= index < len(self):
            there = f"there are {len(self)}, 0 to {len(self) - 1}" if len(self) else "it is empty"
            raise PositionError(f"index {index} is out of range", there)
        return self._keys[index]

    @overload
    def __getitem__(self, position: SupportsIndex) -> Any: ...
    @overload
    def __getitem__(self, position: slice) -> ParameterList: ...
    def __getitem__(self, position: SupportsIndex | slice) -> Any:
        if isinstance(position, slice):
            return ParameterList(getattr(self, key) for key in self._keys[position])
        return getattr(self, self._key(position))

    def __setitem__(self, position: SupportsIndex, value: object) -> None:
        self._put(self._key(position), value)

    def __iter__(self) -> Iterator[Any]:
        return iter([getattr(self, key) for key in self._keys])

    def append(self, value: object) -> Self:
        """Append a value, and return the list."""
        self._put(str(len(self)), value)
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Append values, and return the list.

        Raises:
            OperandError: they are a single tensor, or not iterable.
        """
        if not isinstance(values, Iterable) or isinstance(values, Tensor):
            raise OperandError(
                f"ParameterList.extend should be called with an iterable, but got {type(values).__name__}",
                "append adds a single one",
            )
        for value in list(values):
            self.append(value)
        return self

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def extra_repr(self) -> str:
        """One line per value."""
        return "\n".join(f"  ({i}): {self._shown(value, False)}" for i, value in enumerate(self))


class ParameterDict(ParameterBox):
    """A dictionary of parameters. Tensors are converted to Parameters.

    Args:
        parameters: a mapping, or pairs of name and value.
    """

    def __init__(self, parameters: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None) -> None:
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key: str) -> Any:
        if key not in self._keys:
            raise MissingNameError(f"'ParameterDict' object has no attribute '{key}'", self._there())
        return getattr(self, key)

    def _there(self) -> str:
        return f"the keys are: {', '.join(self._keys) or 'none'}"

    def __setitem__(self, key: str, value: object) -> None:
        if not isinstance(key, str):
            raise OperandError(
                "Index given to ParameterDict cannot be used as a key as it is not a string "
                f"(type is '{type(key).__name__}').",
                "give the name in quotes",
            )
        self._put(key, value)

    def __delitem__(self, key: str) -> None:
        if key not in self._keys:
            raise KeyNameError(repr(key), self._there())
        delattr(self, key)
        self._keys = tuple(one for one in self._keys if one != key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def keys(self) -> Iterable[str]:
        """The names."""
        return dict.fromkeys(self._keys).keys()

    def values(self) -> Iterable[Any]:
        """The values."""
        return [getattr(self, key) for key in self._keys]

    def items(self) -> Iterable[tuple[str, Any]]:
        """Names and values."""
        return [(key, getattr(self, key)) for key in self._keys]

    def get(self, key: str, default: object = None) -> Any:
        """The value of a name, or `default`."""
        return getattr(self, key) if key in self._keys else default

    def setdefault(self, key: str, default: object = None) -> Any:
        """The value of a name, which is first set to `default` if absent."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str) -> Any:
        """Remove the value of a name, and return it."""
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Remove the last value, and return its name and the value."""
        if not self._keys:
            raise KeyNameError("'popitem(): dictionary is empty'")
        key = self._keys[-1]
        return key, self.pop(key)

    def clear(self) -> None:
        """Remove all values."""
        for key in self._keys:
            del self[key]

    def copy(self) -> ParameterDict:
        """A shallow copy."""
        return ParameterDict(self.items())

    def update(self, parameters: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        """Add parameters by name, replacing those of the same name.

        Raises:
            OperandError: they are neither a mapping nor pairs.
        """
        for key, value in pairs_of(parameters, "ParametersDict"):
            self[key] = value

    def fromkeys(self, keys: Iterable[str], default: object = None) -> ParameterDict:
        """A new dictionary with `default` as the value of each of these names."""
        return ParameterDict((key, default) for key in keys)

    def __or__(self, other: ParameterDict) -> ParameterDict:
        return ParameterDict([*self.items(), *other.items()])

    def __ior__(self, other: ParameterDict) -> Self:
        self.update(other.items())
        return self

    def extra_repr(self) -> str:
        """One line per value."""
        return "\n".join(f"  ({key}): {self._shown(value, True)}" for key, value in self.items())

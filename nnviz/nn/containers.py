"""Containers of modules: in sequence, in a list, or by name."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Self, SupportsIndex, overload

from nnviz.autograd import Tensor
from nnviz.errors import ArgumentError, KeyNameError, OperandError, PositionError, ShapeError
from nnviz.nn.module import Module
from nnviz.nn.registration import only_module


class Positions(Module):
    """Base of the containers whose modules are numbered."""

    def _name_at(self, position: SupportsIndex) -> str:
        """The name of the module at a position; negative ones count from the end.

        Raises:
            PositionError: there is none.
        """
        names = self._names("module")
        index = operator.index(position)
        if not -len(names) <= index < len(names):
            there = f"there are {len(names)} modules, 0 to {len(names) - 1}" if names else "there are no modules"
            raise PositionError(f"index {index} is out of range", there)
        return names[index]

    def _number(self, modules: Iterable[Module | None]) -> None:
        """Replace all modules by these, under their positions."""
        held = list(modules)
        for name in self._names("module"):
            delattr(self, name)
        for position, module in enumerate(held):
            self.add_module(str(position), module)

    def __len__(self) -> int:
        return len(self._names("module"))

    def __iter__(self) -> Iterator[Module]:
        # There is None only where it was set by name.
        return iter(self._modules.values())  # type: ignore[arg-type]

    @overload
    def __getitem__(self, position: SupportsIndex) -> Module: ...
    @overload
    def __getitem__(self, position: slice) -> Any: ...
    def __getitem__(self, position: SupportsIndex | slice) -> Module:
        if isinstance(position, slice):
            return self._part(list(self._modules.items())[position])
        found: Module = getattr(self, self._name_at(position))
        return found

    def _part(self, modules: list[tuple[str, Module | None]]) -> Positions:
        """A container of the same class, of these modules."""
        raise NotImplementedError

    def __setitem__(self, position: SupportsIndex, module: Module) -> None:
        setattr(self, self._name_at(position), module)

    def __delitem__(self, position: SupportsIndex | slice) -> None:
        names = self._names("module")
        gone = names[position] if isinstance(position, slice) else [self._name_at(position)]
        self._number([module for name, module in self._modules.items() if name not in gone])

    def append(self, module: Module) -> Self:
        """Append a module, and return the container."""
        return self.extend([module])

    def extend(self, modules: Iterable[Module]) -> Self:
        """Append modules, and return the container.

        Raises:
            OperandError: they are not iterable, or one of them is not a module; none is added then.
        """
        if not isinstance(modules, Iterable):
            raise OperandError(
                f"{type(self).__name__}.extend should be called with an iterable, but got {type(modules).__name__}",
                "append adds a single module",
            )
        added = list(modules)
        for module in added:
            only_module(module)
        names = self._names("module")
        if not {str(len(names) + i) for i in range(len(added))}.isdisjoint(names):
            # A slice of a container keeps its names, one of which could be the next number.
            self._number(self)
        for position, module in enumerate(added, len(names)):
            self.add_module(str(position), module)
        return self

    def _insert(self, index: SupportsIndex, module: Module) -> None:
        count, at = len(self), operator.index(index)
        if not -count <= at <= count:
            raise PositionError(f"Index out of range: {at}", f"0 to {count} stand before, between or after the modules")
        only_module(module)
        held = list(self)
        held.insert(at, module)
        self._number(held)

    def pop(self, position: SupportsIndex = -1) -> Module:
        """Remove the module at a position, by default the last, and return it."""
        module = self[position]
        del self[position]
        return module


class Sequential(Positions):
    """Modules called in the order in which they are written.

    Args:
        layers: the modules; or one OrderedDict of modules, whose keys become their names.

    Shape:
        Input: as the first module. Output: as the last.
    """

    def __init__(self, *layers: Module | OrderedDict[str, Module]) -> None:
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            for name, layer in layers[0].items():
                self.add_module(name, layer)
        else:
            self._number(layers)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """Call the modules in order; a shape error names the layer that raised it."""
        attributes = self.__dict__
        for name in self._names("module"):
            try:
                x = attributes[name](x)
            except ShapeError as error:
                error.layer = error.layer or f"layer {name} {attributes[name]}"
                raise
        return x

    def _part(self, modules: list[tuple[str, Module | None]]) -> Sequential:
        # A subclass with another constructor accepts no modules.
        kind = type(self) if type(self).__init__ is Sequential.__init__ else Sequential
        return kind(OrderedDict(modules))  # type: ignore[arg-type]

    def insert(self, index: SupportsIndex, module: Module) -> Self:
        """Add a module before a position, and return the container; the others move up."""
        self._insert(index, module)
        return self

    def _only_sequential(self, other: object) -> Sequential:
        if not isinstance(other, Sequential):
            raise ArgumentError(
                f"add operator supports only objects of Sequential class, but {type(other)} is given.",
                "wrap it: Sequential(*layers), or call extend",
            )
        return other

    def __add__(self, other: Sequential) -> Sequential:
        return Sequential(*self, *self._only_sequential(other))

    def __iadd__(self, other: Sequential) -> Self:
        return self.extend(self._only_sequential(other))


class ModuleList(Positions):
    """A list of modules, to be called by a user-defined forward.

    Args:
        modules: the initial modules.
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        if modules is not None:
            self.extend(modules)

    def _part(self, modules: list[tuple[str, Module | None]]) -> ModuleList:
        return type(self)(module for _, module in modules)  # type: ignore[misc]

    def insert(self, index: SupportsIndex, module: Module) -> None:
        """Add a module before a position; the others move up."""
        self._insert(index, module)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __iadd__(self, modules: Iterable[Module]) -> Self:
        return self.extend(modules)

    def _shown_children(self) -> Iterator[tuple[str, str]]:
        """The text; adjacent modules with equal texts are grouped, as in PyTorch."""
        at = 0
        for shown, group in groupby(repr(module) for module in self):
            count = len(list(group))
            yield (str(at), shown) if count == 1 else (f"{at}-{at + count - 1}", f"{count} x {shown}")
            at += count


class ModuleDict(Module):
    """Modules by name, to be called by a user-defined forward.

    Args:
        modules: a mapping, or pairs of name and module.
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None) -> None:
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Module:
        self._check(key)
        return self._modules[key]  # type: ignore[return-value]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        self._check(key)
        delattr(self, key)

    def _check(self, key: object) -> None:
        if key not in self._modules:
            raise KeyNameError(repr(key), f"the keys are: {', '.join(self._modules) or 'none'}")

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names("module"))

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._modules.keys()

    def values(self) -> Iterable[Module]:
        """The modules."""
        return self._modules.values()  # type: ignore[return-value]

    def items(self) -> Iterable[tuple[str, Module]]:
        """Names and modules."""
        return self._modules.items()  # type: ignore[return-value]

    def clear(self) -> None:
        """Remove all modules."""
        for key in self:
            delattr(self, key)

    def pop(self, key: str) -> Module:
        """Remove the module of that name, and return it."""
        module = self[key]
        del self[key]
        return module

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add modules by name, replacing those of the same name.

        Raises:
            OperandError: they are neither a mapping nor pairs, or one of them is not a module.
        """
        for key, module in pairs_of(modules, "ModuleDict"):
            self[key] = module


def pairs_of(given: object, name: str) -> list[tuple[str, Any]]:
    """The keys and values of a mapping, or of an iterable of pairs.

    Raises:
        OperandError: it is neither.
        ArgumentError: one of them is not a pair.
    """
    if not isinstance(given, Iterable):
        raise OperandError(
            f"{name}.update should be called with an iterable of key/value pairs, but got {type(given).__name__}",
            "give a dict",
        )
    if isinstance(given, Mapping | ModuleDict) or hasattr(given, "items"):
        return list(given.items())
    found = list(given)
    for position, pair in enumerate(found):
        if not isinstance(pair, Iterable):
            raise OperandError(
                f"{name} update sequence element #{position} should be Iterable; is {type(pair).__name__}",
                "give a dict, or pairs of name and value",
            )
        size = len(list(pair))
        if size != 2:
            raise ArgumentError(
                f"{name} update sequence element #{position} has length {size}; 2 is required",
                "give a dict, or pairs of name and value",
            )
    return [tuple(pair) for pair in found]

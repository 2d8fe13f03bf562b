"""Registration of a module's parameters, buffers and submodules by name, with PyTorch's rules for replacing them.

Every value is a plain attribute of the module, so that reading one costs nothing; the kind of each registered name is
stored beside them, in the order of registration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Self

from nnviz.autograd import Tensor
from nnviz.autograd.types import type_name
from nnviz.errors import KeyNameError, OperandError
from nnviz.nn.parameter import Buffer, Parameter, RegisteredBuffer, TransientBuffer, as_buffer

Kind = Literal["parameter", "buffer", "module"]
"""The kind of a registered name."""

FREE = frozenset({"facts", "fitted", "forward", "sizes_in_words", "traits"})
"""Names of methods that a user-defined module may replace by attributes."""


@dataclass
class Changes:
    """Counts of changes to modules, so that code that has read a module knows when to read it again.

    Attributes:
        edits: attributes that were set or deleted, names that were registered, hooks that were added or removed.
        modes: switches between training and evaluation.
    """

    edits: int = 0
    modes: int = 0


changes = Changes()
"""The counts over all modules."""


def typename(value: object) -> str:
    """The type of `value` as PyTorch's messages name it: torch.FloatTensor, int, numpy.ndarray."""
    if isinstance(value, Tensor):
        return f"torch.{type_name(value.dtype)}Tensor"
    kind = value if isinstance(value, type) else type(value)
    if kind.__module__ == "builtins":
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


class Registration:
    """Base of Module: the attributes that are parameters, buffers and modules."""

    __kinds: Mapping[str, Kind] = MappingProxyType({})
    __transient: frozenset[str] = frozenset()

    def __setattr__(self, name: str, value: object) -> None:
        if name == "training":
            changes.modes += 1
            object.__setattr__(self, name, value)
            return
        held = self.__kinds.get(name)
        if isinstance(value, Parameter):
            if held is None and hasattr(type(self), name):
                raise KeyNameError(f"attribute '{name}' already exists", "choose another name for the parameter")
            self.__hold(name, "parameter", value)
        elif held == "parameter":
            self.__hold_none(name, held, value, "parameter", "torch.nn.Parameter")
        elif isinstance(value, Registration):
            if self.__is_method(name):
                raise KeyNameError(f"attribute '{name}' already exists", "choose another name for the module")
            self.__hold(name, "module", value)
        elif held == "module":
            self.__hold_none(name, held, value, "child module", "torch.nn.Module")
        elif held == "buffer" or (isinstance(value, Buffer) and not isinstance(value, RegisteredBuffer)):
            if isinstance(value, Tensor):
                self.__hold(name, "buffer", value)
            else:
                self.__hold_none(name, "buffer", value, "buffer", "torch.nn.Buffer, torch.Tensor")
        else:
            object.__setattr__(self, name, value)
            changes.edits += 1

    def __hold(self, name: str, kind: Kind, value: object) -> None:
        """Set `value` as an attribute registered as this kind."""
        kinds: dict[str, Kind] | None = self.__dict__.get("_Registration__kinds")
        if kinds is None:
            kinds = {}
            object.__setattr__(self, "_Registration__kinds", kinds)
        if kinds.get(name) != kind:
            self.__forget(name)
            kinds[name] = kind
        if kind == "buffer" and isinstance(value, Tensor):
            as_buffer(value)
            if not isinstance(value, RegisteredBuffer):
                self.__set_transient(name, isinstance(value, TransientBuffer))
        object.__setattr__(self, name, value)
        changes.edits += 1

    def __hold_none(self, name: str, kind: Kind, value: object, what: str, wanted: str) -> None:
        """Set a registered name to None, after checking that no other value would replace the registered one.

        Raises:
            OperandError: `value` is not None.
        """
        if value is not None:
            raise OperandError(
                f"cannot assign '{typename(value)}' as {what} '{name}' ({wanted} or None expected)",
                f"wrap it: {name} = nn.Parameter(...); to change its numbers alone: with no_grad(): {name}.copy_(...)"
                if kind == "parameter"
                else f"give a {'module' if kind == 'module' else 'tensor'}, or del {name} first",
            )
        self.__hold(name, kind, None)

    def __forget(self, name: str) -> None:
        """Unregister an attribute."""
        if name in self.__kinds:
            del self.__dict__["_Registration__kinds"][name]
        self.__set_transient(name, False)

    def __set_transient(self, name: str, transient: bool) -> None:
        if (name in self.__transient) != transient:
            object.__setattr__(self, "_Registration__transient", self.__transient ^ {name})

    def __copy__(self) -> Self:
        same = object.__new__(type(self))
        same.__dict__.update(self.__dict__)
        # Names registered in one of the two copies from now on are not registered in the other.
        object.__setattr__(same, "_Registration__kinds", dict(self.__kinds))
        return same

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        self.__forget(name)
        changes.edits += 1

    def __is_method(self, name: str) -> bool:
        """Whether it is an attribute of every module, which a registered value would hide."""
        bases = (base for base in type(self).__mro__ if base.__module__.startswith(f"{__package__}."))
        return name not in FREE and any(name in vars(base) for base in bases)

    def __check_name(self, name: str, kind: Kind) -> None:
        """Check that a value of this kind can be registered under a name.

        Raises:
            OperandError: it is not a string.
            KeyNameError: it is empty, contains a dot, or is an attribute of another kind.
        """
        if not isinstance(name, str):
            raise OperandError(f"{kind} name should be a string. Got {typename(name)}", "give the name in quotes")
        if "." in name:
            shown = f", got: {name}" if kind == "module" else ""
            raise KeyNameError(f'{kind} name can\'t contain "."{shown}', "dots separate the names of a path")
        if not name:
            raise KeyNameError(f'{kind} name can\'t be empty string ""', "give it a name")
        if self.__kinds.get(name) != kind and hasattr(self, name):
            raise KeyNameError(f"attribute '{name}' already exists", "choose another name, or del that attribute first")

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Register a parameter under this name; None reserves the name.

        Raises:
            OperandError: `param` is not a Parameter, or `name` is not a string.
            KeyNameError: the name cannot be used.
        """
        self.__check_name(name, "parameter")
        if not isinstance(param, Parameter | None):
            raise OperandError(
                f"cannot assign '{typename(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)",
                "wrap it: nn.Parameter(...)",
            )
        self.__hold(name, "parameter", param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Register a tensor that is not learned under this name; if `persistent`, it is part of `state_dict`.

        Raises:
            OperandError: `tensor` is not a tensor, or `name` is not a string.
            KeyNameError: the name cannot be used.
        """
        self.__check_name(name, "buffer")
        if not isinstance(tensor, Tensor | None):
            raise OperandError(
                f"cannot assign '{typename(tensor)}' object to buffer '{name}' (torch Tensor or None required)",
                "make a tensor of it: tensor(...)",
            )
        self.__hold(name, "buffer", tensor)
        self.__set_transient(name, not persistent)

    def _register_module(self, name: str, module: Registration | None) -> None:
        """Register a module under this name.

        Raises:
            OperandError: `module` is not a module, or `name` is not a string.
            KeyNameError: the name cannot be used.
        """
        only_module(module)
        self.__check_name(name, "module")
        self.__hold(name, "module", module)

    def _held(self, kind: Kind) -> Iterator[tuple[str, object]]:
        """The registered values of this kind by name, without those that are None."""
        attributes = self.__dict__
        for name, found in tuple(self.__kinds.items()):
            if found == kind and attributes[name] is not None:
                yield name, attributes[name]

    def _names(self, kind: Kind) -> list[str]:
        """The names registered as this kind, including those of None."""
        return [name for name, found in self.__kinds.items() if found == kind]

    def _is_transient(self, name: str) -> bool:
        """Whether it is a buffer that `state_dict` leaves out."""
        return name in self.__transient

    @property
    def _parameters(self) -> Mapping[str, Parameter | None]:
        """Its own parameters by name, read-only."""
        return MappingProxyType({name: self.__dict__[name] for name in self._names("parameter")})

    @property
    def _buffers(self) -> Mapping[str, Tensor | None]:
        """Its own buffers by name, read-only."""
        return MappingProxyType({name: self.__dict__[name] for name in self._names("buffer")})


def only_module(given: object) -> None:
    """Check that `given` is a module or None.

    Raises:
        OperandError: it is not.
    """
    if not isinstance(given, Registration | None):
        raise OperandError(f"{typename(given)} is not a Module subclass", _advice(given))


def _advice(given: object) -> str:
    """The hint for a value that is given instead of a module."""
    if isinstance(given, type) and issubclass(given, Registration):
        return f"give an instance, not the class: {given.__name__}()"
    if isinstance(given, list | tuple):
        return "give its modules one by one: Sequential(*layers)"
    if isinstance(given, Mapping):
        return "pass named layers in an OrderedDict: Sequential(OrderedDict(first=Linear(2, 1)))"
    if callable(given):
        return "wrap a function in a module class that calls it in forward"
    return "give layers: nn.Linear(2, 1)"

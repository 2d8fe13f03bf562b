"""Registries of layers, losses, optimizers and data sets, described by the signatures of their constructors.

Each is one class or function. Its signature defines its form in the editor, its row in the picker and its line in a
file: parameters annotated `int`, `float`, `bool`, `str`, `Literal[...]` or `int | None`, optionally as
`Annotated[..., Bounds(low, high), "help"]`, become `Argument`s. Parameters of other types, such as a random generator
or the parameters to optimize, are passed by the program to `Registry.build`.
"""

from __future__ import annotations

import inspect
import math
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Generic, Literal, TypeVar, Union

from nnviz.errors import ArgumentError, RegistryError
from nnviz.names import nearest

Value = int | float | bool | str | None
"""The types of argument values that can be entered in a form and written to a text file."""

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

PLAIN = (int, float, bool, str)
"""The argument types that forms support."""

REQUIRED = inspect.Parameter.empty


@dataclass(frozen=True)
class Bounds:
    """The interval of valid numbers; `open_low` and `open_high` exclude the end points."""

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False

    def hold(self, value: float) -> bool:
        """Whether `value` is in the interval; False for NaN."""
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below

    def __str__(self) -> str:
        low = "" if self.low == -math.inf else f"{'more than' if self.open_low else 'at least'} {self.low:,}"
        high = "" if self.high == math.inf else f"{'less than' if self.open_high else 'at most'} {self.high:,}"
        return " and ".join(part for part in (low, high) if part) or "any number"


@dataclass(frozen=True)
class Row:
    """Marks an argument as the index of another row of the stack; when rows move, edits update it."""


@dataclass(frozen=True)
class CodeOnly:
    """Marks an argument for use in code only: forms do not show it, and files do not contain it."""


@dataclass(frozen=True)
class Derived:
    """Marks an argument that `Registry.check` finds out: forms do not show it, and people do not write it."""


Size = Annotated[int, Bounds(1, 1_000_000)]
"""A number of features, samples or classes."""
Probability = Annotated[float, Bounds(0, 1)]


@dataclass(frozen=True)
class Argument:
    """One parameter of a constructor: its form field and the constraints on its value."""

    name: str
    kind: type
    default: Any = REQUIRED
    optional: bool = False
    bounds: Bounds | None = None
    choices: tuple[str, ...] = ()
    help: str = ""
    row: bool = False
    derived: bool = False

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return self.default is REQUIRED

    @property
    def expected(self) -> str:
        """A description of the valid values, for messages."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        noun = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}[self.kind]
        if self.bounds and self.kind in (int, float):
            noun += f", {self.bounds}"
        return f"{noun}, or none" if self.optional else noun

    def parse(self, text: str) -> Value:
        """The value that `text`, as entered in a form, denotes.

        Raises:
            ArgumentError: `text` does not denote a valid value.
        """
        word = text.strip()
        if self.optional and word.lower() in ("", "none"):
            return None
        try:
            if self.kind is int:
                return self.check(_whole(word))
            if self.kind is float:
                return self.check(float(word.replace("_", "x")))
            if self.kind is bool:
                return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[word.lower()]
        except (ValueError, KeyError, OverflowError) as error:
            if isinstance(error, ArgumentError):
                raise
            raise self._refusal(word or "nothing") from None
        return self.check(word)

    def check(self, value: Any) -> Value:
        """Check a value, and convert it to the argument's type.

        Raises:
            ArgumentError: `value` has another type, is not finite, out of bounds or not among the choices.
        """
        if value is None and self.optional:
            return None
        if isinstance(value, int) and not -LONGEST <= value < LONGEST:
            # It has perhaps no float, nor a text: Python limits the digits.
            raise self._refusal("an integer beyond 64 bits")
        if self.kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        wrong_type = not isinstance(value, self.kind) or (isinstance(value, bool) and self.kind is not bool)
        if wrong_type or (self.choices and value not in self.choices):
            raise self._refusal(repr(value))
        if isinstance(value, float) and not math.isfinite(value):
            raise ArgumentError(f"{self.name}: expected a finite number, got {value}")
        if self.bounds and isinstance(value, int | float) and not self.bounds.hold(value):
            raise self._refusal(f"{value:,}")
        return typing.cast(Value, value)

    def _refusal(self, got: str) -> ArgumentError:
        shown = got if len(got) <= 40 else got[:39] + "…"
        return ArgumentError(f"{self.name}: expected {self.expected}, got {shown}")


LONGEST = 2**63
"""The first whole number that no argument can be."""

_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+")


def _whole(word: str) -> int:
    """The integer written as 1000, 1,000 or 1e3. A comma in another position is refused: it may be a decimal comma."""
    plain = word.replace(",", "") if _THOUSANDS.fullmatch(word) else word
    if "_" in plain or len(plain) > 30:
        raise ValueError(word)
    try:
        return int(plain)
    except ValueError:
        number = float(plain)
        if number != int(number):
            raise
        return int(number)


def arguments_of(factory: Callable[..., Any]) -> tuple[Argument, ...]:
    """The arguments of `factory` that can be entered in a form, in the order of its signature."""
    target = factory.__init__ if inspect.isclass(factory) else factory
    hints = typing.get_type_hints(target, include_extras=True)
    found = []
    for parameter in inspect.signature(factory).parameters.values():
        argument = _argument(parameter, hints.get(parameter.name))
        if argument is not None:
            found.append(argument)
    return tuple(found)


def _argument(parameter: inspect.Parameter, hint: Any) -> Argument | None:
    optional, choices, notes = False, (), []
    while typing.get_origin(hint) in (Annotated, Union, types.UnionType):
        if typing.get_origin(hint) is Annotated:
            hint, *extras = typing.get_args(hint)
            notes += extras
        else:
            options = typing.get_args(hint)
            # Forms show the plain type of a union: `int | tuple[int, int]` is an int.
            plain = [
                option
                for option in options
                if (typing.get_origin(option) in (Annotated, Literal) or option in PLAIN) and not _code_only(option)
            ]
            optional, hint = optional or type(None) in options, plain[0] if len(plain) == 1 else None
    bounds = next((note for note in notes if isinstance(note, Bounds)), None)
    text = next((note for note in notes if isinstance(note, str)), "")
    row, derived = (any(isinstance(note, mark) for note in notes) for mark in (Row, Derived))
    if any(isinstance(note, CodeOnly) for note in notes):
        return None
    if typing.get_origin(hint) is Literal:
        choices, hint = typing.get_args(hint), str
    if hint not in PLAIN:
        return None
    # PyTorch writes the default of some floats as the integer 0.
    default = float(parameter.default) if hint is float and type(parameter.default) is int else parameter.default
    return Argument(parameter.name, hint, default, optional, bounds, choices, text, row, derived)


def _code_only(option: Any) -> bool:
    """Whether this member of a union is marked CodeOnly."""
    return any(isinstance(note, CodeOnly) for note in typing.get_args(option))


@dataclass(frozen=True)
class Spec:
    """The name and arguments of a registered class: `Spec.of("Linear", in_features=10, out_features=5)`."""

    name: str
    arguments: tuple[tuple[str, Value], ...] = ()

    @classmethod
    def of(cls, name: str, /, **arguments: Value) -> Spec:
        """A spec with these arguments."""
        return cls(name, tuple(arguments.items()))

    def __getitem__(self, name: str) -> Value:
        return dict(self.arguments)[name]

    def get(self, name: str, default: Value = None) -> Value:
        """The argument called `name`, or `default`."""
        return dict(self.arguments).get(name, default)

    def replace(self, /, **changes: Value) -> Spec:
        """A copy with some arguments changed or added."""
        return Spec(self.name, tuple((dict(self.arguments) | changes).items()))


@dataclass(frozen=True)
class Entry(Generic[T]):
    """One entry of a registry. The description of its factory is computed on first access."""

    name: str
    factory: Callable[..., T]
    category: str
    verify: Callable[[Spec], Spec] | None = None
    """Called with a spec whose arguments are checked; returns the spec to use, or raises an error."""

    @cached_property
    def summary(self) -> str:
        """The first line of the factory's docstring."""
        return (inspect.getdoc(self.factory) or "").partition("\n")[0]

    @cached_property
    def arguments(self) -> tuple[Argument, ...]:
        """The arguments that can be entered in a form, in the order of the signature."""
        return arguments_of(self.factory)

    @cached_property
    def takes(self) -> frozenset[str]:
        """The names of all parameters of the factory, including those that forms do not show."""
        return frozenset(inspect.signature(self.factory).parameters)

    def argument(self, name: str) -> Argument:
        """The argument called `name`."""
        return next(argument for argument in self.arguments if argument.name == name)

    def label(self, spec: Spec) -> str:
        """`spec` as a call: required arguments by position, others by name unless they have their default."""
        given = dict(spec.arguments)
        words = [_written(given[a.name]) for a in self.arguments if a.required and a.name in given]
        words += [
            f"{a.name}={_written(given[a.name])}"
            for a in self.arguments
            if not a.required and not a.derived and given.get(a.name, a.default) != a.default
        ]
        return f"{self.name}({', '.join(words)})" if words else self.name


def _written(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


@dataclass
class Registry(Generic[T]):
    """Classes or functions by name. `noun` is the word for one of them in messages, such as "layer"."""

    noun: str
    _entries: dict[str, Entry[T]] = field(default_factory=dict)

    def register(
        self, category: str, *, name: str | None = None, verify: Callable[[Spec], Spec] | None = None
    ) -> Callable[[F], F]:
        """Decorator that registers a class or function; the first line of its docstring is the summary.

        Args:
            category: the group in which forms list it.
            name: the name to register it under; default its own.
            verify: the last step of `check`, for what depends on several arguments or on more than these.
        """

        def add(factory: F) -> F:
            key = name or factory.__name__
            self._entries[key] = Entry(key, factory, category, verify)
            return factory

        return add

    def __iter__(self) -> Iterator[Entry[T]]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __getitem__(self, name: str) -> Entry[T]:
        try:
            return self._entries[name]
        except KeyError:
            close = self.closest(name)
            known = f"did you mean {close}?" if close else "there are: " + ", ".join(self._entries)
            raise RegistryError(f"no {self.noun} is called {name[:100]!r}", known) from None

    def closest(self, name: str) -> str | None:
        """The registered name most similar to `name`; None if none is similar."""
        return nearest(name, self._entries) or None

    def check(self, spec: Spec) -> Spec:
        """Check the arguments of `spec`, and add the defaults of those that it leaves out.

        Raises:
            RegistryError: nothing is registered under its name.
            ArgumentError: an argument is missing, unknown or invalid.
            NnvizError: what else the entry verifies does not hold.
        """
        entry, given = self[spec.name], dict(spec.arguments)
        complete: dict[str, Value] = {}
        known = [argument.name for argument in entry.arguments]
        # Before what is missing: a misspelled name is both.
        if unknown := next((name for name in given if name not in known), None):
            close = nearest(unknown, known)
            hint = f"did you mean {close}?" if close else f"it has: {', '.join(known) or 'none'}"
            raise ArgumentError(f"{entry.name} has no argument {unknown[:100]!r}", hint)
        for argument in entry.arguments:
            if argument.name in given:
                complete[argument.name] = argument.check(given[argument.name])
            elif argument.required:
                raise ArgumentError(f"{entry.name} needs {argument.name}", f"it is {argument.expected}")
            else:
                complete[argument.name] = argument.default
        found = Spec.of(entry.name, **complete)
        return entry.verify(found) if entry.verify is not None else found

    def build(self, spec: Spec, **handed: Any) -> T:
        """Call the factory with the checked arguments of `spec` and those of `handed` that it has parameters for.

        Raises:
            RegistryError: nothing is registered under its name.
            ArgumentError: an argument is missing, unknown or invalid.
        """
        entry = self[spec.name]
        chosen: Mapping[str, Value] = dict(self.check(spec).arguments)
        return entry.factory(**chosen, **{name: value for name, value in handed.items() if name in entry.takes})

    def label(self, spec: Spec) -> str:
        """`spec` as a call, for example `Linear(10, 5)`; only the name if it is not registered."""
        return self[spec.name].label(spec) if spec.name in self else spec.name

"""What is said of arguments that are not what was asked for, wherever Python or numpy would say too little."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from nnviz.errors import OperandError

P = ParamSpec("P")
R = TypeVar("R")


def in_words(function: Callable[..., Any]) -> str:
    """How a function or a class is called: its name, and its arguments with their defaults."""
    signature = inspect.signature(function)
    plain = [one.replace(annotation=inspect.Parameter.empty) for one in signature.parameters.values()]
    called = signature.replace(parameters=plain, return_annotation=inspect.Signature.empty)
    return f"{function.__name__}{called}"


def explained(function: Callable[P, R]) -> Callable[P, R]:
    """The same function; where its arguments are too few, too many or misnamed, the error says how it is called.

    Raises:
        OperandError: when it is called so, in Python's words.
    """

    @functools.wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            # A trace that ends here: nothing of the function ran.
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise
            made = type(args[0]) if function.__name__ == "__init__" else function
            raise OperandError(str(error), f"write {in_words(made)}") from None

    return called


class Explained:
    """Base of classes that are made by hand: a wrong call of the constructor says how it is called.

    Classes outside nnviz that derive from them keep their constructors as they are.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__module__.startswith("nnviz.") and "__init__" in vars(cls):
            cls.__init__ = explained(vars(cls)["__init__"])  # type: ignore[method-assign]


def numbers(where: str, **given: object) -> None:
    """Refuse arguments that are no numbers, by their names; see `number`."""
    for name, value in given.items():
        number(where, name, value)


def number(where: str, name: str, value: object) -> Any:
    """The same number.

    Args:
        where: the function, or the class, whose argument it is.
        name: the argument.
        value: a number of Python's or numpy's, or a tensor of one element.

    Raises:
        OperandError: it is none of these.
    """
    several = hasattr(value, "numel") and value.numel() != 1
    if isinstance(value, str | bytes) or not hasattr(value, "__float__") or several:
        raise OperandError(
            f"{where}(): argument '{name}' must be a number, not {type(value).__name__}", f"for example {name}=0.1"
        )
    return value

"""Error messages for wrong arguments, where those of Python or numpy would not be helpful."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from nnviz.errors import OperandError

P = ParamSpec("P")
R = TypeVar("R")


def in_words(function: Callable[..., Any]) -> str:
    """The signature of a function or class as text: its name, and its parameters with their defaults."""
    signature = inspect.signature(function)
    plain = [one.replace(annotation=inspect.Parameter.empty) for one in signature.parameters.values()]
    called = signature.replace(parameters=plain, return_annotation=inspect.Signature.empty)
    return f"{function.__name__}{called}"


def explained(function: Callable[P, R]) -> Callable[P, R]:
    """Decorator: if arguments are missing, unexpected or misnamed, the error includes the signature.

    Raises:
        OperandError: by the decorated function, with Python's message and the signature as hint.
    """

    @functools.wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            # The traceback ends here, so that the error is in the call itself and not in the body of the function.
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise
            made = type(args[0]) if function.__name__ == "__init__" else function
            raise OperandError(str(error), f"write {in_words(made)}") from None

    return called


class Explained:
    """Base class whose subclasses have an `explained` constructor: a wrong call raises an error with the signature.

    The constructors of subclasses defined outside nnviz are not changed.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__module__.startswith("nnviz.") and "__init__" in vars(cls):
            cls.__init__ = explained(vars(cls)["__init__"])  # type: ignore[method-assign]


def numbers(where: str, **given: object) -> None:
    """Check that all arguments are numbers; see `number`.

    Raises:
        OperandError: an argument is not a number.
    """
    for name, value in given.items():
        number(where, name, value)


def number(where: str, name: str, value: object) -> Any:
    """Check that an argument is a number, and return it unchanged.

    Args:
        where: the name of the function or class, for the message.
        name: the name of the argument.
        value: a Python or numpy number, or a tensor with one element.

    Raises:
        OperandError: `value` is none of these.
    """
    several = hasattr(value, "numel") and value.numel() != 1
    if isinstance(value, str | bytes) or not hasattr(value, "__float__") or several:
        raise OperandError(
            f"{where}(): argument '{name}' must be a number, not {type(value).__name__}", f"for example {name}=0.1"
        )
    return value

"""Every name of this package that `nnviz` itself exports: `nnviz.tensor`, `nnviz.exp`, `nnviz.float32`."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any

from nnviz.arguments import in_words
from nnviz.autograd import create, dtypes, functions, sampling
from nnviz.autograd.comparison import result_type as result_type
from nnviz.autograd.create import *  # noqa: F403
from nnviz.autograd.device import Device
from nnviz.autograd.dtypes import *  # noqa: F403
from nnviz.autograd.functions import *  # noqa: F403
from nnviz.autograd.into import CREATED, FOLLOWED, created_into, written_into
from nnviz.autograd.operation import not_a_tensor
from nnviz.autograd.random import Generator, initial_seed, manual_seed, seed
from nnviz.autograd.sampling import *  # noqa: F403
from nnviz.autograd.tensor import Tensor
from nnviz.autograd.types import promote_types
from nnviz.errors import NnvizError, OperandError

device = Device
pi, e, inf, nan = math.pi, math.e, math.inf, math.nan

__all__ = [
    *create.__all__, *dtypes.__all__, *functions.__all__, *sampling.__all__, "Generator", "device", "e", "inf",
    "initial_seed", "manual_seed", "nan", "pi", "promote_types", "result_type", "seed",
]  # fmt: skip


_ASKED = ("array", "dtype", "ndim", "shape")
"""An attribute that every tensor has, and nothing else."""


def _of_tensors(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: the function's error says which of its arguments is not a tensor.

    The arguments are checked only after it has failed, so that correct calls cost no more. Methods do not need it.
    """
    first = next(iter(inspect.signature(function).parameters))

    @functools.wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        if named and "out" in named and function.__name__ in FOLLOWED:
            out = named.pop("out")
            if out is not None:
                return written_into(out, function, args, named)
        try:
            return function(*args, **named)
        except (AttributeError, TypeError, ValueError, IndexError, KeyError) as error:
            given = args[0] if args else named.get(first)
            where = f" '{first}' (position 1)"
            if isinstance(given, Tensor) and isinstance(error, AttributeError) and error.name in _ASKED:
                given, where = error.obj, ""
            if isinstance(error, TypeError) and error.__traceback__ and not error.__traceback__.tb_next:
                # The call itself failed, before the function ran.
                raise OperandError(str(error), f"write {in_words(function)}") from None
            if isinstance(error, NnvizError) or isinstance(given, Tensor):
                raise
            raise not_a_tensor(function.__name__, where, given) from None

    return call


for _name in functions.__all__:
    _function = globals()[_name]
    if next(iter(inspect.signature(_function).parameters), "") in (
        "input",
        "condition",
        "elements",
        "a",
        "sorted_sequence",
    ) or _name in ("cat", "stack"):
        globals()[_name] = _of_tensors(_function)

for _name in CREATED:
    globals()[_name] = created_into(globals()[_name])

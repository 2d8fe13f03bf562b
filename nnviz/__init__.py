"""See a neural network think, in a terminal.

The public names are a subset of PyTorch's, such as `nnviz.tensor`, `nnviz.nn` and `nnviz.optim`. They are imported on
first access, so that the command line can respond before numpy is loaded.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nnviz.names import missing_name, say_what_is_missing

if TYPE_CHECKING:
    from nnviz import accelerator as accelerator
    from nnviz import autograd as autograd
    from nnviz import backends as backends
    from nnviz import cuda as cuda
    from nnviz import nn as nn
    from nnviz import optim as optim
    from nnviz import utils as utils
    from nnviz.autograd import Tensor as Tensor
    from nnviz.autograd import enable_grad as enable_grad
    from nnviz.autograd import inference_mode as inference_mode
    from nnviz.autograd import is_grad_enabled as is_grad_enabled
    from nnviz.autograd import is_inference_mode_enabled as is_inference_mode_enabled
    from nnviz.autograd import no_grad as no_grad
    from nnviz.autograd import random as random
    from nnviz.autograd import set_grad_enabled as set_grad_enabled
    from nnviz.autograd.names import *  # noqa: F403
    from nnviz.autograd.random import Generator as Generator
    from nnviz.autograd.random import get_rng_state as get_rng_state
    from nnviz.autograd.random import initial_seed as initial_seed
    from nnviz.autograd.random import manual_seed as manual_seed
    from nnviz.autograd.random import seed as seed
    from nnviz.autograd.random import set_rng_state as set_rng_state
    from nnviz.backends.switches import *  # noqa: F403
    from nnviz.files.opened import load as load
    from nnviz.plan import compile_forward as compile_forward
    from nnviz.plan import compile_step as compile_step
    from nnviz.serialization import save as save

__version__ = "0.1.0"

ROOMS = ("accelerator", "autograd", "backends", "cuda", "nn", "optim", "utils")
"""The modules that are public names."""

HOMES: dict[str, tuple[str, ...]] = {
    "nnviz.autograd": (
        "Tensor", "enable_grad", "inference_mode", "is_grad_enabled", "is_inference_mode_enabled", "no_grad", "random",
        "set_grad_enabled",
    ),
    "nnviz.autograd.random": ("Generator", "get_rng_state", "initial_seed", "manual_seed", "seed", "set_rng_state"),
    "nnviz.plan": ("compile_forward", "compile_step"),
    "nnviz.files.opened": ("load",),
    "nnviz.serialization": ("save",),
    "nnviz.autograd.names": (),
    "nnviz.backends.switches": (),
}  # fmt: skip
"""The modules that define the other public names; an empty tuple stands for all names in the module's `__all__`."""

say_what_is_missing()


def _names() -> Iterator[tuple[str, str]]:
    """Pairs of a module and one of its public names; those that can be listed without an import come first."""
    yield from ((f"nnviz.{room}", room) for room in ROOMS)
    for home, names in HOMES.items():
        yield from ((home, name) for name in names or importlib.import_module(home).__all__)


def __getattr__(name: str) -> Any:
    if not name.startswith("_"):
        for home, known in _names():
            if known == name:
                module = importlib.import_module(home)
                found = module if name in ROOMS else getattr(module, name)
                # Stored, so that the next access finds it without this function. Some names, such as `abs`, hide
                # built-ins, none of which is used in this module.
                globals()[name] = found
                return found
    raise missing_name("module 'nnviz'", name, (known for _, known in _names()))


def __dir__() -> list[str]:
    return sorted({*globals(), *(name for _, name in _names())})

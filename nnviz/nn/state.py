"""Loading the state of a module, by path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.operation import Array
from nnviz.errors import OperandError, OperationError, ShapeError

SHOWN = 12
"""How many names a hint lists."""


class IncompatibleKeys(NamedTuple):
    """The result of `load_state_dict`: the missing and the unexpected keys."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if self.missing_keys or self.unexpected_keys:
            return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"
        return "<All keys matched successfully>"


def load(name: str, own: Mapping[str, Tensor], state: object, strict: bool) -> IncompatibleKeys:
    """Load the numbers of `own` from `state`; nothing is changed unless all fit.

    Args:
        name: the module's class, for messages.
        own: parameters and buffers by path.
        state: tensors or arrays by path.
        strict: whether missing or unexpected keys are an error.

    Raises:
        OperandError: `state` is not a mapping.
        OperationError: a key is missing or unexpected, or a value is not a tensor.
        ShapeError: a tensor has another shape.
    """
    if not isinstance(state, Mapping):
        raise OperandError(
            f"Expected state_dict to be dict-like, got {type(state)}.", "pass what state_dict() returned"
        )
    missing = [key for key in own if key not in state]
    unexpected = [key for key in state if key not in own]
    wrong = []
    if strict and missing:
        wrong.append(f"Missing key(s) in state_dict: {_quoted(missing)}. ")
    if strict and unexpected:
        wrong.append(f"Unexpected key(s) in state_dict: {_quoted(unexpected)}. ")
    arrays = {key: _array(state[key]) for key in own if key in state}
    unlike = {key: array for key, array in arrays.items() if array is not None and array.shape != own[key].shape}
    for key, array in arrays.items():
        if array is None:
            wrong.append(
                f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from '
                f"checkpoint but received {type(state[key])}"
            )
        elif key in unlike:
            wrong.append(
                f"size mismatch for {key}: copying a param with shape torch.Size({list(array.shape)}) from "
                f"checkpoint, the shape in current model is torch.Size({list(own[key].shape)})."
            )
    if wrong:
        text = "\n\t".join([f"Error(s) in loading state_dict for {name}:", *wrong])
        raise (ShapeError if unlike else OperationError)(text, _hint(own))
    for key, array in arrays.items():
        own[key].overwrite(np.asarray(array).astype(own[key].dtype, copy=False))
    return IncompatibleKeys(missing, unexpected)


def _array(value: object) -> Array | None:
    """The numbers of a tensor or an array; None for anything else."""
    if isinstance(value, Tensor):
        return value.array
    return np.asarray(value) if isinstance(value, np.ndarray | np.generic) else None


def _quoted(keys: Iterable[object]) -> str:
    return ", ".join(f'"{key}"' for key in keys)


def _hint(own: Mapping[str, Tensor]) -> str:
    if not own:
        return "this module has neither parameters nor buffers"
    more = f" and {len(own) - SHOWN} more" if len(own) > SHOWN else ""
    shown = [f"{key} {tuple(tensor.shape)}" for key, tensor in list(own.items())[:SHOWN]]
    return f"the module has: {', '.join(shown)}{more}"

"""Writes functions.json: what PyTorch makes of every case of function_cases.py, with gradients, and what it refuses.

Run by hand, with PyTorch 2.13 installed: python -m tests.values.make_functions. PyTorch is not needed by the tests.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import torch

from tests.values.function_cases import CASES, ERRORS, Inputs


def shown(found: Any) -> Any:
    """A result as plain data: each tensor with its type and shape."""
    if isinstance(found, torch.Tensor):
        dtype = str(found.dtype).removeprefix("torch.")
        return {"dtype": dtype, "shape": list(found.shape), "values": found.detach().tolist()}
    if isinstance(found, tuple | list):
        return [shown(part) for part in found]
    return found


def weights(count: int) -> torch.Tensor:
    """What the elements of a result are multiplied by before they are summed."""
    return 0.5 + torch.arange(count, dtype=torch.float64) / 7


def gradients(found: Any, inputs: Inputs) -> dict[str, Any]:
    """The gradients of all inputs that one number made of all results has."""
    parts = [part for part in (found if isinstance(found, tuple | list) else [found]) if isinstance(part, torch.Tensor)]
    moving = [part for part in parts if part.requires_grad]
    if moving:
        total = sum((part.double() * weights(part.numel()).reshape(part.shape)).sum() for part in moving)
        total.backward()
    return {name: it.grad.tolist() for name, it in inputs.tensors.items() if it.is_leaf and it.grad is not None}


def main() -> None:
    warnings.simplefilter("ignore")
    cases = {}
    for name, case in CASES.items():
        inputs = Inputs(torch)
        found = case(torch, inputs)
        cases[name] = {"result": shown(found), "gradients": gradients(found, inputs)}
    errors = {}
    for name, case in ERRORS.items():
        try:
            case(torch, Inputs(torch))
        except Exception as error:
            errors[name] = {"kind": type(error).__name__, "message": str(error).splitlines()[0]}
        else:
            raise SystemExit(f"PyTorch does not refuse: {name}")
    values = {"torch": torch.__version__, "cases": cases, "errors": errors}
    Path(__file__).with_name("functions.json").write_text(json.dumps(values, indent=None) + "\n")


if __name__ == "__main__":
    main()

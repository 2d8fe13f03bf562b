"""Writes types.json: what PyTorch makes of each pair of types.

Run by hand, with PyTorch 2.13 installed: python tests/values/make_types.py. PyTorch is not needed by the tests.
The names of the cases are `operation left right`; a side is a type with its number of dimensions, or a plain number.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import torch

OPERATIONS = {
    "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "lt": torch.lt,
    "cat": lambda a, b: torch.cat([a.reshape(-1), b.reshape(-1)]), "where": lambda a, b: torch.where(torch.tensor([True]), a, b),
}  # fmt: skip
TYPES = ("bool", "int64", "float32", "float64")
NUMBERS = {"True": True, "2": 2, "2.5": 2.5}


def main() -> None:
    tensors = {
        f"{name}/{ndim}": torch.ones((1,) * ndim, dtype=getattr(torch, name)) for name in TYPES for ndim in (0, 1)
    }
    cases = {}
    for (name, operation), (left, a), (right, b) in itertools.product(
        OPERATIONS.items(), tensors.items(), (tensors | NUMBERS).items()
    ):
        if right in NUMBERS and name == "cat":
            continue
        try:
            cases[f"{name} {left} {right}"] = str(operation(a, b).dtype).removeprefix("torch.")
        except RuntimeError:
            cases[f"{name} {left} {right}"] = "refused"
    values = {"torch": torch.__version__, "cases": cases}
    Path(__file__).with_name("types.json").write_text(json.dumps(values, indent=0) + "\n")


if __name__ == "__main__":
    main()

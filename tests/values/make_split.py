"""Steps of PyTorch's optimizers in float64, each with what it starts from: written to optim_split.json.

Run with PyTorch 2.13: python -m tests.values.make_split
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from tests.optim.programs import CHOICES

EXTRA: dict[str, list[dict[str, Any]]] = {
    "SGD": [{"lr": 0.1, "weight_decay": 0.2}, {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1},
            {"lr": 0.1, "momentum": 0.9, "nesterov": True}],
    "RMSprop": [{"lr": 0.02, "centered": True, "momentum": 0.5, "weight_decay": 0.2}],
    "Adagrad": [{"lr": 0.2, "initial_accumulator_value": 0.3, "lr_decay": 0.1, "weight_decay": 0.2, "maximize": True}],
}  # fmt: skip
STEPS, SIZE = 4, 5


def states(kept: dict[str, Any]) -> dict[str, Any]:
    arrays = {name: value.tolist() for name, value in kept.items() if isinstance(value, torch.Tensor)}
    return {name: value for name, value in arrays.items() if name != "step"}


def steps_of(name: str, settings: dict[str, Any], seed: int) -> list[dict[str, Any]]:
    generator = torch.Generator().manual_seed(seed)
    w = torch.randn(SIZE, dtype=torch.float64, generator=generator).requires_grad_()
    optimizer = getattr(torch.optim, name)([w], **settings)
    found = []
    for number in range(1, STEPS + 1):
        w.grad = torch.randn(SIZE, dtype=torch.float64, generator=generator)
        before, kept = w.detach().tolist(), states(optimizer.state.get(w, {}))
        optimizer.step()
        found.append({"step": number, "w": before, "g": w.grad.tolist(), "kept": kept, "after": w.detach().tolist()})
    return found


if __name__ == "__main__":
    cases = [
        {"name": name, "settings": settings, "steps": steps_of(name, settings, seed)}
        for name, choices in CHOICES.items()
        for seed, settings in enumerate([*choices, *EXTRA.get(name, [])])
    ]
    Path(__file__).with_name("optim_split.json").write_text(json.dumps(cases, indent=None) + "\n")

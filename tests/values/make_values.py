"""Writes pytorch.json: outputs, losses, gradients and 50-step trajectories as PyTorch computes them, in float64.

Run by hand, with PyTorch 2.13 installed: python tests/values/make_values.py. PyTorch is not needed by the tests.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import torch
from torch import nn

STACKS = {
    "lesson": ([10, 5, 8], "Sigmoid", True, "CrossEntropyLoss"),
    "tanh": ([3, 6, 4], "Tanh", False, "CrossEntropyLoss"),
    "relu": ([3, 6, 4, 2], "ReLU", False, "MSELoss"),
    "leaky": ([4, 7, 1], "LeakyReLU", False, "MSELoss"),
}
OPTIMIZERS = {
    "sgd": ("SGD", {"lr": 0.1}),
    "momentum": ("SGD", {"lr": 0.05, "momentum": 0.9}),
    "adam": ("Adam", {"lr": 0.01}),
}
BATCH, STEPS = 4, 50


def stack(widths: list[int], activation: str, softmax: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for i, (n, m) in enumerate(pairwise(widths)):
        layers.append(nn.Linear(n, m).double())
        if i < len(widths) - 2:
            layers.append(nn.LeakyReLU(0.2) if activation == "LeakyReLU" else getattr(nn, activation)())
    return nn.Sequential(*layers, *([nn.Softmax(dim=1)] if softmax else []))


def case(widths: list[int], activation: str, softmax: bool, loss_name: str) -> dict[str, object]:
    torch.manual_seed(7)
    x = torch.randn(BATCH, widths[0], dtype=torch.float64)
    y = (
        torch.randint(widths[-1], (BATCH,))
        if loss_name == "CrossEntropyLoss"
        else torch.randn(BATCH, widths[-1]).double()
    )
    loss_fn = getattr(nn, loss_name)()
    model = stack(widths, activation, softmax)
    start = {name: p.detach().clone() for name, p in model.named_parameters()}
    out = model(x)
    loss = loss_fn(out, y)
    loss.backward()
    found: dict[str, object] = {
        "widths": widths, "activation": activation, "softmax": softmax, "loss_name": loss_name,
        "x": x.tolist(), "y": y.tolist(), "start": {k: v.tolist() for k, v in start.items()},
        "out": out.tolist(), "loss": loss.item(),
        "gradients": {name: p.grad.tolist() for name, p in model.named_parameters()}, "trajectories": {},
    }  # fmt: skip
    for label, (name, arguments) in OPTIMIZERS.items():
        model.load_state_dict(start)
        optimizer = getattr(torch.optim, name)(model.parameters(), **arguments)
        losses = []
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        found["trajectories"][label] = {  # type: ignore[index]
            "optimizer": name, "arguments": arguments, "losses": losses,
            "end": {k: p.tolist() for k, p in model.named_parameters()},
        }  # fmt: skip
    return found


if __name__ == "__main__":
    values = {"torch": torch.__version__, "cases": {name: case(*spec) for name, spec in STACKS.items()}}
    Path(__file__).with_name("pytorch.json").write_text(json.dumps(values))

"""Writes layers.json: layers, losses, optimizers, schedules and initializers as PyTorch computes them, in float64.

Run by hand, with PyTorch 2.13 installed: python tests/values/make_layers.py. PyTorch is not needed by the tests.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import lr_scheduler

Shape = tuple[int, ...]

LAYERS: list[tuple[str, dict[str, Any], Shape]] = [
    ("Linear", {"in_features": 4, "out_features": 3}, (5, 4)),
    ("Linear", {"in_features": 4, "out_features": 3, "bias": False}, (2, 3, 4)),
    ("Conv2d", {"in_channels": 2, "out_channels": 3, "kernel_size": 3}, (2, 2, 5, 6)),
    ("Conv2d", {"in_channels": 1, "out_channels": 2, "kernel_size": 2, "stride": 2, "padding": 1}, (2, 1, 5, 5)),
    ("Conv2d", {"in_channels": 2, "out_channels": 1, "kernel_size": [3, 1], "stride": [2, 1], "padding": [0, 2], "bias": False}, (1, 2, 7, 4)),
    ("MaxPool2d", {"kernel_size": 2}, (2, 2, 5, 6)),
    ("MaxPool2d", {"kernel_size": 3, "stride": 2, "padding": 1}, (1, 2, 6, 5)),
    ("AvgPool2d", {"kernel_size": 2}, (2, 2, 5, 6)),
    ("AvgPool2d", {"kernel_size": 3, "stride": 1, "padding": 1}, (1, 2, 4, 5)),
    ("Flatten", {}, (2, 3, 4)),
    ("Flatten", {"start_dim": 0, "end_dim": 1}, (2, 3, 4)),
    ("Identity", {}, (2, 3)),
    ("BatchNorm1d", {"num_features": 3}, (5, 3)),
    ("BatchNorm1d", {"num_features": 3, "affine": False, "momentum": 0.3, "eps": 0.01}, (4, 3)),
    ("BatchNorm2d", {"num_features": 2}, (3, 2, 4, 3)),
    ("BatchNorm1d", {"num_features": 3, "momentum": None}, (4, 3, 2)),
    ("BatchNorm2d", {"num_features": 2, "track_running_stats": False}, (2, 2, 1, 3)),
    ("LayerNorm", {"normalized_shape": 5}, (3, 5)),
    ("LayerNorm", {"normalized_shape": [3, 4], "bias": False}, (2, 3, 4)),
    *((name, {}, (3, 4)) for name in ["Sigmoid", "Tanh", "ReLU", "LeakyReLU", "PReLU", "ELU", "SELU", "GELU", "SiLU", "Mish", "Softplus", "Softsign", "Hardtanh"]),
    ("LeakyReLU", {"negative_slope": 0.3}, (3, 4)),
    ("PReLU", {"num_parameters": 3}, (2, 3, 4)),
    ("ELU", {"alpha": 0.4}, (3, 4)),
    ("GELU", {"approximate": "tanh"}, (3, 4)),
    ("Softplus", {"beta": 2.0, "threshold": 1.0}, (3, 4)),
    ("Hardtanh", {"min_val": -0.5, "max_val": 0.8}, (3, 4)),
    ("PReLU", {}, ()),
    ("Conv2d", {"in_channels": 2, "out_channels": 3, "kernel_size": 2}, (2, 4, 3)),
    ("MaxPool2d", {"kernel_size": 2, "stride": 1}, (2, 4, 3)),
    *((name, {"dim": dim}, (2, 3, 4)) for name in ("Softmax", "LogSoftmax") for dim in (0, 1, -1)),
]  # fmt: skip

LOSSES: list[tuple[str, dict[str, Any], Shape, str]] = [
    (name, arguments | {"reduction": reduction}, shape, target)
    for name, arguments, shape, target in [
        ("CrossEntropyLoss", {}, (4, 3), "classes"),
        ("CrossEntropyLoss", {"label_smoothing": 0.2}, (4, 3), "classes"),
        ("CrossEntropyLoss", {}, (2, 3, 2), "classes"),
        ("CrossEntropyLoss", {}, (4, 3), "distribution"),
        ("CrossEntropyLoss", {"label_smoothing": 0.1}, (4, 3), "distribution"),
        ("CrossEntropyLoss", {"label_smoothing": 0.1}, (3,), "classes"),
        ("NLLLoss", {}, (4, 3), "classes"),
        ("NLLLoss", {}, (3,), "classes"),
        ("MSELoss", {}, (4, 2), "values"),
        ("L1Loss", {}, (4, 2), "values"),
        ("HuberLoss", {}, (4, 2), "values"),
        ("HuberLoss", {"delta": 0.3}, (4, 2), "values"),
        ("BCELoss", {}, (4, 2), "shares"),
        ("BCEWithLogitsLoss", {}, (4, 2), "shares"),
        ("HingeEmbeddingLoss", {}, (4, 2), "signs"),
        ("HingeEmbeddingLoss", {"margin": 2.5}, (4, 2), "signs"),
    ]
    for reduction in ("mean", "sum", "none")
]

OPTIMIZERS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.05, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.01}),
    ("Adam", {"lr": 0.02, "betas": [0.8, 0.95], "eps": 1e-6, "weight_decay": 0.1}),
    ("AdamW", {"lr": 0.01}),
    ("AdamW", {"lr": 0.02, "weight_decay": 0.3}),
    ("RMSprop", {"lr": 0.01}),
    ("RMSprop", {"lr": 0.01, "alpha": 0.9, "momentum": 0.5, "weight_decay": 0.1}),
    ("Adagrad", {"lr": 0.1}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.05, "weight_decay": 0.1}),
]

SCHEDULES: list[tuple[str, dict[str, Any]]] = [
    ("StepLR", {"step_size": 4, "gamma": 0.5}),
    ("ExponentialLR", {"gamma": 0.9}),
    ("CosineAnnealingLR", {"T_max": 10, "eta_min": 0.01}),
    ("LinearLR", {"start_factor": 0.25, "end_factor": 0.75, "total_iters": 6}),
    ("ReduceLROnPlateau", {"factor": 0.5, "patience": 2, "cooldown": 1, "min_lr": 0.02}),
    ("ReduceLROnPlateau", {"mode": "max", "factor": 0.1, "patience": 1, "threshold": 0.05}),
]

PLATEAU = [1.0, 0.9, 0.95, 0.9, 0.9, 0.91, 0.9, 0.5, 0.5, 0.5, 0.49, 0.6, 0.7, 0.7, 0.7, 0.7, 0.2, 0.2, 0.2, 0.2]

INITIALIZERS: list[tuple[str, dict[str, Any]]] = [
    ("uniform_", {"a": -0.5, "b": 2.0}),
    ("normal_", {"mean": 0.5, "std": 0.2}),
    ("xavier_uniform_", {"gain": 1.5}),
    ("xavier_normal_", {}),
    ("kaiming_uniform_", {"a": 0.2}),
    ("kaiming_normal_", {"mode": "fan_out", "nonlinearity": "relu"}),
    ("orthogonal_", {"gain": 2.0}),
]

STATISTICS: list[tuple[str, dict[str, Any]]] = [
    ("Linear", {"in_features": 400, "out_features": 300}),
    ("Conv2d", {"in_channels": 40, "out_channels": 100, "kernel_size": 5}),
    ("Embedding", {"num_embeddings": 300, "embedding_dim": 400}),
]


def plain(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in arguments.items()}


def layer_case(name: str, arguments: dict[str, Any], shape: Shape) -> dict[str, Any]:
    torch.manual_seed(11)
    layer = getattr(nn, name)(**plain(arguments)).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    start = {key: value.tolist() for key, value in layer.state_dict().items()}
    x = (1.5 * torch.randn(shape, dtype=torch.float64)).requires_grad_()
    out = layer(x)
    seed = torch.randn_like(out)
    out.backward(seed)
    end = {key: value.tolist() for key, value in layer.state_dict().items()}
    return {
        "name": name, "arguments": arguments, "start": start, "x": x.tolist(), "seed": seed.tolist(), "out": out.tolist(),
        "x_grad": x.grad.tolist(), "grads": {key: p.grad.tolist() for key, p in layer.named_parameters()}, "end": end,
        "eval": layer.eval()(x).tolist(),
    }  # fmt: skip


def loss_case(name: str, arguments: dict[str, Any], shape: Shape, kind: str) -> dict[str, Any]:
    torch.manual_seed(12)
    x = torch.randn(shape, dtype=torch.float64)
    if name == "BCELoss":
        x = torch.sigmoid(x)
        x[0, 0], x[0, 1] = 0.0, 1.0
    if name == "NLLLoss":
        x = torch.log_softmax(x, min(1, x.ndim - 1))
    x.requires_grad_()
    target = {
        "classes": lambda: torch.randint(shape[min(1, len(shape) - 1)], (shape[0], *shape[2:]) if shape[1:] else ()),
        "distribution": lambda: torch.softmax(torch.randn(shape, dtype=torch.float64), 1),
        "values": lambda: torch.randn(shape, dtype=torch.float64),
        "shares": lambda: torch.rand(shape, dtype=torch.float64),
        "signs": lambda: torch.randint(2, shape).double() * 2 - 1,
    }[kind]()
    loss = getattr(nn, name)(**arguments)(x, target)
    loss.sum().backward()
    return {
        "name": name, "arguments": arguments, "x": x.tolist(), "target": target.tolist(), "whole": kind == "classes",
        "loss": loss.tolist(), "x_grad": x.grad.tolist(),
    }  # fmt: skip


def optimizer_case(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    torch.manual_seed(13)
    model = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 2)).double()
    x, y = torch.randn(8, 3, dtype=torch.float64), torch.randn(8, 2, dtype=torch.float64)
    start = {key: value.tolist() for key, value in model.state_dict().items()}
    optimizer = getattr(torch.optim, name)(model.parameters(), **plain(arguments))
    losses = []
    for _ in range(50):
        optimizer.zero_grad()
        loss = nn.MSELoss()(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    end = {key: value.tolist() for key, value in model.state_dict().items()}
    return {
        "name": name,
        "arguments": arguments,
        "x": x.tolist(),
        "y": y.tolist(),
        "start": start,
        "losses": losses,
        "end": end,
    }


def schedule_case(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.3)
    schedule = getattr(lr_scheduler, name)(optimizer, **arguments)
    rates = [optimizer.param_groups[0]["lr"]]
    for epoch in range(20):
        optimizer.step()
        schedule.step(*([PLATEAU[epoch]] if name == "ReduceLROnPlateau" else []))
        rates.append(optimizer.param_groups[0]["lr"])
    return {"name": name, "arguments": arguments, "rates": rates}


def moments(values: torch.Tensor) -> dict[str, float]:
    flat = values.detach().double()
    return {"mean": flat.mean().item(), "std": flat.std().item(), "low": flat.min().item(), "high": flat.max().item()}


def initializer_case(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    torch.manual_seed(14)
    return {"name": name, "arguments": arguments} | moments(getattr(nn.init, name)(torch.empty(300, 400), **arguments))


def statistics_case(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    torch.manual_seed(15)
    layer = getattr(nn, name)(**arguments)
    return {"name": name, "arguments": arguments, "of": {key: moments(p) for key, p in layer.named_parameters()}}


def clipped() -> dict[str, Any]:
    found = {}
    for norm in (1.0, 2.0, float("inf")):
        p, q = nn.Parameter(torch.zeros(3).double()), nn.Parameter(torch.zeros(2, 2).double())
        p.grad, q.grad = torch.tensor([3.0, -4.0, 1.0]).double(), torch.tensor([[1.0, 2.0], [-6.0, 0.5]]).double()
        total = nn.utils.clip_grad_norm_([p, q], 2.0, norm)
        found[str(norm)] = {"total": total.item(), "p": p.grad.tolist(), "q": q.grad.tolist()}
    return found


if __name__ == "__main__":
    values = {
        "torch": torch.__version__,
        "layers": [layer_case(*spec) for spec in LAYERS],
        "losses": [loss_case(*spec) for spec in LOSSES],
        "optimizers": [optimizer_case(*spec) for spec in OPTIMIZERS],
        "schedules": [schedule_case(*spec) for spec in SCHEDULES],
        "initializers": [initializer_case(*spec) for spec in INITIALIZERS],
        "statistics": [statistics_case(*spec) for spec in STATISTICS],
        "clip_grad_norm": clipped(),
    }
    Path(__file__).with_name("layers.json").write_text(json.dumps(values))

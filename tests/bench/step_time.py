"""One training step of nnviz beside numpy written by hand, PyTorch and JAX. Run by hand:

    python tests/bench/step_time.py [--workloads course,deep] [--rounds 3]

A step is forward, cross-entropy, backward, SGD with momentum 0.9, and the loss as a float. `gemm` is the bare matrix
products, `hand` is numpy with buffers allocated once, `planned` the static plan, `eager` the tape. See beside.py for how it is measured.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from beside import Contenders, Step, eager_step, table

WORKLOADS: dict[str, tuple[list[int], int, str]] = {
    "course": ([10, 5, 8], 4, "Sigmoid"),
    "playground": ([2, 8, 8, 2], 10, "Tanh"),
    "digits": ([64, 128, 64, 10], 32, "ReLU"),
    "mnist": ([784, 256, 128, 10], 128, "ReLU"),
    "wide": ([1024, 1024, 1024, 10], 256, "ReLU"),
    "deep": ([32] * 64 + [10], 32, "Tanh"),
}
RATE, MOMENTUM = 0.01, 0.9


def data(widths: list[int], batch: int) -> tuple[np.ndarray, np.ndarray]:
    drawn = np.random.default_rng(0)
    return drawn.standard_normal((batch, widths[0])).astype(np.float32), drawn.integers(0, widths[-1], batch)


def eager(widths: list[int], batch: int, bend: str) -> Step:
    import nnviz
    from nnviz import nn, optim

    return step_of(nnviz, nn, optim, widths, batch, bend)


def planned(widths: list[int], batch: int, bend: str) -> Step:
    import nnviz
    from nnviz import nn, optim

    model, loss_fn, optimizer = parts_of(nn, optim, widths, bend)
    x, y = data(widths, batch)
    step = nnviz.compile_step(model, loss_fn, optimizer)
    return lambda: float(step(x, y))


def torch(widths: list[int], batch: int, bend: str, threads: int) -> Step:
    import torch as peer

    peer.set_num_threads(threads)
    return step_of(peer, peer.nn, peer.optim, widths, batch, bend)


def parts_of(nn, optim, widths: list[int], bend: str):  # type: ignore[no-untyped-def]
    """Model, loss and optimizer: the same lines for nnviz and PyTorch, which is the point of the names."""
    layers = []
    for n, m in pairwise(widths):
        layers += [nn.Linear(n, m), getattr(nn, bend)()]
    model = nn.Sequential(*layers[:-1])
    return model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)


def step_of(peer, nn, optim, widths: list[int], batch: int, bend: str) -> Step:  # type: ignore[no-untyped-def]
    return eager_step(parts_of(nn, optim, widths, bend), *map(peer.from_numpy, data(widths, batch)))


def activate(bend: str, h: np.ndarray) -> None:
    """The activation of `h`, in place."""
    if bend == "ReLU":
        np.maximum(h, 0, out=h)
    elif bend == "Tanh":
        np.tanh(h, out=h)
    else:
        np.negative(h, out=h)
        np.exp(h, out=h)
        np.add(h, 1, out=h)
        np.reciprocal(h, out=h)


def send_back(bend: str, g: np.ndarray, h: np.ndarray, mask: np.ndarray) -> None:
    """`g` times the slope at the activation's output `h`, in place; `h` is spent."""
    if bend == "ReLU":
        np.multiply(g, np.greater(h, 0, out=mask), out=g)
        return
    if bend == "Tanh":
        np.multiply(h, h, out=h)
    else:
        np.multiply(g, h, out=g)
    np.subtract(1, h, out=h)
    np.multiply(g, h, out=g)


def hand(widths: list[int], batch: int, bend: str) -> Step:
    """Buffers allocated once, everything in place, one flat vector of parameters."""
    x, y = data(widths, batch)
    sizes = list(pairwise(widths))
    total = sum(n * m + m for n, m in sizes)
    flat, grad, velocity, move = (np.zeros(total, np.float32) for _ in range(4))
    drawn, at, layers = np.random.default_rng(1), 0, []
    for n, m in sizes:
        views = [(v[at : at + n * m].reshape(n, m), v[at + n * m : at + n * m + m]) for v in (flat, grad)]
        views[0][0][...] = drawn.uniform(-1, 1, (n, m)) / n**0.5
        layers.append((*views[0], *views[1]))
        at += n * m + m
    outs = [x, *(np.empty((batch, m), np.float32) for m in widths[1:])]
    backs = [np.empty_like(out) for out in outs]
    rows, ones, mask = np.arange(batch), np.ones(batch, np.float32), [np.empty(out.shape, bool) for out in outs]

    def step() -> float:
        for i, (w, b, _, _) in enumerate(layers):
            np.dot(outs[i], w, out=outs[i + 1])
            np.add(outs[i + 1], b, out=outs[i + 1])
            if i + 1 < len(layers):
                activate(bend, outs[i + 1])
        z, g = outs[-1], backs[-1]
        np.subtract(z, z.max(axis=1, keepdims=True), out=z)
        np.exp(z, out=g)
        norm = g.sum(axis=1, keepdims=True)
        loss = float((np.log(norm[:, 0]) - z[rows, y]).mean())
        np.divide(g, norm, out=g)
        g[rows, y] -= 1
        np.multiply(g, np.float32(1 / batch), out=g)
        for i in reversed(range(len(layers))):
            w, _, gw, gb = layers[i]
            np.dot(outs[i].T, backs[i + 1], out=gw)
            np.dot(ones, backs[i + 1], out=gb)
            if i:
                np.dot(backs[i + 1], w.T, out=backs[i])
                send_back(bend, backs[i], outs[i], mask[i])
        np.multiply(velocity, np.float32(MOMENTUM), out=velocity)
        np.add(velocity, grad, out=velocity)
        np.multiply(velocity, np.float32(RATE), out=move)
        np.subtract(flat, move, out=flat)
        return loss

    return step


def gemm(widths: list[int], batch: int, _: str) -> Step:
    """Only the matrix products that nobody can do without: two a layer, and one more for all but the first."""
    drawn = np.random.default_rng(1)
    weights = [drawn.standard_normal((n, m), np.float32) for n, m in pairwise(widths)]
    outs = [drawn.standard_normal((batch, width), np.float32) for width in widths]
    grads, backs = [np.empty_like(w) for w in weights], [np.empty_like(out) for out in outs]

    def step() -> float:
        for i, w in enumerate(weights):
            np.dot(outs[i], w, out=backs[i + 1])
        for i in reversed(range(len(weights))):
            np.dot(outs[i].T, outs[i + 1], out=grads[i])
            if i:
                np.dot(outs[i + 1], weights[i].T, out=backs[i])
        return 0.0

    return step


def jax(widths: list[int], batch: int, bend: str) -> Step:
    import jax as peer
    import jax.numpy as jnp

    kind = {"Sigmoid": peer.nn.sigmoid, "Tanh": jnp.tanh, "ReLU": peer.nn.relu}[bend]
    drawn = np.random.default_rng(1)
    parameters = [
        (jnp.array(drawn.uniform(-1, 1, (n, m)) / n**0.5, jnp.float32), jnp.zeros(m)) for n, m in pairwise(widths)
    ]
    x, y = map(jnp.array, data(widths, batch))

    def loss_of(parameters):  # type: ignore[no-untyped-def]
        h = x
        for i, (w, b) in enumerate(parameters):
            h = h @ w + b
            h = kind(h) if i + 1 < len(parameters) else h
        return -peer.nn.log_softmax(h)[jnp.arange(batch), y].mean()

    @peer.jit
    def update(state):  # type: ignore[no-untyped-def]
        parameters, velocity = state
        loss, grads = peer.value_and_grad(loss_of)(parameters)
        velocity = peer.tree.map(lambda v, g: MOMENTUM * v + g, velocity, grads)
        return (peer.tree.map(lambda p, v: p - RATE * v, parameters, velocity), velocity), loss

    state = [(parameters, peer.tree.map(jnp.zeros_like, parameters))]

    def step() -> float:
        state[0], loss = update(state[0])
        return float(loss)

    return step


CONTENDERS: Contenders = {
    "gemm": ("numpy", gemm),
    "hand": ("numpy", hand),
    "planned": ("nnviz", planned),
    "eager": ("nnviz", eager),
    "torch1": ("torch", lambda *workload: torch(*workload, threads=1)),
    "torch2": ("torch", lambda *workload: torch(*workload, threads=2)),
    "jax": ("jax", jax),
}


if __name__ == "__main__":
    table(__file__, WORKLOADS, CONTENDERS)

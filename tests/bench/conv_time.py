"""One training step of a small convolutional network, beside numpy written by hand, PyTorch and JAX. Run by hand:

    python tests/bench/conv_time.py [--workloads conv8,conv28] [--rounds 3]

Conv2d(1, 8, 3, padding=1), ReLU, MaxPool2d(2), Conv2d(8, 16, 3, padding=1), ReLU, MaxPool2d(2), Flatten, Linear to 10;
cross-entropy, SGD, batches of 32 images of 8x8 and of 28x28. See beside.py for how it is measured.
"""

from __future__ import annotations

import numpy as np
from beside import Contenders, Step, eager_step, table

WORKLOADS = {"conv8": (8,), "conv28": (28,)}
BATCH, RATE = 32, 0.01
F32 = np.float32


def data(side: int) -> tuple[np.ndarray, np.ndarray]:
    drawn = np.random.default_rng(0)
    return drawn.standard_normal((BATCH, 1, side, side), F32), drawn.integers(0, 10, BATCH)


def parts_of(nn, optim, side: int):  # type: ignore[no-untyped-def]
    """The same lines for nnviz and PyTorch."""
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * (side // 4) ** 2, 10),
    )  # fmt: skip
    return model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=RATE)


def planned(side: int) -> Step:
    import nnviz
    from nnviz import nn, optim

    step, (x, y) = nnviz.compile_step(*parts_of(nn, optim, side)), data(side)
    return lambda: float(step(x, y))


def eager(side: int) -> Step:
    import nnviz
    from nnviz import nn, optim

    return step_of(nnviz, nn, optim, side)


def torch(side: int, threads: int) -> Step:
    import torch as peer

    peer.set_num_threads(threads)
    return step_of(peer, peer.nn, peer.optim, side)


def step_of(peer, nn, optim, side: int) -> Step:  # type: ignore[no-untyped-def]
    return eager_step(parts_of(nn, optim, side), *map(peer.from_numpy, data(side)))


class Block:
    """Convolution, ReLU and pool by hand: images as (channels, batch, height, width), buffers allocated once."""

    def __init__(self, inner: int, outer: int, side: int) -> None:
        drawn = np.random.default_rng(inner)
        self.side, self.inner, self.outer = side, inner, outer
        self.w = (drawn.standard_normal((outer, 9 * inner)) * (2 / (9 * inner)) ** 0.5).astype(F32)
        self.b, self.gb = np.zeros((outer, 1), F32), np.empty(outer, F32)
        self.gw = np.empty_like(self.w)
        self.wide = np.zeros((inner, BATCH, side + 2, side + 2), F32)
        self.columns = np.empty((inner, 9, BATCH, side, side), F32)
        self.out = np.empty((outer, BATCH * side * side), F32)
        self.maps, self.g = self.out.reshape(outer, BATCH, side, side), np.empty((outer, BATCH, side, side), F32)
        self.rows = np.empty((outer, BATCH, side // 2, side), F32)
        self.top = np.empty((outer, BATCH, side // 2, side // 2), F32)
        self.ones = np.ones(BATCH * side * side, F32)

    def forward(self, x: np.ndarray) -> np.ndarray:
        n = self.side
        self.wide[:, :, 1:-1, 1:-1] = x
        for tap in range(9):
            i, j = divmod(tap, 3)
            self.columns[:, tap] = self.wide[:, :, i : i + n, j : j + n]
        np.dot(self.w, self.columns.reshape(9 * self.inner, -1), out=self.out)
        np.add(self.out, self.b, out=self.out)
        np.maximum(self.out, 0, out=self.out)
        np.maximum(self.maps[:, :, ::2], self.maps[:, :, 1::2], out=self.rows)
        return np.maximum(self.rows[..., ::2], self.rows[..., 1::2], out=self.top)

    def backward(self, g: np.ndarray, further: bool) -> np.ndarray:
        n, g = self.side, g * (self.top > 0)
        for i in (0, 1):
            for j in (0, 1):
                largest = self.maps[:, :, i::2, j::2] == self.top
                np.multiply(largest, g, out=self.g[:, :, i::2, j::2])
        flat, columns = self.g.reshape(self.outer, -1), self.columns.reshape(9 * self.inner, -1)
        np.dot(flat, columns.T, out=self.gw)
        np.dot(flat, self.ones, out=self.gb)
        if further:
            back = np.dot(self.w.T, flat, out=columns).reshape(self.columns.shape)
            self.wide[...] = 0
            for tap in range(9):
                i, j = divmod(tap, 3)
                self.wide[:, :, i : i + n, j : j + n] += back[:, tap]
        return self.wide[:, :, 1:-1, 1:-1]

    def move(self) -> None:
        np.subtract(self.w, F32(RATE) * self.gw, out=self.w)
        np.subtract(self.b[:, 0], F32(RATE) * self.gb, out=self.b[:, 0])


def hand(side: int) -> Step:
    images, y = data(side)
    x, rows, last = np.ascontiguousarray(images.transpose(1, 0, 2, 3)), np.arange(BATCH), 16 * (side // 4) ** 2
    first, second = Block(1, 8, side), Block(8, 16, side // 2)
    w = (np.random.default_rng(1).standard_normal((last, 10)) / last**0.5).astype(F32)
    b = np.zeros(10, F32)

    def step() -> float:
        top = second.forward(first.forward(x))
        z = np.ascontiguousarray(top.transpose(1, 0, 2, 3)).reshape(BATCH, -1)
        scores = z @ w + b
        scores -= scores.max(axis=1, keepdims=True)
        share = np.exp(scores)
        norm = share.sum(axis=1, keepdims=True)
        loss = float((np.log(norm[:, 0]) - scores[rows, y]).mean())
        share /= norm
        share[rows, y] -= 1
        share /= BATCH
        g = (share @ w.T).reshape(BATCH, *top.shape[:1], *top.shape[2:]).transpose(1, 0, 2, 3)
        first.backward(second.backward(g, further=True), further=False)
        first.move()
        second.move()
        np.subtract(w, F32(RATE) * (z.T @ share), out=w)
        np.subtract(b, F32(RATE) * share.sum(axis=0), out=b)
        return loss

    return step


def jax(side: int) -> Step:
    import jax as peer
    import jax.numpy as jnp

    drawn, last = np.random.default_rng(1), 16 * (side // 4) ** 2
    shapes = [((8, 1, 3, 3), 0.4), ((16, 8, 3, 3), 0.15), ((last, 10), last**-0.5)]
    weights = [jnp.array(drawn.standard_normal(shape, F32) * F32(scale)) for shape, scale in shapes]
    state = [(weights, [jnp.zeros(8), jnp.zeros(16), jnp.zeros(10)])]
    x, y = map(jnp.array, data(side))

    def block(h, w, b):  # type: ignore[no-untyped-def]
        numbers = ("NCHW", "OIHW", "NCHW")
        h = peer.lax.conv_general_dilated(h, w, (1, 1), "SAME", dimension_numbers=numbers) + b[None, :, None, None]
        return peer.lax.reduce_window(peer.nn.relu(h), -jnp.inf, peer.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")

    def loss_of(parameters):  # type: ignore[no-untyped-def]
        weights, biases = parameters
        h = block(block(x, weights[0], biases[0]), weights[1], biases[1])
        scores = h.reshape(BATCH, -1) @ weights[2] + biases[2]
        return -peer.nn.log_softmax(scores)[jnp.arange(BATCH), y].mean()

    @peer.jit
    def update(parameters):  # type: ignore[no-untyped-def]
        loss, grads = peer.value_and_grad(loss_of)(parameters)
        return peer.tree.map(lambda p, g: p - RATE * g, parameters, grads), loss

    def step() -> float:
        state[0], loss = update(state[0])
        return float(loss)

    return step


CONTENDERS: Contenders = {
    "hand": ("numpy", hand),
    "planned": ("nnviz", planned),
    "eager": ("nnviz", eager),
    "torch1": ("torch", lambda side: torch(side, 1)),
    "torch2": ("torch", lambda side: torch(side, 2)),
    "jax": ("jax", jax),
}

if __name__ == "__main__":
    table(__file__, WORKLOADS, CONTENDERS)
